package check

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// This file tells of questions without an answer.

// The checks of this file.
var (
	DNSUnavailable = &finding.Check{
		ID: "dns-unavailable", Severity: finding.Error, Since: "1.0.0",
		Title:   "A question to DNS was not answered",
		Means:   "The servers failed, refused, or did not answer in time, so that nothing is known about the record: it may be right, wrong or missing. The checks that rest on it stay undecided. Where the message names DNSSEC, a signature has expired or does not fit, and every validating receiver refuses the zone's records too, until the zone is signed again or its DS record is taken out at the registrar.",
		Matters: "unknown. Receivers that meet the same failure put the mail off or judge it without the record (TempError); SES reports TEMPORARY_FAILURE and asks again",
		Mend:    "Run again later or with another --resolver; offline, add the file of the zone. If it lasts, look at the zone's own servers; a validating resolver answers SERVFAIL where DNSSEC is broken.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc8914"},
	}
	NameserversDisagree = &finding.Check{
		ID: "nameservers-disagree", Severity: finding.Error, Since: "1.0.0",
		Title:   "Name servers do not say the same",
		Means:   "The zone's own servers, or the resolvers given, answer differently: a change is on its way to them, or one of them is not kept up to date. Nothing is concluded from any of the answers; the checks that rest on them stay undecided.",
		Matters: "SES and receivers see one or the other, by chance",
		Mend:    "Wait for the time given and run again, or let --wait do so. If it lasts, look at the server that is behind: its zone transfer fails, or the provider was changed and the old servers are still delegated to.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc1034#section-4.3.5"},
	}
)

// unavailable makes one finding for each question that failed.
func unavailable(all []part.Undecided) []finding.Finding {
	var fs []finding.Finding
	at := map[record.Question]int{}
	for _, u := range all {
		q := u.Answer.Failure.Question
		i, ok := at[q]
		if !ok {
			i = len(fs)
			at[q] = i
			fs = append(fs, undecidedBy(u))
		}
		for _, c := range u.Checks {
			if !slices.Contains(fs[i].Undecided, c) {
				fs[i].Undecided = append(fs[i].Undecided, c)
			}
		}
	}
	for i := range fs {
		f := &fs[i]
		if len(f.Undecided) == 0 {
			f.Undecided = []*finding.Check{f.Check}
		}
		switch {
		case !slices.ContainsFunc(f.Undecided, func(c *finding.Check) bool { return c != part.NameDoubled && c != WildcardAnswer }):
			f.Impact = "none: the question was only to explain another finding"
		case f.Rests[0].Failure.Fault == record.Offline:
			f.Impact = "unknown: add the zone's file, or leave --offline out"
		case f.Rests[0].Failure.Fault == record.TwoCNAMEs:
			f.Impact = "unknown: which of them is followed is chance; leave one"
		case f.Rests[0].Failure.Fault == record.Excess:
			f.Impact = "unknown: no server can give that answer; take out records that are not needed"
		case f.Rests[0].Failure.Fault == record.Interrupted:
			f.Impact = "unknown: the run ended first, which says nothing about DNS"
		}
		slices.SortFunc(f.Undecided, finding.Compare)
		if slices.ContainsFunc(f.Undecided, func(c *finding.Check) bool { return c.SES }) {
			f.SESError = ses.ServerError
		}
	}
	return fs
}

// undecidedBy is the finding of a question that failed.
func undecidedBy(u part.Undecided) finding.Finding {
	fail := u.Answer.Failure
	f := finding.Finding{
		Check:    DNSUnavailable,
		Status:   finding.Inconclusive,
		Part:     u.Part,
		Record:   fail.Question,
		Place:    u.Place,
		Evidence: finding.Evidence{Server: fail.Server, Rcode: fail.Rcode, TTL: fail.TTL, Servers: fail.Said},
		Cause:    cause(fail),
		Rests:    []record.Answer{u.Answer},
	}
	if fail.Fault == record.Disagreed && len(fail.Said) > 0 {
		f.Check = NameserversDisagree
		f.Message = fmt.Sprintf("%s at %s is not the same everywhere: %s; about %s until caches agree",
			f.Record.Type, f.Record.Name, record.Tell(fail.Said), lasting(fail.TTL))
		return f
	}
	from := ""
	if fail.Server != "" && len(fail.Said) == 0 {
		from = " by " + fail.Server
	}
	f.Message = fmt.Sprintf("%s at %s could not be resolved%s: %s", f.Record.Type, f.Record.Name, from, fail.Reason())
	if why := fail.Bogus(); why != "" {
		f.Notef("DNSSEC: %s: every validating receiver refuses this too", why)
		f.Impact = "to resolvers that validate, these records are not there until DNSSEC is mended"
	}
	return f
}

// lasting is a time in words.
func lasting(seconds uint32) string {
	for _, unit := range []struct {
		seconds uint32
		name    string
	}{{86400, "day"}, {3600, "hour"}, {60, "minute"}} {
		if n := (seconds + unit.seconds/2) / unit.seconds; n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		} else if seconds >= unit.seconds {
			return "1 " + unit.name
		}
	}
	return fmt.Sprintf("%d seconds", seconds)
}

// cause says what failed questions share: a dead server is one cause, however
// many names it was asked for.
func cause(f *record.Failure) string {
	switch {
	case f.Fault == record.Disagreed && len(f.Said) > 0 && f.Said[0].Zone != "":
		return "nameservers-disagree " + string(f.Said[0].Zone)
	case f.Fault == record.Disagreed:
		return ""
	}
	if f.Server != "" {
		return fmt.Sprintf("dns-unavailable %s %d %s", f.Server, f.Fault, f.Rcode)
	}
	return fmt.Sprintf("dns-unavailable %d", f.Fault)
}

package check

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// This file makes findings of failed queries.

// The checks of this file.
var (
	DNSUnavailable = &finding.Check{
		ID: "dns-unavailable", Severity: finding.Error, Since: "1.0.0",
		Title:   "A DNS query was not answered",
		Means:   "The servers failed, refused, or did not answer in time. So nothing is known about the record: it may be right, wrong or missing, and the checks that need it are inconclusive. If the message names DNSSEC, a signature has expired or is wrong. Every validating receiver then rejects the records of the zone too, until the zone is signed again or its DS record is removed at the registrar.",
		Matters: "not known. Receivers that get the same failure delay the mail or judge it without the record; SES reports TEMPORARY_FAILURE and asks again",
		Fix:     "Run again later or with another --resolver. With --offline, add the file of the zone. If it lasts, check the servers of the zone; a validating resolver answers SERVFAIL if DNSSEC is broken.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc8914"},
	}
	NameserversDisagree = &finding.Check{
		ID: "nameservers-disagree", Severity: finding.Error, Since: "1.0.0",
		Title:   "Name servers disagree",
		Means:   "The servers of the zone, or the resolvers given, answer differently. Either a change is still on its way to some of them, or one of them is out of date. The checks that need the answer are inconclusive.",
		Matters: "SES and receivers get one answer or the other, at random",
		Fix:     "Wait for the time shown and run again, or use --wait. If it lasts, check the server that is behind: its zone transfer fails, or the zone has moved and is still delegated to the old servers.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc1034#section-4.3.5"},
	}
)

// unavailable makes one finding for each failed query.
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
			f.Impact = "nothing: the query was only to explain another finding"
		case f.Rests[0].Failure.Fault == record.Offline:
			f.Impact = "not known: add the file of the zone, or run without --offline"
		case f.Rests[0].Failure.Fault == record.TwoCNAMEs:
			f.Impact = "not known: resolvers follow one of them at random; keep one"
		case f.Rests[0].Failure.Fault == record.Excess:
			f.Impact = "not known: no server can send that answer; delete records that are not needed"
		case f.Rests[0].Failure.Fault == record.Interrupted:
			f.Impact = "not known: the run ended first, which says nothing about DNS"
		}
		slices.SortFunc(f.Undecided, finding.Compare)
		if slices.ContainsFunc(f.Undecided, func(c *finding.Check) bool { return c.SES }) {
			f.SESError = ses.ServerError
		}
	}
	return fs
}

// undecidedBy is the finding of a failed query.
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
		f.Message = fmt.Sprintf("%s at %s differs between servers: %s; caches may take about %s to agree",
			f.Record.Type, f.Record.Name, record.Summary(fail.Said), lasting(fail.TTL))
		return f
	}
	from := ""
	if fail.Server != "" && len(fail.Said) == 0 {
		from = " by " + fail.Server
	}
	f.Message = fmt.Sprintf("%s at %s could not be resolved%s: %s", f.Record.Type, f.Record.Name, from, fail.Reason())
	if why := fail.Bogus(); why != "" {
		f.Notef("DNSSEC: %s: every validating receiver rejects this too", why)
		f.Impact = "for resolvers that validate, these records do not exist until DNSSEC is fixed"
	}
	return f
}

// lasting is a duration in words.
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

// cause identifies failures with the same cause: a dead server is one, for all
// names.
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

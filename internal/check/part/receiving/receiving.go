// Package receiving checks the MX record for receiving with SES.
package receiving

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

const guide = "https://docs.aws.amazon.com/ses/latest/dg/receiving-email-mx-record.html"

// The checks of this part.
var (
	MXMissing = &finding.Check{
		ID: "receiving-mx-missing", Severity: finding.Error, Since: "1.0.0", Denies: wanted.Receiving, Absence: true, Ends: true, Listed: true,
		Title:   "The MX record for receiving is missing",
		Means:   "The domain has no MX record at all.",
		Matters: "mail to the domain goes to the host of its A record, or nowhere",
		Fix:     "Publish the MX record of the region's inbound host.",
		Sources: []string{guide},
	}
	MXWrong = &finding.Check{
		ID: "receiving-mx-wrong", Severity: finding.Error, Since: "1.0.0", Denies: wanted.Receiving, Ends: true, Listed: true,
		Title:   "The MX records do not point to SES",
		Means:   "None of the domain's MX records is the inbound host that the file asks for, or another MX record keeps mail from it: a null MX, or a host of SES that receives no mail and is tried first. If a host of another service is tried first, it is a note.",
		Matters: "mail for the domain does not arrive where the file says",
		Fix:     "Point an MX record to the inbound host of the region, with the lowest preference. The suffix is amazonaws.com here and amazonses.com for MAIL FROM.",
		Sources: []string{guide},
	}
	Region = &finding.Check{
		ID: "receiving-region", Severity: finding.Warning, Since: "1.0.0", Listed: true,
		Title:   "SES is not known to receive in the region",
		Means:   "The region is not among the email receiving endpoints that AWS lists.",
		Matters: "there may be no inbound host in the region, and then mail to the domain is lost",
		Fix:     "Receive in another region, or turn the check off if AWS has added this one since.",
		Sources: []string{"https://docs.aws.amazon.com/general/latest/gr/ses.html"},
	}
)

// Part checks the MX record for receiving with SES.
var Part = part.Of[want, seen]{
	Name:    wanted.Receiving,
	Checks:  []*finding.Check{MXMissing, MXWrong, Region},
	Wants:   wants,
	Scope:   scope,
	Items:   func(w want) []string { return []string{string(w.host), w.region} },
	Observe: observe,
	Judge:   judge,
	Static:  static,
}

// want is one identity's inbound host.
type want struct {
	domain record.Name
	place  config.Place
	region string // "" if the file names the host
	host   record.Name
	also   []record.Name // the hosts of the domain's other identities
}

func (w want) record() record.Question {
	return record.Question{Name: w.domain, Type: record.MX}
}

type seen struct {
	mx      record.Answer
	doubled []record.Answer
}

func wants(d *config.Domain) []want {
	var all []want
	for _, id := range d.Identities {
		if id.Receiving == nil {
			continue
		}
		w := want{domain: d.Name, place: id.Receiving.Place, region: id.Region.Value}
		if h := id.Receiving.Host; h != nil {
			w.region, w.host = "", h.Value
		} else {
			w.host = ses.InboundHost(w.region)
		}
		all = append(all, w)
	}
	for i := range all {
		for _, other := range all {
			all[i].also = append(all[i].also, other.host)
		}
	}
	return all
}

func scope(w want) []part.Scope {
	checks := []*finding.Check{MXMissing, MXWrong}
	if w.region != "" {
		checks = append(checks, Region)
	}
	return []part.Scope{{Record: w.record(), Checks: checks}}
}

func observe(ctx context.Context, a part.Asker, w want) (s seen) {
	s.mx = a.Own.Ask(ctx, w.record())
	if s.mx.Absent() {
		s.doubled = a.Doubled(ctx, w.record(), w.domain)
	}
	return s
}

// regionWithout reports a region in which SES does not receive, without DNS.
func (w want) regionWithout() []finding.Finding {
	if r, known := ses.LookupRegion(w.region); !known || r.Receives {
		return nil
	}
	return []finding.Finding{{
		Check:   Region,
		Record:  w.record(),
		Subject: w.region,
		Place:   w.place,
		Message: fmt.Sprintf("SES is not known to receive mail in %s (table of %s)", w.region, ses.TableDate),
		Cause:   "receiving-region " + w.region,
	}}
}

func judge(w want, s seen) (v part.Verdict) {
	for _, f := range w.regionWithout() {
		v.Add(f)
	}
	want := record.Record{Type: record.MX, Preference: ses.Preference, Host: w.host}
	f := finding.Finding{
		Record:  w.record(),
		Subject: string(w.host),
		Place:   w.place,
		Actual:  finding.Data(s.mx),
	}
	region, known := ses.LookupRegion(w.region)
	if region.Receives || !known {
		f.Expected = []string{want.String()}
	}
	if known && !region.Receives {
		f.Advice = fmt.Sprintf("SES is not known to receive mail in %s. Receive in another region, or remove receiving from the file.", w.region)
	}
	if region.Receives || w.region == "" {
		f.Publish = []record.RR{finding.ToPublish(w.domain, want)}
	}
	leads := func(a record.Answer) bool {
		return slices.ContainsFunc(a.Records, func(r record.Record) bool { return r.Host == w.host })
	}
	switch {
	case s.mx.Status == record.Unknown:
		v.Unknown(s.mx, w.record(), w.place, MXMissing, MXWrong)
	case s.mx.Absent():
		f.Check = MXMissing
		f.Message = fmt.Sprintf("%s has no MX record", w.domain)
		v.MissingOrDoubled(f, s.doubled, leads, s.mx)
	case !leads(s.mx):
		w.judgeWrong(&v, f, s.mx)
	default:
		w.judgeBeside(&v, f, s.mx)
	}
	return v
}

// judgeWrong reports that no MX leads to SES. If another service receives the
// domain's mail, the finding gives no record to publish: the owner must choose.
func (w want) judgeWrong(v *part.Verdict, f finding.Finding, mx record.Answer) {
	f.Check = MXWrong
	f.Message = fmt.Sprintf("no MX of %s is %s", w.domain, w.host)
	if len(f.Expected) == 0 {
		f.Message = fmt.Sprintf("no MX of %s points to Amazon SES", w.domain)
	}
	f.Message += w.mistake(mx.Records)
	var theirs []record.Record
	for _, r := range mx.Records {
		if w.mistake([]record.Record{r}) == "" && !ses.ResemblesHost(r.Host) {
			theirs = append(theirs, r)
		}
	}
	switch {
	case len(theirs) > 0 && f.Advice == "":
		f.Advice = fmt.Sprintf("Mail for %s goes to %s now. Decide who should receive it: next to other MX records, SES gets only a part of the mail.", w.domain, shorten.List(part.HostsOf(theirs), 3))
	case slices.ContainsFunc(mx.Records, func(r record.Record) bool { return ses.IsMailManager(r.Host) }):
		f.Publish = nil
	case len(f.Publish) > 0:
		f.Drop = finding.LiveRecords(mx, mx.Records...)
	}
	v.Add(f, mx)
}

// beside are the MX records next to that of SES which matter, by what they do.
type beside struct {
	null    []record.Record // a null MX must be alone (RFC 7505 section 3)
	refuse  []record.Record // hosts of SES that refuse mail, tried before its inbound host or as soon
	useless []record.Record // hosts that get or accept no mail, without much effect
	theirs  []record.Record // hosts that receive mail first, or as much as SES
}

// sortBeside sorts the MX records next to that of SES. Hosts of other services that
// are tried later are backups.
func (w want) sortBeside(mx []record.Record) (b beside) {
	first := uint16(math.MaxUint16)
	for _, r := range mx {
		if r.Host == w.host {
			first = min(first, r.Preference)
		}
	}
	for _, r := range mx {
		endpoint, ok := ses.ParseHost(r.Host)
		switch {
		case r.Host == w.host, slices.Contains(w.also, r.Host):
		case r.Host == record.Root:
			b.null = append(b.null, r)
		case ok && endpoint.Service != "inbound-smtp" && r.Preference <= first:
			b.refuse = append(b.refuse, r)
		case !ses.IsInboundHost(r.Host) && !ses.IsMailManager(r.Host) && w.mistake([]record.Record{r}) != "":
			b.useless = append(b.useless, r)
		case r.Preference <= first:
			b.theirs = append(b.theirs, r)
		}
	}
	return b
}

// judgeBeside reports MX records that keep mail from the right one. Records that
// may be on purpose are a note.
func (w want) judgeBeside(v *part.Verdict, f finding.Finding, mx record.Answer) {
	b := w.sortBeside(mx.Records)
	wrong := slices.Concat(b.null, b.refuse, b.useless)
	f.Check, f.Expected, f.Beside = MXWrong, nil, true
	f.Publish, f.Drop = w.keep(mx, wrong)
	say := func(format string, args ...any) {
		if f.Message == "" {
			f.Message = fmt.Sprintf(format, args...)
		} else {
			f.Notef(format, args...)
		}
	}
	if len(b.null) > 0 {
		say("%s has a null MX beside other MX records, and RFC 7505 allows it only alone: senders may conclude that the domain accepts no mail", w.domain)
	}
	if len(b.refuse) > 0 {
		say("a host that refuses mail for %s is tried before %s, or as often%s", w.domain, w.host, w.mistake(b.refuse))
	}
	if len(b.useless) > 0 {
		say("%s of %s %s no use%s", shorten.Count(len(b.useless), "MX record"), w.domain, verb(len(b.useless), "has", "have"), w.mistake(b.useless))
	}
	if len(b.theirs) > 0 {
		hosts := part.HostsOf(b.theirs)
		say("%s %s tried before %s, or as often, so SES gets no more than a part of the mail", shorten.List(hosts, 3), verb(len(hosts), "is", "are"), w.host)
	}
	if len(b.null)+len(b.refuse) == 0 {
		f.AtMost = finding.Note
		f.Impact = "SES gets the mail that the other hosts leave to it"
	}
	if len(wrong) == 0 {
		f.Advice = "Decide which host should receive the mail first, and give it the lowest preference."
	}
	if f.Message != "" {
		v.Add(f, mx)
	}
}

// verb is the form of a verb for a number of subjects.
func verb(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// keep are the MX records that remain without wrong ones, and all live ones.
func (w want) keep(mx record.Answer, wrong []record.Record) (publish, drop []record.RR) {
	for _, r := range mx.Records {
		if !slices.ContainsFunc(wrong, func(o record.Record) bool { return o.String() == r.String() }) {
			publish = append(publish, finding.ToPublish(w.domain, r))
		}
	}
	return publish, finding.LiveRecords(mx, mx.Records...)
}

// mistake names the mistake in an MX host that was certainly meant to be SES's.
func (w want) mistake(mx []record.Record) string {
	for _, r := range mx {
		if how := part.Spoilt(w.domain, r.Host, w.host); how != "" {
			return how
		}
		behind := func(rest record.Name) string { return w.mistake([]record.Record{{Type: record.MX, Host: rest}}) }
		if how := part.BehindPreference(r.Host, behind); how != "" {
			return how
		}
		if r.Host == record.Root {
			return ": a null MX (RFC 7505) says that the domain accepts no mail"
		}
		if how := part.AddressAsHost(r.Host); how != "" {
			return how
		}
		if how := part.BehindZone(w.domain, r.Host, behind); how != "" {
			return how
		}
		if ses.IsMailManager(r.Host) {
			return fmt.Sprintf(": %s is an ingress endpoint of Mail Manager; if that is intended, set it as host in the file", r.Host)
		}
		h, ok := ses.ParseHost(r.Host)
		switch {
		case !ok:
		case h.Service != "inbound-smtp":
			return fmt.Sprintf(": %s is %s", r.Host, h.Purpose())
		case h.Suffix != "amazonaws.com":
			return fmt.Sprintf(": the suffix of inbound hosts is amazonaws.com, so %s does not exist", r.Host)
		case h.Region == "":
			return fmt.Sprintf(": the region is missing from %s", r.Host)
		case !ses.IsRegion(h.Region):
			return fmt.Sprintf(": %s in %s is not a region", untrusted.Quote(h.Region), r.Host)
		case h.Region != w.region && w.region != "":
			return fmt.Sprintf(": %s is in another region than %s", r.Host, w.region)
		}
	}
	return ""
}

func static(d *config.Domain) (found []finding.Finding) {
	for _, w := range wants(d) {
		found = append(found, w.regionWithout()...)
	}
	return found
}

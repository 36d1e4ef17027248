// Package mailfrom checks the MX records of custom MAIL FROM domains.
package mailfrom

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

const guide = "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html"

// The checks of this part.
var (
	MXMissing = &finding.Check{
		ID: "mail-from-mx-missing", Severity: finding.Error, Since: "1.0.0", Denies: wanted.MailFrom, Missing: true, Clock: true, Absence: true, Ends: true,
		Title:   "The MX record of the MAIL FROM domain is missing",
		Means:   "There is no MX record at the custom MAIL FROM name.",
		Matters: "after 72 hours SES gives up on the MAIL FROM domain and stops looking",
		Fix:     "Publish the record. If SES already shows the MAIL FROM domain as failed, set it up again there, because SES has stopped looking.",
		Sources: []string{guide},
	}
	MXMultiple = &finding.Check{
		ID: "mail-from-mx-multiple", Severity: finding.Error, Since: "1.0.0", Denies: wanted.MailFrom, Clock: true, Ends: true,
		Title:   "The MAIL FROM domain has more than one MX record",
		Means:   "SES needs exactly one MX record at the custom MAIL FROM name.",
		Matters: "SES treats the MAIL FROM domain as failed",
		Fix:     "Keep the one record that points to SES and remove the others. If the name must receive other mail, leave its records as they are and choose another MAIL FROM name: Amazon SES needs a subdomain that receives no mail.",
		Sources: []string{guide},
	}
	MXWrong = &finding.Check{
		ID: "mail-from-mx-wrong", Severity: finding.Error, Since: "1.0.0", Denies: wanted.MailFrom, Clock: true, Ends: true,
		Title:   "The MX record of the MAIL FROM domain points to another host",
		Means:   "There is one MX record, but it does not point to the feedback host of the region, feedback-smtp.<region>.amazonses.com.",
		Matters: "SES treats the MAIL FROM domain as failed, and bounces are lost",
		Fix:     "Point the MX record to the feedback host of the identity's region. The suffix is amazonses.com here and amazonaws.com for receiving. If the name must receive other mail, leave its record as it is and choose another MAIL FROM name.",
		Sources: []string{guide, "https://docs.aws.amazon.com/ses/latest/dg/regions.html"},
	}
	MXPreference = &finding.Check{
		ID: "mail-from-mx-preference", Severity: finding.Note, Since: "1.0.0",
		Title:   "The MX record of the MAIL FROM domain does not have preference 10",
		Means:   "The host is right. Amazon's documentation always shows preference 10, but does not say that other values fail.",
		Matters: "most likely nothing: with a single MX record, the preference has no effect",
		Fix:     "Set the preference to 10, as Amazon documents it.",
		Sources: []string{guide},
	}
	CNAME = &finding.Check{
		ID: "mail-from-cname", Severity: finding.Warning, Since: "1.0.0", Denies: wanted.MailFrom,
		Title:   "The MAIL FROM name is a CNAME",
		Means:   "The MX and TXT records of the MAIL FROM name come from the target of a CNAME. Amazon does not say whether SES follows it.",
		Matters: "the owner of the target controls your bounces and your SPF, and SES may treat the MAIL FROM domain as failed",
		Fix:     "Replace the CNAME with the MX and TXT records.",
		Sources: []string{guide, "https://www.rfc-editor.org/rfc/rfc2181#section-10.1"},
	}
)

// Part checks the MX of custom MAIL FROM domains. Part spf checks their SPF
// records.
var Part = part.Of[want, seen]{
	Name:    wanted.MailFrom,
	Checks:  checks,
	Wants:   wants,
	Scope:   scope,
	Observe: observe,
	Judge:   judge,
	Show:    show,
	Doubt:   doubt,
}

// want is one MAIL FROM name. Identities in several regions, and of several
// domains, may share it: it needs one MX, of any of these regions (developer
// guide, "Regions and Amazon SES").
type want struct {
	domain  record.Name
	name    record.Name
	place   config.Place
	regions []string // empty: any is right
	reject  bool     // on_mx_failure is reject for at least one identity
	sender  string   // the sender on SES; "" for none
}

func (w want) record() record.Question {
	return record.Question{Name: w.name, Type: record.MX}
}

type seen struct {
	mx       record.Answer
	wildcard bool // the CNAME that answers is that of a wildcard
	// Queried only without an MX record:
	doubled []record.Answer
	domain  record.Answer   // MX of the domain itself
	strays  []record.Answer // MX at the same labels below parents of the domain
	cut     record.Answer   // NS of the name: whether it is delegated

	unregistered record.Name // the domain without an owner that a CNAME leads to
}

func wants(d *config.Domain) []want {
	var all []want
	for _, id := range d.Identities {
		if id.MailFrom == nil {
			continue
		}
		m := id.MailFrom
		i := slices.IndexFunc(all, func(w want) bool { return w.name == m.Name.Value })
		if i < 0 {
			i = len(all)
			all = append(all, want{domain: d.Name, name: m.Name.Value, place: m.Place, sender: ses.SenderName(id.Sender.Value)})
		}
		w := &all[i]
		w.reject = w.reject || m.OnMXFailure.Value == "reject"
		for _, region := range append([]string{id.Region.Value}, m.Regions...) {
			if region != "" && !slices.Contains(w.regions, region) {
				w.regions = append(w.regions, region)
			}
		}
	}
	return all
}

var checks = []*finding.Check{MXMissing, MXMultiple, MXWrong, MXPreference, CNAME}

func scope(w want) []part.Scope {
	return []part.Scope{{Record: w.record(), Checks: checks}}
}

func observe(ctx context.Context, a part.Asker, w want) (s seen) {
	s.mx = a.Own.Ask(ctx, w.record())
	s.wildcard = len(s.mx.Chain) > 0 && part.FromWildcard(ctx, a.Own, s.mx)
	s.unregistered = a.Unregistered(ctx, s.mx)
	if s.mx.Absent() {
		s.doubled = a.Doubled(ctx, w.record(), w.domain)
		got := a.All(ctx, record.Question{Name: w.domain, Type: record.MX}, record.Question{Name: w.name, Type: record.NS})
		s.domain, s.cut = got[0], got[1]
		s.strays = a.StraysMailFrom(ctx, w.record(), w.domain)
	}
	return s
}

func judge(w want, s seen) (v part.Verdict) {
	if s.mx.Status == record.Unknown {
		v.Unknown(s.mx, w.record(), w.place, checks...)
		return v
	}
	w.judgeCNAME(&v, s)
	if mx := s.mx.Records; len(mx) == 1 && w.right(mx[0].Host) && mx[0].Preference == ses.Preference {
		return v
	}
	f := finding.Finding{
		Record:   w.record(),
		Place:    w.place,
		Actual:   finding.Data(s.mx),
		Impact:   ImpactOf(w.reject),
		Expected: []string{ses.FeedbackMX(w.region(s.mx)).String()},
	}
	if _, known := ses.LookupRegion(w.region(s.mx)); known && (len(s.mx.Chain) == 0 || s.wildcard) {
		f.Publish = []record.RR{finding.ToPublish(w.name, ses.FeedbackMX(w.region(s.mx)))}
		if !s.wildcard {
			f.Drop = finding.LiveRecords(s.mx, s.mx.Records...)
		}
	}
	switch mx := s.mx.Records; {
	case s.mx.Absent():
		w.judgeMissing(&v, f, s)
		return v
	case len(mx) > 1:
		f.Check = MXMultiple
		f.Message = fmt.Sprintf("%s has %d MX records; Amazon SES needs exactly one", w.name, len(mx))
	case !w.right(mx[0].Host):
		f.Check = MXWrong
		f.Message = fmt.Sprintf("the MX of %s is %s instead of %s%s", w.name, mx[0].Host, ses.FeedbackHost(w.region(s.mx)), w.mistake(mx[0].Host))
	default: // the preference
		f.Check = MXPreference
		f.Impact = ""
		f.Message = fmt.Sprintf("the MX of %s has preference %d; Amazon's documentation shows %d", w.name, mx[0].Preference, ses.Preference)
	}
	if hosts := w.receivers(s.mx.Records); len(hosts) > 0 && !s.wildcard {
		f.Advice = fmt.Sprintf("%s receives mail at %s, and a MAIL FROM domain must not receive mail. Leave its MX records as they are and choose another MAIL FROM name.", w.name, shorten.List(hosts, 3))
	}
	v.Add(f, s.mx)
	return v
}

// judgeCNAME reports that the MX comes from the target of a CNAME. A wildcard's
// CNAME is not at the name, so it counts only if the right MX comes from it.
func (w want) judgeCNAME(v *part.Verdict, s seen) {
	if len(s.mx.Chain) == 0 {
		return
	}
	f := finding.Finding{
		Check:   CNAME,
		Record:  w.record(),
		Place:   w.place,
		Message: fmt.Sprintf("%s is a CNAME to %s", w.name, s.mx.Chain[0]),
		Actual:  []string{s.mx.Chain[0].FQDN()},
	}
	if s.wildcard {
		mx := s.mx.Records
		if len(mx) != 1 || !w.right(mx[0].Host) {
			return
		}
		f.Message = fmt.Sprintf("%s has no MX record of its own; the CNAME of a wildcard leads to the one of %s", w.name, s.mx.Owner())
		f.Publish = []record.RR{finding.ToPublish(w.name, ses.FeedbackMX(ses.RegionOf(mx[0].Host)))}
	}
	if s.unregistered != "" {
		f.Notef("%s", part.Takeover(w.name, s.unregistered))
		f.Impact = "the next owner of that domain controls your bounces and your SPF, and SES may treat the MAIL FROM domain as failed"
	}
	v.Add(f, s.mx)
}

// Receives reports whether a finding of this part says that the MAIL FROM name
// receives other mail.
func Receives(f finding.Finding) bool {
	return (f.Check == MXMultiple || f.Check == MXWrong) && f.Advice != ""
}

// judgeMissing reports a missing MX record, and where it may be instead.
func (w want) judgeMissing(v *part.Verdict, f finding.Finding, s seen) {
	f.Check = MXMissing
	f.Message = fmt.Sprintf("%s has no MX record", w.name)
	right := func(a record.Answer) bool {
		return slices.ContainsFunc(a.Records, func(r record.Record) bool { return w.right(r.Host) })
	}
	v.Beside(s.domain)
	v.Beside(s.cut)
	switch {
	case len(s.mx.Chain) > 0 && !s.wildcard:
		f.SaysCNAME = true
		f.Notef("it is a CNAME; delete that first")
	case right(s.domain):
		f.Astray = true
		f.Notef("it stands at %s itself: the name was left out when it was entered", w.domain)
	case s.cut.Status == record.Found && len(s.cut.Chain) == 0:
		f.Notef("the name is a zone of its own, delegated to %s: records for it in the parent zone have no effect", shorten.List(part.HostsOf(s.cut.Records), 3))
	}
	v.Astray(&f, s.strays, w.domain, right)
	v.MissingOrDoubled(f, s.doubled, right, s.mx)
}

// receivers are the hosts because of which the name seems to receive mail for a
// service other than MAIL FROM: hosts without one of SES, more than one extra
// host, one that is preferred to SES's, or one of a mailbox provider or of SES's
// receiving. A single host after SES's is more likely a leftover of a web form, and
// an inbound host alone a mix-up.
func (w want) receivers(mx []record.Record) []string {
	var theirs []record.Record
	first, ours := uint16(0), false
	inbound := func(r record.Record) bool { return ses.IsInboundHost(r.Host) }
	mixUp := !slices.ContainsFunc(mx, func(r record.Record) bool { return !inbound(r) })
	for _, r := range mx {
		switch {
		case w.right(r.Host):
			if !ours || r.Preference < first {
				first, ours = r.Preference, true
			}
		case inbound(r) && !mixUp:
			theirs = append(theirs, r)
		case r.Host != record.Root && w.mistake(r.Host) == "" && !ses.ResemblesHost(r.Host):
			theirs = append(theirs, r)
		}
	}
	leftOver := func(r record.Record) bool {
		return ours && r.Preference >= first && !ses.IsMailboxHost(r.Host) && !ses.IsMailManager(r.Host) && !inbound(r)
	}
	if len(theirs) == 1 && leftOver(theirs[0]) {
		return nil
	}
	return part.HostsOf(theirs)
}

// right reports whether host is the feedback host of one of the regions.
func (w want) right(host record.Name) bool {
	if len(w.regions) == 0 {
		return ses.RegionOf(host) != ""
	}
	return slices.ContainsFunc(w.regions, func(r string) bool { return ses.FeedbackHost(r) == host })
}

// region is the region for messages. Without one in the file, a live MX may show
// it.
func (w want) region(mx record.Answer) string {
	if len(w.regions) > 0 {
		return w.regions[0]
	}
	for _, r := range mx.Records {
		if region := ses.RegionOf(r.Host); region != "" {
			return region
		}
	}
	return "REGION"
}

// candidates are the regions whose host may be the intended one.
func (w want) candidates() (names []string) {
	if len(w.regions) > 0 {
		return w.regions[:1]
	}
	for _, r := range ses.Regions() {
		names = append(names, r.Name)
	}
	return names
}

// mistake names the mistake in an MX host that was certainly meant to be SES's.
func (w want) mistake(host record.Name) string {
	for _, r := range w.candidates() {
		if how := part.Spoilt(w.name, host, ses.FeedbackHost(r)); how != "" {
			return how
		}
	}
	if how := part.BehindPreference(host, w.mistake); how != "" {
		return how
	}
	if host == record.Root {
		return ": a null MX (RFC 7505) says that the name accepts no mail"
	}
	if how := part.AddressAsHost(host); how != "" {
		return how
	}
	if how := part.BehindZone(w.name, host, w.mistake); how != "" {
		return how
	}
	h, ok := ses.ParseHost(host)
	if !ok {
		return ""
	}
	var wrong []string
	if h.Service != "feedback-smtp" {
		wrong = append(wrong, "that is "+h.Purpose())
	} else if h.Suffix != "amazonses.com" {
		wrong = append(wrong, "the suffix of feedback hosts is amazonses.com; amazonaws.com is for receiving")
	}
	switch {
	case h.Region == "":
		wrong = append(wrong, "the region is missing from it")
	case len(w.regions) > 0 && !slices.Contains(w.regions, h.Region) && ses.IsRegion(h.Region):
		wrong = append(wrong, fmt.Sprintf("it is in region %s, not %s", h.Region, strings.Join(w.regions, " or ")))
	case !ses.IsRegion(h.Region):
		wrong = append(wrong, fmt.Sprintf("%s is not a region", untrusted.Quote(h.Region)))
	}
	if len(wrong) == 0 {
		return ""
	}
	return ": " + strings.Join(wrong, "; ")
}

// ImpactOf says what SES does while the MX is missing, which depends on
// BehaviorOnMxFailure.
func ImpactOf(reject bool) string {
	if reject {
		return "SES treats the MAIL FROM domain as failed: with on_mx_failure: reject, SES refuses to send (MailFromDomainNotVerified); after 72 hours it stops looking"
	}
	return "SES treats the MAIL FROM domain as failed: mail goes out as amazonses.com, and SPF no longer aligns; after 72 hours SES stops looking"
}

func show(w want, s seen, p *snapshot.Snapshot) {
	one := snapshot.MailFrom{Name: w.name, State: snapshot.StateOf(s.mx), MX: finding.Data(s.mx), Sender: w.sender}
	if len(s.mx.Chain) > 0 {
		one.CNAME = s.mx.Chain[0]
	}
	if mx := s.mx.Records; len(mx) == 1 {
		one.Region = ses.RegionOf(mx[0].Host)
	}
	if one.State == snapshot.Right && (len(s.mx.Records) > 1 || !w.right(s.mx.Records[0].Host)) {
		one.State = snapshot.Wrong
	}
	p.MailFrom = append(p.MailFrom, one)
}

// doubt withdraws that a name has no MX.
func doubt(f finding.Finding, p *snapshot.Snapshot) {
	if f.Check != MXMissing {
		return
	}
	for i := range p.MailFrom {
		if m := &p.MailFrom[i]; m.Name == f.Record.Name {
			m.State = snapshot.Unknown
		}
	}
}

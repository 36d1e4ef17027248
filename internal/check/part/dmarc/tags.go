package dmarc

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file judges the DMARC record that applies, apart from its policy: further
// tags that the file lists, whether mail of SES can align, and where reports go.

// wantedTag is a tag of the file, with its value in the record that applies: the
// default if the tag is absent.
type wantedTag struct {
	name string
	want config.At[string]
	live func(*dmarc.Record) string
}

func (w want) tags() (all []wantedTag) {
	add := func(name string, want *config.At[string], live func(*dmarc.Record) string) {
		if want != nil {
			all = append(all, wantedTag{name, *want, live})
		}
	}
	add("sp", w.SubdomainPolicy, subdomainPolicy)
	add("np", w.NP, func(r *dmarc.Record) string {
		if r.NP != nil {
			return r.NP.String()
		}
		return subdomainPolicy(r)
	})
	add("aspf", w.ASPF, func(r *dmarc.Record) string { return r.ASPF.String() })
	add("adkim", w.ADKIM, func(r *dmarc.Record) string { return r.ADKIM.String() })
	for _, uri := range w.RUA {
		want := dmarc.ParseURI(untrusted.New(uri.Value))
		uri.Value = want.Text.Bare() // free text of the file, for messages
		add("rua", &uri, func(r *dmarc.Record) string {
			if slices.ContainsFunc(r.RUA, want.Same) {
				return uri.Value
			}
			return ""
		})
	}
	return all
}

// subject distinguishes tags, and addresses, in findings.
func (t wantedTag) subject() string {
	if t.name == "rua" {
		return "rua " + t.want.Value
	}
	return t.name
}

// items are the tags of the file.
func (w want) items() (all []string) {
	for _, t := range w.tags() {
		all = append(all, t.subject())
	}
	return all
}

func subdomainPolicy(r *dmarc.Record) string {
	if r.SP != nil {
		return r.SP.String()
	}
	return r.P.String()
}

func (w want) judgeTags(v *part.Verdict, f finding.Finding, s seen, rest record.Answer) {
	f.Check = Mismatch
	for _, tag := range w.tags() {
		live := tag.live(s.Record)
		if live == tag.want.Value {
			continue
		}
		f.Place = tag.want.Place
		f.Subject = tag.subject()
		f.Expected = []string{tag.name + "=" + tag.want.Value}
		f.Message = fmt.Sprintf("%s is %s in the DMARC record of %s; the file says %s", tag.name, live, s.PolicyDomain, tag.want.Value)
		if tag.name == "rua" {
			f.Message = fmt.Sprintf("the DMARC record of %s sends no reports to %s", s.PolicyDomain, tag.want.Value)
		}
		f.Cause = "dmarc-mismatch " + string(s.PolicyDomain) + " " + f.Subject
		w.prescribe(&f, s)
		v.Add(f, rest)
	}
}

// judgeAlignment reports identities whose mail, sent as the file says, cannot
// pass DMARC (RFC 9989 section 4.4). An identity without dkim in the file may
// still sign: SES then signs with the domain itself, which always aligns.
func (w want) judgeAlignment(v *part.Verdict, f finding.Finding, s seen, rest record.Answer) {
	for _, id := range w.identities {
		if id.DKIM == nil || !id.DKIM.None {
			continue
		}
		f.Check = Alignment
		f.Place = id.DKIM.Place
		f.Subject, f.Advice, f.Notes = id.Region.Value, "", nil
		f.Publish, f.Drop = nil, nil
		switch {
		case id.MailFrom == nil:
			f.Message = fmt.Sprintf("mail of %s through SES%s cannot pass DMARC: it is not signed with DKIM, and without a custom MAIL FROM domain SPF passes for amazonses.com", w.domain, inRegion(id))
		case s.Record.ASPF == dmarc.Strict:
			f.Message = fmt.Sprintf("mail of %s through SES%s cannot pass DMARC: it is not signed with DKIM, and MAIL FROM %s does not align with aspf=s", w.domain, inRegion(id), id.MailFrom.Name.Value)
			w.relax(&f, s)
		default:
			continue
		}
		v.Add(f, rest)
	}
}

// relax adds the domain's own record without aspf=s, or the advice to change the one
// that applies.
func (w want) relax(f *finding.Finding, s seen) {
	if own := w.planOwn(s); s.PolicyDomain == w.domain && own.text.Len() > 0 && dmarc.Parse(own.text).ASPF != dmarc.Strict {
		f.Notef("turn on Easy DKIM in SES, or remove aspf=s, with which only the domain itself aligns")
		f.Publish, f.Drop = []record.RR{finding.ToPublish(own.name, record.NewTXT(own.text.Raw()))}, own.drop
		return
	}
	f.Advice = fmt.Sprintf("Turn on Easy DKIM in SES, or remove aspf=s from the DMARC record of %s: SES accepts only a subdomain as MAIL FROM domain, and aspf=s only the domain itself.", s.PolicyDomain)
}

// inRegion names the region of an identity, if it has one.
func inRegion(id config.Identity) string {
	if id.Region.Value == "" {
		return ""
	}
	return " in " + id.Region.Value
}

// judgeFaults reports what receivers ignore of the record that applies, and of a
// garbled one of the domain. reported says that judgePolicy has described p, sp
// and np.
func (w want) judgeFaults(v *part.Verdict, f finding.Finding, s seen, reported bool) {
	at, _ := s.At()
	repaired := dmarc.Repair(policyRecords(at.Answer)...)
	var tags []string
	for _, fault := range repaired.Faults {
		if !slices.Contains(tags, fault.Tag) {
			tags = append(tags, fault.Tag)
		}
	}
	add := func(check *finding.Check, subject, message string) {
		f.Check, f.Subject, f.Message = check, subject, message
		f.Cause = check.ID + " " + string(s.PolicyDomain) + " " + subject
		w.prescribe(&f, s)
		v.Add(f, at.Answer)
	}
	for _, tag := range tags {
		words := dmarc.Words(slices.DeleteFunc(slices.Clone(repaired.Faults), func(o dmarc.Fault) bool { return o.Tag != tag }))
		switch tag {
		case "rua", "ruf":
			add(ReportInvalid, tag, s.noReports(tag)+": "+words)
		case "p", "sp", "np":
			if !reported {
				add(TagInvalid, tag, s.ignored(tag)+": "+words)
			}
		case "fo":
			if _, used := s.Record.Tag("ruf"); used {
				add(TagInvalid, tag, s.ignored(tag)+": "+words)
			}
		default:
			add(TagInvalid, tag, s.ignored(tag)+": "+words)
		}
	}
	w.judgeStrays(v, f, s)
	w.judgePct(v, f, s)
}

// noReports says which reports are not sent.
func (s seen) noReports(tag string) string {
	uris, what := s.Record.RUA, "reports"
	if tag == "ruf" {
		uris, what = s.Record.RUF, "failure reports"
	}
	if slices.ContainsFunc(uris, func(u dmarc.URI) bool { return u.Wrong == "" }) {
		return fmt.Sprintf("not every address gets the %s about %s", what, s.PolicyDomain)
	}
	return fmt.Sprintf("nobody receives %s about %s", what, s.PolicyDomain)
}

// ignored says what receivers do without a tag.
func (s seen) ignored(tag string) string {
	r := s.Record
	instead := map[string]string{"adkim": r.ADKIM.String(), "aspf": r.ASPF.String(), "psd": r.PSD.String(), "fo": r.FO, "p": r.P.String(), "sp": subdomainPolicy(r), "np": subdomainPolicy(r), "t": "n"}[tag]
	switch {
	case tag == "":
		return fmt.Sprintf("receivers ignore a part of the DMARC record of %s", s.PolicyDomain)
	case r.AsNone && (tag == "p" || tag == "sp" || tag == "np"):
		return fmt.Sprintf("receivers read the DMARC record of %s as p=none, because they cannot read %s", s.PolicyDomain, tag)
	case instead == "":
		return fmt.Sprintf("receivers ignore %s in the DMARC record of %s", tag, s.PolicyDomain)
	}
	return fmt.Sprintf("receivers ignore %s in the DMARC record of %s and use %s=%s", tag, s.PolicyDomain, tag, instead)
}

// judgeStrays reports a garbled record of the domain if that of a name above
// applies instead. If that policy is too weak, judgePolicy has reported it.
func (w want) judgeStrays(v *part.Verdict, f finding.Finding, s seen) {
	own := s.Steps[0]
	said := slices.ContainsFunc(v.Findings, func(o finding.Finding) bool { return o.Check == Policy })
	if len(own.Records) > 0 || said {
		return
	}
	for _, stray := range own.Strays() {
		f.Check, f.Subject, f.Cause = TagInvalid, "v", ""
		f.Actual = finding.Data(own.Answer)
		f.Message = fmt.Sprintf("%.80s at %s is not a DMARC record, so that of _dmarc.%s applies: %s", stray.Record.Text(), own.Answer.Question.Name, s.PolicyDomain, stray.Why)
		w.prescribe(&f, s)
		v.Add(f, own.Answer)
		return
	}
}

// judgePct reports that pct=0 has two meanings. If the file asks for the same
// policy, the tag can go.
func (w want) judgePct(v *part.Verdict, f finding.Finding, s seen) {
	at, _ := s.At()
	pct, ok := s.Record.Tag("pct")
	effect := s.Effective(s.exists.Status != record.NoName)
	if !ok || !isZero(pct) || effect.Published == dmarc.None || s.exists.Failure != nil {
		return
	}
	f.Check, f.Subject = TagInvalid, "pct"
	f.Cause = "dmarc-tag-invalid " + string(s.PolicyDomain) + " pct"
	f.Message = fmt.Sprintf("receivers disagree about pct=0 in the DMARC record of %s: those that follow RFC 9989 ignore it and apply %s=%s to all mail; older ones apply no more than the next weaker policy", s.PolicyDomain, effect.Tag, effect.Published)
	w.prescribe(&f, s)
	if f.Advice == "" && (len(f.Publish) == 0 || slices.ContainsFunc(f.Publish, pctLeft)) {
		f.Publish, f.Drop = nil, nil
		f.Advice = "Remove pct to apply the policy, or write t=y in its place to test it."
	}
	v.Add(f, at.Answer)
}

// pctLeft reports whether a record to publish still has pct.
func pctLeft(r record.RR) bool {
	_, ok := dmarc.Parse(r.Data.Text()).Tag("pct")
	return ok
}

// reportSeen is an address outside the organisation that gets reports.
type reportSeen struct {
	tag     string // rua or ruf
	host    record.Name
	failure *record.Failure // set if it is unknown whether the host is outside
	answer  record.Answer   // at the name where the host agrees
}

// observeReports queries whether outside hosts have agreed to get reports.
// Records of these hosts are shared by many domains.
func observeReports(ctx context.Context, a part.Asker, d dmarc.Discovery) []reportSeen {
	org := func(n record.Name) (record.Name, *record.Failure) {
		ask := dmarc.Askers{Own: a.Shared, Upper: a.Shared}
		if n == d.PolicyDomain {
			ask.Own = a.Own
		}
		o := dmarc.OrganizationalDomain(ctx, ask, n)
		return o.Domain, o.Failure
	}
	var all []reportSeen
	add := func(tag string, uris []dmarc.URI) {
		for _, u := range uris {
			if u.Wrong == "" && u.Host != "" && !slices.ContainsFunc(all, func(r reportSeen) bool { return r.host == u.Host }) {
				all = append(all, reportSeen{tag: tag, host: u.Host})
			}
		}
	}
	add("rua", d.Record.RUA)
	add("ruf", d.Record.RUF)
	slices.SortFunc(all, func(x, y reportSeen) int { return strings.Compare(string(x.host), string(y.host)) })
	a.Each(len(all), func(i int) {
		r := &all[i]
		var outside bool
		if outside, r.failure = dmarc.External(d.PolicyDomain, r.host, org); !outside {
			return
		}
		if name, ok := dmarc.ReportName(d.PolicyDomain, r.host); ok {
			r.answer = a.Own.Ask(ctx, record.Question{Name: name, Type: record.TXT})
		}
	})
	return slices.DeleteFunc(all, func(r reportSeen) bool { return r.failure == nil && r.answer.Question.Name == "" })
}

func (w want) judgeReports(v *part.Verdict, f finding.Finding, s seen) {
	for _, r := range s.reports {
		switch {
		case r.failure != nil:
			v.Unknown(record.Answer{Question: r.failure.Question, Failure: r.failure}, w.record(), w.Place, ReportUnauthorized)
		case r.answer.Status == record.Unknown:
			v.Unknown(r.answer, w.record(), w.Place, ReportUnauthorized)
		case !dmarc.Authorizes(r.answer):
			f.Check = ReportUnauthorized
			f.Subject = string(r.host)
			f.Expected = []string{finding.ToPublish(r.answer.Question.Name, record.NewTXT("v=DMARC1")).String()}
			f.Message = fmt.Sprintf("DMARC reports of %s go to %s, which has not agreed to receive them: there is no v=DMARC1 record at %s", s.PolicyDomain, r.host, r.answer.Question.Name)
			f.Actual = finding.Data(r.answer)
			f.Cause = "dmarc-report-unauthorized " + string(s.PolicyDomain) + " " + string(r.host)
			v.Add(f, r.answer)
		}
	}
}

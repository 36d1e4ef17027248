// Package dmarc checks the DMARC policy that takes effect for the domain, and
// makes the record to publish.
package dmarc

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

const rfc9989 = "https://www.rfc-editor.org/rfc/rfc9989"

// The checks of this part.
var (
	Missing = &finding.Check{
		ID: "dmarc-missing", Severity: finding.Error, Since: "1.0.0", Denies: wanted.DMARCRecord, Absence: true, Ends: true,
		Title:   "No DMARC policy applies to the domain",
		Means:   "There is no DMARC record at _dmarc.<domain>, and none at the parent domains that receivers look at (the tree walk of RFC 9989).",
		Matters: "receivers have no policy for forged mail, and large mailbox providers reject bulk mail from domains without DMARC",
		Fix:     "Publish a DMARC record. To start without risk, use p=none with a rua address, read the reports, and then raise the policy.",
		Sources: []string{rfc9989 + "#section-4.10", "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html"},
	}
	Duplicate = &finding.Check{
		ID: "dmarc-duplicate", Severity: finding.Error, Since: "1.0.0", Denies: wanted.DMARCRecord, Ends: true,
		Title:   "There are several DMARC records at one name",
		Means:   "More than one TXT record at the name starts with v=DMARC1. Receivers that follow RFC 9989 ignore them all and look at the parent domains; receivers that follow RFC 7489 apply no policy.",
		Matters: "receivers use none of them: they apply the policy of a parent domain, or none at all",
		Fix:     "Keep one record and delete the others.",
		Sources: []string{rfc9989 + "#section-4.10", "https://www.rfc-editor.org/rfc/rfc7489#section-6.6.3"},
	}
	Invalid = &finding.Check{
		ID: "dmarc-invalid", Severity: finding.Error, Since: "1.0.0", Denies: wanted.DMARCRecord, Ends: true,
		Title:   "The DMARC record cannot be applied",
		Means:   "The record starts with v=DMARC1, but receivers cannot use it: it has no readable policy and no usable rua, or the same tag twice.",
		Matters: "receivers apply no DMARC to mail of the domain",
		Fix:     "Correct the tag that the message names.",
		Sources: []string{rfc9989 + "#section-4.10.1", "https://www.rfc-editor.org/rfc/rfc6376#section-3.2"},
	}
	Policy = &finding.Check{
		ID: "dmarc-policy", Severity: finding.Error, Since: "1.0.0", Denies: wanted.DMARCRecord,
		Title:   "The DMARC policy is weaker than the file requires",
		Means:   "The policy in effect, from the domain's own record or inherited, is less strict than the file requires.",
		Matters: "receivers deliver forged mail that you want quarantined or rejected",
		Fix:     "Raise p. If the policy is inherited, publish a record for the domain itself, or raise p, sp or np in the parent's record, which also changes the policy of other subdomains. Remove t=y, which lowers the policy by one step.",
		Sources: []string{rfc9989 + "#section-4.7", rfc9989 + "#section-4.10.1"},
	}
	Mismatch = &finding.Check{
		ID: "dmarc-mismatch", Severity: finding.Warning, Since: "1.0.0", Denies: wanted.DMARCRecord, Listed: true,
		Title:   "A tag of the DMARC record differs from the file",
		Means:   "A tag that the file lists (sp, np, aspf, adkim or rua) has another value in the record in effect.",
		Matters: "receivers treat mail from subdomains or alignment differently from what you want, or reports go elsewhere",
		Fix:     "Correct the tag in the record, or in the file.",
		Sources: []string{rfc9989 + "#section-4.7"},
	}
	Alignment = &finding.Check{
		ID: "dmarc-alignment", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Mail sent through SES cannot pass DMARC",
		Means:   "DMARC needs DKIM or SPF to pass for a domain that aligns with the From domain. As the file describes the identity, neither can: SES does not sign with DKIM, and SPF passes for a domain that does not align. That is amazonses.com if there is no custom MAIL FROM domain. With aspf=s it is any MAIL FROM domain, because only the domain itself aligns.",
		Matters: "all mail of this identity fails DMARC, and receivers apply the policy to it",
		Fix:     "Turn on Easy DKIM in SES. Or set up a custom MAIL FROM domain and remove aspf=s: SES accepts only a subdomain, and aspf=s only the domain itself.",
		Sources: []string{rfc9989 + "#section-4.4", "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html"},
	}
	ReportInvalid = &finding.Check{
		ID: "dmarc-report-invalid", Severity: finding.Warning, Since: "1.0.0",
		Title:   "An address for DMARC reports is unusable",
		Means:   "rua or ruf has a value that is not a usable URI: mailto: is missing or misspelt, or there is something else in place of a comma.",
		Matters: "receivers ignore the address and send it no reports",
		Fix:     "Write each address as mailto:name@host, with commas between them.",
		Sources: []string{rfc9989 + "#section-4.8"},
	}
	TagInvalid = &finding.Check{
		ID: "dmarc-tag-invalid", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Receivers ignore a tag of the DMARC record",
		Means:   "A tag has a value that RFC 9989 does not know, or is in a place where receivers do not see it, so its default applies. If the tag is p, sp or np and there is a usable rua, receivers read the whole record as p=none. The check also reports a typo in v=DMARC1 if a parent's record applies instead, and pct=0, which RFC 9989 removed but older receivers obey.",
		Matters: "receivers treat mail differently from what the record intends",
		Fix:     "Correct the tag that the message names.",
		Sources: []string{rfc9989 + "#section-4.8", rfc9989 + "#section-4.10.1", rfc9989 + "#appendix-A.6"},
	}
	ReportUnauthorized = &finding.Check{
		ID: "dmarc-report-unauthorized", Severity: finding.Warning, Since: "1.0.0",
		Title:   "Another organisation has not agreed to receive DMARC reports",
		Means:   "The record sends reports to another organisation. That organisation accepts them by publishing a record at <domain>._report._dmarc.<host>, and has not.",
		Matters: "receivers do not send the reports",
		Fix:     "Ask the receiver of the reports to publish the record, or send the reports to an address of your own.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc9990#section-4", "https://www.rfc-editor.org/rfc/rfc9991#section-5"},
	}
)

// Part checks the DMARC policy that takes effect for the domain.
var Part = part.Of[want, seen]{
	Name:    wanted.DMARCRecord,
	Checks:  []*finding.Check{Missing, Duplicate, Invalid, Policy, Mismatch, Alignment, ReportInvalid, TagInvalid, ReportUnauthorized},
	Wants:   wants,
	Scope:   scope,
	Items:   want.items,
	Observe: observe,
	Judge:   judge,
	Show:    show,
	Doubt:   doubt,
}

type want struct {
	domain     record.Name
	identities []config.Identity
	*config.DMARC
}

func (w want) record() record.Question {
	return record.Question{Name: w.domain.Child("_dmarc"), Type: record.TXT}
}

type seen struct {
	dmarc.Discovery
	exists  record.Answer   // TXT of the domain; queried only if an inherited np may decide
	doubled []record.Answer // queried only if no record applies
	astray  []record.Answer // at wrong names; queried only if something is wrong
	beyond  []record.Answer // at wrong names of the domains above; queried only if no record applies
	reports []reportSeen    // addresses outside the organisation that get reports

	unregistered record.Name // the domain without an owner that the CNAME of the domain's own name leads to

	above map[record.Name]*config.DMARC // expectations of the file for names above
}

func wants(d *config.Domain) []want {
	if d.DMARC == nil {
		return nil
	}
	return []want{{d.Name, d.Identities, d.DMARC}}
}

// checks are the checks to judge, in the order of the table.
func (w want) checks() []*finding.Check {
	all := []*finding.Check{Missing, Duplicate, Invalid}
	if w.Policy != nil {
		all = append(all, Policy)
	}
	if len(w.tags()) > 0 {
		all = append(all, Mismatch)
	}
	return append(all, Alignment, ReportInvalid, TagInvalid, ReportUnauthorized)
}

func scope(w want) []part.Scope { return []part.Scope{{Record: w.record(), Checks: w.checks()}} }

func observe(ctx context.Context, a part.Asker, w want) seen {
	s := seen{Discovery: dmarc.Discover(ctx, dmarc.Askers{Own: a.Own, Upper: a.Shared}, w.domain)}
	for _, step := range s.Steps[1:] {
		if d := a.Domains.At(step.Domain); d != nil && d.DMARC != nil {
			if s.above == nil {
				s.above = map[record.Name]*config.DMARC{}
			}
			s.above[step.Domain] = d.DMARC
		}
	}
	if s.Outcome == dmarc.Applies {
		s.reports = observeReports(ctx, a, s.Discovery)
		if s.PolicyDomain != w.domain && s.Record.NP != nil {
			s.exists = a.Own.Ask(ctx, record.Question{Name: w.domain, Type: record.TXT})
		}
	}
	s.unregistered = a.Unregistered(ctx, s.Steps[0].Answer)
	if s.Outcome == dmarc.Missing {
		s.doubled = a.Doubled(ctx, w.record(), w.domain)
		s.beyond = observeBeyond(ctx, a, s.Discovery)
	}
	if s.Outcome == dmarc.Missing || s.Outcome == dmarc.Applies && s.PolicyDomain != w.domain && !w.satisfied(s.Discovery, s.exists) {
		s.astray = observeAstray(ctx, a, w.domain)
	}
	return s
}

// observeAstray queries a DMARC record at the domain itself, and at dmarc without
// the underscore. Answers of wildcards do not count.
func observeAstray(ctx context.Context, a part.Asker, domain record.Name) []record.Answer {
	var qs []record.Question
	for _, n := range []record.Name{domain, domain.Child("dmarc")} {
		if _, err := record.ParseName(string(n)); err == nil {
			qs = append(qs, record.Question{Name: n, Type: record.TXT})
		}
	}
	return slices.DeleteFunc(a.All(ctx, qs...), func(got record.Answer) bool {
		return got.Status == record.Found && got.Question.Name != domain && part.SameRecord(got, a.Own.Ask(ctx, part.ProbeBeside(got.Question)))
	})
}

// observeBeyond queries a DMARC record of the domains above in the same organisation
// at these themselves, and at dmarc without the underscore.
func observeBeyond(ctx context.Context, a part.Asker, d dmarc.Discovery) []record.Answer {
	var qs []record.Question
	for _, step := range d.Steps[1:] {
		if step.Domain.In(d.Domain.Registrable()) {
			qs = append(qs, record.Question{Name: step.Domain, Type: record.TXT}, record.Question{Name: step.Domain.Child("dmarc"), Type: record.TXT})
		}
	}
	return a.Explicit(ctx, qs...)
}

func judge(w want, s seen) (v part.Verdict) {
	var rests []record.Answer
	for _, step := range s.Steps {
		rests = append(rests, step.Answer)
	}
	for _, a := range slices.Concat(s.astray, s.beyond) {
		v.Beside(a)
	}
	f := finding.Finding{Record: w.record(), Place: w.Place}
	if at, twice := s.Duplicate(); twice {
		w.judgeDuplicate(&v, f, s, at)
		return v
	}
	switch s.Outcome {
	case dmarc.Open:
		for _, a := range rests {
			if a.Status == record.Unknown {
				v.Unknown(s.because(a), w.record(), w.Place, w.checks()...)
			}
		}
	case dmarc.Missing:
		w.judgeMissing(&v, f, s, rests)
	case dmarc.Invalid:
		at, _ := s.At()
		f.Check = Invalid
		f.Cause = "dmarc-invalid " + string(s.PolicyDomain)
		f.Actual = []string{s.Record.Text.String()}
		fatal, _ := s.Record.Fatal()
		f.Message = fmt.Sprintf("the DMARC record at _dmarc.%s cannot be applied: %s", s.PolicyDomain, fatal)
		if words := dmarc.Words(dmarc.Repair(policyRecords(at.Answer)...).Faults); words != "" && words != "there is no p tag" {
			f.Notef("%s", words)
		}
		w.prescribe(&f, s)
		v.Add(f, at.Answer)
	case dmarc.Applies:
		at, _ := s.At()
		f.Actual = []string{s.Record.Text.String()}
		reported := w.judgePolicy(&v, f, s, at.Answer)
		w.judgeTags(&v, f, s, at.Answer)
		w.judgeAlignment(&v, f, s, at.Answer)
		w.judgeFaults(&v, f, s, reported)
		w.judgeReports(&v, f, s)
	}
	return v
}

// judgeMissing reports that no record applies, and misplaced or garbled ones.
func (w want) judgeMissing(v *part.Verdict, f finding.Finding, s seen, rests []record.Answer) {
	own := s.Steps[0]
	f.Check = Missing
	f.Message = fmt.Sprintf("no DMARC record applies: there is none at %s, and none at the parent domains that receivers look at", own.Answer.Question.Name)
	f.Actual = finding.Data(own.Answer)
	f.Notes = append(f.Notes, strayWords(own.Strays())...)
	w.noteAbove(&f, s)
	if from, strays := s.elsewhere(); from.Question.Name != "" {
		f.Astray = true
		f.Notef("it stands at %s instead", from.Question.Name)
		f.Notes = append(f.Notes, strayWords(strays)...)
		f.Actual = append(f.Actual, finding.Data(from)...)
		slices.Sort(f.Actual)
	}
	w.prescribe(&f, s)
	for _, r := range f.Publish {
		f.Expected = []string{r.Data.String()}
	}
	last := len(v.Findings)
	v.MissingOrDoubled(f, s.doubled, func(a record.Answer) bool { return len(policyRecords(a)) > 0 }, rests...)
	for i := range v.Findings[last:] { // the record at the doubled name moves, extended as the file asks
		v.Findings[last+i].Publish, v.Findings[last+i].Drop = f.Publish, f.Drop
	}
}

// noteAbove notes garbled and misplaced records of names above in the same
// organisation.
func (w want) noteAbove(f *finding.Finding, s seen) {
	for _, step := range s.Steps[1:] {
		if strays := step.Strays(); len(strays) > 0 && step.Domain.In(w.domain.Registrable()) {
			f.Notef("there is one at %s that receivers do not see", step.Answer.Question.Name)
			f.Notes = append(f.Notes, strayWords(strays)...)
		}
	}
	for _, a := range s.beyond {
		if strays := dmarc.Strays(a); len(a.Chain) == 0 && len(policyRecords(a))+len(strays) > 0 {
			f.Notef("there is one at %s, where receivers do not look; it belongs at _dmarc.%s", a.Question.Name, strings.TrimPrefix(string(a.Question.Name), "dmarc."))
			f.Notes = append(f.Notes, strayWords(strays)...)
		}
	}
}

// strayWords say why records do not count.
func strayWords(strays []dmarc.Stray) (notes []string) {
	for _, stray := range strays {
		notes = append(notes, fmt.Sprintf("%.80s does not count: %s", stray.Record.Text(), stray.Why))
	}
	return notes
}

// judgeDuplicate reports several records at a name, and the policy that takes
// effect instead.
func (w want) judgeDuplicate(v *part.Verdict, f finding.Finding, s seen, at dmarc.Step) {
	f.Check = Duplicate
	f.Message = fmt.Sprintf("%s has %d DMARC records; receivers use none of them, and ", at.Answer.Question.Name, len(at.Records))
	switch s.Outcome {
	case dmarc.Applies:
		f.Message += fmt.Sprintf("the policy %s of _dmarc.%s applies", s.Effective(s.exists.Status != record.NoName).Policy, s.PolicyDomain)
	case dmarc.Invalid:
		f.Message += fmt.Sprintf("the record at _dmarc.%s cannot be applied", s.PolicyDomain)
	case dmarc.Missing:
		f.Message += "no policy applies"
	default:
		f.Message += "it is not known which policy applies, because a query about a parent domain was not answered"
	}
	for _, r := range at.Records {
		f.Actual = append(f.Actual, r.Text.String())
	}
	slices.Sort(f.Actual)
	f.Cause = "dmarc-duplicate " + string(at.Answer.Question.Name)
	w.prescribe(&f, s)
	for _, step := range s.Steps {
		v.Beside(step.Answer)
	}
	v.Beside(s.exists)
	v.Add(f, at.Answer)
}

// because adds to a question that failed what the walk passed over to come to
// it: that can be corrected, whatever the answer would have been.
func (s seen) because(a record.Answer) record.Answer {
	var passed []string
	for _, step := range s.Steps {
		for _, stray := range step.Strays() {
			passed = append(passed, fmt.Sprintf("%.80s at %s is not a DMARC record: %s", stray.Record.Text(), step.Answer.Question.Name, stray.Why))
		}
		for _, r := range step.Records {
			if fatal, useless := r.Fatal(); useless {
				passed = append(passed, fmt.Sprintf("the record at %s cannot be applied: %s", step.Answer.Question.Name, fatal))
			}
		}
	}
	if len(passed) > 0 {
		f := *a.Failure
		f.Detail = strings.TrimPrefix(f.Detail+"; it was asked since "+strings.Join(passed, "; "), "; ")
		a.Failure = &f
	}
	return a
}

// judgePolicy compares the policy in effect with the expected one. It reports
// whether it has described how receivers read p, sp and np.
func (w want) judgePolicy(v *part.Verdict, f finding.Finding, s seen, rest record.Answer) (reported bool) {
	if w.Policy == nil {
		return false
	}
	want, ok := dmarc.ParsePolicy(w.Policy.Value)
	if !ok {
		return false // impossible: the reader of the file checked it
	}
	if s.exists.Status == record.Unknown && s.exists.Failure != nil {
		v.Unknown(s.exists, w.record(), w.Place, Policy)
		return false
	}
	effect := s.Effective(s.exists.Status != record.NoName)
	if effect.Policy >= want {
		return false
	}
	f.Check = Policy
	f.Place = w.Policy.Place
	f.Expected = []string{"p=" + want.String()}
	f.Message = fmt.Sprintf("the DMARC policy of %s is %s, weaker than %s", w.domain, effect.Policy, want)
	if effect.Inherited {
		f.Message += fmt.Sprintf(": it is inherited as %s from _dmarc.%s", effect.Tag, s.PolicyDomain)
		f.Cause = "dmarc-policy " + string(s.PolicyDomain)
	}
	if s.Record.AsNone {
		f.Notef("receivers read the record as p=none, because %s", asNoneWords(rest))
	}
	if effect.Policy != effect.Published {
		f.Notef("%s=%s is published, and t=y lowers it by one step", effect.Tag, effect.Published)
	}
	if effect.Inherited {
		s.wayOut(&f, w, effect, rest)
	}
	w.prescribe(&f, s)
	v.Add(f, rest)
	return s.Record.AsNone
}

// asNoneWords say why receivers read a record as p=none.
func asNoneWords(a record.Answer) string {
	repaired := dmarc.Repair(policyRecords(a)...)
	var faults []dmarc.Fault
	for _, f := range repaired.Faults {
		if f.Tag == "p" || f.Tag == "sp" || f.Tag == "np" {
			faults = append(faults, f)
		}
	}
	if len(faults) == 0 {
		return "there is no p tag"
	}
	return dmarc.Words(faults)
}

// wayOut notes further records at the domain's own name, and the names at which
// an inherited policy, which is in the answer at, can be raised.
func (s seen) wayOut(f *finding.Finding, w want, effect dmarc.Effect, at record.Answer) {
	f.Notes = append(f.Notes, strayWords(s.Steps[0].Strays())...)
	if from, strays := s.elsewhere(); from.Question.Name != "" {
		f.Notef("there is a record at %s, where receivers do not look", from.Question.Name)
		f.Notes = append(f.Notes, strayWords(strays)...)
	}
	if s.Record.AsNone {
		f.Notef("correct that record, or publish one at %s", w.record().Name)
		return
	}
	concerns := map[string]string{"p": "%s and the names below it", "sp": "all names below %s", "np": "all names below %s that do not exist"}[effect.Tag]
	f.Notef("raise it with a record at %s, or with %s at _dmarc.%s, which also affects "+concerns, w.record().Name, effect.Tag, s.PolicyDomain, s.PolicyDomain)
	if len(at.Chain) > 0 {
		f.Notef("_dmarc.%s is a CNAME, so its record is the one at %s", s.PolicyDomain, at.Owner())
	}
}

func show(w want, s seen, p *snapshot.Snapshot) {
	one := &snapshot.DMARC{State: snapshot.Wrong}
	p.DMARC = one
	switch s.Outcome {
	case dmarc.Open:
		one.State = snapshot.Unknown
	case dmarc.Missing:
		one.State = snapshot.Missing
		if at, twice := s.Duplicate(); twice {
			one.State, one.At = snapshot.Wrong, at.Answer.Question.Name
		}
	case dmarc.Invalid:
		one.At = s.PolicyDomain.Child("_dmarc")
	case dmarc.Applies:
		one.State = snapshot.Right
		one.At = s.PolicyDomain.Child("_dmarc")
		one.ASPF, one.ADKIM, one.Testing = s.Record.ASPF.String(), s.Record.ADKIM.String(), s.Record.T
		effect := s.Effective(s.exists.Status != record.NoName)
		one.Tag, one.Inherited = effect.Tag, effect.Inherited
		if s.exists.Failure == nil {
			one.Policy = effect.Policy.String()
		}
		below := s.Discovery
		below.Domain = w.domain.Child("x")
		one.Subdomains = below.Effective(true).Policy.String()
		for _, u := range s.Record.RUA {
			if u.Wrong != "" {
				one.Unusable++
				continue
			}
			one.Reports = append(one.Reports, u.Text.Bare())
		}
	}
	if chain := s.Steps[0].Answer.Chain; len(chain) > 0 {
		one.CNAME = chain[0]
	}
	if s.Record != nil {
		one.Record = s.Record.Text.String()
	}
}

// doubt withdraws that there is no policy.
func doubt(f finding.Finding, p *snapshot.Snapshot) {
	if f.Check == Missing {
		p.DMARC = &snapshot.DMARC{State: snapshot.Unknown}
	}
}

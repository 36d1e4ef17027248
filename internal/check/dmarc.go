package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

const rfc9989 = "https://www.rfc-editor.org/rfc/rfc9989"

// The checks of this part.
var (
	DMARCMissing = &Check{
		ID: "dmarc-missing", Severity: Error, Since: "1.0.0", Denies: wanted.DMARCRecord, Absence: true, Ends: true,
		Title:   "No DMARC policy applies to the domain",
		Means:   "There is no DMARC record at _dmarc.<domain>, nor at any name above it that RFC 9989's tree walk looks at.",
		Matters: "receivers have no policy to apply to forged mail, and large mailbox providers reject bulk mail from domains without DMARC",
		Mend:    "Publish a DMARC record. To begin without risk, use p=none with a rua address, read the reports, then raise the policy.",
		Sources: []string{rfc9989 + "#section-4.10", "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html"},
	}
	DMARCDuplicate = &Check{
		ID: "dmarc-duplicate", Severity: Error, Since: "1.0.0", Denies: wanted.DMARCRecord, Ends: true,
		Title:   "There are several DMARC records at one name",
		Means:   "More than one TXT record at the name starts with v=DMARC1. Receivers that follow RFC 9989 discard them all and go on to the names above; those that follow RFC 7489 stop there.",
		Matters: "receivers use none of them: they apply the policy of a name above, or none at all",
		Mend:    "Keep one record and delete the others.",
		Sources: []string{rfc9989 + "#section-4.10", "https://www.rfc-editor.org/rfc/rfc7489#section-6.6.3"},
	}
	DMARCInvalid = &Check{
		ID: "dmarc-invalid", Severity: Error, Since: "1.0.0", Denies: wanted.DMARCRecord, Ends: true,
		Title:   "The DMARC record cannot be applied",
		Means:   "The record starts with v=DMARC1, but receivers cannot make a policy of it: it has no readable policy and no usable rua, or the same tag twice.",
		Matters: "receivers apply no DMARC to mail of the domain",
		Mend:    "Correct the tag that is named.",
		Sources: []string{rfc9989 + "#section-4.10.1", "https://www.rfc-editor.org/rfc/rfc6376#section-3.2"},
	}
	DMARCPolicy = &Check{
		ID: "dmarc-policy", Severity: Error, Since: "1.0.0", Denies: wanted.DMARCRecord,
		Title:   "The DMARC policy is weaker than the file asks",
		Means:   "The policy that takes effect, from the domain's own record or inherited, is less strict than the file says it must at least be.",
		Matters: "receivers let forged mail through that the organisation means to have quarantined or rejected",
		Mend:    "Raise p. Where the policy is inherited, give the domain a record of its own, or raise p, sp or np in the record above, which concerns the names below that too. Take out t=y, which lowers the policy by one step.",
		Sources: []string{rfc9989 + "#section-4.7", rfc9989 + "#section-4.10.1"},
	}
	DMARCMismatch = &Check{
		ID: "dmarc-mismatch", Severity: Warning, Since: "1.0.0", Denies: wanted.DMARCRecord, Listed: true,
		Title:   "A tag of the DMARC record differs from the file",
		Means:   "A tag that the file lists, sp, np, aspf, adkim or rua, has another value in the record that applies.",
		Matters: "receivers treat mail from subdomains, or alignment, otherwise than the organisation means, or reports go elsewhere",
		Mend:    "Correct the tag in the record, or in the file.",
		Sources: []string{rfc9989 + "#section-4.7"},
	}
	DMARCAlignment = &Check{
		ID: "dmarc-alignment", Severity: Warning, Since: "1.0.0",
		Title:   "Mail sent through SES cannot pass DMARC",
		Means:   "As the file describes the identity, neither leg aligns with the domain. SES does not sign with DKIM. And SPF passes for amazonses.com, since there is no custom MAIL FROM domain, or for a MAIL FROM domain that aspf=s does not take, since it is not the domain itself.",
		Matters: "all mail of this identity fails DMARC, and receivers apply the policy to it",
		Mend:    "Let SES sign with Easy DKIM. Or set up a custom MAIL FROM domain and take aspf=s out: SES takes only a name below the domain, and aspf=s only the domain itself.",
		Sources: []string{rfc9989 + "#section-4.4", "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html"},
	}
	DMARCReportInvalid = &Check{
		ID: "dmarc-report-invalid", Severity: Warning, Since: "1.0.0",
		Title:   "Nobody can send to an address for DMARC reports",
		Means:   "What stands in rua or ruf is no URI that receivers can use: mailto: is missing or misspelt, or something else stands where a comma belongs.",
		Matters: "receivers ignore the address and send no reports to it",
		Mend:    "Write each address as mailto:name@host, with commas between them.",
		Sources: []string{rfc9989 + "#section-4.8"},
	}
	DMARCTagInvalid = &Check{
		ID: "dmarc-tag-invalid", Severity: Warning, Since: "1.0.0",
		Title:   "Receivers ignore a tag of the DMARC record",
		Means:   "A tag has a value that RFC 9989 does not know, or stands where receivers do not see it, so that its default applies. Where that is p, sp or np and there is a usable rua, receivers read the whole record as p=none. It is also found of a record that is none because of a slip in v=DMARC1, while the record of a name above applies; and of pct=0, which RFC 9989 removed and older receivers obey.",
		Matters: "receivers treat mail otherwise than the record was meant to ask",
		Mend:    "Correct the tag that is named.",
		Sources: []string{rfc9989 + "#section-4.8", rfc9989 + "#section-4.10.1", rfc9989 + "#appendix-A.6"},
	}
	DMARCReportUnauthorized = &Check{
		ID: "dmarc-report-unauthorized", Severity: Warning, Since: "1.0.0",
		Title:   "A host outside has not agreed to receive DMARC reports",
		Means:   "The record sends reports to another organisation, and that has no record at <domain>._report._dmarc.<host> which says that it takes them.",
		Matters: "receivers do not send the reports",
		Mend:    "Ask those who get the reports to publish the record, or send the reports to an address of your own.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc9990#section-4", "https://www.rfc-editor.org/rfc/rfc9991#section-5"},
	}
)

// dmarcPart looks for the DMARC policy that takes effect for the domain.
var dmarcPart = partOf[dmarcWant, dmarcSeen]{
	name:    wanted.DMARCRecord,
	checks:  []*Check{DMARCMissing, DMARCDuplicate, DMARCInvalid, DMARCPolicy, DMARCMismatch, DMARCAlignment, DMARCReportInvalid, DMARCTagInvalid, DMARCReportUnauthorized},
	wants:   wantDMARC,
	scope:   scopeDMARC,
	items:   dmarcWant.items,
	observe: observeDMARC,
	judge:   judgeDMARC,
	show:    showDMARC,
	doubt:   doubtDMARC,
}

type dmarcWant struct {
	domain     record.Name
	identities []config.Identity
	*config.DMARC
}

func (w dmarcWant) record() record.Question {
	return record.Question{Name: w.domain.Child("_dmarc"), Type: record.TXT}
}

type dmarcSeen struct {
	dmarc.Discovery
	exists  record.Answer   // TXT of the domain; asked only where an inherited np may decide
	doubled []record.Answer // asked only where no record applies
	astray  []record.Answer // where people publish it by mistake; asked only where something is wrong
	reports []reportSeen    // where the record that applies sends reports outside

	above map[record.Name]*config.DMARC // what the file asks of the names above
}

func wantDMARC(d *config.Domain) []dmarcWant {
	if d.DMARC == nil {
		return nil
	}
	return []dmarcWant{{d.Name, d.Identities, d.DMARC}}
}

// checks are the ids that are judged, in the table's order.
func (w dmarcWant) checks() []*Check {
	all := []*Check{DMARCMissing, DMARCDuplicate, DMARCInvalid}
	if w.Policy != nil {
		all = append(all, DMARCPolicy)
	}
	if len(w.tags()) > 0 {
		all = append(all, DMARCMismatch)
	}
	return append(all, DMARCAlignment, DMARCReportInvalid, DMARCTagInvalid, DMARCReportUnauthorized)
}

func scopeDMARC(w dmarcWant) []scope { return []scope{{record: w.record(), checks: w.checks()}} }

func observeDMARC(ctx context.Context, a asks, w dmarcWant) dmarcSeen {
	s := dmarcSeen{Discovery: dmarc.Discover(ctx, dmarc.Askers{Own: a.own, Upper: a.shared}, w.domain)}
	for _, step := range s.Steps[1:] {
		if d := a.domains[step.Domain]; d != nil && d.DMARC != nil {
			if s.above == nil {
				s.above = map[record.Name]*config.DMARC{}
			}
			s.above[step.Domain] = d.DMARC
		}
	}
	if s.Outcome == dmarc.Applies {
		s.reports = observeReports(ctx, a, s.Discovery)
		if s.PolicyDomain != w.domain && s.Record.NP != nil {
			s.exists = a.own.Ask(ctx, record.Question{Name: w.domain, Type: record.TXT})
		}
	}
	if s.Outcome == dmarc.Missing {
		s.doubled = a.doubled(ctx, w.record(), w.domain)
	}
	if s.Outcome == dmarc.Missing || s.Outcome == dmarc.Applies && s.PolicyDomain != w.domain && !w.satisfied(s.Discovery, s.exists) {
		s.astray = observeAstray(ctx, a, w.domain)
	}
	return s
}

// observeAstray asks for a DMARC record at the domain itself and at dmarc, without
// the underscore. What a wildcard answers stands nowhere.
func observeAstray(ctx context.Context, a asks, domain record.Name) []record.Answer {
	var qs []record.Question
	for _, n := range []record.Name{domain, domain.Child("dmarc")} {
		if _, err := record.ParseName(string(n)); err == nil {
			qs = append(qs, record.Question{Name: n, Type: record.TXT})
		}
	}
	return slices.DeleteFunc(a.all(ctx, qs...), func(got record.Answer) bool {
		return got.Status == record.Found && got.Question.Name != domain && sameRecord(got, a.own.Ask(ctx, probeBeside(got.Question)))
	})
}

func judgeDMARC(w dmarcWant, s dmarcSeen) (v verdict) {
	var rests []record.Answer
	for _, step := range s.Steps {
		rests = append(rests, step.Answer)
	}
	for _, a := range s.astray {
		v.beside(a)
	}
	f := Finding{Record: w.record(), Place: w.Place}
	if at, twice := s.Duplicate(); twice {
		w.judgeDuplicate(&v, f, s, at)
		return v
	}
	switch s.Outcome {
	case dmarc.Open:
		for _, a := range rests {
			if a.Status == record.Unknown {
				v.unknown(s.because(a), w.record(), w.Place, w.checks()...)
			}
		}
	case dmarc.Missing:
		w.judgeMissing(&v, f, s, rests)
	case dmarc.Invalid:
		at, _ := s.At()
		f.Check = DMARCInvalid
		f.Cause = "dmarc-invalid " + string(s.PolicyDomain)
		f.Actual = []string{s.Record.Text.String()}
		fatal, _ := s.Record.Fatal()
		f.Message = fmt.Sprintf("the DMARC record at _dmarc.%s cannot be applied: %s", s.PolicyDomain, fatal)
		if words := dmarc.Words(dmarc.Repair(policyRecords(at.Answer)...).Faults); words != "" && words != "there is no p tag" {
			f.note("%s", words)
		}
		w.prescribe(&f, s)
		v.add(f, at.Answer)
	case dmarc.Applies:
		at, _ := s.At()
		f.Actual = []string{s.Record.Text.String()}
		told := w.judgePolicy(&v, f, s, at.Answer)
		w.judgeTags(&v, f, s, at.Answer)
		w.judgeAlignment(&v, f, s, at.Answer)
		w.judgeFaults(&v, f, s, told)
		w.judgeReports(&v, f, s)
	}
	return v
}

// judgeMissing says that no record applies, and what stands in its place.
func (w dmarcWant) judgeMissing(v *verdict, f Finding, s dmarcSeen, rests []record.Answer) {
	own := s.Steps[0]
	f.Check = DMARCMissing
	f.Message = fmt.Sprintf("no DMARC record applies: none at %s, nor at the names above it that receivers look at", own.Answer.Question.Name)
	f.Actual = data(own.Answer)
	f.notes = append(f.notes, strayWords(own.Strays())...)
	if from, strays := s.elsewhere(); from.Question.Name != "" {
		f.astray = true
		f.note("it stands at %s instead", from.Question.Name)
		f.notes = append(f.notes, strayWords(strays)...)
		f.Actual = append(f.Actual, data(from)...)
		slices.Sort(f.Actual)
	}
	w.prescribe(&f, s)
	for _, r := range f.fix {
		f.Expected = []string{r.Data.String()}
	}
	last := len(v.findings)
	v.missingOrDoubled(f, s.doubled, func(a record.Answer) bool { return len(policyRecords(a)) > 0 }, rests...)
	for i := range v.findings[last:] { // the record at the doubled name moves, with what the file asks more of it
		v.findings[last+i].fix, v.findings[last+i].drop = f.fix, f.drop
	}
}

// strayWords say why records are none.
func strayWords(strays []dmarc.Stray) (notes []string) {
	for _, stray := range strays {
		notes = append(notes, fmt.Sprintf("%.80s is none: %s", stray.Record.Text(), stray.Why))
	}
	return notes
}

// judgeDuplicate says that a name has several records, and what takes effect in
// their place.
func (w dmarcWant) judgeDuplicate(v *verdict, f Finding, s dmarcSeen, at dmarc.Step) {
	f.Check = DMARCDuplicate
	f.Message = fmt.Sprintf("%s has %d DMARC records; receivers use none of them, and ", at.Answer.Question.Name, len(at.Records))
	switch s.Outcome {
	case dmarc.Applies:
		f.Message += fmt.Sprintf("the policy %s of _dmarc.%s applies", s.Effective(s.exists.Status != record.NoName).Policy, s.PolicyDomain)
	case dmarc.Invalid:
		f.Message += fmt.Sprintf("the record at _dmarc.%s cannot be applied", s.PolicyDomain)
	case dmarc.Missing:
		f.Message += "no policy applies"
	default:
		f.Message += "which policy applies is not known, since a question about a name above was not answered"
	}
	for _, r := range at.Records {
		f.Actual = append(f.Actual, r.Text.String())
	}
	slices.Sort(f.Actual)
	f.Cause = "dmarc-duplicate " + string(at.Answer.Question.Name)
	w.prescribe(&f, s)
	for _, step := range s.Steps {
		v.beside(step.Answer)
	}
	v.beside(s.exists)
	v.add(f, at.Answer)
}

// because adds to a question that failed what the walk passed over to come to
// it: that can be corrected, whatever the answer would have been.
func (s dmarcSeen) because(a record.Answer) record.Answer {
	var passed []string
	for _, step := range s.Steps {
		for _, stray := range step.Strays() {
			passed = append(passed, fmt.Sprintf("%.80s at %s is no DMARC record: %s", stray.Record.Text(), step.Answer.Question.Name, stray.Why))
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

// judgePolicy holds the policy that takes effect against the one asked for. It
// reports whether it has told what receivers make of p, sp and np.
func (w dmarcWant) judgePolicy(v *verdict, f Finding, s dmarcSeen, rest record.Answer) (told bool) {
	if w.Policy == nil {
		return false
	}
	want, ok := dmarc.ParsePolicy(w.Policy.Value)
	if !ok {
		return false // the file would not have been read
	}
	if s.exists.Status == record.Unknown && s.exists.Failure != nil {
		v.unknown(s.exists, w.record(), w.Place, DMARCPolicy)
		return false
	}
	effect := s.Effective(s.exists.Status != record.NoName)
	if effect.Policy >= want {
		return false
	}
	f.Check = DMARCPolicy
	f.Place = w.Policy.Place
	f.Expected = []string{"p=" + want.String()}
	f.Message = fmt.Sprintf("the DMARC policy of %s is %s, weaker than %s", w.domain, effect.Policy, want)
	if effect.Inherited {
		f.Message += fmt.Sprintf(": it is inherited as %s from _dmarc.%s", effect.Tag, s.PolicyDomain)
		f.Cause = "dmarc-policy " + string(s.PolicyDomain)
	}
	if s.Record.AsNone {
		f.note("receivers read the record as p=none, since %s", asNoneWords(rest))
	}
	if effect.Policy != effect.Published {
		f.note("%s=%s is published, and t=y makes it one step lower", effect.Tag, effect.Published)
	}
	if effect.Inherited {
		s.wayOut(&f, w, effect)
	}
	w.prescribe(&f, s)
	v.add(f, rest)
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

// wayOut says what else there is at the domain's own name, and at which names an
// inherited policy can be raised.
func (s dmarcSeen) wayOut(f *Finding, w dmarcWant, effect dmarc.Effect) {
	f.notes = append(f.notes, strayWords(s.Steps[0].Strays())...)
	if from, strays := s.elsewhere(); from.Question.Name != "" {
		f.note("a record stands at %s, where receivers do not look", from.Question.Name)
		f.notes = append(f.notes, strayWords(strays)...)
	}
	if s.Record.AsNone {
		f.note("repair that record, or publish one at %s", w.record().Name)
		return
	}
	concerns := map[string]string{"p": "%s and the names below it", "sp": "all names below %s", "np": "all names below %s that do not exist"}[effect.Tag]
	f.note("raise it by a record at %s, or by %s at _dmarc.%s, which concerns "+concerns, w.record().Name, effect.Tag, s.PolicyDomain, s.PolicyDomain)
}

func showDMARC(w dmarcWant, s dmarcSeen, p *Snapshot) {
	one := &DMARCSnapshot{State: Wrong}
	p.DMARC = one
	switch s.Outcome {
	case dmarc.Open:
		one.State = Unknown
	case dmarc.Missing:
		one.State = Missing
		if at, twice := s.Duplicate(); twice {
			one.State, one.At = Wrong, at.Answer.Question.Name
		}
	case dmarc.Invalid:
		one.At = s.PolicyDomain.Child("_dmarc")
	case dmarc.Applies:
		one.State = Right
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

// doubtDMARC takes back that there is no policy.
func doubtDMARC(f Finding, p *Snapshot) {
	if f.Check == DMARCMissing {
		p.DMARC = &DMARCSnapshot{State: Unknown}
	}
}

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
	"github.com/sescheck/sescheck/internal/wanted"
)

// This file makes the DMARC record to publish, and lists the records to remove
// for it. Live tags stay, no policy becomes weaker, and if a correction is not
// certain there is no record.

// plan is the record to publish at a name.
type plan struct {
	name record.Name
	text untrusted.Text // the record; may be empty
	drop []record.RR    // records to remove
	why  string         // why there is no record
	harm bool           // the reason is that it would be worse than the live one
	note string         // what third parties must do first
}

// prescribe adds to every finding the same DMARC record to publish, so that fixes
// do not undo each other: the domain's own, or the repaired one of a name above
// if that is enough. Without a record, it adds advice.
func (w want) prescribe(f *finding.Finding, s seen) {
	own := w.planOwn(s)
	at := s.Steps[0].Answer
	fact, first := part.CnameWords(at, len(policyRecords(at))+len(strayRecords(at)) > 0, s.unregistered)
	f.CNAME = fact
	f.Amended, f.Unamended = own.text, own.why
	if fact != "" {
		f.Unamended = fact + ". " + first
	}
	plan := own
	if above := w.planAbove(s); above.text.Len() > 0 || f.Check == Duplicate && above.name != "" {
		plan = above
	}
	switch {
	case plan.text.Len() > 0:
		f.Publish = []record.RR{finding.ToPublish(plan.name, record.NewTXT(plan.text.Raw()))}
		f.Drop = plan.drop
		if plan.note != "" {
			f.Notef("%s", plan.note)
		}
		if fact != "" {
			f.CNAME += "; delete it" + s.unless(at)
		}
	case first != "":
		f.Advice = first
	case plan.harm:
		advise(f, "decide which is right: "+plan.why)
	case plan.why != "" && f.Check == Duplicate:
		advise(f, "keep one record and delete the others; it is not certain which tags are right: "+plan.why)
	case plan.why != "" && strings.Contains(f.Text(), plan.why):
		advise(f, "correct the record by hand, because its meaning is not certain")
	case plan.why != "":
		advise(f, "correct the record by hand; its meaning is not certain: "+plan.why)
	}
}

// advise adds advice in place of a record.
func advise(f *finding.Finding, words string) {
	f.Advice = strings.ToUpper(words[:1]) + words[1:] + "."
}

// planOwn is the record of the domain itself: the repaired live record, or a
// misplaced one; otherwise a copy of the inherited record; otherwise the minimum
// that the file asks for.
func (w want) planOwn(s seen) plan {
	own := s.Steps[0]
	p := plan{name: w.record().Name}
	if len(own.Answer.Chain) > 0 {
		if len(own.Records)+len(own.Strays()) > 0 {
			return p // the owner of the CNAME's target decides
		}
		p.drop = finding.LiveCNAME(own.Answer)
	}
	var r dmarc.Repaired
	here, strays := policyRecords(own.Answer), strayRecords(own.Answer)
	elsewhere, _ := s.elsewhere()
	from := append(policyRecords(elsewhere), strayRecords(elsewhere)...)
	switch {
	case len(here) > 0:
		r, p.drop = dmarc.Repair(here...), finding.LiveRecords(own.Answer, here...)
	case len(strays) > 0:
		r, p.drop = dmarc.Repair(strays...), finding.LiveRecords(own.Answer, strays...)
	case len(from) > 0:
		r, p.drop = dmarc.Repair(from...), append(p.drop, finding.LiveRecords(elsewhere, from...)...)
	case s.inherits(w.domain):
		r = s.copied()
		p.note = w.agreement(r.Record())
	default:
		r = dmarc.Repair(record.NewTXT(wanted.DMARC(w.DMARC)))
	}
	w.amend(&r)
	p.text, p.why = r.Text()
	if p.text.Len() == 0 {
		return p
	}
	if p.why = w.harm(s, dmarc.Parse(p.text)); p.why != "" {
		p.text, p.harm = untrusted.Text{}, true
	}
	return p
}

// harm says how a record would be worse than the live one, or "".
func (w want) harm(s seen, r *dmarc.Record) string {
	if inherited := s.inheritedPolicy(w.domain); r.P < inherited {
		return fmt.Sprintf("the corrected record would be weaker than the policy %s, which is inherited now", inherited)
	}
	if live := s.Record; r.ASPF == dmarc.Strict && live != nil && live.ASPF != dmarc.Strict && w.needsRelaxed() {
		return "with aspf=s, mail through SES could not pass DMARC, because it is not signed with DKIM"
	}
	return ""
}

// needsRelaxed reports whether mail of an identity can pass DMARC only through a MAIL
// FROM name, which aligns only without aspf=s.
func (w want) needsRelaxed() bool {
	return slices.ContainsFunc(w.identities, func(id config.Identity) bool { return id.DKIM != nil && id.DKIM.None && id.MailFrom != nil })
}

// agreement names the hosts that must agree before a copy of an inherited record
// can send them reports about another domain; "" for none.
func (w want) agreement(r *dmarc.Record) string {
	for _, u := range slices.Concat(r.RUA, r.RUF) {
		if u.Wrong == "" && u.Host != "" && u.Host.Registrable() != w.domain.Registrable() {
			return fmt.Sprintf("with a record of its own, %s must also agree to receive reports about %s", u.Host, w.domain)
		}
	}
	return ""
}

// planAbove is the repaired record of a name above, extended as the file asks
// there, if that is enough. There is none if the domain has a record of its own
// to repair.
func (w want) planAbove(s seen) (p plan) {
	at, twice := s.Duplicate()
	if !twice {
		at, _ = s.At()
	}
	own := s.Steps[0]
	ours := at.Domain != "" && at.Domain != w.domain && at.Domain.In(w.domain.Registrable())
	if !ours || len(at.Answer.Chain) > 0 || len(own.Answer.Chain) > 0 || len(own.Records)+len(own.Strays()) > 0 {
		return p
	}
	up := want{domain: at.Domain, DMARC: s.above[at.Domain]}
	if up.DMARC == nil {
		up.DMARC = &config.DMARC{}
	}
	live := policyRecords(at.Answer)
	r := dmarc.Repair(live...)
	if r.Record().PSD == dmarc.PSDYes {
		return p
	}
	up.amend(&r)
	p = plan{name: up.record().Name, drop: finding.LiveRecords(at.Answer, live...)}
	p.text, p.why = r.Text()
	sound := len(live) == 1 && p.text == live[0].Text()
	if p.text.Len() == 0 {
		return p
	}
	after := s.with(at, p.text)
	if sound || !w.satisfied(after, s.exists) || w.harm(s, after.Record) != "" {
		p.text = untrusted.Text{}
	}
	return p
}

// amend adds the tags of the file to a record.
func (w want) amend(r *dmarc.Repaired) {
	w.raise(r)
	if w.ASPF == nil && r.Record().ASPF == dmarc.Strict && w.needsRelaxed() {
		r.Remove("aspf")
	}
	for _, tag := range w.tags() {
		if tag.name != "rua" && tag.live(r.Record()) != tag.want.Value {
			r.Set(tag.name, tag.want.Value)
		}
	}
	for _, uri := range w.RUA {
		want := dmarc.ParseURI(untrusted.New(uri.Value))
		if slices.ContainsFunc(r.Record().RUA, want.Same) {
			continue
		}
		if open, ok := r.Fault("rua"); ok && open.Open {
			continue
		}
		list := want.Text.Raw()
		if rua, ok := r.Tag("rua"); ok {
			list = rua.Value.Raw() + "," + list
		}
		r.Set("rua", list)
	}
}

// raise makes the policy of a record as strict as the file asks. An uncertain
// policy counts as the strictest possible one.
func (w want) raise(r *dmarc.Repaired) {
	if w.Policy == nil {
		if open, ok := r.Fault("p"); ok && open.Open && open.Most == dmarc.None {
			r.Set("p", dmarc.None.String())
		}
		return
	}
	want, ok := dmarc.ParsePolicy(w.Policy.Value)
	if !ok {
		return // impossible: the reader of the file checked it
	}
	i := slices.IndexFunc(r.Faults, func(f dmarc.Fault) bool { return f.Open && f.Tag == "p" })
	live := r.Record()
	effect := live.P
	if live.T {
		effect = effect.Lower()
	}
	switch {
	case i >= 0 && r.Faults[i].Most > want:
		return
	case i >= 0:
		r.Set("p", want.String())
		r.Remove("t")
	case effect < want:
		r.Set("p", max(want, live.P).String())
		r.Remove("t") // t=y lowers the policy by a step
	}
	if pct, ok := r.Tag("pct"); ok && isZero(pct) && want >= live.P {
		r.Remove("pct") // with pct=0, older receivers apply the policy to no mail
	}
}

// isZero reports whether a pct is 0.
func isZero(pct dmarc.Tag) bool {
	v := pct.Value.Raw()
	return v != "" && strings.Trim(v, "0") == ""
}

// satisfied reports whether a walk finds what the file asks for.
func (w want) satisfied(d dmarc.Discovery, exists record.Answer) bool {
	if d.Outcome != dmarc.Applies {
		return false
	}
	differs := func(tag wantedTag) bool { return tag.live(d.Record) != tag.want.Value }
	if slices.ContainsFunc(w.tags(), differs) {
		return false
	}
	if w.Policy == nil {
		return true
	}
	want, _ := dmarc.ParsePolicy(w.Policy.Value)
	switch exists.Status {
	case record.Unknown: // not queried, or failed
		return d.Effective(true).Policy >= want && d.Effective(false).Policy >= want
	default:
		return d.Effective(exists.Status != record.NoName).Policy >= want
	}
}

// policyRecords are the DMARC records of an answer.
func policyRecords(a record.Answer) (all []record.Record) {
	for _, r := range a.Records {
		if dmarc.Is(r.Text()) {
			all = append(all, r)
		}
	}
	return all
}

// strayRecords are the records of an answer that were meant to be DMARC records.
func strayRecords(a record.Answer) (all []record.Record) {
	for _, stray := range dmarc.Strays(a) {
		all = append(all, stray.Record)
	}
	return all
}

// elsewhere is the first answer at a wrong name with a record for the domain, and
// the records there with their mistakes.
func (s seen) elsewhere() (none record.Answer, _ []dmarc.Stray) {
	for _, a := range slices.Concat(s.doubled, s.astray) {
		if len(a.Chain) == 0 && a.Status == record.Found && len(policyRecords(a))+len(dmarc.Strays(a)) > 0 {
			return a, dmarc.Strays(a)
		}
	}
	return none, nil
}

// inherits reports whether the domain has the record of a name above in the same
// organisation.
func (s seen) inherits(domain record.Name) bool {
	return s.Record != nil && s.Record.PSD != dmarc.PSDYes && s.PolicyDomain != domain && s.PolicyDomain.In(domain.Registrable())
}

// inheritedPolicy is the policy of a name above that takes effect, or none.
func (s seen) inheritedPolicy(domain record.Name) dmarc.Policy {
	if s.Outcome != dmarc.Applies || s.PolicyDomain == domain {
		return dmarc.None
	}
	return s.Effective(s.exists.Status != record.NoName).Policy
}

// copied turns the inherited record into one for the domain itself: with the
// inherited policy, and without tags that only concern subdomains.
func (s seen) copied() dmarc.Repaired {
	at, _ := s.At()
	r := dmarc.Repair(policyRecords(at.Answer)...)
	policy := r.Record().P
	if sp := r.Record().SP; sp != nil {
		policy = *sp
	}
	if s.Outcome == dmarc.Applies {
		policy = s.Effective(s.exists.Status != record.NoName).Policy
	}
	open := slices.ContainsFunc(r.Faults, func(f dmarc.Fault) bool { return f.Open && (f.Tag == "p" || f.Tag == "sp") })
	for _, name := range []string{"sp", "np", "psd", "t", "pct", "rf", "ri"} {
		r.Remove(name)
	}
	if !open || s.Outcome == dmarc.Applies {
		r.Set("p", policy.String())
	}
	return r
}

// with is the walk with this one record at a step.
func (s seen) with(at dmarc.Step, text untrusted.Text) dmarc.Discovery {
	known := replay{}
	for _, step := range s.Steps {
		known[step.Answer.Question] = step.Answer
	}
	a := at.Answer
	a.Records = []record.Record{record.NewTXT(text.Raw())}
	known[a.Question] = a
	return dmarc.Discover(context.Background(), dmarc.Askers{Own: known}, s.Domain)
}

// replay is an asker with known answers only.
type replay map[record.Question]record.Answer

func (known replay) Ask(_ context.Context, q record.Question) record.Answer {
	if a, ok := known[q]; ok {
		return a
	}
	return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Offline}}
}

// unless names the owner of a CNAME's target, who must publish the record.
func (s seen) unless(a record.Answer) string {
	org := a.Chain[0].Registrable()
	if org == a.Question.Name.Registrable() || s.unregistered != "" {
		return ""
	}
	return fmt.Sprintf(", unless the owner of %s publishes a record there", org)
}

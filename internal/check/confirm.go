package check

import (
	"context"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// confirm asks once more what the errors of absence rest on, and judges the
// domain again with the new answers in place of the old. A finding that comes
// back is confirmed. One that does not is contradicted, and inconclusive. Where
// no second answer can be had, the first one stands, unconfirmed.
func (r *run) confirm(ctx context.Context, own *memory, d *config.Domain, v *verdict) {
	doubted := map[record.Question]bool{}
	for _, f := range v.findings {
		for _, q := range absences(f) {
			doubted[q] = true
		}
	}
	if len(doubted) == 0 {
		return
	}
	second := newMemory(askerFunc(r.resolver.AskAgain))
	a := asks{crew: r.crew, own: fresh{doubted, second, own}, shared: fresh{doubted, second, r.shared}}
	a.forest = spf.NewForest(ctx, a.shared)
	back := map[key]bool{}
	for _, w := range r.examine(ctx, a, d) {
		for _, f := range w.believed() {
			back[keyOf(f)] = true
		}
	}
	for i := range v.findings {
		f := &v.findings[i]
		qs := absences(*f)
		if len(qs) == 0 {
			continue
		}
		sure := true
		for _, q := range qs {
			sure = sure && second.Ask(ctx, q).Status != record.Unknown
		}
		f.Evidence.Confirmed = &sure
		switch {
		case !sure:
			f.Message += "; asked a second time, nobody answered"
		case !back[keyOf(*f)]:
			r.contradicted(f, d)
		}
	}
}

// contradicted makes a finding inconclusive that a second answer denies.
func (r *run) contradicted(f *Finding, d *config.Domain) {
	no := false
	f.Evidence.Confirmed = &no
	f.Status = Inconclusive
	f.Undecided = []string{f.Check}
	if f.Check == "domain-not-found" { // it took the place of all others
		f.Undecided = checksOf(d)
	}
	f.Message += "; asked again, DNS said otherwise: the record is being changed, or the servers do not agree"
	f.Impact = "unknown, until the servers agree"
	f.Fix = nil
}

// absences returns the questions that an error of absence rests on. Answers
// from the user's own zone files need no second.
func absences(f Finding) []record.Question {
	c := known[f.Check]
	if !c.Absence || c.Severity < Error {
		return nil
	}
	var qs []record.Question
	for _, a := range f.rests {
		if !a.Local {
			qs = append(qs, a.Question)
		}
	}
	return qs
}

// key is what makes two findings the same one.
type key struct {
	check, subject string
	record         record.Question
}

func keyOf(f Finding) key { return key{f.Check, f.Subject, f.Record} }

// fresh answers the doubted questions anew and all others from memory.
type fresh struct {
	doubted map[record.Question]bool
	again   record.Asker
	memory  record.Asker
}

func (f fresh) Ask(ctx context.Context, q record.Question) record.Answer {
	if f.doubted[q] {
		return f.again.Ask(ctx, q)
	}
	return f.memory.Ask(ctx, q)
}

type askerFunc func(context.Context, record.Question) record.Answer

func (f askerFunc) Ask(ctx context.Context, q record.Question) record.Answer { return f(ctx, q) }

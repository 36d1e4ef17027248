package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// probe is a label that nobody has. What answers at it is a wildcard.
const probe = "sescheck-wildcard-probe"

// wildcards notes where a record that differs is no record of its own: the same
// answer comes for a name beside it that nobody has. It asks only about
// findings.
func (r *run) wildcards(ctx context.Context, a asks, d *config.Domain, v *verdict) {
	var about []Finding
	for _, f := range v.findings {
		if covered(f, d.Name) && !slices.ContainsFunc(about, func(o Finding) bool { return o.Record.Name == f.Record.Name }) {
			about = append(about, f)
		}
	}
	probes := make([]record.Question, len(about))
	for i, f := range about {
		probes[i] = probeBeside(f.rests[0].Question)
	}
	for i, got := range a.all(ctx, probes...) {
		f := about[i]
		switch {
		case got.Status == record.Unknown:
			v.unknown(got, f.Record, f.Place, "wildcard-answer")
		case sameRecord(got, f.rests[0]):
			v.add(Finding{
				Check:   "wildcard-answer",
				Part:    f.Part,
				Record:  f.Record,
				Place:   f.Place,
				Actual:  f.Actual,
				Message: fmt.Sprintf("what answers at %s is a wildcard: %s gets the same answer", f.Record.Name, got.Question.Name),
			}, f.rests[0])
			v.withoutRemoval(f.rests[0].Question)
		}
	}
}

func probeBeside(q record.Question) record.Question {
	return record.Question{Name: q.Name.Parent().Child(probe), Type: q.Type}
}

// sameRecord reports whether two names got the same record: the same CNAME, or
// else the same answer.
func sameRecord(a, b record.Answer) bool {
	if len(a.Chain) > 0 && len(b.Chain) > 0 {
		return a.Chain[0] == b.Chain[0]
	}
	return a.Status == record.Found && a.Same(b)
}

// covered reports whether a finding rests on a record that may be a wildcard's:
// something answered, below the domain that can be registered.
func covered(f Finding, domain record.Name) bool {
	if len(f.rests) == 0 {
		return false
	}
	a := f.rests[0]
	return (a.Status == record.Found || len(a.Chain) > 0) && a.Status != record.Unknown && a.Question.Name.Below(wanted.Registrable(domain))
}

// withoutRemoval takes back which records to remove of an answer that a
// wildcard gave: none of them is there.
func (v *verdict) withoutRemoval(q record.Question) {
	for i := range v.findings {
		f := &v.findings[i]
		f.drop = slices.DeleteFunc(f.drop, func(r record.RR) bool { return r.Owner == q.Name })
	}
}

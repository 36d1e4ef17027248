// Package part defines a part of a domain: what the file asks for in it, the
// questions about that, and the judge who compares the two. The folders beside it
// are the parts, one each.
package part

import (
	"context"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Scope is the checks that are judged about one record.
type Scope struct {
	Record record.Question
	Checks []*finding.Check
}

// Part is a part of a domain with its checks: an Of, whatever its types.
type Part interface {
	Table() finding.Table
	Of(*config.Domain) Examination                // nil where the file asks for nothing
	TakeBack(finding.Finding, *snapshot.Snapshot) // what a finding that is not certain shows
	WithoutDNS(*config.Domain) []finding.Finding  // what can be said of the file without DNS
}

// Examined is a part of one domain, as it is counted.
type Examined interface {
	Table() finding.Table
	Scopes() []Scope
	Subjects() [][]string // of each scope, the items of the file that it is about; nil where the part lists none
}

// Examination is a part of one domain: an examinationOf, whatever its types.
type Examination interface {
	Examined
	Examine(context.Context, Asker) Verdict
}

// Of defines a part. W is what the file asks for in it, such as one MAIL FROM
// domain; S is what DNS answers about that.
type Of[W, S any] struct {
	Name    wanted.Part
	Checks  []*finding.Check
	Wants   func(*config.Domain) []W                  // what the file asks for; none: no question is asked
	Scope   func(W) []Scope                           // the records that are judged, with their checks
	Items   func(W) []string                          // the items of the file that findings are about; nil if there are none, else there is one scope
	Observe func(context.Context, Asker, W) S         // asks
	Judge   func(W, S) Verdict                        // compares; it is pure
	Show    func(W, S, *snapshot.Snapshot)            // keeps what reports show; nil if they show nothing
	Doubt   func(finding.Finding, *snapshot.Snapshot) // takes back what a finding that is not certain shows; may be nil
	Static  func(*config.Domain) []finding.Finding    // finds what can be said of the file without DNS; may be nil
}

// Table returns the part's name and checks.
func (p *Of[W, S]) Table() finding.Table { return finding.Table{Name: p.Name, Checks: p.Checks} }

// TakeBack calls Doubt.
func (p *Of[W, S]) TakeBack(f finding.Finding, s *snapshot.Snapshot) {
	if p.Doubt != nil {
		p.Doubt(f, s)
	}
}

// WithoutDNS calls Static.
func (p *Of[W, S]) WithoutDNS(d *config.Domain) []finding.Finding {
	if p.Static == nil {
		return nil
	}
	return p.Static(d)
}

// Of returns the examination of a domain; nil where the file asks for nothing.
func (p *Of[W, S]) Of(d *config.Domain) Examination {
	wants := p.Wants(d)
	if len(wants) == 0 {
		return nil
	}
	return &examinationOf[W, S]{p, wants}
}

// examinationOf is a part with what the file asks for in one domain.
type examinationOf[W, S any] struct {
	*Of[W, S]
	wanted []W
}

// Scopes returns the records that are judged, with their checks.
func (e *examinationOf[W, S]) Scopes() []Scope {
	if len(e.wanted) == 1 {
		return e.Scope(e.wanted[0])
	}
	var all []Scope
	for _, w := range e.wanted {
		all = append(all, e.Scope(w)...)
	}
	return all
}

// Subjects returns of each scope the items of the file that it is about.
func (e *examinationOf[W, S]) Subjects() (all [][]string) {
	if e.Items == nil {
		return nil
	}
	for _, w := range e.wanted {
		all = append(all, e.Items(w))
	}
	return all
}

// Examine asks and judges. Where RRsets take turns, all of them have to be right:
// the verdict is that of the worst.
func (e *examinationOf[W, S]) Examine(ctx context.Context, a Asker) Verdict {
	v := e.examine(ctx, a)
	for i := 1; i < a.sets(); i++ {
		if other := e.examine(record.WithSet(ctx, i), a); other.worse(v) {
			v = other
		}
	}
	return v
}

// sets is how many RRsets take turns, at the name that has the most of them.
func (a Asker) sets() (most int) {
	for got := range a.Own.Answers {
		most = max(most, got.Sets)
	}
	return most
}

// worse reports whether a verdict has a finding of a higher severity than any of
// another's, or more of that severity.
func (v Verdict) worse(than Verdict) bool {
	for _, s := range []finding.Severity{finding.Error, finding.Warning, finding.Note} {
		count := func(all []finding.Finding) (n int) {
			for _, f := range all {
				if f.Check.Severity == s {
					n++
				}
			}
			return n
		}
		if a, b := count(v.Findings), count(than.Findings); a != b {
			return a > b
		}
	}
	return false
}

func (e *examinationOf[W, S]) examine(ctx context.Context, a Asker) Verdict {
	seen := make([]S, len(e.wanted))
	a.Each(len(e.wanted), func(i int) { seen[i] = e.Observe(ctx, a, e.wanted[i]) })
	v := Verdict{Snapshot: a.snapshot()}
	for i, w := range e.wanted {
		v.Join(e.Judge(w, seen[i]))
		if v.Snapshot != nil && e.Show != nil {
			e.Show(w, seen[i], v.Snapshot)
		}
	}
	v.Belongs(e.Name)
	return v
}

// Belongs notes the part that a verdict is about.
func (v *Verdict) Belongs(part wanted.Part) {
	for i := range v.Findings {
		v.Findings[i].Part = part
	}
	for i := range v.Undecided {
		v.Undecided[i].Part = part
	}
	for i := range v.Promises {
		v.Promises[i].Part = part
	}
}

// Package part defines a part of a domain: its expectations in the file, its
// queries, and the judge that compares the two. Each folder below is one part.
package part

import (
	"context"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Scope is the checks about one record.
type Scope struct {
	Record record.Question
	Checks []*finding.Check
}

// Part is a part of a domain with its checks: an Of, whatever its types.
type Part interface {
	Table() finding.Table
	Of(*config.Domain) Examination                // nil if the file asks for nothing
	TakeBack(finding.Finding, *snapshot.Snapshot) // removes what an uncertain finding shows
	WithoutDNS(*config.Domain) []finding.Finding  // findings about the file alone
}

// Examined is a part of one domain, as it is counted.
type Examined interface {
	Table() finding.Table
	Scopes() []Scope
	Subjects() [][]string // items of the file, for each scope; nil if the part lists none
}

// Examination is a part of one domain: an examinationOf, whatever its types.
type Examination interface {
	Examined
	Examine(context.Context, Asker) Verdict
}

// Of defines a part. W is an expectation of the file, such as one MAIL FROM
// domain; S is the answers of DNS for it.
type Of[W, S any] struct {
	Name    wanted.Part
	Checks  []*finding.Check
	Wants   func(*config.Domain) []W                  // expectations of the file; none: no queries
	Scope   func(W) []Scope                           // records to judge, with their checks
	Items   func(W) []string                          // items of the file that findings are about; nil for none, otherwise there is one scope
	Observe func(context.Context, Asker, W) S         // sends the queries
	Judge   func(W, S) Verdict                        // compares; pure
	Show    func(W, S, *snapshot.Snapshot)            // fills the snapshot for reports; may be nil
	Doubt   func(finding.Finding, *snapshot.Snapshot) // removes from it what an uncertain finding shows; may be nil
	Static  func(*config.Domain) []finding.Finding    // judges the file alone; may be nil
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

// Of returns the examination of a domain; nil if the file asks for nothing.
func (p *Of[W, S]) Of(d *config.Domain) Examination {
	wants := p.Wants(d)
	if len(wants) == 0 {
		return nil
	}
	return &examinationOf[W, S]{p, wants}
}

// examinationOf is a part with the expectations for one domain.
type examinationOf[W, S any] struct {
	*Of[W, S]
	wanted []W
}

// Scopes returns the records to judge, with their checks.
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

// Subjects returns the items of the file for each scope.
func (e *examinationOf[W, S]) Subjects() (all [][]string) {
	if e.Items == nil {
		return nil
	}
	for _, w := range e.wanted {
		all = append(all, e.Items(w))
	}
	return all
}

// Examine observes and judges. If several RRsets rotate at a name, all must be
// right: the worst verdict counts.
func (e *examinationOf[W, S]) Examine(ctx context.Context, a Asker) Verdict {
	v := e.examine(ctx, a)
	for i := 1; i < a.sets(); i++ {
		if other := e.examine(record.WithSet(ctx, i), a); other.worse(v) {
			v = other
		}
	}
	return v
}

// sets is the largest number of rotating RRsets at a name.
func (a Asker) sets() (most int) {
	for got := range a.Own.Answers {
		most = max(most, got.Sets)
	}
	return most
}

// worse compares verdicts by their most severe findings, then by the number of
// these.
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

// Belongs sets the part of a verdict.
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

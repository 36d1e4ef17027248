package check

import (
	"context"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// scope is the checks that are judged about one record.
type scope struct {
	record record.Question
	checks []*Check
}

// part is a part of a domain with its checks: a partOf, whatever its types.
type part interface {
	table() Table
	of(*config.Domain) examination    // nil where the file asks for nothing
	takeBack(Finding, *Snapshot)      // what a finding that is not certain shows
	unasked(*config.Domain) []Finding // what can be said of the file without DNS
}

// examined is a part of one domain, as it is counted.
type examined interface {
	table() Table
	scopes() []scope
	subjects() [][]string // of each scope, the items of the file that it is about; nil where the part lists none
}

// examination is a part of one domain: an examinationOf, whatever its types.
type examination interface {
	examined
	examine(context.Context, asks) verdict
}

// partOf defines a part. W is what the file asks for in it, such as one MAIL FROM
// domain; S is what DNS answers about that.
type partOf[W, S any] struct {
	name    wanted.Part
	checks  []*Check
	wants   func(*config.Domain) []W         // what the file asks for; none: no question is asked
	scope   func(W) []scope                  // the records that are judged, with their checks
	items   func(W) []string                 // the items of the file that findings are about; nil if there are none, else there is one scope
	observe func(context.Context, asks, W) S // asks
	judge   func(W, S) verdict               // compares; it is pure
	show    func(W, S, *Snapshot)            // keeps what reports show; nil if they show nothing
	doubt   func(Finding, *Snapshot)         // takes back what a finding that is not certain shows; may be nil
	static  func(*config.Domain) []Finding   // finds what can be said of the file without DNS; may be nil
}

func (p *partOf[W, S]) table() Table { return Table{Name: p.name, Checks: p.checks} }

func (p *partOf[W, S]) takeBack(f Finding, s *Snapshot) {
	if p.doubt != nil {
		p.doubt(f, s)
	}
}

func (p *partOf[W, S]) unasked(d *config.Domain) []Finding {
	if p.static == nil {
		return nil
	}
	return p.static(d)
}

func (p *partOf[W, S]) of(d *config.Domain) examination {
	wants := p.wants(d)
	if len(wants) == 0 {
		return nil
	}
	return &examinationOf[W, S]{p, wants}
}

// examinationOf is a part with what the file asks for in one domain.
type examinationOf[W, S any] struct {
	*partOf[W, S]
	wanted []W
}

func (e *examinationOf[W, S]) scopes() []scope {
	if len(e.wanted) == 1 {
		return e.scope(e.wanted[0])
	}
	var all []scope
	for _, w := range e.wanted {
		all = append(all, e.scope(w)...)
	}
	return all
}

func (e *examinationOf[W, S]) subjects() (all [][]string) {
	if e.items == nil {
		return nil
	}
	for _, w := range e.wanted {
		all = append(all, e.items(w))
	}
	return all
}

func (e *examinationOf[W, S]) examine(ctx context.Context, a asks) verdict {
	seen := make([]S, len(e.wanted))
	a.each(len(e.wanted), func(i int) { seen[i] = e.observe(ctx, a, e.wanted[i]) })
	v := verdict{snapshot: a.snapshot()}
	for i, w := range e.wanted {
		v.join(e.judge(w, seen[i]))
		if v.snapshot != nil && e.show != nil {
			e.show(w, seen[i], v.snapshot)
		}
	}
	v.belongs(e.name)
	return v
}

// belongs notes the part that a verdict is about.
func (v *verdict) belongs(part wanted.Part) {
	for i := range v.findings {
		v.findings[i].Part = part
	}
	for i := range v.undecided {
		v.undecided[i].part = part
	}
	for i := range v.promises {
		v.promises[i].Part = part
	}
}

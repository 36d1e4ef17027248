package check

import (
	"context"
	"slices"
	"sync"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// noting records a domain's queries to the cache of the run.
type noting struct {
	*part.Cache
	mu      sync.Mutex
	answers []record.Answer
}

func (n *noting) Ask(ctx context.Context, q record.Question) record.Answer {
	a := n.Cache.Ask(ctx, q)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answers = append(n.answers, a)
	return a
}

// note records the queries of a domain that may count as unchanged.
func (r *run) note(d *config.Domain, a *part.Asker) *noting {
	if r.options.Touched == nil || !r.options.Unchanged[d.Name] {
		return nil
	}
	n := &noting{Cache: r.shared}
	a.Shared = n
	return n
}

// touched reports whether records changed that a domain depends on: under its own
// names, at the targets of its records, and in its SPF trees.
func (r *run) touched(own *part.Cache, noted *noting, verdicts []part.Verdict) bool {
	if noted == nil {
		return false
	}
	if slices.ContainsFunc(noted.answers, r.leadsToChange) {
		return true
	}
	for a := range own.Answers {
		if r.leadsToChange(*a) {
			return true
		}
	}
	for _, v := range verdicts {
		for _, t := range v.Trees {
			for _, n := range t.Nodes {
				if r.leadsToChange(n.Answer) {
					return true
				}
				for _, b := range n.Branches {
					if slices.ContainsFunc(b.Answers, r.leadsToChange) {
						return true
					}
				}
			}
		}
	}
	return false
}

// leadsToChange reports whether records of an answer changed, including those
// along its CNAMEs.
func (r *run) leadsToChange(a record.Answer) bool {
	q := a.Question
	if q.Name == "" {
		return false
	}
	if r.options.Touched(q) {
		return true
	}
	return slices.ContainsFunc(a.Chain, func(n record.Name) bool { return r.options.Touched(record.Question{Name: n, Type: q.Type}) })
}

package check

import (
	"context"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// caching is an asker that keeps its answers.
type caching interface {
	record.Asker
	answers(yield func(*record.Answer) bool) // so far, in no order
}

// asks is how a part asks.
type asks struct {
	each   func(n int, do func(i int)) // calls do(0) … do(n-1) concurrently and waits for all
	own    caching                     // for names of the domain: its answers are dropped when the domain is judged
	shared record.Asker                // for names that many domains refer to: its answers are kept for the run
	forest *spf.Forest                 // the SPF trees of shared names

	domains map[record.Name]*config.Domain // of the file

	snapshots bool // what is seen is kept for the reports
}

// snapshot is where to keep what is seen; nil for nowhere.
func (a asks) snapshot() *Snapshot {
	if !a.snapshots {
		return nil
	}
	return &Snapshot{}
}

// all asks several questions about the domain side by side.
func (a asks) all(ctx context.Context, qs ...record.Question) []record.Answer {
	answers := make([]record.Answer, len(qs))
	a.each(len(qs), func(i int) { answers[i] = a.own.Ask(ctx, qs[i]) })
	return answers
}

package part

import (
	"context"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// Caching is an asker that keeps its answers.
type Caching interface {
	record.Asker
	Answers(yield func(*record.Answer) bool) // so far, in no order
}

// Asker is how a part asks.
type Asker struct {
	Each   func(n int, do func(i int)) // calls do(0) … do(n-1) concurrently and waits for all
	Own    Caching                     // for names of the domain: its answers are dropped when the domain is judged
	Shared record.Asker                // for names that many domains refer to: its answers are kept for the run
	Forest *spf.Forest                 // the SPF trees of shared names

	Domains map[record.Name]*config.Domain // of the file

	Snapshots bool // what is seen is kept for the reports
}

// snapshot is where to keep what is seen; nil for nowhere.
func (a Asker) snapshot() *snapshot.Snapshot {
	if !a.Snapshots {
		return nil
	}
	return &snapshot.Snapshot{}
}

// All asks several questions about the domain side by side.
func (a Asker) All(ctx context.Context, qs ...record.Question) []record.Answer {
	answers := make([]record.Answer, len(qs))
	a.Each(len(qs), func(i int) { answers[i] = a.Own.Ask(ctx, qs[i]) })
	return answers
}

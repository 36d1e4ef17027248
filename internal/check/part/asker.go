package part

import (
	"context"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// Caching is an asker with a cache.
type Caching interface {
	record.Asker
	Answers(yield func(*record.Answer) bool) // cached answers, in no order
}

// Asker sends the queries of a part.
type Asker struct {
	Each   func(n int, do func(i int)) // calls do(0) … do(n-1) concurrently and waits for all
	Own    Caching                     // for names of the domain; its cache is dropped when the domain is judged
	Shared record.Asker                // for names that many domains refer to; its cache lasts for the run
	Forest *spf.Forest                 // the SPF trees of shared names

	Domains *Domains // of the file

	Snapshots bool // keep a snapshot for the reports
}

// snapshot returns the snapshot to fill, or nil.
func (a Asker) snapshot() *snapshot.Snapshot {
	if !a.Snapshots {
		return nil
	}
	return &snapshot.Snapshot{}
}

// All sends several queries about the domain in parallel.
func (a Asker) All(ctx context.Context, qs ...record.Question) []record.Answer {
	answers := make([]record.Answer, len(qs))
	a.Each(len(qs), func(i int) { answers[i] = a.Own.Ask(ctx, qs[i]) })
	return answers
}

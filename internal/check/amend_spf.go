package check

import (
	"context"
	"sync"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// AmendedSPF is an SPF record as AmendSPF gives it.
type AmendedSPF = spf.Amended

// AmendSPF looks at every SPF record that the file asks for and puts what is
// missing into the one that is live, as the fix of a finding does. Where it is
// not sure what is live there is no record: a second one would break the first.
func AmendSPF(ctx context.Context, domains []config.Domain, r Resolver, window int) map[record.Name]AmendedSPF {
	shared := part.NewRunCache(r)
	workers := newWorkers()
	defer workers.close()
	a := newAsker(ctx, workers, shared)
	all := map[record.Name]AmendedSPF{}
	var mu sync.Mutex
	workers.limited(len(domains), newSemaphore(window), func(i int) {
		own := a
		own.Own = part.NewCache(r)
		for _, m := range spf.Amend(ctx, own, r.Resolvers(), &domains[i]) {
			mu.Lock()
			all[m.Name] = m
			mu.Unlock()
		}
	})
	return all
}

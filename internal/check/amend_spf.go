package check

import (
	"context"
	"sync"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// AmendedSPF is an SPF record of AmendSPF.
type AmendedSPF = spf.Amended

// AmendSPF reads every live SPF record that the file asks for, and adds the
// missing terms, as the fix of a finding does. Names whose live record is not
// certain are left out: a second record would break the first.
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

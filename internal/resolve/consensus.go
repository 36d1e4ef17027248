package resolve

import (
	"context"
	"hash/fnv"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/iterative"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// Resolvers confirm an answer, each asked by itself: one for every resolver that
// the user named. The system's servers count as one resolver, and so do all
// servers of the zones, which are asked last where the user named no resolver.
func (r *Resolver) Resolvers() []record.Asker { return r.resolvers }

// party is one resolver of the consensus. If it has several servers, it asks the
// second one first.
type party struct{ *Resolver }

func (p party) Ask(ctx context.Context, q record.Question) record.Answer { return p.ask(ctx, q, 1) }

// parties splits a resolver into one for each that the user named.
func (r *Resolver) parties() (all []record.Asker) {
	add := func(a iterative.Asker, servers []server) {
		all = append(all, party{&Resolver{client: r.client, zones: r.zones, walker: a, servers: servers}})
	}
	if r.walker != nil {
		add(r.walker, nil)
	}
	for i := 0; i < len(r.servers); {
		from := i
		for i < len(r.servers) && r.servers[i].party == r.servers[from].party {
			i++
		}
		add(nil, r.servers[from:i])
	}
	if r.brief != nil {
		add(r.brief, nil)
	}
	if len(all) == 0 { // zone files alone
		add(nil, nil)
	}
	return all
}

// server is a Server with the state that it has in this run.
type server struct {
	*transport.Server
	party   int
	rotated bool
}

// order returns the servers as they are to be asked: from first on, and last the
// ones in backoff. probe says that the first server is in backoff, and that this
// question finds out whether it is back.
func (r *Resolver) order(q record.Question, first int) (servers []server, probe bool) {
	n := len(r.servers)
	if n == 1 {
		_, due := r.servers[0].InBackoff()
		return r.servers, due
	}
	if r.servers[0].rotated {
		h := fnv.New32a()
		_, _ = h.Write([]byte(q.Name))
		first += int(h.Sum32() % uint32(n))
	}
	servers = make([]server, 0, n)
	var last []server
	for i := range n {
		s := r.servers[(first+i)%n]
		switch inBackoff, due := s.InBackoff(); {
		case !inBackoff:
			servers = append(servers, s)
		case due && len(servers) == 0:
			probe = true
			servers = append(servers, s)
		default:
			last = append(last, s)
		}
	}
	return append(servers, last...), probe
}

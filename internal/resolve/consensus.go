package resolve

import (
	"context"

	"github.com/sescheck/sescheck/internal/record"
)

// Resolvers are those that confirm an answer, each asked by itself: one for every
// resolver that the user named. The system's servers are one resolver together,
// and so are all servers of the zones, which are asked last where the user named
// no resolver.
func (r *Resolver) Resolvers() []record.Asker { return r.resolvers }

// member is one resolver of the consensus; its second server is asked first, if it has one.
type member struct{ *Resolver }

func (o member) Ask(ctx context.Context, q record.Question) record.Answer { return o.ask(ctx, q, 1) }

// parties parts a resolver by whom the user named.
func (r *Resolver) parties() (all []record.Asker) {
	part := func(w *walker, servers []Server) {
		o := r.Options
		o.Servers = servers
		all = append(all, member{&Resolver{Options: o, slots: r.slots, pace: r.pace, walker: w}})
	}
	if r.walker != nil {
		part(r.walker, nil)
	}
	for i := 0; i < len(r.Servers); {
		from := i
		for i < len(r.Servers) && r.Servers[i].party == r.Servers[from].party {
			i++
		}
		part(nil, r.Servers[from:i])
	}
	if r.brief != nil {
		part(r.brief, nil)
	}
	if len(all) == 0 { // zone files alone
		part(nil, nil)
	}
	return all
}

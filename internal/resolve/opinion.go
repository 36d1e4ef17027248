package resolve

import (
	"context"

	"github.com/sescheck/sescheck/internal/record"
)

// Opinions are those who can be asked whether an answer is so, each by itself:
// one for every resolver that the user named. The system's servers are one of
// them together, and so are all servers of the zones, which are asked last where
// the user named nobody.
func (r *Resolver) Opinions() []record.Asker { return r.opinions }

// opinion asks one party, its second server first if it has one.
type opinion struct{ *Resolver }

func (o opinion) Ask(ctx context.Context, q record.Question) record.Answer { return o.ask(ctx, q, 1) }

// parties parts a resolver by whom the user named.
func (r *Resolver) parties() (all []record.Asker) {
	part := func(w *walker, servers []Server) {
		o := r.Options
		o.Servers = servers
		all = append(all, opinion{&Resolver{Options: o, slots: r.slots, pace: r.pace, walker: w}})
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

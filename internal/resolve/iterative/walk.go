// Package iterative resolves a name from the root down: it follows the
// delegations to the zone that holds the name, asks all servers of that zone, and
// gives the answer on which they agree. It trusts a server within the server's
// zones only: answers count only with AA, referrals only downwards and towards the
// name, glue only within the bailiwick of the server that gave it. It follows no
// CNAME.
package iterative

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// Walker asks the servers that are responsible for a name. It keeps the
// delegations that it finds for the run.
type Walker struct {
	*nameservers
	tries   int
	enough  int         // failures of servers of a zone after which no more are asked
	brief   bool        // it only confirms answers of resolvers
	blocked atomic.Bool // with brief: no server answered, so none is asked
	hints   delegation

	mu    sync.Mutex
	cuts  map[record.Name]*cut
	below map[record.Name]int // delegations seen in a zone

	steps singleflight[step, stepResult]
}

// step is the question whether there is a zone cut at name, put to the servers
// of zone.
type step struct{ zone, name record.Name }

// stepResult is the outcome of a step.
type stepResult struct {
	cut     *cut       // nil where there is none at the name
	gone    *consensus // that the name does not exist; nil where it does
	failure *record.Failure
}

// Asker asks the servers that are responsible for a name, as a Walker does.
type Asker interface {
	Ask(context.Context, *Task, record.Question) (Answer, *record.Failure)
	Forget() // drops all that was learned
	Close()  // closes all sockets
}

// Close closes all sockets.
func (w *Walker) Close() { w.pool.Close() }

// Forget drops all that was learned.
func (w *Walker) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cuts = map[record.Name]*cut{record.Root: newCut(w.hints, record.Root)}
	w.below = map[record.Name]int{}
	w.blocked.Store(false)
	w.nameservers.forget()
	w.steps.forget()
}

// Ask asks all servers of the zone that holds the name. A chain of CNAMEs is asked
// for with one Task.
func (w *Walker) Ask(ctx context.Context, t *Task, q record.Question) (Answer, *record.Failure) {
	if w.blocked.Load() {
		return Answer{}, &record.Failure{Question: q, Fault: record.Unreachable}
	}
	t.budget.renew()
	c, failure := w.walk(ctx, t, q, everyServer)
	if failure != nil {
		w.blocked.Store(w.brief && !w.heard.Load())
		t.explain(failure)
		return Answer{Server: failure.Server}, failure
	}
	a, failure := c.agreed()
	t.explain(failure)
	if failure != nil && failure.Fault == record.Disagreed {
		w.askSerials(ctx, t, &c)
		failure.Said = c.all()
	}
	return a, failure
}

// askSerials asks the servers that answered which version of the zone they
// have: where they disagree, it shows which one is behind.
func (w *Walker) askSerials(ctx context.Context, t *Task, c *consensus) {
	q := record.Question{Name: c.zone, Type: record.SOA}
	var wg sync.WaitGroup
	for i := range c.responses {
		r := &c.responses[i]
		if !r.answers {
			continue
		}
		wg.Go(func() {
			own := w.ask(ctx, t, c.zone, r.server, q, effort{tries: 1})
			for _, a := range own.reply.Answers {
				if a.Data.Type == record.SOA {
					r.serial = &a.Data.Serial
				}
			}
		})
	}
	wg.Wait()
}

// mode is how many servers of a zone have to answer.
type mode bool

const (
	everyServer mode = true
	anyServer   mode = false
)

// walk walks to the zone that holds the name and asks its servers.
func (w *Walker) walk(ctx context.Context, t *Task, q record.Question, m mode) (consensus, *record.Failure) {
	var early []response // of servers of a zone above that serve this one, and answered instead of referring
	for {
		z, gone, failure := w.descend(ctx, t, q.Name)
		if failure != nil {
			failure.Question = q
			return consensus{}, failure
		}
		if gone != nil {
			gone.question = q
			return *gone, nil
		}
		c := w.askZone(ctx, t, z, q, m)
		if c.referral.zone == "" {
			c.responses = append(c.responses, early...)
			return c, nil
		}
		w.learn(z, c.referral) // strictly below z, so this ends
		for _, r := range c.responses {
			if r.answers {
				early = append(early, r)
			}
		}
	}
}

// descend follows the delegations towards name, as far as it can without asking
// for name itself. In zones that delegate it looks for the next cut label by label
// (QNAME minimisation, RFC 9156), so that all names below share the way; in the
// rest of the zones the question itself finds the cut. gone is the answer where
// the way ends before the name.
func (w *Walker) descend(ctx context.Context, t *Task, name record.Name) (z *cut, gone *consensus, _ *record.Failure) {
	z = w.deepest(name)
	labels := z.zone.Labels() + 1
	for labels <= name.Labels() && w.delegates(z.zone) {
		at := ancestor(name, labels)
		r, ok := w.steps.do(ctx, &w.waits, t, step{z.zone, at}, func(t *Task) (stepResult, bool) {
			r := w.step(ctx, t, z, at)
			return r, r.failure == nil
		})
		switch {
		case !ok && ctx.Err() != nil:
			return nil, nil, &record.Failure{Fault: record.Interrupted}
		case !ok:
			return nil, nil, &record.Failure{Fault: record.Unreachable, Detail: fmt.Sprintf("the delegation of %s depends on itself", at)}
		case r.failure != nil:
			return nil, nil, new(*r.failure)
		case r.gone != nil && (at == name || isRegistry(z.zone)):
			return nil, new(*r.gone), nil
		case r.gone != nil:
			// By RFC 8020 no name below exists. But some servers, none of them a
			// registry's, deny an empty non-terminal: the question itself decides.
			return z, nil, nil
		case r.cut != nil:
			z = r.cut
		}
		labels = max(labels, z.zone.Labels()) + 1
	}
	return z, nil, nil
}

// step looks for a zone cut at a name below z.
func (w *Walker) step(ctx context.Context, t *Task, z *cut, at record.Name) stepResult {
	var c consensus
	for _, m := range []mode{anyServer, everyServer} { // a denial, which is of all names below, takes every server
		c = w.askZone(ctx, t, z, record.Question{Name: at, Type: record.NS}, m)
		if c.referral.zone != "" {
			w.seekGlue(ctx, t, z, &c.referral)
			return stepResult{cut: w.learn(z, c.referral)}
		}
		if a, failure := c.agreed(); failure != nil || a.Rcode != dns.RcodeNameError {
			return stepResult{failure: failure}
		}
	}
	return stepResult{gone: &c}
}

// seekGlue asks the servers of z for missing glue: addresses of servers of the
// zone below that are in that zone. A server of both zones answers with the zone's
// own NS records, and need not add addresses to them.
func (w *Walker) seekGlue(ctx context.Context, t *Task, z *cut, d *delegation) {
	for _, h := range d.hosts {
		for _, of := range []record.Type{record.A, record.AAAA} {
			if !h.In(d.zone) || len(d.glue[h]) > 0 {
				continue
			}
			c := w.askZone(ctx, t, z, record.Question{Name: h, Type: of}, anyServer)
			for _, r := range c.responses {
				for _, a := range r.reply.Answers {
					if a.Owner == h && a.Data.Type == of {
						d.glue[h] = addAddress(d.glue[h], a.Data.Addr)
					}
				}
			}
		}
	}
}

// delegates reports whether a zone holds mostly delegations: a registry's, or a
// zone in which many were seen.
func (w *Walker) delegates(zone record.Name) bool {
	const many = 8
	w.mu.Lock()
	seen := w.below[zone]
	w.mu.Unlock()
	return seen >= many || isRegistry(zone)
}

// isRegistry reports whether a zone is the root or a public suffix, which all
// top-level domains are.
func isRegistry(zone record.Name) bool { return zone == record.Root || zone.IsSuffix() }

// deepest is the lowest known zone that name is in.
func (w *Walker) deepest(name record.Name) *cut {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		if c := w.cuts[name]; c != nil {
			return c
		}
		name = name.Parent()
	}
}

// learn keeps a delegation that servers of z gave.
func (w *Walker) learn(z *cut, d delegation) *cut {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.cuts[d.zone]; c != nil {
		return c
	}
	c := newCut(d, z.zone)
	w.cuts[d.zone] = c
	w.below[z.zone]++
	return c
}

// ancestor is the name's ancestor of so many labels, or the name itself.
func ancestor(name record.Name, labels int) record.Name {
	for name.Labels() > labels {
		name = name.Parent()
	}
	return name
}

// askZone asks every server of a zone in parallel, or one after the other until
// one answers.
func (w *Walker) askZone(ctx context.Context, t *Task, z *cut, q record.Question, m mode) consensus {
	c := consensus{question: q, zone: z.zone, responses: make([]response, len(z.servers))}
	if m == anyServer {
		w.askAny(ctx, t, z, q, c.responses)
	} else {
		var wg sync.WaitGroup
		for i, ns := range z.servers {
			wg.Go(func() { c.responses[i] = w.ask(ctx, t, z.zone, ns, q, effort{tries: w.tries, patient: true}) })
		}
		wg.Wait()
	}
	c.refer()
	return c
}

// askAny asks one server after the other, from a random one on, so that all share
// the load.
func (w *Walker) askAny(ctx context.Context, t *Task, z *cut, q record.Question, all []response) {
	asked, first := 0, rand.IntN(len(all))
	for n := range w.enough * len(all) {
		i := (first + n) % len(all)
		if n >= len(all) && all[i].tries == 0 {
			continue // it has no address to ask
		}
		all[i] = w.ask(ctx, t, z.zone, z.servers[i], q, effort{tries: 1, from: n / len(all)})
		if r := all[i]; r.answers || r.refers {
			return
		}
		if all[i].tries > 0 {
			asked++
		}
		if asked >= w.enough || t.spent() || ctx.Err() != nil {
			return
		}
	}
}

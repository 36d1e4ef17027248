package resolve

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// Authority is how to find the servers that are responsible for a zone: by the
// delegations, from the root down.
type Authority struct {
	Hints *Hints // the root's servers; nil for those of the Internet
	Port  uint16 // where name servers listen; 0 is 53
}

// walker asks the servers that are responsible for a name. It trusts nobody
// beyond what they are responsible for: answers count only with AA, referrals
// only downwards and towards the name, addresses beside a referral only within
// the bailiwick of who gave it. What it finds of delegations it keeps for the
// run.
type walker struct {
	ask     func(context.Context, Server, *query, hearing) (reply, error)
	server  func(transport) Server
	pool    *pool
	port    uint16
	tries   int
	enough  int // servers of a zone that do not answer, until others are not asked
	brief   bool
	blocked atomic.Bool           // with brief: nobody answered, so nobody is asked
	private bool                  // addresses that are not public may be asked
	reaches func(netip.Addr) bool // whether this machine has a way there

	hints delegation

	mu        sync.Mutex
	cuts      map[record.Name]*cut
	below     map[record.Name]int // how many delegations were seen in a zone
	listeners map[netip.Addr]*listener

	waits   waits
	steps   flights[step, found]
	lookups flights[record.Name, addresses]
}

// step is the question whether there is a zone cut at name, put to the servers
// of zone.
type step struct{ zone, name record.Name }

// found is what came of a step.
type found struct {
	cut  *cut // nil where there is none at the name
	gone bool // the name does not exist
	said poll
	err  *record.Failure
}

func newWalker(r *Resolver, a Authority) *walker {
	hints := a.Hints
	if hints == nil {
		hints = internet()
	}
	w := &walker{
		ask:     r.try,
		server:  r.server,
		pool:    newPool(func(addr netip.AddrPort) transport { return newUDP(addr) }),
		port:    a.Port,
		tries:   r.Retries + 1,
		enough:  max(r.Retries+1, 5),
		private: a.Hints != nil,
		reaches: hasRoute,
		hints:   hints.delegation,
	}
	if w.port == 0 {
		w.port = 53
	}
	w.lookups.failures = failedLookup
	w.forget()
	return w
}

// newBriefWalker returns a walker that is only there to confirm what others
// said. Where the way to the outside is blocked, which many networks do, it
// finds out once, and soon.
func newBriefWalker(r *Resolver, a Authority) *walker {
	short := *r
	short.Timeout, short.Retries = min(r.Timeout, time.Second), 1
	w := newWalker(&short, a)
	w.brief, w.enough = true, 2
	return w
}

// forget drops all that was learned.
func (w *walker) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cuts = map[record.Name]*cut{record.Root: newCut(w.hints, record.Root)}
	w.below = map[record.Name]int{}
	w.listeners = map[netip.Addr]*listener{}
	w.blocked.Store(false)
	w.steps.forget()
	w.lookups.forget()
}

// once asks all servers of the zone that holds the name, and answers what they
// agree on. It follows no CNAME.
func (w *walker) once(ctx context.Context, t *task, q record.Question) (reply, answerer, *record.Failure) {
	if w.blocked.Load() {
		return reply{}, answerer{}, &record.Failure{Question: q, Fault: record.Unreachable}
	}
	t.allowance.renew()
	o, failure := w.resolve(ctx, t, q, everyServer)
	if failure != nil {
		w.blocked.Store(w.brief && !w.heard())
		t.tell(failure)
		return reply{}, answerer{name: failure.Server}, failure
	}
	rep, from, failure := o.agreed()
	t.tell(failure)
	if failure != nil && failure.Fault == record.Disagreed {
		w.askSerials(ctx, t, &o)
		failure.Said = o.all()
	}
	return rep, from, failure
}

// heard reports whether any server said anything so far.
func (w *walker) heard() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.listeners {
		if l.heard.Load() {
			return true
		}
	}
	return false
}

// askSerials asks the servers that answered which version of the zone they
// have: where they disagree, it shows who is behind.
func (w *walker) askSerials(ctx context.Context, t *task, p *poll) {
	q := record.Question{Name: p.zone, Type: record.SOA}
	var wg sync.WaitGroup
	for i := range p.said {
		s := &p.said[i]
		if !s.answers {
			continue
		}
		wg.Go(func() {
			own := w.question(ctx, t, &cut{zone: p.zone}, s.server, q, effort{tries: 1})
			for _, a := range own.reply.answers {
				if a.Data.Type == record.SOA {
					s.serial = &a.Data.Serial
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

// resolve walks to the zone that holds the name and asks its servers.
func (w *walker) resolve(ctx context.Context, t *task, q record.Question, m mode) (poll, *record.Failure) {
	var early []said // answers of a zone's servers that serve the zone below too, where others refer to it
	for {
		z, gone, failure := w.descend(ctx, t, q.Name)
		if failure != nil {
			failure.Question = q
			return poll{}, failure
		}
		if gone != nil {
			gone.question = q
			return *gone, nil
		}
		o := w.put(ctx, t, z, q, m)
		if o.cut.zone == "" {
			o.said = append(o.said, early...)
			return o, nil
		}
		w.learn(z, o.cut) // strictly below z, so this ends
		for _, s := range o.said {
			if s.answers {
				early = append(early, s)
			}
		}
	}
}

// descend goes down the delegations towards name as far as it can without
// asking for name itself. In zones that hold delegations and little else it
// looks for the cut label by label (RFC 9156), so that all names below share
// the way; elsewhere the question itself finds out. gone is an answer where
// the way ends before the name.
func (w *walker) descend(ctx context.Context, t *task, name record.Name) (z *cut, gone *poll, _ *record.Failure) {
	z = w.deepest(name)
	labels := z.zone.Labels() + 1
	for labels <= name.Labels() && w.delegates(z.zone) {
		at := ancestor(name, labels)
		f, ok := w.steps.do(ctx, &w.waits, t, step{z.zone, at}, func(t *task) (found, bool) {
			f := w.step(ctx, t, z, at)
			return f, f.err == nil
		})
		switch {
		case !ok && ctx.Err() != nil:
			return nil, nil, &record.Failure{Fault: record.Interrupted}
		case !ok:
			return nil, nil, &record.Failure{Fault: record.Unreachable, Detail: fmt.Sprintf("the way to %s leads through itself", at)}
		case f.err != nil:
			copied := *f.err
			return nil, nil, &copied
		case f.gone && (at == name || isRegistry(z.zone)):
			said := f.said
			return nil, &said, nil
		case f.gone:
			// By RFC 8020 there is nothing below either. But there are servers that
			// deny an empty non-terminal, if not those of registries: the question
			// itself has the last word.
			return z, nil, nil
		case f.cut != nil:
			z = f.cut
		}
		labels = max(labels, z.zone.Labels()) + 1
	}
	return z, nil, nil
}

// step looks for a zone cut at a name below z.
func (w *walker) step(ctx context.Context, t *task, z *cut, at record.Name) found {
	q := record.Question{Name: at, Type: record.NS}
	o := w.put(ctx, t, z, q, anyServer)
	if o.cut.zone != "" {
		w.seekGlue(ctx, t, z, &o.cut)
		return found{cut: w.learn(z, o.cut)}
	}
	rep, _, failure := o.agreed()
	switch {
	case failure != nil:
		return found{err: failure}
	case rep.rcode != dns.RcodeNameError:
		return found{}
	}
	// That there is nothing, and nothing below, is for all of them to say.
	o = w.put(ctx, t, z, q, everyServer)
	if o.cut.zone != "" {
		return found{cut: w.learn(z, o.cut)}
	}
	rep, _, failure = o.agreed()
	if failure != nil {
		return found{err: failure}
	}
	return found{gone: rep.rcode == dns.RcodeNameError, said: o}
}

// seekGlue asks the servers of z for the addresses of those in the zone below
// itself. Who serves both zones answers with the zone's own NS records, and
// need not add addresses to them; from the zone itself nobody could learn them.
func (w *walker) seekGlue(ctx context.Context, t *task, z *cut, d *delegation) {
	for _, h := range d.hosts {
		for _, of := range []record.Type{record.A, record.AAAA} {
			if !h.In(d.zone) || len(d.glue[h]) > 0 {
				continue
			}
			o := w.put(ctx, t, z, record.Question{Name: h, Type: of}, anyServer)
			for _, s := range o.said {
				for _, a := range s.reply.answers {
					if a.Owner == h && a.Data.Type == of {
						d.glue[h] = addAddress(d.glue[h], a.Data.Addr)
					}
				}
			}
		}
	}
}

// delegates reports whether a zone holds delegations above all, as the root,
// top-level domains and other public suffixes do, and what turned out to.
func (w *walker) delegates(zone record.Name) bool {
	if isRegistry(zone) {
		return true
	}
	const many = 8
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.below[zone] >= many
}

// isRegistry reports whether a zone is the root, a top-level domain or another
// public suffix.
func isRegistry(zone record.Name) bool {
	if zone.Labels() <= 1 {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(string(zone))
	return suffix == string(zone)
}

// deepest is the lowest known zone that name is in.
func (w *walker) deepest(name record.Name) *cut {
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
func (w *walker) learn(z *cut, d delegation) *cut {
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

// put puts a question to the servers of a zone: to every one side by side, or
// to one after the other until one answers.
func (w *walker) put(ctx context.Context, t *task, z *cut, q record.Question, m mode) poll {
	o := poll{question: q, zone: z.zone, said: make([]said, len(z.servers))}
	if m == anyServer {
		w.putToAny(ctx, t, z, q, o.said)
	} else {
		var wg sync.WaitGroup
		for i, ns := range z.servers {
			wg.Go(func() { o.said[i] = w.question(ctx, t, z, ns, q, effort{tries: w.tries, patient: true}) })
		}
		wg.Wait()
	}
	for _, s := range o.said {
		// Of referrals to several zones the next one down is taken: its servers
		// refer on.
		if c := s.reply.cut; s.refers && (o.cut.zone == "" || c.zone.Labels() < o.cut.zone.Labels()) {
			o.cut = delegation{}
			o.cut.merge(c)
		} else if s.refers && c.zone == o.cut.zone {
			o.cut.merge(c)
		}
	}
	return o
}

// putToAny asks one server after the other, beginning anywhere: the load is for
// all to share.
func (w *walker) putToAny(ctx context.Context, t *task, z *cut, q record.Question, all []said) {
	asked, first := 0, rand.IntN(len(all))
	for n := range w.enough * len(all) {
		i := (first + n) % len(all)
		if n >= len(all) && all[i].tries == 0 {
			continue // there is no place to ask it
		}
		all[i] = w.question(ctx, t, z, z.servers[i], q, effort{tries: 1, from: n / len(all)})
		if s := all[i]; s.answers || s.refers {
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

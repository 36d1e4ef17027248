// Package resolve answers questions about DNS: from zone files that the user
// lays over it, and else from servers. Its one promise is that an absence is
// only ever something that a server said; whatever else goes wrong comes back
// as a failure that tells who was asked, how often, and what happened.
//
// With zonetest it is the only importer of miekg/dns. It remembers no answers
// and judges nothing about mail.
package resolve

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// maxChain is how many CNAMEs are followed for one question. Resolvers stop at
// 8 to 16; a longer chain works for nobody.
const maxChain = 16

// again is how long to leave a server alone that just gave an rcode which is
// no answer, or could not be reached, before it is asked once more.
const again = 100 * time.Millisecond

// Options say whom to ask and how patiently. Servers or Zones must be given.
type Options struct {
	Servers     []Server
	Authority   *Authority    // asks the zones' own servers, before Servers; nil for none
	Confirm     *Authority    // asks the zones' own servers too whether an answer is so; nil for none
	Zones       *source.Zones // laid over DNS; nil for none
	Timeout     time.Duration // one try
	Retries     int           // more tries, on the next server first
	Concurrency int           // questions in flight
	Rate        int           // questions a second; 0 is unlimited
	Trace       *Trace        // every question and answer; nil for none
}

// Resolver answers questions. It may be used from many goroutines.
type Resolver struct {
	Options
	slots  chan struct{} // to all servers together; nil where there is only one
	pace   *pace
	walker *walker // nil without Authority
	brief  *walker // nil without Confirm

	resolvers []record.Asker
}

// transport carries one question to one server and brings back the reply that
// belongs to it. Its errors are *fault, or the context's cause.
type transport interface {
	exchange(ctx context.Context, q *query, a attempt) (reply, error)
	String() string
	close()
}

// attempt is how patiently one try is made.
type attempt struct {
	timeout time.Duration
	tries   int   // before it
	line    *line // says when a datagram is to be sent again; nil for never

	allowance *allowance // bounds how often that is; nil for whom the user named
}

// fault is how a try on one server went wrong.
type fault struct {
	kind    record.Fault
	detail  string
	unasked bool // the server is dead, and was not bothered
}

func (f *fault) Error() string { return (&record.Failure{Fault: f.kind, Detail: f.detail}).Reason() }

func unreachable(err error) error {
	detail := ""
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		detail = errno.Error()
	}
	return &fault{kind: record.Unreachable, detail: detail}
}

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// New returns a Resolver. Close it when the run is over.
func New(o Options) *Resolver {
	r := &Resolver{Options: o, pace: newPace(o.Rate)}
	r.Servers = make([]Server, len(o.Servers))
	for i, s := range o.Servers {
		r.Servers[i] = r.server(s.transport)
		r.Servers[i].party, r.Servers[i].rotated = s.party, s.rotated
	}
	if len(r.Servers) != 1 || o.Authority != nil || o.Confirm != nil {
		r.slots = make(chan struct{}, max(o.Concurrency, 1))
	}
	if o.Authority != nil {
		r.walker = newWalker(r, *o.Authority)
	}
	if o.Confirm != nil {
		r.brief = newBriefWalker(r, *o.Confirm)
	}
	r.resolvers = r.parties()
	return r
}

// server is somebody to ask, of whom nothing is known yet.
func (r *Resolver) server(t transport) Server {
	return Server{transport: t, line: newLine(r.Concurrency, r.pace)}
}

// Forget drops what was learned of delegations and servers.
func (r *Resolver) Forget() {
	for i := range r.Servers {
		r.Servers[i].line.forget()
	}
	for _, w := range []*walker{r.walker, r.brief} {
		if w != nil {
			w.forget()
		}
	}
}

// Close closes all sockets. Questions under way fail.
func (r *Resolver) Close() {
	for _, s := range r.Servers {
		s.transport.close()
	}
	for _, w := range []*walker{r.walker, r.brief} {
		if w != nil {
			w.pool.close()
		}
	}
}

// Ask answers q, following CNAMEs itself where a server does not.
func (r *Resolver) Ask(ctx context.Context, q record.Question) record.Answer {
	return r.ask(ctx, q, 0)
}

func (r *Resolver) ask(ctx context.Context, q record.Question, first int) record.Answer {
	a := record.Answer{Question: q, TTL: ^uint32(0), Local: true, AA: true}
	held := func(n record.Name) bool { return r.Zones.Of(n) != nil }
	name := q.Name
	var t *task
	if r.walker != nil {
		t = newTask()
	}
	for {
		rep, from, failure := r.once(ctx, t, record.Question{Name: name, Type: q.Type}, first)
		a.Server, a.Local = from.name, a.Local && from.local
		a.AA = a.AA && rep.authoritative
		a.Lame = append(a.Lame, from.lame...)
		if failure != nil {
			a.Failure, a.TTL = failure, 0
			return a
		}
		if owner, twice := rep.twoCNAMEs(); twice {
			at := record.Question{Name: owner, Type: record.CNAME}
			a.Failure, a.TTL = &record.Failure{Question: at, Fault: record.TwoCNAMEs, Server: from.name, Tries: 1}, 0
			return a
		}
		targets, found, ttl := rep.walk(name, q.Type, held)
		if a.Chain == nil {
			a.Chain = targets[:0] // which are what is added to it
		}
		for _, t := range targets {
			if t == q.Name || slices.Contains(a.Chain, t) || len(a.Chain) == maxChain {
				a.Failure = &record.Failure{Question: q, Fault: record.ChainLoop, Server: from.name, Tries: 1}
				a.TTL = 0
				return a
			}
			a.Chain = append(a.Chain, t)
		}
		a.TTL = min(a.TTL, ttl)
		switch end := a.Owner(); {
		case len(found) > 0:
			record.Sort(found)
			a.Status, a.Records = record.Found, found
			return a
		case rep.unseen:
			a.Status, a.TTL = record.Found, rep.soaTTL
			return a
		case len(targets) > 0 && (held(end) || rep.rcode == dns.RcodeSuccess && !end.In(rep.soaOrNone())):
			name = end // the rest of the chain is for us to ask
			continue
		case rep.rcode == dns.RcodeNameError:
			a.Status = record.NoName
		default:
			a.Status = record.NoData
		}
		a.TTL = min(a.TTL, rep.soaTTL)
		return a
	}
}

// soaOrNone is the zone that the reply proves an absence in, or a name that
// nothing is below.
func (r reply) soaOrNone() record.Name {
	if r.soa == "" {
		return "-"
	}
	return r.soa
}

// answerer is who answered.
type answerer struct {
	name  string
	local bool
	zone  record.Name   // whose own server it is; "" for a resolver
	lame  []record.Said // the other servers of the zone that did not answer for it
}

// once asks for the records at one name, without following anything.
func (r *Resolver) once(ctx context.Context, t *task, q record.Question, first int) (reply, answerer, *record.Failure) {
	if r.Zones != nil {
		if rep, file, ok := fromZones(r.Zones, q); ok {
			r.Trace.local(q, file, rep)
			return rep, answerer{name: file, local: true}, nil
		}
	}
	if r.walker != nil {
		rep, from, failure := r.walker.once(ctx, t, q)
		if failure == nil || failure.Fault == record.Disagreed || len(r.Servers) == 0 {
			return rep, from, failure
		}
	}
	if len(r.Servers) == 0 && isAbove(r.Zones, q) {
		return reply{rcode: dns.RcodeNameError, soa: record.Root}, answerer{local: true}, nil
	}
	if len(r.Servers) == 0 {
		return reply{}, answerer{}, &record.Failure{Question: q, Fault: record.Offline}
	}
	query, err := newQuery(q, false)
	if err != nil {
		return reply{}, answerer{}, &record.Failure{Question: q, Fault: record.Malformed, Detail: "the name cannot be asked for"}
	}
	f := record.Failure{Question: q}
	servers, probe := r.order(q, first)
	n := len(servers)
	for turn, passed := 0, 0; f.Tries <= r.Retries && passed < 2*n; turn++ {
		server := servers[turn%n]
		if f.Tries >= n && (f.Fault == record.BadRcode || f.Fault == record.Unreachable) {
			sleep(ctx, again)
		}
		h := hearing{tries: f.Tries, probe: probe && turn == 0, choosy: n > 1 && turn < n}
		rep, err := r.try(ctx, server, query, h)
		if err == nil && isEDNSRefusal(rep.rcode) {
			if plain, perr := newQuery(q, true); perr == nil {
				rep, err = r.try(ctx, server, plain, h)
			}
		}
		if err == nil && credible(rep) {
			return rep, answerer{name: server.String()}, nil
		}
		bad, _ := errors.AsType[*fault](err)
		if bad != nil && bad.unasked {
			passed++
			if f.Fault == 0 {
				f.Server, f.Fault, f.Detail = server.String(), bad.kind, bad.detail
			}
			continue
		}
		passed = 0
		f.Server, f.EDE = server.String(), rep.ede
		f.Tries++
		switch {
		case err == nil && rep.rcode != dns.RcodeSuccess && rep.rcode != dns.RcodeNameError:
			f.Fault, f.Rcode, f.Detail = record.BadRcode, rcodeName(rep.rcode), ""
		case err == nil:
			f.Fault, f.Rcode, f.Detail = record.BadRcode, "no answer", "the server neither looks further nor is responsible for the name"
		case bad != nil:
			f.Fault, f.Rcode, f.Detail = bad.kind, "", bad.detail
		default:
			f.Fault, f.Rcode, f.Detail = record.Interrupted, "", ""
			return reply{}, answerer{name: f.Server}, new(f)
		}
	}
	if f.Tries == 0 {
		f.Detail = strings.TrimPrefix(f.Detail+", as for others before; this question was not asked", ", ")
	}
	return reply{}, answerer{name: f.Server}, new(f)
}

// order returns the servers in the order in which they are to be asked: from
// first on, and those that rest behind the others. probe says that the first
// of them rested, and that this question is to find out whether it is back.
func (r *Resolver) order(q record.Question, first int) (servers []Server, probe bool) {
	n := len(r.Servers)
	if n == 1 {
		resting, due := r.Servers[0].line.resting()
		return r.Servers, resting && due
	}
	if r.Servers[0].rotated {
		h := fnv.New32a()
		_, _ = h.Write([]byte(q.Name))
		first += int(h.Sum32() % uint32(n))
	}
	servers = make([]Server, 0, n)
	var last []Server
	for i := range n {
		s := r.Servers[(first+i)%n]
		switch resting, due := s.line.resting(); {
		case !resting:
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

// budget is how long a question that nobody answers takes.
func (r *Resolver) budget() time.Duration { return r.Timeout * time.Duration(r.Retries+1) }

// hearing is what one try of a question is.
type hearing struct {
	tries  int  // before it
	probe  bool // it finds out whether a server that rests is back
	choosy bool // there are other servers: one that rests is passed over

	allowance *allowance // what it is counted against; nil for whom the user named
}

// try asks one server once. A server from which nothing came for as long as
// one question is tried is asked by probes only: an outage does not cost a run
// its whole patience for each of its questions.
func (r *Resolver) try(ctx context.Context, server Server, q *query, h hearing) (reply, error) {
	if err := server.line.enter(ctx); err != nil {
		return reply{}, err
	}
	var rep reply
	err := r.admit(ctx, server.line, h)
	start := time.Now()
	if err == nil {
		rep, err = server.transport.exchange(ctx, q, attempt{r.Timeout, h.tries, server.line, h.allowance})
		if r.slots != nil {
			<-r.slots
		}
	}
	server.line.leave(start, rep, err)
	r.Trace.asked(q.question, server, h.tries, start, rep, err)
	return rep, err
}

// admit waits for a place among the questions to all servers, and for the rate.
func (r *Resolver) admit(ctx context.Context, l *line, h hearing) error {
	if err := l.dead(h, r.budget()); err != nil {
		return err
	}
	if r.slots != nil {
		select {
		case r.slots <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	err := r.pace.wait(ctx)
	if err != nil && r.slots != nil {
		<-r.slots
	}
	return err
}

// credible reports whether a reply may be believed. An empty answer from a
// server that is not responsible for the name and looks no further is a
// referral or a shrug, never an absence.
func credible(r reply) bool {
	switch r.rcode {
	case dns.RcodeSuccess:
		return len(r.answers) > 0 || !r.referral && (r.authoritative || r.recursion)
	case dns.RcodeNameError:
		return r.authoritative || r.recursion
	}
	return false
}

// isEDNSRefusal reports rcodes with which servers older than EDNS answer it
// (RFC 6891 section 7).
func isEDNSRefusal(rcode int) bool {
	return rcode == dns.RcodeFormatError || rcode == dns.RcodeNotImplemented || rcode == dns.RcodeBadVers
}

func rcodeName(rcode int) string {
	if s, ok := dns.RcodeToString[rcode]; ok {
		return s
	}
	return fmt.Sprintf("RCODE%d", rcode)
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

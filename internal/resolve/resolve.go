// Package resolve answers questions about DNS, from zones and changes that the user
// lays over it, or from servers. It decides which servers are asked, and which answer
// is believed; package transport asks one server, package iterative all servers of
// a zone. Its one promise: an absence is always the word of a server. Any other
// outcome is a failure that says which server was asked, how often, and why it
// failed. It caches no answer, and judges nothing about mail.
package resolve

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/iterative"
	"github.com/sescheck/sescheck/internal/resolve/transport"
	"github.com/sescheck/sescheck/internal/source"
)

// Options say which servers to ask and how patiently. Servers or Zones must be
// given.
type Options struct {
	Servers     []Server
	Authority   Authority        // asks the zones' own servers, before Servers; nil for none
	Confirm     Authority        // confirms answers with the zones' own servers; nil for none
	Zones       *source.Zones    // laid over DNS; nil for none
	Timeout     time.Duration    // one try
	Retries     int              // more tries, on the next server first
	Concurrency int              // questions in flight
	Rate        int              // questions a second; 0 is unlimited
	Trace       *transport.Trace // every question and answer; nil for none
}

// Server is a server to ask.
type Server struct {
	transport.Exchanger
	party   int  // servers of one party count as one resolver of the consensus
	rotated bool // of several servers, questions begin with different ones
}

// Authority starts what asks the zones' own servers: the methods Walk and Brief of an
// iterative.Authority. A program without them links no walk from the root.
type Authority func(*transport.Client) iterative.Asker

// Resolver answers questions. It may be used from many goroutines.
type Resolver struct {
	client  *transport.Client
	zones   *source.Zones
	servers []server
	walker  iterative.Asker // nil without Authority
	brief   iterative.Asker // nil without Confirm

	resolvers []record.Asker
}

// New returns a Resolver. Close it when the run is over.
func New(o Options) *Resolver {
	r := &Resolver{zones: o.Zones, client: transport.NewClient(transport.Options{
		Policy:      transport.Policy{Timeout: o.Timeout, Retries: o.Retries},
		Concurrency: o.Concurrency,
		Rate:        o.Rate,
		Trace:       o.Trace,
	})}
	for _, s := range o.Servers {
		r.servers = append(r.servers, server{r.client.Server(s.Exchanger), s.party, s.rotated})
	}
	if o.Authority != nil {
		r.walker = o.Authority(r.client)
	}
	if o.Confirm != nil {
		r.brief = o.Confirm(r.client)
	}
	r.resolvers = r.parties()
	return r
}

// Forget drops all that was learned of delegations and servers.
func (r *Resolver) Forget() {
	for _, s := range r.servers {
		s.Forget()
	}
	for _, a := range r.authorities() {
		a.Forget()
	}
}

// Close closes all sockets. Questions in flight fail.
func (r *Resolver) Close() {
	for _, s := range r.servers {
		s.Close()
	}
	for _, a := range r.authorities() {
		a.Close()
	}
}

func (r *Resolver) authorities() []iterative.Asker {
	return slices.DeleteFunc([]iterative.Asker{r.walker, r.brief}, func(a iterative.Asker) bool { return a == nil })
}

// Ask answers q, following CNAMEs itself where a server does not.
func (r *Resolver) Ask(ctx context.Context, q record.Question) record.Answer {
	return r.ask(ctx, q, 0)
}

func (r *Resolver) ask(ctx context.Context, q record.Question, first int) record.Answer {
	a := record.Answer{Question: q, TTL: ^uint32(0), Local: true, AA: true, Validated: true}
	isHeld := func(n record.Name) bool { return r.zones.Of(n) != nil || r.zones.Changes().Holds(n) }
	name := q.Name
	var t *iterative.Task
	if r.walker != nil {
		t = iterative.NewTask()
	}
	fail := func(f *record.Failure) record.Answer {
		a.Failure, a.TTL = f, 0
		return a
	}
	for {
		rep, failure := r.once(ctx, t, record.Question{Name: name, Type: q.Type}, first)
		a.Server, a.Local = rep.server, a.Local && rep.local
		a.AA = a.AA && rep.Authoritative
		a.Validated = a.Validated && rep.Validated
		a.Sets = max(a.Sets, rep.sets)
		a.Lame = append(a.Lame, rep.lame...)
		if failure != nil {
			return fail(failure)
		}
		if owner, twice := rep.TwoCNAMEs(); twice {
			at := record.Question{Name: owner, Type: record.CNAME}
			return fail(&record.Failure{Question: at, Fault: record.TwoCNAMEs, Server: rep.server, Tries: 1})
		}
		targets, found, ttl := rep.Follow(name, q.Type, isHeld)
		if len(a.Chain) == 0 && len(targets) > 0 {
			a.AliasTTL = rep.TTLOf(q.Name, record.CNAME)
		}
		if a.Chain == nil {
			a.Chain = targets[:0] // the targets themselves are added to it
		}
		for _, t := range targets {
			if t == q.Name || slices.Contains(a.Chain, t) || len(a.Chain) == transport.MaxChain {
				return fail(&record.Failure{Question: q, Fault: record.ChainLoop, Server: rep.server, Tries: 1})
			}
			a.Chain = append(a.Chain, t)
		}
		a.TTL = min(a.TTL, ttl)
		switch end := a.Owner(); {
		case len(found) > 0:
			record.Sort(found)
			a.Status, a.Records, a.OwnTTL = record.Found, found, rep.TTLOf(end, q.Type)
			return a
		case rep.unseen:
			a.Status, a.TTL = record.Found, rep.SOATTL
			return a
		case len(targets) > 0 && (isHeld(end) || rep.Rcode == dns.RcodeSuccess && (rep.SOA == "" || !end.In(rep.SOA))):
			name = end // the rest of the chain is for us to ask
			continue
		case rep.Rcode == dns.RcodeNameError:
			a.Status = record.NoName
		default:
			a.Status = record.NoData
		}
		a.TTL = min(a.TTL, rep.SOATTL)
		return a
	}
}

// reply is a reply and where it is from.
type reply struct {
	transport.Reply
	server string        // or file
	local  bool          // from a file, or from nowhere but the flags
	lame   []record.Said // servers of the zone that did not answer for it
	unseen bool          // there are addresses, and the zone file does not hold them
	excess bool          // the zone file has more records than an answer can hold
	sets   int           // how many RRsets take turns, of which one answered
}

// now asks for the records at one name, as they are, without following CNAMEs: the
// zone files, then the servers of the zone, then the resolvers.
func (r *Resolver) now(ctx context.Context, t *iterative.Task, q record.Question, first int) (reply, *record.Failure) {
	if r.zones != nil {
		if rep, file, ok := fromZones(r.zones, q, record.SetOf(ctx)); ok {
			r.client.Trace.Local(q, file, rep.Reply)
			rep.server, rep.local = file, true
			if rep.excess {
				return reply{server: file, local: true}, &record.Failure{Question: q, Fault: record.Excess, Server: file, Tries: 1}
			}
			return rep, nil
		}
	}
	if r.walker != nil {
		a, failure := r.walker.Ask(ctx, t, q)
		if failure == nil || failure.Fault == record.Disagreed || len(r.servers) == 0 {
			return reply{Reply: a.Reply, server: a.Server, lame: a.Lame}, failure
		}
	}
	switch {
	case len(r.servers) > 0:
		return r.askServers(ctx, q, first)
	case isAbove(r.zones, q):
		return reply{Reply: transport.Reply{Rcode: dns.RcodeNameError, SOA: record.Root}, local: true}, nil
	}
	return reply{}, &record.Failure{Question: q, Fault: record.Offline}
}

// askServers asks one server after the other until one gives a credible reply,
// or the tries are used up.
func (r *Resolver) askServers(ctx context.Context, q record.Question, first int) (reply, *record.Failure) {
	query, err := transport.NewQuery(q)
	if err != nil {
		return reply{}, &record.Failure{Question: q, Fault: record.Malformed, Detail: "the name cannot be asked for"}
	}
	f := record.Failure{Question: q}
	servers, probe := r.order(q, first)
	n := len(servers)
	for turn, skipped := 0, 0; !r.client.GivesUp(f.Tries, skipped, n); turn++ {
		s := servers[turn%n]
		if f.Tries >= n {
			transport.Pause(ctx, f.Fault)
		}
		rep, err := r.client.Ask(ctx, s.Server, query, transport.Try{Before: f.Tries, Probe: probe && turn == 0, Choosy: n > 1 && turn < n})
		if err == nil && rep.Credible() {
			return reply{Reply: rep, server: s.String()}, nil
		}
		fault, _ := errors.AsType[*transport.Fault](err)
		if fault != nil && fault.Skipped {
			skipped++
			if f.Fault == 0 {
				f.Server, f.Fault, f.Detail = s.String(), fault.Kind, fault.Detail
			}
			continue
		}
		skipped = 0
		f.Server, f.EDE = s.String(), rep.EDE
		f.Tries++
		switch {
		case err == nil && rep.Rcode != dns.RcodeSuccess && rep.Rcode != dns.RcodeNameError:
			f.Fault, f.Rcode, f.Detail = record.BadRcode, rep.RcodeName(), ""
		case err == nil:
			f.Fault, f.Rcode, f.Detail = record.BadRcode, "no answer", "the server is neither recursive nor authoritative for the name"
		case fault != nil:
			f.Fault, f.Rcode, f.Detail = fault.Kind, "", fault.Detail
		default:
			f.Fault, f.Rcode, f.Detail = record.Interrupted, "", ""
			return reply{server: f.Server}, new(f)
		}
	}
	if f.Tries == 0 {
		f.Detail = strings.TrimPrefix(f.Detail+", as for earlier queries; this query was not sent", ", ")
	}
	return reply{server: f.Server}, new(f)
}

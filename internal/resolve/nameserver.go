package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// nameserver is a server of a zone, by the name in the delegation. It counts as
// one, however many addresses it has: they are tried in turn until one answers,
// as every resolver does.
type nameserver struct {
	name     record.Name
	glue     []netip.Addr
	answered atomic.Bool // for this zone, with authority
}

// listener is an address, whichever name servers it is of.
type listener struct {
	addr    netip.AddrPort
	server  Server
	public  bool
	reached bool // there is a way from this machine to there
	heard   atomic.Bool
	lost    atomic.Int32 // tries without an answer
}

// silence is after how many tries an address that never said anything in this
// run is called dead. A try of two seconds sends its datagram four times, so that
// even where every third exchange is lost this happens by chance to one address in
// half a million.
const silence = 3

func (l *listener) dead() bool { return !l.heard.Load() && l.lost.Load() >= silence }

// said is what one server of a zone said to a question.
type said struct {
	server  *nameserver // nil if it was not asked
	addr    netip.AddrPort
	reply   reply
	answers bool // with authority
	refers  bool // to a zone below, towards the name
	lame    bool // it does not answer for the zone, and not by chance
	failure record.Failure
	tries   int
	serial  *uint32 // of its zone, where that was asked
}

// effort is how hard one server is tried.
type effort struct {
	tries   int
	from    int  // the address to begin with
	patient bool // go on until an address that never answered is known to be dead
}

// question asks one server of z, its addresses in turn.
func (w *walker) question(ctx context.Context, t *task, z *cut, ns *nameserver, q record.Question, e effort) said {
	s := said{server: ns, failure: record.Failure{Question: q}}
	ls, why, sure := w.listenersOf(ctx, t, ns)
	switch {
	case ctx.Err() != nil:
		s.failure.Fault = record.Interrupted
		return s
	case len(ls) == 0:
		s.failure.Fault, s.failure.Detail, s.lame = record.Unreachable, why, sure
		return s
	}
	query, err := iterativeQuery(q, false)
	if err != nil {
		s.failure.Fault, s.failure.Detail = record.Malformed, "the name cannot be asked for"
		return s
	}
	s.addr = ls[0].addr
	live := living(ls)
	for len(live) > 0 && s.tries < max(e.tries, silence) {
		l := live[(e.from+s.tries)%len(live)]
		if s.tries >= e.tries && (!e.patient || l.heard.Load()) {
			break
		}
		if s.tries >= len(live) && s.failure.Fault != record.Timeout {
			sleep(ctx, again)
		}
		s.addr = l.addr
		if !t.spend() {
			if s.tries == 0 {
				s.failure.Fault, s.failure.Detail = record.Unreachable, "it was not asked"
			}
			return s
		}
		rep, err := w.try(ctx, t, l, query, s.tries)
		s.tries++
		if bad, is := errors.AsType[*fault](err); is {
			if !bad.unasked {
				l.lost.Add(1)
			}
			s.failure.Fault, s.failure.Detail, s.failure.Rcode = bad.kind, bad.detail, ""
			live = living(ls)
			continue
		}
		if err != nil {
			s.failure.Fault = record.Interrupted
			return s
		}
		l.heard.Store(true)
		s.read(rep, z.zone, q)
		if s.answers || s.refers {
			return s
		}
	}
	if s.failure.Fault == 0 { // it was dead already
		s.failure.Fault = record.Timeout
	}
	s.lame = (len(live) == 0 || s.failure.Fault == record.BadRcode) && !ns.answered.Load()
	return s
}

func living(ls []*listener) []*listener {
	return slices.DeleteFunc(slices.Clone(ls), (*listener).dead)
}

// try asks one address once, without EDNS if it does not know that.
func (w *walker) try(ctx context.Context, t *task, l *listener, q *query, try int) (reply, error) {
	resting, due := l.server.line.resting()
	rep, err := w.ask(ctx, l.server, q, hearing{tries: try, probe: resting && due, allowance: t.allowance})
	if err == nil && isEDNSRefusal(rep.rcode) && t.spend() {
		plain, err := iterativeQuery(q.question, true)
		if err != nil {
			return reply{}, err
		}
		return w.ask(ctx, l.server, plain, hearing{tries: try, allowance: t.allowance})
	}
	return rep, err
}

// iterativeQuery is a question for what a server knows itself.
func iterativeQuery(q record.Question, plain bool) (*query, error) {
	query, err := newQuery(q, plain)
	if err != nil {
		return nil, err
	}
	query.wire[2] &^= 0x01 // RD
	query.iterative = true
	return query, nil
}

// read judges a reply of a server of the zone.
func (s *said) read(r reply, zone record.Name, q record.Question) {
	s.failure.Fault, s.failure.Detail, s.failure.EDE = record.BadRcode, "", r.ede
	s.failure.Rcode = rcodeName(r.rcode)
	switch down := r.cut.zone; {
	case r.rcode != dns.RcodeSuccess && r.rcode != dns.RcodeNameError:
	case r.rcode == dns.RcodeSuccess && down != "" && down.Below(zone) && q.Name.In(down):
		s.refers = true
		s.reply = r
	case !r.authoritative && down != "":
		s.failure.Rcode = fmt.Sprintf("a referral to %s", down.FQDN())
	case !r.authoritative:
		s.failure.Rcode = "an answer without authority"
	case r.soa != "" && !r.soa.In(zone):
		s.failure.Rcode = fmt.Sprintf("an answer from zone %s", r.soa.FQDN())
	default:
		s.answers = true
		s.server.answered.Store(true)
		s.reply = r.about(q)
	}
}

// about keeps of a reply what it says of the name itself. Where that is a
// CNAME, the rest is for the target's own servers to say.
func (r reply) about(q record.Question) reply {
	r.answers = slices.DeleteFunc(slices.Clone(r.answers), func(a record.RR) bool { return a.Owner != q.Name })
	if len(r.answers) > 0 {
		r.rcode, r.soa = dns.RcodeSuccess, ""
	}
	return r
}

// says puts what a server said into a few words.
func (s *said) says(q record.Question) string {
	if s.answers {
		return s.answer(q).Says()
	}
	switch f := s.failure; {
	case f.Fault == record.BadRcode:
		return f.Rcode
	case f.Detail != "":
		return "nothing: " + f.Detail
	default:
		return "nothing: " + f.Reason()
	}
}

// name is the server's name and the address that was asked last.
func (s *said) name() string {
	if !s.addr.IsValid() {
		return string(s.server.name)
	}
	return fmt.Sprintf("%s (%s)", s.server.name, s.addr)
}

// addresses is what is known of where a server is.
type addresses struct {
	addrs  []netip.Addr
	absent bool // it is sure that there are none
	why    string
}

// failedLookup is how long an address that could not be found is not looked for
// again (RFC 9520 section 3.2: at least a second; Unbound's are five, too).
const failedLookup = 5 * time.Second

// deepestLookup bounds how far addresses of servers are looked for in zones
// whose servers' addresses have to be looked for.
const deepestLookup = 6

// listenersOf finds where a server can be asked. Where there is no such place
// it says why, and whether that is sure to be so for everybody.
func (w *walker) listenersOf(ctx context.Context, t *task, ns *nameserver) (ls []*listener, why string, sure bool) {
	known := addresses{addrs: ns.glue}
	if len(known.addrs) == 0 {
		if t.depth > deepestLookup {
			t.stopped.Store(true)
			return nil, "its address is not to be found", false
		}
		var ok bool
		known, ok = w.lookups.do(ctx, &w.waits, t, ns.name, func(t *task) (addresses, bool) {
			a := w.lookup(ctx, t, ns.name)
			return a, len(a.addrs) > 0 || a.absent
		})
		if !ok {
			return nil, "its address can be asked of nobody but itself", false
		}
	}
	if len(known.addrs) == 0 {
		return nil, known.why, known.absent
	}
	why, sure = "this machine has no way to it", false
	for _, a := range known.addrs {
		switch l := w.listener(a); {
		case !l.public:
			why, sure = fmt.Sprintf("%s is no public address", a), true
		case !l.reached:
			why, sure = fmt.Sprintf("this machine has no way to %s", a), false
		default:
			ls = append(ls, l)
		}
	}
	return ls, why, sure
}

// lookup asks for the addresses of a server's name. An alias has none (RFC 2181
// section 10.3).
func (w *walker) lookup(ctx context.Context, t *task, host record.Name) (a addresses) {
	types := []record.Type{record.A, record.AAAA}
	absent := 0
	if !t.spend() {
		return addresses{why: "its address was not looked for"}
	}
	for _, of := range types {
		q := record.Question{Name: host, Type: of}
		o, failure := w.resolve(ctx, t, q, anyServer)
		var rep reply
		if failure == nil {
			rep, _, failure = o.agreed()
		}
		if failure != nil {
			a.why = "its address could not be found"
			continue
		}
		for _, r := range rep.answers {
			if r.Data.Type == of {
				a.addrs = addAddress(a.addrs, r.Data.Addr)
			}
		}
		if len(a.addrs) == 0 {
			absent++
			a.why = "it has no address"
		}
		if len(a.addrs) > 0 && !w.reaches(someIPv6) {
			break
		}
	}
	a.absent = absent == len(types)
	return a
}

var someIPv6 = netip.MustParseAddr("2001:500:2f::f")

// listener finds what is known of an address.
func (w *walker) listener(a netip.Addr) *listener {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.listeners[a]
	if l == nil {
		addr := netip.AddrPortFrom(a, w.port)
		l = &listener{
			addr:   addr,
			server: w.server(w.pool.at(addr)),
			public: !a.IsUnspecified() && !a.IsMulticast() && (w.private || isPublic(a)),
		}
		l.reached = l.public && w.reaches(a)
		w.listeners[a] = l
	}
	return l
}

// isPublic reports whether an address can be that of a public server. A zone
// must not lead us to ask what is behind our own firewall.
func isPublic(a netip.Addr) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

// hasRoute reports whether this machine has a way to an address: most runners
// have none to those of IPv6. Nothing is sent.
func hasRoute(a netip.Addr) bool {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 53)))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

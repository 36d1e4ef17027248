package iterative

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// network is how servers are reached.
type network struct {
	dial    func(netip.AddrPort) transport.Exchanger
	reaches func(netip.Addr) bool // whether this machine has a way there
}

// nameservers asks servers of zones, at the addresses that it knows or finds.
type nameservers struct {
	network
	client  *transport.Client
	pool    *transport.Pool
	port    uint16
	private bool // addresses that are not public may be asked
	walk    func(context.Context, *Task, record.Question, mode) (consensus, *record.Failure)

	heard     atomic.Bool // whether any server answered
	mu        sync.Mutex
	addresses map[netip.Addr]*address

	waits   waitGraph
	lookups singleflight[record.Name, hostAddresses]
}

// address is one address, of all name servers that share it.
type address struct {
	addr       netip.AddrPort
	server     *transport.Server
	public     bool
	reached    bool // there is a way from this machine to there
	heard      atomic.Bool
	unanswered atomic.Int32 // tries without an answer
}

func (a *address) dead() bool { return !a.heard.Load() && a.unanswered.Load() >= transport.DeadAfter }

// hostAddresses is the outcome of looking for a server's addresses.
type hostAddresses struct {
	addrs  []netip.Addr
	absent bool // it is sure that there are none
	why    string
}

// deepestLookup bounds the recursion: to look up a server's address, the addresses
// of the servers of its zone may have to be looked up.
const deepestLookup = 6

// addressesOf finds the addresses at which a server can be asked. Where there are
// none it says why, and whether that is so from every machine.
func (n *nameservers) addressesOf(ctx context.Context, t *Task, ns *nameserver) (all []*address, why string, sure bool) {
	known := hostAddresses{addrs: ns.glue}
	if len(known.addrs) == 0 {
		if t.depth > deepestLookup {
			t.stopped.Store(true)
			return nil, "the search for its address went too deep", false
		}
		var ok bool
		known, ok = n.lookups.do(ctx, &n.waits, t, ns.name, func(t *Task) (hostAddresses, bool) {
			a := n.find(ctx, t, ns.name)
			return a, len(a.addrs) > 0 || a.absent
		})
		if !ok {
			return nil, "its address depends on itself", false
		}
	}
	if len(known.addrs) == 0 {
		return nil, known.why, known.absent
	}
	why, sure = "this machine has no route to it", false
	for _, addr := range known.addrs {
		switch a := n.at(addr); {
		case !a.public:
			why, sure = fmt.Sprintf("%s is not a public address", addr), true
		case !a.reached:
			why, sure = fmt.Sprintf("this machine has no route to %s", addr), false
		default:
			all = append(all, a)
		}
	}
	return all, why, sure
}

// find looks up the addresses of a server's name. An alias has none (RFC 2181
// section 10.3).
func (n *nameservers) find(ctx context.Context, t *Task, host record.Name) (a hostAddresses) {
	if !t.Spend() {
		return hostAddresses{why: "its address was not looked up"}
	}
	a.absent = true
	for _, of := range []record.Type{record.A, record.AAAA} {
		c, failure := n.walk(ctx, t, record.Question{Name: host, Type: of}, anyServer)
		var answer Answer
		if failure == nil {
			answer, failure = c.agreed()
		}
		if failure != nil {
			a.why, a.absent = "its address could not be found", false
			continue
		}
		for _, r := range answer.Answers {
			if r.Data.Type == of {
				a.addrs = addAddress(a.addrs, r.Data.Addr)
			}
		}
		if len(a.addrs) == 0 {
			a.why = "it has no address"
		} else if !n.reaches(someIPv6) {
			break
		}
	}
	a.absent = a.absent && len(a.addrs) == 0
	return a
}

var someIPv6 = netip.MustParseAddr("2001:500:2f::f")

// at finds the state of an address.
func (n *nameservers) at(addr netip.Addr) *address {
	n.mu.Lock()
	defer n.mu.Unlock()
	a := n.addresses[addr]
	if a == nil {
		to := netip.AddrPortFrom(addr, n.port)
		a = &address{
			addr:   to,
			server: n.client.Server(n.pool.At(to)),
			public: !addr.IsUnspecified() && !addr.IsMulticast() && (n.private || isPublic(addr)),
		}
		a.reached = a.public && n.reaches(addr)
		n.addresses[addr] = a
	}
	return a
}

// forget drops all that was learned.
func (n *nameservers) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addresses = map[netip.Addr]*address{}
	n.heard.Store(false)
	n.lookups.forget()
}

// isPublic reports whether an address can be a public server's. A zone must not
// lead us to ask a server behind our own firewall.
func isPublic(a netip.Addr) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

//go:build !js

package iterative

import (
	"net"
	"net/netip"

	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// Authority is how to find the servers that are responsible for a zone: by the
// delegations, from the root down.
type Authority struct {
	Hints *Hints // the root's servers; nil for those of the Internet
	Port  uint16 // where name servers listen; 0 is 53

	network *network // nil for that of this machine
}

// Walk returns a Walker that asks through c.
func (a Authority) Walk(c *transport.Client) Asker { return newWalker(c, a) }

// Brief returns a Walker that only confirms answers of resolvers. Where the way to
// the outside is blocked, which many networks do, it finds that out once, and soon.
func (a Authority) Brief(c *transport.Client) Asker {
	w := newWalker(c.Brief(), a)
	w.brief, w.enough = true, w.tries
	return w
}

func newWalker(c *transport.Client, a Authority) *Walker {
	n := &nameservers{network: internet, client: c, port: a.Port, private: a.Hints != nil}
	if a.network != nil {
		n.network = *a.network
	}
	if n.port == 0 {
		n.port = 53
	}
	if a.Hints == nil {
		a.Hints = rootHints()
	}
	n.pool = transport.NewPool(n.dial)
	n.lookups.failures = transport.FailedLookup
	w := &Walker{nameservers: n, tries: c.Tries(), enough: c.ZoneServers(), hints: a.Hints.delegation}
	n.walk = w.walk
	w.Forget()
	return w
}

// internet is the network of this machine.
var internet = network{
	dial:    func(addr netip.AddrPort) transport.Exchanger { return transport.NewUDP(addr) },
	reaches: hasRoute,
}

// hasRoute reports whether this machine has a route to an address: most runners
// have none to IPv6. No packet is sent.
func hasRoute(a netip.Addr) bool {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 53)))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

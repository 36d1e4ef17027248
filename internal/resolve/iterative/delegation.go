package iterative

import (
	"net/netip"
	"slices"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// Bounds of one delegation: a hostile one may name many servers that have to be
// looked for (NXNSAttack, RFC 9520 section 1.2.3).
const (
	maxNameservers = 20 // of a zone; the root and com have 13
	maxAddresses   = 4  // of a server, of each family
)

// delegation is the servers of a zone as referrals name them, within bounds.
type delegation struct {
	zone  record.Name // "" for none
	hosts []record.Name
	glue  map[record.Name][]netip.Addr // not yet held against any bailiwick
}

// merge adds the servers that a referral to the zone names, and their glue.
func (d *delegation) merge(r transport.Referral) {
	if d.zone == "" {
		*d = delegation{zone: r.Zone, glue: map[record.Name][]netip.Addr{}}
	}
	for _, h := range r.NS {
		if !slices.Contains(d.hosts, h) && len(d.hosts) < maxNameservers {
			d.hosts = append(d.hosts, h)
		}
	}
	slices.Sort(d.hosts)
	for _, a := range r.Glue {
		if slices.Contains(d.hosts, a.Owner) {
			d.glue[a.Owner] = addAddress(d.glue[a.Owner], a.Data.Addr)
		}
	}
}

// addAddress adds an address, unless it is there or there are enough. IPv4 sorts
// first: more machines can reach it.
func addAddress(all []netip.Addr, a netip.Addr) []netip.Addr {
	family := 0
	for _, b := range all {
		if b == a {
			return all
		}
		if b.Is4() == a.Is4() {
			family++
		}
	}
	if family == maxAddresses {
		return all
	}
	all = append(all, a)
	slices.SortFunc(all, netip.Addr.Compare)
	return all
}

// nameserver is a server of a zone, by the name in the delegation. It counts as
// one server: its addresses are tried in turn until one answers, as every resolver
// does.
type nameserver struct {
	name     record.Name
	glue     []netip.Addr
	answered atomic.Bool // for this zone, with authority
}

// cut is a zone with the servers that it is delegated to.
type cut struct {
	zone    record.Name
	servers []*nameserver
}

// newCut takes over a delegation. Glue counts only for hosts within the
// bailiwick, the zone whose servers gave it.
func newCut(d delegation, bailiwick record.Name) *cut {
	c := &cut{zone: d.zone}
	for _, h := range d.hosts {
		ns := &nameserver{name: h}
		if h.In(bailiwick) {
			ns.glue = d.glue[h]
		}
		c.servers = append(c.servers, ns)
	}
	return c
}

package resolve

import (
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// Bounds of what one delegation can make us do: a hostile one may name many
// servers that have to be looked for (NXNSAttack, RFC 9520 section 1.2.3).
const (
	maxNameservers = 20 // of a zone; the root and com have 13
	maxAddresses   = 4  // of a server, of each family
)

// delegation is what a message tells of the servers of a zone: the parent's
// referral to it, or the zone's own NS records.
type delegation struct {
	zone  record.Name // "" for none
	hosts []record.Name
	glue  map[record.Name][]netip.Addr // not yet held against any bailiwick
}

// delegationIn finds the delegation in the reply to an iterative question.
func delegationIn(m *dns.Msg, q record.Question) delegation {
	section := m.Ns
	if len(m.Answer) > 0 {
		section = m.Answer
		if q.Type != record.NS {
			return delegation{}
		}
	}
	var d delegation
	for _, x := range section {
		switch x := x.(type) {
		case *dns.SOA:
			return delegation{} // a proof of absence
		case *dns.NS:
			zone, err := record.ParseName(x.Hdr.Name)
			host, err2 := record.ParseName(x.Ns)
			if err != nil || err2 != nil || d.zone != "" && zone != d.zone || len(d.hosts) == maxNameservers {
				continue
			}
			d.zone = zone
			if !slices.Contains(d.hosts, host) {
				d.hosts = append(d.hosts, host)
			}
		}
	}
	if d.zone == "" {
		return d
	}
	slices.Sort(d.hosts)
	d.glue = map[record.Name][]netip.Addr{}
	for _, x := range m.Extra {
		a, err := source.FromRR(x)
		if err != nil || !a.Data.Addr.IsValid() || !slices.Contains(d.hosts, a.Owner) {
			continue
		}
		d.glue[a.Owner] = addAddress(d.glue[a.Owner], a.Data.Addr)
	}
	return d
}

// addAddress adds an address, unless it is there or there are enough. Those of
// IPv4 stand first: more machines can reach them.
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
	slices.SortFunc(all, func(a, b netip.Addr) int {
		if a.Is4() != b.Is4() {
			if a.Is4() {
				return -1
			}
			return 1
		}
		return a.Compare(b)
	})
	return all
}

// merge adds the servers that another referral to the same zone names.
func (d *delegation) merge(o delegation) {
	if d.zone == "" {
		d.zone, d.glue = o.zone, map[record.Name][]netip.Addr{}
	}
	for _, h := range o.hosts {
		if !slices.Contains(d.hosts, h) && len(d.hosts) < maxNameservers {
			d.hosts = append(d.hosts, h)
		}
		for _, a := range o.glue[h] {
			d.glue[h] = addAddress(d.glue[h], a)
		}
	}
	slices.Sort(d.hosts)
}

// cut is a zone with the servers that it is delegated to, and what is known of
// them so far in this run.
type cut struct {
	zone    record.Name
	servers []*nameserver
}

// newCut takes over a delegation. Glue counts only for hosts within the
// bailiwick, the zone whose servers gave it; they know nothing about others.
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

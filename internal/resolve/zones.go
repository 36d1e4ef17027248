package resolve

import (
	"cmp"
	"slices"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// fromZones answers q from zones, one name deep: the caller follows CNAMEs. Some
// providers allow and export a CNAME next to other records; then the records of
// the query's type count. ok is false if the zones do not have the name, or only
// without data. Of several rotating RRsets, number set answers.
func fromZones(zones *source.Zones, q record.Question, set int) (r reply, file string, ok bool) {
	z := zones.Of(q.Name)
	if z == nil {
		return reply{}, "", false
	}
	r.Authoritative, r.SOA, r.SOATTL = true, z.Apex, z.TTL
	at, exists := nodeOf(z, q.Name)
	if !exists {
		r.Rcode = dns.RcodeNameError
		return r, z.File, true
	}
	for _, t := range []record.Type{q.Type, record.CNAME} {
		if len(r.Answers) == 0 && !r.excess {
			var one []source.Record
			one, r.sets = oneSet(ofType(at, t), set)
			r.Answers, r.excess = rrset(one, t, q.Name)
		}
	}
	if len(r.Answers) > 0 || r.excess {
		return r, z.File, true
	}
	for _, one := range at {
		t := one.Data.Type
		switch address := q.Type == record.A || q.Type == record.AAAA; {
		case address && (one.Proxied || one.Computed && t == record.A):
			r.unseen = true
		case one.Computed && (t == q.Type || t == record.CNAME):
			return reply{}, "", false
		}
	}
	return r, z.File, true
}

// Live returns a resolver without the user's zones and changes.
func (r *Resolver) Live() record.Asker {
	live := *r
	live.zones = nil
	return &live
}

// Differ reports whether a query's answer differs between two sets of zones, or
// because of a change. TTLs and SOA data do not matter.
func Differ(before, now *source.Zones, q record.Question) bool {
	if changes(now, q) {
		return true
	}
	old, _, had := fromZones(before, q, allSets)
	fresh, _, has := fromZones(now, q, allSets)
	if had != has || old.Rcode != fresh.Rcode || old.unseen != fresh.unseen || old.excess != fresh.excess {
		return true
	}
	return !slices.EqualFunc(old.Answers, fresh.Answers, func(a, b record.RR) bool {
		return a.Data.Type == b.Data.Type && (a.Data.Type == record.SOA || record.Compare(a.Data, b.Data) == 0)
	})
}

// changes reports whether something about a question is to change.
func changes(now *source.Zones, q record.Question) bool {
	if _, ok := now.Changes().Deleted(q.Name); ok {
		return true
	}
	if cut, ok := now.Changes().Cut(q.Name); ok && cut.Changed {
		return true
	}
	for _, t := range []record.Type{q.Type, record.CNAME} {
		if s := now.Changes().At(record.Question{Name: q.Name, Type: t}); s != nil && s.Changed {
			return true
		}
	}
	return false
}

// allSets means the records of all RRsets that take turns.
const allSets = -1

// ofType are the records of one type at a node.
func ofType(node []source.Record, t record.Type) []source.Record {
	from, _ := slices.BinarySearchFunc(node, t, func(r source.Record, t record.Type) int { return cmp.Compare(r.Data.Type, t) })
	to := from
	for to < len(node) && node[to].Data.Type == t {
		to++
	}
	return node[from:to:to]
}

// oneSet are the records of one of several RRsets that take turns, and how many
// there are; 0 where none does. The i-th answers, or the last.
func oneSet(records []source.Record, i int) (_ []source.Record, sets int) {
	var names []string
	for _, r := range records {
		if r.Set != "" && r.Plain() && !slices.Contains(names, r.Set) {
			names = append(names, r.Set)
		}
	}
	if len(names) < 2 || i == allSets {
		return records, 0
	}
	slices.Sort(names)
	name := names[min(i, len(names)-1)]
	return slices.DeleteFunc(slices.Clone(records), func(r source.Record) bool { return r.Set != name }), len(names)
}

// rrset returns the records of one type at a node, with the name of the query as
// owner. excess reports that there are more than an answer can hold.
func rrset(node []source.Record, t record.Type, name record.Name) (all []record.RR, excess bool) {
	from, _ := slices.BinarySearchFunc(node, t, func(r source.Record, t record.Type) int { return cmp.Compare(r.Data.Type, t) })
	ttl := ^uint32(0)
	for _, r := range node[from:] {
		switch {
		case r.Data.Type != t:
			return withTTL(all, ttl), false
		case r.Excess:
			return nil, true
		case r.Plain() && (len(all) == 0 || record.Compare(all[len(all)-1].Data, r.Data) != 0): // several RRsets may have it
			ttl = min(ttl, r.TTL)
			all = append(all, record.RR{Owner: name, Data: r.Data})
		}
	}
	return withTTL(all, ttl), false
}

func withTTL(all []record.RR, ttl uint32) []record.RR {
	for i := range all {
		all[i].TTL = ttl
	}
	return all
}

// nodeOf returns the records of a name: its own, or those of the wildcard below
// its closest encloser (RFC 4592 section 3.3).
func nodeOf(z *source.Zone, name record.Name) (records []source.Record, exists bool) {
	if records, exists = z.At(name); exists {
		return records, true
	}
	for n := name; n != z.Apex; {
		n = n.Parent()
		if _, ok := z.At(n); ok {
			return z.At(n.Child("*"))
		}
	}
	return nil, false
}

// isAbove reports whether a name is where a registry would publish a DMARC
// policy, `_dmarc.com`, above one of the zones. Without a network there is none:
// it is not for the organisation whose zones these are to say.
func isAbove(zones *source.Zones, q record.Question) bool {
	if q.Type != record.TXT || q.Name.FirstLabel() != "_dmarc" {
		return false
	}
	above := q.Name.Parent()
	suffix, _ := publicsuffix.PublicSuffix(string(above))
	return suffix == string(above) && zones.Above(above)
}

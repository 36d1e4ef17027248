// Package source reads where DNS is made before it is live, one file a form:
// zone files, octoDNS, DNSControl, Route 53, Terraform, CloudFormation, Pulumi.
//
// A form is a whole zone, in which a name that is not there does not exist, or a
// change: RRsets that will be there, and RRsets that will be gone, while all else
// stays as it is. Package source says what is there and where it is made. What
// follows from that is for others: package resolve lays it over DNS, inventory and
// check look for records of Amazon SES. None of them knows a form.
package source

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/sescheck/sescheck/internal/record"
)

// Zone is a whole zone: a name that is not in it does not exist.
type Zone struct {
	Apex    record.Name
	File    string   // the path
	TTL     uint32   // of an absence, in seconds (RFC 2308 section 5)
	Records []Record // sorted by owner, type and data; no RRset has one twice (RFC 2181 section 5)

	names map[record.Name][]Record // owners, and the empty non-terminals above them
	cuts  map[record.Name]bool     // owners of NS records but the apex
	trees map[record.Name]bool     // owners of DNAME records
}

// Record is a record and where it is made. Of types that sescheck does not ask
// for, Data has the type alone.
type Record struct {
	record.RR
	Place

	// Proxied says that addresses of the DNS provider are answered in the place of
	// this address or CNAME.
	Proxied bool
	// Computed says that the name server makes up the answer, as of an ALIAS. Data
	// has its type alone, A for both kinds of address.
	Computed bool
	// Excess says that no answer can hold the records of this name and type.
	Excess bool
	// Set names one of several RRsets of that name and type, of which one is
	// answered at a time, as with weights; "" where there is only one.
	Set string
	// Weightless says that the weight of Set is 0: it is not answered if another one
	// has a weight.
	Weightless bool
	// Unreadable says why a record that a change makes cannot be: its data is not
	// of its type. It is not answered.
	Unreadable string
}

// Plain reports whether the record is answered as it is written.
func (r Record) Plain() bool { return !r.Proxied && !r.Computed && r.Unreadable == "" }

// maxAnswer is how many octets a DNS message may have (RFC 1035 section 4.2.2).
const maxAnswer = 1<<16 - 1

// least is how many octets a record takes of a message at least: names may be
// compressed.
func least(r record.Record) int {
	const header, pointer, preference = 12, 2, 2
	n := header
	switch r.Type {
	case record.A:
		n += 4
	case record.AAAA:
		n += 16
	case record.MX:
		n += preference + pointer
	case record.TXT:
		for _, s := range r.Strings {
			n += 1 + s.Len()
		}
	default:
		n += pointer
	}
	return n
}

// dname is the type that puts another tree in the place of all names below its
// owner (RFC 6672).
const dname record.Type = 39

// At returns the records at a name, by type and data, and whether the name
// exists. An empty non-terminal exists without records.
func (z *Zone) At(name record.Name) (records []Record, exists bool) {
	records, exists = z.names[name]
	return records, exists
}

// Delegates reports whether the zone is not authoritative for a name: it is at or
// below a zone cut (RFC 1034 section 4.2.1), or below a DNAME.
func (z *Zone) Delegates(name record.Name) bool {
	if len(z.cuts)+len(z.trees) == 0 {
		return false
	}
	for n := name; n != z.Apex; n = n.Parent() {
		if z.cuts[n] || z.trees[n.Parent()] {
			return true
		}
	}
	return false
}

// index sorts the records and finds the names that exist.
func (z *Zone) index(used *usage) error {
	slices.SortFunc(z.Records, func(a, b Record) int {
		if a.Owner != b.Owner {
			return cmp.Compare(a.Owner, b.Owner)
		}
		return cmp.Or(record.Compare(a.Data, b.Data), cmp.Compare(a.Set, b.Set), cmp.Compare(a.Line, b.Line))
	})
	z.Records = slices.CompactFunc(z.Records, func(a, b Record) bool {
		return a.Owner == b.Owner && a.Plain() == b.Plain() && a.Set == b.Set && record.Compare(a.Data, b.Data) == 0
	})
	z.names = map[record.Name][]Record{z.Apex: nil}
	z.cuts, z.trees = map[record.Name]bool{}, map[record.Name]bool{}
	for _, r := range z.Records {
		switch {
		case r.Data.Type == record.NS && r.Owner != z.Apex && r.Plain():
			z.cuts[r.Owner] = true
		case r.Data.Type == dname:
			z.trees[r.Owner] = true
		}
	}
	for from := 0; from < len(z.Records); {
		to := from
		for to < len(z.Records) && z.Records[to].Owner == z.Records[from].Owner {
			to++
		}
		owner := z.Records[from].Owner
		markExcess(z.Records[from:to])
		z.names[owner] = z.Records[from:to:to]
		for n := owner; n != z.Apex; {
			n = n.Parent()
			if _, ok := z.names[n]; ok {
				break
			}
			z.names[n] = nil
			if err := used.take(); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

// markExcess marks the records of a name if there are too many of one type.
func markExcess(sorted []Record) {
	for from := 0; from < len(sorted); {
		to, size := from, 0
		for to < len(sorted) && sorted[to].Data.Type == sorted[from].Data.Type {
			size += least(sorted[to].Data)
			to++
		}
		for i := from; i < to && size > maxAnswer; i++ {
			sorted[i].Excess = true
		}
		from = to
	}
}

// Published yields the records with known data, in the order of Records, without
// computed ones, excess ones and doubled CNAMEs.
func (z *Zone) Published() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for i, r := range z.Records {
			if r.Computed || r.Excess || z.Delegates(r.Owner) || r.Data.Type == record.CNAME && doubled(z.Records, i) {
				continue
			}
			if !yield(r) {
				return
			}
		}
	}
}

// doubled reports whether the CNAME at i is one of several at its name: then none
// counts (RFC 2181 section 10.1).
func doubled(sorted []Record, i int) bool {
	same := func(j int) bool {
		return j >= 0 && j < len(sorted) && sorted[j].Owner == sorted[i].Owner && sorted[j].Set == sorted[i].Set && sorted[j].Data.Type == record.CNAME && sorted[j].Plain()
	}
	return same(i-1) || same(i+1)
}

// Zones are whole zones by their apex, and planned changes. The zero value and
// nil have none.
type Zones struct {
	zones   map[record.Name]*Zone
	changes *Changes // nil for none
	skipped []Skipped
	used    usage
}

// Changes are the planned changes; may be nil.
func (z *Zones) Changes() *Changes {
	if z == nil {
		return nil
	}
	return z.changes
}

// All returns the zones, sorted by their apex.
func (z *Zones) All() []*Zone {
	if z == nil {
		return nil
	}
	all := make([]*Zone, 0, len(z.zones))
	for _, apex := range slices.Sorted(maps.Keys(z.zones)) {
		all = append(all, z.zones[apex])
	}
	return all
}

// Of returns the zone whose data a name is; nil where there is none, or where
// the zone delegates the name.
func (z *Zones) Of(name record.Name) *Zone {
	if z == nil {
		return nil
	}
	delegated := false // by a change
	for n := name; ; n = n.Parent() {
		if one := z.zones[n]; one != nil {
			if delegated || one.Delegates(name) {
				return nil
			}
			return one
		}
		if n == record.Root {
			return nil
		}
		delegated = delegated || z.changes.delegates(n)
	}
}

// Above reports whether a zone, or a name that will be there, is below the name.
func (z *Zones) Above(name record.Name) bool {
	if z == nil {
		return false
	}
	for apex := range z.zones {
		if apex.Below(name) {
			return true
		}
	}
	return z.changes.Has(name)
}

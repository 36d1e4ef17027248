package resolve

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// maxZoneFile bounds a zone file, in octets.
const maxZoneFile = 256 << 20

// Zones is DNS as zone files have it, to be laid over the DNS of the servers.
// A nil Zones holds nothing.
type Zones struct{ zones map[record.Name]*zone }

// zone is one zone file (RFC 1035 section 5).
type zone struct {
	apex  record.Name
	file  string
	nodes map[record.Name]node // owners, and the empty non-terminals above them
	ttl   uint32               // of an absence
}

// node is the RRsets at one name. An empty non-terminal has none.
type node map[record.Type]rrset

type rrset struct {
	ttl     uint32
	records []record.Record
}

// LoadZones reads zone files: those named, and in folders and the folders below
// them *.zone, *.db, and db.*. The zone is its SOA's owner or, without a SOA,
// the file's name. The error tells all that is wrong, a line each, as
// file:line:column.
func LoadZones(paths ...string) (*Zones, error) {
	z := &Zones{zones: map[record.Name]*zone{}}
	if err := z.Add(paths...); err != nil {
		return nil, err
	}
	return z, nil
}

// Add reads more zone files, as LoadZones does. A file that was read before is
// no second zone.
func (z *Zones) Add(paths ...string) error {
	var problems []error
	for _, root := range paths {
		found := false
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case d.IsDir(), path != root && !isZoneFile(d.Name()):
				return nil
			}
			found = true
			problems = append(problems, z.load(path)...)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read zone files: %w", err)
		}
		if !found {
			return fmt.Errorf("read zone files: none in %s; they are named like example.com.zone, example.com.db or db.example.com", untrusted.Line(root))
		}
	}
	return errors.Join(problems...)
}

// load adds the zone of a file, or tells what is wrong with it.
func (z *Zones) load(path string) []error {
	one, errs := loadZone(path)
	if len(errs) > 0 {
		return errs
	}
	if other := z.zones[one.apex]; other != nil {
		if sameFile(path, other.file) {
			return nil
		}
		return []error{fmt.Errorf("%s: zone %s is in %s already; one file a zone", untrusted.Line(path), one.apex, untrusted.Line(other.file))}
	}
	z.zones[one.apex] = one
	return nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(one, other)
}

func isZoneFile(name string) bool {
	if strings.HasPrefix(name, ".") {
		return false
	}
	return strings.HasSuffix(name, ".zone") || strings.HasSuffix(name, ".db") || strings.HasPrefix(name, "db.")
}

// zoneName is the zone that a file's name stands for; ok is false where the
// name is none.
func zoneName(path string) (record.Name, bool) {
	s := filepath.Base(path)
	for _, suffix := range []string{".zone", ".db"} {
		s = strings.TrimSuffix(s, suffix)
	}
	n, err := record.ParseName(strings.TrimPrefix(s, "db."))
	return n, err == nil
}

func loadZone(path string) (*zone, []error) {
	f, err := untrusted.Open(path)
	if err != nil {
		return nil, []error{fmt.Errorf("%s: %w", untrusted.Line(path), err)}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxZoneFile {
		return nil, []error{fmt.Errorf("%s: zone file of over %d MiB", untrusted.Line(path), maxZoneFile>>20)}
	}
	name, named := zoneName(path)
	origin := ""
	if named {
		origin = name.FQDN()
	}
	p := dns.NewZoneParser(withoutMark(f), origin, "")
	p.SetDefaultTTL(3600)
	var all []rr
	apex := record.Name("")
	ttl := uint32(0)
	for x, ok := p.Next(); ok; x, ok = p.Next() {
		if x.Header().Class != dns.ClassINET {
			continue
		}
		a, err := toRR(x)
		if err != nil {
			return nil, []error{fmt.Errorf("%s: record %s: %w", untrusted.Line(path), untrusted.Quote(x.Header().Name), err)}
		}
		if soa, is := x.(*dns.SOA); is {
			if apex != "" && apex != a.owner {
				return nil, []error{fmt.Errorf("%s: SOA records of %s and of %s; one file a zone", untrusted.Line(path), apex, a.owner)}
			}
			apex, ttl = a.owner, min(a.ttl, soa.Minttl)
		}
		all = append(all, a)
	}
	if err := p.Err(); err != nil {
		return nil, []error{zoneError(path, err)}
	}
	if apex == "" {
		if !named {
			return nil, []error{fmt.Errorf("%s: no SOA record, and the file's name is no domain; name the file after its zone", untrusted.Line(path))}
		}
		apex, ttl = name, 300
	}
	z := &zone{apex: apex, file: path, nodes: map[record.Name]node{apex: {}}, ttl: ttl}
	var problems []error
	for _, a := range all {
		if !a.owner.In(apex) {
			problems = append(problems, fmt.Errorf("%s: record at %s is outside of zone %s", untrusted.Line(path), a.owner, apex))
			continue
		}
		z.add(a)
	}
	return z, problems
}

// withoutMark reads past the mark with which some editors begin a UTF-8 file.
func withoutMark(r io.Reader) io.Reader {
	const mark = "\xef\xbb\xbf"
	b := bufio.NewReader(r)
	if start, err := b.Peek(len(mark)); err == nil && string(start) == mark {
		_, _ = b.Discard(len(mark))
	}
	return b
}

var zonePosition = regexp.MustCompile(`^(?s)(?:dns: )?(.*?) at line: (\d+):(\d+)$`)

// zoneError puts the place that miekg/dns writes at the end of its messages
// where people and editors look for it.
func zoneError(path string, err error) error {
	what := err.Error()
	if m := zonePosition.FindStringSubmatch(what); m != nil {
		if strings.Contains(m[1], "$INCLUDE") {
			m[1] = "$INCLUDE is not read: put the records into this file"
		}
		return fmt.Errorf("%s:%s:%s: %s", untrusted.Line(path), m[2], m[3], untrusted.Line(m[1]))
	}
	return fmt.Errorf("%s: %s", untrusted.Line(path), untrusted.Line(strings.TrimPrefix(what, "dns: ")))
}

func (z *zone) add(a rr) {
	for n := a.owner; n != z.apex; n = n.Parent() {
		if z.nodes[n] == nil {
			z.nodes[n] = node{}
		}
	}
	set := z.nodes[a.owner][a.data.Type]
	if len(set.records) == 0 || a.ttl < set.ttl {
		set.ttl = a.ttl
	}
	same := func(r record.Record) bool { return r.String() == a.data.String() }
	if !slices.ContainsFunc(set.records, same) { // an RRset has no duplicates (RFC 2181 section 5)
		set.records = append(set.records, a.data)
	}
	z.nodes[a.owner][a.data.Type] = set
}

// has reports whether name is answered from a zone file.
func (z *Zones) has(name record.Name) bool { return z.find(name) != nil }

// Apexes returns the zones, sorted.
func (z *Zones) Apexes() []record.Name {
	if z == nil {
		return nil
	}
	var all []record.Name
	for apex := range z.zones {
		all = append(all, apex)
	}
	slices.Sort(all)
	return all
}

// All goes through the records of all zones, in an order that depends on them
// alone.
func (z *Zones) All(yield func(apex record.Name, file string, owner record.Name, r record.Record) bool) {
	for _, apex := range z.Apexes() {
		one := z.zones[apex]
		for _, owner := range slices.Sorted(maps.Keys(one.nodes)) {
			if one.delegates(owner) {
				continue
			}
			for _, t := range slices.Sorted(maps.Keys(one.nodes[owner])) {
				for _, r := range one.nodes[owner][t].records {
					if !yield(apex, one.file, owner, r) {
						return
					}
				}
			}
		}
	}
}

// find returns the zone whose data name is; nil where there is none, or where
// the zone delegates the name to other servers.
func (z *Zones) find(name record.Name) *zone {
	if z == nil {
		return nil
	}
	n := name
	for {
		if one := z.zones[n]; one != nil {
			if one.delegates(name) {
				return nil
			}
			return one
		}
		if n == record.Root {
			return nil
		}
		n = n.Parent()
	}
}

// delegates reports whether name is at or below a zone cut (RFC 1034 section
// 4.2.1).
func (z *zone) delegates(name record.Name) bool {
	for n := name; n != z.apex; n = n.Parent() {
		if len(z.nodes[n][record.NS].records) > 0 {
			return true
		}
	}
	return false
}

// answer answers q from the files, one name deep: what a CNAME leads to is for
// the caller to ask. Some providers take a CNAME beside other records and
// export it so; then those that are asked for count. ok is false where the name
// is in none of the files.
func (z *Zones) answer(q record.Question) (r reply, file string, ok bool) {
	one := z.find(q.Name)
	if one == nil {
		return reply{}, "", false
	}
	r = reply{authoritative: true, soa: one.apex, soaTTL: one.ttl}
	at, exists := one.node(q.Name)
	if !exists {
		r.rcode = dns.RcodeNameError
		return r, one.file, true
	}
	t := q.Type
	set := at[t]
	if len(set.records) == 0 {
		t = record.CNAME
		set = at[t]
	}
	for _, d := range set.records {
		r.answers = append(r.answers, rr{owner: q.Name, ttl: set.ttl, data: d})
	}
	return r, one.file, true
}

// node finds what stands at name: itself, or the wildcard below its closest
// encloser (RFC 4592 section 3.3).
func (z *zone) node(name record.Name) (node, bool) {
	if n, ok := z.nodes[name]; ok {
		return n, true
	}
	for n := name; n != z.apex; {
		n = n.Parent()
		if _, ok := z.nodes[n]; ok {
			w, ok := z.nodes[n.Child("*")]
			return w, ok
		}
	}
	return nil, false
}

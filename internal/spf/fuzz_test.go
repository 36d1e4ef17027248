package spf

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	blitiri "blitiri.com.ar/go/spf"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// seeds are all SPF records of the RFC 7208 suite.
func seeds(f *testing.F) []string {
	var all []string
	for _, s := range readSuites(f, "rfc7208-tests.yml") {
		for _, records := range s.Zone {
			for _, r := range records {
				var text words
				if n, ok := r["SPF"]; ok && n.Decode(&text) == nil {
					all = append(all, strings.Join(text, ""))
				}
			}
		}
	}
	if len(all) < 100 {
		f.Fatalf("%d seeds", len(all))
	}
	return all
}

// FuzzParse holds a record against what Parse promises of every record.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := untrusted.New(s)
		r := Parse(text)
		if !Is(text) {
			if len(r.Problems) != 1 || len(r.Terms) > 0 {
				t.Fatalf("no SPF record, but %v", r)
			}
			return
		}
		bad := map[int]bool{}
		for _, p := range r.Problems {
			bad[p.Column] = true
		}
		rebuilt := []byte(strings.Repeat(" ", len(s)))
		copy(rebuilt, s[:len(version)])
		for _, term := range r.Terms {
			copy(rebuilt[term.Column-1:], term.Text.Raw())
			if term.Bad != bad[term.Column] {
				t.Errorf("%s: bad %v, but problems %v", term.Text, term.Bad, r.Problems)
			}
			if term.Kind == Unknown && !term.Bad {
				t.Errorf("%s is nothing, and that is no problem", term.Text)
			}
			if term.Target != "" && (term.Macros || !strings.EqualFold(strings.TrimSuffix(term.Domain.Raw(), "."), string(term.Target)) && term.Target.Plain()) {
				t.Errorf("%s has the target %s", term.Text, term.Target)
			}
			again := Parse(untrusted.New("v=spf1 " + term.Text.Raw()))
			if len(again.Terms) != 1 || again.Terms[0].Kind != term.Kind || again.Terms[0].Bad && !term.Bad {
				t.Errorf("%s alone is %v", term.Text, again.Terms)
			}
		}
		if string(rebuilt) != s && !r.Cut {
			t.Errorf("the terms make %q", rebuilt)
		}
		for _, p := range slices.Concat(r.Problems, r.Oddities) {
			for _, c := range []byte(p.String()) {
				if c < ' ' || c > '~' {
					t.Errorf("%q", p.String())
				}
			}
			if p.Correction.Len() > 0 {
				if m := Parse(untrusted.New("v=spf1 " + p.Correction.Raw())); len(m.Problems)+len(m.Oddities) > 0 || p.Correction == p.Term {
					t.Errorf("%s should have meant %s", p.Term, p.Correction)
				}
			}
		}
	})
}

// The names that fuzzed records may refer to.
const fuzzZone = `
	a.example A 192.0.2.1
	a.example AAAA 2001:db8::1
	a.example MX a.example
	a.example MX gone.example
	six.example AAAA 2001:db8::1
	six.example MX .
	none.example PTR x.example
	fail.example FAIL all
	root.example A 198.51.100.1
	root.example MX a.example
	inc.example A 192.0.2.1
	1.2.0.192.in-addr.arpa PTR a.example
	1.2.0.192.in-addr.arpa PTR fail.example
	1.2.0.192.in-addr.arpa PTR elsewhere.example
	elsewhere.example A 198.51.100.9
	1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR six.example
	user.root.example A 127.0.0.2
	1.2.0.192.in-addr.root.example A 127.0.0.2`

var fuzzClients = []netip.Addr{
	netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("203.0.113.7"),
	netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.1"),
}

// FuzzDifferential evaluates a record, and one that it may include, with this
// package and with another implementation, and holds the verdict against the
// counts of the tree too.
func FuzzDifferential(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, "v=spf1 a:a.example ?all")
	}
	f.Add("v=spf1 include:inc.example -all", "v=spf1 a mx exists:%{l}.%{o} ~all")
	f.Add("v=spf1 redirect=inc.example", "v=spf1 a:none.example ptr:a.example mx:fail.example")
	f.Fuzz(func(t *testing.T, root, included string) {
		if len(root)+len(included) > 2000 {
			t.Skip()
		}
		compare(t, root, included)
	})
}

// TestDifferential does the same with records of good terms, which get further
// than what a fuzzer finds.
func TestDifferential(t *testing.T) {
	terms := strings.Fields(`a mx ptr a/24 mx//64 a/0 mx/0 a//0 a:a.example a:A.Example./24//64 a:six.example a:none.example
		a:gone.example a:fail.example a:%{d} a:%{h} mx:a.example mx:six.example mx:none.example mx:gone.example mx:fail.example
		ptr:example ptr:a.example ptr:six.example exists:a.example exists:none.example exists:fail.example exists:%{l}.%{o}
		exists:%{ir}.%{v}.%{d2} exists:%{S}.%{d1r} ip4:192.0.2.0/24 ip4:203.0.113.7 ip4:0.0.0.0/0 ip6:2001:db8::/32 ip6:::/0
		include:inc.example include:INC.example. include:root.example include:gone.example include:none.example
		include:fail.example include:%{d1r}.example redirect=inc.example redirect=gone.example redirect=%{o} exp=a.example
		x=%{d} default=pass all all all`)
	signs := []string{"", "", "+", "-", "~", "?"}
	r := rand.New(rand.NewPCG(7208, 1))
	some := func() string {
		s := "v=spf1"
		for range r.IntN(14) {
			term := terms[r.IntN(len(terms))]
			if !strings.Contains(term, "=") {
				term = signs[r.IntN(len(signs))] + term
			}
			s += " " + term
		}
		return s
	}
	const cases = 1500
	equal := 0
	for range cases {
		if compare(t, some(), some()) {
			equal++
		}
	}
	t.Logf("%d of %d equal, the rest differ in known ways", equal, cases)
	if equal < cases*2/3 {
		t.Error("too many are excused for this to say anything")
	}
}

// compare evaluates the records with both, for every client, and reports
// whether all verdicts were equal. Differences that are not known are errors.
func compare(t *testing.T, root, included string) bool {
	t.Helper()
	w := worldOf(t, fuzzZone)
	w.txt("root.example", []string{root})
	w.txt("inc.example", []string{included})
	equal := true
	for _, client := range fuzzClients {
		mail := Mail{Client: client, Sender: "user@root.example", Helo: "helo.example"}
		ours := CheckHost(t.Context(), w, mail)
		agree(t, w, ours)
		other := &netLike{world: w, client: client.Unmap()}
		theirs, err := blitiri.CheckHostWithSender(net.IP(client.AsSlice()), mail.Helo, mail.Sender,
			blitiri.WithResolver(other), blitiri.WithContext(t.Context()))
		if ours.Result.String() == string(theirs) {
			continue
		}
		equal = false
		if why := excuse([]*Record{Parse(untrusted.New(root)), Parse(untrusted.New(included))}, ours.Result, other); why == "" {
			t.Errorf("client %s: %s, but %s to the other (%v)\nroot %q\nincluded %q", client, ours.Result, theirs, err, root, included)
		}
	}
	return equal
}

// agree holds a verdict against the counts of the tree.
func agree(t *testing.T, w *world, v Verdict) {
	t.Helper()
	tree := grow(t, w, "root.example")
	if v.Result != PermError && v.Result != None {
		for _, n := range tree.Nodes[:1] {
			if r := n.Record(); r == nil || len(r.Problems) > 0 {
				t.Errorf("%s, with %v", v.Result, n.Records)
			}
		}
	}
	if c := tree.Root.Cost.Lookups; c.Exact() && v.Lookups > c.N {
		t.Errorf("%d lookups, more than the %d of the tree", v.Lookups, c.N)
	}
	ptr := false
	for _, n := range tree.Nodes {
		if r := n.Record(); r == nil || len(r.Problems) > 0 {
			return // PermError for reasons of its own
		} else if len(r.Of(PTR)) > 0 {
			ptr = true
		}
	}
	if c := tree.Root.Cost; v.Result == PermError && !ptr && v.Voids <= MaxVoids && c.Lookups.Exact() && c.Lookups.N <= MaxLookups && c.Voids.Exact() && c.Voids.N <= MaxVoids {
		t.Errorf("permerror, with %+v", c)
	}
}

// excuse names the known difference that explains why the two disagree, if
// there is one. What is excused for any record is excused for both.
func excuse(records []*Record, ours Result, other *netLike) string {
	for _, r := range records {
		if !Is(r.Text) {
			continue
		}
		if ours == PermError && len(r.Problems) > 0 {
			return "section 4.6: errors anywhere are detected; the other stops at the first match and takes any domain-spec"
		}
		ptrs := len(r.Of(PTR))
		for i := range r.Terms {
			t := &r.Terms[i]
			if strings.ContainsRune(t.Domain.Raw(), '/') {
				return "section 7.1: a domain-spec may hold slashes; the other takes none"
			}
			if t.Network.Addr().Is4In6() {
				return "section 5: IPv4-mapped clients are IPv4; the other compares them with ip6"
			}
			if ptrs > 1 || t.Kind == Include && ptrs > 0 {
				return "section 4.6.4 limits terms: a void ptr is one each time; the other counts the one query"
			}
			macros, _ := parseMacros(t.Domain.Raw(), domainLetters)
			for _, m := range macros {
				switch {
				case m.letter == 'p':
					return "section 7.3: the other always expands p to unknown"
				case m.keep == 1000:
					return "section 7.3: any nonzero number of parts; the other has a limit"
				case m.letter != 0 && t.Kind == Exists:
					return "section 5.7: exists asks for A alone; the other also for AAAA, which makes a lookup not void"
				}
			}
			if t.Kind == Exists && t.Target == "six.example" {
				return "section 5.7, as above"
			}
		}
	}
	if other.foreign && ours == PermError {
		return "section 4.6.4: a query for addresses is void without any of the client's family; the other asks for both"
	}
	if other.unaskable {
		return "section 4.8: no lookup, where a name cannot be asked for; the other asks and counts it as void"
	}
	return ""
}

// netLike is the world as package net shows it.
type netLike struct {
	*world
	client    netip.Addr
	unaskable bool
	foreign   bool // a name had addresses, and none of the client's family
}

func (n *netLike) records(name string, types ...record.Type) ([]record.Record, error) {
	owner, ok := toName(strings.TrimSuffix(name, "."))
	if !ok || len(name) > 253 {
		n.unaskable = true
		return nil, &net.DNSError{Err: "no such name", IsNotFound: true}
	}
	var found []record.Record
	failed := false
	for _, t := range types {
		a := n.Ask(context.Background(), record.Question{Name: owner, Type: t})
		found = append(found, a.Records...)
		failed = failed || a.Status == record.Unknown
	}
	switch {
	case len(found) > 0:
		return found, nil
	case failed:
		return nil, &net.DNSError{Err: "timeout", IsTimeout: true, IsTemporary: true}
	}
	return nil, &net.DNSError{Err: "no such name", IsNotFound: true}
}

func (n *netLike) LookupTXT(_ context.Context, name string) ([]string, error) {
	found, err := n.records(name, record.TXT)
	var all []string
	for _, r := range found {
		all = append(all, r.Text().Raw())
	}
	return all, err
}

func (n *netLike) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	found, err := n.records(name, record.MX)
	var all []*net.MX
	for _, r := range found {
		all = append(all, &net.MX{Host: r.Host.FQDN(), Pref: r.Preference})
	}
	return all, err
}

func (n *netLike) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	if name == "." { // a null MX
		return nil, &net.DNSError{Err: "no such name", IsNotFound: true}
	}
	found, err := n.records(name, record.A, record.AAAA)
	var all []net.IPAddr
	own := func(r record.Record) bool { return r.Addr.Is4() == n.client.Is4() }
	n.foreign = n.foreign || len(found) > 0 && !slices.ContainsFunc(found, own)
	for _, r := range found {
		all = append(all, net.IPAddr{IP: net.IP(r.Addr.AsSlice())})
	}
	return all, err
}

func (n *netLike) LookupAddr(_ context.Context, address string) ([]string, error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return nil, errors.New("no address")
	}
	found, err := n.records(string(reverseName(a.Unmap())), record.PTR)
	var all []string
	for _, r := range found {
		all = append(all, r.Host.FQDN())
	}
	return all, err
}

package transport

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// fastReplies are answers to TXT at a.example.test, in the text of zone files:
// the sections answer, authority, additional with a line of dashes between.
var fastReplies = []string{
	`a.example.test. 60 TXT "v=spf1 -all"`,
	"a.example.test. 60 TXT \"one\" \"two\"\nA.Example.test. 50 TXT \"\" \"\\001\\\"\\\\\"\n---\nexample.test. 9 NS ns1.example.test.\n---\nns1.example.test. 9 A 192.0.2.1\nns1.example.test. 9 AAAA 2001:db8::1",
	"a.example.test. 60 CNAME b.Other.test.\nb.other.test. 5 CNAME c.other.test.\nc.other.test. 6 TXT \"p=MII\"",
	"a.example.test. 60 CNAME nothing.example.test.\n---\nexample.test. 60 SOA ns1.example.test. Host_master.example.test. 1 2 3 4 5",
	"---\nexample.test. 60 SOA . . 1 2 3 4 500",
	"---\nb.example.test. 60 NS ns.elsewhere.test.\nb.example.test. 60 NS ns2.elsewhere.test.",
}

// pack makes the message of one of fastReplies, compressed as servers do it.
func pack(t testing.TB, text string, compress bool) []byte {
	t.Helper()
	m := new(dns.Msg).SetQuestion("a.example.test.", dns.TypeTXT)
	m.Response, m.Authoritative, m.Compress = true, true, compress
	sections := []*[]dns.RR{&m.Answer, &m.Ns, &m.Extra}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "---") {
			sections = sections[1:]
			continue
		}
		x, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		*sections[0] = append(*sections[0], x)
	}
	m.SetEdns0(udpSize, false)
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func fastQuery(t testing.TB) *Query {
	q, err := NewQuery(record.Question{Name: "a.example.test", Type: record.TXT})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestFastPath: the replies of nearly all servers take the fast path, which reads
// them as package dns does.
func TestFastPath(t *testing.T) {
	q := fastQuery(t)
	for _, text := range fastReplies {
		for _, compress := range []bool{true, false} {
			wire := pack(t, text, compress)
			got, ok := q.parseFast(wire)
			want, err := q.parseAny(wire)
			if !ok || err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s\n got %+v, %t\nwant %+v, %v", text, got, ok, want, err)
			}
		}
	}
}

// FuzzFastPath: a message that takes the fast path is read as package dns reads it.
func FuzzFastPath(f *testing.F) {
	for _, text := range fastReplies {
		f.Add(pack(f, text, true), false)
		f.Add(pack(f, text, false), true)
	}
	wire := pack(f, fastReplies[2], true)
	f.Add(append(slices.Clip(wire), 0), false)
	f.Add(wire[:len(wire)-5], false)
	f.Fuzz(func(t *testing.T, wire []byte, iterative bool) {
		q := fastQuery(t)
		q.Iterative = iterative
		if !q.IsAnsweredBy(wire) {
			return
		}
		got, ok := q.parseFast(wire)
		if !ok {
			return
		}
		want, err := q.parseAny(wire)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%x\n got %+v\nwant %+v, %v", wire, got, want, err)
		}
	})
}

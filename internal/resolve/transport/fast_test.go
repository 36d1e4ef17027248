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

// TestNotForFastPath: package dns reads messages with unusual names, and with
// addresses of a wrong length.
func TestNotForFastPath(t *testing.T) {
	t.Parallel()
	const at = "\xc0\x0c" // the name of the query
	for name, c := range map[string]struct {
		of         record.Type
		data       string
		fast, slow bool // which of them reads it
	}{
		"an IPv4 address":         {record.A, "\xc0\x00\x02\x01", true, true},
		"16 octets of A":          {record.A, "0123456789abcdef", false, false},
		"an IPv6 address":         {record.AAAA, "\x20\x01\x0d\xb8............", true, true},
		"4 octets of AAAA":        {record.AAAA, "\xc0\x00\x02\x01", false, false},
		"a host":                  {record.CNAME, "\x01x\x00", true, true},
		"a dot as a label":        {record.CNAME, "\x01.\x00", false, true},
		"a dot at the beginning":  {record.CNAME, "\x02.x\x00", false, true},
		"a dot within a label":    {record.CNAME, "\x03x.y\x00", false, true},
		"a backslash in a label":  {record.CNAME, "\x03x\\y\x00", false, true},
		"a host and a preference": {record.MX, "\x00\x0a\x01x\x00", true, true},
		"a preference alone":      {record.MX, "\x00\x0a", false, false},
		"half a preference":       {record.MX, "\x00", false, false},
	} {
		q := queryOf(t, c.of)
		wire := append(make([]byte, 0, 512), q.withoutEDNS().Wire...)
		wire[2], wire[3], wire[7] = 0x84, 0x80, 1
		wire = append(wire, at+"\x00"+string(rune(c.of))+"\x00\x01\x00\x00\x00\x3c\x00"+string(rune(len(c.data)))+c.data...)
		got, fast := q.parseFast(wire)
		want, err := q.parseAny(wire)
		if fast != c.fast || (err == nil) != c.slow || fast && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: fast %v %+v, slow %v %+v", name, fast, got, err, want)
		}
	}
}

package transport

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// otherReplies are answers to questions of other types at a.example.test.
var otherReplies = map[record.Type]string{
	record.MX:    "a.example.test. 60 MX 10 mx.example.test.\na.example.test. 60 MX 20 mx.example.test.\na.example.test. 60 MX 0 .",
	record.A:     "a.example.test. 60 CNAME b.example.test.\nb.example.test. 60 A 192.0.2.1",
	record.AAAA:  "a.example.test. 60 AAAA 2001:db8::1\na.example.test. 60 AAAA ::ffff:192.0.2.1",
	record.CNAME: "a.example.test. 60 CNAME a.example.test.",
	record.NS:    "a.example.test. 60 NS ns.a.example.test.\na.example.test. 60 NS a.example.test.\n---\n---\nns.a.example.test. 9 A 192.0.2.1",
	record.PTR:   "a.example.test. 60 PTR x.test.",
}

// packed makes a response to a question at a.example.test, as pack does.
func packed(t testing.TB, of record.Type, text string) []byte {
	t.Helper()
	wire := pack(t, text, true)
	wire[headerSize+len(fastQuery(t).section)-3] = byte(of)
	return wire
}

func queryOf(t testing.TB, of record.Type) *Query {
	t.Helper()
	q, err := NewQuery(record.Question{Name: "a.example.test", Type: of})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestFastPathOfTypes: so do those to other questions.
func TestFastPathOfTypes(t *testing.T) {
	t.Parallel()
	for of, text := range otherReplies {
		q, wire := queryOf(t, of), packed(t, of, text)
		got, ok := q.parseFast(wire)
		want, err := q.parseAny(wire)
		if !ok || err != nil || !reflect.DeepEqual(got, want) || len(got.Answers) == 0 {
			t.Errorf("%s\n got %+v, %t\nwant %+v, %v", text, got, ok, want, err)
		}
		if q.Iterative = true; of == record.NS {
			if _, ok := q.parseFast(wire); ok {
				t.Error("a referral took the fast path")
			}
		} else if got, ok := q.parseFast(wire); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s, iterative: %+v, %t", of, got, ok)
		}
	}
}

// TestFastPathBroken: whatever octet of a message is another one, and wherever it
// breaks off, what the fast path takes is read as package dns reads it.
func TestFastPathBroken(t *testing.T) {
	t.Parallel()
	type message struct {
		of   record.Type
		wire []byte
	}
	var all []message
	for _, text := range fastReplies {
		all = append(all, message{record.TXT, pack(t, text, true)}, message{record.TXT, pack(t, text, false)})
	}
	for of, text := range otherReplies {
		all = append(all, message{of, packed(t, of, text)})
	}
	hold := func(q *Query, wire []byte) {
		if !q.IsAnsweredBy(wire) {
			return
		}
		got, ok := q.parseFast(wire)
		if !ok {
			return
		}
		if want, err := q.parseAny(wire); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%x\n got %+v\nwant %+v, %v", wire, got, want, err)
		}
	}
	for _, m := range all {
		q := queryOf(t, m.of)
		for i := range m.wire {
			hold(q, m.wire[:i:i])
			for _, change := range []byte{1, 2, 4, 0x20, 0x40, 0xc0, 0xff} {
				wire := bytes.Clone(m.wire)
				wire[i] ^= change
				hold(q, wire)
				wire[i] = m.wire[i] + change
				hold(q, wire)
				hold(q, append(wire, 0))
			}
		}
	}
}

// TestParseAny: what is read from a message, and which one is unreadable.
func TestParseAny(t *testing.T) {
	t.Parallel()
	const other = "b.example.test. 60 TXT other"
	ede := func(n int) (all []dns.EDNS0) {
		for i := range n {
			all = append(all, &dns.EDNS0_EDE{InfoCode: uint16(i)})
		}
		return all
	}
	for name, c := range map[string]struct {
		text   string
		change func(*dns.Msg)
		want   string
	}{
		"an answer":              {`a.example.test. 60 TXT x`, nil, "1 answers"},
		"of another class":       {"a.example.test. 60 CH TXT x\na.example.test. 60 TXT y", nil, "1 answers"},
		"of another type":        {"a.example.test. 60 MX 1 x.\na.example.test. 60 TXT y", nil, "1 answers"},
		"only of another type":   {"a.example.test. 60 MX 1 x.", nil, "unreadable message"},
		"of another name":        {other, nil, "unreadable message"},
		"of another, truncated":  {other, func(m *dns.Msg) { m.Truncated = true }, "1 answers, truncated"},
		"and of another name":    {other + "\na.example.test. 60 TXT x", nil, "2 answers"},
		"an SOA":                 {"---\nexample.test. 60 SOA . . 1 2 3 4 500", nil, "0 answers, SOA example.test 60"},
		"an SOA, less kept":      {"---\nexample.test. 60 SOA . . 1 2 3 4 5", nil, "0 answers, SOA example.test 5"},
		"a referral":             {"---\nb.test. 60 NS ns.test.", func(m *dns.Msg) { m.Authoritative = false }, "0 answers, refers"},
		"NS, with authority":     {"---\nb.test. 60 NS ns.test.", nil, "0 answers"},
		"NS, and an SOA":         {"---\nb.test. 60 NS ns.test.\nb.test. 9 SOA . . 1 2 3 4 50", func(m *dns.Msg) { m.Authoritative = false }, "0 answers, SOA b.test 9"},
		"an error":               {"", func(m *dns.Msg) { m.IsEdns0().Option = ede(1) }, "0 answers, 1 EDE"},
		"four errors":            {"", func(m *dns.Msg) { m.IsEdns0().Option = ede(4) }, "0 answers, 4 EDE"},
		"five errors":            {"", func(m *dns.Msg) { m.IsEdns0().Option = ede(5) }, "0 answers, 4 EDE"},
		"an option of no error":  {"", func(m *dns.Msg) { m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_COOKIE{Cookie: "0102030405060708"}} }, "0 answers"},
		"a message without EDNS": {"", func(m *dns.Msg) { m.Extra = nil }, "0 answers"},
	} {
		q := fastQuery(t)
		var m dns.Msg
		if err := m.Unpack(pack(t, c.text, false)); err != nil {
			t.Fatal(err)
		}
		if c.change != nil {
			c.change(&m)
		}
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		r, err := q.parseAny(wire)
		got := fmt.Sprintf("%d answers", len(r.Answers))
		if err != nil {
			got = err.Error()
		}
		if r.truncated {
			got += ", truncated"
		}
		if r.SOA != "" {
			got += fmt.Sprintf(", SOA %s %d", r.SOA, r.SOATTL)
		}
		if r.refers {
			got += ", refers"
		}
		if len(r.EDE) > 0 {
			got += fmt.Sprintf(", %d EDE", len(r.EDE))
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if r2, err2 := q.Parse(wire); (err == nil) != (err2 == nil) || !reflect.DeepEqual(r, r2) {
			t.Errorf("%s: %+v, %v", name, r2, err2)
		}
		if wire = wire[:len(wire)-1]; wire[2]&2 == 0 {
			if r, err := q.parseAny(wire); err == nil {
				t.Errorf("%s, cut: %+v", name, r)
			}
		}
		wire[2] |= 2 // TC
		if r, err := q.parseAny(wire); err != nil || !r.truncated {
			t.Errorf("%s, cut at the size limit: %+v, %v", name, r, err)
		}
	}
}

// TestReferralIn: which referral is in the reply to an iterative question.
func TestReferralIn(t *testing.T) {
	t.Parallel()
	const glue = "\n---\nns.b.test. 9 A 192.0.2.1\nns.b.test. 9 AAAA 2001:db8::1\nx.test. 9 TXT x"
	for name, c := range map[string]struct {
		of         record.Type
		text, want string
	}{
		"a referral":             {record.TXT, "---\nb.test. 9 NS ns.b.test.\nb.test. 9 NS ns2.b.test." + glue, "b.test: ns.b.test ns2.b.test, 2 addresses"},
		"without addresses":      {record.TXT, "---\nb.test. 9 NS ns.b.test.", "b.test: ns.b.test, 0 addresses"},
		"to two zones":           {record.TXT, "---\nb.test. 9 NS ns.b.test.\nc.test. 9 NS ns.c.test.\nb.test. 9 NS ns3.b.test.", "b.test: ns.b.test ns3.b.test, 0 addresses"},
		"a proof of absence":     {record.TXT, "---\nb.test. 9 NS ns.b.test.\ntest. 9 SOA . . 1 2 3 4 5" + glue, ": , 0 addresses"},
		"beside an answer":       {record.TXT, "a.example.test. 9 TXT x\n---\nb.test. 9 NS ns.b.test." + glue, ": , 0 addresses"},
		"NS that answer TXT":     {record.TXT, "a.example.test. 9 NS ns.b.test.", ": , 0 addresses"},
		"as the answer":          {record.NS, "a.example.test. 9 NS ns.b.test.\n---" + glue, "a.example.test: ns.b.test, 2 addresses"},
		"no servers":             {record.TXT, "---" + glue, ": , 0 addresses"},
		"beside an answer of NS": {record.NS, "a.example.test. 9 NS ns.a.test.\n---\nb.test. 9 NS ns.b.test.", "a.example.test: ns.a.test, 0 addresses"},
	} {
		var m dns.Msg
		if err := m.Unpack(pack(t, c.text, false)); err != nil {
			t.Fatal(err)
		}
		r := referralIn(&m, record.Question{Name: "a.example.test", Type: c.of})
		var ns []string
		for _, n := range r.NS {
			ns = append(ns, string(n))
		}
		if got := fmt.Sprintf("%s: %s, %d addresses", r.Zone, strings.Join(ns, " "), len(r.Glue)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestFollow: the records at the end of a chain of CNAMEs, which has a bound, and
// for how long all of it may be kept.
func TestFollow(t *testing.T) {
	t.Parallel()
	chain := func(n int) (all []record.RR) {
		for i := range n {
			all = append(all, record.RR{Owner: record.Name(fmt.Sprintf("n%d", i)), TTL: uint32(1000 - i), Data: record.Record{Type: record.CNAME, Host: record.Name(fmt.Sprintf("n%d", i+1))}})
		}
		return append(all, record.RR{Owner: record.Name(fmt.Sprintf("n%d", n)), TTL: 2000, Data: record.NewTXT("end")})
	}
	for n, found := range map[int]bool{0: true, 1: true, MaxChain: true, MaxChain + 1: false} {
		targets, records, ttl := Reply{Answers: chain(n)}.Follow("n0", record.TXT, func(record.Name) bool { return false })
		want := uint32(1000 - n + 1)
		if n == 0 {
			want = 2000
		}
		if len(targets) != min(n, MaxChain+1) || (len(records) > 0) != found || found && ttl != want {
			t.Errorf("%d CNAMEs: %d targets, %d records for %d s", n, len(targets), len(records), ttl)
		}
	}
	targets, records, ttl := Reply{Answers: chain(3)}.Follow("n0", record.TXT, func(n record.Name) bool { return n == "n2" })
	if len(targets) != 2 || len(records) > 0 || ttl != 999 {
		t.Errorf("stopped: %v, %d records for %d s", targets, len(records), ttl)
	}
	targets, records, _ = Reply{Answers: chain(3)}.Follow("n1", record.CNAME, func(record.Name) bool { return false })
	if len(targets) > 0 || len(records) != 1 {
		t.Errorf("a CNAME that was asked for: %v, %v", targets, records)
	}
}

// TestTwoCNAMEs: of which name there are CNAMEs with different targets.
func TestTwoCNAMEs(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]record.Name{
		"a.example.test. 9 TXT x":                                    "",
		"a.example.test. 9 CNAME b.":                                 "",
		"a.example.test. 9 CNAME b.\na.example.test. 9 CNAME c.":     "a.example.test",
		"a.example.test. 9 CNAME b.\na.example.test. 9 CNAME B.":     "",
		"a.example.test. 9 CNAME b.\nb. 9 CNAME c.\nb. 9 TXT x":      "",
		"a.example.test. 9 CNAME b.\nb. 9 CNAME c.\nb. 9 CNAME d.":   "b",
		"a.example.test. 9 CNAME b.\nb. 9 TXT x\nb. 9 TXT y":         "",
		"a.example.test. 9 TXT y\nb. 9 CNAME c.\nb. 9 CNAME d.":      "b",
		"a.example.test. 9 CNAME b.\nb. 9 TXT x\nb. 9 CNAME c.":      "",
		"a.example.test. 9 CNAME b.\nb. 9 TXT x\nb. 9 CNAME a.":      "",
		"a.example.test. 9 CNAME b.\nb. 9 CNAME b.\nc. 9 CNAME b.\n": "",
	} {
		r, err := fastQuery(t).parseAny(pack(t, zone, false))
		if err != nil {
			t.Fatal(err)
		}
		if got, two := r.TwoCNAMEs(); got != want || two != (want != "") {
			t.Errorf("%q: %q, %v", zone, got, two)
		}
	}
}

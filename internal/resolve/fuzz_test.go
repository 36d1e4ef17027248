package resolve

import (
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// FuzzReply: whatever comes instead of an answer, reading it does not panic, and
// it is no absence unless a responsible or recursive server says so.
func FuzzReply(f *testing.F) {
	q, err := newQuery(record.Question{Name: "example.test", Type: record.TXT}, false)
	if err != nil {
		f.Fatal(err)
	}
	m := new(dns.Msg).SetQuestion("example.test.", dns.TypeTXT)
	m.Response, m.RecursionAvailable = true, true
	rr, err := dns.NewRR(`example.test. 60 IN TXT "a" "b"`)
	if err != nil {
		f.Fatal(err)
	}
	m.Answer = []dns.RR{rr}
	wire, err := m.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire)
	f.Add(wire[:len(wire)-3])
	f.Add(q.wire)
	f.Fuzz(func(t *testing.T, wire []byte) {
		if !answersTo(wire, q) {
			return
		}
		r, err := parseReply(wire, q)
		if err != nil || r.truncated {
			return
		}
		_, found, _ := r.walk("example.test", record.TXT, func(record.Name) bool { return false })
		if credible(r) && len(found) == 0 && len(r.answers) == 0 && !r.authoritative && !r.recursion {
			t.Fatalf("believed to be an absence: %+v", r)
		}
	})
}

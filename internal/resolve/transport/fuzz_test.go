package transport

import (
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// FuzzReply: reading any message does not panic, and it is no absence unless a responsible or recursive server says so.
func FuzzReply(f *testing.F) {
	q, err := NewQuery(record.Question{Name: "example.test", Type: record.TXT})
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
	f.Add(q.Wire)
	f.Fuzz(func(t *testing.T, wire []byte) {
		if !q.IsAnsweredBy(wire) {
			return
		}
		r, err := q.Parse(wire)
		if err != nil || r.truncated {
			return
		}
		_, found, _ := r.Follow("example.test", record.TXT, func(record.Name) bool { return false })
		if r.Credible() && len(found) == 0 && len(r.Answers) == 0 && !r.Authoritative && !r.Recursion {
			t.Fatalf("believed to be an absence: %+v", r)
		}
	})
}

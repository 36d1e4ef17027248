package tracking

import (
	"slices"
	"testing"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/record"
)

// TestObserve: without the CNAME, addresses are queried, and without addresses the
// name's own records of other types, and the name with the domain twice.
func TestObserve(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, tracking: click}\n")
	w := Part.Wants(&f.Domains[0])[0]
	for live, want := range map[string]struct{ addresses, others, doubled bool }{
		"click CNAME r.eu-west-1.awstrack.me.": {false, false, false},
		"click CNAME TIMEOUT":                  {false, false, false},
		"@ A 192.0.2.1":                        {true, false, true},
		"click TXT x":                          {true, true, true},
		"click MX 10 mx.example.net.":          {true, true, true},
		"* TXT x":                              {true, false, true},
		"click A 192.0.2.1":                    {true, false, false},
		"click AAAA 2001:db8::1":               {true, false, false},
		"click A TIMEOUT":                      {true, false, false},
	} {
		dns := judgetest.Live(t, live)
		each := func(n int, do func(int)) {
			for i := range n {
				do(i)
			}
		}
		s := observe(t.Context(), part.Asker{Each: each, Own: part.NewCache(dns), Shared: part.NewRunCache(dns)}, w)
		if found := slices.ContainsFunc(s.others, func(a record.Answer) bool { return a.Status == record.Found }); found != want.others || (len(s.addresses) > 0) != want.addresses || (len(s.doubled) > 0) != want.doubled {
			t.Errorf("%s: %d addresses, others %v, %d doubled", live, len(s.addresses), s.others, len(s.doubled))
		}
	}
}

package tracking

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

// TestObserve: where the CNAME is not there, it is asked for addresses, and where
// there are none of either family, for the name with the domain twice.
func TestObserve(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, tracking: click}\n")
	w := Part.Wants(&f.Domains[0])[0]
	for live, want := range map[string]struct{ addresses, doubled bool }{
		"click CNAME r.eu-west-1.awstrack.me.": {false, false},
		"click CNAME TIMEOUT":                  {false, false},
		"@ A 192.0.2.1":                        {true, true},
		"click A 192.0.2.1":                    {true, false},
		"click AAAA 2001:db8::1":               {true, false},
		"click A TIMEOUT":                      {true, false},
	} {
		dns := judgetest.Live(t, live)
		each := func(n int, do func(int)) {
			for i := range n {
				do(i)
			}
		}
		s := observe(t.Context(), part.Asker{Each: each, Own: part.NewCache(dns), Shared: part.NewRunCache(dns)}, w)
		if (len(s.addresses) > 0) != want.addresses || (len(s.doubled) > 0) != want.doubled {
			t.Errorf("%s: %d addresses, %d doubled", live, len(s.addresses), len(s.doubled))
		}
	}
}

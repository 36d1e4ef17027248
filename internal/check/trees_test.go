package check

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/record"
)

// TestKeepTrees: what stands at the names of SPF trees is kept of domains with
// findings, and of all where that is asked for.
func TestKeepTrees(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {spf: [a.test]}\n")
	for _, c := range []struct {
		live string
		all  bool
		want int
	}{
		{`@ TXT "v=spf1 include:a.test -all"`, false, 0},
		{`@ TXT "v=spf1 include:a.test -all"`, true, 2},
		{`@ TXT "v=spf1 include:a.test +all"`, false, 2},
	} {
		dns := judgetest.Live(t, c.live+"\na.test. TXT \"v=spf1 -all\"")
		w := &world{answer: func(q record.Question, _ bool) record.Answer { return dns.Ask(t.Context(), q) }}
		if out := Run(t.Context(), f, w, Options{Window: 1, Trees: c.all}); len(out.SPF) != c.want {
			t.Errorf("%s, of all %v: %d names", c.live, c.all, len(out.SPF))
		}
	}
}

package iterative_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
)

// TestConfirm: where nobody was named, the zones' own servers are asked last
// whether an answer is so. Where the way to them is blocked, that is found out
// once and soon.
func TestConfirm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		faults  map[string]string
		want    string
		atMost  time.Duration // the first question
		further time.Duration // and ten more
	}{
		{"open", nil, `"v=spf1 -all"`, 0, 0},
		{"blocked", map[string]string{"198.51.100.1": "silent", "198.51.100.2": "silent"},
			"timeout: none of the servers of . answers for it: a.root (198.51.100.1:53), b.root (198.51.100.2:53) say nothing: timeout", 2 * time.Second, 0},
		{"a server is dead", map[string]string{"198.51.100.22": "silent"}, `"v=spf1 -all"; lame for example.com: ns2.example.com (198.51.100.22:53): nothing: timeout`, 3 * time.Second, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := makeUp(t, world)
				m.faults = c.faults
				system := &madeServer{m, "system"}
				r := resolve.New(resolve.Options{Servers: []resolve.Server{{Exchanger: system}, {Exchanger: system}}, Confirm: m.root(t).Brief, Timeout: 2 * time.Second, Retries: 2, Concurrency: 64})
				t.Cleanup(r.Close)
				resolvers := r.Resolvers()
				if len(resolvers) != 2 {
					t.Fatalf("%d resolvers, want the system's and that of the zones", len(resolvers))
				}
				start := time.Now()
				if got := inALine(resolvers[1].Ask(t.Context(), txtAt("example.com"))); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				if d := time.Since(start); d > c.atMost {
					t.Errorf("it took %s", d)
				}
				start = time.Now()
				for _, name := range []record.Name{"a.b.c.example.com", "out.example.com", "outside.com", "nosuch.org"} {
					resolvers[1].Ask(t.Context(), txtAt(name))
				}
				if d := time.Since(start); d > c.further {
					t.Errorf("four more took %s", d)
				}
				if n := m.count("system"); n > 0 {
					t.Errorf("the system was asked %d times", n)
				}
			})
		})
	}
}

package iterative_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// TestBlamelessLoop: of a server that could not be found only because somebody
// was looking for it already, nothing is thought afterwards, nor by others who
// look for it meanwhile. Here one.com can be asked of ns.two.com, which can be
// found once one.com was asked of its other server.
func TestBlamelessLoop(t *testing.T) {
	t.Parallel()
	for range 50 { // it depends on who is asked first
		synctest.Test(t, func(t *testing.T) {
			m := makeUp(t, world, "# 198.51.100.11 com.\n@ SOA a.gtld h. 1 1 1 1 600\none NS ns.two\none NS ns1.hoster.net.\ntwo NS ns.one\n",
				"# 198.51.100.31 198.51.100.32 one.com.\n@ SOA ns h 1 1 1 1 60\n@ TXT one\nns A 198.51.100.33\n",
				"# 198.51.100.33 two.com.\n@ SOA ns h 1 1 1 1 60\n@ TXT two\nns A 198.51.100.32\n")
			r := m.walk(t)
			var wg sync.WaitGroup
			for _, name := range []record.Name{"one.com", "two.com"} {
				wg.Go(func() {
					want := fmt.Sprintf("%q", name.FirstLabel())
					if a := r.Ask(t.Context(), txtAt(name)); inALine(a) != want {
						t.Errorf("%s: %s", name, inALine(a))
					}
				})
			}
			wg.Wait()
			if n := m.count("198.51.100.32 TXT one.com"); n != 1 {
				t.Errorf("the second server of one.com was asked %d times", n)
			}
		})
	}
}

// TestFailedLookup: the address of a server that could not be found is not
// looked for again for a while, nor are the same servers asked in vain for it.
func TestFailedLookup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := makeUp(t, world, "# 198.51.100.11 com.\n@ SOA a.gtld h. 1 1 1 1 600\nbroken NS ns.hoster.net.\nbroken NS ns1.example\nns1.example A 198.51.100.21\n",
			"# 198.51.100.21 broken.com.\n@ SOA ns h 1 1 1 1 60\n*.x TXT x\n")
		m.faults = map[string]string{"198.51.100.31": "REFUSED"}
		r := m.walk(t)
		asked := 0
		ask := func(name record.Name, searches bool) {
			t.Helper()
			if a := r.Ask(t.Context(), txtAt(name)); a.Status != record.Found || len(a.Lame) > 0 {
				t.Errorf("%s: %s", name, inALine(a))
			}
			n := m.count("ns.hoster.net")
			if (n > asked) != searches {
				t.Errorf("%s: %d questions for the server's address", name, n-asked)
			}
			asked = n
		}
		ask("a.x.broken.com", true)
		for range 10 {
			ask("b.x.broken.com", false)
		}
		time.Sleep(transport.FailedLookup)
		ask("c.x.broken.com", true)
		ask("d.x.broken.com", false)
		r.Forget()
		ask("e.x.broken.com", true)
	})
}

// TestTangledZones: zones whose servers are named in each other, all of them in
// all others, end in a failure, and soon, for many questions at once too.
func TestTangledZones(t *testing.T) {
	t.Parallel()
	const zones = 20
	com := "# 198.51.100.11 com.\n@ SOA a.gtld h. 1 1 1 1 600\n"
	for i := range zones {
		for j := range zones {
			if i != j {
				com += fmt.Sprintf("z%d NS ns%d.z%d\n", i, i, j)
			}
		}
	}
	m := makeUp(t, world, com)
	r := m.walk(t)
	var wg sync.WaitGroup
	for i := range zones {
		for n := range 5 {
			wg.Go(func() {
				a := r.Ask(t.Context(), txtAt(record.Name(fmt.Sprintf("x%d.z%d.com", n, i))))
				if a.Failure == nil || a.Failure.Fault != record.Unreachable {
					t.Errorf("z%d: %s", i, inALine(a))
				}
			})
		}
	}
	wg.Wait()
	if n := m.count(" "); n > 4*zones {
		t.Errorf("%d questions", n)
	}
}

// TestKnownLookup: the address of a server that was found is not looked for again
// in the run, nor that of one that has none.
func TestKnownLookup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := makeUp(t, world)
		r := m.walk(t)
		for range 3 {
			for _, name := range []record.Name{"outside.com", "vanished.com"} {
				if a := r.Ask(t.Context(), txtAt(name)); a.Status != record.Found {
					t.Errorf("%s: %s", name, inALine(a))
				}
			}
			time.Sleep(2 * transport.FailedLookup)
		}
		for asked, want := range map[string]int{"A ns1.hoster.net": 1, "AAAA ns1.hoster.net": 0} { // there is no way to IPv6
			if n := m.count(" " + asked); n != want {
				t.Errorf("%s was asked %d times, want %d", asked, n, want)
			}
		}
		before := m.count(" ")
		for _, name := range []record.Name{"x.outside.com", "x.vanished.com"} {
			r.Ask(t.Context(), txtAt(name))
		}
		if n := m.count(" ") - before; n != 2 {
			t.Errorf("%d questions for two names below", n)
		}
	})
}

package spf

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
)

// A record of the run's own domains is asked of the domain's asker each time;
// what they share is asked once, however many walk at once.
func TestForestShares(t *testing.T) {
	zone := `
		shared.example TXT v=spf1 include:deeper.example a:host.example -all
		deeper.example TXT v=spf1 a:host.example ~all
		mx.example A 192.0.2.1
		host.example A 192.0.2.1`
	const domains = 50
	for i := range domains {
		zone += fmt.Sprintf("\nd%d.example TXT v=spf1 a mx include:shared.example -all\nd%d.example A 192.0.2.1\nd%d.example MX mx.example", i, i, i)
	}
	shared := worldOf(t, zone)
	own := worldOf(t, zone)
	f := NewForest(t.Context(), shared)
	var walks sync.WaitGroup
	trees := make([]*Tree, domains)
	for i := range domains {
		walks.Go(func() { trees[i] = f.Walk(t.Context(), own, record.MustName(fmt.Sprintf("d%d.example", i))) })
	}
	walks.Wait()
	for _, tree := range trees {
		if got := costs(tree.Root.Cost); got != "6/0" {
			t.Fatalf("%s costs %s", tree.Root.Name, got)
		}
		for i, n := range tree.Nodes[1:] {
			if first := trees[0].Nodes[i+1]; n.Name != first.Name || n.Record() != first.Record() {
				t.Fatalf("%s has a copy of %s", tree.Root.Name, n.Name)
			}
		}
	}
	if got, want := len(shared.asked), 6; got != want || shared.questions() != want {
		t.Errorf("asked of all: %v", shared.asked)
	}
	if got, want := own.questions(), 4*domains; got != want {
		t.Errorf("asked of the domains %d times, want %d: %v", got, want, own.asked)
	}
}

// A name that cannot exist, since a space is missing before the all, is not
// queried.
func TestImpossibleNames(t *testing.T) {
	w := worldOf(t, "example.com TXT v=spf1 a:host.example-all mx:host.example~all include:x.example-all")
	tree := NewForest(t.Context(), w).Walk(t.Context(), w, "example.com")
	for q := range w.asked {
		if Impossible(q.Name) {
			t.Errorf("asked %s", q)
		}
	}
	if n := tree.node("x.example-all"); n == nil || n.Answer.Status != record.NoName {
		t.Errorf("the include leads to %v", n)
	}
}

const hop = 20 * time.Millisecond

func chain(n int) string {
	var b strings.Builder
	b.WriteString("example.com TXT v=spf1 include:n1.example -all")
	for i := 1; i <= n; i++ {
		if i == n {
			fmt.Fprintf(&b, "\nn%d.example TXT v=spf1 -all", i)
			break
		}
		fmt.Fprintf(&b, "\nn%d.example TXT v=spf1 include:n%d.example -all", i, i+1)
	}
	return b.String()
}

func TestWalkTakesAsLongAsItsLongestChain(t *testing.T) {
	tests := map[string]struct {
		zone string
		slow map[string]int // hops that an answer takes; 1 else
		hops int
	}{
		"flat": {"example.com TXT v=spf1 -all", nil, 1},
		"wide": {`
			example.com TXT v=spf1 include:a.example include:b.example include:c.example a -all
			a.example TXT v=spf1 -all
			b.example TXT v=spf1 -all
			c.example TXT v=spf1 -all`, nil, 2},
		"chain of four": {chain(4), nil, 5},
		"mx at the end": {"example.com TXT v=spf1 include:a.example -all\na.example TXT v=spf1 mx\na.example MX b.example", nil, 4},
		"slow beside deep": {
			strings.Replace(chain(4), "v=spf1 ", "v=spf1 include:slow.example ", 1) + "\nslow.example TXT v=spf1 -all",
			map[string]int{"slow.example": 4}, 5,
		},
		"slow beside deeper than is fetched at once": {
			strings.Replace(chain(sideNames+2), "v=spf1 ", "v=spf1 include:slow.example ", 1) + "\nslow.example TXT v=spf1 -all",
			map[string]int{"slow.example": sideNames + 2}, sideNames + 3,
		},
		"slow term beside deep": {
			strings.Replace(chain(4), "v=spf1 ", "v=spf1 a:slow.example ", 1),
			map[string]int{"slow.example": 4}, 5,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := worldOf(t, test.zone)
				w.delay = func(q record.Question) time.Duration { return time.Duration(max(1, test.slow[string(q.Name)])) * hop }
				start := time.Now()
				grow(t, w, "example.com")
				if got := time.Since(start); got != time.Duration(test.hops)*hop {
					t.Errorf("took %v, want %d times %v", got, test.hops, hop)
				}
			})
		})
	}
}

// However fast each answer comes, the tree is the same, also where its bounds
// cut it.
func TestWalkDoesNotDependOnTime(t *testing.T) {
	zone := "example.com TXT v=spf1"
	for i := range 30 {
		zone += fmt.Sprintf(" include:a%d.example", i)
	}
	for i := range 30 {
		zone += fmt.Sprintf("\na%d.example TXT v=spf1 a mx", i)
		for j := range 5 {
			zone += fmt.Sprintf(" include:b%d.example", i*5+j)
		}
	}
	for i := range 150 {
		zone += fmt.Sprintf("\nb%d.example TXT v=spf1 include:c%d.example include:a%d.example", i, i, i%30)
	}
	var want string
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			w := worldOf(t, zone)
			r := rand.New(rand.NewPCG(seed, 1))
			w.delay = func(record.Question) time.Duration {
				w.mu.Lock()
				defer w.mu.Unlock()
				return time.Duration(r.IntN(1000)) * time.Millisecond
			}
			tree := grow(t, w, "example.com")
			if !tree.Truncated || len(tree.Nodes) != MaxNames+1 {
				t.Errorf("%d nodes, truncated %v", len(tree.Nodes), tree.Truncated)
			}
			if n := len(w.asked); n > 2*MaxNames+5*2*MaxNames {
				t.Errorf("asked %d questions", n)
			}
			got := draw(tree)
			if seed == 0 {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("seed %d (-want +got):\n%s", seed, diff)
			}
		})
	}
}

// stubborn never answers and does not look at its context.
type stubborn struct{ until chan struct{} }

func (s stubborn) Ask(_ context.Context, q record.Question) record.Answer {
	<-s.until
	return record.Answer{Question: q, Status: record.NoData}
}

// silent never answers before its context ends.
type silent struct{}

func (silent) Ask(ctx context.Context, q record.Question) record.Answer {
	<-ctx.Done()
	return interrupted(q)
}

// some asks special for one name.
type some struct {
	record.Asker
	name    record.Name
	special record.Asker
}

func (s some) Ask(ctx context.Context, q record.Question) record.Answer {
	if q.Name == s.name {
		return s.special.Ask(ctx, q)
	}
	return s.Asker.Ask(ctx, q)
}

func TestWalkEndsWithItsContext(t *testing.T) {
	zone := `
		example.com TXT v=spf1 include:slow.example include:good.example a:slow.example -all
		good.example TXT v=spf1 a
		good.example A 192.0.2.1`
	for _, slow := range []record.Name{"example.com", "slow.example", "good.example"} {
		t.Run(string(slow), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stuck := stubborn{make(chan struct{})}
				defer close(stuck.until)
				ask := some{worldOf(t, zone), slow, stuck}
				own := ask.Asker
				if slow == "example.com" {
					own = silent{}
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				f := NewForest(t.Context(), ask)
				start := time.Now()
				tree := f.Walk(ctx, some{ask, "example.com", own}, "example.com")
				if d := time.Since(start); d != time.Second {
					t.Errorf("took %v", d)
				}
				if !tree.Root.Cost.Voids.Gaps.Has(Failed) {
					t.Errorf("the root costs %s", costs(tree.Root.Cost))
				}
				found := false
				for _, n := range tree.Nodes {
					if n.Name == slow {
						found = true
						if n.Answer.Status != record.Unknown || n.Answer.Failure.Fault != record.Interrupted {
							t.Errorf("%s: %v", n.Name, n.Answer)
						}
					}
				}
				if !found {
					t.Errorf("no node for %s", slow)
				}
			})
		})
	}
}

// A record that leads nowhere is not looked at before all about it is known,
// which the race detector sees.
func TestWalkEndsBeforeALeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldOf(t, "example.com TXT v=spf1 a:slow.example -all")
		w.delay = func(q record.Question) time.Duration {
			if q.Name == "slow.example" {
				return 2 * time.Second
			}
			return 0
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		tree := NewForest(t.Context(), w).Walk(ctx, w, "example.com")
		time.Sleep(time.Second) // until the question has ended too
		if got := costs(tree.Root.Cost); got != "1/0f" {
			t.Errorf("it counts %s", got)
		}
	})
}

// One domain's end must not spoil for the others what they share.
func TestForestOutlivesAWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldOf(t, `
			a.example TXT v=spf1 include:shared.example -all
			b.example TXT v=spf1 include:shared.example -all
			shared.example TXT v=spf1 a -all
			shared.example A 192.0.2.1`)
		w.delay = func(q record.Question) time.Duration {
			if q.Name == "shared.example" {
				return 10 * time.Second
			}
			return 0
		}
		f := NewForest(t.Context(), w)
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got := costs(f.Walk(hasty, w, "a.example").Root.Cost); got != "1f/0f" {
			t.Errorf("the hasty walk counts %s", got)
		}
		if got := costs(f.Walk(t.Context(), w, "b.example").Root.Cost); got != "2/0" {
			t.Errorf("the patient walk counts %s", got)
		}
		if n := w.asked[record.Question{Name: "shared.example", Type: record.TXT}]; n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func BenchmarkWalk(b *testing.B) {
	w := worldOf(b, `
		example.com TXT v=spf1 include:amazonses.com include:_spf.google.com ip4:192.0.2.0/24 ~all
		amazonses.com TXT v=spf1 ip4:199.255.192.0/22 ip4:199.127.232.0/22 ip4:54.240.0.0/18 -all
		_spf.google.com TXT v=spf1 include:_netblocks.google.com ~all
		_netblocks.google.com TXT v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ~all`)
	f := NewForest(b.Context(), w)
	b.ReportAllocs()
	for b.Loop() {
		if tree := f.Walk(b.Context(), w, "example.com"); tree.Root.Cost.Lookups.N != 3 {
			b.Fatal(costs(tree.Root.Cost))
		}
	}
}

package spf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
)

// draw writes a tree down, a line a term that asks DNS.
func draw(t *Tree) string {
	var b strings.Builder
	seen := map[*Node]bool{}
	var node func(n *Node, indent string)
	node = func(n *Node, indent string) {
		if seen[n] {
			fmt.Fprintf(&b, "%s(above)\n", indent)
			return
		}
		seen[n] = true
		for _, br := range n.Branches {
			if !br.Term.Kind.Queries() && !br.Unread {
				continue
			}
			fmt.Fprintf(&b, "%s%s %s%s\n", indent, br.Term.Text.Raw(), costs(br.Cost), marks(br))
			if br.Child != nil && !br.Loop {
				node(br.Child, indent+"  ")
			}
		}
	}
	fmt.Fprintf(&b, "%s\n", costs(t.Root.Cost))
	node(t.Root, "  ")
	return b.String()
}

func costs(c Totals) string {
	s := fmt.Sprint(c.Lookups.N, c.Lookups.Gaps.letters(), "/", c.Voids.N, c.Voids.Gaps.letters())
	return strings.ReplaceAll(s, " ", "")
}

func (g Gap) letters() string {
	s := ""
	for i, l := range "mfec" {
		if g.Has(1 << i) {
			s += string(l)
		}
	}
	return s
}

func marks(b Branch) string {
	s := ""
	for _, m := range []struct {
		is   bool
		word string
	}{{b.Unread, "unread"}, {b.Void, "void"}, {b.Loop, "loop"}, {b.Cut, "cut"}, {b.Hosts, "hosts"}} {
		if m.is {
			s += " " + m.word
		}
	}
	if b.Child != nil {
		switch n := len(b.Child.Records); {
		case b.Child.Answer.Status == record.Unknown:
			s += " unknown"
		case n != 1:
			s += fmt.Sprintf(" %d records", n)
		}
	}
	return s
}

// The counts are lookups/voids; letters say why they are "at least": m macro,
// f failed, e endless, c capped.
func TestWalk(t *testing.T) {
	tests := map[string]struct{ zone, want string }{
		"no record": {
			"example.com A 192.0.2.1",
			"0/0\n",
		},
		"two records": {`
			example.com TXT v=spf1 a -all
			example.com TXT v=spf1 mx -all`,
			"0/0\n",
		},
		"flat": {`
			example.com TXT v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 exp=why.example.com x-y=z -all`,
			"0/0\n",
		},
		"every kind": {`
			example.com TXT v=spf1 a mx ptr exists:e.example.com include:i.example.com redirect=r.example.com
			example.com A 192.0.2.1
			example.com MX mail.example.com
			mail.example.com AAAA 2001:db8::1
			e.example.com A 127.0.0.2
			i.example.com TXT v=spf1 ip4:192.0.2.1
			r.example.com TXT v=spf1 -all`,
			`6/0
  a 1/0
  mx 1/0
  ptr 1/0
  exists:e.example.com 1/0
  include:i.example.com 1/0
  redirect=r.example.com 1/0
`,
		},
		"repeats count again": {`
			example.com TXT v=spf1 include:a.example include:b.example include:a.example -all
			a.example TXT v=spf1 include:c.example a a
			b.example TXT v=spf1 include:c.example
			c.example TXT v=spf1 mx
			c.example MX c.example
			a.example A 192.0.2.1`,
			`13/0
  include:a.example 5/0
    include:c.example 2/0
      mx 1/0
    a 1/0
    a 1/0
  include:b.example 3/0
    include:c.example 2/0
      (above)
  include:a.example 5/0
    (above)
`,
		},
		"unread terms cost nothing": {`
			example.com TXT v=spf1 a redirect=r.example -all mx include:b.example
			example.com A 192.0.2.1`,
			`1/0
  a 1/0
  redirect=r.example 0/0 unread
  mx 0/0 unread
  include:b.example 0/0 unread
`,
		},
		"voids": {`
			example.com TXT v=spf1 a:four.example a:six.example a:none.example a:gone.example mx:none.example exists:six.example include:gone.example include:none.example include:text.example -all
			four.example A 192.0.2.1
			six.example AAAA 2001:db8::1
			none.example PTR x.example
			text.example TXT hello`,
			`9/6
  a:four.example 1/0
  a:six.example 1/0
  a:none.example 1/1 void
  a:gone.example 1/1 void
  mx:none.example 1/1 void
  exists:six.example 1/1 void
  include:gone.example 1/1 void 0 records
  include:none.example 1/1 void 0 records
  include:text.example 1/0 0 records
`,
		},
		"voids inside count as often as they are met": {`
			example.com TXT v=spf1 include:a.example include:a.example -all
			a.example TXT v=spf1 a`,
			`4/2
  include:a.example 2/1
    a 1/1 void
  include:a.example 2/1
    (above)
`,
		},
		"an mx whose hosts have no address is not void": {`
			example.com TXT v=spf1 mx mx:null.example -all
			example.com MX gone.example.com
			null.example MX .`,
			`2/0
  mx 1/0
  mx:null.example 1/0
`,
		},
		"macros": {`
			example.com TXT v=spf1 include:%{i}.example.com exists:%{i}.x.example.com a:%{d} include:b.example -all
			b.example TXT v=spf1 redirect=%{d}.b.example`,
			`5m/0m
  include:%{i}.example.com 1m/0m
  exists:%{i}.x.example.com 1m/0m
  a:%{d} 1m/0m
  include:b.example 2m/0m
    redirect=%{d}.b.example 1m/0m
`,
		},
		"failures": {`
			example.com TXT v=spf1 include:down.example include:good.example a:half.example a:down.example mx:down.example -all
			down.example FAIL all
			good.example TXT v=spf1 mx
			good.example MX down.example
			half.example A 192.0.2.1
			half.example FAIL AAAA`,
			`6f/0f
  include:down.example 1f/0f unknown
  include:good.example 2/0
    mx 1/0
  a:half.example 1/0
  a:down.example 1/0f
  mx:down.example 1/0f
`,
		},
		"the record itself fails": {
			"example.com FAIL TXT",
			"0f/0f\n",
		},
		"half a failure may hide a void": {`
			example.com TXT v=spf1 a:half.example -all
			half.example FAIL AAAA`,
			`1/0f
  a:half.example 1/0f
`,
		},
		"broken includes": {`
			example.com TXT v=spf1 include:two.example include:bad.example -all
			two.example TXT v=spf1 a -all
			two.example TXT v=spf1 mx -all
			bad.example TXT v=spf1 include: nonsense a -all
			bad.example A 192.0.2.1`,
			`3/0
  include:two.example 1/0 2 records
  include:bad.example 2/0
    include: 0/0
    a 1/0
`,
		},
		"self loop": {
			"example.com TXT v=spf1 a:x.example include:example.com -all\nx.example A 192.0.2.1",
			`2e/0e
  a:x.example 1/0
  include:example.com 1e/0e loop
`,
		},
		"loop of redirects behind a good include": {`
			example.com TXT v=spf1 include:good.example include:a.example -all
			good.example TXT v=spf1 -all
			a.example TXT v=spf1 redirect=b.example
			b.example TXT v=spf1 include:good.example redirect=a.example`,
			`5e/0e
  include:good.example 1/0
  include:a.example 4e/0e
    redirect=b.example 3e/0e
      include:good.example 1/0
        (above)
      redirect=a.example 1e/0e loop
`,
		},
		"hosts": {
			"example.com TXT v=spf1 mx mx:ten.example -all" + mxs("example.com", 11) + mxs("ten.example", 10),
			"2/0\n  mx 1/0 hosts\n  mx:ten.example 1/0\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, test.zone)
			tree := grow(t, w, "example.com")
			if diff := cmp.Diff(test.want, draw(tree)); diff != "" {
				t.Errorf("tree (-want +got):\n%s", diff)
			}
			if tree.Truncated {
				t.Error("truncated")
			}
			for q, n := range w.asked {
				if n > 1 {
					t.Errorf("%s asked %d times", q, n)
				}
			}
		})
	}
}

func mxs(owner string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "\n%s MX mx%d.%[1]s\nmx%[2]d.%[1]s A 192.0.2.%[2]d", owner, i)
	}
	return b.String()
}

func TestWalkAsksWhatIsNeeded(t *testing.T) {
	w := worldOf(t, `
		example.com TXT v=spf1 mx a:mail.example.com include:v.example include:%{d}.v.example -all a:unread.example
		example.com MX mail.example.com
		mail.example.com A 192.0.2.1
		v.example TXT v=spf1 ptr exists:e.v.example include:bad..example mx:null.example mx:many.example -all
		null.example MX .`+mxs("many.example", MaxHosts+1))
	tree := grow(t, w, "example.com")
	want := map[record.Question]int{}
	for _, q := range []string{
		"TXT example.com", "MX example.com", "A mail.example.com", "AAAA mail.example.com", "TXT v.example", "A e.v.example",
		"MX null.example", "MX many.example",
	} {
		typ, name, _ := strings.Cut(q, " ")
		want[record.Question{Name: record.MustName(name), Type: types[typ]}] = 1
	}
	if diff := cmp.Diff(want, w.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if n := len(tree.Root.Branches[0].Answers); n != 3 {
		t.Errorf("mx has %d answers, want MX, A and AAAA", n)
	}
}

func TestWalkBounds(t *testing.T) {
	t.Run("deep", func(t *testing.T) {
		w := worldOf(t, chain(500))
		tree := grow(t, w, "example.com")
		if got, want := costs(tree.Root.Cost), fmt.Sprintf("%dc/0c", MaxDepth+1); got != want {
			t.Errorf("costs %s, want %s", got, want)
		}
		if n := w.questions(); !tree.Truncated || n != MaxDepth+1 {
			t.Errorf("%d questions, truncated %v", n, tree.Truncated)
		}
	})
	t.Run("wide", func(t *testing.T) {
		zone := "example.com TXT v=spf1"
		for i := range 500 {
			zone += fmt.Sprintf(" include:n%d.example", i)
		}
		w := worldOf(t, zone)
		tree := grow(t, w, "example.com")
		if got := costs(tree.Root.Cost); got != "500c/50c" {
			t.Errorf("costs %s", got)
		}
		if n := w.questions(); !tree.Truncated || n != MaxNames+1 {
			t.Errorf("%d questions, truncated %v", n, tree.Truncated)
		}
	})
	t.Run("terms", func(t *testing.T) {
		zone := "example.com TXT v=spf1" + strings.Repeat(" mx", 4)
		for i := range 100 {
			zone += fmt.Sprintf(" a:n%d.example", i)
		}
		w := worldOf(t, zone)
		tree := grow(t, w, "example.com")
		// Four mx reserve 84 questions and leave 16, for eight a.
		if got := costs(tree.Root.Cost); got != "104/12c" {
			t.Errorf("costs %s", got)
		}
		if !tree.Truncated || !tree.Root.Branches[12].Cut || tree.Root.Branches[11].Cut {
			t.Error("cut elsewhere")
		}
		if n := w.questions(); n != 1+1+16 {
			t.Errorf("%d questions", n)
		}
	})
	t.Run("doubling", func(t *testing.T) {
		zone := "example.com TXT v=spf1 include:l0.example include:r0.example"
		for i := range 30 {
			for _, side := range []string{"l", "r"} {
				zone += fmt.Sprintf("\n%s%d.example TXT v=spf1 include:l%d.example include:r%d.example a", side, i, i+1, i+1)
			}
		}
		tree := grow(t, worldOf(t, zone), "example.com")
		if got := tree.Root.Cost.Lookups; got.N != maxCount || !got.Gaps.Has(Capped) {
			t.Errorf("costs %v", got)
		}
		if len(tree.Nodes) != 2*MaxDepth+1 {
			t.Errorf("%d nodes", len(tree.Nodes))
		}
	})
	t.Run("ten thousand terms", func(t *testing.T) {
		tree := grow(t, worldOf(t, "example.com TXT v=spf1"+strings.Repeat(" a:a.bc", 10_000)), "example.com")
		if got := costs(tree.Root.Cost); got != "10000c/50c" {
			t.Errorf("costs %s", got)
		}
	})
}

// BenchmarkExtremes walks what no honest record is: the bounds keep time and
// memory small. docs/performance.md has the figures.
func BenchmarkExtremes(b *testing.B) {
	for name, zone := range map[string]string{
		"64 KiB in one term":  "example.com TXT v=spf1 " + strings.Repeat("x", 64<<10),
		"64 KiB of bad terms": "example.com TXT v=spf1" + strings.Repeat(" nclude:a.bc", 64<<10/12),
		"10,000 terms":        "example.com TXT v=spf1" + strings.Repeat(" a:a.bc", 10_000),
		"500 nested includes": chain(500),
	} {
		b.Run(name, func(b *testing.B) {
			w := worldOf(b, zone)
			b.ReportAllocs()
			for b.Loop() {
				if grow(b, w, "example.com").Root.Record() == nil {
					b.Fatal("no record")
				}
			}
		})
	}
}

package spf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
)

// TestWalkKeepsLittle: of an answer that very many may share, at most MaxRecords
// records and maxBrief octets are kept, and the rest is counted.
func TestWalkKeepsLittle(t *testing.T) {
	for name, c := range map[string]struct {
		txts    []string
		records int
		left    int
		octets  int
		spf     int // SPF records that are kept, and that there are
		found   int
	}{
		"twenty":           {many(MaxRecords, 10), 20, 0, 200, 0, 0},
		"twenty-one":       {many(MaxRecords+1, 10), 20, 1, 200, 0, 0},
		"short enough":     {many(2, maxBrief/2), 2, 0, maxBrief, 0, 0},
		"too long":         {append(many(1, maxBrief/2), strings.Repeat("x", maxBrief/2+1)), 2, 0, maxBrief, 0, 0},
		"one that is long": {append(many(3, 100), strings.Repeat("x", maxBrief)), 4, 0, 1300, 0, 0},
		"SPF records":      {spfs(MaxRecords), 20, 0, 10 * MaxRecords, 20, 20},
		"more of those":    {spfs(MaxRecords + 1), 20, 1, 10 * MaxRecords, 20, 21},
	} {
		w := newWorld()
		w.txt("example.com", []string{"v=spf1 include:many.example -all"})
		for _, txt := range c.txts {
			w.txt("many.example", []string{txt})
		}
		n := grow(t, w, "example.com").Nodes[1]
		octets := 0
		for _, r := range n.Answer.Records {
			octets += r.Text().Len()
		}
		if len(n.Answer.Records) != c.records || n.Answer.Left != c.left || octets != c.octets {
			t.Errorf("%s: %d records of %d octets, and %d more", name, len(n.Answer.Records), octets, n.Answer.Left)
		}
		if len(n.Records) != c.spf || n.Found != c.found {
			t.Errorf("%s: %d SPF records of %d", name, len(n.Records), n.Found)
		}
	}
}

func many(n, octets int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%0*d", octets, i))
	}
	return all
}

func spfs(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("v=spf1 a%02d", i))
	}
	return all
}

// TestWalkBoundsHosts: an mx is judged by how many hosts there are, also where
// not all of them are kept.
func TestWalkBoundsHosts(t *testing.T) {
	for hosts, want := range map[int]bool{MaxHosts: false, MaxHosts + 1: true, MaxRecords + 1: true} {
		w := worldOf(t, "example.com TXT v=spf1 mx -all"+mxs("example.com", hosts))
		b := grow(t, w, "example.com").Root.Branches[0]
		if b.Hosts != want || len(b.Answers) > 1 == want {
			t.Errorf("%d hosts: too many %v, %d answers", hosts, b.Hosts, len(b.Answers))
		}
		if mx := b.Answers[0]; len(mx.Records) != min(hosts, MaxRecords) || len(mx.Records)+mx.Left != hosts {
			t.Errorf("%d hosts: %d are kept, and %d more", hosts, len(mx.Records), mx.Left)
		}
		if q := (record.Question{Name: "mx0.example.com", Type: record.A}); w.asked[q] > 0 == want {
			t.Errorf("%d hosts: their addresses were asked for %d times", hosts, w.asked[q])
		}
	}
}

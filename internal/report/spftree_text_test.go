package report

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// includes are n includes of a record, the i-th of the name that to says.
func includes(n int, to func(i int) record.Name) (terms []snapshot.SPFTerm) {
	for i := range n {
		name := to(i)
		terms = append(terms, snapshot.SPFTerm{Text: "include:" + string(name), Leads: name, Lookups: spf.Count{N: 1}})
	}
	return terms
}

// TestTreeIsDrawnInPart: of a large tree the terms nearest to the root are drawn,
// and the rest is counted.
func TestTreeIsDrawnInPart(t *testing.T) {
	t.Parallel()
	under := func(name record.Name) func(int) record.Name {
		return func(i int) record.Name { return record.Name(fmt.Sprintf("n%d.%s", i, name)) }
	}
	all := map[record.Name]*snapshot.SPFRecord{
		"root.example": {State: "ok", Terms: append(includes(30, under("example")), includes(3, under("example"))...), Left: 1700},
	}
	for i := range 30 {
		name := under("example")(i)
		all[name] = &snapshot.SPFRecord{State: "ok", Terms: includes(20, under(name))}
	}
	all["n1.example"].Terms = append(all["n1.example"].Terms, includes(1, func(int) record.Name { return "n2.example" })...)
	all["n1.example"].Terms[0].Cut = true
	var b strings.Builder
	writeTree(&b, all, "root.example")
	text := b.String()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	drawn := strings.Count(text, "  include:")
	if drawn != maxDrawn {
		t.Errorf("%d terms are drawn:\n%s", drawn, text)
	}
	if first, last := lines[1], lines[len(lines)-1]; first != "  include:n0.example  1" || last != "  (1700 more terms)" {
		t.Errorf("from %q to %q", first, last)
	}
	for _, want := range []string{"\n  include:n29.example  1\n", "\n    include:n0.n0.example  1\n", "\n    include:n0.n1.example  1, not followed\n", "\n    (14 more terms)\n", "(as above)\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not drawn:\n%s", want, text)
		}
	}
	if n := strings.Count(spfTree(all, "root.example"), "<code>include:"); n != maxDrawn {
		t.Errorf("%d terms are drawn in HTML", n)
	}
	if page, err := os.ReadFile("../../docs/spf-bounds.md"); err != nil || !strings.Contains(string(page), fmt.Sprintf("nearest to the root first | %d |", maxDrawn)) {
		t.Errorf("docs/spf-bounds.md says otherwise: %v", err)
	}
}

// TestNothingIsAboveThatIsNotDrawn: what was left out higher up is not said to be
// above.
func TestNothingIsAboveThatIsNotDrawn(t *testing.T) {
	t.Parallel()
	deep := func(int) record.Name { return "deep.example" }
	all := map[record.Name]*snapshot.SPFRecord{
		"root.example": {State: "ok", Terms: append(includes(1, func(int) record.Name { return "first.example" }), includes(maxDrawn-1, func(i int) record.Name {
			return record.Name(fmt.Sprintf("n%d.example", i))
		})...)},
		"first.example": {State: "ok", Terms: includes(1, deep)},
		"n0.example":    {State: "ok", Terms: includes(1, deep)},
		"deep.example":  {State: "ok"},
	}
	var b strings.Builder
	writeTree(&b, all, "root.example")
	if text := b.String(); strings.Contains(text, "as above") || strings.Count(text, "(1 more term)") != 2 {
		t.Errorf("it is drawn as\n%s", text)
	}
}

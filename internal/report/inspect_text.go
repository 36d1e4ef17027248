package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/shorten"
)

// InspectText writes what stands in DNS, and what is wrong with it, for people
// at a terminal. Its manners are those of Text.
func InspectText(w io.Writer, r *Report, o TextOptions) error {
	t := &textWriter{Writer: bufio.NewWriter(w), TextOptions: o}
	for i := range r.Domains {
		t.inspected(r, &r.Domains[i])
	}
	t.compared(r)
	t.line("", fmt.Sprintf("%s (%s)", r.totals(), r.Duration.Round(time.Millisecond)))
	t.line("", t.paint(r.inspected(), resultColor(r.Result)))
	return t.Flush()
}

func (t *textWriter) inspected(r *Report, d *check.Domain) {
	all := r.sections(d)
	mark, words := headline(d, all)
	t.line("", t.paint(name(d), bold)+"  "+t.paint(words, markColor(mark)))
	for _, s := range all {
		t.line("  ", t.paint(fmt.Sprintf("%-*s", labelWidth, cmp.Or(s.mark, "-")), markColor(s.mark))+"  "+t.paint(s.title, bold))
		for _, l := range append(s.records, s.says...) {
			t.line(indent, cut(l, 4000))
		}
		if s.tree != "" {
			var b strings.Builder
			writeBoughs(&b, grow(r.SPF, s.tree), "  ")
			for l := range strings.Lines(b.String()) {
				t.line(indent, strings.TrimSuffix(l, "\n"))
			}
		}
	}
	for _, h := range hints(d) {
		t.line(indent, t.paint(h, dim))
	}
	t.line("", "")
	for _, s := range all {
		for _, g := range s.causes() {
			first := *g.findings[0]
			first.Undecided = g.open()
			t.finding(&first, steps(first.Change), "")
			if records := g.records(); len(records) > 1 {
				t.list("also", []string{shorten.List(records[1:], 10)})
			}
		}
	}
	if len(d.Findings) > 0 {
		t.line("", "")
	}
}

// compared sets several domains side by side.
func (t *textWriter) compared(r *Report) {
	if len(r.Domains) < 2 {
		return
	}
	rows := [][]string{comparedHeads}
	for i := range r.Domains {
		rows = append(rows, r.compare(&r.Domains[i]).cells())
	}
	width := make([]int, len(comparedHeads))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&b, "%-*s  ", width[i], cell)
		}
		t.line("", b.String())
	}
	t.line("", "")
}

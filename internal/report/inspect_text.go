package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/inspection"
	"github.com/sescheck/sescheck/internal/shorten"
)

// InspectText writes records and findings for people at a terminal, by the rules
// of Text.
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
	in := r.inspect(d)
	t.line("", t.paint(name(d), bold)+"  "+t.paint(in.Verdict, markColor(in.Mark)))
	for _, s := range in.Sections {
		t.line("  ", t.paint(fmt.Sprintf("%-*s", labelWidth, cmp.Or(s.Mark, "-")), markColor(s.Mark))+"  "+t.paint(s.Title, bold))
		for _, l := range append(s.Records, s.Says...) {
			t.line(indent, shorten.Text(l, 4000))
		}
		if s.Tree != "" {
			var b strings.Builder
			writeBoughs(&b, grow(r.SPF, s.Tree), "  ")
			for l := range strings.Lines(b.String()) {
				t.line(indent, strings.TrimSuffix(l, "\n"))
			}
		}
	}
	for _, h := range in.Hints {
		t.line(indent, t.paint(h, dim))
	}
	t.line("", "")
	for _, s := range in.Sections {
		for _, g := range causes(s) {
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
	rows := [][]string{inspection.RowHeads}
	for i := range r.Domains {
		rows = append(rows, r.inspect(&r.Domains[i]).Row.Cells())
	}
	width := make([]int, len(inspection.RowHeads))
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

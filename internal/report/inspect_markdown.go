package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/inspection"
)

// InspectMarkdown writes the result of inspect in GitHub's Markdown.
func InspectMarkdown(w io.Writer, r *Report) error {
	m := &markdown{w: bufio.NewWriter(w)}
	m.printf("## sescheck: %s\n\n%s\n\n", r.inspected(), r.totals())
	m.compared(r)
	for i := range r.Domains {
		m.inspected(r, &r.Domains[i])
	}
	return m.close()
}

// compared sets several domains side by side.
func (m *markdown) compared(r *Report) {
	if len(r.Domains) < 2 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(inspection.RowHeads, " | "), strings.Repeat("---|", len(inspection.RowHeads)))
	for i := range r.Domains {
		cells := mapped(r.inspect(&r.Domains[i]).Row.Cells(), prose)
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	m.printf("%s\n", b.String())
}

func (m *markdown) inspected(r *Report, d *check.Domain) {
	in := r.inspect(d)
	m.printf("## %s: %s\n\n", prose(name(d)), prose(in.Verdict))
	for _, s := range in.Sections {
		var b strings.Builder
		mark := ""
		if s.Mark != "" {
			mark = " (" + s.Mark + ")"
		}
		fmt.Fprintf(&b, "**%s**%s\n\n", prose(s.Title), mark)
		for _, text := range s.Records {
			fmt.Fprintf(&b, "- %s\n", code(text))
		}
		for _, text := range s.Says {
			fmt.Fprintf(&b, "- %s\n", prose(text))
		}
		m.printf("%s\n", b.String())
		if s.Tree != "" && len(r.SPF[s.Tree].Terms) > 0 {
			m.tree(r, s.Tree)
		}
	}
	for _, h := range in.Hints {
		m.printf("%s\n\n", prose(h))
	}
	for _, s := range in.Sections {
		for _, g := range causes(s) {
			m.group(r, g)
		}
	}
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
)

// InspectMarkdown writes what inspect found in GitHub's Markdown.
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
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(comparedHeads, " | "), strings.Repeat("---|", len(comparedHeads)))
	for i := range r.Domains {
		cells := mapped(r.compare(&r.Domains[i]).cells(), prose)
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	m.printf("%s\n", b.String())
}

func (m *markdown) inspected(r *Report, d *check.Domain) {
	all := r.sections(d)
	_, words := headline(d, all)
	m.printf("## %s: %s\n\n", prose(name(d)), prose(words))
	for _, s := range all {
		var b strings.Builder
		mark := ""
		if s.mark != "" {
			mark = " (" + s.mark + ")"
		}
		fmt.Fprintf(&b, "**%s**%s\n\n", prose(s.title), mark)
		for _, text := range s.records {
			fmt.Fprintf(&b, "- %s\n", code(text))
		}
		for _, text := range s.says {
			fmt.Fprintf(&b, "- %s\n", prose(text))
		}
		m.printf("%s\n", b.String())
		if s.tree != "" && len(r.SPF[s.tree].Terms) > 0 {
			m.tree(r, s.tree)
		}
	}
	for _, h := range hints(d) {
		m.printf("%s\n\n", prose(h))
	}
	for _, s := range all {
		for _, g := range s.causes() {
			m.group(r, g)
		}
	}
}

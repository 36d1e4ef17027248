package report

import (
	"html"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/inspection"
	"github.com/sescheck/sescheck/internal/shorten"
)

// InspectHTML writes the report of inspect as a self-contained page.
func InspectHTML(w io.Writer, r *Report) error { return ofInspect(r).write(w, r) }

// InspectHTMLParts returns the header and the main part of the page, for another
// page with its style and script.
func InspectHTMLParts(r *Report) (header, main string) { return ofInspect(r).parts(r) }

func ofInspect(r *Report) content {
	return content{title: "sescheck: " + r.inspected(), heading: r.inspected(), level: 4, main: func(h *page, r *Report) {
		h.compared(r)
		for i := range r.Domains {
			h.inspected(r, &r.Domains[i])
		}
	}}
}

// compared writes several domains next to each other.
func (h *page) compared(r *Report) {
	if len(r.Domains) < 2 {
		return
	}
	h.printf("<table class=\"compare\"><thead><tr><th>%s</thead>\n", markup(strings.Join(inspection.RowHeads, "<th>")))
	for i := range r.Domains {
		d := &r.Domains[i]
		in := r.inspect(d)
		cells := mapped(in.Row.Cells(), html.EscapeString)
		cells[0] = "<a href=\"#" + anchor(d) + "\">" + cells[0] + "</a>"
		cells[4] = "<b class=\"" + markClass(in.Mark) + "\">" + cells[4] + "</b>"
		h.printf("<tr>")
		for i, cell := range cells {
			h.printf("<td data-head=\"%s\">%s", inspection.RowHeads[i], markup(cell))
		}
		h.printf("\n")
	}
	h.printf("</table>\n")
}

// anchor is the id of a domain on the page. A Name has no character that would
// have to be escaped.
func anchor(d *check.Domain) string { return "domain-" + html.EscapeString(string(d.Name)) }

func (h *page) inspected(r *Report, d *check.Domain) {
	in := r.inspect(d)
	h.printf("<h2 class=\"domain\" id=\"%s\">%s <b class=\"%s\">%s</b></h2>\n", anchor(d), name(d), markClass(in.Mark), in.Verdict)
	for _, s := range in.Sections {
		h.section(r, s)
	}
	for _, t := range in.Hints {
		h.printf("<p>%s</p>\n", t)
	}
}

func (h *page) section(r *Report, s inspection.Section) {
	h.printf("<section class=\"card %s\"><h3>", markClass(s.Mark))
	if s.Mark != "" {
		h.printf("<b class=\"%s\">%s</b> ", markClass(s.Mark), s.Mark)
	}
	h.printf("%s</h3>\n", s.Title)
	for _, text := range s.Records {
		h.printf("<p><code>%s</code></p>\n", shorten.Text(text, 4000))
	}
	if len(s.Says) > 0 {
		h.printf("<ul><li>%s</ul>\n", markup(strings.Join(mapped(s.Says, html.EscapeString), "<li>")))
	}
	if s.Tree != "" {
		h.tree(r.SPF, s.Tree)
	}
	for _, g := range causes(s) {
		h.card(r, g, nil)
	}
	h.printf("</section>\n")
}

// markClass returns the class for the colour of a mark.
func markClass(mark string) string {
	switch mark {
	case "ok":
		return "pass"
	case "":
		return "plain"
	}
	return mark
}

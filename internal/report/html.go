package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/record"
)

// style is all that makes the page look like something: no script, and nothing
// from elsewhere.
const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--error:#c62828;--warning:#b26a00;--note:#1565c0;--unknown:#6a1b9a;--pass:#2e7d32}
@media(prefers-color-scheme:dark){:root{--error:#ff8a80;--warning:#ffb74d;--note:#90caf9;--unknown:#ce93d8;--pass:#a5d6a7}}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:0 0 .3rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.2rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right}body{overflow-wrap:anywhere}.scroll{overflow-x:auto}
section{border:1px solid var(--line);border-left-width:.4rem;border-radius:.4rem;padding:.7rem 1rem;margin:1rem 0;break-inside:avoid}
.error{border-left-color:var(--error)}.warning{border-left-color:var(--warning)}.note,.ignored{border-left-color:var(--note)}.unknown{border-left-color:var(--unknown)}
b.error{color:var(--error)}b.warning{color:var(--warning)}b.note{color:var(--note)}b.unknown{color:var(--unknown)}b.pass{color:var(--pass)}
code,pre{font:.875rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere}pre{background:var(--soft);padding:.6rem;border-radius:.3rem;overflow-x:auto;white-space:pre-wrap}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:.4rem 0}dt{opacity:.75}dd{margin:0;min-width:0}
section section{margin:.6rem 0}h2.domain{margin-top:2rem;border-bottom:1px solid var(--line)}h3,h4{font-size:1rem;margin:0 0 .3rem}section>p{margin:.3rem 0}section>ul{margin:.3rem 0;padding-left:1.2rem}
.pass{border-left-color:var(--pass)}.compare td,.compare th{overflow-wrap:normal}
@media(max-width:40rem){.compare thead{display:none}.compare tr{display:block;border-bottom:1px solid var(--line);padding:.3rem 0}.compare td{display:block;border:0;padding:.1rem 0}.compare td::before{content:attr(data-head) ": ";opacity:.75}}
@media(max-width:30rem){dl{display:block}section{padding:.6rem .7rem}section section{border-right:0;border-top:0;border-bottom:0;border-radius:0;padding-right:0}}` + treeStyle

// HTML writes one page that needs nothing else.
func HTML(w io.Writer, r *Report) error {
	h := newPage(bufio.NewWriter(w))
	h.head(r.verdict())
	h.printf("<h1>sescheck: %s</h1>\n<p>%s</p>\n", html.EscapeString(r.verdict()), html.EscapeString(r.totals()))
	for _, s := range r.silenced() {
		h.printf("<p>%s</p>\n", html.EscapeString(s))
	}
	h.domains(r)
	for _, g := range r.groups() {
		h.group(r, g)
	}
	h.ignored(r)
	h.printf("</html>\n")
	return h.Flush()
}

type page struct {
	*bufio.Writer
	drawn map[record.Name]bool // SPF trees
	level int                  // of the headings of findings
}

func newPage(w *bufio.Writer) *page { return &page{w, map[record.Name]bool{}, 2} }

// head begins the page. Of styles the browser is told to take the one below
// only, and of all else nothing: whatever gets into the page cannot run or ask.
func (h *page) head(title string) {
	sum := sha256.Sum256([]byte(style))
	h.printf("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n")
	h.printf("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-%s'\">\n", base64.StdEncoding.EncodeToString(sum[:]))
	h.printf("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>sescheck: %s</title>\n<style>%s</style>\n", html.EscapeString(title), style)
}

func (h *page) printf(format string, args ...any) { _, _ = fmt.Fprintf(h, format, args...) }

func (h *page) domains(r *Report) {
	h.printf("<div class=\"scroll\"><table><thead><tr><th>domain<th>result<th class=\"n\">passed<th class=\"n\">errors<th class=\"n\">warnings<th class=\"n\">notes<th class=\"n\">inconclusive</thead>\n")
	for i := range r.Domains {
		d := &r.Domains[i]
		var c Counts
		for j := range d.Findings {
			c.add(&d.Findings[j])
		}
		result := d.Result(r.FailOn)
		class := map[check.Status]string{check.Pass: "pass", check.Fail: "error", check.Inconclusive: "unknown"}[result]
		h.printf("<tr><td>%s<td><b class=\"%s\">%s</b><td class=\"n\">%d<td class=\"n\">%d<td class=\"n\">%d<td class=\"n\">%d<td class=\"n\">%d\n",
			html.EscapeString(string(d.Name)), class, result, d.Passed, c.Errors, c.Warnings, c.Notes, c.Inconclusive)
	}
	h.printf("</table></div>\n")
}

func (h *page) group(r *Report, g group) {
	f := g.findings[0]
	c, _ := check.Lookup(f.Check)
	h.printf("<section class=\"%[1]s\"><h%[4]d><b class=\"%[1]s\">%[1]s</b> <a href=\"%[2]s\">%[3]s</a></h%[4]d>\n", label(f), html.EscapeString(c.DocsURL()), f.Check, h.level)
	if len(g.findings) > 1 {
		h.printf("<p>%d times, in %s: %s</p>\n", len(g.findings), plural(len(g.domains()), "domain"), html.EscapeString(some(g.domains(), 50)))
	} else if place(f) != "" {
		h.printf("<p>%s %s</p>\n", html.EscapeString(string(f.Domain)), html.EscapeString(place(f)))
	}
	h.printf("<p>%s</p>\n<dl>\n", html.EscapeString(f.Message+r.remarks(f)))
	h.list("expected", f.Expected)
	h.list("found", f.Actual)
	if f.Status == check.Inconclusive {
		h.list("not decided", []string{strings.Join(g.open(), ", ")})
	}
	if records := g.records(); len(records) > 1 {
		h.list("likewise", []string{some(records[1:], 50)})
	}
	h.printf("</dl>\n")
	if f.Impact != "" {
		h.printf("<p>Impact: %s</p>\n", html.EscapeString(f.Impact))
	}
	if fix := g.fix(50); len(fix) > 0 {
		h.printf("<p>Publish:</p><pre>%s</pre>\n", html.EscapeString(strings.Join(fix, "\n")))
	}
	if s := mend(f); s != "" {
		h.printf("<p>How to mend it: %s</p>\n", html.EscapeString(s))
	}
	if strings.HasPrefix(f.Check, "spf-") && r.SPF[f.Record.Name] != nil {
		h.tree(r.SPF, f.Record.Name)
	}
	h.printf("</section>\n")
}

func (h *page) list(head string, items []string) {
	for _, item := range items {
		h.printf("<dt>%s<dd><code>%s</code>\n", head, html.EscapeString(item))
		head = ""
	}
}

// tree draws an SPF tree, each once.
func (h *page) tree(all map[record.Name]*check.SPFRecord, root record.Name) {
	if h.drawn[root] {
		return
	}
	h.drawn[root] = true
	h.printf("<details open><summary>SPF of %s</summary>%s</details>\n", html.EscapeString(string(root)), spfTree(all, root))
}

func (h *page) ignored(r *Report) {
	head := "<h2>Ignored by the file</h2>\n<ul>\n"
	for f := range r.Findings() {
		if f.Status == check.Ignored {
			h.printf("%s<li>%s <code>%s</code>: %s (%s)\n", head, f.Check, html.EscapeString(string(f.Record.Name)), html.EscapeString(f.Message), html.EscapeString(f.Silenced))
			head = ""
		}
	}
	if head == "" {
		h.printf("</ul>\n")
	}
}

package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// maxMarkdown bounds the summary. The runner rejects a summary over 1 MiB as a
// whole (actions/runner, FileCommandManager.cs).
const maxMarkdown = 900 << 10

// Markdown writes the job summary in GitHub's Markdown. It uses only tables,
// lists and code.
func Markdown(w io.Writer, r *Report) error {
	m := &markdown{w: bufio.NewWriter(w)}
	m.printf("## sescheck: %s\n\n%s\n\n", r.verdict(), r.totals())
	for _, s := range slices.Concat(r.news(), r.promised(), r.silenced()) {
		m.printf("%s\n\n", prose(s))
	}
	groups := r.groups()
	m.causes(groups)
	m.domains(r)
	for _, g := range groups {
		m.group(r, g)
	}
	m.alignment(r)
	m.fixed(r)
	m.ignored(r)
	m.trees(r)
	return m.close()
}

// NoFile writes the job summary of a run that found no file.
func NoFile(w io.Writer, none *config.NoFile) error {
	m := &markdown{w: bufio.NewWriter(w)}
	m.printf("## sescheck: there is no file\n\n%s.\n\n", prose(capital(none.Short())))
	if len(none.Below) == 0 {
		m.printf("Commit this as %s, with your own domain:\n\n```yaml\n%s\n```\n\n", code(config.Names[0]), config.Smallest)
		m.printf("In a clone, %s asks three questions and writes the file and the workflow. %s writes the file from what exists. If the repository has the file, was it checked out before this step?\n", code("sescheck init"), code("sescheck import"))
	} else {
		m.printf("In the workflow, name them in the input %s, one per line:\n\n```yaml\n        with:\n          files: |\n", code("files"))
		for _, name := range none.Below {
			m.printf("            %s\n", fence(untrusted.Line(name)))
		}
		m.printf("```\n")
	}
	return m.close()
}

// Mistake is a mistake in a file, or without a place in the command line.
type Mistake struct {
	Place config.Place // its file from the root of the repository
	Text  string
}

// Wrong writes the job summary of a run that checked nothing, because of mistakes
// in the file or the command line.
func Wrong(w io.Writer, mistakes []Mistake, in Repository) error {
	m := &markdown{w: bufio.NewWriter(w)}
	m.printf("## sescheck: nothing was checked\n\n%s to fix first:\n\n", shorten.Count(len(mistakes), "thing"))
	for _, p := range mistakes {
		where := ""
		if p.Place.File != "" {
			where = in.linked(prose(fmt.Sprintf("%s line %d", p.Place.File, p.Place.Line)), p.Place) + ": "
		}
		m.printf("- %s%s\n", where, prose(untrusted.Line(p.Text)))
	}
	return m.close()
}

func (m *markdown) close() error {
	if m.left > 0 {
		_, _ = fmt.Fprintf(m.w, "\n%d more sections were left out: a job summary can have at most 1 MiB. All findings are in the JSON report.\n", m.left)
	}
	return m.w.Flush()
}

// markdown writes whole sections as long as they fit.
type markdown struct {
	w    *bufio.Writer
	size int
	left int // number of sections that did not fit
}

func (m *markdown) printf(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if m.left > 0 || m.size+len(s) > maxMarkdown {
		m.left++
		return
	}
	m.size += len(s)
	_, _ = m.w.WriteString(s)
}

// overview bounds the causes in the table at the top, which is there if not all
// fit on a page.
const (
	overview = 5
	aPage    = 10
)

// causes is the table of the biggest causes.
func (m *markdown) causes(groups []group) {
	var kinds []kind
	of := map[kind]group{}
	for _, g := range groups {
		k := g.kind()
		if _, ok := of[k]; !ok {
			kinds = append(kinds, k)
		}
		of[k] = group{findings: append(of[k].findings, g.findings...)}
	}
	if len(groups) <= aPage {
		return
	}
	var b strings.Builder
	for _, k := range kinds[:min(overview, len(kinds))] {
		g := of[k]
		f := g.findings[0]
		example := ""
		if len(g.findings) > 1 {
			example = "for one, "
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %s: %s%s |\n", marked(f.Label()), len(g.findings), len(g.domains()), code(f.Check.ID), example, prose(shorten.Text(f.Message, 200)))
	}
	if n := len(kinds) - overview; n > 0 {
		fmt.Fprintf(&b, "\nAnd %d more below.\n", n)
	}
	m.printf("| the biggest causes | findings | domains | check |\n|---|--:|--:|---|\n%s\n", b.String())
}

// circles are symbols for results. None is a letter with a variation selector,
// which some systems do not show.
var circles = map[string]string{
	"error": "🔴", "warning": "🟡", "note": "🔵", "unknown": "❔", "ignored": "⚪",
	"fail": "❌", "inconclusive": "❔", "pass": "✅", "standing": "🔵",
}

// marked is a word after its symbol.
func marked(word string) string { return circles[word] + " " + word }

// urgent are the domains with problems: failing ones first, then inconclusive
// ones.
func (r *Report) urgent() []*check.Domain {
	all := make([]*check.Domain, len(r.Domains))
	for i := range r.Domains {
		all[i] = &r.Domains[i]
	}
	order := []string{string(finding.Fail), string(finding.Inconclusive)}
	rank := func(d *check.Domain) int {
		if i := slices.Index(order, r.result(d)); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(all, func(a, b *check.Domain) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// domains is the table of the domains: those with findings only, if not all fit on a
// page.
func (m *markdown) domains(r *Report) {
	var b strings.Builder
	rows, clean, passed := 0, 0, 0
	for _, d := range r.urgent() {
		var c Counts
		for j := range d.Findings {
			c.add(&d.Findings[j])
		}
		if len(d.Findings) == 0 && len(r.Domains) > aPage {
			clean, passed = clean+1, passed+d.Passed
			continue
		}
		if rows++; rows > 500 {
			fmt.Fprintf(&b, "\nThe table ends after 500 domains.\n")
			break
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %d |\n", code(string(d.Name)), marked(r.result(d)), d.Passed, c.Errors, c.Warnings, c.Notes, c.Inconclusive)
	}
	if rows == 0 {
		return
	}
	if clean > 0 {
		fmt.Fprintf(&b, "\nAnd %s without a finding: %s passed.\n", shorten.Count(clean, "domain"), shorten.Count(passed, "check"))
	}
	open, end := "", ""
	if rows > 50 {
		open, end = "<details><summary>The domains</summary>\n\n", "\n</details>\n"
	}
	m.printf("%s| domain | result | passed | errors | warnings | notes | inconclusive |\n|---|---|--:|--:|--:|--:|--:|\n%s%s\n", open, b.String(), end)
}

// alignment says for each domain whether mail through SES passes DMARC.
func (m *markdown) alignment(r *Report) {
	var b strings.Builder
	for i := range r.Domains {
		for _, sentence := range alignment(&r.Domains[i]) {
			fmt.Fprintf(&b, "- %s\n", prose(sentence))
		}
	}
	if b.Len() > 0 {
		m.printf("### Mail through SES\n\n%s\n", b.String())
	}
}

func (m *markdown) fixed(r *Report) {
	var b strings.Builder
	for _, old := range r.Fixed {
		fmt.Fprintf(&b, "- %s of %s\n", code(old.Check), code(string(old.Domain)))
	}
	if b.Len() > 0 {
		m.printf("### Fixed\n\n%s\n", b.String())
	}
	b.Reset()
	for _, l := range r.carriedLines() {
		fmt.Fprintf(&b, "- %s\n", prose(l))
	}
	if b.Len() > 0 {
		m.printf("### Carried: in the earlier report, and not known to be fixed\n\n%s\n", b.String())
	}
}

func (m *markdown) group(r *Report, g group) {
	f := g.findings[0]
	var b strings.Builder
	fmt.Fprintf(&b, "### %s: [%s](%s)\n\n", marked(f.Label()), f.Check, r.docs(f.Check))
	if g.line {
		fmt.Fprintf(&b, "%s, %s\n\n", code(string(f.Domain)), r.Repository.linked(prose(place(f)), f.Place))
	} else if len(g.findings) > 1 {
		fmt.Fprintf(&b, "%d times, in %s: %s\n\n", len(g.findings), shorten.Count(len(g.domains()), "domain"), codes(g.domains(), 50))
	} else if place(f) != "" {
		fmt.Fprintf(&b, "%s\n\n", strings.TrimPrefix(code(string(f.Domain))+", ", "``, ")+r.Repository.linked(prose(place(f)), f.Place))
	}
	fmt.Fprintf(&b, "%s\n\n", prose(f.Message+r.remarks(f)))
	if records := g.records(); len(records) > 1 {
		fmt.Fprintf(&b, "Also: %s\n\n", codes(records[1:], 50))
	}
	if how, where := made(f); where != "" && len(g.findings) == 1 {
		fmt.Fprintf(&b, "%s %s\n\n", capital(how), r.Repository.linked(prose(where), config.Place{File: f.Origin.File, Line: f.Origin.Line}))
	}
	b.WriteString(sideBySide(g.sides()))
	if open := finding.IDs(g.open()); f.Status == finding.Inconclusive && len(open) > 0 {
		fmt.Fprintf(&b, "Inconclusive checks: %s\n\n", codes(open, 50))
	}
	if f.Impact != "" {
		fmt.Fprintf(&b, "Impact: %s\n\n", prose(f.Impact))
	}
	todo := g.steps(mostSteps)
	for _, do := range blocks(todo) {
		fmt.Fprintf(&b, "%s:\n\n```\n%s\n```\n\n", capital(do.label), strings.Join(mapped(do.lines, fence), "\n"))
	}
	if f.Advice != "" {
		fmt.Fprintf(&b, "How to fix it: %s\n\n", prose(f.Advice))
	} else if s := g.howToFix(todo); s != "" {
		fmt.Fprintf(&b, "How to fix it: %s\n\n", s)
	}
	m.printf("%s", b.String())
}

// sideBySide is a table of expected and actual values.
func sideBySide(expected, found []string) string {
	switch {
	case len(expected) > 0 && len(found) > 0:
		return fmt.Sprintf("| expected | found |\n|---|---|\n| %s | %s |\n\n", codeLines(expected), codeLines(found))
	case len(expected) > 0:
		return listed("Expected:", expected)
	case len(found) > 0:
		return listed("Found:", found)
	}
	return ""
}

// listed are values after a label, or below it if there are several.
func listed(label string, values []string) string {
	if len(values) > 1 {
		label += "<br>"
	} else {
		label += " "
	}
	return label + codeLines(values) + "\n\n"
}

func (m *markdown) ignored(r *Report) {
	var b strings.Builder
	for f := range r.Findings() {
		if f.Status == finding.Ignored {
			fmt.Fprintf(&b, "- %s %s: %s (%s)\n", f.Check, code(string(f.Record.Name)), prose(f.Message), prose(f.Silence.String()))
		}
	}
	if b.Len() > 0 {
		m.printf("### Ignored by the file\n\n%s\n", b.String())
	}
}

// trees shows the lookups of each domain's SPF record.
func (m *markdown) trees(r *Report) {
	for i := range r.Domains {
		d := &r.Domains[i]
		drawn := map[record.Name]bool{}
		for _, f := range d.Findings {
			n := f.Record.Name
			if !strings.HasPrefix(f.Check.ID, "spf-") || r.SPF[n] == nil || drawn[n] {
				continue
			}
			drawn[n] = true
			m.tree(r, n)
		}
	}
}

func (m *markdown) tree(r *Report, n record.Name) {
	var b strings.Builder
	writeTree(&b, r.SPF, n)
	m.printf("<details><summary>SPF of %s</summary>\n\n```\n%s```\n\n</details>\n\n", n, fence(b.String()))
}

// Text from outside is in presentation form here: printable ASCII. The three
// functions below escape the characters that Markdown and HTML interpret, in the
// same notation (RFC 1035 section 5.1), so that the shown text still decodes to
// the data in DNS.

var inCode = strings.NewReplacer("<", `\060`, "`", `\096`, "|", `\124`, "\n", " ", "\r", " ")

// code is a code span.
func code(s string) string { return "`" + shorten.Text(inCode.Replace(s), 2000) + "`" }

// fence is a line of a code block.
func fence(s string) string {
	return strings.NewReplacer("<", `\060`, "```", `\096\096\096`).Replace(s)
}

var inProse = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "&#96;", "|", "&#124;", "*", "&#42;", "_", "&#95;", "[", "&#91;", "]", "&#93;",
	"@", "&#64;&#8203;", "#", "&#35;&#8203;", "GH-", "GH&#8203;-", "~", "&#126;", "\\", "&#92;", "://", "&#58;//", "www.", "www&#46;", "\n", " ", "\r", " ",
)

// prose is running text without links, mentions or markup. In an issue, GitHub
// looks for mentions after it decodes escapes, so zero-width spaces break them.
func prose(s string) string { return inProse.Replace(s) }

func codes(items []string, most int) string {
	rest := ""
	if len(items) > most {
		rest = fmt.Sprintf(" and %d more", len(items)-most)
		items = items[:most]
	}
	return strings.Join(mapped(items, code), ", ") + rest
}

func codeLines(items []string) string { return strings.Join(mapped(items, code), "<br>") }

func mapped(items []string, f func(string) string) []string {
	out := make([]string, len(items))
	for i, s := range items {
		out[i] = f(s)
	}
	return out
}

package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/wanted"
)

// maxCards limits the findings that the page shows in full, where findings with one
// cause count as one. More would slow a browser down.
const maxCards = 2000

// HTML writes a self-contained page: the domains by parts, then every finding with
// its expected and actual values.
func HTML(w io.Writer, r *Report) error { return ofCheck(r).write(w, r) }

// HTMLParts returns the header and the main part of the page, for another page with
// its style and script.
func HTMLParts(r *Report) (header, main string) { return ofCheck(r).parts(r) }

func ofCheck(r *Report) content {
	title := "sescheck: " + r.verdict()
	return content{title: title, heading: title, level: 3, main: (*page).checked}
}

// checked is the main part of the page of check.
func (h *page) checked(r *Report) {
	groups := r.groups()
	domains := worstFirst(r)
	rows := map[record.Name]int{}
	for i, d := range domains {
		rows[d.Name] = i
	}
	h.fleet(r, domains, groups)
	h.checks(groups, rows)
	for _, g := range groups[:min(len(groups), maxCards)] {
		h.card(r, g, rows)
	}
	if n := len(groups) - maxCards; n > 0 {
		h.printf("<p>%d more findings are not on this page; all are in the JSON report.</p>\n", n)
	}
	h.fixed(r)
	h.ignored(r)
}

// header writes the result, the domains, the version and the time.
func (h *page) header(r *Report, title string) {
	class := map[finding.Status]string{finding.Pass: "pass", finding.Fail: "error", finding.Inconclusive: "inconclusive"}[r.Result]
	h.printf("<header><h1 class=\"%s\">%s</h1>\n<p>%s</p>\n", class, title, r.totals())
	of := ""
	if len(r.Domains) == 1 {
		of = name(&r.Domains[0]) + ", by "
	}
	h.printf("<p class=\"faint\">%ssescheck %s at <time>%s</time> (%s)</p>\n", of, r.Version, r.Started.UTC().Format("2006-01-02 15:04:05 UTC"), r.Duration.Round(time.Millisecond))
	for _, s := range slices.Concat(r.promised(), r.silenced()) {
		h.printf("<p>%s</p>\n", s)
	}
	h.printf("</header>\n")
}

// condition is the state of a part or of a domain: its worst finding.
type condition struct{ word, sign string }

// The conditions from the worst to the best.
var conditions = []condition{{"error", "✗"}, {"inconclusive", "?"}, {"warning", "▲"}, {"note", "i"}, {"ignored", "–"}, {"pass", "✓"}}

// worst returns the worst condition of some findings.
func worst(fs []*finding.Finding) condition {
	for _, s := range conditions {
		if slices.ContainsFunc(fs, func(f *finding.Finding) bool { return f.Label() == s.word }) {
			return s
		}
	}
	return conditions[len(conditions)-1]
}

// worstFirst returns the domains, those with the worst findings first.
func worstFirst(r *Report) []*check.Domain {
	all := make([]*check.Domain, len(r.Domains))
	rank := map[*check.Domain]int{}
	for i := range r.Domains {
		all[i] = &r.Domains[i]
		rank[all[i]] = rankOf(worst(findingsOf(all[i])).word)
	}
	slices.SortStableFunc(all, func(a, b *check.Domain) int { return cmp.Compare(rank[a], rank[b]) })
	return all
}

// findingsOf are the findings of a domain.
func findingsOf(d *check.Domain) (all []*finding.Finding) {
	for i := range d.Findings {
		all = append(all, &d.Findings[i])
	}
	return all
}

// rankOf returns the position of a word among the conditions.
func rankOf(word string) int {
	return slices.IndexFunc(conditions, func(c condition) bool { return c.word == word })
}

// fleet writes the table of domains and parts, with the search.
func (h *page) fleet(r *Report, domains []*check.Domain, groups []group) {
	columns := columns(r)
	if len(r.Domains) > 1 {
		h.find(r)
	}
	many := ""
	if len(r.Domains) > 15 {
		many = " many"
	}
	h.printf("<div class=\"fleet c%d%s\"><table><thead><tr><th scope=\"col\">domain", len(columns), markup(many))
	for _, c := range columns {
		title := string(c)
		if c == wanted.Domain {
			title = "exists"
		}
		h.printf("<th scope=\"col\">%s", title)
	}
	h.printf("<th scope=\"col\" class=\"n\">passed<th scope=\"col\" class=\"n\">findings</thead>\n<tbody>\n")
	first := firstCards(groups)
	for _, d := range domains {
		h.row(d, columns, first[d.Name])
	}
	h.printf("</tbody></table></div>\n<p class=\"key faint\">")
	for _, s := range conditions {
		h.printf("<span><b class=\"%s\">%s</b> %s</span>", s.word, s.sign, s.word)
	}
	h.printf("<span>· not in the file</span></p>\n")
}

// columns returns the parts that were checked in any domain.
func columns(r *Report) (names []wanted.Part) {
	for _, p := range check.Parts() {
		if slices.ContainsFunc(r.Domains, func(d check.Domain) bool {
			return slices.Contains(d.Parts, p.Name) || slices.ContainsFunc(d.Findings, func(f finding.Finding) bool { return f.Part == p.Name })
		}) {
			names = append(names, p.Name)
		}
	}
	return names
}

// firstCards returns the cards that the names of domains link to.
func firstCards(groups []group) map[record.Name]int {
	first := map[record.Name]int{}
	for i, g := range groups[:min(len(groups), maxCards)] {
		for _, f := range g.findings {
			if _, ok := first[f.Domain]; !ok {
				first[f.Domain] = i + 1
			}
		}
	}
	return first
}

func (h *page) row(d *check.Domain, columns []wanted.Part, card int) {
	parts := map[wanted.Part][]*finding.Finding{}
	all := findingsOf(d)
	for _, f := range all {
		parts[f.Part] = append(parts[f.Part], f)
	}
	target := markup("#")
	if card > 0 {
		target = markup(fmt.Sprintf("#c%d", card))
	}
	shown := name(d)
	h.printf("<tr data-name=\"%s\" data-state=\"%s\"><th scope=\"row\"><a href=\"%s\">%s</a>", strings.ToLower(shown), worst(all).word, target, shown)
	for _, c := range columns {
		fs := parts[c]
		if len(fs) == 0 && !slices.Contains(d.Parts, c) {
			h.printf("<td class=\"faint\" data-rank=\"%d\">·", len(conditions))
			continue
		}
		s := worst(fs)
		if len(fs) == 0 {
			h.printf("<td class=\"pass\" data-rank=\"%d\">✓", rankOf("pass"))
			continue
		}
		h.printf("<td class=\"%s\" data-rank=\"%d\" data-part=\"%s\" aria-label=\"%s: %s\" title=\"%s\">%s", s.word, rankOf(s.word), c, c, s.word, titles(fs), s.sign)
	}
	h.printf("<td class=\"n\" data-part=\"passed\">%d<td class=\"n\" data-part=\"findings\">%d\n", d.Passed, len(all))
}

// titles returns the checks of findings, each once.
func titles(fs []*finding.Finding) string {
	var ids []string
	for _, f := range fs {
		if !slices.Contains(ids, f.Check.ID) {
			ids = append(ids, f.Check.ID)
		}
	}
	return shorten.List(ids, 5)
}

// find writes the search for domains, which needs the script.
func (h *page) find(r *Report) {
	n := map[string]int{}
	for i := range r.Domains {
		n[worst(findingsOf(&r.Domains[i])).word]++
	}
	h.printf("<div class=\"find\"><input id=\"text\" type=\"search\" placeholder=\"domain  ( / )\" aria-label=\"only domains with\" autocomplete=\"off\" spellcheck=\"false\">")
	for _, s := range conditions {
		if n[s.word] > 0 {
			h.printf("<button type=\"button\" value=\"%s\" aria-pressed=\"false\">%s %s %d</button>", s.word, s.sign, s.word, n[s.word])
		}
	}
	h.printf("<span class=\"faint\" id=\"shown\" role=\"status\"></span></div>\n")
}

// checks writes the head of the findings. If there are many, it lists how often
// each check found something, with a link. The script counts only domains that are
// shown.
func (h *page) checks(groups []group, rows map[record.Name]int) {
	if len(groups) == 0 {
		return
	}
	h.printf("<h2>Findings</h2>\n")
	if len(groups) < 15 {
		return
	}
	type tally struct {
		group
		check *finding.Check
		label string
		first int
	}
	var tallies []tally
	for i, g := range groups { // groups of one severity are adjacent
		is := func(t tally) bool { return t.check == g.findings[0].Check && t.label == g.findings[0].Label() }
		at := slices.IndexFunc(tallies, is)
		if at < 0 {
			at = len(tallies)
			tallies = append(tallies, tally{check: g.findings[0].Check, label: g.findings[0].Label(), first: i + 1})
		}
		tallies[at].findings = append(tallies[at].findings, g.findings...)
	}
	slices.SortStableFunc(tallies, func(a, b tally) int {
		return cmp.Or(cmp.Compare(rankOf(a.label), rankOf(b.label)), cmp.Compare(len(b.findings), len(a.findings)))
	})
	h.printf("<ul class=\"tallies\">\n")
	for _, t := range tallies {
		h.printf("<li data-kind=\"%s %s\" data-rows=\"%s\">", t.check, t.label, rowsOf(t.findings, rows))
		if t.first <= maxCards {
			h.printf("<a href=\"#c%d\">%s</a>", t.first, t.check)
		} else {
			h.printf("%s", t.check)
		}
		h.printf(" <span class=\"%s\"><b>%d</b> × %s</span>", t.label, len(t.findings), t.label)
		if n := len(t.domains()); n > 0 {
			h.printf(" in <b>%d</b> of the domains", n)
		}
		h.printf("\n")
	}
	h.printf("</ul>\n")
}

// rowsOf returns the rows of the domains with a finding.
func rowsOf(fs []*finding.Finding, rows map[record.Name]int) string {
	at := make([]string, 0, len(fs))
	for _, f := range fs {
		if row, ok := rows[f.Domain]; ok {
			at = append(at, fmt.Sprint(row))
		}
	}
	return strings.Join(at, " ")
}

// card writes one finding, or several with one cause. rows are the positions of the
// domains in the table of the fleet.
func (h *page) card(r *Report, g group, rows map[record.Name]int) {
	h.cards++
	f := g.findings[0]
	h.printf("<section class=\"card %s\" id=\"c%d\" data-kind=\"%s %s\" data-rows=\"%s\">\n", f.Label(), h.cards, f.Check, f.Label(), rowsOf(g.findings, rows))
	h.printf("<div class=\"head\"><h%d><span class=\"%s\">%s</span> <a href=\"%s\" rel=\"noreferrer\">%s</a></h%d><span class=\"faint\">%s</span></div>\n", h.level, f.Label(), f.Label(), r.docs(f.Check), f.Check, h.level, place(f))
	switch n, domains := len(g.findings), g.domains(); {
	case n > 1 && len(domains) == 1:
		h.printf("<p class=\"faint\">%s, %d times: %s</p>\n", domains[0], n, shorten.List(g.records(), 20))
	case n > 1:
		h.printf("<details><summary>%d times, in %s</summary><p>%s</p></details>\n", n, shorten.Count(len(domains), "domain"), shorten.List(g.records(), 1000))
	case f.Domain != "":
		h.printf("<p class=\"faint\">%s</p>\n", f.Domain)
	}
	h.printf("<p><strong>%s</strong></p>\n", f.Message+r.remarks(f))
	if how, where := made(f); where != "" && len(g.findings) == 1 {
		h.printf("<p>%s <code>%s</code></p>\n", how, where)
	}
	h.sides(g.sides())
	if f.Status == finding.Inconclusive {
		h.printf("<p>inconclusive checks: %s</p>\n", strings.Join(finding.IDs(g.open()), ", "))
	}
	if f.Impact != "" {
		h.printf("<p>impact: %s</p>\n", f.Impact)
	}
	todo := g.steps(mostSteps)
	h.change(fmt.Sprintf("p%d", h.cards), todo)
	if s := g.howToFix(todo); s != "" {
		h.printf("<p>How to fix it: %s</p>\n", s)
	}
	if strings.HasPrefix(f.Check.ID, "spf-") && r.SPF[f.Record.Name] != nil {
		h.tree(r.SPF, f.Record.Name)
	}
	h.printf("</section>\n")
}

// fixed lists the findings of an earlier report that are fixed, and those that are
// not known to be fixed.
func (h *page) fixed(r *Report) {
	var fixed []string
	for _, old := range r.Fixed {
		fixed = append(fixed, old.named())
	}
	h.list("Fixed", fixed)
	h.list("Carried: in the earlier report, and not known to be fixed", r.carriedLines())
}

func (h *page) list(head string, items []string) {
	if len(items) == 0 {
		return
	}
	h.printf("<h2>%s</h2>\n<ul>\n", head)
	for _, item := range items {
		h.printf("<li>%s\n", item)
	}
	h.printf("</ul>\n")
}

func (h *page) ignored(r *Report) {
	head := markup("<h2>Ignored by the file</h2>\n<ul>\n")
	for f := range r.Findings() {
		if f.Status == finding.Ignored {
			h.printf("%s<li>%s <code>%s</code>: %s (%s)\n", head, f.Check, f.Record.Name, f.Message, f.Silence)
			head = ""
		}
	}
	if head == "" {
		h.printf("</ul>\n")
	}
}

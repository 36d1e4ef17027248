package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Rules of the text report:
//
//   - Only the report goes to stdout. Progress and errors go to stderr; progress
//     only if stderr is a terminal.
//   - Every line is clear without colour: the words error, warning, note,
//     inconclusive and ignored carry the meaning. Colour is added on a terminal
//     unless NO_COLOR is set or --color says otherwise.
//   - A block has the mistake first, then expected and found values, then the
//     impact on mail, then the records to remove, replace and add.
//   - A cause that several domains share is reported once.
//   - On a terminal, sentences are wrapped at its width. Records are not, because
//     people copy them. Output to a pipe or file is never wrapped.
//   - No line begins with `::`, none has `##[`, and none looks like file:line:col
//     to a problem matcher: the place is in words.

// TextOptions are the properties of the terminal.
type TextOptions struct {
	Color bool
	Quiet bool // findings and totals only
	Width int  // of the terminal, for wrapping; 0 for none
}

// shared is the number of findings from which a cause is reported once for all.
const shared = 3

// labelWidth is the width of the longest label; indent is that of the lines below
// a finding's check.
const (
	labelWidth = len("warning")
	indent     = "           "
)

type textWriter struct {
	*bufio.Writer
	TextOptions
	passing bool // the last line is about a passing domain
}

// apart separates the compact lines of passing domains from the next block.
func (t *textWriter) apart() {
	if t.passing {
		t.line("", "")
	}
	t.passing = false
}

// Text writes the report for people at a terminal.
func Text(w io.Writer, r *Report, o TextOptions) error {
	t := &textWriter{Writer: bufio.NewWriter(w), TextOptions: o}
	shown := map[*finding.Finding]bool{}
	for _, g := range r.groups() {
		if len(g.findings) < shared || g.line {
			continue
		}
		t.shared(g)
		for _, f := range g.findings {
			shown[f] = true
		}
	}
	for i := range r.Domains {
		t.domain(r, &r.Domains[i], shown)
	}
	t.apart()
	t.fileFindings(r, shown)
	for _, s := range r.silenced() {
		t.prose("", s)
	}
	for _, old := range r.Fixed {
		t.line("", "fixed: "+old.named())
	}
	for _, l := range r.carriedLines() {
		t.prose("", "carried, "+l)
	}
	t.line("", fmt.Sprintf("%s (%s)", r.totals(), r.Duration.Round(time.Millisecond)))
	t.line("", t.paint(r.verdict(), resultColor(r.Result)))
	return t.Flush()
}

// verdict is the last line: the result and its reason.
func (r *Report) verdict() string { return r.judgement(r.failure(), r.success()) + r.early() }

// failure says whether DNS or Amazon SES differs from the file.
func (r *Report) failure() string {
	dns, account := false, false
	for f := range r.Findings() {
		if f.Status == finding.Fail && r.FailOn > 0 && f.Severity >= r.FailOn && !f.Standing {
			account = account || f.Check.Part() == wanted.SES
			dns = dns || f.Check.Part() != wanted.SES
		}
	}
	switch {
	case account && dns:
		return "DNS and Amazon SES are not as the file says"
	case account:
		return "Amazon SES is not as the file says"
	}
	return "DNS is not as the file says"
}

// success says how far the report sees: the state in Amazon SES is only known
// with --ses.
func (r *Report) success() string {
	known, unknown := 0, len(r.unlooked(wanted.SES))
	for i := range r.Domains {
		if d := &r.Domains[i]; slices.Contains(d.Parts, wanted.SES) && !slices.Contains(d.Unlooked, wanted.SES) {
			known++
		}
	}
	switch {
	case known == 0:
		return ": DNS is as the file says"
	case unknown > 0:
		return ": DNS is as the file says, and so is Amazon SES where --ses has it"
	}
	return ": DNS and Amazon SES are as the file says"
}

// early says why the run ended early.
func (r *Report) early() string {
	switch r.Early {
	case BySignal:
		return "; a signal ended the run early"
	case ByDeadline:
		return "; the deadline ended the run early"
	}
	return ""
}

// judgement is the verdict by the findings; failed and passed are the words for a
// failure, and for a pass without findings.
func (r *Report) judgement(failed, passed string) string {
	switch r.Result {
	case finding.Fail:
		return "FAILED: " + failed
	case finding.Inconclusive:
		if !r.Answered {
			return "INCONCLUSIVE: DNS answered no query at all"
		}
		return "INCONCLUSIVE: DNS did not answer every query; no other finding fails the run"
	}
	if n := r.standing(slices.Collect(r.Findings())...); n > 0 {
		return fmt.Sprintf("PASSED: nothing new, and %s from before", shorten.Count(n, "finding"))
	}
	switch some := r.Counts.Errors+r.Counts.Warnings+r.Counts.Notes > 0; {
	case some && r.Counts.Inconclusive > 0:
		return "PASSED, with findings and unanswered queries that do not fail the run"
	case some:
		return "PASSED, with findings that do not fail the run"
	case r.Counts.Inconclusive > 0:
		return "PASSED, with unanswered queries that do not fail the run"
	}
	if n := r.Counts.Promised; n > 0 {
		return fmt.Sprintf("PASSED, except for %s known only after the apply", shorten.Count(n, "record"))
	}
	return "PASSED" + passed
}

func (t *textWriter) domain(r *Report, d *check.Domain, shown map[*finding.Finding]bool) {
	var fs []*finding.Finding
	for i := range d.Findings {
		f := &d.Findings[i]
		if !shown[f] && (f.Status != finding.Ignored || !t.Quiet) {
			fs = append(fs, f)
		}
	}
	if len(fs) == 0 {
		if !t.Quiet && (len(r.Domains) <= 50 || r.Verbose) {
			above := ""
			if n := len(d.Findings); n > 0 {
				above = fmt.Sprintf(", %s reported above", shorten.Count(n, "finding"))
			}
			t.line("", fmt.Sprintf("%s  %s%s", t.paint(name(d), bold), passed(d), above))
			t.promises(d)
			t.rows(d, r.Verbose)
			t.passing = true
			if r.Verbose {
				t.apart()
			}
		}
		return
	}
	t.apart()
	t.line("", fmt.Sprintf("%s  %s, %s", t.paint(name(d), bold), shorten.Count(len(fs), "finding"), passed(d)))
	t.promises(d)
	t.rows(d, r.Verbose)
	slices.SortStableFunc(fs, func(a, b *finding.Finding) int { return cmp.Compare(weight(b)/2, weight(a)/2) })
	groups := groupsOf(fs)
	for i, g := range groups {
		t.group(r, g)
		f := g.findings[0]
		same := func(o group) bool { return treats(o.findings[0]) && o.findings[0].Record == f.Record }
		if treats(f) && !slices.ContainsFunc(groups[i+1:], same) {
			t.tree(r, f.Record.Name)
		}
	}
	t.line("", "")
}

// group writes a finding of a domain, or several that say the same about its
// records.
func (t *textWriter) group(r *Report, g group) {
	first := *g.findings[0]
	first.Expected, first.Actual = g.sides()
	t.once(g, first, g.steps(mostSteps), r.remarks(&first))
}

// once writes the first finding of a group, with the records of the rest.
func (t *textWriter) once(g group, first finding.Finding, do []step, more string) {
	first.Undecided = g.open()
	first.Advice = g.howToFix(do)
	t.finding(&first, do, more)
	if records := g.records(); len(records) > 1 {
		t.shown("also", shorten.List(records[1:], 5))
	}
}

// treats reports whether a finding is about the tree of an SPF record, which is
// drawn below the last one.
func treats(f *finding.Finding) bool {
	return f.Check.ShowsTree || f.Check == spf.PassAll && f.Subject != "" // by an include
}

// tree draws the lookups and targets of an SPF record.
func (t *textWriter) tree(r *Report, name record.Name) {
	if r.SPF[name] == nil {
		return
	}
	var b strings.Builder
	writeTree(&b, r.SPF, name)
	for l := range strings.Lines(b.String()) {
		t.line(indent, strings.TrimSuffix(l, "\n"))
	}
}

// fileFindings writes the findings of the file and the zone files.
func (t *textWriter) fileFindings(r *Report, shown map[*finding.Finding]bool) {
	var fs []*finding.Finding
	for i := range r.Outcome.Findings {
		if f := &r.Outcome.Findings[i]; !shown[f] {
			fs = append(fs, f)
		}
	}
	if len(fs) == 0 {
		return
	}
	t.line("", fmt.Sprintf("%s  %s", t.paint("not about one domain", bold), shorten.Count(len(fs), "finding")))
	for _, f := range fs {
		t.finding(f, steps(f.Change), "")
	}
	t.line("", "")
}

// remarks are the comparison with an earlier report, and the silence, of a
// finding.
func (r *Report) remarks(f *finding.Finding) string {
	if s := f.Silence.String(); s != "" {
		return " (" + s + ")"
	}
	if clock := r.clock(f); clock != "" {
		return " (" + clock + ")"
	}
	if age := r.age(f); age != "" {
		return " (" + age + ")"
	}
	return ""
}

func (t *textWriter) promises(d *check.Domain) {
	for _, l := range promises(d.Promises) {
		t.shown("promised", l)
	}
}

// alignment is the sentences about mail of a domain's identities.
func alignment(d *check.Domain) (all []string) {
	if d.Snapshot == nil {
		return nil
	}
	for _, a := range d.Snapshot.Alignment {
		all = append(all, a.Sentence)
	}
	return all
}

func name(d *check.Domain) string {
	if d.Written != "" && !strings.EqualFold(d.Written, string(d.Name)) && isPlainWord(d.Written) {
		return fmt.Sprintf("%s (%s)", d.Written, d.Name)
	}
	return string(d.Name)
}

// isPlainWord reports whether a word has only visible characters of any script.
func isPlainWord(s string) bool { return untrusted.Visible(s) && !strings.ContainsAny(s, " #:") }

// longestID holds the longest id of a check.
var longestID = func() (most int) {
	for _, c := range check.All() {
		most = max(most, len(c.ID))
	}
	return most
}()

func (t *textWriter) rows(d *check.Domain, verbose bool) {
	if !verbose {
		return
	}
	for _, row := range d.Rows {
		t.line("  ", fmt.Sprintf("%-12s  %-*s  %s %s", row.Status, longestID, row.Check, row.Record.Name, row.Record.Type))
	}
	for _, a := range alignment(d) {
		t.line("  ", fmt.Sprintf("%-12s  %s", "alignment", a))
	}
}

// shared reports a cause once for all its domains.
func (t *textWriter) shared(g group) {
	names := g.domains()
	t.line("", fmt.Sprintf("%s  %d times, in %s: %s", t.paint(g.findings[0].Check.ID, bold), len(g.findings), shorten.Count(len(names), "domain"), shorten.List(names, 5)))
	t.once(g, *g.findings[0], g.steps(5), "")
	t.line("", "")
}

// finding writes a finding with its steps; more follows its message.
func (t *textWriter) finding(f *finding.Finding, do []step, more string) {
	mark := fmt.Sprintf("%-*s", labelWidth, f.Label())
	t.line("  ", fmt.Sprintf("%s  %s  %s", t.paint(mark, markColor(f.Label())), t.paint(f.Check.ID, bold), t.paint(place(f), dim)))
	t.prose(indent, f.Message+more)
	if how, where := made(f); where != "" && (f.Origin.Address != "" || pointed(f) != f.Place) {
		t.shown(how, where)
	}
	t.list("expected", f.Expected)
	t.list("found", f.Actual)
	if f.Status == finding.Inconclusive {
		t.shown("affects", affected(f.Undecided))
	}
	if f.Impact != "" {
		t.shown("impact", f.Impact)
	}
	for _, b := range blocks(do) {
		t.list(b.label, b.lines)
	}
	if s := howToFix(f); s != "" {
		t.shown("fix", s)
	}
}

// affected lists checks, or counts them by part if there are many.
func affected(undecided []*finding.Check) string {
	if len(undecided) <= 5 {
		return strings.Join(finding.IDs(undecided), ", ")
	}
	var parts []string
	for _, p := range check.Parts() {
		n := 0
		for _, c := range p.Checks {
			if slices.Contains(undecided, c) {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s of %s", shorten.Count(n, "check"), p.Name))
		}
	}
	return strings.Join(parts, ", ")
}

// plainText is one finding as text.
func plainText(f *finding.Finding) string {
	var b strings.Builder
	t := &textWriter{Writer: bufio.NewWriter(&b)}
	t.finding(f, steps(f.Change), "")
	_ = t.Flush()
	return strings.TrimSpace(b.String())
}

func (t *textWriter) list(head string, items []string) {
	for _, item := range items {
		t.line(indent, fmt.Sprintf("%-9s %s", head, item))
		head = ""
	}
}

// shown writes a sentence after a heading.
func (t *textWriter) shown(head, s string) {
	t.prose(indent, fmt.Sprintf("%-9s %s", head, s), strings.Repeat(" ", 10))
}

// least is the narrowest room for wrapping. In less, the terminal wraps.
const least = 15

// prose writes a sentence, wrapped at the width of the terminal. Continued lines
// are indented by hang as well.
func (t *textWriter) prose(indent, s string, hang ...string) {
	further := indent + strings.Join(hang, "")
	room := t.Width - utf8.RuneCountInString(further)
	if t.Width == 0 || room < least {
		t.line(indent, s)
		return
	}
	at := t.Width - utf8.RuneCountInString(indent)
	for utf8.RuneCountInString(s) > at {
		line := string([]rune(s)[:at+1])
		n := strings.LastIndexByte(line, ' ')
		if n <= len(strings.Join(hang, "")) { // a single long word
			if n = strings.IndexByte(s[len(line)-1:], ' '); n < 0 {
				break
			}
			n += len(line) - 1
		}
		t.line(indent, s[:n])
		s = strings.TrimLeft(s[n:], " ")
		indent, at = further, room
		hang = nil
	}
	t.line(indent, s)
}

func (t *textWriter) line(indent, s string) {
	_, _ = t.WriteString(strings.TrimRight(indent+s, " ") + "\n")
}

// The colours, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	yellow = "33"
	blue   = "34"
	cyan   = "36"
	green  = "32"
)

func (t *textWriter) paint(s, color string) string {
	if !t.Color || color == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// markColor is the colour of a mark.
func markColor(mark string) string {
	switch mark {
	case "ok":
		return green
	case "error":
		return red
	case "warning":
		return yellow
	case "inconclusive":
		return cyan
	case "note":
		return blue
	}
	return dim
}

func resultColor(s finding.Status) string {
	switch s {
	case finding.Fail:
		return red
	case finding.Inconclusive:
		return cyan
	}
	return green
}

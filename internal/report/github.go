//go:build !js

package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// maxAnnotation is how many characters of a message the runner takes
// (actions/runner, ActionCommandManager.cs).
const maxAnnotation = 4096

// maxSteps bounds the steps in an annotation.
const maxSteps = 20

// GitHub writes an annotation for each group of findings, the worst first, and
// the totals. If the runner would drop some, the last annotation of a severity
// counts the rest.
func GitHub(w io.Writer, r *Report) error {
	// The library panics if a write fails, so it writes to memory.
	var buf bytes.Buffer
	action := githubactions.New(githubactions.WithWriter(&buf))
	levels := map[string][]group{}
	for _, g := range byLine(r.groups()) {
		level := annotationLevel(g.findings[0])
		levels[level] = append(levels[level], g)
	}
	for _, level := range []string{"error", "warning", "notice"} {
		gs := levels[level]
		for i, g := range gs {
			if i == maxAnnotations-1 && len(gs) > maxAnnotations {
				annotate(action.WithFieldsMap(map[string]string{"title": "and more"}), level,
					fmt.Sprintf("%d more of these are in the job summary: %s", size(gs[i:]), tally(gs[i:])))
				break
			}
			annotate(action.WithFieldsMap(fields(g.findings[0])), level, annotation(g, unannotated(gs, i)))
		}
	}
	for _, s := range slices.Concat(r.news(), r.promised()) {
		fmt.Fprintln(&buf, s)
	}
	fmt.Fprintf(&buf, "%s\n%s\n", r.totals(), r.verdict())
	// The library uses the system's line ends; the output is the same everywhere.
	_, err := w.Write(bytes.ReplaceAll(buf.Bytes(), []byte(githubactions.EOF), []byte("\n")))
	return err
}

// unannotated counts the findings of a group's kind without an annotation.
func unannotated(gs []group, i int) (n int) {
	k := gs[i].kind()
	if len(gs) <= maxAnnotations || slices.ContainsFunc(gs[:i], func(g group) bool { return g.kind() == k }) {
		return 0
	}
	for _, g := range gs[i+1:] {
		if g.kind() == k {
			n += len(g.findings)
		}
	}
	return n
}

// annotationLevel is the runner's word for a severity. An inconclusive finding is
// a warning: it may fail the run, but is no error in DNS.
func annotationLevel(f *finding.Finding) string {
	switch {
	case f.Status == finding.Inconclusive:
		return "warning"
	case f.Severity == finding.Error:
		return "error"
	case f.Severity == finding.Warning:
		return "warning"
	}
	return "notice"
}

func annotate(a *githubactions.Action, level, message string) {
	switch level {
	case "error":
		a.Errorf("%s", message)
	case "warning":
		a.Warningf("%s", message)
	default:
		a.Noticef("%s", message)
	}
}

func fields(f *finding.Finding) map[string]string {
	m := map[string]string{"title": f.Check.ID}
	at := pointed(f)
	if at.File != "" {
		m["file"] = untrusted.Line(at.File)
	}
	if at.Line == 0 {
		return m
	}
	m["line"] = strconv.Itoa(at.Line)
	if at.EndLine > at.Line {
		m["endLine"] = strconv.Itoa(at.EndLine)
	} else if at.Column > 0 {
		m["col"] = strconv.Itoa(at.Column)
	}
	return m
}

// annotation is the message: the mistake, its impact, the records to publish, and
// the number of similar findings.
func annotation(g group, unannotated int) string {
	f := g.findings[0]
	var b strings.Builder
	expected, actual := f.Expected, f.Actual
	switch n := len(g.findings); {
	case g.line:
		b.WriteString(strings.Join(collect(g, func(f *finding.Finding) []string { return []string{f.Message} }), "\n"))
		expected = collect(g, func(f *finding.Finding) []string { return f.Expected })
		actual = collect(g, func(f *finding.Finding) []string { return f.Actual })
	case n > 1:
		fmt.Fprintf(&b, "%s\n%d times, in %s: %s", f.Message, n, shorten.Count(len(g.domains()), "domain"), shorten.List(g.domains(), 10))
		if records := g.records(); len(records) > 1 {
			fmt.Fprintf(&b, "\nAlso: %s", shorten.List(records[1:], 10))
		}
	default:
		b.WriteString(f.Message)
	}
	if unannotated > 0 {
		fmt.Fprintf(&b, "\nThe first of %d findings of %s", unannotated+len(g.findings), f.Check)
	}
	section := func(head string, items []string) {
		if len(items) > 0 {
			fmt.Fprintf(&b, "\n%s: %s", head, strings.Join(items, "\n  "))
		}
	}
	if how, where := made(f); where != "" {
		section(capital(how), []string{where})
		if at := place(f); at != "" && pointed(f) != f.Place {
			section("Expected by", []string{at})
		}
	}
	section("Expected", expected)
	section("Found", actual)
	if f.Status == finding.Inconclusive {
		section("Inconclusive checks", []string{strings.Join(finding.IDs(g.open()), ", ")})
	}
	if f.Impact != "" {
		section("Impact", []string{f.Impact})
	}
	todo := g.steps(maxSteps)
	for _, do := range blocks(todo) {
		section(capital(do.label), do.lines)
	}
	if s := g.howToFix(todo); s != "" {
		section("How to fix it", []string{s})
	}
	return shorten.Text(b.String(), maxAnnotation)
}

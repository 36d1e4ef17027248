package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/sescheck/sescheck/internal/check"
)

// What the runner keeps: so many annotations of a severity in a step, the rest
// is dropped without a word, and so many characters of a message
// (actions/runner, ExecutionContext.cs and ActionCommandManager.cs).
const (
	maxAnnotations = 10
	maxAnnotation  = 4096
)

// GitHub writes an annotation for each cause, the worst first, and the totals.
// Where there are more of a severity than the runner keeps, the last one says
// how many there are.
func GitHub(w io.Writer, r *Report) error {
	// The library panics where it cannot write, so it writes to memory.
	var buf bytes.Buffer
	action := githubactions.New(githubactions.WithWriter(&buf))
	bySeverity := map[string][]group{}
	for _, g := range r.groups() {
		level := annotationLevel(g.findings[0])
		bySeverity[level] = append(bySeverity[level], g)
	}
	for _, level := range []string{"error", "warning", "notice"} {
		gs := bySeverity[level]
		for i, g := range gs {
			if i == maxAnnotations-1 && len(gs) > maxAnnotations {
				annotate(action.WithFieldsMap(map[string]string{"title": "and more"}), level,
					fmt.Sprintf("%d more of these are in the job summary", len(gs)-i))
				break
			}
			annotate(action.WithFieldsMap(fields(g.findings[0])), level, annotation(g))
		}
	}
	fmt.Fprintf(&buf, "%s\n%s\n", r.totals(), r.verdict())
	_, err := w.Write(buf.Bytes())
	return err
}

// annotationLevel is the runner's word. What is not known is a warning: it may
// fail the run, but it is no error in DNS.
func annotationLevel(f *check.Finding) string {
	switch {
	case f.Status == check.Inconclusive:
		return "warning"
	case f.Severity == check.Error:
		return "error"
	case f.Severity == check.Warning:
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

func fields(f *check.Finding) map[string]string {
	m := map[string]string{"title": f.Check, "file": f.Place.File}
	if f.Place.Line == 0 {
		return m
	}
	m["line"] = strconv.Itoa(f.Place.Line)
	if f.Place.EndLine > f.Place.Line {
		m["endLine"] = strconv.Itoa(f.Place.EndLine)
	} else {
		m["col"] = strconv.Itoa(f.Place.Column)
	}
	return m
}

// annotation is the message: what is wrong, what it does, what to publish.
func annotation(g group) string {
	f := g.findings[0]
	var b strings.Builder
	b.WriteString(f.Message)
	if n := len(g.findings); n > 1 {
		fmt.Fprintf(&b, "\n%d times, in %s: %s", n, plural(len(g.domains()), "domain"), some(g.domains(), 10))
		if records := g.records(); len(records) > 1 {
			fmt.Fprintf(&b, "\nLikewise: %s", some(records[1:], 10))
		}
	}
	section := func(head string, items []string) {
		if len(items) > 0 {
			fmt.Fprintf(&b, "\n%s: %s", head, strings.Join(items, "\n  "))
		}
	}
	section("Expected", f.Expected)
	section("Found", f.Actual)
	if f.Status == check.Inconclusive {
		section("Not decided", []string{strings.Join(g.open(), ", ")})
	}
	if f.Impact != "" {
		section("Impact", []string{f.Impact})
	}
	section("Publish", f.Fix)
	if s := mend(f); s != "" {
		section("Mend", []string{s})
	}
	return cut(b.String(), maxAnnotation)
}

// cut shortens s to at most n octets, and says so. What is cut is ASCII or our
// own text.
func cut(s string, n int) string {
	const mark = " [cut]"
	if len(s) <= n {
		return s
	}
	s = s[:n-len(mark)]
	for len(s) > 0 && s[len(s)-1] >= 0x80 {
		s = s[:len(s)-1]
	}
	return s + mark
}

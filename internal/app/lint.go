package app

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/wanted"
)

// CheckIDs returns the ids of all checks.
func CheckIDs() []string {
	var ids []string
	for _, c := range check.All() {
		ids = append(ids, c.ID)
	}
	return ids
}

// Mistakes returns the mistakes in files, including those of parsing, in the order
// of the files.
func Mistakes(file *config.File, problems []config.Problem) []config.Problem {
	problems = append(problems, config.UnknownChecks(file, CheckIDs())...)
	problems = append(problems, wanted.Contradictions(file.Domains)...)
	slices.SortStableFunc(problems, func(a, b config.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return problems
}

// Wrong returns the mistakes as one error with a line for each; nil for none.
func Wrong(problems []config.Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = errors.New(p.String())
	}
	return errors.Join(errs...)
}

// Warnings are the warnings and notes about a file that need no DNS.
type Warnings struct {
	All             []config.Problem
	domains         int
	warnings, notes int
}

// Lint returns the warnings about a file without mistakes.
func Lint(file *config.File, now time.Time) Warnings {
	w := Warnings{domains: len(file.Domains)}
	for _, f := range check.Lint(file, now) {
		switch f.Severity {
		case finding.Warning:
			w.warnings++
		case finding.Note:
			w.notes++
		}
		w.All = append(w.All, config.Problem{File: f.Place.File, Line: f.Place.Line, Column: f.Place.Column, Message: fmt.Sprintf("%s: %s (%s)", f.Severity, f.Message, f.Check)})
	}
	return w
}

// String returns a line for each warning and note, and their number.
func (w Warnings) String() string {
	var b strings.Builder
	for _, p := range w.All {
		fmt.Fprintln(&b, p)
	}
	said := "no mistakes"
	if len(w.All) > 0 {
		said = shorten.Count(w.warnings, "warning") + ", " + shorten.Count(w.notes, "note")
	}
	fmt.Fprintf(&b, "%s, %s\n", shorten.Count(w.domains, "domain"), said)
	return b.String()
}

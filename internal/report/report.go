// Package report writes the outcome of a run, one format per file.
//
// Formats decide nothing: findings, their severities and their order are given.
// Each format escapes for its own language; texts from DNS are printable ASCII
// already. The package sends no queries.
package report

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Report is a finished run: its outcome, under a policy, compared with an earlier
// report.
type Report struct {
	Run
	Policy
	check.Outcome
	Result   finding.Status // Pass, Fail or Inconclusive
	Counts   Counts
	Fixed    []Earlier // with a baseline: findings that DNS no longer has
	Carried  []Earlier // with a baseline: findings that may not be fixed
	Compared bool      // with a baseline
	Shard    *Shard    // nil for a whole run
	Verbose  bool

	lists map[listID]int // indices of lists of checks in the JSON report's scopes
}

// Counts are the totals.
type Counts struct {
	Domains      int `json:"domains"`
	Passed       int `json:"passed"` // checks of a record
	Errors       int `json:"errors"` // findings
	Warnings     int `json:"warnings"`
	Notes        int `json:"notes"`
	Inconclusive int `json:"inconclusive"`
	Ignored      int `json:"ignored"`
	Promised     int `json:"promised"` // planned records
}

// Policy decides when a run fails.
type Policy struct {
	FailOn           finding.Severity // 0 for never
	InconclusiveFail bool             // an inconclusive finding fails the run, from FailOn on
	Baseline         *Baseline        // its findings do not fail the run; may be nil
}

// fails reports whether a finding fails the run.
func (p Policy) fails(f *finding.Finding) bool {
	return f.Status == finding.Fail && p.FailOn > 0 && f.Severity >= p.FailOn && !f.Standing
}

// undecided reports whether an inconclusive finding keeps the run from passing:
// it leaves a check open that could fail the run, of a domain that counts.
func (p Policy) undecided(f *finding.Finding) bool {
	return f.Status == finding.Inconclusive && p.InconclusiveFail && p.FailOn > 0 && f.Severity >= p.FailOn && f.Silence.Kind != finding.UnchangedOpen
}

// Open reports whether a finding keeps the run from passing.
func (p Policy) Open(f *finding.Finding) bool { return p.fails(f) || p.undecided(f) }

// Run is the time, the place and the release of a run.
type Run struct {
	Version    string
	Started    time.Time
	Duration   time.Duration
	Early      Early
	Repository Repository
}

// Early is why a run ended before all queries were answered; "" if it did not.
type Early string

// Reasons for an early end.
const (
	BySignal   Early = "signal"
	ByDeadline Early = "deadline"
)

// New applies a policy to the outcome of a run.
func New(run Run, o *check.Outcome, p Policy) *Report {
	r := &Report{Run: run, Policy: p, Outcome: *o, Result: finding.Pass}
	r.Counts.Domains = len(o.Domains)
	r.Repository.keep(r.Outcome.Findings)
	for _, d := range o.Domains {
		r.Repository.keep(d.Findings)
		r.Counts.Passed += d.Passed
		r.Counts.Promised += promisedRecords(&d)
	}
	p.Baseline.hold(r)
	failing, undecided := false, false
	for f := range r.Findings() {
		r.Counts.add(f)
		failing = failing || p.fails(f)
		undecided = undecided || p.undecided(f)
	}
	if r.Counts.Inconclusive == 0 {
		r.Early = "" // all queries were answered before
	}
	switch {
	case failing:
		r.Result = finding.Fail
	case undecided, !o.Answered && len(o.Domains) > 0:
		r.Result = finding.Inconclusive
	}
	return r
}

func (c *Counts) add(f *finding.Finding) {
	switch {
	case f.Status == finding.Ignored:
		c.Ignored++
	case f.Status == finding.Inconclusive:
		c.Inconclusive++
	case f.Severity == finding.Error:
		c.Errors++
	case f.Severity == finding.Warning:
		c.Warnings++
	default:
		c.Notes++
	}
}

// Findings yields all findings in the order of the file; those of no domain come
// last.
func (r *Report) Findings() iter.Seq[*finding.Finding] {
	return func(yield func(*finding.Finding) bool) {
		for i := range r.Domains {
			for j := range r.Domains[i].Findings {
				if !yield(&r.Domains[i].Findings[j]) {
					return
				}
			}
		}
		for i := range r.Outcome.Findings {
			if !yield(&r.Outcome.Findings[i]) {
				return
			}
		}
	}
}

// Format writes a report.
type Format func(io.Writer, *Report) error

// Formats are the formats of one command, by the value of --format.
type Formats map[string]Format

// Lookup finds a format by name; the error lists those there are.
func (fs Formats) Lookup(name string) (Format, error) {
	if f, ok := fs[name]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("no such format; there are %s", strings.Join(fs.Names(), ", "))
}

// Names lists the formats, sorted.
func (fs Formats) Names() []string { return slices.Sorted(maps.Keys(fs)) }

// howToFix is the advice for a finding without a change.
func howToFix(f *finding.Finding) string {
	switch {
	case f.Advice != "":
		return f.Advice
	case !f.Change.Empty():
		return ""
	case f.SenderFix != "":
		return f.SenderFix
	}
	return f.Check.Fix
}

// capital is a word as a heading begins with it.
func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// place is the place of a finding in words.
func place(f *finding.Finding) string {
	if f.Place.Line == 0 { // in a zone file
		return untrusted.Line(f.Place.File)
	}
	return fmt.Sprintf("%s line %d", untrusted.Line(f.Place.File), f.Place.Line)
}

// made names the source of a wrong record, or of its deletion: how it is made,
// and where. Both are "" if unknown.
func made(f *finding.Finding) (how, where string) {
	o := f.Origin
	where = untrusted.Line(o.File)
	if o.File != "" && o.Line > 0 {
		where += fmt.Sprintf(" line %d", o.Line)
	}
	switch address := untrusted.Line(o.Address); {
	case address == "":
	case where == "":
		where = address
	default:
		where += " (" + address + ")"
	}
	if o.Deletes {
		return "deleted by", where
	}
	return "made by", where
}

// pointed is the line to annotate: that of the record's source if known,
// otherwise that of the file.
func pointed(f *finding.Finding) config.Place {
	if o := f.Origin; o.File != "" && o.Line > 0 {
		return config.Place{File: o.File, Line: o.Line, EndLine: o.EndLine}
	}
	return f.Place
}

// article is a severity with its article.
func article(s finding.Severity) string {
	if s == finding.Error {
		return "an error"
	}
	return "a " + s.String()
}

// totals is the closing line of every report for people.
func (r *Report) totals() string {
	return fmt.Sprintf("%s, %s passed: %s", shorten.Count(r.Counts.Domains, "domain"), shorten.Count(r.Counts.Passed, "check"), r.Tally())
}

// Tally counts findings by severity, such as "1 error, 0 warnings, 0 notes".
func (r *Report) Tally() string {
	c := r.Counts
	parts := []string{shorten.Count(c.Errors, "error"), shorten.Count(c.Warnings, "warning"), shorten.Count(c.Notes, "note")}
	if c.Inconclusive > 0 {
		parts = append(parts, fmt.Sprintf("%d inconclusive", c.Inconclusive))
	}
	if c.Promised > 0 {
		parts = append(parts, fmt.Sprintf("%d promised", c.Promised))
	}
	if c.Ignored > 0 {
		parts = append(parts, fmt.Sprintf("%d ignored", c.Ignored))
	}
	return strings.Join(parts, ", ")
}

// silenced says what the report leaves out, apart from ignored findings: domains
// of other shards, and checks that the file silences.
func (r *Report) silenced() (lines []string) {
	if r.Shard != nil {
		lines = append(lines, r.Shard.line())
	}
	if len(r.Off) > 0 {
		lines = append(lines, "turned off in the file: "+strings.Join(r.Off, ", "))
	}
	if len(r.Lowered) > 0 {
		lines = append(lines, "lowered in the file: "+strings.Join(r.Lowered, ", "))
	}
	var pending []string
	for f := range r.Findings() {
		if f.Status != finding.Ignored && f.Silence.Kind == finding.Pending && !slices.Contains(pending, string(f.Domain)) {
			pending = append(pending, string(f.Domain))
		}
	}
	if len(pending) > 0 {
		lines = append(lines, "only notes, because the file says that the domain is pending: "+shorten.List(pending, 10))
	}
	if names := r.unlooked(wanted.DKIM); len(names) > 0 {
		lines = append(lines, "DKIM is not checked, because neither the file, --plan nor --ses has the tokens: "+shorten.List(names, 10))
	}
	if names := r.unlooked(wanted.SES); len(names) > 0 {
		lines = append(lines, "the state in Amazon SES is not known, because --ses does not have it: "+shorten.List(names, 10))
	}
	return append(lines, r.ending()...)
}

// unlooked are the domains with a part that could not be checked.
func (r *Report) unlooked(part wanted.Part) (names []string) {
	for i := range r.Domains {
		if slices.Contains(r.Domains[i].Unlooked, part) {
			names = append(names, string(r.Domains[i].Name))
		}
	}
	return names
}

// ending lists ignores that end soon, a line each.
func (r *Report) ending() (lines []string) {
	for _, ig := range r.Ending {
		owner := ""
		if ig.Owner != "" {
			owner = ", owner " + untrusted.Quote(ig.Owner)
		}
		lines = append(lines, fmt.Sprintf("the ignore of %s in %s line %d ends on %s%s",
			untrusted.Quote(ig.Check.Value), untrusted.Line(ig.Place.File), ig.Place.Line, ig.Until.Value.Format(time.DateOnly), owner))
	}
	return lines
}

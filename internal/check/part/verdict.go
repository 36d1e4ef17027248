package part

import (
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Verdict is the result of a part's judge.
type Verdict struct {
	Findings  []finding.Finding
	Undecided []Undecided
	Moot      []record.Question  // failed queries without effect
	Trees     []*spf.Tree        // SPF trees of the records
	Snapshot  *snapshot.Snapshot // with Options.Snapshots
	Hidden    []Hidden
	Promises  []finding.Promise
}

// Hidden is the checks of a record that a finding of another check hides.
type Hidden struct {
	Record record.Question
	By     *finding.Check
	Checks []*finding.Check
}

// Hide notes that a finding hides what checks would find at a record.
func (v *Verdict) Hide(q record.Question, by *finding.Check, checks ...*finding.Check) {
	v.Hidden = append(v.Hidden, Hidden{q, by, checks})
}

// Undecided is a failed answer, with the checks of a record that depend on it.
type Undecided struct {
	Answer record.Answer
	About  record.Question
	Part   wanted.Part
	Place  config.Place
	Checks []*finding.Check
}

// Add adds a finding that follows from the answers rests.
func (v *Verdict) Add(f finding.Finding, rests ...record.Answer) {
	f.Rests = rests
	v.Findings = append(v.Findings, f)
}

// Join adds another verdict.
func (v *Verdict) Join(one Verdict) {
	v.Findings = append(v.Findings, one.Findings...)
	v.Undecided = append(v.Undecided, one.Undecided...)
	v.Moot = append(v.Moot, one.Moot...)
	v.Trees = append(v.Trees, one.Trees...)
	v.Hidden = append(v.Hidden, one.Hidden...)
	v.Promises = append(v.Promises, one.Promises...)
}

// Unknown notes a failed answer, and the checks of the record about that it
// leaves open.
func (v *Verdict) Unknown(a record.Answer, about record.Question, place config.Place, checks ...*finding.Check) {
	v.Undecided = append(v.Undecided, Undecided{Answer: a, About: about, Place: place, Checks: checks})
}

// Beside notes an answer whose failure has no effect.
func (v *Verdict) Beside(a record.Answer) {
	if a.Failure != nil {
		v.Moot = append(v.Moot, a.Failure.Question)
	}
}

// Believed returns the findings that do not depend on a failed query. This is the
// one place that keeps a failed query from becoming a finding, whatever a judge
// does.
func (v Verdict) Believed() []finding.Finding {
	return slices.DeleteFunc(v.Findings, func(f finding.Finding) bool {
		return slices.ContainsFunc(f.Rests, func(a record.Answer) bool { return a.Status == record.Unknown })
	})
}

// Promised reports whether an answer is missing because a plan will make the
// record.
func (u Undecided) Promised() bool { return u.Answer.Failure.Fault == record.Promised }

// ReplacesAll reports whether the domain does not exist, which replaces all
// findings.
func (v Verdict) ReplacesAll() bool {
	return slices.ContainsFunc(v.Findings, func(f finding.Finding) bool { return f.Check.ReplacesAll })
}

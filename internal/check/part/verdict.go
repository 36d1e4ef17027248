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

// Verdict is what a part's judge has to say.
type Verdict struct {
	Findings  []finding.Finding
	Undecided []Undecided
	Moot      []record.Question  // they failed, and nothing rests on them
	Trees     []*spf.Tree        // of the records that were looked at
	Snapshot  *snapshot.Snapshot // with Options.Snapshots
	Hidden    []Hidden
	Promises  []finding.Promise
}

// Hidden is what could not be judged of a record behind a finding of another
// check.
type Hidden struct {
	Record record.Question
	By     *finding.Check
	Checks []*finding.Check
}

// Hide notes that a finding hides what checks would find at a record.
func (v *Verdict) Hide(q record.Question, by *finding.Check, checks ...*finding.Check) {
	v.Hidden = append(v.Hidden, Hidden{q, by, checks})
}

// Undecided is an answer that failed, with the checks of a record that rest on
// it.
type Undecided struct {
	Answer record.Answer
	About  record.Question
	Part   wanted.Part
	Place  config.Place
	Checks []*finding.Check
}

// Add takes a finding that was concluded from the answers given.
func (v *Verdict) Add(f finding.Finding, rests ...record.Answer) {
	f.Rests = rests
	v.Findings = append(v.Findings, f)
}

// Join takes over what another verdict has to say.
func (v *Verdict) Join(one Verdict) {
	v.Findings = append(v.Findings, one.Findings...)
	v.Undecided = append(v.Undecided, one.Undecided...)
	v.Moot = append(v.Moot, one.Moot...)
	v.Trees = append(v.Trees, one.Trees...)
	v.Hidden = append(v.Hidden, one.Hidden...)
	v.Promises = append(v.Promises, one.Promises...)
}

// Unknown notes that an answer failed and which checks of the record about
// stay open.
func (v *Verdict) Unknown(a record.Answer, about record.Question, place config.Place, checks ...*finding.Check) {
	v.Undecided = append(v.Undecided, Undecided{Answer: a, About: about, Place: place, Checks: checks})
}

// Beside notes that nothing rests on an answer, should it have failed.
func (v *Verdict) Beside(a record.Answer) {
	if a.Failure != nil {
		v.Moot = append(v.Moot, a.Failure.Question)
	}
}

// Believed returns the findings that rest on answers. This is the one place
// that keeps a failed question from becoming a finding, whatever a judge says.
func (v Verdict) Believed() []finding.Finding {
	return slices.DeleteFunc(v.Findings, func(f finding.Finding) bool {
		return slices.ContainsFunc(f.Rests, func(a record.Answer) bool { return a.Status == record.Unknown })
	})
}

// Promised reports whether an answer is missing because a plan is still to make it.
func (u Undecided) Promised() bool { return u.Answer.Failure.Fault == record.Promised }

// ReplacesAll reports whether the domain does not exist, so that nothing else
// is worth saying.
func (v Verdict) ReplacesAll() bool {
	return slices.ContainsFunc(v.Findings, func(f finding.Finding) bool { return f.Check.ReplacesAll })
}

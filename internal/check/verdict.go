package check

import (
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// verdict is what a part's judge has to say.
type verdict struct {
	findings  []Finding
	undecided []undecided
	moot      []record.Question // they failed, and nothing rests on them
	trees     []*spf.Tree       // of the records that were looked at
	snapshot  *Snapshot         // with Options.Snapshots
	hidden    []hidden
	promises  []Promise
	unchanged bool // neither the domain's part of the file nor what it asks for changed
}

// hidden is what could not be judged of a record behind a finding of another
// check.
type hidden struct {
	record record.Question
	by     *Check
	checks []*Check
}

// hide notes that a finding hides what checks would find at a record.
func (v *verdict) hide(q record.Question, by *Check, checks ...*Check) {
	v.hidden = append(v.hidden, hidden{q, by, checks})
}

// undecided is an answer that failed, with the checks of a record that rest on
// it.
type undecided struct {
	answer record.Answer
	about  record.Question
	part   wanted.Part
	place  config.Place
	checks []*Check
}

// add takes a finding that was concluded from the answers given.
func (v *verdict) add(f Finding, rests ...record.Answer) {
	f.rests = rests
	v.findings = append(v.findings, f)
}

// join takes over what another verdict has to say.
func (v *verdict) join(one verdict) {
	v.findings = append(v.findings, one.findings...)
	v.undecided = append(v.undecided, one.undecided...)
	v.moot = append(v.moot, one.moot...)
	v.trees = append(v.trees, one.trees...)
	v.hidden = append(v.hidden, one.hidden...)
	v.promises = append(v.promises, one.promises...)
}

// unknown notes that an answer failed and which checks of the record about
// stay open.
func (v *verdict) unknown(a record.Answer, about record.Question, place config.Place, checks ...*Check) {
	v.undecided = append(v.undecided, undecided{answer: a, about: about, place: place, checks: checks})
}

// beside notes that nothing rests on an answer, should it have failed.
func (v *verdict) beside(a record.Answer) {
	if a.Failure != nil {
		v.moot = append(v.moot, a.Failure.Question)
	}
}

// believed returns the findings that rest on answers. This is the one place
// that keeps a failed question from becoming a finding, whatever a judge says.
func (v verdict) believed() []Finding {
	return slices.DeleteFunc(v.findings, func(f Finding) bool {
		return slices.ContainsFunc(f.rests, func(a record.Answer) bool { return a.Status == record.Unknown })
	})
}

// promised reports whether an answer is missing because a plan is still to make it.
func (u undecided) promised() bool { return u.answer.Failure.Fault == record.Promised }

// replacesAll reports whether the domain does not exist, so that nothing else
// is worth saying.
func (v verdict) replacesAll() bool {
	return slices.ContainsFunc(v.findings, func(f Finding) bool { return f.Check.ReplacesAll })
}

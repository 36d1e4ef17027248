// Package check compares what the file expects of a domain with what DNS
// holds, and says what the difference means.
//
// A domain has parts: verification, dkim, mail-from and so on, a file each. A
// part asks what it needs to know (observe) and then compares (judge); judging
// is pure. What they have in common stands here and in run.go: that a failed
// question is never a missing record, that an absence is confirmed before it
// is believed, and which findings the file silences.
//
// The package neither reads files nor knows transports or report formats.
package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Severity is how much a finding matters.
type Severity uint8

// The severities, in rising order.
const (
	Note Severity = iota + 1
	Warning
	Error
)

func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "off"
}

// MarshalText gives the severity's word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's word.
func (s *Severity) UnmarshalText(text []byte) error {
	v, ok := ParseSeverity(string(text))
	if !ok {
		return fmt.Errorf("no severity is called %.20q", text)
	}
	*s = v
	return nil
}

// ParseSeverity reads a severity's word.
func ParseSeverity(s string) (Severity, bool) {
	for _, v := range []Severity{Note, Warning, Error} {
		if v.String() == s {
			return v, true
		}
	}
	return 0, false
}

// Check is one thing that can be wrong. Its texts are what `explain`, the
// documentation and the reports say of it.
type Check struct {
	ID       string
	Severity Severity
	Since    string // the release that brought it
	Title    string // one line, no full stop
	Means    string // what was found
	Matters  string // what happens to mail
	Mend     string // what to do
	Sources  []string

	// Absence marks checks that rest on something not being there. They are
	// believed only after the question was asked a second time.
	Absence bool
	// Ends marks checks that make the rest of what is judged about the same
	// record meaningless.
	Ends bool
	// Listed marks checks whose subject is an item that the file lists.
	Listed bool
	// SES marks checks of what SES has a word for (VerificationInfo.ErrorType).
	SES bool
	// Clock marks checks of what SES itself looks for, and stops looking for
	// after 72 hours.
	Clock bool
	// ReplacesAll marks the check that makes all that is found about the domain
	// meaningless.
	ReplacesAll bool
	// StandsIn marks checks that are told in the place of any other of the same
	// record.
	StandsIn bool
	// Replaces is the check that this one is told in the place of, of one subject.
	Replaces *Check
	// Denies is the part whose record is not in DNS as the file wants it. What
	// checks without it find is not fixed by publishing that record.
	Denies wanted.Part
	// Lost marks checks that find that a record which SES itself looks for is not
	// there: where all of them do, the zone may have been moved.
	Lost bool
	// ShowsTree marks checks of what an SPF record leads to: its tree explains
	// them.
	ShowsTree bool

	part wanted.Part
	rank int // in the order of the documentation
}

// String returns the check's id.
func (c *Check) String() string { return c.ID }

// deniesPart reports whether the check finds that the record of its part is not
// there as the file wants it.
func (c *Check) deniesPart() bool { return c.Denies != "" && c.Denies != wanted.Every }

// IDs are the ids of checks.
func IDs(checks []*Check) []string {
	ids := make([]string, len(checks))
	for i, c := range checks {
		ids[i] = c.ID
	}
	return ids
}

// DocsURL is where the check is explained.
func (c *Check) DocsURL() string {
	return "https://github.com/sescheck/sescheck/blob/main/docs/checks.md#" + c.ID
}

// Part returns the part of a domain that the check is about.
func (c *Check) Part() wanted.Part { return c.part }

// Part is a part of a domain with its checks.
type Part struct {
	Name   wanted.Part
	Checks []*Check
}

// Parts returns all parts in the order in which they are reported.
func Parts() []Part {
	var all []Part
	for _, e := range parts {
		all = append(all, e.table())
	}
	return append(all, sesPart, sharedPart)
}

// All returns every check in the order of the documentation.
func All() []*Check {
	var all []*Check
	for _, p := range Parts() {
		all = append(all, p.Checks...)
	}
	return all
}

// known finds checks by id. Making it gives each its part and rank.
var known = func() map[string]*Check {
	m := map[string]*Check{}
	for _, p := range Parts() {
		for _, c := range p.Checks {
			c.part, c.rank = p.Name, len(m)
			m[c.ID] = c
		}
	}
	return m
}()

// IsPart reports whether checks are of a part.
func IsPart(name wanted.Part) bool {
	return name == sharedPart.Name || name == sesPart.Name || slices.ContainsFunc(parts, func(p part) bool { return p.table().Name == name })
}

// Lookup finds a check by its id.
func Lookup(id string) (*Check, bool) {
	c, ok := known[id]
	return c, ok
}

// Status is what became of a finding.
type Status string

// The statuses of findings; rows of --verbose have Promised, Pass and Skipped too.
const (
	Fail         Status = "fail"
	Inconclusive Status = "inconclusive"
	Ignored      Status = "ignored"
	Promised     Status = "promised"
	Pass         Status = "pass"
	Skipped      Status = "skipped"
)

// Finding is one difference between the file and DNS. All its texts are safe
// to print: what came from DNS in them is in presentation form.
type Finding struct {
	Check     *Check
	Severity  Severity
	Status    Status
	Domain    record.Name
	Part      wanted.Part // that it was found in; "" for none
	Record    record.Question
	Subject   string // what tells findings of one check and record apart: a token, an include, a tag
	Message   string
	Impact    string
	Expected  []string
	Actual    []string     // sorted
	Fix       []string     // what has to be in DNS in the end, as lines of a zone file
	Change    Change       // what to do about what is live
	Advice    string       // what to do where a record to publish would do harm; a sentence
	Sender    string       // the sender on SES whose customer it is for; "" for none
	Mend      string       // what such a customer does, in place of what the check says; "" where it says it, or there is a change
	Place     config.Place // in the file
	Origin    Origin       // of the record that is wrong, where it is known
	Undecided []*Check     // that an inconclusive finding leaves open
	SESError  string       // SES's own word for it, on verification and DKIM
	FirstSeen time.Time
	Standing  bool // an earlier report had it too
	Evidence  Evidence
	Silence   Silence
	Cause     string // findings with the same cause are one to people

	rests  []record.Answer // what it was concluded from
	fix    []record.RR     // becomes Fix
	drop   []record.RR     // live records that have to go
	astray bool            // what is missing stands under another name

	notes     []string       // what else is known of it: they go behind Message in the end
	saysCNAME bool           // that its name is a CNAME is among them
	cname     string         // that the name is a CNAME, where the part knows what that means
	amended   untrusted.Text // the domain's own DMARC record, repaired and with what the file asks more of it
	unamended string         // why there is none
}

// note adds what else is known of a finding.
func (f *Finding) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

// text is the message with the notes.
func (f *Finding) text() string {
	return strings.Join(append([]string{f.Message}, f.notes...), "; ")
}

// Evidence is the answer that a finding rests on.
type Evidence struct {
	Server    string
	Rcode     string
	AA        bool
	TTL       uint32
	Confirmed *bool         // whether a second answer said the same; nil where none is needed
	Servers   []record.Said // where several matter: who said what
}

// Row is one check of one record, and what came of it.
type Row struct {
	Check  *Check
	Record record.Question
	Status Status
}

// Looked is what was looked at of one record: which checks were decided, so that
// what one of them does not find is not there.
type Looked struct {
	Record   record.Question
	Checks   []*Check            // those that were decided
	Skipped  map[*Check][]*Check // those that another finding hides, all or some of what they find, by the check of that
	Subjects []string            // the items of the file that findings may be about; nil where they come from DNS
}

// Domain is the outcome of one domain.
type Domain struct {
	Name     record.Name
	Written  string
	Passed   int
	Promises []Promise
	Unlooked []wanted.Part // parts that the file has, and that cannot be looked at
	Parts    []wanted.Part // those that were looked at
	Rows     []Row         // with Options.Verbose
	Looked   []Looked      // with Options.Looked
	Findings []Finding
	Snapshot *Snapshot // with Options.Snapshots
}

// Result is pass, fail or inconclusive. A domain fails with findings of any
// severity down to the one given.
func (d *Domain) Result(failOn Severity) Status {
	result := Pass
	for _, f := range d.Findings {
		switch {
		case f.Status == Fail && failOn > 0 && f.Severity >= failOn && !f.Standing:
			return Fail
		case f.Status == Inconclusive:
			result = Inconclusive
		}
	}
	return result
}

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

// data returns the records of answers in presentation form, sorted.
func data(answers ...record.Answer) []string {
	var all []string
	for _, a := range answers {
		for _, r := range a.Records {
			all = append(all, r.String())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// order sorts findings as the report has them: by the order of the table, then
// by what they are about.
func order(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Check.rank, b.Check.rank),
			cmp.Compare(a.Place.Line, b.Place.Line),
			cmp.Compare(a.Place.Column, b.Place.Column),
			cmp.Compare(a.Record.Name, b.Record.Name),
			cmp.Compare(a.Record.Type, b.Record.Type),
			cmp.Compare(a.Subject, b.Subject),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

package finding

import (
	"fmt"

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

// String returns the severity's word.
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
	Fix      string // what to do
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
	// ReplacedBy is the check that is told in the place of this one, of one subject.
	ReplacedBy *Check
	// Settles is a check that is decided where this one fails: it would find less.
	Settles *Check
	// Denies is the part whose record is not in DNS as the file wants it. What
	// checks without it find is not fixed by publishing that record.
	Denies wanted.Part
	// Missing marks checks that find that a record which SES itself looks for is not
	// there: where all of them do, the zone may have been moved.
	Missing bool
	// ShowsTree marks checks of what an SPF record leads to: its tree explains
	// them.
	ShowsTree bool

	part wanted.Part
	rank int // in the order of the documentation
}

// String returns the check's id.
func (c *Check) String() string { return c.ID }

// DeniesPart reports whether the check finds that the record of its part is not
// there as the file wants it.
func (c *Check) DeniesPart() bool { return c.Denies != "" && c.Denies != wanted.Every }

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

// Compare is the order of the documentation.
func Compare(a, b *Check) int { return a.rank - b.rank }

// Table is a part of a domain with its checks.
type Table struct {
	Name   wanted.Part
	Checks []*Check
}

// Register gives the checks of tables their part and their order. It returns them
// by id.
func Register(tables []Table) map[string]*Check {
	m := map[string]*Check{}
	for _, t := range tables {
		for _, c := range t.Checks {
			c.part, c.rank = t.Name, len(m)
			m[c.ID] = c
		}
	}
	return m
}

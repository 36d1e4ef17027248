package finding

import (
	"fmt"

	"github.com/sescheck/sescheck/internal/wanted"
)

// Severity is how serious a finding is.
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

// Check is one thing that can be wrong. `explain`, the documentation and the
// reports use its texts.
type Check struct {
	ID       string
	Severity Severity
	Since    string // the first release with it
	Title    string // one line, no full stop
	Means    string // what was found
	Matters  string // what happens to mail
	Fix      string // what to do
	Sources  []string

	// Absence marks checks that conclude from missing records. Their findings are
	// confirmed by repeating the query.
	Absence bool
	// Ends marks checks whose finding makes further findings about the same
	// record meaningless.
	Ends bool
	// Listed marks checks whose subject is an item of the file.
	Listed bool
	// SES marks checks for which SES has an error of its own
	// (VerificationInfo.ErrorType).
	SES bool
	// Clock marks checks of records that SES looks for itself, for 72 hours.
	Clock bool
	// ReplacesAll marks the check whose finding replaces all findings of the
	// domain.
	ReplacesAll bool
	// StandsIn marks checks that are reported in place of any check of the same
	// record.
	StandsIn bool
	// ReplacedBy is the check that is reported in place of this one for the same
	// subject.
	ReplacedBy *Check
	// Settles is a weaker check that counts as decided if this one fails.
	Settles *Check
	// Denies is the part whose record is missing or different. Checks of that
	// part without Denies are not fixed by publishing the record.
	Denies wanted.Part
	// Missing marks checks that miss a record that SES looks for. If all of them
	// fail, the zone may have been moved.
	Missing bool
	// ShowsTree marks checks that the tree of an SPF record explains.
	ShowsTree bool

	part wanted.Part
	rank int // position in the documentation
}

// String returns the check's id.
func (c *Check) String() string { return c.ID }

// DeniesPart reports whether the check finds that the record of its part is
// missing or different.
func (c *Check) DeniesPart() bool { return c.Denies != "" && c.Denies != wanted.Every }

// IDs are the ids of checks.
func IDs(checks []*Check) []string {
	ids := make([]string, len(checks))
	for i, c := range checks {
		ids[i] = c.ID
	}
	return ids
}

// DocsURL is the page that explains the check.
func (c *Check) DocsURL() string {
	return "https://github.com/sescheck/sescheck/blob/main/docs/checks.md#" + c.ID
}

// Part returns the part of a domain that the check is about.
func (c *Check) Part() wanted.Part { return c.part }

// Compare sorts checks in the order of the documentation.
func Compare(a, b *Check) int { return a.rank - b.rank }

// Table is the checks of a part of a domain.
type Table struct {
	Name   wanted.Part
	Checks []*Check
}

// Register sets the part and the rank of all checks in tables, and returns the
// checks by id.
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

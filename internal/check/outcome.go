package check

import (
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Row is one check of one record, and what came of it.
type Row struct {
	Check  *finding.Check
	Record record.Question
	Status finding.Status
}

// Looked is what was looked at of one record: which checks were decided, so that
// what one of them does not find is not there.
type Looked struct {
	Record   record.Question
	Checks   []*finding.Check                    // those that were decided
	Skipped  map[*finding.Check][]*finding.Check // those that another finding hides, all or some of what they find, by the check of that
	Subjects []string                            // the items of the file that findings may be about; nil where they come from DNS
}

// Domain is the outcome of one domain.
type Domain struct {
	Name     record.Name
	Written  string
	Passed   int
	Promises []finding.Promise
	Unlooked []wanted.Part // parts that the file has, and that cannot be looked at
	Parts    []wanted.Part // those that were looked at
	Rows     []Row         // with Options.Verbose
	Looked   []Looked      // with Options.Looked
	Findings []finding.Finding
	Snapshot *snapshot.Snapshot // with Options.Snapshots
}

// Result is pass, fail or inconclusive. A domain fails with findings of any
// severity down to the one given.
func (d *Domain) Result(failOn finding.Severity) finding.Status {
	result := finding.Pass
	for _, f := range d.Findings {
		switch {
		case f.Status == finding.Fail && failOn > 0 && f.Severity >= failOn && !f.Standing:
			return finding.Fail
		case f.Status == finding.Inconclusive:
			result = finding.Inconclusive
		}
	}
	return result
}

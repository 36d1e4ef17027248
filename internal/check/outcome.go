package check

import (
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Row is the result of one check of one record.
type Row struct {
	Check  *finding.Check
	Record record.Question
	Status finding.Status
}

// Looked is what was decided about one record: a decided check without a finding
// has none.
type Looked struct {
	Record   record.Question
	Checks   []*finding.Check                    // decided checks
	Skipped  map[*finding.Check][]*finding.Check // by the check whose finding hides them: checks that are hidden in whole or in part
	Subjects []string                            // items of the file that findings may be about; nil if subjects come from DNS
}

// Domain is the outcome of one domain.
type Domain struct {
	Name     record.Name
	Written  string
	Passed   int
	Promises []finding.Promise
	Unlooked []wanted.Part // parts of the file that could not be looked at
	Parts    []wanted.Part // parts that were looked at
	Rows     []Row         // with Options.Verbose
	Looked   []Looked      // with Options.Looked
	Findings []finding.Finding
	Snapshot *snapshot.Snapshot // with Options.Snapshots
}

// Result is pass, fail or inconclusive. Findings fail a domain from the severity
// failOn.
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

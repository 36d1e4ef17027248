package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Baseline is what an earlier JSON report found, by fingerprint.
type Baseline struct {
	findings map[string]Earlier
}

// Earlier is a finding of an earlier report.
type Earlier struct {
	Check       string      `json:"check"`
	Domain      record.Name `json:"domain"`
	Fingerprint string      `json:"fingerprint"`
	FirstSeen   time.Time   `json:"first_seen"`
}

// ReadBaseline reads a JSON report. What was inconclusive or ignored in it is
// no finding to compare with, and nothing that it says is believed to be fit to
// print: names are parsed, and checks must be ours.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	var in struct {
		SchemaVersion int `json:"schema_version"`
		Findings      []struct {
			Earlier
			Status check.Status `json:"status"`
		} `json:"findings"`
	}
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return nil, fmt.Errorf("this is no JSON report of sescheck: %w", err)
	}
	if in.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("this is no JSON report of schema version %d", SchemaVersion)
	}
	b := &Baseline{findings: map[string]Earlier{}}
	for _, f := range in.Findings {
		name, err := record.ParseName(string(f.Domain))
		if _, ours := check.Lookup(f.Check); f.Status != check.Fail || !ours || err != nil && f.Domain != "" {
			continue
		}
		f.Domain, f.Fingerprint = name, untrusted.Line(f.Fingerprint)
		b.findings[f.Fingerprint] = f.Earlier
	}
	return b, nil
}

// hold marks the findings of r as standing or new, carries over when they were
// first seen, and lists what was found earlier and is fixed. What cannot be told
// now is not fixed. A nil Baseline makes nothing of anything.
func (b *Baseline) hold(r *Report) {
	seen := map[string]bool{}
	open := map[record.Name][]string{}
	for f := range r.Findings() {
		f.FirstSeen = r.Started
		if b == nil {
			continue
		}
		print := f.Fingerprint()
		seen[print] = true
		if f.Status == check.Inconclusive {
			open[f.Domain] = append(open[f.Domain], f.Undecided...)
		}
		if old, ok := b.findings[print]; ok {
			f.FirstSeen, f.Standing = old.FirstSeen, true
		}
	}
	if b == nil {
		return
	}
	r.Compared = true
	for print, old := range b.findings {
		if !seen[print] && !slices.Contains(open[old.Domain], old.Check) {
			r.Fixed = append(r.Fixed, old)
		}
	}
	slices.SortFunc(r.Fixed, func(x, y Earlier) int {
		return cmp.Or(cmp.Compare(x.Domain, y.Domain), cmp.Compare(x.Check, y.Check), cmp.Compare(x.Fingerprint, y.Fingerprint))
	})
}

// patience is how long SES looks for a record that is missing before it gives
// up and has to be told to look again (developer guide, "Custom MAIL FROM
// domain setup states" and "Troubleshooting DKIM problems").
const patience = 72 * time.Hour

// clock says how much is left of SES's patience with a finding that an earlier
// run has seen; "" where there is nothing to say.
func (r *Report) clock(f *check.Finding) string {
	c, ok := check.Lookup(f.Check)
	if !ok || !c.Clock || f.Status != check.Fail || !f.Standing {
		return ""
	}
	left := patience - r.Started.Sub(f.FirstSeen)
	since := f.FirstSeen.UTC().Format("2006-01-02 15:04 UTC")
	if left <= 0 {
		return fmt.Sprintf("first seen %s, over 72 hours ago: SES may have stopped looking. When the record is right again, start its setup in SES anew", since)
	}
	return fmt.Sprintf("first seen %s: about %d hours are left of the 72 after which SES stops looking and setup must be started anew", since, int(left.Hours()))
}

// age says what an earlier report makes of a finding.
func (r *Report) age(f *check.Finding) string {
	switch {
	case !r.Compared || f.Status != check.Fail:
		return ""
	case f.Standing:
		return "standing since " + f.FirstSeen.UTC().Format(time.DateOnly)
	}
	return "new"
}

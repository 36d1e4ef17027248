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
	Check       string         `json:"check"`
	Severity    check.Severity `json:"severity"`
	Domain      record.Name    `json:"domain"`
	Fingerprint string         `json:"fingerprint"`
	FirstSeen   time.Time      `json:"first_seen"`
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
		Carried []Earlier `json:"carried"`
	}
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return nil, fmt.Errorf("this is no JSON report of sescheck: %w", err)
	}
	if in.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("this is no JSON report of schema version %d", SchemaVersion)
	}
	b := &Baseline{findings: map[string]Earlier{}}
	for _, f := range in.Findings {
		if f.Status == check.Fail {
			in.Carried = append(in.Carried, f.Earlier)
		}
	}
	for _, f := range in.Carried {
		name, err := record.ParseName(string(f.Domain))
		c, ours := check.Lookup(f.Check)
		if !ours || err != nil && f.Domain != "" {
			continue
		}
		f.Severity = cmp.Or(f.Severity, c.Severity)
		f.Domain, f.Fingerprint = name, untrusted.Line(f.Fingerprint)
		b.findings[f.Fingerprint] = f
	}
	return b, nil
}

// hold marks the findings of r as standing or new, carries over when they were
// first seen, and lists what was found earlier and is fixed. What cannot be told
// now is not fixed, and carried on to the next run, as is all that a run over
// some of the domains or checks did not look for. A nil Baseline makes nothing of
// anything.
func (b *Baseline) hold(r *Report) {
	seen := map[string]check.Status{}
	open := map[record.Name][]string{}
	for f := range r.Findings() {
		f.FirstSeen = r.Started
		if b == nil {
			continue
		}
		print := f.Fingerprint()
		seen[print] = f.Status
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
		switch status, ok := seen[print]; {
		case status == check.Inconclusive, !ok && (r.Partial || slices.Contains(open[old.Domain], old.Check)):
			r.Carried = append(r.Carried, old)
		case !ok:
			r.Fixed = append(r.Fixed, old)
		}
	}
	for _, list := range [][]Earlier{r.Fixed, r.Carried} {
		slices.SortFunc(list, func(x, y Earlier) int {
			return cmp.Or(cmp.Compare(x.Domain, y.Domain), cmp.Compare(x.Check, y.Check), cmp.Compare(x.Fingerprint, y.Fingerprint))
		})
	}
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
	left := f.FirstSeen.Add(patience).Sub(r.Started)
	since := f.FirstSeen.UTC().Format("2006-01-02 15:04 UTC")
	if left <= 0 {
		return fmt.Sprintf("first seen %s, over 72 hours ago: SES may have stopped looking. When the record is right again, start its setup in SES anew", since)
	}
	return fmt.Sprintf("first seen %s: about %d hours are left of the 72 after which SES stops looking and setup must be started anew", since, int(left.Hours()))
}

// standing counts the findings that would fail the run if an earlier report did
// not have them, too.
func (r *Report) standing(fs ...*check.Finding) (n int) {
	for _, f := range fs {
		if f.Standing && f.Status == check.Fail && r.FailOn > 0 && f.Severity >= r.FailOn {
			n++
		}
	}
	return n
}

// result is a domain's for people: what only stands is not passed.
func (r *Report) result(d *check.Domain) string {
	result := d.Result(r.FailOn)
	for i := range d.Findings {
		if result == check.Pass && r.standing(&d.Findings[i]) > 0 {
			return "standing"
		}
	}
	return string(result)
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

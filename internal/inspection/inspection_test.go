package inspection

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// TestVerdict: the worst mark decides the verdict, and names the sections that have
// it.
func TestVerdict(t *testing.T) {
	c := &finding.Check{ID: "c"}
	about := func(part wanted.Part, severity finding.Severity) finding.Finding {
		return finding.Finding{Check: c, Part: part, Severity: severity, Status: finding.Fail}
	}
	open := func(part wanted.Part) finding.Finding {
		return finding.Finding{Check: c, Part: part, Severity: finding.Error, Status: finding.Inconclusive}
	}
	gone := finding.Finding{Check: &finding.Check{ID: "gone", ReplacesAll: true}, Severity: finding.Error, Status: finding.Fail}
	strict := &snapshot.DMARC{State: snapshot.Right, Policy: "reject"}
	for name, tt := range map[string]struct {
		dmarc    *snapshot.DMARC
		findings []finding.Finding
		mark     string
		want     string
	}{
		"in order":           {strict, nil, "ok", "in order"},
		"a weak policy":      {&snapshot.DMARC{State: snapshot.Right, Policy: "none"}, nil, "note", "right, but nothing stops others from forging it: the DMARC policy is none"},
		"a note":             {strict, []finding.Finding{about(wanted.SPFRecord, finding.Note)}, "note", "in order"},
		"a warning":          {strict, []finding.Finding{about(wanted.SPFRecord, finding.Warning)}, "warning", "works, with warnings: SPF"},
		"an open question":   {strict, []finding.Finding{about(wanted.SPFRecord, finding.Warning), open(wanted.DMARCRecord)}, "inconclusive", "inconclusive, because not all queries were answered: DMARC"},
		"errors":             {strict, []finding.Finding{about(wanted.SPFRecord, finding.Error), open(wanted.DMARCRecord), about(wanted.DMARCRecord, finding.Error)}, "error", "broken: SPF, DMARC"},
		"no such domain":     {nil, []finding.Finding{gone}, "error", "does not exist"},
		"an ignored finding": {strict, []finding.Finding{{Check: c, Part: wanted.SPFRecord, Severity: finding.Error, Status: finding.Ignored}}, "ignored", "in order"},
	} {
		d := &check.Domain{Name: "a.example", Findings: tt.findings}
		d.Snapshot = &snapshot.Snapshot{SPF: []snapshot.SPF{{Name: "a.example", All: "-all"}}, DMARC: tt.dmarc}
		in := Of(d, "a.example", map[record.Name]*snapshot.SPFRecord{"a.example": {State: "ok", Text: "v=spf1 -all", Lookups: spf.Count{N: 2}}})
		if in.Mark != tt.mark || in.Verdict != tt.want {
			t.Errorf("%s: %s, %q", name, in.Mark, in.Verdict)
		}
		if in.Row.Verdict != tt.want || in.Row.SPF != "2 of 10" {
			t.Errorf("%s: the row is %v", name, in.Row)
		}
	}
}

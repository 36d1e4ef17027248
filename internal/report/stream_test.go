package report

import (
	"bytes"
	"testing"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
)

// TestStreamJSON: what is written piece by piece is what encoding the whole
// gives, with and without an indent, of empty reports too.
func TestStreamJSON(t *testing.T) {
	full := &Report{
		Run: Run{Version: `"findings": [`},
		Outcome: check.Outcome{Off: []string{"spf-all"}, SPF: map[record.Name]*snapshot.SPFRecord{"b.example": {State: "ok"}, "a.example": {State: "none", Terms: []snapshot.SPFTerm{{Text: "##[x"}}}},
			Domains: []check.Domain{{Name: "a.example", Findings: []finding.Finding{{Check: spf.All, Severity: finding.Note, Status: finding.Fail, Message: `"domains":[] "spf":{} ##[x]`}, {Check: spf.All, Severity: finding.Error, Status: finding.Fail}}}, {Name: "b.example"}},
		},
	}
	for name, r := range map[string]*Report{"full": full, "empty": {}} {
		for _, indent := range []string{"", " "} {
			var whole, pieces bytes.Buffer
			if err := writeJSON(&whole, toJSON(r), indent); err != nil {
				t.Fatal(err)
			}
			if err := streamJSON(&pieces, r, indent); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(whole.Bytes(), pieces.Bytes()) {
				t.Errorf("%s: whole:\n%s\npieces:\n%s", name, &whole, &pieces)
			}
		}
	}
}

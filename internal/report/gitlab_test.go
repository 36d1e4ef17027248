package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/xeipuuv/gojsonschema"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
)

// gitlabSchema has the fields that GitLab documents as required, and no more
// (docs.gitlab.com/ci/testing/code_quality, "Code Quality report format").
const gitlabSchema = `{
 "type": "array",
 "items": {
  "type": "object", "additionalProperties": false,
  "required": ["description", "check_name", "fingerprint", "severity", "location"],
  "properties": {
   "description": {"type": "string", "minLength": 1},
   "check_name": {"type": "string", "minLength": 1},
   "fingerprint": {"type": "string", "minLength": 1},
   "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
   "location": {
    "type": "object", "additionalProperties": false, "required": ["path", "lines"],
    "properties": {
     "path": {"type": "string", "pattern": "^[^./][^\\\\]*$"},
     "lines": {"type": "object", "additionalProperties": false, "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
    }
   }
  }
 }
}`

type gitlabIssue struct {
	Description, Fingerprint, Severity string
	CheckName                          string `json:"check_name"`
	Location                           struct {
		Path  string
		Lines struct{ Begin int }
	}
}

// gitlab writes a report as GitLab reads it, and holds it against the schema.
func gitlab(t *testing.T, r *report.Report) (issues []gitlabIssue) {
	t.Helper()
	var b bytes.Buffer
	if err := report.GitLab(&b, r); err != nil {
		t.Fatal(err)
	}
	result, err := gojsonschema.Validate(gojsonschema.NewStringLoader(gitlabSchema), gojsonschema.NewBytesLoader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range result.Errors() {
		t.Error(e)
	}
	if err := json.Unmarshal(b.Bytes(), &issues); err != nil {
		t.Fatal(err)
	}
	return issues
}

// TestGitLab: what the file ignores is left out, what is not known is no error,
// and a finding without a line is at the first one.
func TestGitLab(t *testing.T) {
	issues := gitlab(t, example())
	if len(issues) != 3 {
		t.Fatalf("%+v", issues)
	}
	for i, want := range []struct {
		check, severity, path string
		line                  int
	}{
		{"mail-from-mx-missing", "major", "dir with blank/sescheck.yaml", 5},
		{"dns-unavailable", "minor", "dir with blank/sescheck.yaml", 5},
		{"record-unclaimed", "info", "zones/x.zone", 1},
	} {
		is := issues[i]
		if is.CheckName != want.check || is.Severity != want.severity || is.Location.Path != want.path || is.Location.Lines.Begin != want.line {
			t.Errorf("%+v, want %+v", is, want)
		}
	}
	if want := "Inconclusive: timeout. https://github.com/sescheck/sescheck/blob/v1.2.3/docs/checks.md#dns-unavailable"; issues[1].Description != want {
		t.Errorf("what is not known is %q", issues[1].Description)
	}
}

// TestGitLabNothing: a report without findings is an empty list, or GitLab would
// go on showing the last one.
func TestGitLabNothing(t *testing.T) {
	var b bytes.Buffer
	if err := report.GitLab(&b, report.New(report.Run{}, &check.Outcome{}, report.Policy{})); err != nil || b.String() != "[]\n" {
		t.Errorf("%q %v", b.String(), err)
	}
}

// TestGitLabFingerprints: GitLab drops issues that have the fingerprint of another,
// and refuses those without a path.
func TestGitLabFingerprints(t *testing.T) {
	d := check.Domain{Name: "example.com"}
	for i := range 3 {
		d.Findings = append(d.Findings, finding.Finding{
			Check: check.DNSUnavailable, Severity: finding.Error, Status: finding.Inconclusive, Domain: d.Name,
			Record: record.Question{Name: d.Name, Type: record.TXT}, Message: "x", Place: config.Place{File: "a.yaml", Line: i + 1},
		})
	}
	unplaced := finding.Finding{Check: check.DNSUnavailable, Status: finding.Inconclusive, Subject: "shards", Message: "a shard is missing"}
	have := map[string]bool{}
	for _, is := range gitlab(t, report.New(report.Run{}, &check.Outcome{Domains: []check.Domain{d}, Findings: []finding.Finding{unplaced}}, report.Policy{})) {
		if have[is.Fingerprint] {
			t.Errorf("fingerprint %s appears twice", is.Fingerprint)
		}
		have[is.Fingerprint] = true
	}
	if len(have) != 4 || !have[d.Findings[0].Fingerprint()] {
		t.Errorf("fingerprints %v", have)
	}
}

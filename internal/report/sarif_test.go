package report_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/wanted"
)

// example is a report with a finding of each status, one of them without a
// line.
func example() *report.Report {
	q := record.Question{Name: "bounce.example.com", Type: record.MX}
	place := config.Place{File: "dir with blank/sescheck.yaml", Line: 5, Column: 3, EndLine: 6}
	return report.New(report.Run{Version: "1.2.3", Started: time.Unix(0, 0), Duration: time.Second}, &check.Outcome{
		Answered: true,
		Domains: []check.Domain{{
			Name: "example.com", Parts: []wanted.Part{wanted.MailFrom, wanted.SPFRecord}, Passed: 3,
			Findings: []finding.Finding{
				{Check: mailfrom.MXMissing, Severity: finding.Error, Status: finding.Fail, Part: "mail-from", Domain: "example.com", Record: q, Message: "no MX \x1b", Place: place},
				{Check: check.DNSUnavailable, Severity: finding.Error, Status: finding.Inconclusive, Part: "spf", Domain: "example.com", Record: q, Message: "timeout", Place: place, Undecided: []*finding.Check{spf.Missing}},
				{Check: mailfrom.MXPreference, Severity: finding.Note, Status: finding.Ignored, Part: "mail-from", Domain: "example.com", Record: q, Message: "preference", Place: place},
			},
		}},
		Findings: []finding.Finding{{Check: check.RecordUnclaimed, Severity: finding.Note, Status: finding.Fail, Domain: "example.com", Record: q, Message: "unclaimed", Place: config.Place{File: "zones/x.zone"}}},
	}, report.Policy{FailOn: finding.Error, InconclusiveFail: true})
}

const sarifModule = "github.com/owenrumney/go-sarif/v3"

// sarifSchema is the schema that OASIS published, as a package ships it.
func sarifSchema(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sarifModule).Output()
	if err != nil {
		t.Fatalf("find %s: %v", sarifModule, err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(source), "const schema = `")
	schema, _, ok := strings.Cut(rest, "`")
	if !ok || !strings.Contains(schema, "sarif-schema-2.1.0.json") {
		t.Fatalf("%s has no schema where it is looked for", sarifModule)
	}
	return schema
}

func TestSARIFSchema(t *testing.T) {
	var b bytes.Buffer
	if err := report.SARIF(&b, example()); err != nil {
		t.Fatal(err)
	}
	result, err := gojsonschema.Validate(gojsonschema.NewStringLoader(sarifSchema(t)), gojsonschema.NewBytesLoader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range result.Errors() {
		t.Error(e)
	}
	log, err := sarif.FromBytes(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	results := log.Runs[0].Results
	if len(results) != 4 {
		t.Fatalf("%d results", len(results))
	}
	if uri := *results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI; uri != "dir%20with%20blank/sescheck.yaml" {
		t.Errorf("uri %s", uri)
	}
	if len(results[2].Suppressions) != 1 {
		t.Error("an ignored finding is not suppressed")
	}
}

// TestSARIFLimit: of more findings than code scanning takes the worst are there,
// and the file says how many are not.
func TestSARIFLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("the reports are large")
	}
	d := check.Domain{Name: "example.com"}
	add := func(n int, severity finding.Severity, status finding.Status) {
		for i := range n {
			d.Findings = append(d.Findings, finding.Finding{Check: spf.All, Severity: severity, Status: status, Domain: "example.com", Message: "x", Place: config.Place{File: "a.yaml", Line: i + 1}})
		}
	}
	add(100, finding.Error, finding.Ignored)
	add(24000, finding.Warning, finding.Fail)
	add(900, finding.Error, finding.Inconclusive)
	add(300, finding.Error, finding.Fail)
	var b bytes.Buffer
	if err := report.SARIF(&b, report.New(report.Run{}, &check.Outcome{Domains: []check.Domain{d}}, report.Policy{FailOn: finding.Error})); err != nil {
		t.Fatal(err)
	}
	result, err := gojsonschema.Validate(gojsonschema.NewStringLoader(sarifSchema(t)), gojsonschema.NewBytesLoader(b.Bytes()))
	if err != nil || !result.Valid() {
		t.Fatalf("%v %v", err, result.Errors())
	}
	log, err := sarif.FromBytes(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{}
	for _, r := range log.Runs[0].Results {
		levels[r.Level]++
	}
	if levels["error"] != 300 || levels["warning"] != 24700 || len(log.Runs[0].Results) != 25000 {
		t.Errorf("results: %v", levels)
	}
	if !strings.Contains(b.String(), "the 300 least important results are left out") {
		t.Error("it does not say what is left out")
	}
}

// TestJUnit: failures fail the run, errors could not be decided, skipped is
// ignored; and the XML can be read whatever a message holds.
func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := report.JUnit(&b, example()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name string `xml:"name,attr"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if got.Tests != 3 || got.Failures != 1 || got.Errors != 1 || len(got.Suites) != 2 {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(b.String(), `classname="example.com" name="mail-from"`) {
		t.Error(b.String())
	}
}

// TestSARIFAddresses: paths are relative to the repository's root, or whole with
// file:, on Windows too; no name can pass for another scheme.
func TestSARIFAddresses(t *testing.T) {
	for file, want := range map[string]string{
		"dns/sescheck.yaml": "dns/sescheck.yaml", "a b#1.yaml": "a%20b%231.yaml", "/srv/a b.yaml": "file:///srv/a%20b.yaml",
		"C:/work/a b.yaml": "file:///C:/work/a%20b.yaml", `D:\work\a.yaml`: "file:///D:/work/a.yaml", "x:y.yaml": "./x:y.yaml",
	} {
		r := report.New(report.Run{}, &check.Outcome{Domains: []check.Domain{{Findings: []finding.Finding{{Check: spf.All, Severity: finding.Error, Status: finding.Fail, Place: config.Place{File: file, Line: 1}}}}}}, report.Policy{})
		var b bytes.Buffer
		if err := report.SARIF(&b, r); err != nil {
			t.Fatal(err)
		}
		log, err := sarif.FromBytes(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if got := *log.Runs[0].Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI; got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

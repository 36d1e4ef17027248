package command

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/report"
)

// counted has the counts of a JSON report and what they are computed from.
type counted struct {
	Result   string
	Counts   report.Counts
	Findings []struct {
		Check, Severity, Status, Domain, Part string
	}
	Domains []struct{ Name, Result string }
}

// TestCounts: every format has the counts of the JSON report of the same run, and
// the page keeps its promises. TestNothingIsObeyed does the same for every story.
func TestCounts(t *testing.T) {
	t.Parallel()
	t.Run("a fleet", func(t *testing.T) {
		t.Parallel()
		dir := fleet(t)
		holdCounts(t, "check", "--zones", filepath.Join(dir, "zones"), "--offline", filepath.Join(dir, "sescheck.yaml"))
	})
	t.Run("many of one domain", func(t *testing.T) {
		t.Parallel()
		held := zones(t, map[string]string{"a.example": "@ TXT \"v=spf1 -all\"\n"})
		dir := put(t, map[string]string{"sescheck.yaml": `version: 1
domains:
  a.example:
    region: eu-west-1
    dkim: [k1, k2, k3, k4, k5, k6, k7, k8]
    spf: [a1.example, a2.example, a3.example, a4.example, a5.example, a6.example, a7.example, a8.example]
`})
		holdCounts(t, "check", "--zones", held, "--offline", filepath.Join(dir, "sescheck.yaml"))
	})
}

// holdCounts runs the program once with all formats, and compares them with the
// JSON report.
func holdCounts(t *testing.T, args ...string) {
	t.Helper()
	folder := t.TempDir()
	for _, f := range report.OfCheck().Names() {
		args = append(args, "--write", f+"="+filepath.Join(folder, f))
	}
	if _, errs, code := run(t, args...); code == "2" {
		return // a story about a wrong file
	} else if code == "4" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	texts := map[string]string{}
	for _, f := range report.OfCheck().Names() {
		texts[f] = readFile(t, filepath.Join(folder, f))
	}
	sameCounts(t, texts)
}

// sameCounts compares the reports of a run with its JSON report.
func sameCounts(t *testing.T, texts map[string]string) {
	t.Helper()
	var r counted
	if err := json.Unmarshal([]byte(texts["json"]), &r); err != nil {
		t.Fatal(err)
	}
	r.itself(t)
	c := r.Counts
	words := []string{amount(c.Domains, "domain"), amount(c.Passed, "check") + " passed: " + amount(c.Errors, "error"), amount(c.Warnings, "warning"), amount(c.Notes, "note")}
	if c.Inconclusive > 0 {
		words = append(words, fmt.Sprintf("%d inconclusive", c.Inconclusive))
	}
	if c.Ignored > 0 {
		words = append(words, fmt.Sprintf("%d ignored", c.Ignored))
	}
	for _, f := range []string{"text", "github", "markdown", "html"} {
		if totals := strings.Join(words, ", "); !strings.Contains(texts[f], totals) {
			t.Errorf("%s has no %q", f, totals)
		}
	}
	holdPage(t, texts["html"])
	r.page(t, texts["html"])
	r.table(t, texts["markdown"])
	r.sarif(t, texts["sarif"])
	r.junit(t, texts["junit"])
	r.gitlab(t, texts["gitlab"])
	r.openmetrics(t, texts["openmetrics"])
}

func amount(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// itself compares the counts with the findings.
func (r counted) itself(t *testing.T) {
	t.Helper()
	n := report.Counts{Domains: len(r.Domains), Passed: r.Counts.Passed, Promised: r.Counts.Promised}
	for _, f := range r.Findings {
		switch {
		case f.Status == "ignored":
			n.Ignored++
		case f.Status == "inconclusive":
			n.Inconclusive++
		case f.Severity == "error":
			n.Errors++
		case f.Severity == "warning":
			n.Warnings++
		case f.Severity == "note":
			n.Notes++
		}
	}
	if n != r.Counts {
		t.Errorf("the counts are %+v, and there are %+v", r.Counts, n)
	}
}

// tally counts the findings and their domains by check and word, as the page does.
func (r counted) tally() (findings map[string]int, domains map[string]map[string]bool) {
	findings, domains = map[string]int{}, map[string]map[string]bool{}
	for _, f := range r.Findings {
		word := f.Severity
		switch f.Status {
		case "inconclusive":
			word = "inconclusive"
		case "ignored":
			continue
		}
		key := f.Check + " " + word
		findings[key]++
		if domains[key] == nil {
			domains[key] = map[string]bool{}
		}
		if f.Domain != "" {
			domains[key][f.Domain] = true
		}
	}
	return findings, domains
}

var (
	tallied  = regexp.MustCompile(`<li data-kind="[a-z -]+" data-rows="[\d ]*">(?:<a href="#c\d+">)?([a-z-]+)(?:</a>)? <span class="(\w+)"><b>(\d+)</b> × \w+</span>(?: in <b>(\d+)</b> of the domains)?\n`)
	carded   = regexp.MustCompile(`<section class="card (\w+)"[\s\S]*?rel="noreferrer">([a-z-]+)</a>[\s\S]*?</section>`)
	repeated = regexp.MustCompile(`(?:<summary>|<p class="faint">[\w.-]+, )(\d+) times[,:]`)
	fleetRow = regexp.MustCompile(`<td class="n" data-part="passed">(\d+)<td class="n" data-part="findings">(\d+)\n`)
)

// page checks the HTML page's list of checks, its cards and its table.
func (r counted) page(t *testing.T, page string) {
	t.Helper()
	findings, domains := r.tally()
	for _, m := range tallied.FindAllStringSubmatch(page, -1) {
		key := m[1] + " " + m[2]
		in, _ := strconv.Atoi(m[4])
		if n, _ := strconv.Atoi(m[3]); n != findings[key] || in != len(domains[key]) {
			t.Errorf("html says of %s %d in %d domains; there are %d in %d", key, n, in, findings[key], len(domains[key]))
		}
	}
	cards := map[string]int{}
	for _, m := range carded.FindAllStringSubmatch(page, -1) {
		n := 1
		if times := repeated.FindStringSubmatch(m[0]); times != nil {
			n, _ = strconv.Atoi(times[1])
		}
		cards[m[2]+" "+m[1]] += n
	}
	for key, n := range findings {
		if cards[key] != n {
			t.Errorf("html has cards of %d %s; there are %d", cards[key], key, n)
		}
	}
	rows := fleetRow.FindAllStringSubmatch(page, -1)
	passed := 0
	for _, m := range rows {
		n, _ := strconv.Atoi(m[1])
		passed += n
	}
	if len(rows) != r.Counts.Domains || passed != r.Counts.Passed {
		t.Errorf("html has rows of %d domains with %d passed checks; counts: %+v", len(rows), passed, r.Counts)
	}
}

var summaryRow = regexp.MustCompile("(?m)^\\| `[^|]*` \\| [^ |]+ (?:pass|fail|inconclusive|standing) \\| (\\d+) \\| (\\d+) \\| (\\d+) \\| (\\d+) \\| (\\d+) \\|$")

// summaryRest is the line about the domains that have no row.
var summaryRest = regexp.MustCompile(`(?m)^And \d+ domains? without a finding: (\d+) checks? passed\.$`)

// table checks the summary's table of domains.
func (r counted) table(t *testing.T, summary string) {
	t.Helper()
	want := r.Counts
	want.Domains, want.Ignored = 0, 0
	for _, f := range r.Findings {
		if f.Part == "" && f.Status == "fail" { // about the file
			switch f.Severity {
			case "error":
				want.Errors--
			case "warning":
				want.Warnings--
			default:
				want.Notes--
			}
		}
	}
	var sum report.Counts
	for _, m := range summaryRow.FindAllStringSubmatch(summary, -1) {
		for i, to := range []*int{&sum.Passed, &sum.Errors, &sum.Warnings, &sum.Notes, &sum.Inconclusive} {
			n, _ := strconv.Atoi(m[i+1])
			*to += n
		}
	}
	if m := summaryRest.FindStringSubmatch(summary); m != nil {
		n, _ := strconv.Atoi(m[1])
		sum.Passed += n
	}
	if sum != want {
		t.Errorf("the rows of the summary are %+v together, want %+v", sum, want)
	}
}

// sarif checks the results of SARIF.
func (r counted) sarif(t *testing.T, text string) {
	t.Helper()
	var log struct {
		Runs []struct {
			Results []struct{ Suppressions []any }
		}
	}
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	if n := len(log.Runs[0].Results); n != len(r.Findings) {
		t.Errorf("sarif has %d results; there are %d findings", n, len(r.Findings))
	}
}

// junit compares the totals of JUnit with its cases, and its suites with the
// domains.
func (r counted) junit(t *testing.T, text string) {
	t.Helper()
	type totals struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	var all struct {
		totals
		Suites []struct {
			totals
			Name string `xml:"name,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	var sum totals
	domains := 0
	for _, s := range all.Suites {
		sum.Tests += s.Tests
		sum.Failures += s.Failures
		sum.Errors += s.Errors
		sum.Skipped += s.Skipped
		if s.Name != "file" {
			domains++
		}
	}
	if sum != all.totals || domains != r.Counts.Domains || (sum.Failures > 0) != (r.Counts.Errors > 0) {
		t.Errorf("junit has %+v in all, %+v in %d suites; counts: %+v", all.totals, sum, domains, r.Counts)
	}
}

package report_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/check/part/dmarc"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
)

// fleet is a report of n domains, of which every has the findings that give it
// some.
func fleet(n int, some func(i int) []finding.Finding) *report.Report {
	o := &check.Outcome{Answered: true}
	for i := range n {
		name := record.Name(fmt.Sprintf("d%04d.example", i))
		d := check.Domain{Name: name, Findings: some(i)}
		for j := range d.Findings {
			f := &d.Findings[j]
			f.Domain, f.Status, f.Severity = name, finding.Fail, max(f.Severity, finding.Warning)
			f.Record = record.Question{Name: name, Type: record.TXT}
			f.Message = fmt.Sprintf("%s: %s", name, f.Check)
			f.Place = config.Place{File: "sescheck.yaml", Line: 2 + i, Column: 3}
		}
		o.Domains = append(o.Domains, d)
	}
	return report.New(report.Run{}, o, report.Policy{FailOn: finding.Error})
}

// every finds a check in one domain of n.
func every(i, n int, f finding.Finding) []finding.Finding {
	if i%n != 0 {
		return nil
	}
	f.Severity = finding.Error
	return []finding.Finding{f}
}

func TestBiggestCausesFirst(t *testing.T) {
	t.Parallel()
	r := fleet(5000, func(i int) []finding.Finding {
		return slices.Concat(
			every(i, 1000, finding.Finding{Check: spf.Duplicate}),
			every(i, 700, finding.Finding{Check: spf.Invalid}),
			every(i, 500, finding.Finding{Check: dmarc.Missing}),
			every(i, 50, finding.Finding{Check: mailfrom.MXMissing}),
			every(i, 20, finding.Finding{Check: spf.IncludeMissing, Cause: "a"}),
			every(i, 13, finding.Finding{Check: dkim.Missing}),
			every(i, 10, finding.Finding{Check: spf.IncludeBroken, Cause: "b"}),
			every(i, 5, finding.Finding{Check: mailfrom.MXWrong}),
			[]finding.Finding{{Check: dmarc.Mismatch}})
	})
	biggest := []string{"mail-from-mx-wrong", "spf-include-broken", "dkim-missing", "spf-include-missing", "mail-from-mx-missing"}

	var out strings.Builder
	if err := report.GitHub(&out, r); err != nil {
		t.Fatal(err)
	}
	titles := regexp.MustCompile(`(?m)^::error .*title=([a-z -]+)::`).FindAllStringSubmatch(out.String(), -1)
	if len(titles) != 10 {
		t.Errorf("%d errors are annotated, not 10", len(titles))
	}
	for i, want := range biggest {
		if got := titles[i][1]; got != want {
			t.Errorf("annotation %d is %s, want %s", i+1, got, want)
		}
	}
	if n := strings.Count(out.String(), "\n::warning "); n != 10 {
		t.Errorf("%d warnings are annotated, not 10", n)
	}
	for _, want := range []string{
		"d0000.example: mail-from-mx-wrong%0AThe first of 1000 findings of mail-from-mx-wrong",
		"d0000.example: spf-include-broken%0A500 times, in 500 domains: d0000.example, ",
		"::error title=and more::1501 more of these are in the job summary: 998 mail-from-mx-wrong, 384 dkim-missing, 99 mail-from-mx-missing, 9 dmarc-missing, 7 spf-invalid, 4 spf-duplicate\n",
		"::warning title=and more::4991 more of these are in the job summary: 4991 dmarc-mismatch\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%.3000s", want, out.String())
		}
	}

	out.Reset()
	if err := report.Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| 🔴 error \\| (\\d+) \\| \\d+ \\| `([a-z-]+)`").FindAllStringSubmatch(out.String(), -1)
	var listed []string
	for _, row := range rows {
		listed = append(listed, row[2])
	}
	if diff := cmp.Diff(biggest, listed); diff != "" {
		t.Errorf("the causes that the summary begins with (-want):\n%s", diff)
	}
	sections := regexp.MustCompile(`(?m)^### 🔴 error: \[([a-z-]+)\]`).FindAllStringSubmatch(out.String(), 5)
	for i, want := range biggest {
		if got := sections[i][1]; got != want {
			t.Errorf("section %d is %s, want %s", i+1, got, want)
		}
	}
	if len(out.String()) > 1<<20 {
		t.Errorf("the summary has %d octets", out.Len())
	}
}

// TestCauseIsNoWorseThanItsFindings: a cause of many domains, the first of which
// is pending, is not reported as a note.
func TestCauseIsNoWorseThanItsFindings(t *testing.T) {
	t.Parallel()
	r := fleet(3, func(int) []finding.Finding {
		return []finding.Finding{{Check: spf.IncludeMissing, Severity: finding.Error, Cause: "a"}}
	})
	r.Domains[0].Findings[0].Severity = finding.Note
	var out strings.Builder
	if err := report.GitHub(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"::error col=3,file=sescheck.yaml,line=3,title=spf-include-missing::", "2 times, in 2 domains: d0001.example, d0002.example", "::notice col=3,file=sescheck.yaml,line=2,"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestOneLineOneAnnotation: what one check finds several times at a line is one
// annotation.
func TestOneLineOneAnnotation(t *testing.T) {
	t.Parallel()
	r := fleet(2, func(int) []finding.Finding {
		return []finding.Finding{
			{Check: dkim.Missing, Severity: finding.Error, Subject: "a", Change: finding.Change{Add: []string{"a 3600 IN CNAME x."}}},
			{Check: dkim.Missing, Severity: finding.Error, Subject: "b", Change: finding.Change{Add: []string{"b 3600 IN CNAME y."}}},
			{Check: spf.Missing, Severity: finding.Error},
		}
	})
	var out strings.Builder
	if err := report.GitHub(&out, r); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "::error "); n != 4 {
		t.Errorf("%d annotations, want 4:\n%s", n, out.String())
	}
	if !strings.Contains(out.String(), "Add: a 3600 IN CNAME x.%0A  b 3600 IN CNAME y.") {
		t.Errorf("not all that is to be published is shown:\n%s", out.String())
	}
}

func TestNews(t *testing.T) {
	t.Parallel()
	r := fleet(4, func(i int) []finding.Finding {
		return []finding.Finding{{Check: spf.Missing, Severity: finding.Error, Standing: i < 3}}
	})
	r.Compared, r.Fixed = true, []report.Earlier{{Check: "spf-missing", Domain: "gone.example"}}
	r.Domains[1].Findings[0].Silence = finding.Silence{Kind: finding.Unchanged}
	for name, format := range map[string]report.Format{"github": report.GitHub, "markdown": report.Markdown} {
		var out strings.Builder
		if err := format(&out, r); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Since the baseline: 1 new, 3 standing, 1 fixed.\n", "1 finding in domains that this change does not affect: only warnings.\n"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", name, want, out.String())
			}
		}
		if first, second := strings.Index(out.String(), "d0003.example: spf-missing"), strings.Index(out.String(), "d0000.example: spf-missing"); first < 0 || first > second {
			t.Errorf("%s: what is new does not come first:\n%s", name, out.String())
		}
	}
}

// TestTooManySteps: a cause with more records than a report shows says how to print
// them, in every format for people.
func TestTooManySteps(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 60} {
		r := fleet(n, func(i int) []finding.Finding {
			f := finding.Finding{Check: spf.IncludeMissing, Severity: finding.Error, Cause: "one"}
			f.Change.Add = []string{fmt.Sprintf("d%d.example. 3600 IN TXT \"v=spf1 -all\"", i)}
			return []finding.Finding{f}
		})
		for name, write := range report.OfCheck() {
			if !slices.Contains([]string{"text", "github", "markdown", "html"}, name) {
				continue
			}
			var b strings.Builder
			if err := write(&b, r); err != nil {
				t.Fatal(err)
			}
			told, shown := strings.Contains(b.String(), "records --merge --only-missing"), strings.Contains(b.String(), "3600 IN TXT")
			if told != (n == 60) || shown != (n == 2) {
				t.Errorf("%s of %d: how to print them %v, records shown %v\n%s", name, n, told, shown, b.String())
			}
		}
	}
}

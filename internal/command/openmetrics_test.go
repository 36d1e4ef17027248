package command

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/report"
)

// metrics are samples by name and labels, such as a{b="c",d="e"} with the labels
// sorted by name.
type metrics map[string]float64

// The grammar of OpenMetrics (section "ABNF" of its specification), as far as
// gauges need it.
var (
	familyLine = regexp.MustCompile(`^# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$`)
	sampleLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (-?[0-9]+(?:\.[0-9]+)?)$`)
	labelPair  = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)`)
	otherTypes = regexp.MustCompile(`_(total|count|sum|bucket|created)$`)
)

// readMetrics parses a whole exposition, as strictly as the specification.
func readMetrics(text string) (metrics, error) {
	body, ok := strings.CutSuffix(text, "\n# EOF\n")
	if !ok {
		return nil, errors.New("it does not end with # EOF and a line feed")
	}
	r := metricsReader{metrics{}, map[string]map[string]bool{}, ""}
	for i, line := range strings.Split(body, "\n") {
		if err := r.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w: %s", i+1, err, line)
		}
	}
	return r.found, nil
}

type metricsReader struct {
	found    metrics
	families map[string]map[string]bool // metadata by family
	family   string                     // current family
}

func (r *metricsReader) line(line string) error {
	if m := familyLine.FindStringSubmatch(line); m != nil {
		return r.about(m[1], m[2], m[3])
	}
	m := sampleLine.FindStringSubmatch(line)
	if m == nil || m[1] != r.family || !r.families[r.family]["TYPE"] {
		return fmt.Errorf("no sample of the family %q", r.family)
	}
	labels := map[string]string{}
	for rest := m[2]; rest != ""; {
		l := labelPair.FindStringSubmatch(rest)
		if l == nil || labels[l[1]] != "" {
			return errors.New("its labels are wrong")
		}
		rest = rest[len(l[0]):]
		labels[l[1]] = l[1] + "=" + strconv.Quote(strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(l[2]))
	}
	name := m[1]
	if len(labels) > 0 {
		name += "{" + strings.Join(slices.Sorted(maps.Values(labels)), ",") + "}"
	}
	if _, twice := r.found[name]; twice {
		return errors.New("it appears twice")
	}
	value, err := strconv.ParseFloat(m[3], 64)
	r.found[name] = value
	return err
}

// about reads a metadata line. All lines of a family are adjacent, and each kind is
// unique.
func (r *metricsReader) about(kind, name, text string) error {
	if name != r.family {
		if r.families[name] != nil {
			return errors.New("the family is in two places")
		}
		r.family, r.families[name] = name, map[string]bool{}
	}
	switch {
	case r.families[name][kind]:
		return fmt.Errorf("%s appears twice", kind)
	case kind == "TYPE" && text != "gauge":
		return errors.New("no gauge, which is all that the older format has as well")
	case kind == "UNIT" && !strings.HasSuffix(name, "_"+text):
		return errors.New("the name does not end in the unit")
	case otherTypes.MatchString(name):
		return errors.New("a suffix that belongs to another type")
	}
	r.families[name][kind] = true
	return nil
}

// onlyOurMetrics reads OpenMetrics as Prometheus does.
func onlyOurMetrics(report string) error {
	_, err := readMetrics(report)
	return err
}

// openmetrics compares the samples with the findings and domains.
func (r counted) openmetrics(t *testing.T, text string) {
	t.Helper()
	got, err := readMetrics(text)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Counts
	want := metrics{
		"sescheck_domains": float64(c.Domains), "sescheck_passed_checks": float64(c.Passed), "sescheck_errors": float64(c.Errors), "sescheck_warnings": float64(c.Warnings),
		"sescheck_notes": float64(c.Notes), "sescheck_inconclusive": float64(c.Inconclusive), "sescheck_ignored": float64(c.Ignored), "sescheck_promised_records": float64(c.Promised),
	}
	for _, f := range r.Findings {
		want[fmt.Sprintf("sescheck_findings{check=%q,domain=%q,severity=%q,status=%q}", f.Check, f.Domain, f.Severity, f.Status)]++
	}
	for _, d := range r.Domains {
		want[fmt.Sprintf("sescheck_domain_result{domain=%q,result=%q}", d.Name, d.Result)] = 1
	}
	want[fmt.Sprintf("sescheck_result{result=%q}", r.Result)] = 1
	for name, n := range want {
		if got[name] != n {
			t.Errorf("openmetrics has %g for %s; there are %g", got[name], name, n)
		}
	}
	sum := 0.0
	for name, n := range got {
		if strings.HasPrefix(name, "sescheck_findings{") {
			sum += n
		}
	}
	if int(sum) != len(r.Findings) {
		t.Errorf("openmetrics has %g findings; there are %d", sum, len(r.Findings))
	}
}

// gitlab compares the issues for GitLab with the findings that are not ignored.
func (r counted) gitlab(t *testing.T, text string) {
	t.Helper()
	if n, want := strings.Count(text, `"check_name": `), len(r.Findings)-r.Counts.Ignored; n != want {
		t.Errorf("gitlab has %d issues; there are %d", n, want)
	}
}

// TestOpenMetricsEscapes: no text ends a label early, and times and durations are
// in seconds.
func TestOpenMetricsEscapes(t *testing.T) {
	t.Parallel()
	name := "a\\\"b\n# EOF\n"
	r := report.New(report.Run{Version: name, Started: time.Unix(1_700_000_000, 5), Duration: 1500 * time.Millisecond}, &check.Outcome{
		Answered: true, Domains: []check.Domain{{Name: `a\032b.example`}},
	}, report.Policy{FailOn: finding.Error})
	var b strings.Builder
	if err := report.OpenMetrics(&b, r); err != nil {
		t.Fatal(err)
	}
	got, err := readMetrics(b.String())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	want := metrics{
		fmt.Sprintf("sescheck_build_info{version=%q}", name): 1, "sescheck_run_timestamp_seconds": 1_700_000_000, "sescheck_run_duration_seconds": 1.5, "sescheck_run_answered": 1,
		`sescheck_domain_result{domain="a\\032b.example",result="pass"}`: 1, `sescheck_domain_result{domain="a\\032b.example",result="fail"}`: 0,
		`sescheck_result{result="pass"}`: 1, `sescheck_result{result="fail"}`: 0, `sescheck_result{result="inconclusive"}`: 0,
	}
	for name, want := range want {
		if n, ok := got[name]; !ok || n != want {
			t.Errorf("%s is %g, want %g\n%s", name, n, want, b.String())
		}
	}
}

// TestMergeFormats: merge writes every format that check writes.
func TestMergeFormats(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.json")
	story := filepath.Join(testdata, "formats", "three-findings")
	_, errs, _ := run(t, "check", "--zones", story, "--offline", "--write", "json="+whole, "--write", "gitlab="+filepath.Join(dir, "a"), filepath.Join(story, "sescheck.yaml"))
	if errs != "" {
		t.Fatal(errs)
	}
	for _, format := range []string{"gitlab", "openmetrics"} {
		out, errs, _ := run(t, "merge", whole, "--format", format)
		if reader := readers[format]; errs != "" || reader(out) != nil {
			t.Errorf("%s: %s %v\n%s", format, errs, reader(out), out)
		}
		if format == "gitlab" && out != readFile(t, filepath.Join(dir, "a")) {
			t.Errorf("merge writes\n%s", out)
		}
	}
}

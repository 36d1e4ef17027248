package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
)

// earlier is a report with findings, as JSON.
func earlier(t *testing.T, findings ...string) *report.Baseline {
	t.Helper()
	b, err := report.ReadBaseline(strings.NewReader(`{"schema_version": 1, "findings": [` + strings.Join(findings, ", ") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func failed(id, name, rtype, subject string) string {
	return fmt.Sprintf(`{"check": %q, "severity": "warning", "status": "fail", "domain": "a.example", "record": {"name": %q, "type": %q}, "subject": %q, "fingerprint": %q, "first_seen": "2026-01-02T03:04:05Z"}`,
		id, name, rtype, subject, id+name+subject)
}

func summary(r *report.Report) string {
	var all []string
	for _, e := range r.Fixed {
		all = append(all, "fixed "+e.Check)
	}
	for _, e := range r.Carried {
		all = append(all, strings.TrimSpace(fmt.Sprintf("carried %s %s %s", e.Check, e.Why, e.Behind)))
	}
	return strings.Join(all, ", ")
}

// TestLameIsFixed: only a run that asks the zones' own servers knows that a
// lame one answers again.
func TestLameIsFixed(t *testing.T) {
	t.Parallel()
	b := earlier(t, failed("nameserver-lame", "sub.a.example", "NS", "ns1.example"))
	looked := check.Looked{Record: record.Question{Name: "a.example", Type: record.MX}, Checks: []*finding.Check{mailfrom.MXMissing}}
	lame := check.Looked{Record: record.Question{Name: "a.example", Type: record.NS}, Checks: []*finding.Check{check.NameserverLame}}
	for want, all := range map[string][]check.Looked{"carried nameserver-lame left-out": {looked}, "fixed nameserver-lame": {looked, lame}} {
		o := &check.Outcome{Answered: true, Domains: []check.Domain{{Name: "a.example", Looked: all}}}
		if got := summary(report.New(report.Run{Started: time.Now()}, o, report.Policy{Baseline: b})); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestUnlistedIsForgotten: what the file no longer asks for is carried for a while,
// from one report to the next, and not for ever.
func TestUnlistedIsForgotten(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	b := earlier(t, failed("mail-from-mx-missing", "m.a.example", "MX", ""))
	gone, back := &check.Outcome{Answered: true}, &check.Outcome{Answered: true, Domains: []check.Domain{{Name: "a.example"}}}
	for _, c := range []struct {
		after time.Duration
		o     *check.Outcome
		want  string
	}{
		{0, gone, "carried mail-from-mx-missing unlisted"},
		{89 * day, gone, "carried mail-from-mx-missing unlisted"},
		{91 * day, gone, ""},
		{91 * day, back, "carried mail-from-mx-missing left-out"},
	} {
		r := report.New(report.Run{Started: start.Add(c.after)}, c.o, report.Policy{Baseline: b})
		if got := summary(r); got != c.want {
			t.Errorf("after %v: %s, want %s", c.after, got, c.want)
		}
		if c.want == "" {
			continue
		}
		var out bytes.Buffer
		if err := report.JSON(&out, r); err != nil {
			t.Fatal(err)
		}
		var err error
		if b, err = report.ReadBaseline(&out); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReportsThatDoNotSay: what an earlier release kept has no record, and the
// report of another program may not say what was looked at. Nothing is fixed
// then that may not be.
func TestReportsThatDoNotSay(t *testing.T) {
	t.Parallel()
	mx := func(name record.Name, checks ...*finding.Check) check.Looked {
		return check.Looked{Record: record.Question{Name: name, Type: record.MX}, Checks: checks}
	}
	open := []finding.Finding{{Check: check.DNSUnavailable, Severity: finding.Error, Status: finding.Inconclusive, Domain: "a.example", Undecided: []*finding.Check{mailfrom.MXMissing}}}
	for name, c := range map[string]struct {
		finding string
		domain  check.Domain
		want    string
	}{
		"no record, all right": {failed("mail-from-mx-missing", "", "", ""), check.Domain{Looked: []check.Looked{mx("m.a.example", mailfrom.MXMissing)}}, "fixed mail-from-mx-missing"},
		"no record, one is not known": {failed("mail-from-mx-missing", "", "", ""),
			check.Domain{Findings: open, Looked: []check.Looked{mx("m.a.example", mailfrom.MXMissing), mx("n.a.example")}}, "carried mail-from-mx-missing unanswered"},
		"another one is not known": {failed("mail-from-mx-missing", "m.a.example", "MX", ""),
			check.Domain{Findings: open, Looked: []check.Looked{mx("m.a.example", mailfrom.MXMissing), mx("n.a.example")}}, "fixed mail-from-mx-missing"},
		"nothing said":     {failed("mail-from-mx-missing", "m.a.example", "MX", ""), check.Domain{}, "carried mail-from-mx-missing left-out"},
		"hostile names":    {failed("mail-from-mx-missing", "##[x]", "::y::", "##[z]"), check.Domain{Looked: []check.Looked{mx("m.a.example", mailfrom.MXMissing)}}, "fixed mail-from-mx-missing"},
		"no check of ours": {failed("##[x]", "m.a.example", "MX", ""), check.Domain{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.domain.Name = "a.example"
			o := &check.Outcome{Answered: true, Domains: []check.Domain{c.domain}}
			r := report.New(report.Run{Started: time.Now()}, o, report.Policy{Baseline: earlier(t, c.finding)})
			if got := summary(r); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			var out bytes.Buffer
			if err := report.Text(&out, r, report.TextOptions{}); err != nil || strings.Contains(out.String(), "##[") {
				t.Errorf("%v %s", err, &out)
			}
		})
	}
}

// TestMoreSevere: a finding that matters more than it did fails the run, and is
// as old as it was.
func TestMoreSevere(t *testing.T) {
	t.Parallel()
	f := finding.Finding{Check: spf.All, Severity: finding.Warning, Status: finding.Fail, Domain: "a.example", Record: record.Question{Name: "a.example", Type: record.TXT}}
	old := fmt.Sprintf(`{"check": "spf-all", "severity": "warning", "status": "fail", "domain": "a.example", "record": {"name": "a.example", "type": "TXT"}, "fingerprint": %q, "first_seen": "2026-01-02T03:04:05Z"}`, f.Fingerprint())
	for severity, want := range map[finding.Severity]struct {
		result finding.Status
		age    string
	}{
		finding.Note:    {finding.Pass, "(first seen 2026-01-02)"},
		finding.Warning: {finding.Pass, "(first seen 2026-01-02)"},
		finding.Error:   {finding.Fail, "(new: seen since 2026-01-02, and now an error)"},
	} {
		f.Severity = severity
		o := &check.Outcome{Answered: true, Domains: []check.Domain{{Name: "a.example", Findings: []finding.Finding{f}}}}
		r := report.New(report.Run{Started: time.Now()}, o, report.Policy{FailOn: finding.Error, Baseline: earlier(t, old)})
		var out bytes.Buffer
		if err := report.Text(&out, r, report.TextOptions{}); err != nil || r.Result != want.result || !strings.Contains(out.String(), want.age) {
			t.Errorf("%s: %s, %v\n%s", severity, r.Result, err, &out)
		}
	}
}

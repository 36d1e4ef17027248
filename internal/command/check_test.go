package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// offline runs check on the examples without a network.
func offline(t *testing.T, args ...string) (out, errs, code string) {
	t.Helper()
	args = append([]string{"check", "--zones", "../../examples/zones", "--offline"}, args...)
	return run(t, append(args, "../../examples/sescheck.yaml")...)
}

// TestFlags: the effect of flags on the exit code and the output.
func TestFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct {
		args           []string
		code, has, not string // of stdout, or of stderr for code 2 and 4
	}{
		"as it is":               {nil, "1", "7 errors, 1 warning", ""},
		"never":                  {[]string{"--fail-on", "never"}, "0", "7 errors", "FAILED"},
		"one domain":             {[]string{"--domain", "shop.*"}, "0", "1 domain", "news.example"},
		"two domains":            {[]string{"--domain", "shop.example", "--domain", "NEWS.example"}, "1", "2 domains", "moved.example"},
		"no such domain":         {[]string{"--domain", "x.*"}, "2", `--domain "x.*" matches no domain of the file`, ""},
		"one check":              {[]string{"--check", "spf-*"}, "1", "1 error, 1 warning", "mail-from"},
		"warnings only":          {[]string{"--check", "spf-include-unexpected"}, "0", "0 errors, 1 warning", ""},
		"warnings fail":          {[]string{"--check", "spf-include-unexpected", "--fail-on", "warning"}, "1", "1 warning", ""},
		"no such check":          {[]string{"--check", "x"}, "2", `--check "x" matches no check`, ""},
		"no such severity":       {[]string{"--fail-on", "x"}, "2", `--fail-on "x": write error, warning, note or never`, ""},
		"no such policy":         {[]string{"--inconclusive", "x"}, "2", `--inconclusive "x": write fail or warn`, ""},
		"no such format":         {[]string{"--format", "x"}, "2", "there are github, gitlab, html, json", ""},
		"quiet":                  {[]string{"--quiet"}, "1", "news.example", "shop.example"},
		"verbose":                {[]string{"--verbose", "--domain", "shop.example"}, "0", "pass          mail-from-mx-missing       bounce.shop.example MX", ""},
		"colour":                 {[]string{"--color", "always"}, "1", "\x1b[31m", ""},
		"no colour":              {nil, "1", "", "\x1b["},
		"a write without a path": {[]string{"--write", "json"}, "2", `--write "json": write FORMAT=PATH`, ""},
		"a write to nowhere":     {[]string{"--write", "json=check_test.go/x"}, "4", "write check_test.go/x", ""},
		"no such baseline":       {[]string{"--baseline", filepath.Join(dir, "x")}, "2", "--baseline", ""},
		"a bad timeout":          {[]string{"--timeout", "0s"}, "2", "--timeout must be more than 0", ""},
		"all that is wrong":      {[]string{"--timeout", "0s", "--fail-on", "x"}, "2", "--timeout must be more", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := offline(t, c.args...)
			output := out
			if c.code == "2" || c.code == "4" {
				output = errs
			}
			if code != c.code || !strings.Contains(output, c.has) || c.not != "" && strings.Contains(output, c.not) {
				t.Errorf("exit %s, want %s\n%s%s", code, c.code, out, errs)
			}
		})
	}
	if out, errs, code := run(t, "check", "--offline", "../../examples/sescheck.yaml"); code != "2" || !strings.Contains(errs, "--offline needs --zones") {
		t.Errorf("exit %s %s%s", code, out, errs)
	}
}

// TestBaseline: a finding of the baseline does not fail the run and keeps its
// first-seen time. If it is gone, it is fixed.
func TestBaseline(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.json")
	if _, errs, code := offline(t, "--domain", "moved.example", "--write", "json="+path); code != "1" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var earlier map[string]any
	if err := json.Unmarshal(text, &earlier); err != nil {
		t.Fatal(err)
	}
	findings := earlier["findings"].([]any)
	for _, f := range findings {
		f.(map[string]any)["first_seen"] = "2026-01-02T03:04:05Z"
	}
	gone := map[string]any{
		"check": "dkim-missing", "domain": "news.example", "status": "fail", "fingerprint": "gone", "first_seen": "2026-01-02T03:04:05Z",
	}
	hostile := map[string]any{"check": "##[error]x", "domain": "news.example", "status": "fail", "fingerprint": "hostile"}
	earlier["findings"] = append(findings, gone, hostile)
	if text, err = json.Marshal(earlier); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	out, errs, code := offline(t, "--domain", "moved.example", "--baseline", path)
	if code != "0" || errs != "" {
		t.Errorf("standing findings fail the run: exit %s\n%s%s", code, out, errs)
	}
	for _, want := range []string{"first seen 2026-01-02 03:04 UTC, more than 72 hours ago", "first seen 2026-01-02"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "fixed:") {
		t.Errorf("a domain that was left out is fixed:\n%s", out)
	}
	if strings.Contains(out, "##[") {
		t.Error("a command from the baseline is printed")
	}
	if out, _, code := offline(t, "--baseline", path); code != "1" || !strings.Contains(out, "(new)") || !strings.Contains(out, "fixed: dkim-missing of news.example") {
		t.Errorf("new findings do not fail the run, or nothing is fixed: exit %s\n%s", code, out)
	}
	// A finding that this run cannot judge is carried to the next one, with its time.
	next, after := path+".2", path+".3"
	if _, errs, code := offline(t, "--domain", "shop.example", "--baseline", path, "--write", "json="+next); code != "0" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	if _, errs, code := run(t, "check", "--zones", testdata+"/common", "--offline", "--baseline", next, "--write", "json="+after, "../../examples/sescheck.yaml"); code != "3" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	if out, errs, _ := offline(t, "--domain", "moved.example", "--baseline", after); !strings.Contains(out, "first seen 2026-01-02 03:04 UTC, more than 72 hours ago") {
		t.Errorf("the time is lost:\n%s%s", out, errs)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := offline(t, "--baseline", path); code != "2" || !strings.Contains(errs, "this is not a JSON report of schema version 1") {
		t.Errorf("exit %s: %s", code, errs)
	}
}

// TestTrace: a line of JSON for every question.
func TestTrace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trace")
	if _, errs, code := offline(t, "--domain", "shop.example", "--trace", path); code != "0" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	asked := map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		var line struct {
			Name, Type, Server, Rcode string
			Answers                   []string
		}
		if err := json.Unmarshal(s.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, s.Text())
		}
		asked[line.Type+" "+line.Name] = len(line.Answers) > 0 && line.Rcode == "NOERROR" && strings.HasSuffix(line.Server, ".zone")
	}
	for _, q := range []string{"MX bounce.shop.example", "TXT _dmarc.shop.example", "TXT amazonses.com"} {
		if !asked[q] {
			t.Errorf("no answer to %s in the trace: %v", q, asked)
		}
	}
}

// TestWriteFile: a file is written whole or not at all, and pipes can be written
// to.
func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "r.html")
	if _, errs, code := offline(t, "--fail-on", "never", "--write", "html="+path, "--write", "sarif="+filepath.Join(dir, "r.sarif"), "--write", "junit=/dev/null"); code != "0" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasSuffix(string(text), "</html>\n") {
		t.Errorf("%v: %d octets", err, len(text))
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

// TestInterruptedSaysSo: the verdict of a run that a signal or its deadline ended
// says that, also in a merged report.
func TestInterruptedSaysSo(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	dir := t.TempDir()
	report := func(ctx context.Context, args ...string) (string, int) {
		var out, errs bytes.Buffer
		env := Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
		code := Main(ctx, args, env)
		return out.String() + errs.String(), code
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		more []string
		code int
		want string
	}{
		{"signal", stopped, nil, exitInterrupted, "; a signal ended the run early"},
		{"deadline", t.Context(), []string{"--deadline", "1ns"}, exitInconclusive, "; the deadline ended the run early"},
		{"whole", t.Context(), nil, exitFindings, ""},
	} {
		kept := filepath.Join(dir, c.name+".json")
		zones := []string{"--zones", "../../examples/zones", "--offline"}
		args := slices.Concat([]string{"check", "../../examples/sescheck.yaml", "--write", "json=" + kept}, zones, c.more)
		first, code := report(c.ctx, args...)
		merged, _ := report(t.Context(), "merge", kept)
		page, _ := report(t.Context(), "merge", kept, "--format", "markdown")
		inspected, _ := report(c.ctx, slices.Concat([]string{"inspect", "news.example"}, zones, c.more)...)
		if code != c.code {
			t.Errorf("%s: exit %d", c.name, code)
		}
		for _, text := range []string{first, merged, page, inspected} {
			if !strings.Contains(text, c.want) || c.want == "" && strings.Contains(text, "ended the run early") {
				t.Errorf("%s: not %q in\n%s", c.name, c.want, text)
			}
		}
	}
}

// TestDMARCFix: several findings about a DMARC record share one fix, and publishing
// it leaves no finding.
func TestDMARCFix(t *testing.T) {
	t.Parallel()
	for live, wants := range map[string]string{
		"v=DMARC1; p=none": "reject",
		"v=DMARC1;p=reject;t=y;rua=mailto:a@a.example;":                                   "reject",
		"v=DMARC1; p=quarantine; t=y; pct=50":                                             "quarantine",
		"v=DMARC1; P=none; sp=none; fo=1; ruf=mailto:a@a.example; rua=mailto:a@a.example": "{policy: quarantine, subdomain_policy: reject, np: reject, aspf: s, adkim: s, rua: [mailto:b@a.example]}",
		"v=DMARC1; p=reject; sp=none":                                                     "{policy: quarantine, np: reject, rua: [mailto:a@a.example, mailto:b@a.example]}",
	} {
		file := filepath.Join(put(t, map[string]string{"sescheck.yaml": "version: 1\ndomains:\n  a.example: {dmarc: " + wants + "}\n"}), "sescheck.yaml")
		check := func(record string) (report string, code string) {
			out, errs, code := run(t, "check", "--offline", "--zones", zones(t, map[string]string{"a.example": record}), "--format", "json", "--fail-on", "note", file)
			if errs != "" {
				t.Fatal(errs)
			}
			return out, code
		}
		report, code := check(`_dmarc TXT "` + live + `"` + "\n")
		var r struct{ Findings []struct{ Fix []string } }
		if err := json.Unmarshal([]byte(report), &r); err != nil || code != "1" {
			t.Fatalf("exit %s %v\n%s", code, err, report)
		}
		for _, f := range r.Findings {
			if !slices.Equal(f.Fix, r.Findings[0].Fix) || len(f.Fix) != 1 {
				t.Fatalf("%s, %s: no fix, or several\n%s", live, wants, report)
			}
		}
		if report, code := check(r.Findings[0].Fix[0] + "\n"); code != "0" {
			t.Errorf("%s, %s: the fix leaves\n%s", live, wants, report)
		}
	}
}

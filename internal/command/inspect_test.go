package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"

	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// inspections are the stories of inspect: like those of check, but without a file;
// `args` has the domains.
func inspections(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(testdata, "inspect", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) == 0 {
		t.Fatal("there are no stories")
	}
	return dirs
}

// TestInspect does for inspect what TestScenarios does for check.
func TestInspect(t *testing.T) {
	t.Parallel()
	for _, dir := range inspections(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			page := webInspect(t, dir)
			hold(t, dir, func(t *testing.T, dir, format string) string {
				if format == "txt" && page.lacks == "" {
					return page.compare(t, plainPage).still(dir)
				}
				if format == "txt" {
					format = "text"
				}
				s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
				args := []string{"inspect", "--resolver", s.Addr, "--timeout", patience(t, dir), "--format", format}
				return runProgram(t, dir, s.Addr, append(args, storyArgs(t, dir)...))
			})
		})
	}
}

// TestInspectIsHarmless: every format is harmless with the records of attackers.
func TestInspectIsHarmless(t *testing.T) {
	t.Parallel()
	hostile := filepath.Join(testdata, "formats", "hostile-txt")
	for _, dir := range append(inspections(t), hostile) {
		args := storyArgs(t, dir)
		if dir == hostile {
			args = []string{"--ip", "192.0.2.1", "--selector", "s1", "example.com", "example.net", "example.org"}
		}
		s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
		for _, format := range report.OfInspect().Names() {
			out, errs, _ := run(t, append([]string{"inspect", "--resolver", s.Addr, "--timeout", "1s", "--retries", "0", "--format", format}, args...)...)
			harmless(t, format, out+"\n"+errs)
			if out == "" && !strings.Contains(errs, "domain ") {
				t.Errorf("%s of %s: nothing is reported", format, dir)
			}
		}
		if dir == hostile {
			args = []string{"--mail-from", "bounce", "--dkim", "hostile", "--dkim", "target", "--dkim", "quoted", "--ip", "2001:db8::1", "--sender", `"::error::x ##[error]y"@example.com`, "example.com"}
			for _, format := range report.OfInspect().Names() {
				out, errs, _ := run(t, append([]string{"inspect", "--resolver", s.Addr, "--timeout", "1s", "--retries", "0", "--format", format}, args...)...)
				harmless(t, format, out+"\n"+errs)
				if !strings.Contains(out, "pwn") {
					t.Errorf("%s: the hostile records are not in it", format)
				}
			}
		}
	}
}

// TestInspectCannotBeMissing: if servers do not answer properly, nothing is missing
// and the run is inconclusive.
func TestInspectCannotBeMissing(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"SERVFAIL * *", "REFUSED * *", "EMPTY * *", "DROP * *"} {
		dir := filepath.Join(testdata, "inspect", "healthy")
		s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
		s.Fault(t, fault)
		out, errs, code := run(t, "inspect", "--resolver", s.Addr, "--timeout", "50ms", "--retries", "0", "--mail-from", "bounce", "--dkim", "tokena", "--selector", "s1", "example.com")
		if code != "3" || errs != "" || !strings.Contains(out, "not answered: TXT example.com") {
			t.Errorf("%s: exit %s\n%s%s", fault, code, out, errs)
		}
		calledMissing(t, out)
	}
}

// calledMissing fails where a report of unanswered queries says what only an answer
// can say.
func calledMissing(t *testing.T, out string) {
	t.Helper()
	for _, bad := range []string{"missing", "  error", "no record", "no MX", "no SPF", "no token", "no policy", "in order"} {
		for line := range strings.Lines(out) {
			if strings.Contains(line, bad) && !strings.Contains(line, "  affects  ") && !strings.Contains(line, "  impact  ") {
				t.Errorf("%q in %q", bad, line)
			}
		}
	}
}

// TestInspectPage checks the promises of the pages of all stories.
func TestInspectPage(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob(filepath.Join(testdata, "inspect", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, dir := range dirs {
		s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
		page, _, _ := run(t, append([]string{"inspect", "--resolver", s.Addr, "--format", "html"}, storyArgs(t, dir)...)...)
		holdPage(t, page)
	}
}

// TestInspectFlags: wrong flags are reported before any query.
func TestInspectFlags(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		errs string
	}{
		"no domain":              {nil, "DOMAIN… is missing"},
		"a URL":                  {[]string{"https://example.com/x"}, `domain "https://example.com/x" is a URL (did you mean example.com?)`},
		"www":                    {[]string{"www.example.com"}, `domain "www.example.com" is the name of a website (did you mean example.com?)`},
		"an address":             {[]string{"a@example.com"}, `is an e-mail address (did you mean example.com?)`},
		"a region":               {[]string{"--region", "ireland", "example.com"}, `region "ireland" is not an AWS region (did you mean eu-west-1?)`},
		"MAIL FROM":              {[]string{"--mail-from", "b.example.net", "example.com"}, `MAIL FROM name "b.example.net" is not under example.com`},
		"MAIL FROM itself":       {[]string{"--mail-from", "example.com", "example.com"}, `is the domain itself`},
		"a token":                {[]string{"--dkim", "a._domainkey.example.com", "example.com"}, `DKIM token "a._domainkey.example.com" is a name; write only the token (did you mean a?)`},
		"an empty token":         {[]string{"--dkim", "", "example.com"}, `DKIM token "" is empty`},
		"tokens of many":         {[]string{"--dkim", "a", "example.com", "example.net"}, `--dkim is for one domain`},
		"a selector":             {[]string{"--selector", "s1._domainkey", "example.com"}, `selector "s1._domainkey" is a name`},
		"no such format":         {[]string{"--format", "sarif", "example.com"}, `there are html, json, markdown, text`},
		"an IP":                  {[]string{"--ip", "x", "example.com"}, `--ip "x" is not an IP address`},
		"a sender alone":         {[]string{"--sender", "a@example.com", "example.com"}, `--sender needs --ip`},
		"somebody's sender":      {[]string{"--ip", "192.0.2.1", "--sender", "a@example.net", "example.com"}, `write an address at the inspected domain`},
		"offline alone":          {[]string{"--offline", "example.com"}, `--offline needs --zones`},
		"several at a time":      {[]string{"--fail-on", "x", "--ip", "y", "https://example.com"}, "--fail-on \"x\": write error, warning, note or never\ndomain "},
		"reported once for many": {[]string{"--region", "x", "example.com", "example.net"}, "region \"x\" is not an AWS region; regions look like eu-west-1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := run(t, append([]string{"inspect", "--resolver", "127.0.0.1:1"}, c.args...)...)
			if code != "2" || out != "" || !strings.Contains(errs, c.errs) {
				t.Errorf("exit %s\n%s%s", code, out, errs)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "x", "report.json")
	_, errs, code := run(t, "inspect", "--zones", "../../examples/zones", "--offline", "--write", "json="+path, "shop.example")
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), `"verdict"`) {
		t.Errorf("exit %s %s: %v", code, errs, err)
	}
}

// TestInspectSchema: the JSON of every story matches docs/inspect.schema.json, and
// has no other keys.
func TestInspectSchema(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/inspect.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	strict, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(closed(schema)))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, dir := range inspections(t) {
		s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
		args := []string{"inspect", "--resolver", s.Addr, "--timeout", patience(t, dir), "--format", "json"}
		out, errs, code := run(t, append(args, storyArgs(t, dir)...)...)
		if code == "2" {
			continue
		}
		seen++
		got, err := strict.Validate(gojsonschema.NewStringLoader(out))
		if err != nil {
			t.Fatalf("%s: %v\n%s", dir, err, errs)
		}
		for _, e := range got.Errors() {
			t.Errorf("%s: %s", dir, e)
		}
	}
	if seen < 10 {
		t.Errorf("only %d stories have JSON", seen)
	}
}

// closed returns a schema in which objects have only the named keys.
func closed(schema any) any {
	switch v := schema.(type) {
	case map[string]any:
		_, has := v["properties"]
		_, says := v["additionalProperties"]
		for key, value := range v {
			v[key] = closed(value)
		}
		if v["type"] == "object" && has && !says {
			v["additionalProperties"] = false
		}
	case []any:
		for i := range v {
			v[i] = closed(v[i])
		}
	}
	return schema
}

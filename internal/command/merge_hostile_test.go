package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// spoil replaces every string of a JSON value by a text, where any text is valid,
// and appends it to file names.
func spoil(v any, text string) any {
	free := []string{"silenced", "subject", "cause", "message", "impact", "ses_error", "server", "rcode", "written", "says", "term", "record", "owner", "version", "file"}
	lists := []string{"expected", "actual", "fix", "answers", "off", "lowered"}
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = spoil(v[i], text)
		}
	case map[string]any:
		for key, item := range v {
			switch s := item.(type) {
			case string:
				if slices.Contains(free, key) {
					v[key] = text + s
				}
			case []any:
				if slices.Contains(lists, key) {
					v[key] = append(s, text, "x", text)
					continue
				}
				v[key] = spoil(s, text)
			default:
				v[key] = spoil(s, text)
			}
		}
	}
	return v
}

// TestMergeHostile: an attacker may write the reports of shards. No format obeys
// them.
func TestMergeHostile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(testdata, "formats/spf-tree")
	s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
	path := writtenTo(t, "check", "--verbose", "--resolver", s.Addr, filepath.Join(dir, "sescheck.yaml"))
	for _, text := range slices.Concat(hostile.Payloads, []string{"``` \n<script>pwn", "|<svg pwn>|", "::1::pwn::x", "::1%##[error]pwn", "fe80::1%\n::error::pwn"}) {
		var v any
		if err := json.Unmarshal([]byte(readFile(t, path)), &v); err != nil {
			t.Fatal(err)
		}
		bad, err := json.Marshal(spoil(v, text))
		if err != nil {
			t.Fatal(err)
		}
		spoilt := filepath.Join(t.TempDir(), "hostile.json")
		if err := os.WriteFile(spoilt, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, format := range report.OfCheck().Names() {
			out, errs, code := run(t, "merge", "--format", format, spoilt)
			if code != "1" || errs != "" {
				t.Errorf("%q: exit %s %s", text, code, errs)
			}
			harmless(t, format, out)
			if reader := readers[format]; reader != nil {
				if err := reader(out); err != nil {
					t.Errorf("%s of %q: %v", format, text, err)
				}
			}
		}
	}
}

// TestMergeWrongReports: the error has the name of each wrong report, and the
// reason.
func TestMergeWrongReports(t *testing.T) {
	t.Parallel()
	dir := fleet(t)
	good := readFile(t, shards(t, 1, "--zones", filepath.Join(dir, "zones"), "--offline", filepath.Join(dir, "sescheck.yaml"))[0])
	shard := readFile(t, shards(t, 2, "--zones", filepath.Join(dir, "zones"), "--offline", filepath.Join(dir, "sescheck.yaml"))[0])
	path := filepath.Join(t.TempDir(), "wrong.json")
	swap := func(text, old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("there is no %q", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	counts := regexp.MustCompile(`"passed": \d+`).FindAllString(good, -1)
	ofDomain := counts[len(counts)-1]
	for name, c := range map[string]struct{ text, want string }{
		"empty":               {"", "not a JSON report"},
		"no JSON":             {"version: 1", "not a JSON report"},
		"another JSON":        {"{}", "of schema version 1"},
		"a list":              {"[]", "not a JSON report"},
		"cut":                 {good[:len(good)/2], "not a JSON report"},
		"two of them":         {good + good, "there is extra data after the report"},
		"newer":               {swap(good, `"schema_version": 1`, `"schema_version": 2`), "of schema version 1"},
		"of another tool":     {swap(good, `"name": "sescheck"`, `"name": "##[error]"`), "of schema version 1"},
		"unknown check":       {swap(good, `"check": "mail-from-mx-missing"`, `"check": "::error::pwn"`), `no check "::error::pwn"`},
		"unknown part":        {swap(good, `"part": "mail-from"`, `"part": "##[error]"`), `[error]" is not a part of a domain`},
		"unknown severity":    {swap(good, `"severity": "error"`, `"severity": "fatal"`), "no severity is called"},
		"unknown status":      {swap(good, `"status": "fail"`, `"status": "pass"`), "has no severity, or status"},
		"a domain that's not": {swap(good, `"name": "d39.example"`, `"name": "D39 example"`), "is not a valid domain, or its count is out of range"},
		"a domain twice":      {swap(good, `"name": "d39.example"`, `"name": "d38.example"`), "listed twice"},
		"a record type":       {swap(good, `"type": "MX"`, `"type": "\u001b[2J"`), "is not a valid record"},
		"negative counts":     {swap(good, ofDomain, `"passed": -1`), "is not a valid domain, or its count is out of range"},
		"a shard out of many": {swap(shard, `"count": 2`, `"count": 100000000`), "its shard is not valid"},
		"a shard of none":     {swap(shard, `"index": 1`, `"index": 3`), "its shard is not valid"},
		"endless domains":     {swap(shard, `"domains": 40`, `"domains": 4000000000`), "its shard is not valid"},
		"an end of its own":   {swap(shard, `"duration_ms":`, `"ended_early_by": "::error::", "duration_ms":`), "ended_early_by cannot be"},
		"too few positions":   {swap(shard, `"positions": [`, `"positions": [`+"0,"), "positions"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, errs, code := run(t, "merge", path)
		if code != "2" || out != "" || !strings.Contains(errs, c.want) || !strings.Contains(errs, "wrong.json") || strings.ContainsRune(errs, 0x1b) {
			t.Errorf("%s: exit %s, want %q\n%s%s", name, code, c.want, out, errs)
		}
	}
}

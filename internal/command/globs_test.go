package command

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestGlobs: the program expands globs if no shell does, as on Windows or in an
// input of the action. A file whose name is the glob itself is taken by its name.
func TestGlobs(t *testing.T) {
	dir := put(t, map[string]string{
		"dns/sescheck.yaml": stepFile, "dns/other.yaml": strings.Replace(stepFile, "example.com", "example.org", 1),
		"zones/example.com.zone": stepZone, "zones/example.org.zone": strings.Replace(stepZone, "example.com", "example.org", 1), "zones/readme.md": "no zone",
		"[odd].yaml": stepFile, "ses/a.json": `{"EmailIdentity": "example.com", "IdentityType": "DOMAIN", "MailFromAttributes": {"MailFromDomain": "bounce.example.com"}}`,
		"plans/a.json": `{"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "bounce.example.com.", "Type": "MX", "TTL": 300, "ResourceRecords": [{"Value": "10 feedback-smtp.eu-west-1.amazonses.com"}]}}]}`,
	})
	t.Chdir(dir)
	sep := string(filepath.Separator)
	for line, c := range map[string]struct {
		code string
		says []string
	}{
		"lint dns/*.yaml":                      {"0", []string{"2 domains"}},
		"lint dns" + sep + "*.yaml":            {"0", []string{"2 domains"}},
		"lint [odd].yaml":                      {"0", []string{"1 domain,"}},
		"import zones/*.zone":                  {"0", []string{"example.com:", "example.org:"}},
		"import zones" + sep + "*.org.zone":    {"0", []string{"example.org:"}},
		"import --region eu-west-1 ses/*.json": {"0", []string{"example.com:"}},
		"import gone/*.zone":                   {"2", []string{`"gone/*.zone" is neither a file here nor a domain`}},
		"check --offline --zones zones/*.zone dns/*.yaml --format text":                                  {"1", []string{"zones/example.com.zone line 3", "zones/example.org.zone line 3"}},
		"check --offline --plan plans/*.json --zones zones dns/sescheck.yaml --check mail-from-mx-wrong": {"0", []string{"PASSED"}},
		"check --offline --zones zones --ses ses/*.json dns/sescheck.yaml":                               {"1", nil},
		"check --offline --zones gone/*.zone dns/sescheck.yaml":                                          {"2", []string{`--zones "gone/*.zone": there is no such file or folder`}},
		"check --offline --plan gone/*.json dns/sescheck.yaml":                                           {"2", []string{`--plan "gone/*.json": there is no such file`}},
		"merge gone/*.json": {"2", []string{`"gone/*.json"`}},
	} {
		out, errs, code := run(t, strings.Fields(line)...)
		if code != c.code {
			t.Errorf("%s: exit %s\n%s%s", line, code, out, errs)
		}
		for _, want := range c.says {
			if !strings.Contains(out+errs, want) {
				t.Errorf("%s: no %q in\n%s%s", line, want, out, errs)
			}
		}
	}
	for i := 1; i <= 2; i++ {
		shard := string(rune('0' + i))
		run(t, "check", "--offline", "--zones", "zones", "--shard", shard+"/2", "--write", "json=out/"+shard+"/r.json", "dns")
	}
	for _, glob := range []string{"out/*/r.json", filepath.Join("out", "*", "r.json"), "out/**/*.json"} {
		if out, errs, code := run(t, "merge", glob); code != "1" || errs != "" || !strings.Contains(out, "2 domains, ") {
			t.Errorf("merge %s: exit %s\n%s%s", glob, code, out, errs)
		}
	}
}

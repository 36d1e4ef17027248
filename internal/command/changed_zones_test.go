package command

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// committed creates a repository with files committed, and returns its folder.
func committed(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	repo, err := git.PlainInit(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.AddGlob("."); err != nil {
		t.Fatal(err)
	}
	who := &object.Signature{Name: "t", Email: "t@localhost", When: time.Unix(0, 0)}
	if _, err := tree.Commit("before", &git.CommitOptions{Author: who}); err != nil {
		t.Fatal(err)
	}
	return dir
}

const soa = "@ 300 IN SOA ns1 h 1 3600 600 86400 60\n"

// zoned is a file with three domains, and their zones. Each domain has an old
// error.
var zoned = map[string]string{
	"sescheck.yaml": `version: 1
domains:
  a.test: {region: eu-west-1, mail_from: m, spf: [_spf.vendor.test], dmarc: none, verification: gone}
  b.test: {spf: none, dmarc: none, verification: gone}
  sub.a.test: {dmarc: none, verification: gone}
`,
	"zones/a.test.zone": "$ORIGIN a.test.\n" + soa + "@ 300 IN TXT \"v=spf1 include:_spf.vendor.test -all\"\nm 300 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.\nm 300 IN TXT \"v=spf1 include:amazonses.com -all\"\n" +
		"www 300 IN A 192.0.2.1\n_dmarc 300 IN TXT \"v=DMARC1; p=none; rua=mailto:r@reports.test\"\n_dmarc.sub 300 IN CNAME _dmarc.policy.test.\n",
	"zones/b.test.zone":           "$ORIGIN b.test.\n" + soa + "_dmarc 300 IN TXT \"v=DMARC1; p=none\"\n",
	"zones/vendor.test.zone":      "$ORIGIN vendor.test.\n" + soa + "_spf 300 IN TXT \"v=spf1 include:_two.vendor.test a:host.vendor.test -all\"\n_two 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\nhost 300 IN A 192.0.2.2\n",
	"zones/policy.test.zone":      "$ORIGIN policy.test.\n" + soa + "_dmarc 300 IN TXT \"v=DMARC1; p=none\"\n",
	"zones/reports.test.zone":     "$ORIGIN reports.test.\n" + soa + "a.test._report._dmarc 300 IN TXT \"v=DMARC1\"\n",
	"zones/amazonses.com.zone":    "$ORIGIN amazonses.com.\n" + soa + "@ 300 IN TXT \"v=spf1 ip4:199.255.192.0/22 -all\"\n",
	"zones/elsewhere.test.zone":   "$ORIGIN elsewhere.test.\n" + soa + "www 300 IN A 192.0.2.9\n",
	"zones/.hidden/old.test.zone": "no zone at all\n",
	"zones/README.md":             "these are zones\n",
}

// TestChangedZones: only domains with changed records count as changed.
func TestChangedZones(t *testing.T) {
	t.Parallel()
	type edit struct{ file, old, text string } // without old, the whole file
	for name, c := range map[string]struct {
		edits []edit
		want  string // the domains that changed
	}{
		"nothing":                          {nil, ""},
		"the domain's SPF record is gone":  {[]edit{{"a.test", "@ 300 IN TXT \"v=spf1 include:_spf.vendor.test -all\"\n", ""}}, "a.test"},
		"a record that nobody looks at":    {[]edit{{"a.test", "192.0.2.1", "192.0.2.7"}}, ""},
		"the MX of the MAIL FROM name":     {[]edit{{"a.test", "feedback-smtp.eu", "feedback-smtp.us"}}, "a.test"},
		"the DMARC record, of a subdomain": {[]edit{{"a.test", "_dmarc.sub 300 IN CNAME _dmarc.policy.test.\n", ""}}, "sub.a.test"},
		"the DMARC record that is inherited": {[]edit{{"a.test", "_dmarc.sub 300 IN CNAME _dmarc.policy.test.\n", ""}, {"a.test", "p=none; rua", "p=reject; rua"}},
			"a.test sub.a.test"},
		"what a CNAME leads to":          {[]edit{{"policy.test", "p=none", "p=reject"}}, "sub.a.test"},
		"an include":                     {[]edit{{"vendor.test", "include:_two", "?include:_two"}}, "a.test"},
		"an include in an include":       {[]edit{{"vendor.test", "ip4:192.0.2.1 -all", "ip4:192.0.2.1 ~all"}}, "a.test"},
		"a host in an include":           {[]edit{{"vendor.test", "host 300 IN A 192.0.2.2\n", ""}}, "a.test"},
		"who takes reports":              {[]edit{{"reports.test", "a.test._report", "b.test._report"}}, "a.test"},
		"Amazon SES itself":              {[]edit{{"amazonses.com", "-all", "~all"}}, "a.test"},
		"a record is added":              {[]edit{{"b.test", "_dmarc", "_amazonses 300 IN TXT more\n_dmarc"}}, "b.test"},
		"a wildcard is added":            {[]edit{{"b.test", "_dmarc", "* 300 IN TXT more\n_dmarc"}}, "b.test"},
		"a name is delegated":            {[]edit{{"a.test", "_dmarc.sub", "m 300 IN NS ns.m\n_dmarc.sub"}}, "a.test"},
		"a zone is removed":              {[]edit{{"b.test", "", ""}}, "b.test"},
		"a zone is removed, of a vendor": {[]edit{{"vendor.test", "", ""}}, "a.test"},
		"a zone above is added":          {[]edit{{"test", "", "$ORIGIN test.\n" + soa}}, ""},
		"a zone below is added":          {[]edit{{"m.a.test", "", "$ORIGIN m.a.test.\n" + soa}}, "a.test"},
		"a zone nobody looks at":         {[]edit{{"new.test", "", "$ORIGIN new.test.\n" + soa}}, ""},
		"a zone is now in another file":  {[]edit{{"b.test", "", ""}, {"c.test", "", zoned["zones/b.test.zone"]}}, ""},
		"comments, order, serials and TTLs": {[]edit{
			{"b.test", "", "; moved\n$ORIGIN test.\n$TTL 60\nb IN SOA ns1.b h.b 2026112701 3600 600 86400 60\n\n_dmarc.b 900 IN TXT ( \"v=DMARC1; p=none\"\n ) ; same\n"},
			{"vendor.test", "", "$ORIGIN vendor.test.\nhost 5 IN A 192.0.2.2\n_two 5 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n" + strings.Replace(soa, " 1 ", " 2 ", 1) + "_spf 5 IN TXT \"v=spf1 include:_two.vendor.test a:host.vendor.test -all\"\n"},
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := committed(t, zoned)
			for _, e := range c.edits {
				path := filepath.Join(dir, "zones", e.file+".zone")
				text, err := os.ReadFile(path)
				switch {
				case e.old == "" && e.text == "":
					err = os.Remove(path)
				case e.old == "":
					err = os.WriteFile(path, []byte(e.text), 0o644)
				case !strings.Contains(string(text), e.old):
					t.Fatalf("%s has no %s: %v", e.file, e.old, err)
				default:
					err = os.WriteFile(path, []byte(strings.Replace(string(text), e.old, e.text, 1)), 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if got := changedDomains(t, dir, filepath.Join(dir, "zones"), ""); got != c.want {
				t.Errorf("changed: %q, want %q", got, c.want)
			}
		})
	}
}

// changedDomains returns the domains whose old error is an error again, with the
// zone files of a folder.
func changedDomains(t *testing.T, dir, zones, note string) string {
	t.Helper()
	out, errs, code := run(t, "check", "--offline", "--changed-only", "HEAD", "--check", "verification-*", "--format", "json", "--zones", zones, filepath.Join(dir, "sescheck.yaml"))
	if (errs != "") != (note != "") || !strings.Contains(errs, note) {
		t.Fatalf("exit %s: %s, want %q", code, errs, note)
	}
	var r struct {
		Findings []struct{ Check, Domain, Severity, Status string }
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err, errs)
	}
	var changed []string
	for _, f := range r.Findings {
		if f.Severity == "error" && !slices.Contains(changed, f.Domain) {
			changed = append(changed, f.Domain)
		}
	}
	if want := map[bool]string{true: "0", false: "1"}[len(changed) == 0]; code != want && !strings.Contains(out, "inconclusive") {
		t.Errorf("exit %s\n%s", code, out)
	}
	return strings.Join(changed, " ")
}

// TestChangedZonesElsewhere: zone files with an unknown earlier state count as
// changed. Files that are named and links in the repository are read as they are on
// disk.
func TestChangedZonesElsewhere(t *testing.T) {
	t.Parallel()
	all := "a.test b.test sub.a.test"
	t.Run("in no repository", func(t *testing.T) {
		t.Parallel()
		dir := committed(t, zoned)
		held := t.TempDir()
		if err := os.CopyFS(held, os.DirFS(filepath.Join(dir, "zones"))); err != nil {
			t.Fatal(err)
		}
		if got := changedDomains(t, dir, held, "cannot be compared, so that all their records count as changed"); got != all {
			t.Errorf("changed: %q", got)
		}
	})
	t.Run("not committed", func(t *testing.T) {
		t.Parallel()
		dir := committed(t, map[string]string{"sescheck.yaml": zoned["sescheck.yaml"]})
		if err := os.Mkdir(filepath.Join(dir, "zones"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "zones", "b.test.zone"), []byte(zoned["zones/b.test.zone"]), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := changedDomains(t, dir, filepath.Join(dir, "zones"), ""); got != "b.test" {
			t.Errorf("changed: %q", got)
		}
	})
	t.Run("wrong there", func(t *testing.T) {
		t.Parallel()
		files := map[string]string{}
		maps.Copy(files, zoned)
		files["zones/b.test.zone"] = "$ORIGIN b.test.\n" + soa + "_dmarc 300 IN TXTT x\n"
		dir := committed(t, files)
		if err := os.WriteFile(filepath.Join(dir, "zones", "b.test.zone"), []byte(zoned["zones/b.test.zone"]), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := changedDomains(t, dir, filepath.Join(dir, "zones"), "DNS has no such type of records"); got != all {
			t.Errorf("changed: %q", got)
		}
	})
	t.Run("a file by itself", func(t *testing.T) {
		t.Parallel()
		dir := committed(t, zoned)
		path := filepath.Join(dir, "zones", "b.test.zone")
		if got := changedDomains(t, dir, path, ""); got != "" {
			t.Errorf("changed: %q", got)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(zoned["zones/b.test.zone"], "p=none", "p=reject", 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := changedDomains(t, dir, path, ""); got != "b.test" {
			t.Errorf("changed: %q", got)
		}
	})
}

// TestChangedZonesByLinks: a link in the repository has the content of its target.
func TestChangedZonesByLinks(t *testing.T) {
	t.Parallel()
	dir := committed(t, map[string]string{
		"sescheck.yaml": "version: 1\ndomains:\n  b.test: {spf: none, dmarc: none, verification: gone}\n",
		"made/b":        zoned["zones/b.test.zone"], "zones/x.test.zone": "$ORIGIN x.test.\n" + soa,
	})
	if err := os.Symlink(filepath.Join("..", "made", "b"), filepath.Join(dir, "zones", "b.test.zone")); err != nil {
		t.Skip(err)
	}
	repo, err := git.PlainOpen(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := repo.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Add("zones/b.test.zone"); err != nil {
		t.Fatal(err)
	}
	who := &object.Signature{Name: "t", Email: "t@localhost", When: time.Unix(0, 0)}
	if _, err := tree.Commit("a link", &git.CommitOptions{Author: who}); err != nil {
		t.Fatal(err)
	}
	if got := changedDomains(t, dir, filepath.Join(dir, "zones"), ""); got != "" {
		t.Errorf("changed: %q", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "made", "b"), []byte(strings.Replace(zoned["zones/b.test.zone"], "p=none", "p=reject", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := changedDomains(t, dir, filepath.Join(dir, "zones"), ""); got != "b.test" {
		t.Errorf("changed: %q", got)
	}
}

// TestUnchangedAndUnanswered: an inconclusive finding about an unchanged domain is
// reported and never fails the run.
func TestUnchangedAndUnanswered(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"sescheck.yaml":      "version: 1\ndomains:\n  b.test: {spf: none}\n  dead.invalid: {region: eu-west-1, mail_from: m, spf: [_spf.dead.invalid], verification: token}\n",
		"zones/b.test.zone":  "$ORIGIN b.test.\n" + soa,
		"zones/x.test.zone":  "$ORIGIN x.test.\n" + soa,
		"zones/x2.test.zone": "$ORIGIN x2.test.\n" + soa,
	}
	for name, c := range map[string]struct {
		old, text string
		args      []string
		code      string
	}{
		"unchanged":                      {"", "", nil, "0"},
		"unchanged, warnings fail":       {"", "", []string{"--fail-on", "warning"}, "0"},
		"unchanged, notes fail":          {"", "", []string{"--fail-on", "note"}, "0"},
		"changed":                        {"verification: token", "verification: other", nil, "3"},
		"changed, and that is warned of": {"verification: token", "verification: other", []string{"--inconclusive", "warn"}, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := committed(t, files)
			file := filepath.Join(dir, "sescheck.yaml")
			if err := os.WriteFile(file, []byte(strings.Replace(files["sescheck.yaml"], c.old, c.text, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"check", "--offline", "--zones", filepath.Join(dir, "zones"), "--changed-only", "HEAD", "--write", "github=" + filepath.Join(dir, "github")}, c.args...)
			out, errs, code := run(t, append(args, file)...)
			if code != c.code || errs != "" || !strings.Contains(out, "inconclusive  dns-unavailable") {
				t.Errorf("exit %s, want %s\n%s%s", code, c.code, out, errs)
			}
			if news := readFile(t, filepath.Join(dir, "github")); strings.Contains(news, "inconclusive in domains that this change does not affect: these fail nothing.") != strings.HasPrefix(name, "unchanged") {
				t.Errorf("%s", news)
			}
		})
	}
	// A run without any answer is inconclusive, and fails.
	dir := committed(t, map[string]string{"sescheck.yaml": "version: 1\ndomains:\n  dead.invalid: {verification: token}\n", "zones/x.test.zone": "$ORIGIN x.test.\n" + soa})
	if out, _, code := run(t, "check", "--offline", "--zones", filepath.Join(dir, "zones"), "--changed-only", "HEAD", filepath.Join(dir, "sescheck.yaml")); code != "3" {
		t.Errorf("exit %s\n%s", code, out)
	}
}

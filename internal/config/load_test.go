package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/config"
)

// inFolder writes files into a new working directory.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func fileOf(domains ...string) string {
	return "version: 1\ndomains:\n  " + strings.Join(domains, ": {spf: none}\n  ") + ": {spf: none}\n"
}

// outcome is the domains that Load read with their files, or what it reported.
func outcome(args ...string) string {
	file, ps, err := config.Load(args)
	if err != nil {
		return "error: " + err.Error()
	}
	var all []string
	for _, p := range ps {
		all = append(all, p.String())
	}
	if len(all) == 0 {
		for _, d := range file.Domains {
			all = append(all, string(d.Name)+" "+d.Place.File)
		}
	}
	return strings.Join(all, "\n")
}

func TestLoad(t *testing.T) {
	inFolder(t, map[string]string{
		"a.yaml":                         fileOf("a.example"),
		"b.yml":                          fileOf("b.example"),
		"mail/c.yaml":                    fileOf("c.example"),
		"mail/d.yml":                     fileOf("d.example", "e.example"),
		"mail/README.md":                 "no YAML [",
		"mail/deep/f.yaml":               fileOf("f.example"),
		"mail/x.yaml/g.yaml":             fileOf("g.example"),
		"again.yaml":                     fileOf("z.example", "A.example."),
		"wrong.yaml":                     "version: 2\ndomains: {a.example: {}}\n",
		"accept.yaml":                    "version: 1\nignore: [{check: spf-all, reason: because}]\nchecks: {spf-ptr: off}\n",
		"accept2.yaml":                   "version: 1\nchecks: {spf-ptr: off}\n",
		"accept3.yaml":                   "version: 1\nchecks: {spf-ptr: error}\n",
		"[odd].yaml":                     fileOf("odd.example"),
		"none/x.txt":                     "",
		"mono/own.yaml":                  fileOf("own.example"),
		"mono/shop/sescheck.yaml":        fileOf("shop.example"),
		"mono/shop/values.yaml":          "no file of sescheck: [",
		"mono/news/eu/dns/sescheck.yml":  fileOf("news.example"),
		"mono/news/.github/sescheck.yml": fileOf("hidden.example"),
		"only/down/here/sescheck.yaml":   fileOf("down.example"),
	})
	for _, c := range []struct{ args, want string }{
		{"a.yaml", "a.example a.yaml"},
		{"a.yaml b.yml", "a.example a.yaml\nb.example b.yml"},
		{"b.yml a.yaml", "b.example b.yml\na.example a.yaml"},
		{"a.yaml ./a.yaml a.yaml", "a.example a.yaml"},
		{"mail", "c.example mail/c.yaml\nd.example mail/d.yml\ne.example mail/d.yml"},
		{"mail/", "c.example mail/c.yaml\nd.example mail/d.yml\ne.example mail/d.yml"},
		{"mail/*.yaml", "c.example mail/c.yaml"},
		{"mail/**/*.yaml", "c.example mail/c.yaml\nf.example mail/deep/f.yaml\ng.example mail/x.yaml/g.yaml"},
		{"mail/{c,d}.y*ml", "c.example mail/c.yaml\nd.example mail/d.yml\ne.example mail/d.yml"},
		{"[odd].yaml", "odd.example [odd].yaml"},
		{"a.yaml again.yaml", `again.yaml:4:3: domain "A.example." is listed twice, first in "a.yaml" line 3; keep one`},
		{"a.yaml accept.yaml accept2.yaml", "a.example a.yaml"},
		{"a.yaml accept.yaml accept3.yaml", `accept3.yaml:2:10: check "spf-ptr" is error here and off in "accept.yaml" line 3; files that are checked together must agree`},
		{"accept.yaml accept2.yaml", "accept.yaml:1:1: there are no domains; list at least one under domains:"},
		{"wrong.yaml again.yaml a.yaml", "wrong.yaml:1:10: version is \"2\", but this sescheck reads version 1; write version: 1\n" +
			"again.yaml:4:3: domain \"A.example.\" is listed twice, first in \"wrong.yaml\" line 2; keep one\n" +
			"a.yaml:3:3: domain \"a.example\" is listed twice, first in \"wrong.yaml\" line 2; keep one"},
		{"gone.yaml", `error: there is no file "gone.yaml"`},
		{"a.yaml gone/*.yaml", `error: no file matches "gone/*.yaml"`},
		{"none", `error: there is no *.yaml or *.yml in "none", and no sescheck.yaml in its subfolders; name files with a glob, such as "none/**/*.yaml"`},
		{"mono", "hidden.example mono/news/.github/sescheck.yml\nnews.example mono/news/eu/dns/sescheck.yml\nown.example mono/own.yaml\nshop.example mono/shop/sescheck.yaml"},
		{"mono/", "hidden.example mono/news/.github/sescheck.yml\nnews.example mono/news/eu/dns/sescheck.yml\nown.example mono/own.yaml\nshop.example mono/shop/sescheck.yaml"},
		{"only", "down.example only/down/here/sescheck.yaml"},
		{"[", `error: "[" is neither a file nor a glob`},
		{"a.yaml/x.yaml", "error: read \"a.yaml/x.yaml\": not a directory"},
	} {
		if runtime.GOOS == "windows" && strings.Contains(c.want, "not a directory") {
			continue
		}
		if got := outcome(strings.Fields(c.args)...); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.args, got, c.want)
		}
	}
}

func TestLoadWithoutArguments(t *testing.T) {
	files := map[string]string{}
	for i, name := range config.Names {
		files[name] = fileOf(string(rune('a'+i)) + ".example")
	}
	inFolder(t, files)
	for i, name := range config.Names {
		if got, want := outcome(), string(rune('a'+i))+".example "+name; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	got := outcome()
	for _, name := range config.Names {
		if !strings.Contains(got, name) {
			t.Errorf("%s does not name %s", got, name)
		}
	}
	_, smallest, _ := strings.Cut(got, "\n\n")
	if _, ps := config.Parse("f", []byte(smallest)); len(ps) > 0 {
		t.Errorf("the file to begin with is wrong: %s", reported(ps))
	}
}

// TestLoadLinks: what is in the working directory may have been written by a
// stranger, and must not make sescheck read other files.
func TestLoadLinks(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret.yaml")
	if err := os.WriteFile(secret, []byte("password: hunter2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	inFolder(t, map[string]string{"a.yaml": fileOf("a.example"), "mail/x.txt": ""})
	for link, target := range map[string]string{
		"inside.yaml":       "a.yaml",
		"sescheck.yaml":     secret,
		"mail/sneaky.yaml":  secret,
		"mail2":             outside,
		"nowhere.yaml":      "gone.yaml",
		"deep/up.yaml":      "../../../../../../../../etc/hostname",
		"deep/inside2.yaml": "../a.yaml",
	} {
		if err := os.MkdirAll(filepath.Dir(link), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, link); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	const out = ": it leads out of the working directory; name the file that the link points to"
	for _, c := range []struct{ args, want string }{
		{"inside.yaml", "a.example inside.yaml"},
		{"deep/inside2.yaml", "a.example deep/inside2.yaml"},
		{"", `error: read "sescheck.yaml"` + out},
		{"sescheck.yaml", `error: read "sescheck.yaml"` + out},
		{"mail", `error: read "mail/sneaky.yaml"` + out},
		{"*/sneaky.yaml", `error: read "mail/sneaky.yaml"` + out},
		{"mail2", `error: read "mail2"` + out},
		{"mail2/*", `error: read "mail2/*"` + out},
		{"**/sneaky.yaml", `error: read "mail/sneaky.yaml"` + out},
		{"nowhere.yaml", `error: there is no file "nowhere.yaml"`},
		{"deep/up.yaml", `error: read "deep/up.yaml"` + out},
	} {
		got := outcome(strings.Fields(c.args)...)
		if c.args == "deep/up.yaml" && strings.Contains(got, "no file") {
			continue // there is no such file on this system
		}
		if got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.args, got, c.want)
		}
		if strings.Contains(got, "hunter2") {
			t.Errorf("%q shows the secret", c.args)
		}
	}
	if got := outcome(secret); got != filepath.ToSlash(secret)+":1:1: this is not a sescheck file; that begins with version: 1 and domains:" {
		t.Errorf("a file outside that was named itself is not read: %s", got)
	}
}

func TestLoadHostileName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such names")
	}
	inFolder(t, map[string]string{"::error::x.yaml": "version: 2\n", " ::warning::##[error]\n::error.yaml": "version: 2\n", ":": "version: 2\n"})
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "::gone", "##[gone", "::gone*") {
		for line := range strings.Lines(outcome(name)) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
				t.Errorf("%q becomes a workflow command: %s", name, line)
			}
		}
	}
	if !slices.Contains(names, ":") {
		t.Error("the file called : is not there")
	}
}

func TestProblemString(t *testing.T) {
	for want, p := range map[string]config.Problem{
		"a.yaml:3:5: x":           {File: "a.yaml", Line: 3, Column: 5, Message: "x"},
		"a.yaml:3: x":             {File: "a.yaml", Line: 3, Message: "x"},
		"a.yaml: x":               {File: "a.yaml", Message: "x"},
		`\x3a:error\na:3:5: x`:    {File: "::error\na", Line: 3, Column: 5, Message: "x"},
		`\x3a:3:5: x`:             {File: ":", Line: 3, Column: 5, Message: "x"},
		`#\x23[a]:3:5: x`:         {File: "##[a]", Line: 3, Column: 5, Message: "x"},
		`\u202ea\x1b:3:5: x`:      {File: "\u202ea\x1b", Line: 3, Column: 5, Message: "x"},
		`f:1:1: key "a\u202e\"b"`: {File: "f", Line: 1, Column: 1, Message: `key "a\u202e\"b"`},
		"Größe/ä.yaml:3:5: 'x' y": {File: "Größe/ä.yaml", Line: 3, Column: 5, Message: "'x' y"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestUnknownChecks(t *testing.T) {
	ids := []string{"spf-missing", "spf-all", "dkim-missing"}
	file, ps := config.Parse("f", []byte(`version: 1
domains: {example.com: {spf: none}}
ignore:
  - {check: "spf-*", reason: x}
  - {check: "SPF-all", reason: x}
  - {check: "spv-*", reason: x}
  - {check: dkim-missin, reason: x}
  - {check: "::error::", reason: x}
checks:
  spf-missing: off
  spf-mising: off
  what: off
`))
	if len(ps) > 0 {
		t.Fatal(reported(ps))
	}
	want := `6:6: there is no check "spv-*"; ` + "`sescheck explain`" + ` lists them
7:6: there is no check "dkim-missin" (did you mean dkim-missing?)
8:6: there is no check "::error::"; ` + "`sescheck explain`" + ` lists them
11:3: there is no check "spf-mising" (did you mean spf-missing?)
12:3: there is no check "what"; ` + "`sescheck explain`" + ` lists them`
	if got := reported(config.UnknownChecks(file, ids)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := config.UnknownChecks(nil, ids); got != nil {
		t.Errorf("no file has unknown checks: %v", got)
	}
}

// TestUnknownChecksWithLevels: a wrong level hides no unknown check.
func TestUnknownChecksWithLevels(t *testing.T) {
	inFolder(t, map[string]string{
		"a.yaml": "version: 1\nchecks: {spf-mising: eror, spf-all: nope}\ndomains: {a.example: {spf: none}}\n",
		"b.yaml": "version: 1\nchecks: {spf-mising: note, spf-all: note}\n",
	})
	file, ps, err := config.Load([]string{"a.yaml", "b.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	want := `a.yaml:2:22: check "spf-mising" is "eror"; write error, warning, note or off (did you mean error?)
a.yaml:2:37: check "spf-all" is "nope"; write error, warning, note or off (did you mean note?)
a.yaml:2:10: there is no check "spf-mising" (did you mean spf-missing?)`
	if got := reported(append(ps, config.UnknownChecks(file, []string{"spf-missing", "spf-all"})...)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

package command

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fork creates a checkout with files and links of a stranger, and a file with
// secrets outside of it. A link is written "-> target".
func fork(t *testing.T, files map[string]string) (checkout, secret string) {
	t.Helper()
	world := t.TempDir()
	secret = filepath.Join(world, "secret")
	if err := os.WriteFile(secret, []byte("root:x:0:0:SECRET:/root:/bin/bash\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	checkout = filepath.Join(world, "work")
	for name, text := range files {
		path := filepath.Join(checkout, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, link := strings.CutPrefix(text, "-> "); link {
			if err := os.Symlink(target, path); err != nil {
				t.Skip("no symbolic links here:", err)
			}
		} else if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(checkout)
	return checkout, secret
}

const forked = "version: 1\ndomains:\n  a.example: {spf: none}\n"

// TestLinksOfAFork: no link of a checkout decides what is read or written, at any
// place and however its path is given.
func TestLinksOfAFork(t *testing.T) {
	zone := "$ORIGIN a.example.\n@ 300 IN SOA ns h 1 1 1 1 1\n@ IN TXT \"v=spf1 include:amazonses.com ~all\"\n"
	checkout, secret := fork(t, map[string]string{
		"ok.yaml": forked, "zones/a.example.zone": zone, ".git/config": "[http]\n\textraheader = SECRET\n",
		"out.yaml": "-> ../secret", "out.zone": "-> ../secret", "out.json": "-> ../secret", "git.yaml": "-> .git/config", "git.zone": "-> .git/config", "git.json": "-> .git/config",
		"mail/out.yaml": "-> ../../secret", "there/b.example.zone": "-> ../../secret", "json/x.json": "-> ../../secret", "away": "-> ..", "locked/sescheck.yaml": forked, "locked/sescheck.lock": "-> ../../secret",
		"folder": "-> zones", "up": "-> ../up",
	})
	if err := os.Mkdir("../up", 0o755); err != nil {
		t.Fatal(err)
	}
	read := []string{"lint %out.yaml", "lint %git.yaml", "lint %mail", "lint %mail/*.yaml", "lint %**/out.yaml", "lint %away/secret", "lint %away/*", "lint %locked/sescheck.yaml",
		"check %out.yaml", "check --zones %out.zone --offline ok.yaml", "check --zones %git.zone --offline ok.yaml", "check --zones %there --offline ok.yaml", "check --zones %away --offline ok.yaml",
		"check --zones zones --offline --baseline %out.json ok.yaml", "check --zones zones --offline --baseline %git.json ok.yaml",
		"check --resolver authoritative --root-hints %out.zone ok.yaml",
		"merge %out.json", "merge %git.json", "import %out.zone", "import %git.zone", "import %out.json", "import %git.json", "import %json", "import %there", "import zones --into %out.yaml", "import zones --into %git.yaml",
		"records %out.yaml", "lock %out.yaml", "inspect --zones %out.zone --offline a.example"}
	write := []string{"check --zones zones --offline ok.yaml --write json=%out.json", "check --zones zones --offline ok.yaml --write json=%git.json", "check --zones zones --offline ok.yaml --write json=%up/x.json",
		"check --zones zones --offline ok.yaml --write html=%folder/a.example.zone", "check --zones zones --offline ok.yaml --trace %out.json", "check --zones zones --offline ok.yaml --trace %up/new",
		"check --zones zones --offline ok.yaml --trace %git.json", "lock --zones zones --offline %locked/sescheck.yaml", "records --format zone --dir %up ok.yaml", "inspect --zones zones --offline --write json=%out.json a.example"}
	before := tree(t, filepath.Dir(checkout))
	for i, command := range slices.Concat(read, write) {
		for _, way := range []string{"", "./", checkout + "/", "../work/", checkout + "/zones/../"} {
			args := strings.Fields(strings.ReplaceAll(command, "%", way))
			out, errs, code := run(t, args...)
			if want := map[bool]string{true: "2", false: "4"}[i < len(read)]; code != want || strings.Contains(out+errs, "SECRET") {
				t.Errorf("%q: exit %s, want %s\n%s%s", args, code, want, out, errs)
			}
			if got := changed(before, tree(t, filepath.Dir(checkout))); len(got) > 0 {
				t.Fatalf("%q wrote %q", args, got)
			}
		}
	}
	if _, errs, code := run(t, "lint", secret); code != "2" || strings.Contains(errs, "SECRET") {
		t.Errorf("the file itself: exit %s, %s", code, errs)
	}
}

// TestNothingOfOtherFiles: no command quotes a file of another kind.
func TestNothingOfOtherFiles(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"passwords":   "root:x:0:0:SECRET:/root:/bin/bash\ndaemon:x:1:1:SECRET:/usr/sbin:/usr/sbin/nologin\n",
		"variables":   "TOKEN=SECRET\nOTHER=SECRET\n",
		"credentials": "[default]\naws_secret_access_key = SECRET/+x\n",
		"a key":       "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n",
		"JSON":        `{"type": "service_account", "private_key": "SECRET", "SECRET": ["SECRET"]}`,
		"a JSON list": `["SECRET", {"a": "SECRET"}]`,
		"half JSON":   `{"SECRET": SECRET}`,
		"a crontab":   "* * * * * root curl -H SECRET\n",
		"a netrc":     "machine api.example login SECRET password SECRET\n",
		"hosts":       "127.0.0.1 localhost SECRET\n192.0.2.1 SECRET\n",
		"one word":    "SECRET\n",
		"an alias":    "a: *SECRET\n",
		"binary":      "\x00\x01SECRET\xff",
	} {
		for _, command := range []string{
			"lint %x", "check %x", "records %x", "import %x", "import %x.json", "import z.zone --into %x", "check --zones %x --offline ok.yaml", "check --baseline %x ok.yaml", "merge %x",
			"check --resolver authoritative --root-hints %x ok.yaml", "lint %locked/sescheck.yaml",
		} {
			dir := put(t, map[string]string{"x": text, "x.json": text, "ok.yaml": forked, "z.zone": "$ORIGIN a.example.\n@ IN TXT \"v=spf1 include:amazonses.com ~all\"\n"})
			if err := os.Mkdir(filepath.Join(dir, "locked"), 0o755); err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{"sescheck.yaml": forked, "sescheck.lock": text} {
				if err := os.WriteFile(filepath.Join(dir, "locked", name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			command = strings.ReplaceAll(strings.ReplaceAll(command, "%", dir+"/"), "ok.yaml", dir+"/ok.yaml")
			command = strings.ReplaceAll(command, "z.zone", dir+"/z.zone")
			if out, errs, code := run(t, strings.Fields(command)...); code != "2" || strings.Contains(out+errs, "SECRET") {
				t.Errorf("%s, %s: exit %s\n%s%s", what, command, code, out, errs)
			}
		}
	}
}

// TestOneWayToFiles: only package untrusted opens, finds and writes files. The
// exceptions look at the target of a link, or do not open a file of the user.
func TestOneWayToFiles(t *testing.T) {
	t.Parallel()
	may := map[string]int{
		"resolve/system_unix.go os.Open": 1, // the system's list of resolvers
		"source/load.go os.Stat":         2, // whether two files are one
		"command/changed.go os.Stat":     1, // .git, which git does not let a commit have
		"command/github.go os.OpenRoot":  1, // the folder for reports, within the workspace
	}
	ways := map[string][]string{
		"os":         {"Open", "OpenFile", "OpenRoot", "OpenInRoot", "Create", "CreateTemp", "ReadFile", "WriteFile", "ReadDir", "Stat", "Mkdir", "MkdirAll", "MkdirTemp", "Rename", "Remove", "RemoveAll", "Truncate", "DirFS", "Link", "Symlink", "Chmod", "Chown", "CopyFS"},
		"filepath":   {"Glob", "Walk", "WalkDir", "EvalSymlinks"},
		"doublestar": {"Glob", "GlobWalk", "FilepathGlob"},
		"ioutil":     {"ReadFile", "WriteFile", "ReadDir", "TempFile", "TempDir"},
	}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(name, "untrusted/") || strings.Contains(name, "test/") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && slices.Contains(ways[x.Name], s.Sel.Name) {
					may[name+" "+x.Name+"."+s.Sel.Name]--
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, use := range slices.Sorted(maps.Keys(may)) {
		if left := may[use]; left != 0 {
			t.Errorf("%s: %d more than there may be", use, -left)
		}
	}
}

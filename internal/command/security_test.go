package command

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// The tests that docs/security.md names and that belong to no other file.

// TestSecurityPage: the tests that the page names exist.
func TestSecurityPage(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, dir := range []string{"..", "../../setup", "../../release", "../../.ci/browser/site"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, "_test.go") {
				source.WriteString(readFile(t, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ofMain, err := filepath.Glob("../../*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range ofMain {
		source.WriteString(readFile(t, path))
	}
	named := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(readFile(t, "../../docs/security.md"), -1)
	if len(named) < 10 {
		t.Errorf("the page names %d tests", len(named))
	}
	for _, m := range named {
		if !strings.Contains(source.String(), "\nfunc "+m[1]+"(t *testing.T)") {
			t.Errorf("there is no %s", m[1])
		}
	}
}

// TestFileNamesNoServerOrFile: no key of the file names a server or a file.
func TestFileNamesNoServerOrFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, key := range []string{
		"resolver", "resolvers", "nameserver", "nameservers", "server", "servers", "zones", "zone", "include", "includes_file", "file", "files", "extends", "import",
		"write", "output", "trace", "baseline", "lock", "schema", "format", "changed-only", "command", "env", "$schema", "$ref", "url",
	} {
		for where, text := range map[string]string{
			"the top":      "version: 1\n" + key + ": /etc/passwd\ndomains:\n  example.com: {spf: none}\n",
			"the defaults": "version: 1\ndefaults:\n  " + key + ": /etc/passwd\ndomains:\n  example.com: {spf: none}\n",
			"a domain":     "version: 1\ndomains:\n  example.com:\n    spf: none\n    " + key + ": /etc/passwd\n",
			"an identity":  "version: 1\ndomains:\n  example.com:\n    identities: [{region: eu-west-1, " + key + ": /etc/passwd}]\n",
		} {
			path := filepath.Join(dir, "sescheck.yaml")
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, errs, code := run(t, "lint", path); code != "2" || !strings.Contains(errs, key) {
				t.Errorf("%s in %s: exit %s, %s%s", key, where, code, out, errs)
			}
		}
	}
}

// tree returns the files of a folder with their contents, and the links.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			all[filepath.ToSlash(name)] = "-> " + target
			return err
		}
		text, err := os.ReadFile(path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// changed returns the names of files that differ.
func changed(before, after map[string]string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if old, ok := before[name]; !ok || old != after[name] {
			names = append(names, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			names = append(names, "gone: "+name)
		}
	}
	return names
}

// TestWritesNowhereElse compares everything around a run before and after it.
func TestWritesNowhereElse(t *testing.T) {
	world := t.TempDir()
	workspace := filepath.Join(world, "home", "work")
	if err := os.MkdirAll(workspace, 0o755); err != nil {
		t.Fatal(err)
	}
	story := filepath.Join(testdata, twoMX)
	s := zonetest.Start(t, filepath.Join(testdata, "common"), story)
	text := readFile(t, filepath.Join(story, "sescheck.yaml"))
	for _, name := range []string{"sescheck.yaml", "neighbour.yaml", "../outside", "../../far"} {
		if err := os.WriteFile(filepath.Join(workspace, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", filepath.Join(world, "home"))
	t.Setenv("TMPDIR", world)
	t.Chdir(workspace)
	env := vars{
		"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": workspace, "INPUT_RESOLVER": s.Addr, "INPUT_WRITE": "html=reports/x.html",
		"GITHUB_OUTPUT": filepath.Join(world, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(world, "summary"),
		"GITHUB_ENV": filepath.Join(world, "env"), "GITHUB_PATH": filepath.Join(world, "path"), "GITHUB_STATE": filepath.Join(world, "state"),
	}
	for what, tt := range map[string]struct {
		args []string
		want []string
	}{
		"check":   {[]string{"check", "--resolver", s.Addr}, nil},
		"lint":    {[]string{"lint"}, nil},
		"explain": {[]string{"explain", "spf-lookups"}, nil},
		"writing": {[]string{"check", "--resolver", s.Addr, "--write", "json=a/b/c.json"}, []string{"home/work/a/b/c.json"}},
		"the action": {[]string{"action"}, []string{
			"home/work/.sescheck/.gitignore", "home/work/.sescheck/report.json", "home/work/.sescheck/summary.md", "home/work/reports/x.html", "output", "summary",
		}},
	} {
		before := tree(t, world)
		var out, errs bytes.Buffer
		e := Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: vars{}.get}
		if what == "the action" {
			e.Getenv = env.get
		}
		Main(t.Context(), tt.args, e)
		if got := changed(before, tree(t, world)); !slices.Equal(got, tt.want) {
			t.Errorf("%s wrote %q, want %q\n%s%s", what, got, tt.want, out.String(), errs.String())
		}
	}
}

// TestReadsNoSecret records the variables that a run reads. Only main.go reads the
// environment itself.
func TestReadsNoSecret(t *testing.T) {
	asked := map[string]bool{}
	env := vars{"GITHUB_OUTPUT": filepath.Join(t.TempDir(), "output"), "GITHUB_STEP_SUMMARY": filepath.Join(t.TempDir(), "summary"), "INPUT_CHANGED-ONLY": "base"}
	story := filepath.Join(testdata, twoMX)
	s := zonetest.Start(t, filepath.Join(testdata, "common"), story)
	text := readFile(t, filepath.Join(story, "sescheck.yaml"))
	t.Chdir(t.TempDir())
	if err := os.WriteFile("sescheck.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	event := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(event, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	env["GITHUB_ACTIONS"], env["INPUT_RESOLVER"], env["GITHUB_EVENT_PATH"] = "true", s.Addr, event
	for _, args := range [][]string{{"action"}, {"check", "--resolver", s.Addr}, {"check", "--resolver", s.Addr, "--format", "text"}} {
		Main(t.Context(), args, Env{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, StdoutTerminal: true, Getenv: func(name string) string {
			asked[name] = true
			return env[name]
		}})
	}
	may := regexp.MustCompile(`^(INPUT_[A-Z-]+|GITHUB_(ACTIONS|WORKSPACE|OUTPUT|STEP_SUMMARY|EVENT_PATH|SERVER_URL|REPOSITORY|SHA)|RUNNER_DEBUG|NO_COLOR|CLICOLOR|CLICOLOR_FORCE|TERM|GOGC)$`)
	for name := range asked {
		if !may.MatchString(name) {
			t.Errorf("%s is asked for", name)
		}
	}
	if !asked["GITHUB_ACTIONS"] || !asked["NO_COLOR"] {
		t.Errorf("asked for %v: the test sees nothing", asked)
	}
}

// TestSoleReaderOfTheEnvironment: no other code reads the environment, so
// TestReadsNoSecret is complete.
func TestSoleReaderOfTheEnvironment(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Exit"}, s.Sel.Name) {
					t.Errorf("%s uses os.%s", path, s.Sel.Name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWorkflowsAskForLittle: workflows to copy may read the repository and write
// what their issue needs. Ours start without permissions, and pin actions of other
// people by commit.
func TestWorkflowsAskForLittle(t *testing.T) {
	t.Parallel()
	read := func(pattern string) map[string]string {
		paths, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		texts := map[string]string{}
		for _, p := range paths {
			texts[filepath.Base(p)] = readFile(t, p)
		}
		return texts
	}
	grant := regexp.MustCompile(`(?m)^ +([a-z-]+): (read|write)\b`)
	for name, text := range read("docs/workflows/*.yml") {
		for _, m := range grant.FindAllStringSubmatch(text, -1) {
			allowed := m[1] == "issues" && (name == "schedule.yml" || name == "three-sides.yml") || m[1] == "id-token" && (name == "three-sides.yml" || name == "plan.yml" || name == "monorepo.yml")
			if m[2] == "write" && !allowed || m[2] == "read" && m[1] != "contents" && m[1] != "actions" {
				t.Errorf("%s asks for %s: %s", name, m[1], m[2])
			}
		}
	}
	uses := regexp.MustCompile(`(?m)^ *-? *uses: (.*)$`)
	pinned := regexp.MustCompile(`^([\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./(setup)?)$`)
	for name, text := range read(".github/workflows/*.yml") {
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s does not begin with no permissions", name)
		}
		for _, m := range uses.FindAllStringSubmatch(text, -1) {
			if !pinned.MatchString(m[1]) {
				t.Errorf("%s uses %s, which is no commit", name, m[1])
			}
		}
	}
	texts := read(".github/workflows/*.yml")
	maps.Copy(texts, read("docs/workflows/*.yml"))
	maps.Copy(texts, read("setup/action.yml"))
	for name, text := range texts {
		if regexp.MustCompile(`(?m)^ *(- )?(pull_request_target|workflow_run):`).MatchString(text) {
			t.Errorf("%s starts on an event that has secrets", name)
		}
		if found := expressionInScript(text); found != "" {
			t.Errorf("%s puts an expression into a script: %s", name, found)
		}
	}
}

// expressionInScript finds `${{` in the script of a step.
func expressionInScript(workflow string) string {
	depth := -1 // of the key of the script that the line may belong to
	for line := range strings.Lines(workflow) {
		indent := len(line) - len(strings.TrimLeft(line, " -"))
		if depth >= 0 && indent <= depth && strings.TrimSpace(line) != "" {
			depth = -1
		}
		trimmed := strings.TrimLeft(line, " -")
		if strings.HasPrefix(trimmed, "run:") {
			depth = indent
		}
		if depth >= 0 && strings.Contains(line, "${{") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

package command

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/hostile"
)

// FuzzProgram gives files to the whole program. Its output is harmless, it does not
// crash, and the file of import passes lint and does not change at a second import.
func FuzzProgram(f *testing.F) {
	seedProgram(f)
	f.Fuzz(func(t *testing.T, zone, yaml, answers string) {
		if len(zone)+len(yaml)+len(answers) > 1<<16 {
			return
		}
		dir := t.TempDir()
		for name, text := range map[string]string{"a.example.zone": zone, "sescheck.yaml": yaml, "answers.json": answers} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		path := func(name string) string { return filepath.Join(dir, name) }
		do := func(args ...string) (code int, out string) {
			var stdout, stderr bytes.Buffer
			env := Env{Version: "test", Stdout: &stdout, Stderr: &stderr, Getenv: vars{}.get}
			code = Main(t.Context(), args, env)
			format := ""
			if slices.Contains(args, "github") {
				format = "github"
			}
			if harmless(t, format, stdout.String()+"\n"+stderr.String()); t.Failed() || code == exitBroken {
				t.Fatalf("%q: exit %d\n%s%s", args, code, &stdout, &stderr)
			}
			return code, stdout.String()
		}
		do("lint", path("sescheck.yaml"))
		do("check", "--offline", "--zones", path("a.example.zone"), "--verbose", "--format", "github", path("sescheck.yaml"))
		do("records", path("sescheck.yaml")) // FuzzReadBack covers the other formats
		do("import", path("a.example.zone"), "--into", path("sescheck.yaml"))
		for _, from := range []string{path("a.example.zone"), path("answers.json")} {
			code, out := do("import", "--all", from)
			if code != exitPass {
				continue
			}
			if err := os.WriteFile(path("new.yaml"), []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
			if code, _ := do("lint", path("new.yaml")); code != exitPass {
				t.Fatalf("import wrote what lint does not take:\n%s", out)
			}
			if do("import", "--all", from, "--into", path("new.yaml")); readFile(t, path("new.yaml")) != out {
				t.Fatalf("a second import changes\n%s\nto\n%s", out, readFile(t, path("new.yaml")))
			}
		}
	})
}

// seedProgram adds some payloads and some sources of the stories.
func seedProgram(f *testing.F) {
	for i, p := range hostile.Payloads {
		switch i % 8 {
		case 0:
			f.Add("$TTL 300\n"+wrongZone(p), wrongFile(p), awsAnswers)
		case 4:
			f.Add("$TTL 300\n@ SOA a. b. 1 1 1 1 1\n"+rightZone(p), "version: 1\ndomains:\n  a.example: {spf: ["+quotedYAML("%{i}."+p+".b.example")+"]}\n",
				strings.ReplaceAll(awsAnswers, "Pending", strings.Trim(quotedJSON(p), `"`)))
		}
	}
	f.Add("$TTL 300\n@ SOA a. b. 1 1 1 1 1\n"+rightZone("b"), "version: 1\ndomans:\n  a.example: {spf: [x.example]}\n", "")
	for _, story := range every(f, 60, "*", "*", "sescheck.yaml") {
		f.Add(text(filepath.Join(filepath.Dir(story), "example.com.zone")), text(story), "{}")
	}
	for _, zone := range every(f, 6, "import", "*", "zones", "*.zone") {
		f.Add(text(zone), "", "")
	}
	for _, answers := range every(f, 6, "import", "*", "*.json") {
		f.Add("", "", text(answers))
	}
}

// every returns each n-th file of testdata that matches a pattern.
func every(f *testing.F, n int, pattern ...string) (some []string) {
	f.Helper()
	all, err := filepath.Glob(filepath.Join(append([]string{testdata}, pattern...)...))
	if err != nil || len(all) == 0 {
		f.Fatalf("no files %v: %v", pattern, err)
	}
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

// text returns the content of a file; "" if there is none.
func text(path string) string {
	data, _ := os.ReadFile(path)
	return string(data)
}

package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
)

//go:generate go test . -run ^(TestProblems|TestFiles|TestManualTables|TestSchemaProperties)$ -update

var update = config.Update

// story is a case in testdata: a name behind `===`, the file, and behind `>>>`
// the problems that it has, or ok. A line of the file that begins with a dot
// stands for lines that most cases have.
type story struct{ name, text, want string }

var shorthand = strings.NewReplacer(
	".domain\n", "version: 1\ndomains:\n  example.com:\n",
	".good\n", "version: 1\ndomains:\n  example.com: {region: eu-west-1}\n",
	"<TAB>", "\t", "<CR>", "\r", "<NUL>", "\x00", "<BOM>", "\ufeff", "<FF>", "\xff", "<LS>", "\u2028", "<RLO>", "\u202e", "<ESC>", "\x1b",
)

func stories(t *testing.T, path string) (all []story) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split("\n"+strings.TrimSpace(string(data)), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		text, want, ok := strings.Cut("\n"+rest, "\n>>>\n")
		if !ok {
			t.Fatalf("%s: %s has no >>>", path, name)
		}
		all = append(all, story{name, strings.TrimPrefix(text, "\n") + "\n", strings.TrimSpace(want)})
	}
	return all
}

func reported(ps []config.Problem) string {
	if len(ps) == 0 {
		return "ok"
	}
	var lines []string
	for _, p := range ps {
		lines = append(lines, strings.TrimPrefix(p.String(), "f:"))
	}
	return strings.Join(lines, "\n")
}

// TestProblems: every story has the problems that stand below it. Those of
// mistakes.txt are such as people make, and each has one.
func TestProblems(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no stories", err)
	}
	for _, path := range paths {
		var b strings.Builder
		names := map[string]bool{}
		for _, s := range stories(t, path) {
			if names[s.name] {
				t.Errorf("%s: two stories are called %s", path, s.name)
			}
			names[s.name] = true
			_, ps := config.Parse("f", []byte(shorthand.Replace(s.text)))
			got := reported(ps)
			if filepath.Base(path) == "mistakes.txt" && len(ps) != 1 {
				t.Errorf("%s: one mistake is told as\n%s", s.name, got)
			}
			fmt.Fprintf(&b, "=== %s\n%s>>>\n%s\n\n", s.name, s.text, got)
			if diff := cmp.Diff(s.want, got); diff != "" && !*update {
				t.Errorf("%s: %s\n%s\n%s", path, s.name, s.text, diff)
			}
		}
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

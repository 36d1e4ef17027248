package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/configtest"
)

//go:generate go test . -run ^(TestProblems|TestFiles|TestManualTables|TestSchemaProperties)$ -update

var update = config.Update

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

// TestProblems: every story has the problems that are below it. Those of
// mistakes.txt are such as people make, and each has one.
func TestProblems(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no stories", err)
	}
	for _, path := range paths {
		var b strings.Builder
		names := map[string]bool{}
		for _, s := range configtest.Stories(t, path) {
			if names[s.Name] {
				t.Errorf("%s: two stories are called %s", path, s.Name)
			}
			names[s.Name] = true
			_, ps := config.Parse("f", []byte(configtest.Shorthand.Replace(s.Text)))
			got := reported(ps)
			if filepath.Base(path) == "mistakes.txt" && len(ps) != 1 {
				t.Errorf("%s: one mistake is reported as\n%s", s.Name, got)
			}
			fmt.Fprintf(&b, "=== %s\n%s>>>\n%s\n\n", s.Name, s.Text, got)
			if diff := cmp.Diff(s.Want, got); diff != "" && !*update {
				t.Errorf("%s: %s\n%s\n%s", path, s.Name, s.Text, diff)
			}
		}
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

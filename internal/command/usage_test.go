package command

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestUsageNamesFlags: docs/usage.md names every command and every flag of
// `check`.
func TestUsageNamesFlags(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/usage.md")
	if err != nil {
		t.Fatal(err)
	}
	named := func(word string) bool {
		for _, end := range []string{"`", " ", "|", "="} {
			if strings.Contains(string(text), "`"+word+end) {
				return true
			}
		}
		return false
	}
	root := newRoot(&Env{Stdout: &strings.Builder{}, Stderr: &strings.Builder{}, Getenv: func(string) string { return "" }})
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" && !named(c.Name()) {
			t.Errorf("docs/usage.md does not name the command %s", c.Name())
		}
	}
	check, _, err := root.Find([]string{"check"})
	if err != nil || check.Name() != "check" {
		t.Fatal(check, err)
	}
	check.InitDefaultHelpFlag()
	check.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && !named("--"+f.Name) {
			t.Errorf("docs/usage.md does not name --%s", f.Name)
		}
	})
}

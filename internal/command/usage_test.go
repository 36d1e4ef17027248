package command

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sescheck/sescheck/internal/zonetest"
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

// TestNamedIsThere: commands and flags in sentences of the pages exist.
func TestNamedIsThere(t *testing.T) {
	t.Parallel()
	others := map[string]bool{"bundle": true, "read-only": true} // of gh and docker
	flags := map[string]bool{"help": true, "version": true}
	var collect func(c *cobra.Command)
	collect = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
		for _, sub := range c.Commands() {
			collect(sub)
		}
	}
	root := newRoot(&Env{Stdout: &strings.Builder{}, Stderr: &strings.Builder{}, Getenv: func(string) string { return "" }})
	collect(root)
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/guides/*.md"} {
		some, err := filepath.Glob("../../" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, some...)
	}
	named := regexp.MustCompile("`(?:sescheck|go run \\.) ([a-z]+)[^`]*`")
	found := 0
	for _, path := range pages {
		text := readFile(t, path)
		for _, m := range regexp.MustCompile("`(?:(?:sescheck|go run \\.) [^`]*)?--([a-z][a-z-]+)").FindAllStringSubmatch(text, -1) {
			if !flags[m[1]] && !others[m[1]] {
				t.Errorf("%s names --%s, and no command has it", path, m[1])
			}
		}
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			found++
			if c, _, err := root.Find(m[1:]); err != nil || c == root {
				t.Errorf("%s: there is no command %s", path, m[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d commands are named", found)
	}
}

// TestReadme runs the commands of the README in a clone, with DNS on loopback.
func TestReadme(t *testing.T) { // in the folder of the clone, so not side by side
	text := readFile(t, "../../README.md")
	world, err := filepath.Abs(filepath.Join(testdata, "common"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	s := &shell{server: zonetest.Start(t, world).Addr}
	for _, m := range regexp.MustCompile("(?m)(?:^|`)go run \\. ([^`\n]*)").FindAllStringSubmatch(text, -1) {
		out, code := s.typeIn(t, "sescheck "+m[1])
		if code == exitUsage || code == exitBroken {
			t.Errorf("go run . %s: exit %d\n%s", m[1], code, out)
		}
		if strings.HasPrefix(m[1], "check ") && (code != exitFindings || !strings.Contains(out, "\nnews.example  3 findings, ") || strings.Count(out, " findings, ") != 2) {
			t.Errorf("go run . %s: not as the README says: exit %d\n%s", m[1], code, out)
		}
	}
	if s.typed != 2 {
		t.Errorf("%d commands were typed in", s.typed)
	}
}

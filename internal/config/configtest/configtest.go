// Package configtest reads the files in testdata of package config, for its tests
// and those of the packages around it.
package configtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Story is a file and the problems that it has, or ok. A line of the text that
// begins with a dot is short for lines that most files have; see Shorthand.
type Story struct{ Name, Text, Want string }

// Shorthand writes out the text of a Story.
var Shorthand = strings.NewReplacer(
	".domain\n", "version: 1\ndomains:\n  example.com:\n",
	".good\n", "version: 1\ndomains:\n  example.com: {region: eu-west-1}\n",
	"<TAB>", "\t", "<CR>", "\r", "<NUL>", "\x00", "<BOM>", "\ufeff", "<FF>", "\xff", "<LS>", "\u2028", "<RLO>", "\u202e", "<ESC>", "\x1b",
)

// Stories reads the stories of one file.
func Stories(t testing.TB, path string) (all []Story) {
	t.Helper()
	for _, part := range strings.Split("\n"+strings.TrimSpace(read(t, path)), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		text, want, ok := strings.Cut("\n"+rest, "\n>>>\n")
		if !ok {
			t.Fatalf("%s: %s has no >>>", path, name)
		}
		all = append(all, Story{name, strings.TrimPrefix(text, "\n") + "\n", strings.TrimSpace(want)})
	}
	return all
}

// Texts are all files in a testdata folder: those of the stories, and whole ones.
func Texts(t testing.TB, testdata string) (all []string) {
	t.Helper()
	for _, path := range glob(t, testdata, "*.txt") {
		for _, s := range Stories(t, path) {
			all = append(all, Shorthand.Replace(s.Text))
		}
	}
	for _, path := range glob(t, testdata, "files", "*.yaml") {
		all = append(all, read(t, path))
	}
	return all
}

func glob(t testing.TB, pattern ...string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil || len(paths) == 0 {
		t.Fatal(pattern, "matches no file", err)
	}
	return paths
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Package internal_test holds the imports of the packages against the table in
// docs/design.md.
package internal_test

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// packages are the folders with Go files, rooms within rooms too.
func packages(t *testing.T) (dirs []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "testdata":
			return filepath.SkipDir
		case !d.IsDir() || path == ".":
			return nil
		}
		if files, _ := filepath.Glob(filepath.Join(path, "*.go")); len(files) > 0 {
			dirs = append(dirs, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

const module = "github.com/sescheck/sescheck/internal/"

// table reads which package may import which from docs/design.md.
func table(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/design.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `internal/([\\w/]+)` \\|[^|]*\\|([^|]*)\\|$").FindAllStringSubmatch(string(text), -1) {
		rows[m[1]] = regexp.MustCompile(`[\w/]+`).FindAllString(m[2], -1)
	}
	return rows
}

func TestImports(t *testing.T) {
	rows := table(t)
	for _, dir := range packages(t) {
		may, ok := rows[dir]
		if !ok {
			t.Errorf("docs/design.md has no row for internal/%s", dir)
			continue
		}
		p, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range p.Imports {
			ours, is := strings.CutPrefix(path, module)
			if is && !slices.Contains(may, ours) && !slices.Contains(may, "all") {
				t.Errorf("internal/%s imports %s, which the table in docs/design.md does not allow", dir, ours)
			}
		}
		delete(rows, dir)
	}
	for dir := range rows {
		t.Errorf("docs/design.md has a row for internal/%s, which is not there", dir)
	}
}

// TestSoleImporters keeps the libraries that have successors in one place each.
func TestSoleImporters(t *testing.T) {
	sole := map[string][]string{
		"gopkg.in/yaml.v3":     {"config", "config/edit", "config/yamltext", "source"},
		"github.com/miekg/dns": {"check/part/judgetest", "resolve", "resolve/iterative", "resolve/transport", "source", "zonetest"},
	}
	for _, dir := range packages(t) {
		p, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range p.Imports {
			if may, ok := sole[path]; ok && !slices.Contains(may, dir) {
				t.Errorf("internal/%s imports %s; only %v may", dir, path, may)
			}
		}
	}
}

// TestNamesAreThere: tests that the pages name, and what docs/design.md names of
// the code, are there.
func TestNamesAreThere(t *testing.T) {
	declared := map[string]bool{}
	name := regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|type |\t)?(\w+)`)
	for _, pattern := range []string{"*/*.go", "*/*/*.go", "*/*/*/*.go", "../*.go", "../setup/*.go", "../release/*.go", "../.ci/browser/site/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range name.FindAllSubmatch(text, -1) {
				declared[string(m[1])] = true
			}
		}
	}
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	names := map[string]bool{}
	for _, path := range append(pages, "../README.md", "../CONTRIBUTING.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(string(text), -1) {
			names[name] = true
		}
		if filepath.Base(path) != "design.md" {
			continue
		}
		for _, m := range regexp.MustCompile("`(?:check|finding|part|snapshot|config|record|resolve|transport|iterative)\\.(?:\\w+\\.)?(\\w+)`").FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
	}
	if len(names) < 30 {
		t.Errorf("only %d names: %v", len(names), names)
	}
	for name := range names {
		if !declared[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

package command

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/check"
)

// What the repository keeps of the program's output: `go generate ./...` brings it up to date.
//
//go:generate go test . -run ^(TestChecksDocument|TestSchemaTables|TestScenarios|TestImport|TestInspect|TestPictures|TestFailingPullRequest|TestGuides|TestDocuments)$ -update

// checksDocument is docs/checks.md: every check, from the same tables as
// `explain`.
func checksDocument() string {
	var b strings.Builder
	b.WriteString("# The checks\n\n")
	b.WriteString("Each finding names one of these checks: what it finds, what that means for mail, and how to fix it. This page is generated from the tables in `internal/check` by `go generate ./...`. `sescheck explain CHECK` says the same.\n\n")
	b.WriteString("| check | severity | finds |\n|---|---|---|\n")
	for _, p := range check.Parts() {
		for _, c := range p.Checks {
			fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", c.ID, c.ID, c.Severity, asMarkdown(c.Title))
		}
	}
	for _, p := range check.Parts() {
		for _, c := range p.Checks {
			fmt.Fprintf(&b, "\n## %s\n\n*%s, since %s.* %s.\n\n%s\n\n", c.ID, c.Severity, c.Since, asMarkdown(c.Title), asMarkdown(c.Means))
			fmt.Fprintf(&b, "**What happens to mail.** %s\n\n**How to fix it.** %s\n", asMarkdown(sentence(c.Matters)), asMarkdown(c.Fix))
			if c.Absence {
				b.WriteString("\nsescheck asks twice before it reports the record as missing.\n")
			}
			for _, s := range c.Sources {
				fmt.Fprintf(&b, "\n<%s>\n", s)
			}
		}
	}
	return b.String()
}

// asMarkdown escapes <domain> in a text of a check, which would be an unknown HTML
// element in Markdown. Code stays as it is.
func asMarkdown(text string) string {
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], "<", `\<`)
	}
	return strings.Join(parts, "`")
}

// TestChecksDocument: docs/checks.md is up to date with the tables.
func TestChecksDocument(t *testing.T) {
	t.Parallel()
	const path = "../../docs/checks.md"
	got := checksDocument()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/checks.md is not current; run go generate ./...: want -, got +\n%s", diff)
	}
}

// TestChecksHaveTexts: each check has all its texts.
func TestChecksHaveTexts(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range check.All() {
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
		for what, text := range map[string]string{"title": c.Title, "means": c.Means, "matters": c.Matters, "fix": c.Fix, "since": c.Since} {
			if text == "" {
				t.Errorf("%s has no %s", c.ID, what)
			}
		}
	}
}

// TestMessagesInFAQ: the program has the messages in the headings of docs/faq.md.
func TestMessagesInFAQ(t *testing.T) {
	t.Parallel()
	page := readFile(t, "../../docs/faq.md")
	_, noFile, _ := run(t, "lint") // the folder of this package has no sescheck.yaml
	printed := &strings.Builder{}
	printed.WriteString(noFile)
	for _, block := range regexp.MustCompile("(?s)```console\n.*?\n```").FindAllString(page, -1) {
		printed.WriteString(block)
	}
	for _, pattern := range []string{"../*/*.go", "../*/*/*.go", "../*/*/*/*.go", testdata + "/*/*/want.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, files, err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				printed.WriteString(readFile(t, f))
			}
		}
	}
	headings := regexp.MustCompile("(?m)^### `(.*)`$").FindAllStringSubmatch(page, -1)
	if len(headings) < 10 {
		t.Errorf("only %d headings are messages", len(headings))
	}
	for _, h := range headings {
		if !strings.Contains(printed.String(), h[1]) {
			t.Errorf("nothing prints %s", h[1])
		}
	}
}

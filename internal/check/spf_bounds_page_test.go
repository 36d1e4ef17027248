package check

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/spf"
)

// TestBoundsPage: docs/spf-bounds.md has the bounds that there are.
func TestBoundsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/spf-bounds.md")
	if err != nil {
		t.Fatal(err)
	}
	number := func(n int) string {
		if n < 1000 {
			return fmt.Sprint(n)
		}
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	}
	for row, n := range map[string]int{
		"terms of a record":                                  spf.MaxTerms,
		"bytes of a record that hold these terms":            spf.MaxText,
		"bytes of one term":                                  spf.MaxTerm,
		"syntax errors of a record that are kept":            spf.MaxProblems,
		"SPF records of one name that are kept":              spf.MaxRecords,
		"names in a tree":                                    spf.MaxNames,
		"nested includes and redirects":                      spf.MaxDepth,
		"queries for the `a`, `mx` and `exists` of a record": spf.MaxQuestions,
		"such queries of a tree":                             spf.MaxAllQuestions,
		"records of an answer that are kept":                 spf.MaxRecords,
		"bytes of a message":                                 finding.MaxSaid,
		"bytes of the actual records of a finding":           finding.MaxListed,
		"bytes of a huge SPF record in a finding":            finding.MaxShown,
		"findings of one check about a tree":                 finding.MaxAlike,
		"bytes of records to publish, add or remove":         finding.MaxChange,
	} {
		if line := fmt.Sprintf("\n| %s | %s |", row, number(n)); !strings.Contains(string(page), line) {
			t.Errorf("the page has no row that begins %q", line)
		}
	}
	if !strings.Contains(string(page), fmt.Sprintf("| %d KiB |", snapshot.MaxTree>>10)) {
		t.Errorf("the page has no tree of %d KiB", snapshot.MaxTree>>10)
	}
}

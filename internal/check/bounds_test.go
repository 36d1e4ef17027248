package check

import (
	"fmt"
	"os"
	"strings"
	"testing"

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
		"terms of a record":                                    spf.MaxTerms,
		"octets of a record in which they are":                 spf.MaxText,
		"octets of one term":                                   spf.MaxTerm,
		"syntax errors of a record that are kept":              spf.MaxProblems,
		"SPF records of one name that are kept":                spf.MaxRecords,
		"names that a tree leads to":                           spf.MaxNames,
		"includes and redirects from the record down":          spf.MaxDepth,
		"questions for the `a`, `mx` and `exists` of a record": spf.MaxQuestions,
		"such questions of a tree":                             spf.MaxAllQuestions,
		"records of an answer that are kept":                   spf.MaxRecords,
		"octets of a message":                                  maxSaid,
		"octets of what was found beside a finding":            maxListed,
		"octets of a huge SPF record beside a finding":         maxShown,
		"findings of one check that a tree makes":              maxAlike,
		"octets of records to publish, add or remove":          maxChange,
	} {
		if line := fmt.Sprintf("\n| %s | %s |", row, number(n)); !strings.Contains(string(page), line) {
			t.Errorf("the page has no row that begins %q", line)
		}
	}
	if !strings.Contains(string(page), fmt.Sprintf("| %d KiB |", maxTree>>10)) {
		t.Errorf("the page has no tree of %d KiB", maxTree>>10)
	}
}

func TestFindingIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprintf("%03d %s", i, long[:100]))
	}
	f := Finding{Message: long, Impact: long, Expected: []string{long, "second"}, Actual: many, Fix: many, Change: Change{Remove: []string{long, long, long}}}
	f.bound()
	if len(f.Message) != maxSaid || !strings.HasSuffix(f.Message, "...") || len(f.Impact) != maxSaid {
		t.Errorf("a message of %d octets, an impact of %d", len(f.Message), len(f.Impact))
	}
	if len(f.Expected) != 2 || len(f.Expected[0]) != maxListed || f.Expected[1] != "and 1 more" {
		t.Errorf("expected %d: %.40q", len(f.Expected), f.Expected)
	}
	last := f.Actual[len(f.Actual)-1]
	if n := octets(f.Actual); n > maxListed+20 || last != fmt.Sprintf("and %d more", len(many)-len(f.Actual)+1) {
		t.Errorf("%d octets are found, the last %s", n, last)
	}
	if f.Fix != nil || f.Change.Remove != nil {
		t.Error("records to publish that nobody publishes")
	}
	short := Finding{Message: "a", Actual: []string{"b"}, Fix: []string{"c"}, Change: Change{Add: []string{"d"}}}
	same := short
	same.bound()
	if fmt.Sprint(short) != fmt.Sprint(same) {
		t.Errorf("%v becomes %v", short, same)
	}
}

// A cut is between two characters, and in no escape.
func TestShortened(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"0123456789":       "0123456789",
		"0123456789a":      "0123456...",
		`012345\001ab`:     "012345...",
		`01234\001abc`:     "01234...",
		`0123\001abcd`:     `0123...`,
		`012\001abcdef`:    `012\001...`,
		"012345\u00e9abcd": "012345...",
	} {
		if got := shortened(s, 10); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}

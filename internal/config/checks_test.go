package config_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
)

// TestManualChecks: the checks that docs/config.md speaks of are there.
func TestManualChecks(t *testing.T) {
	text, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("`([a-z]+(?:-[a-z]+)*-[a-z*]+)`").FindAllStringSubmatch(string(text), -1)
	if len(found) < 10 {
		t.Fatalf("only %d checks were found", len(found))
	}
	for _, m := range found {
		known := func(c *finding.Check) bool { return doublestar.MatchUnvalidated(m[1], c.ID) }
		if !slices.ContainsFunc(check.All(), known) {
			t.Errorf("there is no check %s", m[1])
		}
	}
}

package check

import (
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/part/receivers"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/receiver"
)

// TestOutdatedRule: from the day on by which a rule is due for review, it is a
// note, and says so.
func TestOutdatedRule(t *testing.T) {
	t.Parallel()
	review := receiver.All()[0].Review
	day, err := time.Parse(time.DateOnly, review)
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[time.Time]finding.Severity{day.Add(-time.Second): finding.Warning, day: finding.Note} {
		file := judgetest.Parse(t, "version: 1\ndomains: {example.com: {require: [gmail]}}")
		s := newSettling(file, Options{Now: now})
		f := finding.Finding{Check: receivers.Rule, Review: review, Message: "x"}
		if !s.complete(&file.Domains[0], &f, false) || f.Severity != want || strings.Contains(f.Message, "due for review by "+review) != (want == finding.Note) {
			t.Errorf("on %s it is %s: %s", now, f.Severity, f.Message)
		}
		if got := snapshot.ReceiversOf(&file.Domains[0], &snapshot.Snapshot{DMARC: &snapshot.DMARC{State: snapshot.Right}}, now)[0].Outdated; got != (want == finding.Note) {
			t.Errorf("on %s the rules are out of date: %v", now, got)
		}
	}
}

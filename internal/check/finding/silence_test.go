package finding

import (
	"testing"
	"time"
)

// TestSilence: a report that is read again knows what silences a finding.
func TestSilence(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for text, s := range map[string]Silence{
		"": {},
		"a warning, because this change does not affect the domain":     {Kind: Unchanged},
		"fails nothing, because this change does not affect the domain": {Kind: UnchangedOpen},
		"pending until 2026-12-01":                                      {Kind: Pending, Until: day},
		`ignored: "until the move"`:                                     {Kind: Accepted, Reason: `"until the move"`},
		"ignored: pending until soon":                                   {Kind: Accepted, Reason: "pending until soon"},
	} {
		if got := s.String(); got != text {
			t.Errorf("%+v is %q, want %q", s, got, text)
		}
		if got := ParseSilence(text); got != s {
			t.Errorf("%q is %+v, want %+v", text, got, s)
		}
	}
	if got := ParseSilence("pending until soon"); got.Kind != Accepted {
		t.Errorf("a day that is none: %+v", got)
	}
}

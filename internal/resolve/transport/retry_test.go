package transport

import "testing"

// TestTriesAgain: a patient walk goes on with an address that never answered until it
// is dead, an impatient one never beyond its tries.
func TestTriesAgain(t *testing.T) {
	for _, tt := range []struct {
		tried, tries   int
		patient, heard bool
		want           bool
	}{
		{0, 1, false, false, true},
		{1, 1, false, false, false},
		{1, 1, true, false, true},
		{1, 1, true, true, false},
		{DeadAfter - 1, 1, true, false, true},
		{DeadAfter, 1, true, false, false},
		{DeadAfter, DeadAfter + 1, false, true, true},
	} {
		if got := TriesAgain(tt.tried, tt.tries, tt.patient, tt.heard); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

// TestGivesUp: a question to resolvers ends with its tries, or when each of them was
// skipped twice since the last try.
func TestGivesUp(t *testing.T) {
	p := Policy{Retries: 2}
	for _, tt := range []struct {
		tries, skipped, servers int
		want                    bool
	}{
		{0, 0, 1, false},
		{2, 0, 1, false},
		{3, 0, 1, true},
		{0, 1, 1, false},
		{0, 2, 1, true},
		{0, 3, 2, false},
		{0, 4, 2, true},
	} {
		if got := p.GivesUp(tt.tries, tt.skipped, tt.servers); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

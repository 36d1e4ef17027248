package transport

import (
	"testing"
	"time"
)

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

// TestRetryAfter: both forms of Retry-After count, of the statuses that it belongs to.
func TestRetryAfter(t *testing.T) {
	now := time.Date(1994, 11, 6, 8, 49, 7, 0, time.UTC)
	for _, tt := range []struct {
		status int
		field  string
		want   time.Duration
	}{
		{429, "5", 5 * time.Second},
		{503, " 120 ", 2 * time.Minute},
		{429, "0", 0},
		{429, "Sun, 06 Nov 1994 08:49:37 GMT", 30 * time.Second},
		{429, "Sunday, 06-Nov-94 08:49:37 GMT", 30 * time.Second},
		{503, "Sun Nov  6 08:49:37 1994", 30 * time.Second},
		{429, "Sun, 06 Nov 1994 08:49:00 GMT", 0}, // it is over
		{429, "99999999999999999999", 1<<31*time.Second - time.Second},
		{429, "", usualHold},
		{429, "-5", usualHold},
		{429, "+5", usualHold},
		{429, "5.5", usualHold},
		{429, "soon", usualHold},
		{503, "", 0},
		{503, "soon", 0},
		{500, "5", 0},
		{301, "5", 0},
		{200, "5", 0},
	} {
		if got := retryAfter(tt.status, tt.field, now); got != tt.want {
			t.Errorf("%d, %q: %s, want %s", tt.status, tt.field, got, tt.want)
		}
	}
}

package transport

import (
	"testing"
	"time"
)

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

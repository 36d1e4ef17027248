package transport

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestRate: questions go out evenly, no more in a second than the rate.
func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newRateLimiter(5)
		start := time.Now()
		var at []time.Duration
		for range 11 {
			if err := p.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Since(start))
		}
		for i, d := range at {
			if want := time.Duration(i) * 200 * time.Millisecond; d != want {
				t.Errorf("question %d went at %s, want %s", i, d, want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if p.wait(ctx) == nil {
			t.Error("a question went out after the run was over")
		}
	})
}

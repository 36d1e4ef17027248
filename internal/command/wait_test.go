package command

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// TestWait: a record that appears during --wait passes the run; otherwise the run
// fails at the end.
func TestWait(t *testing.T) {
	t.Parallel()
	serve := func(t *testing.T, faults ...string) string {
		s := zonetest.Start(t, filepath.Join(testdata, "common"), "testdata/wait")
		for _, f := range faults {
			s.Fault(t, f)
		}
		return s.Addr
	}
	// The first run queries twice, to confirm the absence.
	addr := serve(t, "NXDOMAIN 2 MX bounce.example.com")
	out, errs, code := run(t, "check", "--resolver", addr, "--timeout", usualPatience, "--wait", "2s", "testdata/wait/sescheck.yaml")
	if code != "0" || !strings.HasPrefix(errs, "waiting: 1 error, 0 warnings, 0 notes; asking again in 100ms\n  mail-from-mx-missing  MX bounce.example.com\n") {
		t.Errorf("a record that appears: exit %s\n%s%s", code, out, errs)
	}
	addr = serve(t, "NXDOMAIN MX bounce.example.com")
	out, errs, code = run(t, "check", "--resolver", addr, "--timeout", usualPatience, "--wait", "200ms", "--quiet", "testdata/wait/sescheck.yaml")
	if code != "1" || errs != "" || !strings.Contains(out, "mail-from-mx-missing") {
		t.Errorf("a record that stays away: exit %s\n%s%s", code, out, errs)
	}
}

// TestWaitNamesFew: a few of many open findings are named, in the order of the
// report.
func TestWaitNamesFew(t *testing.T) {
	t.Parallel()
	// A good server may be slow on a busy machine; that does not matter here.
	_, errs, _ := run(t, "check", "--resolver", faulty(t).Addr, "--timeout", "20s", "--wait", "100ms", "testdata/faults/sescheck.yaml")
	first, _, _ := strings.Cut(errs, "waiting: ")
	if first != "" || strings.Count(strings.Split(errs, "waiting: ")[1], "\n") != 1+mostOpen+1 || !strings.Contains(errs, "  and 7 more\n") {
		t.Error(errs)
	}
}

// TestUntil: the pauses grow, the last one ends with the time to wait, and there is
// no pause after a pass.
func TestUntil(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wait   time.Duration
		passes int // number of the passing call; 0 for none
		at     string
	}{
		{0, 0, "[0s]"},
		{5 * time.Minute, 1, "[0s]"},
		{5 * time.Minute, 3, "[0s 5s 15s]"},
		{5 * time.Minute, 0, "[0s 5s 15s 35s 1m15s 2m15s 3m15s 4m15s 5m0s]"},
		{2 * time.Second, 0, "[0s 100ms 300ms 700ms 1.5s 2s]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			var at []time.Duration
			until(t.Context(), c.wait, func() bool {
				at = append(at, time.Since(start))
				return len(at) == c.passes
			}, func(time.Duration) {})
			if fmt.Sprint(at) != c.at {
				t.Errorf("asked at %s, want %s", at, c.at)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		until(ctx, time.Hour, func() bool { return false }, func(time.Duration) {})
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("interrupted after 7s, it went on until %s", took)
		}
	})
}

// TestLimit: the deadline grows with the number of queries and their timeouts.
func TestLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		domains int
		flags   dnsFlags
		want    time.Duration
	}{
		{1, dnsFlags{timeout: 2 * time.Second, retries: 2}, 5 * time.Minute},
		{1000, dnsFlags{timeout: 2 * time.Second, retries: 2}, 5 * time.Minute},
		{50000, dnsFlags{timeout: 2 * time.Second, retries: 2}, 39*time.Minute + 27800*time.Millisecond},
		{50000, dnsFlags{timeout: 2 * time.Second, retries: 2, rate: 100}, 4*time.Hour + 10*time.Minute + 26*time.Second},
		{1, dnsFlags{timeout: time.Minute, retries: 4}, 20*time.Minute + 100*time.Millisecond},
		{50000, dnsFlags{timeout: time.Minute, deadline: time.Second}, time.Second},
	} {
		if got := c.flags.limit(c.domains); got != c.want {
			t.Errorf("%d domains, %+v: %s, want %s", c.domains, c.flags, got, c.want)
		}
	}
}

package transport

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sescheck/sescheck/internal/record"
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

// TestPause: only a fault that takes no time is followed by a pause.
func TestPause(t *testing.T) {
	for f, want := range map[record.Fault]time.Duration{
		record.BadRcode: 100 * time.Millisecond, record.Unreachable: 100 * time.Millisecond, record.Timeout: 0, record.Malformed: 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			if Pause(t.Context(), f); time.Since(began) != want {
				t.Errorf("%v: %s, want %s", f, time.Since(began), want)
			}
		})
	}
}

// TestBrief: a brief client waits a second at most, and tries once more.
func TestBrief(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]time.Duration{3 * time.Second: time.Second, 300 * time.Millisecond: 300 * time.Millisecond} {
		c := NewClient(Options{Policy: Policy{Timeout: timeout, Retries: 5}})
		if b := c.Brief(); b.Timeout != want || b.Retries != 1 || c.Retries != 5 {
			t.Errorf("%s: %+v of %+v", timeout, b.Policy, c.Policy)
		}
	}
}

// TestZoneServers: five servers of a zone may fail, or more of a patient client.
func TestZoneServers(t *testing.T) {
	t.Parallel()
	for retries, want := range map[int]int{0: 5, 3: 5, 4: 5, 5: 6, 9: 10} {
		if got := (Policy{Retries: retries}).ZoneServers(); got != want {
			t.Errorf("%d retries: %d, want %d", retries, got, want)
		}
	}
}

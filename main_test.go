package main

import (
	"os"
	"runtime/debug"
	"testing"
	"time"
)

// TestMain lets the tests run the program as a process of its own: this one.
func TestMain(m *testing.M) {
	if os.Getenv("SESCHECK_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestLimitFor: the limit leaves a run alone while it is small, and stays well
// above what is in use after that, so that the collector has time to rest.
func TestLimitFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		inUse uint64
		want  int64
	}{
		{0, small},
		{20 << 20, small},
		{40 << 20, small},
		{60 << 20, 160 << 20},
		{61 << 20, 160 << 20},
		{300 << 20, 640 << 20},
		{1 << 30, 2<<30 + 48<<20},
	} {
		if got := limitFor(c.inUse); got != c.want {
			t.Errorf("%d MiB in use: %d MiB, want %d", c.inUse>>20, got>>20, c.want>>20)
		}
	}
	for inUse := uint64(0); inUse < 4<<30; inUse += 7 << 20 {
		if limitFor(inUse) < int64(2*inUse) {
			t.Fatalf("%d MiB in use leave %d MiB", inUse>>20, limitFor(inUse)>>20)
		}
	}
}

// TestInterrupt: the second signal ends the program, whatever it does, and so does
// the end of patience after the first.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for sent, patience := range map[int]time.Duration{2: time.Hour, 1: 0} {
		signals := make(chan os.Signal, 2)
		stopped, code := 0, make(chan int, 1)
		for range sent {
			signals <- os.Interrupt
		}
		interrupt(signals, func() { stopped++ }, func(c int) { code <- c }, patience)
		if c := <-code; c != 130 || stopped != 1 {
			t.Errorf("%d signals: exit %d, stopped %d times", sent, c, stopped)
		}
	}
}

// TestVersionOf: what the linker set counts, and else what Go itself recorded.
func TestVersionOf(t *testing.T) {
	t.Parallel()
	of := func(module string) *debug.BuildInfo { return &debug.BuildInfo{Main: debug.Module{Version: module}} }
	for _, c := range []struct {
		linked string
		info   *debug.BuildInfo
		want   string
	}{
		{"1.2.3", of("v9.9.9"), "1.2.3"},
		{"", of("v1.2.3"), "1.2.3"},
		{"", of("v0.0.0-20261127110000-0123456789ab+dirty"), "0.0.0-20261127110000-0123456789ab+dirty"},
		{"", of("(devel)"), "devel"},
		{"", of(""), "devel"},
		{"", nil, "devel"},
	} {
		if got := versionOf(c.linked, c.info); got != c.want {
			t.Errorf("linked %q, %+v: %s, want %s", c.linked, c.info, got, c.want)
		}
	}
}

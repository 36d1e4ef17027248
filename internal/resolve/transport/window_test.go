package transport

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// TestNewWindow: a window begins at half of the most, and with no fewer than the
// least of which there are so many.
func TestNewWindow(t *testing.T) {
	t.Parallel()
	for most, want := range map[int]float64{0: 1, 1: 1, 7: 7, 8: 8, 9: 8, 16: 8, 18: 9, 256: 128} {
		if w := newWindow(most); w.limit != want || w.threshold != max(float64(most), 1) {
			t.Errorf("%d: %v up to %v", most, w.limit, w.threshold)
		}
	}
}

// feed notes so many outcomes, each a millisecond after the one before; bad says
// which are.
func feed(w *window, now *time.Time, n int, full bool, bad func(i int) bool) {
	for i := range n {
		*now = now.Add(time.Millisecond)
		w.note(bad(i), full, *now, *now)
	}
}

func never(int) bool { return false }

// quarter is bad each fourth time, and once more with more.
func quarter(more int) func(int) bool {
	return func(i int) bool { return i < more || i >= 4 && i%4 == 2 || more == 0 && i == 2 || more == 1 && i == 2 }
}

// TestWindowGrows: by one an answer up to the threshold, then by two a round, never
// beyond the most, and only where it is full.
func TestWindowGrows(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	w := newWindow(40)
	for _, step := range []struct {
		n    int
		full bool
		want float64
	}{{10, false, 20}, {1, true, 21}, {18, true, 39}, {1, true, 40}, {5, true, 40}} {
		if feed(&w, &now, step.n, step.full, never); w.limit != step.want {
			t.Errorf("%d answers: %v, want %v", step.n, w.limit, step.want)
		}
	}
	w = newWindow(40)
	w.threshold = 20
	if feed(&w, &now, 1, true, never); w.limit != 20.1 {
		t.Errorf("behind the threshold: %v", w.limit)
	}
	feed(&w, &now, 1, true, func(int) bool { return true })
	if w.limit != 20.1 {
		t.Errorf("a loss opened it: %v", w.limit)
	}
}

// TestWindowIsCut: where more than a quarter goes wrong, in a round or three, and
// at once where it is more than a half of many.
func TestWindowIsCut(t *testing.T) {
	t.Parallel()
	every := func(n int) func(int) bool { return func(i int) bool { return i%n == 1 } }
	for name, c := range map[string]struct {
		most, n int
		bad     func(int) bool
		want    float64
	}{
		"nothing wrong":             {256, 1000, never, 128},
		"a quarter":                 {256, 1000, quarter(0), 128},
		"more, before three rounds": {256, 599, quarter(1), 128},
		"more, after three rounds":  {256, 600, quarter(1), 64},
		"much more, before a round": {256, 199, every(2), 128},
		"much more, after a round":  {256, 200, every(2), 64},
		"a half of many":            {256, 64, func(i int) bool { return i >= 32 }, 128},
		"more than a half":          {256, 63, func(i int) bool { return i >= 31 }, 64},
		"all, not yet many":         {256, 31, func(int) bool { return true }, 128},
		"all":                       {256, 32, func(int) bool { return true }, 64},
		"all, and it is the least":  {16, 32, func(int) bool { return true }, 8},
		"all, of a small one":       {20, 32, func(int) bool { return true }, 8},
		"a large round":             {1000, 499, every(2), 500},
		"after it":                  {1000, 500, every(2), 250},
	} {
		now := time.Unix(1000, 0)
		w := newWindow(c.most)
		if feed(&w, &now, c.n, false, c.bad); w.limit != c.want {
			t.Errorf("%s: %v, want %v", name, w.limit, c.want)
		}
	}
}

// TestWindowTrial: a cut is taken back where the share of losses stays and fewer
// answers come; what was sent before it does not count.
func TestWindowTrial(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		slower   int // how much slower answers come after the cut
		every    int // which is lost then
		want     float64
		baseline float64 // in percent
	}{
		"it cured nothing":             {3, 2, 128, 50},
		"as many answers still come":   {1, 2, 32, 0},
		"the loss fell by half":        {3, 4, 64, 0},
		"the loss fell by less":        {3, 3, 128, 33},
		"it ended":                     {3, 1000, 64, 0},
		"more is lost: it is overload": {3, 1, 8, 0},
	} {
		now := time.Unix(1000, 0)
		w := newWindow(256)
		feed(&w, &now, 200, false, func(i int) bool { return i%2 == 1 })
		if w.limit != 64 || w.stale != 256 {
			t.Fatalf("%v, %d are still to come", w.limit, w.stale)
		}
		feed(&w, &now, 256, true, never)
		if w.limit != 64 || w.stale != 0 || w.total != 0 {
			t.Errorf("%s: what was sent before counts: %v", name, w.limit)
		}
		for i := range 600 {
			now = now.Add(time.Duration(c.slower) * time.Millisecond)
			w.note(i%c.every == c.every-1, true, now, now)
		}
		if got := int(w.baseline*100 + 0.5); w.limit != c.want || got != int(c.baseline) {
			t.Errorf("%s: %v, baseline %d %%; want %v, %v %%", name, w.limit, got, c.want, c.baseline)
		}
	}
}

// TestBackoffSteps: four failures in a row and a server is in backoff, for a second
// and then twice as long each time, up to sixteen.
func TestBackoffSteps(t *testing.T) {
	t.Parallel()
	start := time.Unix(1000, 0)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	var b backoff
	fault := &Fault{Kind: record.Timeout}
	for i := range 3 {
		b.note(silent, fault, at(float64(i)), at(float64(i)+0.5))
	}
	if b.failed != 3 || !b.until.IsZero() || !b.quiet.Equal(at(0)) {
		t.Errorf("after three: %+v", b)
	}
	b.note(silent, fault, at(-1), at(4)) // sent first
	if b.failed != 4 || !b.until.Equal(at(5)) || !b.quiet.Equal(at(-1)) || b.last != fault {
		t.Errorf("after four: %+v", b)
	}
	b.note(silent, fault, at(3.9), at(4.5)) // sent before the pause
	if !b.until.Equal(at(5)) {
		t.Errorf("a failure from before the pause made it longer: %+v", b)
	}
	if b.probe(at(4.9)) || !b.probe(at(5)) || b.probe(at(5)) || b.probe(at(5.9)) || !b.probe(at(6)) {
		t.Errorf("probes: %+v", b)
	}
	now := 10.0
	for _, want := range []time.Duration{2, 4, 8, 16, 16} {
		b.note(pushed, nil, at(now), at(now))
		if b.pause != want*time.Second || !b.until.Equal(at(now).Add(b.pause)) || !b.quiet.IsZero() {
			t.Errorf("a pause of %s, want %d s: %+v", b.pause, want, b)
		}
		now++
	}
	b.note(silent, fault, at(90), at(91))
	if !b.quiet.Equal(at(90)) {
		t.Errorf("quiet since %s", b.quiet)
	}
	if b.note(answered, nil, at(92), at(93)); b != (backoff{}) {
		t.Errorf("after an answer: %+v", b)
	}
}

// TestRTT: the estimate follows the answers as RFC 6298 has it; one that comes
// after a datagram was sent again is taken for an answer to that, unless it comes
// too soon.
func TestRTT(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	var r rtt
	if r.timeout() != 400*ms {
		t.Errorf("at first: %s", r.timeout())
	}
	for _, c := range []struct{ d, resent, smoothed, variation, timeout time.Duration }{
		{80 * ms, 0, 80 * ms, 40 * ms, 240 * ms},
		{80 * ms, 0, 80 * ms, 30 * ms, 200 * ms},
		{160 * ms, 0, 90 * ms, 42500 * time.Microsecond, 260 * ms},
		{190 * ms, 100 * ms, 90 * ms, 31875 * time.Microsecond, 217500 * time.Microsecond},
		{145 * ms, 100 * ms, 96875 * time.Microsecond, 37656250, 247500 * time.Microsecond}, // 45 ms after it: to the first
	} {
		if r.sample(c.d, c.resent); r.smoothed != c.smoothed || r.variation != c.variation || r.timeout() != c.timeout {
			t.Errorf("%s: %s ± %s, %s; want %s ± %s, %s", c.d, r.smoothed, r.variation, r.timeout(), c.smoothed, c.variation, c.timeout)
		}
	}
	r = rtt{10 * ms, 2 * ms}
	if r.timeout() != 50*ms {
		t.Errorf("a quick server: %s", r.timeout())
	}
}

// TestInterval: when a datagram is sent again, and when no more.
func TestInterval(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	s := newState(1, nil)
	s.rtt = rtt{100 * ms, 0}
	for _, c := range []struct {
		n, before  int
		left, want time.Duration
	}{
		{0, 0, 2000 * ms, 100 * ms}, {1, 0, 2000 * ms, 100 * ms}, {2, 0, 2000 * ms, 200 * ms}, {5, 0, 2000 * ms, 400 * ms},
		{8, 0, 2000 * ms, 1600 * ms}, {9, 0, 2000 * ms, 2000 * ms}, {0, 0, 200 * ms, 100 * ms}, {0, 0, 199 * ms, 199 * ms},
	} {
		a := Attempt{Timeout: 2000 * ms, state: s, Try: Try{Before: c.before}}
		if got := a.interval(c.n, c.left); got != c.want {
			t.Errorf("the %d-th with %s left: %s, want %s", c.n, c.left, got, c.want)
		}
	}
	s.rtt = rtt{900 * ms, 0}
	for before, want := range map[int]time.Duration{0: 900 * ms, 1: 500 * ms, 2: 500 * ms} {
		if got := (Attempt{Timeout: 2000 * ms, state: s, Try: Try{Before: before}}).interval(0, 2000*ms); got != want {
			t.Errorf("after %d tries: %s, want %s", before, got, want)
		}
	}
	if got := (Attempt{Timeout: 2000 * ms}).interval(0, 700*ms); got != 700*ms {
		t.Errorf("without a state: %s", got)
	}
}

// TestSend: within a try a datagram is sent again until there is an answer, an
// error that time does not cure, or the end of the try.
func TestSend(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers int   // the datagram that is answered, from 1; 0 for none
		err     error // instead of the answer
		want    string
	}{
		"at once":       {1, nil, "1 sent, 400ms, resent 0s, <nil>"},
		"the third":     {3, nil, "3 sent, 1.6s, resent 800ms, <nil>"},
		"never":         {0, nil, "4 sent, 2s, resent 1.6s, timeout"},
		"another error": {2, context.Canceled, "2 sent, 800ms, resent 400ms, context canceled"},
		"it is garbled": {1, &Fault{Kind: record.Malformed}, "4 sent, 2s, resent 1.6s, timeout"},
		"not reachable": {1, &Fault{Kind: record.Unreachable}, "1 sent, 400ms, resent 0s, server not reachable"},
	} {
		synctest.Test(t, func(t *testing.T) {
			sent, waited := 0, 0
			start := time.Now()
			r, err := Attempt{Timeout: 2 * time.Second, state: newState(1, nil)}.Send(
				func() error { sent++; return nil },
				func(d time.Duration) (Reply, error) {
					waited++
					time.Sleep(d)
					if sent == c.answers && waited == sent {
						return Reply{}, c.err
					}
					return Reply{}, &Fault{Kind: record.Timeout}
				})
			if got := fmt.Sprintf("%d sent, %s, resent %s, %v", sent, time.Since(start), r.resent, err); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		})
	}
}

// TestPatience: how long a question takes that nobody answers, how many servers
// may fail at one, and how brief a look is.
func TestPatience(t *testing.T) {
	t.Parallel()
	p := Policy{Timeout: 2 * time.Second, Retries: 2}
	if p.Patience() != 6*time.Second || p.ZoneServers() != 5 || (Policy{Retries: 4}).ZoneServers() != 5 || (Policy{Retries: 5}).ZoneServers() != 6 {
		t.Errorf("%s, %d servers", p.Patience(), p.ZoneServers())
	}
	for timeout, want := range map[time.Duration]time.Duration{time.Second / 2: time.Second / 2, 2 * time.Second: time.Second} {
		c := NewClient(Options{Policy: Policy{Timeout: timeout, Retries: 3}})
		if b := c.Brief(); b.Timeout != want || b.Retries != 1 || c.Retries != 3 {
			t.Errorf("%+v", b.Policy)
		}
	}
}

// TestSkip: which questions a server in backoff is spared.
func TestSkip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		time.Sleep(5 * time.Second)
		for name, c := range map[string]struct {
			failed  int
			quiet   time.Time
			try     Try
			skipped bool
		}{
			"few failures":                {3, start, Try{}, false},
			"quiet for all the patience":  {4, start.Add(-time.Second), Try{}, true},
			"exactly as long":             {4, start, Try{}, true},
			"not as long":                 {4, start.Add(1), Try{}, false},
			"not as long, there are more": {4, start.Add(1), Try{Choosy: true}, true},
			"a probe":                     {4, start, Try{Probe: true}, false},
			"not quiet":                   {4, time.Time{}, Try{Choosy: true}, false},
		} {
			s := newState(4, nil)
			s.backoff = backoff{failed: c.failed, quiet: c.quiet, last: &Fault{Kind: record.Timeout, Detail: "x"}}
			err := s.skip(c.try, 5*time.Second)
			if f, is := errors.AsType[*Fault](err); (err != nil) != c.skipped || is && (!f.Skipped || f.Detail != "x") {
				t.Errorf("%s: %v", name, err)
			}
			if off, _ := s.InBackoff(); off != (c.failed >= 4) {
				t.Errorf("%s: in backoff %v", name, off)
			}
			if s.Forget(); s.backoff != (backoff{}) || s.credit != maxCredit {
				t.Errorf("%s: %+v is kept", name, s.backoff)
			}
		}
	})
}

// TestCredit: datagrams are sent again as often as there is credit, of which each
// answer gives one back; what is sent again counts as lost.
func TestCredit(t *testing.T) {
	t.Parallel()
	s := newState(256, nil)
	for range maxCredit {
		if hold, ok := s.resend(); !ok || hold != 0 {
			t.Fatalf("credit of %d, %s", s.credit, hold)
		}
	}
	if _, ok := s.resend(); ok {
		t.Error("there is no end to it")
	}
	if w := newWindow(256); s.window.limit >= w.limit {
		t.Errorf("the window is %v", s.window.limit)
	}
	for _, c := range []struct {
		err    error
		credit int
	}{{nil, 1}, {&Fault{Kind: record.Timeout}, 1}, {context.Canceled, 1}, {nil, 2}} {
		s.slots <- struct{}{}
		if s.leave(time.Now(), Reply{Recursion: true}, c.err); s.credit != c.credit {
			t.Errorf("after %v: %d", c.err, s.credit)
		}
	}
}

// TestSlots: a window that is cut takes slots away as they are given back, and one
// that opens gives them back at once.
func TestSlots(t *testing.T) {
	t.Parallel()
	s := newState(40, nil)
	free := func() int { return cap(s.slots) - len(s.slots) }
	if free() != 20 || s.shut != 20 {
		t.Fatalf("%d free, %d shut", free(), s.shut)
	}
	for range 20 {
		s.slots <- struct{}{}
	}
	s.window.limit = 18
	for i, want := range []int{0, 0, 1, 2} {
		if s.leave(time.Now(), Reply{}, context.Canceled); free() != want {
			t.Errorf("after %d: %d free, want %d", i+1, free(), want)
		}
	}
	s.window.limit = 30
	if s.leave(time.Now(), Reply{}, context.Canceled); free() != 15 || s.shut != 10 {
		t.Errorf("%d free, %d shut", free(), s.shut)
	}
}

// TestRedials: which failures over a connection that was used before are no
// answer yet, and when a connection is given up.
func TestRedials(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{&Fault{Kind: record.Unreachable}: true, &Fault{Kind: record.Timeout}: false, context.Canceled: false} {
		if redials(err) != want {
			t.Errorf("%v: %v", err, !want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		time.Sleep(time.Second)
		for name, c := range map[string]struct {
			heard   time.Time
			timeout time.Duration
			dead    bool
		}{
			"nothing for half of a try": {start.Add(-1), 2 * time.Second, true},
			"nothing for less":          {start.Add(-1), 2*time.Second + 2, false},
			"something since then":      {start, 2 * time.Second, false},
		} {
			var heard atomic.Int64
			heard.Store(c.heard.UnixNano())
			if got := seemsDead(&heard, start, c.timeout); got != c.dead {
				t.Errorf("%s: %v", name, got)
			}
		}
	})
}

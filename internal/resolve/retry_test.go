package resolve

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// scripted answers the n-th exchange with the n-th rcode, after a delay; 0 is an
// answer that is an absence. Before that it asks to be left alone, for each of holds.
type scripted struct {
	name   string
	holds  []time.Duration
	rcodes []int
	delay  time.Duration
	at     []time.Duration
	start  time.Time
}

func (s *scripted) String() string { return s.name }
func (s *scripted) Close()         {}

func (s *scripted) Exchange(ctx context.Context, _ *transport.Query, a transport.Attempt) (transport.Reply, error) {
	s.at = append(s.at, time.Since(s.start))
	if s.delay > a.Timeout {
		pause(ctx, a.Timeout)
		return transport.Reply{}, &transport.Fault{Kind: record.Timeout}
	}
	pause(ctx, s.delay)
	if ctx.Err() != nil {
		return transport.Reply{}, context.Cause(ctx)
	}
	i := len(s.at) - 1
	if i < len(s.holds) {
		return transport.Reply{}, &transport.Fault{Kind: record.Malformed, Detail: "HTTP status 429", Hold: s.holds[i]}
	}
	i -= len(s.holds)
	if i >= len(s.rcodes) {
		return transport.Reply{Recursion: true}, nil
	}
	return transport.Reply{Rcode: s.rcodes[i], Recursion: true}, nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// TestRetries: another try goes to the next server at once; the same server is
// left alone for a moment after an rcode that is no answer, and not after a
// timeout, which took long enough.
func TestRetries(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		servers []*scripted
		at      [][]time.Duration
		status  record.Status
	}{
		"one server fails twice": {
			[]*scripted{{rcodes: []int{dns.RcodeServerFailure, dns.RcodeServerFailure}}},
			[][]time.Duration{{0, 100 * ms, 200 * ms}}, record.NoData,
		},
		"the next server at once": {
			[]*scripted{{rcodes: []int{dns.RcodeRefused}}, {}},
			[][]time.Duration{{0}, {0}}, record.NoData,
		},
		"a slow server is one try": {
			[]*scripted{{delay: time.Hour}, {}},
			[][]time.Duration{{0}, {2000 * ms}}, record.NoData,
		},
		"a server asks to be left alone": {
			[]*scripted{{holds: []time.Duration{3 * time.Second, 50 * ms}}},
			[][]time.Duration{{0, 3000 * ms, 3050 * ms}}, record.NoData,
		},
		"for longer than a question waits": {
			[]*scripted{{holds: []time.Duration{11 * time.Second}}},
			[][]time.Duration{{0}}, record.Unknown,
		},
		"the next server does not ask for it": {
			[]*scripted{{holds: []time.Duration{time.Hour}}, {}},
			[][]time.Duration{{0}, {0}}, record.NoData,
		},
		"both ask for it": {
			[]*scripted{{holds: []time.Duration{3 * time.Second}}, {holds: []time.Duration{time.Hour}}},
			[][]time.Duration{{0, 3000 * ms}, {0}}, record.NoData,
		},
		"nobody answers": {
			[]*scripted{{delay: time.Hour}},
			[][]time.Duration{{0, 2000 * ms, 4000 * ms}}, record.Unknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := Options{Timeout: 2 * time.Second, Retries: 2, Concurrency: 1}
				for _, s := range c.servers {
					s.start = time.Now()
					o.Servers = append(o.Servers, Server{Exchanger: s})
				}
				a := New(o).Ask(t.Context(), record.Question{Name: "example.test", Type: record.TXT})
				if a.Status != c.status {
					t.Errorf("%s, want %s", a.Status, c.status)
				}
				for i, s := range c.servers {
					if !slices.Equal(s.at, c.at[i]) {
						t.Errorf("server %d was asked at %v, want %v", i, s.at, c.at[i])
					}
				}
			})
		})
	}
}

// TestDeadline: a question under way ends with the run, and says so.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		s := &scripted{delay: time.Hour, start: time.Now()}
		r := New(Options{Servers: []Server{{Exchanger: s}}, Timeout: 2 * time.Second, Retries: 5, Concurrency: 1})
		a := r.Ask(ctx, record.Question{Name: "example.test", Type: record.TXT})
		if a.Status != record.Unknown || a.Failure.Fault != record.Interrupted && a.Failure.Fault != record.Timeout {
			t.Errorf("%+v", a.Failure)
		}
		if took := time.Since(s.start); took != 3*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// TestHold: while a server asks to be left alone, no question goes to it. Each waits,
// at most as long as the run, and none does where that would take too long.
func TestHold(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "example.test", Type: record.TXT}
	over := func(s *scripted) *Resolver {
		s.start = time.Now()
		return New(Options{Servers: []Server{{Exchanger: s}}, Timeout: 2 * time.Second, Retries: 2, Concurrency: 1})
	}
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{holds: []time.Duration{4 * time.Second}}
		r := over(s)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if a := r.Ask(t.Context(), q); a.Status != record.NoData {
					t.Errorf("%+v", a.Failure)
				}
			})
		}
		all.Wait()
		const after = 4 * time.Second
		if want := []time.Duration{0, after, after, after, after, after}; !slices.Equal(s.at, want) {
			t.Errorf("asked at %v, want %v", s.at, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{holds: []time.Duration{time.Minute}}
		r := over(s)
		if a := r.Ask(t.Context(), q); a.Status != record.Unknown || a.Failure.Tries != 1 || a.Failure.Detail != "HTTP status 429" {
			t.Errorf("%+v", a.Failure)
		}
		if a := r.Ask(t.Context(), q); a.Status != record.Unknown || a.Failure.Detail != "HTTP status 429, as for earlier queries; this query was not sent" {
			t.Errorf("%+v", a.Failure)
		}
		r.Forget()
		if r.Ask(t.Context(), q); len(s.at) != 1 || time.Since(s.start) > 0 {
			t.Errorf("asked at %v, and it took %s", s.at, time.Since(s.start))
		}
		pause(t.Context(), time.Minute)
		if a := r.Ask(t.Context(), q); a.Status != record.NoData {
			t.Errorf("when the time was over: %+v", a.Failure)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		s := &scripted{holds: []time.Duration{5 * time.Second}}
		a := over(s).Ask(ctx, q)
		if took := time.Since(s.start); a.Status != record.Unknown || a.Failure.Fault != record.Interrupted || took != 3*time.Second {
			t.Errorf("%+v after %s", a.Failure, took)
		}
	})
	synctest.Test(t, func(t *testing.T) { // one that never answers costs no question its patience for ever
		s := &scripted{holds: slices.Repeat([]time.Duration{2 * time.Second}, 1000)}
		r := over(s)
		for range 100 {
			if a := r.Ask(t.Context(), q); a.Status != record.Unknown {
				t.Errorf("%s", a.Status)
			}
		}
		if took := time.Since(s.start); took > 20*time.Second || len(s.at) > 10 {
			t.Errorf("it took %s, asked at %v", took, s.at)
		}
	})
}

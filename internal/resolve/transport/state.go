package transport

import (
	"sync"
	"time"
)

// state is the state of one server: how many questions it bears at once (window),
// how long an answer takes (rtt), and whether it answers at all (backoff).
type state struct {
	slots chan struct{} // a semaphore as wide as the widest window
	rate  *rateLimiter

	mu      sync.Mutex
	shut    int // slots that are taken only to narrow the window
	window  window
	rtt     rtt
	backoff backoff
	hold    hold
	credit  int // datagrams that may be sent again until the next answer
}

func newState(most int, l *rateLimiter) *state {
	s := &state{slots: make(chan struct{}, max(most, 1)), rate: l, window: newWindow(most), credit: maxCredit}
	s.shut = cap(s.slots) - int(s.window.limit)
	for range s.shut {
		s.slots <- struct{}{}
	}
	return s
}

// leave gives the slot back and learns from how the try ended.
func (s *state) leave(start time.Time, r Reply, err error) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := outcomeOf(r, err); o != abandoned {
		if o != silent {
			s.credit = min(s.credit+1, maxCredit)
			s.rtt.sample(now.Sub(start), r.resent)
		}
		s.backoff.note(o, err, start, now)
		s.hold.note(o, err, now)
		s.window.note(o == pushed || o == silent, len(s.slots) == cap(s.slots), start, now)
	}
	shut := cap(s.slots) - int(s.window.limit)
	if s.shut < shut {
		s.shut++
	} else {
		<-s.slots
	}
	for s.shut > shut {
		<-s.slots
		s.shut--
	}
}

// Forget lets the server be tried as if it had never failed. One that asked to be
// left alone still is.
func (s *state) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.backoff = backoff{}
	s.credit = maxCredit
}

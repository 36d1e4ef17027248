package transport

import (
	"errors"
	"sync"
	"time"

	"github.com/miekg/dns"
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

// outcome is how a try ended.
type outcome uint8

const (
	answered  outcome = iota
	useless           // an rcode that is no answer, or an answer that is not credible
	pushed            // an rcode that busy servers give: SERVFAIL, REFUSED
	silent            // no readable message came, or the server is not reachable
	abandoned         // the run is over, or the server was not asked
)

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

func outcomeOf(r Reply, err error) outcome {
	f, is := errors.AsType[*Fault](err)
	switch {
	case is && f.Skipped:
		return abandoned
	case is:
		return silent
	case err != nil:
		return abandoned
	case r.Credible() || r.Referral.Zone != "":
		return answered
	case r.Rcode == dns.RcodeServerFailure || r.Rcode == dns.RcodeRefused:
		return pushed
	}
	return useless
}

// InBackoff reports whether the server is asked last, and whether the caller is to
// probe it.
func (s *state) InBackoff() (backsOff, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backoff.failed < maxFailed {
		return false, false
	}
	return true, s.backoff.probe(time.Now())
}

// skip returns the last fault of a server that is not to be asked now: it was quiet
// for all the patience with one question, or is in backoff and there are more. So
// an outage does not cost a run its patience for each question.
func (s *state) skip(t Try, patience time.Duration) error {
	if t.Probe {
		return nil
	}
	if t.Choosy {
		patience = 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &s.backoff
	if b.failed < maxFailed || b.quiet.IsZero() || time.Since(b.quiet) < patience {
		return nil
	}
	return &Fault{Kind: b.last.Kind, Detail: b.last.Detail, Skipped: true}
}

// resend reports whether a datagram may be sent once more, and after which delay
// for the rate. The one before it counts as lost.
func (s *state) resend() (hold time.Duration, ok bool) {
	s.mu.Lock()
	now := time.Now()
	s.window.note(true, false, now, now)
	ok = s.credit > 0
	if ok {
		s.credit--
	}
	s.mu.Unlock()
	if !ok {
		return 0, false
	}
	return s.rate.reserve(), true
}

// Forget lets the server be tried as if it had never failed.
func (s *state) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.backoff = backoff{}
	s.credit = maxCredit
}

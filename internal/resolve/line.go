package resolve

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// line is what is known of one server: how many questions it bears at once,
// how long an answer takes, and whether it answers at all. A nil line bears
// everything and knows nothing.
type line struct {
	slots chan struct{} // a place in it is a question on its way, or closed to all
	pace  *pace

	mu     sync.Mutex
	shut   int // places in slots that the window keeps shut
	window window
	rtt    rtt
	rest   rest
	spare  int // how often a question may be sent again before more answers come
}

// spares bounds what is sent again while nothing is answered.
const spares = 64

func newLine(most int, p *pace) *line {
	l := &line{slots: make(chan struct{}, max(most, 1)), pace: p, window: newWindow(most), spare: spares}
	l.shut = cap(l.slots) - int(l.window.limit)
	for range l.shut {
		l.slots <- struct{}{}
	}
	return l
}

// enter waits for a place in the window.
func (l *line) enter(ctx context.Context) error {
	if l == nil {
		return nil
	}
	select {
	case l.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// outcome is how a try ended.
type outcome uint8

const (
	answered  outcome = iota
	useless           // an rcode that is no answer, or a shrug
	pushed            // likewise, and of those that busy servers give: SERVFAIL, REFUSED
	silent            // nothing came, or nobody is there
	abandoned         // the run is over, or the server was not asked
)

// leave gives the place back and learns from how the try ended.
func (l *line) leave(start time.Time, r reply, err error) {
	if l == nil {
		return
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if o := outcomeOf(r, err); o != abandoned {
		if o != silent {
			l.spare = min(l.spare+1, spares)
			l.rtt.sample(now.Sub(start), r.resent)
		}
		l.rest.note(o, err, start, now)
		l.window.note(o == pushed || o == silent, len(l.slots) == cap(l.slots), start, now)
	}
	shut := cap(l.slots) - int(l.window.limit)
	if l.shut < shut {
		l.shut++
	} else {
		<-l.slots
	}
	for l.shut > shut {
		<-l.slots
		l.shut--
	}
}

func outcomeOf(r reply, err error) outcome {
	f, is := errors.AsType[*fault](err)
	switch {
	case is && f.unasked:
		return abandoned
	case is:
		return silent
	case err != nil:
		return abandoned
	case credible(r) || r.cut.zone != "":
		return answered
	case r.rcode == dns.RcodeServerFailure || r.rcode == dns.RcodeRefused:
		return pushed
	}
	return useless
}

// interval is how long to wait for an answer after sending for the n-th time,
// counted from 0, before sending once more; all that is left where another
// would come too late. It doubles with every other time: with every time, what
// chance takes several times in a row would hold up a whole run, and against
// congestion there are the window and the spares. A question for which a whole
// try was in vain is not left to a perhaps wrong idea of how long answers take.
func (a attempt) interval(n int, left time.Duration) time.Duration {
	l := a.line
	if l == nil || n >= maxResends {
		return left
	}
	l.mu.Lock()
	least := l.rtt.interval()
	l.mu.Unlock()
	if a.tries > 0 {
		least = min(least, a.timeout/4)
	}
	if d := least << (n / 2); d+least <= left {
		return d
	}
	return left
}

// again asks whether a question may be sent once more, as far as its allowance
// and the line go.
func (a attempt) again() (hold time.Duration, ok bool) {
	if a.allowance.resend() {
		return a.line.again()
	}
	return 0, false
}

// again asks whether a question may be sent once more, and how long that has
// to be held back for the rate. What is sent again counts as lost.
func (l *line) again() (hold time.Duration, ok bool) {
	if l == nil {
		return 0, false
	}
	l.mu.Lock()
	now := time.Now()
	l.window.note(true, false, now, now)
	ok = l.spare > 0
	if ok {
		l.spare--
	}
	l.mu.Unlock()
	if !ok {
		return 0, false
	}
	return l.pace.reserve(), true
}

// resting reports whether others are asked before the server, and whether it
// is time for the asker to find out if that is still so.
func (l *line) resting() (resting, due bool) {
	if l == nil {
		return false, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rest.failed < patience {
		return false, false
	}
	return l.rest.resting(time.Now())
}

// dead returns the last fault of a server that is not to be asked now: nothing
// at all came from it for so long, or it rests and there are others.
func (l *line) dead(h hearing, long time.Duration) error {
	if l == nil || h.probe {
		return nil
	}
	if h.choosy {
		long = 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rest.failed >= patience && l.rest.dead(time.Now(), long) {
		return &fault{kind: l.rest.last.kind, detail: l.rest.last.detail, unasked: true}
	}
	return nil
}

// forget lets a server be tried as if it had never failed.
func (l *line) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = rest{}
	l.spare = spares
}

// rtt is the time that answers take, smoothed (RFC 6298).
type rtt struct{ smooth, spread time.Duration }

const (
	maxResends    = 9                      // of one try
	firstInterval = 400 * time.Millisecond // while nothing was measured
	leastInterval = 50 * time.Millisecond  // below it, a busy machine would send again for nothing
)

// sample learns from an answer that came d after the question was sent for the
// first time. One that was sent again is taken for lost before, unless the
// answer comes too soon after that.
func (r *rtt) sample(d, resent time.Duration) {
	if d-resent > r.smooth/2 {
		d -= resent
	}
	if r.smooth == 0 {
		r.smooth, r.spread = d, d/2
		return
	}
	r.spread += ((r.smooth - d).Abs() - r.spread) / 4
	r.smooth += (d - r.smooth) / 8
}

func (r *rtt) interval() time.Duration {
	if r.smooth == 0 {
		return firstInterval
	}
	return max(r.smooth+4*r.spread, leastInterval)
}

// send sends a datagram and waits for its answer, and sends it again while
// there is none: a lost datagram need not cost the whole try (RFC 1035 section
// 4.2.1 leaves the interval to be found from the times that answers take).
func (a attempt) send(send func() error, wait func(time.Duration) (reply, error)) (reply, error) {
	var passed time.Duration
	for n := 0; ; n++ {
		if err := send(); err != nil {
			return reply{}, err
		}
		sent := passed
		d := a.interval(n, a.timeout-passed)
		r, err := wait(d)
		if passed += d; passed < a.timeout && isLate(err) {
			hold, ok := a.again()
			if !ok || hold >= a.timeout-passed {
				hold = a.timeout - passed
			}
			if hold == 0 {
				continue
			}
			r, err = wait(hold)
			passed += hold
		}
		if passed >= a.timeout || !isLate(err) {
			r.resent = sent
			return r, err
		}
	}
}

// isLate reports whether a question got nothing that could be read, and may
// still get it.
func isLate(err error) bool {
	f, is := errors.AsType[*fault](err)
	return is && (f.kind == record.Timeout || f.kind == record.Malformed)
}

package transport

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// The retry policy. Within a try a datagram is sent again after a retransmission
// timeout (Attempt.Send), and a question is asked again over a new connection
// (redials) or without EDNS (refusesEDNS). A question is tried again on the next
// server first (Policy, Pause). A server that only fails is asked last, with
// exponential backoff between probes (backoff). A zone's server that never answers
// is called dead (DeadAfter), and a failed search for one is made again later
// (FailedLookup).

// Policy is how patiently a question is asked.
type Policy struct {
	Timeout time.Duration // one try
	Retries int           // more tries, on the next server first
}

// Patience is how long a question takes that no server answers.
func (p Policy) Patience() time.Duration { return p.Timeout * time.Duration(p.Retries+1) }

// Brief is the client for a walk that may find its way blocked.
func (c *Client) Brief() *Client {
	brief := *c
	brief.Policy = Policy{min(c.Timeout, time.Second), 1}
	return &brief
}

// ZoneServers is how many servers of a zone may fail at a question that any of
// them can answer, before it is given up. Few zones have more than five servers.
func (p Policy) ZoneServers() int { return max(p.Retries+1, 5) }

// DeadAfter is how many tries an address gets that never answered in this run,
// until it is called dead. A try of two seconds sends its datagram four times, so
// that even where every third exchange is lost this happens by chance to one
// address in half a million (3 to the power of 12).
const DeadAfter = 3

// FailedLookup is how long an address that could not be found is not looked for
// again (RFC 9520 section 3.2: at least a second; Unbound's are five, too).
const FailedLookup = 5 * time.Second

// Pause waits before the same server is tried again after a fault that took no
// time. A timeout was pause enough.
func Pause(ctx context.Context, f record.Fault) {
	if f == record.BadRcode || f == record.Unreachable {
		sleep(ctx, 100*time.Millisecond)
	}
}

// refusesEDNS reports rcodes with which servers older than EDNS answer it
// (RFC 6891 section 7).
func (r Reply) refusesEDNS() bool {
	return r.Rcode == dns.RcodeFormatError || r.Rcode == dns.RcodeNotImplemented || r.Rcode == dns.RcodeBadVers
}

// redials reports whether a question over a reused connection is asked again over
// a new one: a server may close an idle connection at any moment (RFC 7766 section
// 6.2.3).
func redials(err error) bool {
	f, ok := errors.AsType[*Fault](err)
	return ok && f.Kind == record.Unreachable
}

// seemsDead reports whether a connection is given up after a failed question, for
// half of a try of which nothing was heard over it.
func seemsDead(heard *atomic.Int64, start time.Time, timeout time.Duration) bool {
	return heard.Load() < start.UnixNano() && time.Since(start) >= timeout/2
}

// Attempt is how patiently one try is made.
type Attempt struct {
	Timeout time.Duration
	state   *state // decides when a datagram is sent again; nil for never
	Try
}

const (
	maxResends = 9                      // of one try
	maxCredit  = 64                     // datagrams that are sent again while nothing is answered
	initialRTO = 400 * time.Millisecond // while nothing was measured
	minRTO     = 50 * time.Millisecond  // below it, a busy machine would send again for nothing
)

// Send sends a datagram and waits for its answer, and sends it again while
// there is none: a lost datagram need not cost the whole try (RFC 1035 section
// 4.2.1 leaves the interval to be found from the times that answers take).
func (a Attempt) Send(send func() error, wait func(time.Duration) (Reply, error)) (Reply, error) {
	var passed time.Duration
	for n := 0; ; n++ {
		if err := send(); err != nil {
			return Reply{}, err
		}
		sent := passed
		d := a.interval(n, a.Timeout-passed)
		r, err := wait(d)
		if passed += d; passed < a.Timeout && isLate(err) {
			hold, ok := a.resend()
			if !ok || hold >= a.Timeout-passed {
				hold = a.Timeout - passed
			}
			if hold == 0 {
				continue
			}
			r, err = wait(hold)
			passed += hold
		}
		if passed >= a.Timeout || !isLate(err) {
			r.resent = sent
			return r, err
		}
	}
}

// isLate reports whether a question got no message that could be read, and may
// still get one.
func isLate(err error) bool {
	f, is := errors.AsType[*Fault](err)
	return is && (f.Kind == record.Timeout || f.Kind == record.Malformed)
}

// interval is how long to wait for an answer to the n-th datagram, counted from 0,
// before the next is sent; all the time that is left where its answer would come
// too late. It doubles with every second datagram, not with each as in RFC 6298:
// a few losses by chance would hold up a whole run, and congestion is met by the
// window and the credit. After a try in vain it is a quarter of the timeout at
// most, since the estimate may be wrong.
func (a Attempt) interval(n int, left time.Duration) time.Duration {
	s := a.state
	if s == nil || n >= maxResends {
		return left
	}
	s.mu.Lock()
	rto := s.rtt.timeout()
	s.mu.Unlock()
	if a.Before > 0 {
		rto = min(rto, a.Timeout/4)
	}
	if d := rto << (n / 2); d+rto <= left {
		return d
	}
	return left
}

// resend reports whether budget and server allow one more datagram, and after
// which delay.
func (a Attempt) resend() (hold time.Duration, ok bool) {
	if a.Budget == nil || a.Budget.Resend() {
		return a.state.resend()
	}
	return 0, false
}

// rtt is the round-trip time estimator of RFC 6298 section 2.
type rtt struct{ smoothed, variation time.Duration }

// sample learns from an answer that came d after the first datagram; the last one
// was sent after resent. The answer counts as one to the last, unless it comes too
// soon after it. (Karn's algorithm would learn nothing from it.)
func (r *rtt) sample(d, resent time.Duration) {
	if d-resent > r.smoothed/2 {
		d -= resent
	}
	if r.smoothed == 0 {
		r.smoothed, r.variation = d, d/2
		return
	}
	r.variation += ((r.smoothed - d).Abs() - r.variation) / 4
	r.smoothed += (d - r.smoothed) / 8
}

// timeout is the retransmission timeout.
func (r *rtt) timeout() time.Duration {
	if r.smoothed == 0 {
		return initialRTO
	}
	return max(r.smoothed+4*r.variation, minRTO)
}

// backoff is the exponential backoff of a server that only fails. After maxFailed
// failures it is asked last; when the pause is over, one question probes it, and
// after another failure the pause doubles.
type backoff struct {
	failed int           // tries in a row without an answer
	quiet  time.Time     // start of the first try without any message since the last message; zero for none
	since  time.Time     // a failed try from before it makes the pause no longer
	until  time.Time     // the end of the pause
	pause  time.Duration // its length
	last   *Fault        // of a try without any message
}

const (
	maxFailed  = 4 // in a row, before a server is in backoff
	firstPause = time.Second
	maxPause   = 16 * time.Second
)

// note learns from the outcome of a try; err is that of a silent one.
func (b *backoff) note(o outcome, err error, sent, now time.Time) {
	switch o {
	case answered:
		*b = backoff{}
		return
	case silent:
		b.last, _ = errors.AsType[*Fault](err)
		if b.quiet.IsZero() || sent.Before(b.quiet) {
			b.quiet = sent
		}
	default:
		b.quiet = time.Time{}
	}
	if b.failed++; b.failed < maxFailed || sent.Before(b.since) {
		return
	}
	b.pause = min(max(2*b.pause, firstPause), maxPause)
	b.since, b.until = now, now.Add(b.pause)
}

// probe reports whether the caller is to probe the server: one caller after each
// pause.
func (b *backoff) probe(now time.Time) bool {
	if now.Before(b.until) {
		return false
	}
	b.until = now.Add(b.pause)
	return true
}

package transport

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// This file is the retry policy; its callers only loop. Within a try a datagram is
// sent again after a retransmission timeout (Attempt.Send), and a question is asked
// again over a new connection (redials) or without EDNS (refusesEDNS). A question is
// tried again on the next server first (Policy, Pause). A server that only fails is
// asked last, with exponential backoff between probes (backoff). A server that asks
// to be left alone (retryAfter) is asked again when that time is over (hold). A
// zone's server that never answers is called dead (DeadAfter), and a failed search
// for one is made again later (FailedLookup).

// Policy is how patiently a question is asked.
type Policy struct {
	Timeout time.Duration // one try
	Retries int           // more tries, on the next server first
}

// Patience is how long a question takes that no server answers.
func (p Policy) Patience() time.Duration { return p.Timeout * time.Duration(p.Tries()) }

// Tries is how often a question is tried.
func (p Policy) Tries() int { return p.Retries + 1 }

// GivesUp reports whether a question to resolvers is given up: its tries are used
// up, or each server was skipped twice since the last try.
func (p Policy) GivesUp(tries, skipped, servers int) bool {
	return tries >= p.Tries() || skipped >= 2*servers
}

// Brief is the client for a walk that may find its way blocked.
func (c *Client) Brief() *Client {
	brief := *c
	brief.Policy = Policy{min(c.Timeout, time.Second), 1}
	return &brief
}

// ZoneServers is how many servers of a zone may fail at a question that any of
// them can answer, before it is given up. Few zones have more than five servers.
func (p Policy) ZoneServers() int { return max(p.Tries(), 5) }

// DeadAfter is how many tries an address gets that never answered in this run,
// until it is called dead. A try of two seconds sends its datagram four times, so
// that even where every third exchange is lost this happens by chance to one
// address in half a million (3 to the power of 12).
const DeadAfter = 3

// TriesAgain reports whether a name server's address is tried again after so many
// tries. Beyond those of a question, a patient walk tries only an address that never
// answered, until it is dead.
func TriesAgain(tried, tries int, patient, heard bool) bool {
	return tried < tries || patient && !heard && tried < DeadAfter
}

// FailedLookup is how long a failed address lookup is not repeated (RFC 9520
// section 3.2: at least a second; Unbound uses five).
const FailedLookup = 5 * time.Second

// Pause waits before the same server is tried again after a fault that took no
// time. A timeout was pause enough.
func Pause(ctx context.Context, f record.Fault) {
	if f == record.BadRcode || f == record.Unreachable {
		sleep(ctx, 100*time.Millisecond)
	}
}

const (
	maxHold   = 10 * time.Second // a question waits no longer for a server
	usualHold = time.Second      // where a server is asked too much and does not say how long to wait
)

// httpDates are the forms of dates in HTTP (RFC 9110 section 5.6.7).
var httpDates = []string{"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC}

// retryAfter is how long a server asks to be left alone, by the status of its response
// and the field Retry-After: seconds, or a date (RFC 9110 section 10.2.3).
func retryAfter(status int, field string, now time.Time) time.Duration {
	if status != 429 && status != 503 {
		return 0
	}
	field = strings.TrimSpace(field)
	n, err := strconv.ParseUint(field, 10, 31)
	if err == nil || errors.Is(err, strconv.ErrRange) { // out of range it is the highest
		return time.Duration(n) * time.Second
	}
	for _, form := range httpDates {
		if date, err := time.Parse(form, field); err == nil {
			return max(date.Sub(now), 0)
		}
	}
	if status == 429 {
		return usualHold
	}
	return 0
}

// hold is the time for which a server asked to be left alone.
type hold struct {
	until time.Time
	total time.Duration // since the last answer
	why   *Fault
}

// note learns from the outcome of a try.
func (h *hold) note(o outcome, err error, now time.Time) {
	if o == answered {
		h.total = 0
		return
	}
	f, is := errors.AsType[*Fault](err)
	if !is || !now.Add(f.Hold).After(h.until) {
		return
	}
	h.total += f.Hold
	if before := h.until.Sub(now); before > 0 {
		h.total -= before
	}
	h.until, h.why = now.Add(f.Hold), f
}

// ready waits until the server may be asked. It returns the last fault of a server
// that is not to be asked now.
func (s *state) ready(ctx context.Context, t Try, patience time.Duration) error {
	for {
		if err := s.skip(t, patience); err != nil {
			return err
		}
		s.mu.Lock()
		left := time.Until(s.hold.until)
		s.mu.Unlock()
		if left <= 0 {
			return nil
		}
		sleep(ctx, left)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
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

// sample adds the time of an answer that came d after the first datagram; the
// last datagram was sent after resent. The answer counts for the last one, unless
// it comes too soon after it: within half of the smoothed round-trip time.
// (Karn's algorithm would skip such samples.)
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

// outcome is how a try ended.
type outcome uint8

const (
	answered  outcome = iota
	useless           // an rcode that is no answer, or an answer that is not credible
	pushed            // what busy servers say: SERVFAIL, REFUSED, or when to ask again
	silent            // no readable message came, or the server is not reachable
	abandoned         // the run is over, or the server was not asked
)

// outcomeOf sorts how a try ended.
func outcomeOf(r Reply, err error) outcome {
	f, is := errors.AsType[*Fault](err)
	switch {
	case is && f.Skipped:
		return abandoned
	case is && f.Hold > 0:
		return pushed
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
// for all the patience with one question, or asks to be left alone for longer than a
// question waits, at once or bit by bit; or it is in backoff or to be left alone, and
// there are more. So an outage does not cost a run its patience for each question.
func (s *state) skip(t Try, patience time.Duration) error {
	wait := maxHold
	if t.Choosy {
		patience, wait = 0, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &s.backoff
	switch {
	case time.Until(s.hold.until) > wait:
		return s.hold.why.skipped()
	case t.Probe || b.failed < maxFailed:
		return nil
	case s.hold.total > maxHold:
		return s.hold.why.skipped()
	case b.quiet.IsZero() || time.Since(b.quiet) < patience:
		return nil
	}
	return b.last.skipped()
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

// Package transport carries one question to one server and brings back the
// reply that belongs to it: over UDP, TCP, TLS or HTTPS, at the rate and with as
// many questions in flight as the server bears. The retry policy is retry.go.
package transport

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// Exchanger asks one server. Its errors are *Fault, or the context's cause. One
// over datagrams sends with Attempt.Send.
type Exchanger interface {
	Exchange(ctx context.Context, q *Query, a Attempt) (Reply, error)
	String() string
	Close()
}

// Fault is how a try on one server went wrong.
type Fault struct {
	Kind    record.Fault
	Detail  string
	Skipped bool          // the server is dead, or to be left alone, and was not asked
	Hold    time.Duration // for which the server asks to be left alone
}

// skipped is the fault of a question that was not asked because of this one.
func (f *Fault) skipped() *Fault { return &Fault{Kind: f.Kind, Detail: f.Detail, Skipped: true} }

func (f *Fault) Error() string { return (&record.Failure{Fault: f.Kind, Detail: f.Detail}).Reason() }

func unreachable(err error) error {
	detail := ""
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		detail = errno.Error()
	}
	return &Fault{Kind: record.Unreachable, Detail: detail}
}

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// Options are the bounds of a Client.
type Options struct {
	Policy
	Concurrency int    // questions in flight
	Rate        int    // questions a second; 0 is unlimited
	Trace       *Trace // every question and answer; nil for none
}

// Client asks servers. It may be used from many goroutines.
type Client struct {
	Options
	slots chan struct{} // a semaphore for all servers together
	rate  *rateLimiter
}

// NewClient returns a Client that has asked no server yet.
func NewClient(o Options) *Client {
	return &Client{Options: o, slots: make(chan struct{}, max(o.Concurrency, 1)), rate: newRateLimiter(o.Rate)}
}

// Server is one server, and its state in this run.
type Server struct {
	Exchanger
	*state
}

// Server returns a server in its initial state.
func (c *Client) Server(e Exchanger) *Server { return &Server{e, newState(c.Concurrency, c.rate)} }

// Try is time for one attempt.
type Try struct {
	Before int    // how many tries there were before it
	Probe  bool   // it finds out whether a server in backoff is back
	Choosy bool   // a server in backoff is skipped, since there are more
	Budget Budget // bounds the queries; nil for the user's own servers
}

// Budget bounds the queries to servers that DNS leads to, for one query of the
// user.
type Budget interface {
	Spend() bool  // whether one more question may be asked
	Resend() bool // whether one more datagram may be sent again
}

// Ask asks one server once, and once more without EDNS if it does not know that.
func (c *Client) Ask(ctx context.Context, s *Server, q *Query, t Try) (Reply, error) {
	r, err := c.try(ctx, s, q, t)
	if err == nil && r.refusesEDNS() && (t.Budget == nil || t.Budget.Spend()) {
		return c.try(ctx, s, q.withoutEDNS(), t)
	}
	return r, err
}

func (c *Client) try(ctx context.Context, s *Server, q *Query, t Try) (Reply, error) {
	if err := acquire(ctx, s.slots); err != nil {
		return Reply{}, err
	}
	var r Reply
	err := c.admit(ctx, s, t)
	start := time.Now()
	if err == nil {
		r, err = s.Exchange(ctx, q, Attempt{c.Timeout, s.state, t})
		<-c.slots
	}
	s.leave(start, r, err)
	c.Trace.tried(q.Question, s, t.Before, start, r, err)
	return r, err
}

// admit waits until the server may be asked, for a slot among the questions to all
// servers, and for the rate.
func (c *Client) admit(ctx context.Context, s *Server, t Try) error {
	if err := s.ready(ctx, t, c.Patience()); err != nil {
		return err
	}
	if err := acquire(ctx, c.slots); err != nil {
		return err
	}
	err := c.rate.wait(ctx)
	if err != nil {
		<-c.slots
	}
	return err
}

// acquire takes a slot of a semaphore.
func acquire(ctx context.Context, semaphore chan<- struct{}) error {
	select {
	case semaphore <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// rateLimiter is a leaky bucket: it spaces datagrams evenly, so that no more than
// rate go out in a second. A rate of 0, or a nil limiter, limits nothing.
type rateLimiter struct {
	rate int
	turn chan struct{} // a semaphore of one: its holder is the next to go
	mu   sync.Mutex
	next time.Time // when the next datagram may go
}

func newRateLimiter(rate int) *rateLimiter {
	return &rateLimiter{rate: rate, turn: make(chan struct{}, 1)}
}

// reserve takes the next place and returns how long it is until then.
func (l *rateLimiter) reserve() time.Duration {
	if l == nil || l.rate <= 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.next.Before(now) {
		l.next = now
	}
	hold := l.next.Sub(now)
	l.next = l.next.Add(time.Second / time.Duration(l.rate))
	return hold
}

// wait waits for a place. Only the first in the queue has reserved one, so that a
// datagram that is sent again goes before the rest of the queue.
func (l *rateLimiter) wait(ctx context.Context) error {
	if l.rate > 0 {
		if err := acquire(ctx, l.turn); err != nil {
			return err
		}
		defer func() { <-l.turn }()
		if hold := l.reserve(); hold > 0 {
			sleep(ctx, hold)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

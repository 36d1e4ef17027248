package transport

import (
	"context"
	"sync"
	"time"
)

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

// wait waits for a place. Only one of those that wait has reserved its place, so
// that a datagram that is sent again, and reserves, goes before all but that one.
func (l *rateLimiter) wait(ctx context.Context) error {
	if l.rate > 0 {
		select {
		case l.turn <- struct{}{}:
			defer func() { <-l.turn }()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if hold := l.reserve(); hold > 0 {
			sleep(ctx, hold)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

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

package resolve

import (
	"context"
	"sync"
	"time"
)

// pace spaces questions evenly, so that no more than rate go out in a second.
// A rate of 0 holds nobody up.
type pace struct {
	rate int
	mu   sync.Mutex
	next time.Time // when the next question may go
}

func (p *pace) wait(ctx context.Context) error {
	if p.rate <= 0 {
		return nil
	}
	p.mu.Lock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	hold := p.next.Sub(now)
	p.next = p.next.Add(time.Second / time.Duration(p.rate))
	p.mu.Unlock()
	if hold > 0 {
		sleep(ctx, hold)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

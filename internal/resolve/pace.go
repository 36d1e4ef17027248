package resolve

import (
	"context"
	"sync"
	"time"
)

// pace spaces questions evenly, so that no more than rate go out in a second.
// A rate of 0, or no pace, holds nobody up.
type pace struct {
	rate int
	turn chan struct{} // who holds it is the next to go
	mu   sync.Mutex
	next time.Time // when the next question may go
}

func newPace(rate int) *pace { return &pace{rate: rate, turn: make(chan struct{}, 1)} }

// reserve takes the next place and returns how long it is until then.
func (p *pace) reserve() time.Duration {
	if p == nil || p.rate <= 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	hold := p.next.Sub(now)
	p.next = p.next.Add(time.Second / time.Duration(p.rate))
	return hold
}

// wait waits for a place. Only one who waits has reserved his, so that what is
// sent again, and reserves, need not stand behind all who wait.
func (p *pace) wait(ctx context.Context) error {
	if p.rate > 0 {
		select {
		case p.turn <- struct{}{}:
			defer func() { <-p.turn }()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if hold := p.reserve(); hold > 0 {
			sleep(ctx, hold)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

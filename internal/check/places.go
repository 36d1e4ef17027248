package check

import "time"

// places bound how many domains are looked at side by side. Where each of them
// waits, for a slow server or for a datagram that was lost, there is one place
// more, up to a few times as many: domains wait for answers, not for each other.
// Where answers come fast more places would only cost memory.
type places struct {
	taken chan struct{}
	shut  int // places in taken that stand for no domain yet
	lull  *time.Timer
}

const (
	mostPlaces = 4 // times as many as at first
	lull       = 5 * time.Millisecond
)

func newPlaces(n int) *places {
	n = max(n, 1)
	p := &places{taken: make(chan struct{}, mostPlaces*n), shut: (mostPlaces - 1) * n, lull: time.NewTimer(lull)}
	for range p.shut {
		p.taken <- struct{}{}
	}
	return p
}

// take waits for a place. It is called by one goroutine.
func (p *places) take() {
	select {
	case p.taken <- struct{}{}:
		return
	default:
	}
	if p.shut > 0 {
		p.lull.Reset(lull)
		defer p.lull.Stop()
		select {
		case p.taken <- struct{}{}:
		case <-p.lull.C:
			p.shut-- // one that was shut is now the caller's
		}
		return
	}
	p.taken <- struct{}{}
}

// give gives a place back.
func (p *places) give() { <-p.taken }

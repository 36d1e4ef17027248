package check

import "time"

// semaphore bounds how many domains are checked at once. While all of them wait,
// for a slow server or for a datagram that was lost, it lets one more in, up to
// maxSlots times the number that it began with: those that wait cost no CPU. Where
// answers come fast, more slots would only cost memory.
type semaphore struct {
	taken    chan struct{}
	reserved int // slots in taken that no domain has yet
	stall    *time.Timer
}

const (
	maxSlots = 4                    // times the slots at the start
	stall    = 5 * time.Millisecond // without a free slot, after which there is one more
)

func newSemaphore(n int) *semaphore {
	n = max(n, 1)
	s := &semaphore{taken: make(chan struct{}, maxSlots*n), reserved: (maxSlots - 1) * n, stall: time.NewTimer(stall)}
	for range s.reserved {
		s.taken <- struct{}{}
	}
	return s
}

// acquire waits for a slot. One goroutine calls it.
func (s *semaphore) acquire() {
	select {
	case s.taken <- struct{}{}:
		return
	default:
	}
	if s.reserved > 0 {
		s.stall.Reset(stall)
		defer s.stall.Stop()
		select {
		case s.taken <- struct{}{}:
		case <-s.stall.C:
			s.reserved-- // a reserved slot is the caller's now
		}
		return
	}
	s.taken <- struct{}{}
}

// release gives a slot back.
func (s *semaphore) release() { <-s.taken }

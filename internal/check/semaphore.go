package check

import "time"

// semaphore bounds how many domains are checked at once. While all of them wait
// for a slow server or a lost datagram, it adds a slot, up to maxSlots times the
// initial number: waiting domains cost no CPU. While answers are fast, more slots
// would only cost memory.
type semaphore struct {
	taken    chan struct{}
	reserved int // slots that no domain uses yet
	stall    *time.Timer
}

const (
	maxSlots = 4                    // times the initial number
	stall    = 5 * time.Millisecond // time without a free slot before one is added
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
			s.reserved-- // use a reserved slot
		}
		return
	}
	s.taken <- struct{}{}
}

// release gives a slot back.
func (s *semaphore) release() { <-s.taken }

package check

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestSemaphore: slow domains get more slots, up to a bound; fast ones do not.
func TestSemaphore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		takes time.Duration
		most  int64
	}{
		"slow": {time.Second, 4 * 5},
		"fast": {time.Millisecond, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newSemaphore(5)
				var now, most atomic.Int64
				for range 200 {
					p.acquire()
					most.Store(max(most.Load(), now.Add(1)))
					go func() {
						time.Sleep(c.takes)
						now.Add(-1)
						p.release()
					}()
				}
				synctest.Wait()
				time.Sleep(2 * c.takes)
				if most.Load() != c.most || now.Load() != 0 {
					t.Errorf("%d side by side, %d left", most.Load(), now.Load())
				}
			})
		})
	}
}

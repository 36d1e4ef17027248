package check

import (
	"sync"
)

// workers is a worker pool that grows on demand. A run has hundreds of thousands
// of small jobs, and the stack of each new goroutine would grow again.
type workers struct{ idle chan job }

// job is one call of do.
type job struct {
	do   func(i int)
	i    int
	done *sync.WaitGroup
}

func (j job) run() {
	defer j.done.Done()
	j.do(j.i)
}

func newWorkers() *workers { return &workers{make(chan job)} }

// start runs a job on an idle goroutine, or on a new one.
func (w *workers) start(j job) {
	select {
	case w.idle <- j:
	default:
		go func() {
			j.run()
			for j := range w.idle {
				j.run()
			}
		}()
	}
}

// close ends the goroutines as they become idle. No job may be started after it.
func (w *workers) close() { close(w.idle) }

// each calls do(0) … do(n-1) concurrently, and waits for all.
func (w *workers) each(n int, do func(i int)) {
	if n == 0 {
		return
	}
	if n == 1 {
		do(0)
		return
	}
	var wg sync.WaitGroup
	wg.Add(n - 1)
	for i := range n - 1 {
		w.start(job{do, i, &wg})
	}
	do(n - 1)
	wg.Wait()
}

// limited calls do(0) … do(n-1), as many at once as the semaphore allows, and
// waits for all.
func (w *workers) limited(n int, s *semaphore, do func(i int)) {
	var wg sync.WaitGroup
	one := func(i int) {
		do(i)
		s.release()
	}
	for i := range n {
		s.acquire()
		wg.Add(1)
		w.start(job{one, i, &wg})
	}
	wg.Wait()
}

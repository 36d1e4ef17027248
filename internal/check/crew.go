package check

import (
	"context"
	"sync"

	"github.com/sescheck/sescheck/internal/record"
)

// crew does things side by side on goroutines that it keeps: a run starts
// hundreds of thousands of them, and each would have to grow its stack anew.
type crew struct{ idle chan job }

// job is do(i), of which over is told.
type job struct {
	do   func(i int)
	i    int
	over *sync.WaitGroup
}

func (j job) run() {
	defer j.over.Done()
	j.do(j.i)
}

func newCrew() *crew { return &crew{make(chan job)} }

// start runs a job on a goroutine that is idle, or on a new one.
func (c *crew) start(j job) {
	select {
	case c.idle <- j:
	default:
		go func() {
			j.run()
			for j := range c.idle {
				j.run()
			}
		}()
	}
}

// dismiss ends the goroutines as they become idle. Nothing may be done after.
func (c *crew) dismiss() { close(c.idle) }

// each calls do(0) … do(n-1) side by side and waits for all.
func (c *crew) each(n int, do func(i int)) {
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
		c.start(job{do, i, &wg})
	}
	do(n - 1)
	wg.Wait()
}

// through calls do(0) … do(n-1), as many side by side as there are places, and
// waits for all.
func (c *crew) through(n int, p *places, do func(i int)) {
	var wg sync.WaitGroup
	one := func(i int) {
		do(i)
		p.give()
	}
	for i := range n {
		p.take()
		wg.Add(1)
		c.start(job{one, i, &wg})
	}
	wg.Wait()
}

// all asks several questions about the domain side by side.
func (a asks) all(ctx context.Context, qs ...record.Question) []record.Answer {
	answers := make([]record.Answer, len(qs))
	a.each(len(qs), func(i int) { answers[i] = a.own.Ask(ctx, qs[i]) })
	return answers
}

package check

import (
	"context"
	"sync"

	"github.com/sescheck/sescheck/internal/record"
)

// crew does things side by side on goroutines that it keeps: a run starts
// hundreds of thousands of them, and each would have to grow its stack anew.
type crew struct{ idle chan func() }

func newCrew() *crew { return &crew{make(chan func())} }

// do runs f on a goroutine that is idle, or on a new one.
func (c *crew) do(f func()) {
	select {
	case c.idle <- f:
	default:
		go func() {
			f()
			for f := range c.idle {
				f()
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
		c.do(func() {
			defer wg.Done()
			do(i)
		})
	}
	do(n - 1)
	wg.Wait()
}

// all asks several questions about the domain side by side.
func (a asks) all(ctx context.Context, qs ...record.Question) []record.Answer {
	answers := make([]record.Answer, len(qs))
	a.each(len(qs), func(i int) { answers[i] = a.own.Ask(ctx, qs[i]) })
	return answers
}

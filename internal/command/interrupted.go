package command

import (
	"context"
	"errors"
	"time"
)

// grace is what reading and writing files get when the run is over: usually it is
// enough for a report, and nobody waits for it.
const grace = 500 * time.Millisecond

// endable does what may block or make much work, such as reading files that a
// stranger wrote. When ctx is over, what is still being done is left behind after
// the grace. It must touch nothing that is used after an error.
func endable(ctx context.Context, do func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	over := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case err := <-done:
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return early(ctx)
			}
			return err
		case <-over:
			over, late = nil, time.After(grace)
		case <-late:
			return early(ctx)
		}
	}
}

// early is how a run ends that was interrupted, or whose time was over, before
// there was anything to report.
func early(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &exit{exitInconclusive, context.Cause(ctx)}
	}
	return &exit{code: exitInterrupted}
}

// writing writes a report. Where the run was interrupted already, the report is
// what is still wanted of it; an interruption while it is written ends it.
func writing(ctx context.Context, write func() error) error {
	whole := func(context.Context) error {
		if err := write(); err != nil {
			return broken(err)
		}
		return nil
	}
	if ctx.Err() != nil {
		return whole(ctx)
	}
	return endable(ctx, whole)
}

package command

import (
	"context"
	"errors"
	"time"

	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/report"
)

// grace is the time to finish reading or writing after the run ends. It is usually
// enough for a report.
const grace = 500 * time.Millisecond

// interruptible runs work that may block or take long, such as reading files of a
// stranger. If ctx ends, it waits for grace and then abandons the work, which must
// not touch anything that is used after an error.
func interruptible(ctx context.Context, do func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	over := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case err := <-done:
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return endedEarly(ctx)
			}
			return err
		case <-over:
			over, late = nil, time.After(grace)
		case <-late:
			return endedEarly(ctx)
		}
	}
}

// endedEarly returns the error of a run that ended before there was a report.
func endedEarly(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &exit{exitInconclusive, context.Cause(ctx)}
	}
	return &exit{code: exitInterrupted}
}

// writeReport writes a report, and returns its exit code as an error. After an
// interruption it still writes the report; an interruption during the write ends it.
func writeReport(ctx context.Context, r *report.Report, write func() error) error {
	whole := func(context.Context) error {
		if err := write(); err != nil {
			return broken(err)
		}
		return nil
	}
	var err error
	if ctx.Err() != nil {
		err = whole(ctx)
	} else {
		err = interruptible(ctx, whole)
	}
	if err != nil {
		return err
	}
	if code := app.ExitCode(ctx, r); code != exitPass {
		return &exit{code: code}
	}
	return nil
}

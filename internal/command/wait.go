package command

import (
	"context"
	"fmt"
	"time"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/report"
)

// until calls ask until it passes or the time is over, the last time at the end.
// The pauses grow, because a recent change shows soon and a missing one takes
// longer. announce is called before each pause. The time starts after the first
// call, which may be long.
func until(ctx context.Context, wait time.Duration, ask func() (passed bool), announce func(pause time.Duration)) {
	if ask() {
		return
	}
	over := time.Now().Add(wait)
	next := min(wait/20, 5*time.Second)
	for passed := false; !passed; passed = ask() {
		left := time.Until(over)
		if left <= 0 || ctx.Err() != nil {
			return
		}
		pause := min(next, left)
		announce(pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		next = min(2*next, time.Minute)
	}
}

// mostOpen is the number of open findings that are named while waiting.
const mostOpen = 5

// waiting prints the open findings to stderr. It is not part of the report.
func (run *checkRun) waiting(env *Env, r *report.Report, pause time.Duration) {
	if run.quiet {
		return
	}
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(env.Stderr, format+"\n", args...) }
	say("waiting: %s; asking again in %s", r.Tally(), pause.Round(time.Millisecond))
	open := 0
	for f := range r.Findings() {
		if !run.policy.Open(f) {
			continue
		}
		if open++; open <= mostOpen {
			how := ""
			if f.Status == finding.Inconclusive {
				how = ", inconclusive"
			}
			say("  %s  %s %s%s", f.Check, f.Record.Type, f.Record.Name, how)
		}
	}
	if open > mostOpen {
		say("  and %d more", open-mostOpen)
	}
}

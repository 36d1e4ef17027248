// Package app runs check, inspect, lint and import once flags are parsed and files
// are open. The command line and the page in web/ share it, so both give the same
// answers in the same words.
package app

import (
	"context"
	"errors"
	"time"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/spf"
)

// Run is a run of check or inspect.
type Run struct {
	File     *config.File
	Overlay  *source.Zones    // laid over DNS; nil for none
	SES      *account.Account // state of Amazon SES; nil for none
	Resolver *resolve.Resolver
	Window   int  // domains checked at the same time
	Offline  bool // do not use the network

	Policy     report.Policy
	Version    string
	Repository report.Repository
	Now        time.Time // for comparisons of days
}

// Check runs check with the user's options, and adds those that follow from the
// files.
func (run *Run) Check(ctx context.Context, o check.Options) *report.Report {
	o.Window = run.Window
	o.Made, o.Given, o.SES = made(run.Overlay), given(run.Overlay), run.SES
	if !o.Some {
		o.Published = published(run.Overlay)
	}
	if run.Overlay != nil && !run.Offline {
		o.Live = run.Resolver.Live()
	}
	return run.do(ctx, o)
}

// Inspect runs check for domains without expectations, and evaluates SPF for mails.
func (run *Run) Inspect(ctx context.Context, mails []spf.Mail, done func(*check.Domain)) *report.Report {
	return run.do(ctx, check.Options{Window: len(run.File.Domains), Trees: true, Snapshots: true, Mails: mails, Done: done})
}

func (run *Run) do(ctx context.Context, o check.Options) *report.Report {
	started := time.Now()
	o.Now = run.Now
	outcome := check.Run(ctx, run.File, run.Resolver, o)
	ran := report.Run{Version: run.Version, Started: started, Duration: time.Since(started), Early: early(ctx), Repository: run.Repository}
	return report.New(ran, outcome, run.Policy)
}

// early returns why a run ended before it was complete.
func early(ctx context.Context) report.Early {
	switch err := ctx.Err(); {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return report.ByDeadline
	}
	return report.BySignal
}

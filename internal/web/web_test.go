package web

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sescheck/sescheck/internal/resolve/transport"
)

// stuck is a server of which a question never comes back.
type stuck struct{}

func (stuck) String() string { return "https://stuck.test/dns-query" }
func (stuck) Close()         {}

func (stuck) Exchange(ctx context.Context, _ *transport.Query, _ transport.Attempt) (transport.Reply, error) {
	<-ctx.Done()
	return transport.Reply{}, context.Cause(ctx)
}

// TestDeadline: a run that hangs ends at the deadline of the command line, and says
// so. One that the visitor ends does not call that a deadline.
func TestDeadline(t *testing.T) {
	file := []File{{Name: "sescheck.yaml", Text: "version: 1\ndomains:\n  a.example: {spf: none}\n"}}
	engine := &Engine{Now: time.Now, Dial: func(string) (transport.Exchanger, error) { return stuck{}, nil }}
	for name, do := range map[string]func(context.Context) Run{
		"check": func(ctx context.Context) Run { return engine.Check(ctx, CheckArgs{Files: file}, func(Progress) {}) },
		"inspect": func(ctx context.Context) Run {
			return engine.Inspect(ctx, InspectArgs{Domains: []string{"a.example"}}, func(Progress) {})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			run := do(t.Context())
			if took := time.Since(start); took != 5*time.Minute || run.Exit != 3 || run.Result != "inconclusive" {
				t.Errorf("%s: after %s exit %d, %s", name, took, run.Exit, run.Result)
			}
			for _, text := range []string{run.Text, run.Header} {
				if !strings.Contains(text, "the deadline ended the run early") {
					t.Errorf("%s: the deadline is not named in\n%s", name, text)
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if run := do(ctx); run.Exit != 130 || strings.Contains(run.Text, "deadline") {
				t.Errorf("%s: ended after a second: exit %d\n%s", name, run.Exit, run.Text)
			}
		})
	}
}

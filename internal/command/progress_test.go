package command

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
)

// TestProgress: progress is shown on terminals only, after the first second, and at
// most ten times a second.
func TestProgress(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var errs bytes.Buffer
			p := newProgress(&Env{Stdout: &errs, Stderr: &errs, StderrTerminal: terminal, StdoutTerminal: true}, 50000)
			for range 20 {
				time.Sleep(50 * time.Millisecond)
				p.done(&check.Domain{Findings: make([]finding.Finding, 1)})
				if p.ready < 20 && errs.Len() > 0 {
					t.Fatalf("in the first second: %q", &errs)
				}
			}
			for i := range 40 {
				time.Sleep(50 * time.Millisecond)
				d := &check.Domain{}
				if i%10 == 0 {
					d.Findings = []finding.Finding{{Status: finding.Inconclusive}, {Status: finding.Fail}}
				}
				p.done(d)
			}
			p.clear()
			if !terminal {
				if errs.Len() > 0 {
					t.Errorf("no terminal, and it got %q", &errs)
				}
				return
			}
			lines := strings.Split(strings.TrimPrefix(errs.String(), "\r"), "\r")
			if n := len(lines); n < 15 || n > 23 {
				t.Errorf("%d lines in two seconds", n)
			}
			if got, want := lines[len(lines)-2], "60 of 50000 domains, 20 a second, 4 queries failed, 41m37s left\x1b[K"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if lines[len(lines)-1] != "\x1b[K" {
				t.Errorf("the line is left behind: %q", lines[len(lines)-1])
			}
		})
	}
	p := &progress{all: 100000, ready: 99998, failed: 99998}
	if s := p.line(time.Second); len(s) > 79 {
		t.Errorf("%d columns: %s", len(s), s)
	}
}

package command

import (
	"fmt"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
)

// progress shows the progress of a run on the terminal. It shows nothing in the
// first second, and nothing if stderr is not a terminal.
type progress struct {
	env         *Env
	all, ready  int
	failed      int // queries without an answer
	from, shown time.Time
}

func newProgress(env *Env, domains int) *progress {
	return &progress{env: env, all: domains, from: time.Now()}
}

// done counts a domain. It is not safe for concurrent use.
func (p *progress) done(d *check.Domain) {
	p.ready++
	for i := range d.Findings {
		if d.Findings[i].Status == finding.Inconclusive {
			p.failed++
		}
	}
	now := time.Now()
	if !p.env.StderrTerminal || now.Sub(p.from) < time.Second || now.Sub(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = now
	_, _ = fmt.Fprintf(p.env.Stderr, "\r%s\x1b[K", p.line(now.Sub(p.from)))
}

// line returns the progress after a time: domains done, domains per second, failed
// queries and the estimated rest. It fits into 80 columns.
func (p *progress) line(took time.Duration) string {
	rate := float64(p.ready) / took.Seconds()
	s := fmt.Sprintf("%d of %d domains", p.ready, p.all)
	if rate >= 1 {
		s += fmt.Sprintf(", %.0f a second", rate)
	}
	if p.failed > 0 {
		s += fmt.Sprintf(", %d queries failed", p.failed)
	}
	if left := time.Duration(float64(p.all-p.ready) / rate * float64(time.Second)).Round(time.Second); left > 0 {
		s += fmt.Sprintf(", %s left", left)
	}
	return s
}

func (p *progress) clear() {
	if !p.shown.IsZero() {
		_, _ = fmt.Fprint(p.env.Stderr, "\r\x1b[K")
	}
}

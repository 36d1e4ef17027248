package command

import (
	"fmt"
	"time"
)

// progress is a line on a terminal that says how far a long run is. It shows
// nothing in the first second, and nothing at all where stderr is no terminal.
type progress struct {
	env         *Env
	all, ready  int
	from, shown time.Time
}

func newProgress(env *Env, domains int) *progress {
	return &progress{env: env, all: domains, from: time.Now()}
}

// done counts a domain. It is called by one goroutine at a time.
func (p *progress) done(bool) {
	p.ready++
	if !p.env.StderrTerminal || time.Since(p.from) < time.Second || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	_, _ = fmt.Fprintf(p.env.Stderr, "\r%d of %d domains", p.ready, p.all)
}

func (p *progress) clear() {
	if !p.shown.IsZero() {
		_, _ = fmt.Fprint(p.env.Stderr, "\r\x1b[K")
	}
}

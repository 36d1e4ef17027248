package command

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// debug is what a step says in addition where somebody runs it again with debug
// logging: groups in the log, which are closed until they are clicked on.
type debug struct {
	env   *Env
	trace cutter
}

// debugging is nil where no debug logging is wanted, or stdout is a report for
// programs.
func (env *Env) debugging(format string) *debug {
	if !env.step || format != "" && format != "github" || env.Getenv("RUNNER_DEBUG") != "1" {
		return nil
	}
	return &debug{env: env}
}

// group writes lines, each of which is safe by itself.
func (d *debug) group(title string, lines ...string) {
	var b strings.Builder // the library panics where it cannot write
	action := githubactions.New(githubactions.WithWriter(&b))
	action.Group(title)
	for _, line := range lines {
		b.WriteString(untrusted.Line(line) + "\n")
	}
	action.EndGroup()
	_, _ = io.WriteString(d.env.Stdout, strings.ReplaceAll(b.String(), githubactions.EOF, "\n"))
}

// begin says what was asked for.
func (d *debug) begin(f checkFlags, args []string) {
	said := []string{
		"version: " + d.env.Version,
		"workspace: " + d.env.Getenv("GITHUB_WORKSPACE"),
		fmt.Sprintf("files: %q", args), fmt.Sprintf("resolver: %q", f.resolvers), fmt.Sprintf("zones: %q", f.zones), fmt.Sprintf("plan: %q", f.plans), fmt.Sprintf("ses: %q", f.ses),
		fmt.Sprintf("fail-on: %s, inconclusive: %s, strict: %v, baseline: %q, changed-only: %q, wait: %s", f.failOn, f.inconclusive, f.strict, f.baseline, f.changedOnly, f.wait),
	}
	d.group("sescheck: settings", said...)
}

// end writes the trace.
func (d *debug) end() {
	lines := strings.Split(strings.TrimSuffix(d.trace.String(), "\n"), "\n")
	if d.trace.left > 0 {
		lines = append(lines, fmt.Sprintf("%d more are left out; --trace FILE has all", d.trace.left))
	}
	d.group("sescheck: DNS queries and answers", lines...)
}

// mostTraced is how much of a trace is shown in a log.
const mostTraced = 1 << 20

// cutter keeps what is written first, and counts the rest.
type cutter struct {
	bytes.Buffer
	left int // writes
}

func (c *cutter) Write(p []byte) (int, error) {
	if c.Len()+len(p) > mostTraced {
		c.left++
		return len(p), nil
	}
	return c.Buffer.Write(p)
}

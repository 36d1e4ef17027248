package command

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// debug is the extra output of a step that runs with debug logging: groups in the
// log, which are folded at first.
type debug struct {
	env   *Env
	trace cutter
}

// debugging returns nil without debug logging, or if programs read stdout.
func (env *Env) debugging(format string) *debug {
	if !env.step || format != "" && format != "github" || env.Getenv("RUNNER_DEBUG") != "1" {
		return nil
	}
	return &debug{env: env}
}

// group writes lines as a group. Each line must be safe to print.
func (d *debug) group(title string, lines ...string) {
	var b strings.Builder // the library panics if writing fails
	action := githubactions.New(githubactions.WithWriter(&b))
	action.Group(title)
	for _, line := range lines {
		b.WriteString(untrusted.Line(line) + "\n")
	}
	action.EndGroup()
	_, _ = io.WriteString(d.env.Stdout, strings.ReplaceAll(b.String(), githubactions.EOF, "\n"))
}

// begin writes the command line and flags.
func (d *debug) begin(f checkFlags, args []string) {
	settings := []string{
		"version: " + d.env.Version,
		"workspace: " + d.env.Getenv("GITHUB_WORKSPACE"),
		fmt.Sprintf("files: %q", args), fmt.Sprintf("resolver: %q", f.resolvers), fmt.Sprintf("zones: %q", f.zones), fmt.Sprintf("plan: %q", f.plans), fmt.Sprintf("ses: %q", f.ses),
		fmt.Sprintf("fail-on: %s, inconclusive: %s, strict: %v, baseline: %q, changed-only: %q, wait: %s", f.failOn, f.inconclusive, f.strict, f.baseline, f.changedOnly, f.wait),
	}
	d.group("sescheck: settings", settings...)
}

// end writes the trace.
func (d *debug) end() {
	lines := strings.Split(strings.TrimSuffix(d.trace.String(), "\n"), "\n")
	if d.trace.left > 0 {
		lines = append(lines, fmt.Sprintf("%d more are left out; --trace FILE has all", d.trace.left))
	}
	d.group("sescheck: DNS queries and answers", lines...)
}

// mostTraced limits the trace in the log, in octets.
const mostTraced = 1 << 20

// cutter keeps the first octets, and counts the writes after them.
type cutter struct {
	bytes.Buffer
	left int // number of dropped writes
}

func (c *cutter) Write(p []byte) (int, error) {
	if c.Len()+len(p) > mostTraced {
		c.left++
		return len(p), nil
	}
	return c.Buffer.Write(p)
}

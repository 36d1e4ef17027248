package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/resolve"
)

// checkFlags are the flags of `check`.
type checkFlags struct {
	resolvers    []string
	zones        string
	offline      bool
	domains      []string
	checks       []string
	failOn       string
	inconclusive string
	strict       bool
	format       string
	writes       []string
	baseline     string
	changedOnly  string
	timeout      time.Duration
	retries      int
	deadline     time.Duration
	concurrency  int
	rate         int
	color        string
	quiet        bool
	verbose      bool
	trace        string
	wait         time.Duration
}

func newCheck(env *Env) *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [flags] [files…]",
		Short: "Resolve, compare, report: the main job",
		Long: `Resolves the records that the files ask for, compares, and reports.

Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage or a
wrong file; 3 something could not be resolved; 4 sescheck itself failed;
130 interrupted.`,
		Example: `  sescheck check
  sescheck check --resolver 1.1.1.1 --fail-on warning mail/*.yaml
  sescheck check --zones zones/ --offline       a change, before it is published
  sescheck check --format json --write markdown=summary.md`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCheck(cmd.Context(), env, f, args)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.resolvers, "resolver", []string{"system"}, "who is asked: system, an address, udp:// or tcp://; repeatable")
	flags.StringVar(&f.zones, "zones", "", "folder of zone files to lay over DNS")
	flags.BoolVar(&f.offline, "offline", false, "with --zones: ask no network; what the files do not hold is inconclusive")
	flags.StringArrayVar(&f.domains, "domain", nil, "check only the domains that match this glob; repeatable")
	flags.StringArrayVar(&f.checks, "check", nil, "report only the checks that match this glob; repeatable")
	flags.StringVar(&f.failOn, "fail-on", "error", "fail from this severity on: error, warning, note or never")
	flags.StringVar(&f.inconclusive, "inconclusive", "fail", "whether an inconclusive finding alone fails the run: fail or warn")
	flags.BoolVar(&f.strict, "strict", false, "the file's checks, ignore and pending_until silence nothing")
	flags.StringVar(&f.format, "format", "", "format of stdout: "+strings.Join(report.FormatNames(), ", ")+" (default text; github on GitHub)")
	flags.StringArrayVar(&f.writes, "write", nil, "also write a format to a file, as FORMAT=PATH; repeatable")
	flags.StringVar(&f.baseline, "baseline", "", "an earlier JSON report: only findings that it does not have fail the run")
	flags.StringVar(&f.changedOnly, "changed-only", "", "a git revision: findings of domains that did not change in the file since then are warnings at most")
	flags.DurationVar(&f.wait, "wait", 0, "ask again, without memory, until the run passes or this time is over")
	flags.DurationVar(&f.timeout, "timeout", 2*time.Second, "one try of a question")
	flags.IntVar(&f.retries, "retries", 2, "more tries of a question, on the next server first")
	flags.DurationVar(&f.deadline, "deadline", 0, "the whole run (default 5m, or what the questions need)")
	flags.IntVar(&f.concurrency, "concurrency", 0, "questions in flight (default 64 for system, 256 else)")
	flags.IntVar(&f.rate, "rate", 0, "questions a second (default unlimited)")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never")
	flags.BoolVar(&f.quiet, "quiet", false, "findings and totals only")
	flags.BoolVar(&f.verbose, "verbose", false, "every check of every record")
	flags.StringVar(&f.trace, "trace", "", "write every question and answer to this file, as JSON lines")
	return c
}

// checkRun is what the flags of `check` mean, once they are found right.
type checkRun struct {
	checkFlags
	policy    report.Policy
	format    string
	writes    []write
	file      *config.File
	servers   []resolve.Server
	overlay   *resolve.Zones
	unchanged map[record.Name]bool // domains, with --changed-only
}

// write is a report that goes to a file.
type write struct {
	name   string
	format report.Format
	path   string
}

func runCheck(ctx context.Context, env *Env, f checkFlags, args []string) error {
	run, err := prepare(ctx, env, f, args)
	if err != nil {
		return err
	}
	r, err := run.checkUntil(ctx, env)
	if err != nil {
		return err
	}
	if err := run.report(env, r); err != nil {
		return broken(err)
	}
	if ctx.Err() != nil {
		return &exit{code: exitInterrupted}
	}
	switch r.Result {
	case check.Fail:
		return &exit{code: exitFindings}
	case check.Inconclusive:
		return &exit{code: exitInconclusive}
	}
	return nil
}

// checkUntil resolves and compares, with --wait again and again until all is
// right or the time is over. What it returns is the last run.
func (run *checkRun) checkUntil(ctx context.Context, env *Env) (*report.Report, error) {
	o := resolve.Options{
		Servers:     run.servers,
		Zones:       run.overlay,
		Timeout:     run.timeout,
		Retries:     run.retries,
		Concurrency: run.inFlight(),
		Rate:        run.rate,
	}
	if run.trace != "" {
		f, err := os.Create(run.trace)
		if err != nil {
			return nil, broken(fmt.Errorf("write the trace: %w", err))
		}
		defer f.Close()
		o.Trace = resolve.NewTrace(f)
	}
	resolver := resolve.New(o)
	defer resolver.Close()
	limit := run.limit() + run.wait
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the deadline of %s is over", limit))
	defer cancel()
	over := time.Now().Add(run.wait)
	pause := min(run.wait/20, 5*time.Second)
	for {
		r := run.check(ctx, env, resolver)
		if err := o.Trace.Err(); err != nil {
			return nil, broken(fmt.Errorf("write the trace: %w", err))
		}
		if r.Result == check.Pass || ctx.Err() != nil || time.Now().Add(pause).After(over) {
			return r, nil
		}
		run.waiting(env, r, pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, time.Minute)
	}
}

// waiting says on stderr what is still open. It is no part of the report.
func (run *checkRun) waiting(env *Env, r *report.Report, pause time.Duration) {
	if !run.quiet {
		c := r.Counts
		_, _ = fmt.Fprintf(env.Stderr, "waiting: %d errors, %d warnings, %d inconclusive; asking again in %s\n",
			c.Errors, c.Warnings, c.Inconclusive, pause.Round(time.Millisecond))
	}
}

// check resolves and compares once.
func (run *checkRun) check(ctx context.Context, env *Env, resolver *resolve.Resolver) *report.Report {
	started := time.Now()
	progress := newProgress(env, len(run.file.Domains))
	outcome := check.Run(ctx, run.file, resolver, check.Options{
		Window:    max(8, 2*resolver.Concurrency/13), // a healthy domain has about 13 questions
		Now:       started,
		Strict:    run.strict,
		Verbose:   run.verbose,
		Trees:     run.wantsTrees(env),
		Selected:  run.selected(),
		Published: run.published(),
		Partial:   len(run.domains)+len(run.checks) > 0,
		Unchanged: run.unchanged,
		Done:      progress.done,
	})
	progress.clear()
	r := report.New(report.Run{Version: env.Version, Started: started, Duration: time.Since(started)}, outcome, run.policy)
	r.Verbose = run.verbose
	return r
}

// wantsTrees reports whether a report is for programs, which want the SPF trees
// of all domains.
func (run *checkRun) wantsTrees(env *Env) bool {
	isJSON := func(w write) bool { return w.name == "json" }
	return run.format == "json" || env.step || slices.ContainsFunc(run.writes, isJSON)
}

// published are the records of the zone files.
func (run *checkRun) published() []check.Published {
	var all []check.Published
	if run.overlay != nil && len(run.domains) == 0 {
		run.overlay.All(func(apex record.Name, file string, owner record.Name, r record.Record) bool {
			all = append(all, check.Published{Zone: apex, File: file, Owner: owner, Record: r})
			return true
		})
	}
	return all
}

// inFlight is how many questions may be on their way. The system's resolver is
// shared with others, so it gets fewer.
func (run *checkRun) inFlight() int {
	switch {
	case run.concurrency > 0:
		return run.concurrency
	case slices.Contains(run.resolvers, "system"):
		return 64
	}
	return 256
}

// limit is how long the run may take: five minutes, or what the questions need
// at the rate given, and at a tenth of a second each.
func (run *checkRun) limit() time.Duration {
	if run.deadline > 0 {
		return run.deadline
	}
	questions := 15 * len(run.file.Domains)
	need := time.Duration(questions/run.inFlight()+1) * 100 * time.Millisecond
	if run.rate > 0 {
		need = max(need, time.Duration(questions/run.rate+1)*2*time.Second)
	}
	return max(5*time.Minute, need)
}

func (run *checkRun) selected() func(string) bool {
	if len(run.checks) == 0 {
		return nil
	}
	return func(id string) bool {
		return slices.ContainsFunc(run.checks, func(g string) bool { return glob(g, id) })
	}
}

// report writes the report to stdout and to the files.
func (run *checkRun) report(env *Env, r *report.Report) error {
	var errs []error
	for _, w := range run.writes {
		errs = append(errs, writeFile(w.path, func(out io.Writer) error { return w.format(out, r) }))
	}
	format, err := report.Lookup(run.format)
	if err != nil {
		return err
	}
	if run.format == "text" {
		format = func(out io.Writer, r *report.Report) error {
			return report.Text(out, r, report.TextOptions{Color: run.colored(env), Quiet: run.quiet})
		}
	}
	if err := format(env.Stdout, r); err != nil {
		errs = append(errs, fmt.Errorf("write the report: %w", err))
	}
	if env.step {
		errs = append(errs, finishStep(env, r))
	}
	return errors.Join(errs...)
}

func (run *checkRun) colored(env *Env) bool {
	switch run.color {
	case "always":
		return true
	case "never":
		return false
	}
	return env.StdoutTerminal && env.Getenv("NO_COLOR") == "" && env.Getenv("TERM") != "dumb"
}

package command

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/resolve"
)

// checkFlags are the flags of `check`.
type checkFlags struct {
	dnsFlags
	failFlags
	outputFlags
	domains     []string
	checks      []string
	strict      bool
	ses         []string
	baseline    string
	changedOnly string
	quiet       bool
	verbose     bool
	wait        time.Duration
	shard       string
}

func newCheck(env *Env) *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [flags] [files…]",
		Short: "Compare DNS with the files and report: the main command",
		Long: `Asks DNS for the records that the files list, compares, and reports.

Exit codes: 0 no finding at or above --fail-on; 1 findings; 2 wrong usage or a
wrong file; 3 inconclusive; 4 sescheck itself failed; 130 interrupted.`,
		Example: `  sescheck check
  sescheck check --resolver 1.1.1.1 --fail-on warning mail/*.yaml
  sescheck check --zones zones/ --offline       a change, before it is published
  sescheck check --format json --write markdown=summary.md`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			step := *env
			step.step = env.step || env.onGitHub()
			err := suggestCommand(cmd, args, runCheck(cmd.Context(), &step, f, args))
			if f.format == "github" || f.format == "" && step.step {
				return step.failed(env.Stdout, err)
			}
			return err
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	f.dnsFlags.add(flags)
	flags.StringArrayVar(&f.ses, "ses", nil, "file or folder with what Amazon SES says: the output of aws sesv2 get-email-identity, list-email-identities, get-configuration-set, list-recommendations, or a Terraform plan or state; adds the ses-* checks; repeatable")
	flags.StringArrayVar(&f.domains, "domain", nil, "check only domains that match this glob; repeatable")
	flags.StringArrayVar(&f.checks, "check", nil, "report only the checks that match this glob; repeatable")
	f.failFlags.add(flags)
	flags.BoolVar(&f.strict, "strict", false, "let checks, ignore and pending_until of the file silence nothing")
	f.outputFlags.add(flags, report.OfCheck(), "text; github on GitHub")
	flags.BoolVar(&f.quiet, "quiet", false, "findings and totals only")
	flags.BoolVar(&f.verbose, "verbose", false, "every check of every record")
	flags.StringVar(&f.baseline, "baseline", "", "an earlier JSON report: only new findings fail the run")
	flags.StringVar(&f.changedOnly, "changed-only", "", "a git revision, or base for the base of the pull request: findings about domains that did not change since then, in the file, --zones or --plan, are only warnings")
	flags.StringVar(&f.shard, "shard", "1/1", "check one part of the domains, I/N: the first of eight is 1/8; see merge")
	flags.DurationVar(&f.wait, "wait", 0, "repeat the check, without a cache, until it passes or this time is over")
	return c
}

// checkRun is a run of `check` with valid flags.
type checkRun struct {
	checkFlags
	sources
	outputs
	policy    report.Policy
	file      *config.File
	unchanged map[record.Name]bool       // with --changed-only: domains that did not change in the file
	touched   func(record.Question) bool // with --changed-only: reports whether the zone files changed an answer
	shard     *report.Shard              // with --shard
	account   *account.Account           // with --ses
}

func runCheck(ctx context.Context, env *Env, f checkFlags, args []string) error {
	if d := env.debugging(f.format); d != nil {
		d.begin(f, args)
		f.debug = &d.trace
		defer d.end()
	}
	var run *checkRun
	err := f.readFiles(ctx, func(ctx context.Context) (err error) {
		run, err = prepare(ctx, env, f, args)
		return err
	})
	if err != nil {
		return err
	}
	r, err := run.checkUntil(ctx, env)
	if err != nil {
		return err
	}
	return writeReport(ctx, r, func() error { return run.report(env, r) })
}

// checkUntil checks once, or with --wait until the run passes or the time is over.
// It returns the last report.
func (run *checkRun) checkUntil(ctx context.Context, env *Env) (_ *report.Report, err error) {
	resolver, done, err := run.resolver(run.sources)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	ctx, cancel := run.within(ctx, run.domainCount(), run.wait)
	defer cancel()
	var r *report.Report
	until(ctx, run.wait, func() bool {
		r = run.check(ctx, env, resolver)
		return r.Result == finding.Pass
	}, func(pause time.Duration) {
		run.waiting(env, r, pause)
		resolver.Forget()
	})
	return r, nil
}

func (run *checkRun) check(ctx context.Context, env *Env, resolver *resolve.Resolver) *report.Report {
	progress := newProgress(env, run.domainCount())
	options := check.Options{
		Strict:    run.strict,
		Verbose:   run.verbose,
		Snapshots: run.verbose,
		Trees:     run.forPrograms(env),
		Looked:    run.looked(env),
		Authority: run.authority != nil,
		Selected:  run.selected(),
		Some:      len(run.domains) > 0,
		Partial:   len(run.domains)+len(run.checks) > 0,
		Unchanged: run.unchanged,
		Touched:   run.touched,
		Done:      progress.done,
	}
	if run.shard != nil {
		options.Shard = run.shard.Positions
	}
	one := run.appRun(env, run.sources, run.policy, run.file, resolver)
	one.SES = run.account
	r := one.Check(ctx, options)
	progress.clear()
	r.Verbose, r.Shard = run.verbose, run.shard
	return r
}

// domainCount is the number of domains of the run.
func (run *checkRun) domainCount() int {
	if run.shard != nil {
		return len(run.shard.Positions)
	}
	return len(run.file.Domains)
}

// looked selects the domains whose decided checks are kept: all of them for
// programs, otherwise those with findings in the baseline.
func (run *checkRun) looked(env *Env) func(record.Name) bool {
	switch {
	case run.forPrograms(env):
		return func(record.Name) bool { return true }
	case run.policy.Baseline != nil:
		return run.policy.Baseline.Has
	}
	return nil
}

// forPrograms reports whether programs read the report. Such a report is complete,
// for example with the SPF trees of all domains.
func (run *checkRun) forPrograms(env *Env) bool {
	return run.format == "json" || env.step || run.outputs.has("json")
}

func (run *checkRun) selected() func(*finding.Check) bool {
	if len(run.checks) == 0 {
		return nil
	}
	match := matching(run.checks...)
	return func(c *finding.Check) bool { return match(c.ID) }
}

// report writes the report to stdout and to files, and the outputs and summary of a
// step.
func (run *checkRun) report(env *Env, r *report.Report) error {
	err := run.outputs.to(env.Stdout, r)
	if env.step && run.shard == nil { // for shards, merge does this
		err = errors.Join(err, finishStep(env, r))
	}
	return err
}

package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// prepare validates flags and files before the first query.
func prepare(ctx context.Context, env *Env, f checkFlags, args []string) (*checkRun, error) {
	run := &checkRun{checkFlags: f}
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	note(run.readPolicy())
	note(run.readFormats(env))
	note(run.dnsFlags.validate())
	if run.wait < 0 {
		note(errors.New("--wait must not be less than 0; give a time such as 5m"))
	}
	note(run.readBaseline())
	shard, err := parseShard(f.shard)
	note(err)
	if shard != nil && f.baseline != "" {
		note(errors.New("a shard cannot use --baseline; use it with `sescheck merge`"))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if run.file, err = load(args); err != nil {
		return nil, err
	}
	if err := run.file.ReadLocks(); err != nil {
		return nil, err
	}
	if err := selectDomains(run.file, run.domains); err != nil {
		return nil, err
	}
	run.takeShard(shard)
	var rev revision
	if f.changedOnly != "" {
		if rev, err = readRevision(f.changedOnly, env.Getenv); err != nil {
			return nil, err
		}
		if run.unchanged, err = unchanged(run.file, rev); err != nil {
			return nil, err
		}
	}
	if run.sources, err = run.dnsFlags.sources(ctx, env); err != nil {
		return run, err
	}
	if run.account, err = readSES(ctx, run.ses); err != nil {
		return run, err
	}
	var skipped string
	run.account, skipped = app.UseSES(run.file, run.overlay.Changes(), run.account)
	env.say(skipped)
	if len(run.unchanged) > 0 && run.hasOverlay() {
		run.touched = run.sinceRevision(ctx, env, rev)
	}
	return run, nil
}

// readSES reads what Amazon SES says; nil for no paths.
func readSES(ctx context.Context, paths []string) (*account.Account, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	paths, err := untrusted.Named(paths)
	if err != nil {
		return nil, err
	}
	return account.Load(ctx, paths...)
}

// sinceRevision reports whether the zone files answer a query differently than in a
// revision. If the old ones cannot be read, every answer is new.
func (run *checkRun) sinceRevision(ctx context.Context, env *Env, rev revision) func(record.Question) bool {
	before, err := rev.zones(ctx, run.zones)
	if err != nil {
		before = nil
		env.say(fmt.Sprintf("note: --changed-only %s: the zone files there cannot be compared, so that all their records count as changed: %v", untrusted.Quote(rev.name), err))
	}
	return func(q record.Question) bool { return resolve.Differ(before, run.overlay, q) }
}

func (run *checkRun) readPolicy() error {
	policy, err := run.failFlags.policy()
	run.policy = policy
	errs := []error{err, validateGlobs(slices.Concat(run.domains, run.checks))}
	for _, g := range run.checks {
		match := matching(g)
		if !slices.ContainsFunc(check.All(), func(c *finding.Check) bool { return match(c.ID) }) {
			errs = append(errs, fmt.Errorf("--check %s matches no check; `sescheck explain` lists them", untrusted.Quote(g)))
		}
	}
	return errors.Join(errs...)
}

func (run *checkRun) readBaseline() error {
	if run.baseline == "" {
		return nil
	}
	f, err := untrusted.Open(run.baseline)
	if err == nil {
		defer f.Close()
		run.policy.Baseline, err = report.ReadBaseline(f)
	}
	if err != nil {
		return fmt.Errorf("--baseline %s: %w", untrusted.Quote(run.baseline), err)
	}
	return nil
}

func (run *checkRun) readFormats(env *Env) (err error) {
	if run.format == "" {
		run.format = "text"
		if env.onGitHub() {
			run.format = "github"
		}
	}
	if run.outputs, err = run.outputFlags.outputs(report.OfCheck()); err == nil && run.format == "text" {
		o := report.TextOptions{Color: run.colored(env), Quiet: run.quiet, Width: env.StdoutWidth}
		run.stdout = func(out io.Writer, r *report.Report) error { return report.Text(out, r, o) }
	}
	return err
}

// load reads the files. Its error has one line for each mistake.
func load(args []string) (*config.File, error) {
	file, problems, err := config.Load(args)
	if err != nil {
		return nil, err
	}
	if err := app.Wrong(app.Mistakes(file, problems)); err != nil {
		return nil, err
	}
	return file, nil
}

// validateGlobs returns an error with one line for each invalid glob.
func validateGlobs(patterns []string) error {
	var errs []error
	for _, g := range patterns {
		if _, err := record.ParseGlob(g); err != nil {
			errs = append(errs, fmt.Errorf("%s %w", untrusted.Quote(g), err))
		}
	}
	return errors.Join(errs...)
}

// matching returns a function that reports whether one of the names, in any case,
// matches one of the globs.
func matching(globs ...string) func(names ...string) bool {
	var all []record.Glob
	for _, g := range globs {
		if glob, err := record.ParseGlob(g); err == nil {
			all = append(all, glob)
		}
	}
	return func(names ...string) bool {
		return slices.ContainsFunc(all, func(g record.Glob) bool {
			return slices.ContainsFunc(names, func(n string) bool { return g.Match(strings.ToLower(n)) })
		})
	}
}

// selectDomains drops the domains that match no glob.
func selectDomains(file *config.File, globs []string) error {
	if len(globs) == 0 {
		return nil
	}
	match := matching(globs...)
	file.Domains = slices.DeleteFunc(file.Domains, func(d config.Domain) bool { return !match(string(d.Name), d.Written) })
	if len(file.Domains) == 0 {
		return fmt.Errorf("--domain %s matches no domain of the file", untrusted.Quote(strings.Join(globs, " ")))
	}
	return nil
}

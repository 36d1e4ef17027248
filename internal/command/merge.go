package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func newMerge(env *Env) *cobra.Command {
	var f checkFlags
	var partial bool
	c := &cobra.Command{
		Use:   "merge [flags] REPORT.json…",
		Short: "Put the JSON reports of shards together",
		Long: `Joins the JSON reports of ` + "`check --shard I/N`" + ` into one report. It is the report
that one run over all domains would have made, except for times and evidence.
The flags of merge decide what fails, and the formats of the report. From the JSON
report of a whole run, merge makes the other formats.

In a step of a GitHub workflow it also sets the outputs and writes the job
summary, as the action does. Exit codes are those of check.`,
		Example: `  sescheck check --shard 1/2 --write json=1.json
  sescheck check --shard 2/2 --write json=2.json
  sescheck merge 1.json 2.json --write html=report.html`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			step := *env
			step.step = env.onGitHub()
			err := runMerge(cmd.Context(), &step, f, partial, args)
			if step.step {
				return step.failed(env.Stdout, err)
			}
			return err
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	f.failFlags.add(flags)
	f.outputFlags.add(flags, report.OfCheck(), "text; github on GitHub")
	flags.BoolVar(&f.quiet, "quiet", false, "findings and totals only")
	flags.StringVar(&f.baseline, "baseline", "", "an earlier JSON report: only new findings fail the run")
	flags.BoolVar(&partial, "partial", false, "accept missing and repeated shards: a missing one is inconclusive, and of a repeated one the last counts")
	return c
}

func runMerge(ctx context.Context, env *Env, f checkFlags, partial bool, args []string) error {
	run := &checkRun{checkFlags: f}
	var r *report.Report
	err := interruptible(ctx, func(context.Context) (err error) {
		if err := errors.Join(run.readPolicy(), run.readFormats(env), run.readBaseline()); err != nil {
			return err
		}
		r, err = run.merged(env, partial, args)
		return err
	})
	if err != nil {
		return err
	}
	return writeReport(ctx, r, func() error { return run.report(env, r) })
}

// merged returns the report of the shards at some paths.
func (run *checkRun) merged(env *Env, partial bool, paths []string) (*report.Report, error) {
	paths, err := untrusted.Named(paths)
	if err != nil {
		return nil, err
	}
	var parts []*report.Part
	var errs []error
	for _, path := range paths {
		p, err := readReport(path)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", untrusted.Quote(path), err))
			continue
		}
		parts = append(parts, p)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	when, outcome, err := report.Merge(parts, partial)
	if err != nil {
		return nil, err
	}
	when.Version = env.Version
	when.Repository = report.Repository{Blob: env.blob()} // the shards' paths start at the root
	r := report.New(when, outcome, run.policy)
	if run.baseline == "" {
		r.Recall(parts)
	}
	r.Verbose = report.Verbose(parts)
	return r, nil
}

func readReport(path string) (*report.Part, error) {
	file, err := untrusted.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return report.Read(file)
}

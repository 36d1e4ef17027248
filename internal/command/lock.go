package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func newLock(env *Env) *cobra.Command {
	var a dnsFlags
	c := &cobra.Command{
		Use:   "lock [flags] [files…]",
		Short: "Record what the SPF includes contain today",
		Long: `Writes sescheck.lock to the folder of the YAML file: the SPF record of every name
that the SPF records of its domains lead to. With it, check reports which vendor
changed what (spf-upstream-changed). Commit it.

If a query is not answered, nothing is written, and the exit code is 3.`,
		Example: `  sescheck lock
  sescheck lock --resolver 1.1.1.1 mail/*.yaml`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLock(cmd.Context(), env, a, args)
		},
	}
	c.Flags().SortFlags = false
	a.add(c.Flags())
	return c
}

func runLock(ctx context.Context, env *Env, a dnsFlags, args []string) (err error) {
	if err := a.validate(); err != nil {
		return err
	}
	var file *config.File
	var s sources
	folders := map[string][]config.Domain{}
	before := map[string]*config.Lock{}
	err = a.readFiles(ctx, func(ctx context.Context) (err error) {
		if file, err = load(args); err != nil {
			return err
		}
		for _, d := range file.Domains {
			folders[d.Folder()] = append(folders[d.Folder()], d)
		}
		for folder := range folders {
			// A lock that cannot be parsed is replaced.
			if before[folder], err = config.ReadLock(folder); errors.Is(err, config.ErrNewerLock) {
				return err
			}
		}
		s, err = a.sources(ctx, env)
		return err
	})
	if err != nil {
		return err
	}
	resolver, done, err := a.resolver(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	within, cancel := a.within(ctx, len(file.Domains), 0)
	defer cancel()
	locks := map[string]*config.Lock{}
	var failed []*record.Failure
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		includes, fs := spf.Includes(within, folders[folder], resolver, max(8, a.inFlight()/4))
		locks[folder] = locked(includes, before[folder])
		failed = append(failed, fs...)
	}
	if ctx.Err() != nil {
		return &exit{code: exitInterrupted}
	}
	if len(failed) > 0 {
		return notLocked(failed)
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		name := path.Join(folder, config.LockName)
		if err := writeFile(filepath.FromSlash(name), locks[folder].Write); err != nil {
			return broken(err)
		}
		if _, err := fmt.Fprint(env.Stdout, changes(name, before[folder], locks[folder])); err != nil {
			return broken(err)
		}
	}
	return nil
}

// locked returns the lock to write. Records that did not change keep their day and
// the order of their terms, so the file changes only if DNS did.
func locked(includes map[record.Name]config.Locked, before *config.Lock) *config.Lock {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	lock := &config.Lock{Includes: includes}
	for name, now := range includes {
		now.Since = today
		if before != nil {
			if then, ok := before.Includes[name]; ok && then.Same(now) {
				now.Since, now.Terms = then.Since, then.Terms
			}
		}
		includes[name] = now
	}
	return lock
}

func notLocked(failed []*record.Failure) error {
	var lines []string
	for _, f := range failed {
		lines = append(lines, f.Error())
	}
	return &exit{exitInconclusive, fmt.Errorf("not all queries were answered, so nothing is locked\n%s", strings.Join(shorten.Items(lines, 10), "\n"))}
}

// changes lists the differences between a lock and the one before.
func changes(name string, before, now *config.Lock) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d names\n", untrusted.Line(name), len(now.Includes))
	if before == nil {
		return b.String()
	}
	names := maps.Clone(now.Includes)
	maps.Copy(names, before.Includes)
	for _, n := range slices.Sorted(maps.Keys(names)) {
		then, was := before.Includes[n]
		is, still := now.Includes[n]
		switch {
		case !was:
			fmt.Fprintf(&b, "new      %s\n", n)
		case !still:
			fmt.Fprintf(&b, "gone     %s\n", n)
		case !then.Same(is):
			fmt.Fprintf(&b, "changed  %s\n", n)
			added, removed := then.Changes(is)
			for _, t := range added {
				fmt.Fprintf(&b, "           + %s\n", t)
			}
			for _, t := range removed {
				fmt.Fprintf(&b, "           - %s\n", t)
			}
		}
	}
	return b.String()
}

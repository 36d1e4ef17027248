package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/publish"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// recordsFlags are the flags of `records`.
type recordsFlags struct {
	dnsFlags
	domains     []string
	format      string
	provider    string
	dir         string
	apexes      []string
	merge       bool
	onlyMissing bool
}

func newRecords(env *Env) *cobra.Command {
	var f recordsFlags
	c := &cobra.Command{
		Use:   "records [flags] [files…]",
		Short: "Write the DNS records that the file asks for",
		Long: `Writes the DNS records that the files ask for, for a person or a tool to publish. It uses DNS only with --merge and --only-missing.

Exit codes: 0 everything is written; 1 a record is left out, such as an SPF
record that is broken; 2 wrong usage or a wrong file; 3 a query was not
answered, so its record is left out; 4 sescheck itself failed.`,
		Example: `  sescheck records
  sescheck records --domain example.com --format terraform --provider cloudflare
  sescheck records --format zone --dir zones/      a file for each zone
  sescheck records --merge --only-missing          what is left to do`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRecords(cmd.Context(), env, f, args)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.format, "format", "table", "table, zone, json, terraform, route53, octodns or dnscontrol")
	flags.StringVar(&f.provider, "provider", "route53", "whose resources --format terraform writes: route53 or cloudflare")
	flags.StringArrayVar(&f.domains, "domain", nil, "only domains that match this glob; repeatable")
	flags.BoolVar(&f.merge, "merge", false, "ask DNS, and change the live SPF and DMARC records instead of adding second ones")
	flags.BoolVar(&f.onlyMissing, "only-missing", false, "ask DNS, and leave out records that are right already")
	flags.StringVar(&f.dir, "dir", "", "write one new file per zone to this folder (zone, route53, octodns)")
	flags.StringArrayVar(&f.apexes, "apex", nil, "a name that is a zone of its own, in addition to registered domains; repeatable")
	f.dnsFlags.add(flags)
	return c
}

// recordsRun is a run of `records` with valid flags.
type recordsRun struct {
	recordsFlags
	format publish.Format
	zones  []record.Name // --apex
	file   *config.File
	from   sources // with --merge and --only-missing
}

func runRecords(ctx context.Context, env *Env, f recordsFlags, args []string) error {
	var run *recordsRun
	err := f.readFiles(ctx, func(ctx context.Context) (err error) {
		run, err = prepareRecords(ctx, env, f, args)
		return err
	})
	if err != nil {
		return err
	}
	sets, notes := wanted.Sets(run.file.Domains)
	var problems []error
	for _, p := range wanted.Conflicts(sets) {
		problems = append(problems, errors.New(p.String()))
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	var left *exit
	switch {
	case f.merge || f.onlyMissing:
		if sets, notes, left, err = run.ask(ctx, env, sets, notes); err != nil {
			return err
		}
	case run.format.Whole:
		run.warn(env, sets)
	}
	if err := run.write(env, publish.Split(sets, notes, run.zoneOf)); err != nil {
		return err
	}
	if left != nil {
		return left
	}
	return nil
}

// prepareRecords validates flags and files before any query or output.
func prepareRecords(ctx context.Context, env *Env, f recordsFlags, args []string) (*recordsRun, error) {
	run := &recordsRun{recordsFlags: f}
	var errs []error
	var err error
	if run.format, err = publish.Lookup(f.format, f.provider); err != nil {
		errs = append(errs, fmt.Errorf("--format %s: %w", untrusted.Quote(f.format), err))
	} else if f.dir != "" && run.format.Suffix == "" {
		errs = append(errs, fmt.Errorf("--dir: --format %s does not write one file per zone; zone, route53 and octodns do", f.format))
	}
	if f.provider != "route53" && f.provider != "cloudflare" {
		errs = append(errs, fmt.Errorf("--provider %s: write route53 or cloudflare", untrusted.Quote(f.provider)))
	} else if f.provider == "cloudflare" && f.format != "terraform" {
		errs = append(errs, fmt.Errorf("--provider cloudflare is only for --format terraform, not for --format %s", untrusted.Line(f.format)))
	}
	errs = append(errs, f.dnsFlags.validate())
	if f.asks() && !f.merge && !f.onlyMissing {
		errs = append(errs, errors.New("--zones, --plan and --offline need --merge or --only-missing; without them DNS is not used"))
	}
	errs = append(errs, validateGlobs(f.domains))
	for _, s := range f.apexes {
		n, err := record.ParseName(s)
		if err != nil || !n.Plain() {
			errs = append(errs, fmt.Errorf("--apex %s is not a domain name", untrusted.Quote(s)))
		}
		run.zones = append(run.zones, n)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if run.file, err = load(args); err != nil {
		return nil, err
	}
	if err := selectDomains(run.file, f.domains); err != nil {
		return nil, err
	}
	if f.merge || f.onlyMissing {
		run.from, err = run.dnsFlags.sources(ctx, env)
	}
	return run, err
}

// asks reports whether there are flags for DNS queries.
func (f *recordsFlags) asks() bool { return f.dnsFlags.hasOverlay() || f.offline }

// zoneOf returns the zone of a name: the longest match of --apex, or the
// registrable domain.
func (run *recordsRun) zoneOf(n record.Name) record.Name {
	zone := n.Registrable()
	for _, z := range run.zones {
		if n.In(z) && z.Labels() > zone.Labels() {
			zone = z
		}
	}
	return zone
}

// warn warns about RRsets that may have records of other services, which the output
// would delete.
func (run *recordsRun) warn(env *Env, sets []wanted.Set) {
	var names []string
	for _, s := range sets {
		if shared(s) {
			names = append(names, s.Type.String()+" "+string(s.Name))
		}
	}
	if len(names) == 0 {
		return
	}
	env.fail(fmt.Errorf("note: --format %s replaces all records of a type at a name, so other live records are deleted (%s); --merge keeps them",
		run.recordsFlags.format, strings.Join(shorten.Items(names, 5), ", ")))
}

// write writes to stdout, or with --dir one file for each zone.
func (run *recordsRun) write(env *Env, zones []publish.Zone) error {
	if run.dir != "" {
		return run.writeDir(zones)
	}
	if run.format.Alone && len(zones) > 1 {
		var names []string
		for _, z := range zones {
			names = append(names, string(z.Name))
		}
		return fmt.Errorf("--format %s is for one zone, but there are %d: %.300s; choose one with --domain, or write one file per zone with --dir",
			run.recordsFlags.format, len(zones), strings.Join(names, ", "))
	}
	if err := run.format.Write(env.Stdout, zones); err != nil {
		return broken(fmt.Errorf("write the records: %w", err))
	}
	return nil
}

// writeDir writes a new file for each zone. It overwrites no file, because the YAML
// decides the names.
func (run *recordsRun) writeDir(zones []publish.Zone) error {
	path := func(z publish.Zone) string { return filepath.Join(run.dir, string(z.Name)+run.format.Suffix) }
	for _, z := range zones {
		if _, err := os.Lstat(path(z)); err == nil {
			return fmt.Errorf("--dir: %s exists, and records does not overwrite files; name a new folder", untrusted.Line(path(z)))
		}
	}
	for _, z := range zones {
		err := writeFile(path(z), func(w io.Writer) error { return run.format.Write(w, []publish.Zone{z}) })
		if err != nil {
			return broken(err)
		}
	}
	return nil
}

// shared reports whether an RRset may have records of other services.
func shared(s wanted.Set) bool {
	return slices.ContainsFunc(s.Records, func(r wanted.Record) bool {
		return !r.Sole() || r.Part == wanted.SPFRecord
	})
}

package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/resolve/iterative"
	"github.com/sescheck/sescheck/internal/resolve/transport"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file has the groups of flags that several commands share: DNS queries, what
// fails the run, and output.

// dnsFlags are the flags for DNS queries.
type dnsFlags struct {
	resolvers   []string
	zones       []string
	plans       []string
	offline     bool
	timeout     time.Duration
	retries     int
	deadline    time.Duration
	concurrency int
	rate        int
	trace       string
	rootHints   string
	port        uint16
	given       func(flag string) bool
	flags       *pflag.FlagSet // all flags of the command
	begun       time.Time      // start of the run
	debug       io.Writer      // second writer of the trace, or nil
}

func (a *dnsFlags) add(flags *pflag.FlagSet) {
	a.given, a.flags = flags.Changed, flags
	flags.StringArrayVar(&a.resolvers, "resolver", []string{"system"}, "DNS server to ask: system, an address, udp://, tcp://, tls://HOST, https://HOST/PATH, or authoritative for the servers of each zone; repeatable")
	flags.StringArrayVar(&a.zones, "zones", nil, "file or folder with whole zones that replace those in DNS: zone files, octoDNS YAML, dnscontrol print-ir, a Route 53 listing; repeatable")
	flags.StringArrayVar(&a.plans, "plan", nil, "change to apply to DNS and --zones: terraform show -json, a CloudFormation template, pulumi preview --json, a Route 53 change batch; repeatable")
	flags.BoolVar(&a.offline, "offline", false, "with --zones or --plan: use no network; names that they do not have are inconclusive")
	flags.DurationVar(&a.timeout, "timeout", app.Timeout, "time for one attempt")
	flags.IntVar(&a.retries, "retries", app.Retries, "further attempts, on the next server first")
	flags.DurationVar(&a.deadline, "deadline", 0, "time for the whole run (default 5m, or as long as the queries need)")
	flags.IntVar(&a.concurrency, "concurrency", 0, "queries in flight (default 64 for system, otherwise 256)")
	flags.IntVar(&a.rate, "rate", 0, "queries per second (default unlimited)")
	flags.StringVar(&a.trace, "trace", "", "write every query and answer to this file, as JSON lines")
	flags.StringVar(&a.rootHints, "root-hints", "", "with --resolver authoritative: a zone file with the root servers (default those of the Internet)")
	flags.Uint16Var(&a.port, "authoritative-port", 53, "with --resolver authoritative: the port of name servers")
	for _, f := range []string{"root-hints", "authoritative-port"} { // for private roots and for tests
		_ = flags.MarkHidden(f)
	}
}

// validate returns what is wrong with the flags. An explicit 0 is wrong if 0 means
// a computed default.
func (a *dnsFlags) validate() error {
	below := func(flag string, n int64) bool { return n < 0 || n == 0 && a.given(flag) }
	switch {
	case a.timeout <= 0:
		return errors.New("--timeout must be more than 0, such as 2s")
	case a.retries < 0 || a.retries > 100:
		return errors.New("--retries must be from 0 to 100")
	case below("deadline", int64(a.deadline)):
		return errors.New("--deadline must be more than 0, such as 5m")
	case below("concurrency", int64(a.concurrency)), a.concurrency > 10000:
		return errors.New("--concurrency must be from 1 to 10000")
	case below("rate", int64(a.rate)):
		return errors.New("--rate must be more than 0; without it there is no limit")
	case a.offline && !a.hasOverlay():
		return errors.New("--offline needs --zones or --plan; without them there is nothing to check")
	case slices.ContainsFunc(a.resolvers, func(r string) bool { return strings.ContainsAny(r, ", \t") }):
		return errors.New("--resolver takes one server; repeat it for several: --resolver 1.1.1.1 --resolver 8.8.8.8")
	case a.rootHints != "" && !slices.Contains(a.resolvers, authoritative):
		return errors.New("--root-hints needs --resolver authoritative")
	}
	return nil
}

// hasOverlay reports whether zones or plans are laid over DNS.
func (a *dnsFlags) hasOverlay() bool { return len(a.zones)+len(a.plans) > 0 }

// authoritative is the value of --resolver for the servers of each zone.
const authoritative = "authoritative"

// sources are the servers and zones that the flags name.
type sources struct {
	authority resolve.Authority // nil for none
	servers   []resolve.Server
	overlay   *source.Zones
}

// sources opens the sources, and prints which records of zone files it skips. If
// the run ends while it reads them, there is no overlay, and every answer is
// unknown.
func (a *dnsFlags) sources(ctx context.Context, env *Env) (s sources, err error) {
	if a.hasOverlay() {
		s.overlay, err = a.overlay(ctx, nil)
		if err != nil && ctx.Err() == nil {
			return s, err
		}
		env.say(app.Skipped(s.overlay.Skipped()))
	}
	if a.offline {
		return s, nil
	}
	isAuthoritative := func(spec string) bool { return spec == authoritative }
	if slices.ContainsFunc(a.resolvers, isAuthoritative) {
		authority := iterative.Authority{Port: a.port}
		if a.rootHints != "" {
			if authority.Hints, err = iterative.LoadHints(a.rootHints); err != nil {
				return s, err
			}
		}
		s.authority = authority.Walk
	}
	s.servers, err = resolve.ParseServers(ctx, slices.DeleteFunc(slices.Clone(a.resolvers), isAuthoritative))
	return s, err
}

// overlay adds --zones and --plan to zones; nil starts with none.
func (a *dnsFlags) overlay(ctx context.Context, zones *source.Zones) (*source.Zones, error) {
	var err error
	if a.zones, err = untrusted.Named(a.zones); err != nil {
		return nil, err
	}
	if a.plans, err = untrusted.Named(a.plans); err != nil {
		return nil, err
	}
	for _, path := range a.zones {
		if _, err := untrusted.IsFolder(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("--zones %s: there is no such file or folder; name one with zone files, such as example.com.zone", untrusted.Quote(path))
		}
	}
	for _, path := range a.plans {
		if _, err := untrusted.IsFolder(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("--plan %s: there is no such file; name the output of `terraform show -json`, for example", untrusted.Quote(path))
		}
	}
	return addSources(ctx, zones, a.zones, a.plans)
}

// addSources reads zones and plans into z; nil starts with none.
func addSources(ctx context.Context, z *source.Zones, zones, plans []string) (*source.Zones, error) {
	if z == nil {
		z = &source.Zones{}
	}
	if err := z.Add(ctx, zones...); err != nil {
		return nil, err
	}
	return z, z.AddPlans(ctx, plans...)
}

// resolver returns the resolver of the run. done closes it and the trace, and
// returns errors of the trace.
func (a *dnsFlags) resolver(s sources) (r *resolve.Resolver, done func() error, err error) {
	o := resolve.Options{
		Authority:   s.authority,
		Servers:     s.servers,
		Zones:       s.overlay,
		Timeout:     a.timeout,
		Retries:     a.retries,
		Concurrency: a.inFlight(),
		Rate:        a.rate,
	}
	if len(s.servers) > 0 && !a.given("resolver") {
		o.Confirm = iterative.Authority{Port: a.port}.Brief
	}
	closed := func() error { return nil }
	if a.debug != nil {
		o.Trace = transport.NewTrace(a.debug)
	}
	if a.trace != "" {
		f, err := untrusted.Create(a.trace)
		if err != nil {
			return nil, nil, broken(fmt.Errorf("write the trace %s: %w", untrusted.Line(a.trace), err))
		}
		to := io.Writer(f)
		if a.debug != nil {
			to = io.MultiWriter(f, a.debug)
		}
		o.Trace, closed = transport.NewTrace(to), f.Close
	}
	r = resolve.New(o)
	return r, func() error {
		r.Close()
		if err := errors.Join(o.Trace.Err(), closed()); err != nil {
			return broken(fmt.Errorf("write the trace: %w", err))
		}
		return nil
	}, nil
}

// appRun returns a run of check or inspect with these flags.
func (a *dnsFlags) appRun(env *Env, s sources, policy report.Policy, file *config.File, resolver *resolve.Resolver) app.Run {
	return app.Run{
		File: file, Overlay: s.overlay, Resolver: resolver, Window: app.Window(a.inFlight()), Offline: a.offline,
		Policy: policy, Version: env.Version, Repository: env.repository(), Now: now(),
	}
}

// inFlight is the number of queries in flight. The system's resolver has other
// users, so it gets fewer.
func (a *dnsFlags) inFlight() int {
	switch {
	case a.concurrency > 0:
		return a.concurrency
	case slices.Contains(a.resolvers, "system"):
		return app.InFlight
	}
	return 256
}

// limit is the deadline of the run.
func (a *dnsFlags) limit(domains int) time.Duration {
	if a.deadline > 0 {
		return a.deadline
	}
	return app.Limit(domains, resolve.Options{Timeout: a.timeout, Retries: a.retries, Concurrency: a.inFlight(), Rate: a.rate})
}

// readFiles starts the run and reads files within the deadline.
func (a *dnsFlags) readFiles(ctx context.Context, do func(context.Context) error) error {
	a.begun = time.Now()
	limit := a.limit(0)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the deadline of %s was over before the files were read", limit))
	defer cancel()
	return interruptible(ctx, do)
}

// within returns ctx with the deadline for a number of domains, plus more.
func (a *dnsFlags) within(ctx context.Context, domains int, more time.Duration) (context.Context, context.CancelFunc) {
	limit := a.limit(domains) + more
	return context.WithDeadlineCause(ctx, a.begun.Add(limit), fmt.Errorf("the deadline of %s is over", limit))
}

// failFlags are the flags that decide what fails the run.
type failFlags struct {
	failOn       string
	inconclusive string
}

func (f *failFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.failOn, "fail-on", "error", "lowest severity that fails the run: error, warning, note or never")
	flags.StringVar(&f.inconclusive, "inconclusive", "fail", "whether an unanswered query fails the run: fail or warn")
}

func (f *failFlags) policy() (report.Policy, error) {
	var errs []error
	if f.inconclusive != "fail" && f.inconclusive != "warn" {
		errs = append(errs, fmt.Errorf("--inconclusive %s: write fail or warn", untrusted.Quote(f.inconclusive)))
	}
	severity, ok := finding.ParseSeverity(f.failOn)
	if !ok && f.failOn != "never" {
		errs = append(errs, fmt.Errorf("--fail-on %s: write error, warning, note or never", untrusted.Quote(f.failOn)))
	}
	return report.Policy{FailOn: severity, InconclusiveFail: f.inconclusive == "fail"}, errors.Join(errs...)
}

// outputFlags are the flags for the formats of the report and their files.
type outputFlags struct {
	format string
	writes []string
	color  string
}

func (t *outputFlags) add(flags *pflag.FlagSet, formats report.Formats, usual string) {
	flags.StringVar(&t.format, "format", "", "format of stdout: "+strings.Join(formats.Names(), ", ")+" (default "+usual+")")
	flags.StringArrayVar(&t.writes, "write", nil, "also write a format to a file, as FORMAT=PATH; repeatable")
	flags.StringVar(&t.color, "color", "auto", "auto, always or never")
}

// outputs are the formats that the flags select.
type outputs struct {
	stdout report.Format
	files  []write
}

// write is a report to a file.
type write struct {
	name   string
	format report.Format
	path   string
}

func (t *outputFlags) outputs(formats report.Formats) (o outputs, err error) {
	if o.stdout, err = formats.Lookup(t.format); err != nil {
		return o, fmt.Errorf("--format %s: %w", untrusted.Quote(t.format), err)
	}
	if !slices.Contains([]string{"auto", "always", "never"}, t.color) {
		return o, fmt.Errorf("--color %s: write auto, always or never", untrusted.Quote(t.color))
	}
	for _, w := range t.writes {
		name, path, ok := strings.Cut(w, "=")
		if !ok || path == "" {
			return o, fmt.Errorf("--write %s: write FORMAT=PATH, such as json=report.json", untrusted.Quote(w))
		}
		format, err := formats.Lookup(name)
		if err != nil {
			return o, fmt.Errorf("--write %s: %w", untrusted.Quote(w), err)
		}
		o.files = append(o.files, write{name, format, path})
	}
	return o, nil
}

// has reports whether a file has a format.
func (o outputs) has(name string) bool {
	return slices.ContainsFunc(o.files, func(w write) bool { return w.name == name })
}

// colored decides about colour, in this order: --color, NO_COLOR (no-color.org),
// CLICOLOR_FORCE and CLICOLOR (bixense.com/clicolors), the terminal.
func (t *outputFlags) colored(env *Env) bool {
	force := env.Getenv("CLICOLOR_FORCE")
	switch {
	case t.color == "always":
		return true
	case t.color == "never", env.Getenv("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return env.StdoutTerminal && env.Getenv("CLICOLOR") != "0" && env.Getenv("TERM") != "dumb"
}

// to writes the report to stdout and to the files.
func (o outputs) to(stdout io.Writer, r *report.Report) error {
	var errs []error
	for _, w := range o.files {
		errs = append(errs, writeFile(w.path, func(out io.Writer) error { return w.format(out, r) }))
	}
	if err := o.stdout(stdout, r); err != nil {
		errs = append(errs, fmt.Errorf("write the report: %w", err))
	}
	return errors.Join(errs...)
}

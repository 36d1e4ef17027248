package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/edit"
	"github.com/sescheck/sescheck/internal/inventory"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// importFlags are the flags of `import` and `init`.
type importFlags struct {
	dnsFlags
	into      string
	identity  string
	region    string
	mailFrom  []string
	selectors []string
	domains   []string
	everyone  bool
}

func newImport(env *Env) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import [flags] [sources…]",
		Short: "Write the file from what exists",
		Long: `Finds your Amazon SES identities and writes the file that describes them to stdout,
or to a file with --into, where it only adds. A source is one of these:

  a zone file (RFC 1035), or a folder of zone files
  a *.json file, or - for stdin, with output of the AWS CLI: aws sesv2
    get-email-identity and list-email-identities, aws ses
    get-identity-verification-attributes, -dkim-attributes and
    -mail-from-domain-attributes
  a domain name, which import looks up in DNS

Several sources are combined. Only a domain name or --resolver makes import use
the network.

Exit codes: 0 written; 2 wrong usage or a wrong source; 3 written, but some
queries were not answered; 4 the file could not be written.`,
		Example: `  sescheck import zones/ --into sescheck.yaml
  sescheck import ses/eu-west-1/*.json zones/
  aws sesv2 get-email-identity --email-identity example.com |
    sescheck import - --identity example.com --region eu-west-1
  sescheck import example.com --mail-from bounces --resolver 1.1.1.1`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runImport(cmd.Context(), env, f, args)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.into, "into", "", "add to this file, or create it, instead of writing to stdout")
	f.add(flags)
	return c
}

// add adds the flags that both commands have.
func (f *importFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.region, "region", "", "region of identities whose source does not name one")
	flags.StringVar(&f.identity, "identity", "", "domain of the get-email-identity output, which does not name it")
	flags.StringArrayVar(&f.mailFrom, "mail-from", nil, "another label at which to look for a MAIL FROM name in live DNS; repeatable")
	flags.StringArrayVar(&f.selectors, "byodkim", nil, "selector of your own key that SES signs with (BYODKIM); repeatable")
	flags.StringArrayVar(&f.domains, "domain", nil, "only domains that match this glob; repeatable")
	flags.BoolVar(&f.everyone, "all", false, "also zones without SES records")
	f.dnsFlags.add(flags)
}

// sourcesOf are the arguments of `import`, by kind.
type sourcesOf struct {
	zones []string
	plans []string
	json  []string
	names []record.Name
	piped *source.Zones // zones or changes from stdin; nil for none

	mayBeEmpty bool // stdin, because there are further sources
}

func runImport(ctx context.Context, env *Env, f importFlags, args []string) error {
	from, found, err := f.gather(ctx, env, args)
	if err != nil {
		return err
	}
	return f.finish(env, from, found)
}

// gather reads the sources, and queries DNS if they leave something open.
func (f *importFlags) gather(ctx context.Context, env *Env, args []string) (sourcesOf, *inventory.Result, error) {
	if err := f.validate(); err != nil {
		return sourcesOf{}, nil, err
	}
	inv := inventory.New(inventory.Options{Region: f.region, Selectors: f.selectors, Everyone: f.everyone, Selects: f.selects()})
	var from sourcesOf
	var asked *sources
	err := f.readFiles(ctx, func(ctx context.Context) (err error) {
		if from, err = f.sort(env, args); err != nil {
			return err
		}
		asked, err = f.read(ctx, env, inv, &from)
		return err
	})
	if err != nil {
		return sourcesOf{}, nil, err
	}
	var asker record.Asker
	if asked != nil {
		resolver, done, err := f.resolver(*asked)
		if err != nil {
			return sourcesOf{}, nil, err
		}
		defer func() { _ = done() }()
		asker = resolver
	}
	limited, cancel := f.within(ctx, 2*len(from.names), 0)
	defer cancel()
	unanswered := inv.Probe(limited, asker, from.names, f.mailFrom)
	found := inv.Result(limited, asker)
	if ctx.Err() != nil {
		return sourcesOf{}, nil, &exit{code: exitInterrupted}
	}
	found.Unanswered = slices.Concat(unanswered, found.Unanswered)
	return from, found, nil
}

func (f *importFlags) validate() error {
	flags := f.dnsFlags
	flags.offline = false // --offline needs no --zones: sources may be zone files
	if err := flags.validate(); err != nil {
		return err
	}
	switch {
	case f.region != "" && !ses.IsRegion(f.region):
		return fmt.Errorf("--region %s: write an AWS region, such as eu-west-1", untrusted.Quote(f.region))
	case f.identity != "":
		if _, err := config.DomainName(f.identity); err != nil {
			return fmt.Errorf("--identity %s %w", untrusted.Quote(f.identity), err)
		}
	}
	for _, l := range f.mailFrom {
		if n, err := record.ParseName(l); err != nil || !n.Plain() {
			return fmt.Errorf("--mail-from %s: write a label, such as bounce", untrusted.Quote(l))
		}
	}
	for i, s := range f.selectors {
		s, _, _ = strings.Cut(s, "._domainkey")
		if n, err := record.ParseName(s); err != nil || n.Labels() != 1 {
			return fmt.Errorf("--byodkim %s: write a selector, such as s1", untrusted.Quote(s))
		}
		f.selectors[i] = strings.ToLower(s)
	}
	return validateGlobs(f.domains)
}

func (f *importFlags) selects() func(record.Name) bool {
	match := matching(f.domains...)
	return func(n record.Name) bool { return len(f.domains) == 0 || match(string(n)) }
}

// sort sorts the arguments by kind. An argument is a domain if there is no file or
// folder of that name.
func (f *importFlags) sort(env *Env, args []string) (from sourcesOf, err error) {
	if len(args) == 0 {
		args = slices.Concat(f.zones, f.plans)
		from.mayBeEmpty = len(args) > 0
		if env.Stdin != nil && !env.StdinTerminal {
			args = append(args, "-")
		}
	}
	if len(args) == 0 {
		return from, errors.New("nothing to import: name zone files, JSON of the AWS CLI, or domains; see `sescheck import -h`")
	}
	if args, err = untrusted.Named(args); err != nil {
		return from, err
	}
	for _, arg := range args {
		folder, err := untrusted.IsFolder(arg)
		switch {
		case arg == "-":
			from.json = append(from.json, arg)
		case err == nil && folder:
			if err := from.sortFolder(arg); err != nil {
				return from, err
			}
		case err == nil:
			from.sortFile(arg)
		case !errors.Is(err, fs.ErrNotExist):
			return from, fmt.Errorf("read %s: %w", untrusted.Quote(arg), err)
		default:
			n, err := config.DomainName(arg)
			if err != nil {
				return from, fmt.Errorf("%s is neither a file here nor a domain: it %w", untrusted.Quote(arg), err)
			}
			from.names = append(from.names, n)
		}
	}
	if len(from.names) > 0 && f.offline && !f.hasOverlay() && len(from.zones)+len(from.plans) == 0 {
		return from, errors.New("--offline with a domain name needs zone files; without them there is nothing to read")
	}
	return from, nil
}

// sortFile sorts a file by its content.
func (from *sourcesOf) sortFile(path string) {
	switch holds := source.SniffFile(path); {
	case holds == source.SomeChanges:
		from.plans = append(from.plans, path)
	case app.IsAccount(path, holds):
		from.json = append(from.json, path)
	default:
		from.zones = append(from.zones, path)
	}
}

// sortFolder sorts the JSON files in and below a folder by their content. It takes the
// folder for zones if it has any other file.
func (from *sourcesOf) sortFolder(folder string) error {
	zones := false
	files, err := untrusted.Files(folder, func(name string, isFolder bool) bool {
		is := isFolder || path.Ext(name) == ".json"
		zones = zones || !is
		return is
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", untrusted.Quote(folder), err)
	}
	for _, path := range files {
		if source.SniffFile(path) == source.WholeZones {
			zones = true
		} else {
			from.sortFile(path)
		}
	}
	if zones || len(files) == 0 {
		from.zones = append(from.zones, folder)
	}
	return nil
}

// readPiped reads zones or a change from stdin. For any other input it returns a
// reader of it.
func (from *sourcesOf) readPiped(ctx context.Context, in io.Reader) (reader io.Reader, err error) {
	const name = "stdin"
	text, err := io.ReadAll(io.LimitReader(in, source.MaxOctets+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if from.mayBeEmpty && len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	if source.Sniff(name, string(text)) == source.Neither {
		return bytes.NewReader(text), nil
	}
	from.piped = &source.Zones{}
	return nil, from.piped.AddText(ctx, name, string(text))
}

// readJSON reads output of the AWS CLI.
func (f *importFlags) readJSON(ctx context.Context, env *Env, inv *inventory.Inventory, from *sourcesOf, path string) error {
	hint := account.Hint{File: "stdin"}
	in := env.Stdin
	if path == "-" && in != nil {
		var err error
		if in, err = from.readPiped(ctx, in); err != nil || in == nil {
			return err
		}
	}
	if path != "-" {
		file, err := untrusted.Open(path)
		if err != nil {
			return fmt.Errorf("read %s: %w", untrusted.Quote(path), err)
		}
		defer file.Close()
		in, hint = file, account.FromPath(path)
	} else if in == nil {
		return errors.New("there is no stdin")
	}
	if f.identity != "" {
		hint.Identity = f.identity
	}
	acc := &account.Account{}
	if err := acc.Read(in, hint); err != nil {
		return err
	}
	acc.NotePages()
	inv.Account(acc)
	return nil
}

// overlay reads the zones and changes; nil if there are none.
func (from *sourcesOf) overlay(ctx context.Context) (*source.Zones, error) {
	if len(from.zones)+len(from.plans) == 0 {
		return from.piped, nil
	}
	return addSources(ctx, from.piped, from.zones, from.plans)
}

// read reads the JSON and the zone files, and returns the servers and zones to
// query: nil if there are no zone files and no reason to use the network.
func (f *importFlags) read(ctx context.Context, env *Env, inv *inventory.Inventory, from *sourcesOf) (*sources, error) {
	for _, path := range from.json {
		if err := f.readJSON(ctx, env, inv, from, path); err != nil {
			return nil, err
		}
	}
	var s sources
	var err error
	if s.overlay, err = from.overlay(ctx); err != nil {
		return nil, err
	}
	inv.Zones(s.overlay)
	if f.hasOverlay() {
		if s.overlay, err = f.overlay(ctx, s.overlay); err != nil {
			return nil, err
		}
	}
	network := !f.offline && (f.given("resolver") || len(from.names) > 0)
	if s.overlay == nil && !network {
		return nil, nil
	}
	if network {
		s.servers, err = resolve.ParseServers(ctx, f.resolvers)
	}
	return &s, err
}

// finish writes the file, and a summary to stderr.
func (f *importFlags) finish(env *Env, from sourcesOf, found *inventory.Result) error {
	notes := &strings.Builder{}
	f.reconcile(found.Entries)
	app.Summary(notes, found, f.region, len(from.names) > 0)
	var err error
	switch {
	case len(found.Entries) == 0:
		err = app.ErrNothing
	case f.into != "":
		err = f.addTo(notes, found.Entries)
	default:
		if text, e := app.Written(found.Entries); e != nil {
			err = broken(e)
		} else if _, e := env.Stdout.Write(text); e != nil {
			err = broken(e)
		}
	}
	env.say(notes.String())
	switch {
	case err != nil:
		return err
	case len(found.Unanswered) > 0:
		return &exit{code: exitInconclusive}
	}
	return nil
}

// reconcile removes contradictions between the entries, and with the file that they
// are added to.
func (f *importFlags) reconcile(entries []edit.Entry) {
	var file []config.Domain
	if data, err := readInto(f.into); err == nil && f.into != "" {
		if parsed, problems := config.Parse(f.into, data); len(problems) == 0 {
			file = parsed.Domains
		}
	}
	app.Reconcile(file, entries)
}

// addTo adds the entries to the file of --into.
func (f *importFlags) addTo(notes io.Writer, entries []edit.Entry) error {
	data, err := readInto(f.into)
	if err != nil {
		return fmt.Errorf("read %s: %w", untrusted.Line(f.into), err)
	}
	a, err := edit.Add(filepath.ToSlash(f.into), data, entries)
	if err != nil {
		return err
	}
	if !bytes.Equal(a.Data, data) {
		if err := writeFile(f.into, func(w io.Writer) error {
			_, err := w.Write(a.Data)
			return err
		}); err != nil {
			return broken(err)
		}
	}
	reportAddition(notes, f.into, a)
	return nil
}

// readInto reads the file of --into; nil if it does not exist.
func readInto(path string) ([]byte, error) {
	data, err := untrusted.Read(path, config.MaxFileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// reportAddition prints what was added to a file, and where the file differs.
func reportAddition(w io.Writer, path string, a *edit.Addition) {
	for _, d := range a.Differences {
		_, _ = fmt.Fprintf(w, "look at %s line %d, %s: %s\n", d.Place.File, d.Place.Line, d.Domain, d.What)
	}
	for _, d := range a.Filled {
		_, _ = fmt.Fprintf(w, "added to %s line %d, %s: %s\n", d.Place.File, d.Place.Line, d.Domain, strings.Join(d.Keys, ", "))
	}
	switch added := len(a.Added) + len(a.Filled); {
	case added > 0:
		_, _ = fmt.Fprintf(w, "added %s to %s\n", shorten.Count(len(a.Added), "domain"), path)
	case len(a.Differences) > 0:
		_, _ = fmt.Fprintf(w, "nothing was added to %s\n", path)
	default:
		_, _ = fmt.Fprintf(w, "%s has all of it already\n", path)
	}
}

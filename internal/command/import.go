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

// importFlags are the flags of `import`.
type importFlags struct {
	asking
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

// add adds the flags that say what is found in the sources.
func (f *importFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.region, "region", "", "region of identities whose source does not name one")
	flags.StringVar(&f.identity, "identity", "", "domain of the get-email-identity output, which does not name it")
	flags.StringArrayVar(&f.mailFrom, "mail-from", nil, "another label at which to look for a MAIL FROM name in live DNS; repeatable")
	flags.StringArrayVar(&f.selectors, "byodkim", nil, "selector of your own key that SES signs with (BYODKIM); repeatable")
	flags.StringArrayVar(&f.domains, "domain", nil, "only domains that match this glob; repeatable")
	flags.BoolVar(&f.everyone, "all", false, "also zones without SES records")
	f.asking.add(flags)
}

// sourcesOf are the arguments of `import`, sorted by kind.
type sourcesOf struct {
	zones []string
	plans []string
	json  []string
	names []record.Name
	piped *source.Zones // from stdin; nil for none
}

func runImport(ctx context.Context, env *Env, f importFlags, args []string) error {
	from, found, err := f.gather(ctx, env, args)
	if err != nil {
		return err
	}
	return f.finish(env, from, found)
}

// gather reads the sources, and asks DNS where they leave something to ask.
func (f *importFlags) gather(ctx context.Context, env *Env, args []string) (sourcesOf, *inventory.Result, error) {
	if err := f.wrong(); err != nil {
		return sourcesOf{}, nil, err
	}
	inv := inventory.New(inventory.Options{Region: f.region, Selectors: f.selectors, Everyone: f.everyone, Selects: f.selects()})
	var from sourcesOf
	var asked *sources
	err := f.reading(ctx, func(ctx context.Context) (err error) {
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

func (f *importFlags) wrong() error {
	asking := f.asking
	asking.offline = false // the sources may be zone files
	if err := asking.wrong(); err != nil {
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
	return wrongGlobs(f.domains)
}

func (f *importFlags) selects() func(record.Name) bool {
	match := matching(f.domains...)
	return func(n record.Name) bool { return len(f.domains) == 0 || match(string(n)) }
}

// sort takes an argument for a file or folder if there is one of that name, and
// else for a domain.
func (f *importFlags) sort(env *Env, args []string) (from sourcesOf, err error) {
	if len(args) == 0 && env.Stdin != nil && !env.StdinTerminal {
		args = []string{"-"}
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
			if err := from.look(arg); err != nil {
				return from, err
			}
		case err == nil:
			from.file(arg)
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
	if len(from.names) > 0 && f.offline && !f.laid() && len(from.zones)+len(from.plans) == 0 {
		return from, errors.New("--offline with a domain name needs zone files; without them there is nothing to read")
	}
	return from, nil
}

// file takes a file by what it holds.
func (from *sourcesOf) file(path string) {
	switch holds := source.SniffFile(path); {
	case holds == source.SomeChanges:
		from.plans = append(from.plans, path)
	case app.IsAccount(path, holds):
		from.json = append(from.json, path)
	default:
		from.zones = append(from.zones, path)
	}
}

// look takes the JSON files in a folder and those below it by what they hold, and
// the folder itself where there is anything else.
func (from *sourcesOf) look(folder string) error {
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
			from.file(path)
		}
	}
	if zones || len(files) == 0 {
		from.zones = append(from.zones, folder)
	}
	return nil
}

// readPiped reads what is piped in. It may be a zone or a change; if not, reader
// has it still.
func (from *sourcesOf) readPiped(ctx context.Context, in io.Reader) (reader io.Reader, err error) {
	const name = "stdin"
	text, err := io.ReadAll(io.LimitReader(in, source.MaxOctets+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if source.Sniff(name, string(text)) == source.Neither {
		return bytes.NewReader(text), nil
	}
	from.piped = &source.Zones{}
	return nil, from.piped.AddText(ctx, name, string(text))
}

// readJSON reads answers of AWS.
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
	said := &account.Account{}
	if err := said.Read(in, hint); err != nil {
		return err
	}
	said.NotePages()
	inv.Account(said)
	return nil
}

// overlay reads the zones and changes; nil where there are none.
func (from *sourcesOf) overlay(ctx context.Context) (*source.Zones, error) {
	z := from.piped
	if len(from.zones)+len(from.plans) == 0 {
		return z, nil
	}
	if z == nil {
		z = &source.Zones{}
	}
	if err := z.Add(ctx, from.zones...); err != nil {
		return nil, err
	}
	return z, z.AddPlans(ctx, from.plans...)
}

// read reads the JSON and the zone files, and returns who answers questions: nil
// for nobody, where there are neither zone files nor a reason to ask the network.
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
	if f.laid() {
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

// finish writes the file, and on stderr what there is to say of it.
func (f *importFlags) finish(env *Env, from sourcesOf, found *inventory.Result) error {
	said := &strings.Builder{}
	f.reconcile(found.Entries)
	app.Summary(said, found, f.region, len(from.names) > 0)
	var err error
	switch {
	case len(found.Entries) == 0:
		err = app.ErrNothing
	case f.into != "":
		err = f.addTo(said, found.Entries)
	default:
		if text, e := app.Written(found.Entries); e != nil {
			err = broken(e)
		} else if _, e := env.Stdout.Write(text); e != nil {
			err = broken(e)
		}
	}
	env.say(said.String())
	switch {
	case err != nil:
		return err
	case len(found.Unanswered) > 0:
		return &exit{code: exitInconclusive}
	}
	return nil
}

// reconcile reconciles the entries with each other and with the file that they are
// added to.
func (f *importFlags) reconcile(entries []edit.Entry) {
	var file []config.Domain
	if data, err := readInto(f.into); err == nil && f.into != "" {
		if parsed, problems := config.Parse(f.into, data); len(problems) == 0 {
			file = parsed.Domains
		}
	}
	app.Reconcile(file, entries)
}

// addTo writes the file with what was found in it.
func (f *importFlags) addTo(said io.Writer, entries []edit.Entry) error {
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
	reportAddition(said, f.into, a)
	return nil
}

// readInto reads the file to add to; there may be none.
func readInto(path string) ([]byte, error) {
	data, err := untrusted.Read(path, config.MaxFileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// reportAddition writes what was added to a file, and what in it differs.
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

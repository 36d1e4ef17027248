package command

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/edit"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// initExample is the shortest command line without questions.
const initExample = "sescheck init --domain example.com --region eu-west-1 --mail-from bounce"

func newInit(env *Env) *cobra.Command {
	var f importFlags
	var says []string
	c := &cobra.Command{
		Use:   "init [flags] [sources…]",
		Short: "Write a first file, and the workflow that checks it",
		Long: `Asks for a domain, its AWS Region and its MAIL FROM name, and writes sescheck.yaml
and ` + app.WorkflowPath + `. It overwrites no file and sends no DNS query.

With sources, it asks nothing and writes what it finds in them. A source is an
argument as for import, --zones, --plan, --ses, or stdin. The flags then mean what
they mean for import.

Exit codes: 0 written; 2 wrong usage, or a file exists; 3 written, but some
queries were not answered; 4 a file could not be written.`,
		Example: `  sescheck init
  ` + initExample + `
  sescheck init --zones zones/
  terraform show -json plan.out | sescheck init`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			args = slices.Concat(args, f.zones, f.plans, says)
			f.zones, f.plans = nil, nil
			return runInit(cmd.Context(), env, f, args)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	f.add(flags)
	flags.StringArrayVar(&says, "ses", nil, "file or folder with what Amazon SES says, such as the output of aws sesv2 get-email-identity; repeatable")
	flags.Lookup("domain").Usage = "the domain; with sources, only domains that match this glob (repeatable)"
	flags.Lookup("region").Usage = "its AWS Region; with sources, that of identities whose source does not name one"
	flags.Lookup("mail-from").Usage = "its MAIL FROM name, a label such as bounce; with sources, another label at which to look in live DNS (repeatable)"
	return c
}

func runInit(ctx context.Context, env *Env, f importFlags, args []string) error {
	if err := errors.Join(noneExists(), env.inRoot()); err != nil {
		return err
	}
	piped, err := f.piped(ctx, env, args)
	if err != nil {
		return err
	}
	if len(args) == 0 && !piped {
		var text []byte
		err := interruptible(ctx, func(context.Context) (err error) {
			text, err = f.ask(env)
			return err
		})
		if err != nil {
			return err
		}
		return writeBoth(env, text, "next: add the DKIM tokens and the SPF includes to sescheck.yaml, where its comments show, and run `sescheck check`"+thenPush)
	}
	from, found, err := f.gather(ctx, env, args)
	if err != nil {
		return err
	}
	f.reconcile(found.Entries)
	notes := &strings.Builder{}
	app.Summary(notes, found, f.region, len(from.names) > 0)
	env.say(notes.String())
	if len(found.Entries) == 0 {
		return errors.New("there is nothing to write; use other sources, or name a domain: " + initExample)
	}
	text, err := app.Written(found.Entries)
	if err != nil {
		return broken(err)
	}
	if err := writeBoth(env, text, "next: read sescheck.yaml, and run `sescheck check`"+thenPush); err != nil {
		return err
	}
	if len(found.Unanswered) > 0 {
		return &exit{code: exitInconclusive}
	}
	return nil
}

// noneExists returns an error if files exist that init would overwrite, or that
// check would read instead of its own.
func noneExists() error {
	var there []string
	for _, name := range append(slices.Clone(config.Names), app.WorkflowPath) {
		if _, err := os.Lstat(name); err == nil {
			there = append(there, name)
		}
	}
	if len(there) == 0 {
		return nil
	}
	into, does := there[0], "adds to it"
	if into == app.WorkflowPath {
		into, does = config.Names[0], "writes the file alone"
	}
	exist := "exists"
	if len(there) > 1 {
		exist = "exist"
	}
	return fmt.Errorf("%s already %s, and init does not overwrite files; `sescheck import SOURCES --into %s` %s", strings.Join(there, " and "), exist, into, does)
}

// inRoot returns an error unless this folder is the root of the repository, where
// GitHub reads workflows.
func (env *Env) inRoot() error {
	here, err := untrusted.Whole(".")
	if err != nil || env.Checkout == "" || here == env.Checkout {
		return err
	}
	return fmt.Errorf("run it in the root of the repository, %s: GitHub reads workflows only there; `sescheck import SOURCES --into %s` writes the file of a subfolder", untrusted.Quote(env.Checkout), config.Names[0])
}

// piped reports whether stdin has sources, if nothing else has. It consumes
// nothing.
func (f *importFlags) piped(ctx context.Context, env *Env, args []string) (piped bool, err error) {
	if len(args)+len(f.domains) > 0 || env.Stdin == nil || env.StdinTerminal {
		return false, nil
	}
	in := bufio.NewReader(env.Stdin)
	env.Stdin = in
	err = interruptible(ctx, func(context.Context) error {
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			return fmt.Errorf("init cannot ask questions, because stdin is not a terminal, and nothing is piped in; use flags, such as `%s`, or sources, such as `sescheck init --zones zones/`", initExample)
		} else if err != nil {
			return fmt.Errorf("read stdin: %w", err)
		}
		return nil
	})
	return err == nil, err
}

// ask asks for the values without a flag, and returns the file. Without a terminal,
// a missing required value is an error.
func (f *importFlags) ask(env *Env) ([]byte, error) {
	if len(f.domains) > 1 || len(f.mailFrom) > 1 {
		return nil, errors.New("without sources, init writes one domain; use --domain and --mail-from once")
	}
	q := questions{env: env}
	if env.StdinTerminal && env.Stdin != nil {
		q.in = bufio.NewReader(env.Stdin)
	}
	var o config.Open
	read := func() error {
		_, err := o.Read()
		return err
	}
	err := q.answer(&o.Domain, f.domains, "--domain", "Domain that you send as with Amazon SES, such as example.com", "", read)
	if err == nil {
		usual := cmp.Or(env.Getenv("AWS_REGION"), env.Getenv("AWS_DEFAULT_REGION"))
		if !ses.IsRegion(usual) {
			usual = ""
		}
		err = q.answer(&o.Region, given(f.region), "--region", "AWS Region of its identity, such as eu-west-1", usual, read)
	}
	if err == nil {
		q.optional = true
		err = q.answer(&o.MailFrom, f.mailFrom, "--mail-from", "MAIL FROM name, such as bounce (Enter for none)", "", read)
	}
	if err != nil {
		return nil, err
	}
	d, err := o.Read()
	if err != nil {
		return nil, err
	}
	entries := []edit.Entry{{Domain: config.Domain{Name: d.Name, Identities: d.Identities}}}
	text := append(edit.Write(entries), moreKeys...)
	return text, edit.ReadBack(text, entries)
}

// given returns the value of a flag as a list, empty if the flag was not set.
func given(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// moreKeys follows the only domain of a file.
const moreKeys = `    # More to check; docs/config.md explains every key:
    # dkim: [TOKEN, TOKEN, TOKEN]  # the three that the SES console shows under DKIM
    # spf: [_spf.google.com]       # the includes of the domain's own SPF record
    # dmarc: quarantine            # the DMARC policy, at least this strict
`

// questions asks at the terminal, on stderr.
type questions struct {
	env      *Env
	in       *bufio.Reader // nil without a terminal
	optional bool
}

// answer sets a value from its flag, or from an answer. It repeats the question
// after a wrong answer; a wrong flag is an error.
func (q *questions) answer(to *string, flag []string, name, ask, usual string, read func() error) error {
	if len(flag) > 0 {
		*to = flag[0]
		return read()
	}
	if q.in == nil {
		if q.optional {
			return nil
		}
		return fmt.Errorf("%s is missing, and init cannot ask for it, because stdin is not a terminal; use all flags, such as `%s`", name, initExample)
	}
	if usual != "" {
		ask += " [" + usual + "]"
	}
	for {
		_, _ = fmt.Fprintf(q.env.Stderr, "%s: ", ask)
		line, err := q.in.ReadString('\n')
		if *to = cmp.Or(strings.TrimSpace(line), usual); *to == "" && q.optional && err == nil {
			return nil
		}
		wrong := errors.New("an answer is required")
		if *to != "" {
			wrong = read()
		}
		switch {
		case wrong == nil:
			return nil
		case err != nil:
			return errors.New("the input ended before the last answer, so nothing was written")
		}
		q.env.say(wrong.Error())
	}
}

// thenPush ends the next steps: when the workflow runs.
const thenPush = "\nthen commit both files and push: the workflow runs on pull requests that change sescheck.yaml, and if you choose Run workflow on the page Actions"

// writeBoth writes the file and the workflow, both or neither, and prints the next
// steps.
func writeBoth(env *Env, text []byte, next string) error {
	switch failed, err := untrusted.Make(untrusted.Fresh{Path: config.Names[0], Text: text}, untrusted.Fresh{Path: app.WorkflowPath, Text: []byte(app.Workflow())}); {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s already exists, and init does not overwrite files", failed)
	case err != nil:
		return broken(fmt.Errorf("write %s: %w", failed, err))
	}
	if _, err := fmt.Fprintf(env.Stdout, "wrote %s and %s\n%s\n", config.Names[0], app.WorkflowPath, next); err != nil {
		return broken(err)
	}
	return nil
}

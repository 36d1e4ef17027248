package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// inspectFlags are the flags of `inspect`.
type inspectFlags struct {
	dnsFlags
	failFlags
	outputFlags
	region    string
	mailFrom  string
	tokens    []string
	selectors []string
	clients   []string
	sender    string
}

func newInspect(env *Env) *cobra.Command {
	var f inspectFlags
	c := &cobra.Command{
		Use:   "inspect [flags] DOMAIN…",
		Short: "Show and judge a domain without a file: SPF, DMARC, MAIL FROM, DKIM",
		Long: `Shows and judges the mail records of domains, without a file: the SPF record with
its includes and DNS lookups, the DMARC policy in effect, the verification tokens
of Amazon SES, MAIL FROM domains, tracking names and the keys of senders on SES at
their usual names, and which rules of receivers for bulk senders are met.

Exit codes are those of check: 0 no finding at or above --fail-on; 1 findings;
2 wrong usage; 3 inconclusive; 4 sescheck itself failed; 130 interrupted.`,
		Example: `  sescheck inspect example.com
  sescheck inspect --mail-from bounce --dkim TOKEN --dkim TOKEN example.com
  sescheck inspect --ip 192.0.2.1 --sender news@example.com example.com
  sescheck inspect --write html=mail.html example.com example.org`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runInspect(cmd.Context(), env, f, args)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.mailFrom, "mail-from", "", "also check this MAIL FROM domain: its first label, or its full name")
	flags.StringArrayVar(&f.tokens, "dkim", nil, "also check this Easy DKIM token; repeatable")
	flags.StringArrayVar(&f.selectors, "selector", nil, "also check the DKIM key at this selector; repeatable")
	flags.StringVar(&f.region, "region", "", "the SES region of the MAIL FROM domain and tokens (default any)")
	flags.StringArrayVar(&f.clients, "ip", nil, "print what SPF says about mail from this address; repeatable")
	flags.StringVar(&f.sender, "sender", "", "with --ip: the sender, if not postmaster at each name that has SPF")
	f.dnsFlags.add(flags)
	f.failFlags.add(flags)
	f.outputFlags.add(flags, report.OfInspect(), "text")
	return c
}

func runInspect(ctx context.Context, env *Env, f inspectFlags, args []string) error {
	policy, err := f.policy()
	errs := []error{err, f.dnsFlags.validate()}
	if f.format == "" {
		f.format = "text"
	}
	outputs, err := f.outputs(report.OfInspect())
	errs = append(errs, err)
	file, err := f.domains(args)
	errs = append(errs, err)
	mails, err := f.mails(file)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if f.format == "text" {
		o := report.TextOptions{Color: f.colored(env), Width: env.StdoutWidth}
		outputs.stdout = func(out io.Writer, r *report.Report) error { return report.InspectText(out, r, o) }
	}
	var sources sources
	err = f.readFiles(ctx, func(ctx context.Context) (err error) {
		sources, err = f.sources(ctx, env)
		return err
	})
	if err != nil {
		return err
	}
	r, err := f.look(ctx, env, sources, policy, file, mails)
	if err != nil {
		return err
	}
	return writeReport(ctx, r, func() error { return outputs.to(env.Stdout, r) })
}

// look runs check for domains without expectations.
func (f *inspectFlags) look(ctx context.Context, env *Env, s sources, policy report.Policy, file *config.File, mails []spf.Mail) (_ *report.Report, err error) {
	resolver, done, err := f.resolver(s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	ctx, cancel := f.within(ctx, len(file.Domains), 0)
	defer cancel()
	run := f.appRun(env, s, policy, file, resolver)
	return run.Inspect(ctx, mails, nil), nil
}

// domains returns the domains of the arguments, as from a file.
func (f *inspectFlags) domains(args []string) (*config.File, error) {
	return app.Domains(args, config.Open{Region: f.region, MailFrom: f.mailFrom, Tokens: f.tokens, Selectors: f.selectors})
}

// mails returns the mails for which to evaluate SPF.
func (f *inspectFlags) mails(file *config.File) ([]spf.Mail, error) {
	var errs []error
	if f.sender != "" && len(f.clients) == 0 {
		errs = append(errs, errors.New("--sender needs --ip: the address that the mail comes from"))
	}
	if f.sender != "" && !f.knows(file) {
		errs = append(errs, fmt.Errorf("--sender %s: write an address at the inspected domain or a subdomain", untrusted.Quote(f.sender)))
	}
	var all []spf.Mail
	for _, s := range f.clients {
		client, err := netip.ParseAddr(s)
		if err != nil || client.Zone() != "" {
			errs = append(errs, fmt.Errorf("--ip %s is not an IP address; write one such as 192.0.2.1", untrusted.Quote(s)))
		}
		all = append(all, spf.Mail{Client: client, Sender: f.sender})
	}
	return all, errors.Join(errs...)
}

// knows reports whether the sender is at an inspected domain.
func (f *inspectFlags) knows(file *config.File) bool {
	at := strings.LastIndexByte(f.sender, '@')
	n, err := record.ParseName(f.sender[at+1:])
	return at >= 0 && err == nil && len(file.Domains) == 1 && n.In(file.Domains[0].Name)
}

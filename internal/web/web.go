// Package web is what the page in web/ calls: functions from values to values, of
// files that are texts. It knows no browser; web/engine binds it to one.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/resolve/transport"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Engine runs what the page asks for.
type Engine struct {
	Version string
	Now     func() time.Time
	Dial    func(resolver string) (transport.Exchanger, error)
	Timeout time.Duration // of one try; 0 for the usual
}

// File is a file of the visitor's.
type File struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Folder bool   `json:"folder"` // it was found in a folder, and may be something else
}

// Progress is how far a run is.
type Progress struct {
	Done    int   `json:"done"` // domains
	Of      int   `json:"of"`
	Queries int64 `json:"queries"` // answered
}

// Mistake is a mistake or a warning.
type Mistake struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// Run is how a run ended. Its JSON and Text are those of the command line, Stderr is
// what that would write there.
type Run struct {
	Exit     int       `json:"exit"`
	Result   string    `json:"result"` // pass, fail, inconclusive; "" where there was no run
	Problems []Mistake `json:"problems"`
	Stderr   string    `json:"stderr"`
	JSON     string    `json:"json"`
	Text     string    `json:"text"`
	Header   string    `json:"header"` // of the HTML report
	HTML     string    `json:"html"`   // its main part
}

// refused is a run that did not begin: the files or arguments are wrong.
func refused(err error) Run {
	run := Run{Exit: app.ExitUsage, Stderr: app.Safe(err.Error())}
	for line := range strings.Lines(run.Stderr) {
		run.Problems = append(run.Problems, Mistake{Message: strings.TrimSuffix(line, "\n")})
	}
	return run
}

// mistakes are problems as the page has them.
func mistakes(problems []config.Problem) []Mistake {
	all := []Mistake{}
	for _, p := range problems {
		all = append(all, Mistake{untrusted.Line(p.File), p.Line, p.Column, p.Message})
	}
	return all
}

// load reads the files of a run. What is wrong with them is either problems or an
// error.
func load(files []File) (*config.File, []config.Problem, error) {
	var texts, locks []config.Text
	for _, f := range files {
		t := config.Text{Name: f.Name, Data: []byte(f.Text)}
		if path.Base(f.Name) == config.LockName {
			locks = append(locks, t)
		} else {
			texts = append(texts, t)
		}
	}
	if len(texts) == 0 {
		return nil, nil, errors.New("there is no file")
	}
	file, problems, err := config.LoadTexts(texts)
	if err != nil {
		return nil, nil, err
	}
	if problems = app.Mistakes(file, problems); len(problems) > 0 {
		return nil, problems, nil
	}
	return file, nil, file.ReadLockTexts(locks)
}

// grouped calls add with the files that were named, each for itself, and with those
// of a folder, all together.
func grouped(files []File, add func(group []source.Elsewhere, byUser bool) error) error {
	var folder []source.Elsewhere
	for _, f := range files {
		text := source.Text(f.Name, f.Text)
		if f.Folder {
			folder = append(folder, text)
		} else if err := add([]source.Elsewhere{text}, true); err != nil {
			return err
		}
	}
	if folder == nil {
		return nil
	}
	return add(folder, false)
}

// overlay reads what is laid over DNS; nil for nothing.
func overlay(ctx context.Context, zones, plans []File) (*source.Zones, error) {
	if len(zones)+len(plans) == 0 {
		return nil, nil
	}
	z := &source.Zones{}
	err := grouped(zones, func(g []source.Elsewhere, byUser bool) error { return z.AddElsewhere(ctx, g, byUser) })
	if err != nil {
		return nil, err
	}
	return z, grouped(plans, func(g []source.Elsewhere, byUser bool) error { return z.AddPlansElsewhere(ctx, g, byUser) })
}

// LintArgs are the files of lint.
type LintArgs struct {
	Files []File `json:"files"`
}

// Linted is what lint says.
type Linted struct {
	OK       bool      `json:"ok"`
	Problems []Mistake `json:"problems"`
	Warnings []Mistake `json:"warnings"`
	Text     string    `json:"text"` // in the words of the command line
}

// Lint checks files without DNS.
func (e *Engine) Lint(args LintArgs) Linted {
	file, problems, err := load(args.Files)
	switch {
	case err != nil:
		r := refused(err)
		return Linted{Problems: r.Problems, Warnings: []Mistake{}, Text: r.Stderr}
	case len(problems) > 0:
		return Linted{Problems: mistakes(problems), Warnings: []Mistake{}, Text: app.Safe(app.Wrong(problems).Error())}
	}
	w := app.Lint(file, e.Now())
	return Linted{true, []Mistake{}, mistakes(w.All), w.String()}
}

// CheckArgs are what check takes.
type CheckArgs struct {
	Files    []File `json:"files"`
	Zones    []File `json:"zones"`
	Plan     []File `json:"plan"`
	SES      []File `json:"ses"`
	Resolver string `json:"resolver"`
	Offline  bool   `json:"offline"`
}

// Check compares DNS with the files.
func (e *Engine) Check(ctx context.Context, args CheckArgs, progress func(Progress)) Run {
	file, problems, err := load(args.Files)
	switch {
	case err != nil:
		return refused(err)
	case len(problems) > 0:
		run := refused(app.Wrong(problems))
		run.Problems = mistakes(problems)
		return run
	}
	run := app.Run{File: file, Offline: args.Offline}
	if run.Overlay, err = overlay(ctx, args.Zones, args.Plan); err != nil {
		return refused(err)
	}
	if run.SES, err = readSES(ctx, args.SES); err != nil {
		return refused(err)
	}
	var skipped string
	run.SES, skipped = app.UseSES(file, run.Overlay.Changes(), run.SES)
	skipped = app.Skipped(run.Overlay.Skipped()) + skipped
	within, count, close, err := e.resolver(ctx, &run, args.Resolver)
	if err != nil {
		return refused(err)
	}
	defer close()
	done := e.counted(len(file.Domains), count, progress)
	r := run.Check(within, check.Options{Trees: true, Looked: func(record.Name) bool { return true }, Done: done})
	out := e.ended(ctx, r, report.JSON, func(w io.Writer, r *report.Report) error { return report.Text(w, r, report.TextOptions{}) })
	out.Header, out.HTML = report.HTMLParts(r)
	out.Stderr = app.Safe(skipped)
	return out
}

// readSES reads what Amazon SES says; nil for no files.
func readSES(ctx context.Context, files []File) (*account.Account, error) {
	if len(files) == 0 {
		return nil, nil
	}
	var texts []account.Text
	for _, f := range files {
		texts = append(texts, account.Text{Name: f.Name, Text: f.Text})
	}
	return account.LoadTexts(ctx, texts)
}

// InspectArgs are what inspect takes.
type InspectArgs struct {
	Domains   []string `json:"domains"`
	Resolver  string   `json:"resolver"`
	Region    string   `json:"region"`
	MailFrom  string   `json:"mailFrom"`
	Selectors []string `json:"selectors"`
	Tokens    []string `json:"tokens"`
}

// Inspect looks at domains without a file.
func (e *Engine) Inspect(ctx context.Context, args InspectArgs, progress func(Progress)) Run {
	file, err := app.Domains(args.Domains, config.Open{Region: args.Region, MailFrom: args.MailFrom, Tokens: args.Tokens, Selectors: args.Selectors})
	if err != nil {
		return refused(err)
	}
	if len(file.Domains) == 0 {
		return refused(errors.New("name a domain, such as example.com"))
	}
	run := app.Run{File: file}
	within, count, close, err := e.resolver(ctx, &run, args.Resolver)
	if err != nil {
		return refused(err)
	}
	defer close()
	r := run.Inspect(within, nil, e.counted(len(file.Domains), count, progress))
	out := e.ended(ctx, r, report.InspectJSON, func(w io.Writer, r *report.Report) error { return report.InspectText(w, r, report.TextOptions{}) })
	out.Header, out.HTML = report.InspectHTMLParts(r)
	return out
}

// resolver completes a run with whom it asks, and counts the answers. The run begins,
// and ends at the deadline of the command line.
func (e *Engine) resolver(ctx context.Context, run *app.Run, address string) (within context.Context, count *atomic.Int64, close func(), err error) {
	run.Version, run.Now, run.Window = e.Version, e.Now(), app.Window(app.InFlight)
	run.Policy = report.Policy{FailOn: finding.Error, InconclusiveFail: true}
	count = new(atomic.Int64)
	o := resolve.Options{Zones: run.Overlay, Timeout: app.Timeout, Retries: app.Retries, Concurrency: app.InFlight}
	if e.Timeout > 0 {
		o.Timeout = e.Timeout
	}
	if !run.Offline {
		server, err := e.Dial(address)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("resolver %s: %w", untrusted.Quote(address), err)
		}
		o.Servers = []resolve.Server{{Exchanger: counting{server, count}}}
	} else if run.Overlay == nil {
		return nil, nil, nil, errors.New("without a network there must be zone files or a plan; there is nothing to check")
	}
	run.Resolver = resolve.New(o)
	within, cancel := context.WithTimeout(ctx, app.Limit(len(run.File.Domains), o))
	return within, count, func() {
		cancel()
		run.Resolver.Close()
	}, nil
}

// counting counts the answers of a server.
type counting struct {
	transport.Exchanger
	answers *atomic.Int64
}

func (c counting) Exchange(ctx context.Context, q *transport.Query, a transport.Attempt) (transport.Reply, error) {
	r, err := c.Exchanger.Exchange(ctx, q, a)
	if err == nil {
		c.answers.Add(1)
	}
	return r, err
}

// counted returns what is called as each domain is done.
func (e *Engine) counted(of int, queries *atomic.Int64, progress func(Progress)) func(*check.Domain) {
	done := 0
	progress(Progress{Of: of})
	return func(*check.Domain) {
		done++
		progress(Progress{done, of, queries.Load()})
	}
}

// ended is how a run ended, in the formats that the page shows.
func (e *Engine) ended(ctx context.Context, r *report.Report, json, text report.Format) Run {
	out := Run{Exit: app.ExitCode(ctx, r), Result: string(r.Result), Problems: []Mistake{}}
	write := func(f report.Format) string {
		var b strings.Builder
		_ = f(&b, r) // strings.Builder takes all
		return b.String()
	}
	out.JSON, out.Text = write(json), write(text)
	return out
}

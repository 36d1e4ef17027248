package inventory

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
)

// window is how many domains are described side by side.
const window = 128

// Result puts everything together. What does not tell of SES by itself, such as
// SPF and DMARC, is asked for; ask may be nil, and then it stays out.
func (inv *Inventory) Result(ctx context.Context, ask record.Asker) (*Result, error) {
	if err := inv.nameByTokens(); err != nil {
		return nil, err
	}
	inv.attribute()
	in, out := inv.names()
	r := &Result{LeftOut: out}
	var wait sync.WaitGroup
	slots := make(chan struct{}, window)
	asked := make([]asking, len(in))
	for i, n := range in {
		d := inv.domains[n]
		d.assemble(inv.Region)
		asked[i] = asking{Asker: ask, ctx: ctx}
		if ask == nil {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			inv.describe(&asked[i], d)
		})
	}
	wait.Wait()
	for i, n := range in {
		d := inv.domains[n]
		e := d.entry()
		var left []string
		e, left = config.Fitting(e)
		for _, what := range left {
			inv.skip(what)
		}
		r.Entries = append(r.Entries, e)
		r.Identities += d.count()
		if ask != nil {
			r.Unanswered = append(r.Unanswered, asked[i].failed...)
		}
	}
	r.Skipped = inv.Skipped
	slices.Sort(r.Unanswered)
	r.Unanswered = slices.Compact(r.Unanswered)
	return r, nil
}

// count is how many identities there are in a domain: what has only a region,
// or nothing at all, is none that anybody has seen.
func (d *domain) count() int {
	n := 0
	for _, id := range d.identities {
		if id.aws || id.DKIM != nil || id.MailFrom != nil || id.Receiving != nil || id.Tracking != nil || len(id.Verification) > 0 {
			n++
		}
	}
	return n
}

func (d *domain) entry() config.Entry {
	e := config.Entry{Domain: config.Domain{Name: d.name, SPF: d.spf, DMARC: d.dmarc}, Notes: slices.Clone(d.notes)}
	for _, id := range d.identities {
		if id.own && id.DKIM == nil {
			selector := "…"
			if alphanumeric(id.selector) {
				selector = id.selector
			}
			e.Notes = append(e.Notes, fmt.Sprintf("It signs with a key of its own (BYODKIM) that AWS does not show: add dkim: {selector: %s, public_key: …}.", selector))
		}
		e.Domain.Identities = append(e.Domain.Identities, id.Identity)
	}
	return e
}

// asking asks, and keeps which questions got no answer from the network.
type asking struct {
	record.Asker
	ctx    context.Context
	failed []string
}

func (a *asking) txt(name record.Name) record.Answer {
	return a.ask(record.Question{Name: name, Type: record.TXT})
}

func (a *asking) ask(q record.Question) record.Answer {
	got := a.Ask(a.ctx, q)
	a.note(got)
	return got
}

// note keeps a failure. What is offline is nobody's failure: it was to be so.
func (a *asking) note(got record.Answer) {
	if f := got.Failure; f != nil && f.Fault != record.Offline {
		a.failed = append(a.failed, f.Error())
	}
}

// describe asks for what is not only SES's.
func (inv *Inventory) describe(a *asking, d *domain) {
	d.ownKeys(a, inv.candidates(d), inv.Selectors)
	d.spf = d.readSPF(a, d.name)
	for _, id := range d.identities {
		if m := id.MailFrom; m != nil {
			if s := d.readSPF(a, m.Name.Value); s != nil && !onlySES(s) {
				m.SPF = s
			}
		}
	}
	d.readDMARC(a)
}

// onlySES reports whether a record is the one that SES asks for at a MAIL FROM
// name: then there is nothing to list.
func onlySES(s *config.SPF) bool {
	return s.Exact && s.All == nil && len(s.Includes) == 1 && s.Includes[0].Value == ses.SPFInclude
}

// readSPF lists what the SPF record of a name has; nil where there is none, or
// none that is known.
func (d *domain) readSPF(a *asking, name record.Name) *config.SPF {
	var records []*spf.Record
	for _, r := range a.txt(name).Records {
		if spf.Is(r.Text()) {
			records = append(records, spf.Parse(r.Text()))
		}
	}
	if len(records) == 0 {
		return nil
	}
	s := &config.SPF{Exact: true}
	if len(records) > 1 {
		d.note(fmt.Sprintf("%s has %d SPF records, of which these are the includes; it may have one.", name, len(records)))
	}
	for _, r := range records {
		if len(r.Problems) > 0 {
			d.note(fmt.Sprintf("The SPF record of %s has a mistake.", name))
		}
		d.readTerms(a, name, r, s, 0)
	}
	return s
}

func (d *domain) readTerms(a *asking, name record.Name, r *spf.Record, s *config.SPF, depth int) {
	unread := r.Unread()
	for _, t := range r.Of(spf.Include) {
		if !slices.Contains(unread, t) {
			s.Includes = include(s.Includes, t)
		}
	}
	all, redirect := r.All(), r.Redirect()
	switch {
	case all != nil && all.Qualifier == '+':
		d.note(fmt.Sprintf("The SPF record of %s ends in +all: anybody may send in its name.", name))
	case all != nil && all.Qualifier != '~': // that is how nearly all end, and is left to the short form
		s.All = &config.At[string]{Value: all.Qualifier.String() + "all"}
	case all == nil && redirect == nil:
		d.note(fmt.Sprintf("The SPF record of %s has no all at its end.", name))
	case all == nil:
		d.followRedirect(a, name, redirect, s, depth)
	}
}

// followRedirect lists what the target of a redirect has, as the check does.
func (d *domain) followRedirect(a *asking, name record.Name, t *spf.Term, s *config.SPF, depth int) {
	if t.Target != "" && depth < spf.MaxLookups {
		for _, r := range a.txt(t.Target).Records {
			if spf.Is(r.Text()) {
				d.readTerms(a, name, spf.Parse(r.Text()), s, depth+1)
				return
			}
		}
	}
	s.Exact = false
	d.note(fmt.Sprintf("The SPF record of %s goes on in another, whose includes are not known here.", name))
}

func include(all []config.At[record.Name], t *spf.Term) []config.At[record.Name] {
	n := t.Target
	if n == "" {
		var err error
		if n, err = record.ParseName(t.Domain.Raw()); err != nil {
			return all
		}
	}
	at := config.At[record.Name]{Value: n}
	if slices.Contains(all, at) {
		return all
	}
	return append(all, at)
}

// readDMARC lists the policy that takes effect, and the tags of the domain's
// own record.
func (d *domain) readDMARC(a *asking) {
	found := dmarc.Discover(a.ctx, dmarc.Askers{Own: a.Asker}, d.name)
	word := func(p dmarc.Policy) *config.At[string] { return &config.At[string]{Value: p.String()} }
	switch found.Outcome {
	case dmarc.Open:
		if found.Failure != nil {
			a.note(record.Answer{Failure: found.Failure})
		}
	case dmarc.Duplicate, dmarc.Invalid:
		d.dmarc = &config.DMARC{Policy: word(dmarc.None)}
		d.note(fmt.Sprintf("The DMARC record of %s is %s.", found.PolicyDomain, map[dmarc.Outcome]string{
			dmarc.Duplicate: "there more than once", dmarc.Invalid: "none that receivers apply",
		}[found.Outcome]))
	case dmarc.Applies:
		effect := found.Effective(true)
		d.dmarc = &config.DMARC{Policy: word(effect.Policy)}
		if !effect.Inherited {
			d.ownTags(found.Record)
		}
	}
}

func (d *domain) ownTags(r *dmarc.Record) {
	policy := func(p *dmarc.Policy) *config.At[string] {
		if p == nil {
			return nil
		}
		return &config.At[string]{Value: p.String()}
	}
	d.dmarc.SubdomainPolicy, d.dmarc.NP = policy(r.SP), policy(r.NP)
	mode := func(tag string, m dmarc.Mode) *config.At[string] {
		if _, ok := r.Tag(tag); !ok {
			return nil
		}
		return &config.At[string]{Value: map[dmarc.Mode]string{dmarc.Relaxed: "r", dmarc.Strict: "s"}[m]}
	}
	d.dmarc.ASPF, d.dmarc.ADKIM = mode("aspf", r.ASPF), mode("adkim", r.ADKIM)
	for _, u := range r.RUA {
		if at := (config.At[string]{Value: u.Text.Raw()}); u.Wrong == "" && u.Text.Plain() && !slices.Contains(d.dmarc.RUA, at) {
			d.dmarc.RUA = append(d.dmarc.RUA, at)
		}
	}
}

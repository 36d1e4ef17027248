package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/edit"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// window is the number of domains that are described at the same time.
const window = 128

// Result makes the entries of all domains. It queries records that do not show
// whether they concern SES, such as SPF and DMARC; without ask they are left out.
func (inv *Inventory) Result(ctx context.Context, ask record.Asker) *Result {
	unanswered := inv.readAliases(ctx, ask)
	inv.place()
	inv.reportElsewhere()
	inv.nameByTokens()
	inv.attribute()
	in, out := inv.names()
	r := &Result{LeftOut: out, Addresses: len(inv.addresses) + inv.nameless, Unanswered: unanswered}
	var omitted []loss
	for i, asked := range inv.describeAll(ctx, ask, in) {
		d := inv.domains[in[i]]
		inv.fill(d)
		e, left := edit.ValidPart(d.entry())
		for _, what := range left {
			inv.skip(what)
		}
		r.Entries = append(r.Entries, e)
		r.Identities += min(d.count(), len(e.Domain.Identities))
		r.Unanswered = append(r.Unanswered, asked.failed...)
		omitted = append(omitted, asked.omitted...)
		for _, name := range asked.reached {
			r.LeftOut = slices.DeleteFunc(r.LeftOut, func(zone record.Name) bool { return zone == inv.zoneOf(name) })
		}
	}
	for _, s := range inv.order {
		r.Skipped = append(r.Skipped, s.String())
	}
	r.NotWritten = notWritten(omitted)
	slices.Sort(r.Unanswered)
	r.Unanswered = slices.Compact(r.Unanswered)
	r.RegionUnused = inv.Region != "" && !inv.filled
	r.SelectorsUnused = slices.DeleteFunc(slices.Clone(inv.Selectors), r.signs)
	return r
}

// describeAll assembles domains and queries their further records, a window at a
// time.
func (inv *Inventory) describeAll(ctx context.Context, ask record.Asker, names []record.Name) []asking {
	var wait sync.WaitGroup
	slots := make(chan struct{}, window)
	asked := make([]asking, len(names))
	for i, n := range names {
		d := inv.domains[n]
		inv.assemble(d)
		asked[i] = asking{Asker: ask, ctx: ctx, strays: inv.strays, domain: n, zoneOf: inv.zoneOf}
		if ask == nil {
			asked[i].lose("spf", notInJSON)
			asked[i].lose("dmarc", notInJSON)
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			inv.describe(&asked[i], d)
		})
	}
	wait.Wait()
	return asked
}

// signs reports whether an identity signs with the key at a selector.
func (r *Result) signs(selector string) bool {
	return slices.ContainsFunc(r.Entries, func(e edit.Entry) bool {
		return slices.ContainsFunc(e.Domain.Identities, func(id config.Identity) bool {
			return id.DKIM != nil && id.DKIM.Selector.Value == selector
		})
	})
}

// count counts the identities of a domain. Empty ones, and those with only a
// region, are not real.
func (d *domain) count() int {
	n := 0
	for _, id := range d.identities {
		if id.aws || id.AsksForRecords() {
			n++
		}
	}
	return n
}

func (d *domain) entry() edit.Entry {
	e := edit.Entry{Domain: config.Domain{Name: d.name, SPF: d.spf, DMARC: d.dmarc}, Notes: slices.Clone(d.notes)}
	for _, m := range d.mistakes {
		e.Notes = append(e.Notes, m.String())
	}
	for _, id := range d.identities {
		if id.own && id.DKIM == nil && id.Sender.Value == "" {
			e.Notes = append(e.Notes, fmt.Sprintf("It signs with its own key (BYODKIM), but no readable key was found: add dkim: {selector: %s, public_key: …}.", cmp.Or(id.selector, "…")))
		}
		e.Domain.Identities = append(e.Domain.Identities, id.Identity)
	}
	return e
}

// asking sends queries, and collects failed ones, and keys of the file that are
// unknown offline.
type asking struct {
	record.Asker
	ctx     context.Context
	domain  record.Name
	strays  map[record.Name][]sighting
	failed  []string
	omitted []loss
	zoneOf  func(record.Name) record.Name // the given zone of a name; "" for none
	reached []record.Name                 // ends of CNAMEs with keys
}

func (a *asking) txt(name record.Name) record.Answer {
	return a.ask(record.Question{Name: name, Type: record.TXT})
}

func (a *asking) ask(q record.Question) record.Answer {
	got := a.Ask(a.ctx, q)
	a.note(got)
	return got
}

// note collects a failure, unless the query was not sent because of --offline.
func (a *asking) note(got record.Answer) {
	if f := got.Failure; f != nil && f.Fault != record.Offline {
		a.failed = append(a.failed, f.Error())
	}
}

// loss is a key of the file that cannot be written, and its cause.
type loss struct {
	key    string
	domain record.Name
	cause  string
}

const notInJSON = "the AWS JSON does not have them; add the zone files or --resolver"

func (a *asking) lose(key, cause string) {
	a.omitted = append(a.omitted, loss{key, a.domain, cause})
}

// offline notes a key that is not written because its query was not sent.
func (a *asking) offline(key string, got record.Answer) {
	f := got.Failure
	switch {
	case f == nil || f.Fault != record.Offline:
	case len(got.Chain) > 0 && ses.Recognize(got.Question.Name, record.Record{Type: record.CNAME, Host: got.Chain[0]}).Use != ses.NoUse: // the target of SES has no text
	case len(got.Chain) > 0:
		a.lose(key, fmt.Sprintf("%s is a CNAME to %s, which is not in the zone files; add its zone file or --resolver", got.Question.Name, got.Owner()))
	case f.Question.Name.In(a.domain):
		a.lose(key, "the zone files do not have them; add that zone file or --resolver")
	default:
		a.lose(key, fmt.Sprintf("it may depend on %s, which is not in the zone files; add its zone file or --resolver", f.Question.Name))
	}
}

// belowSuffix answers DMARC queries at public suffixes, such as _dmarc.com, with
// absence if offline: such records are rare.
type belowSuffix struct{ record.Asker }

func (b belowSuffix) Ask(ctx context.Context, q record.Question) record.Answer {
	got := b.Asker.Ask(ctx, q)
	if f := got.Failure; f != nil && f.Fault == record.Offline && f.Question == q && q.Name.Parent().IsSuffix() {
		return record.Answer{Question: q, Status: record.NoName}
	}
	return got
}

// notWritten lists keys that are not written, each cause once.
func notWritten(omitted []loss) (lines []string) {
	var causes []string
	keys, domains := map[string][]string{}, map[string][]record.Name{}
	for _, l := range omitted {
		if keys[l.cause] == nil {
			causes = append(causes, l.cause)
		}
		keys[l.cause] = add(keys[l.cause], l.key)
		if all := domains[l.cause]; len(all) == 0 || all[len(all)-1] != l.domain {
			domains[l.cause] = append(all, l.domain)
		}
	}
	for _, cause := range causes {
		lines = append(lines, fmt.Sprintf("%s of %s: %s", strings.Join(keys[cause], " and "), shorten.List(domains[cause], 5), cause))
	}
	return lines
}

// describe reads SPF and DMARC.
func (inv *Inventory) describe(a *asking, d *domain) {
	d.ownKeys(a, inv.Selectors)
	d.nameSenders()
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

// onlySES reports whether a record is exactly that which SES asks for at a MAIL
// FROM name, so that the file need not list it.
func onlySES(s *config.SPF) bool {
	return s.Exact && s.All == nil && len(s.Includes) == 1 && s.Includes[0].Value == ses.SPFInclude
}

// readSPF reads the SPF record of a name; nil if there is none, or it is unknown.
func (d *domain) readSPF(a *asking, name record.Name) *config.SPF {
	got := a.txt(name)
	key := "spf"
	if name != d.name {
		key = "mail_from's spf"
	}
	a.offline(key, got)
	records := d.spfAmong(name, got.Records)
	all := a.strays[name]
	if q := (record.Question{Name: name, Type: record.SPF}); len(records) == 0 && len(all) == 0 && got.Absent() {
		for _, r := range a.Ask(a.ctx, q).Records { // a failure has no effect here
			all = append(all, sighting{owner: name, record: r})
		}
	}
	lone := len(records) == 0
	for _, s := range all {
		restored := asSPF(s.record)
		if restored == nil {
			continue
		}
		d.mistaken(s)
		if s.record.Type == record.SPF {
			d.wrong("as type SPF, which receivers do not read; use TXT", string(s.owner))
		}
		if lone {
			records = append(records, restored)
		}
	}
	if len(records) == 0 {
		return nil
	}
	s := &config.SPF{Exact: true}
	if len(records) > 1 {
		d.note(fmt.Sprintf("%s has %d SPF records, but only one is allowed; the file lists the includes of all records.", name, len(records)))
	}
	for _, r := range records {
		switch {
		case len(r.mistakes) > 0:
			d.note(fmt.Sprintf("The SPF record of %s is garbled, and the file has what it should say: %s.", name, strings.Join(r.mistakes, "; ")))
		case r.wrong:
			d.note(fmt.Sprintf("The SPF record of %s has a mistake.", name))
		}
		d.readTerms(a, name, r.Record, s, 0)
	}
	return s
}

// restoredSPF is a corrected SPF record, with its mistakes.
type restoredSPF struct {
	*spf.Record
	wrong    bool // receivers reject the live record
	mistakes []string
}

// asSPF reads a text as an SPF record, corrected if necessary; nil if it is none,
// or the correction is not certain.
func asSPF(r record.Record) *restoredSPF {
	restored, ok := spf.Restore(r)
	switch p := spf.Parse(r.Text()); {
	case ok && restored.Text != "" && (len(p.Problems) > 0 || !spf.Is(r.Text())):
		return &restoredSPF{spf.Parse(untrusted.New(restored.Text)), true, restored.Mistakes}
	case spf.Is(r.Text()):
		return &restoredSPF{Record: p, wrong: len(p.Problems) > 0}
	}
	return nil
}

// spfAmong are the SPF records of a name: valid ones, otherwise garbled ones.
func (d *domain) spfAmong(name record.Name, records []record.Record) (all []*restoredSPF) {
	is := func(r record.Record) bool { return spf.Is(r.Text()) }
	lone := !slices.ContainsFunc(records, is)
	for _, r := range records {
		if !lone && !is(r) {
			continue
		}
		if restored := asSPF(r); restored != nil {
			all = append(all, restored)
		} else if garbled, ok := spf.Restore(r); ok {
			d.note(fmt.Sprintf("A TXT record of %s looks like an SPF record, but is not one, so no spf is written: %s.", name, strings.Join(append(garbled.Mistakes, garbled.Doubt), "; ")))
		}
	}
	return all
}

func (d *domain) readTerms(a *asking, name record.Name, r *spf.Record, s *config.SPF, depth int) {
	includes := r.Of(spf.Include)    // includes that are never evaluated were meant as well
	for _, odd := range r.Oddities { // such as include=example.com
		meant := spf.Parse(untrusted.New("v=spf1 " + odd.Correction.Raw())).Of(spf.Include)
		if slices.ContainsFunc(meant, passes) {
			d.note(fmt.Sprintf("Receivers ignore a part of the SPF record of %s, and the file has what it should say: %s.", name, odd))
		}
		includes = append(includes, meant...)
	}
	for _, t := range includes {
		if passes(t) || name != d.name && t.Target == ses.SPFInclude { // SES asks for its own at a MAIL FROM name
			s.Includes = include(s.Includes, t)
			continue
		}
		d.note(fmt.Sprintf("The file does not list %.80s of the SPF record of %s: with the qualifier %s, mail of that sender does not pass.", t.Text, name, t.Qualifier))
	}
	if unread := r.Unread(); len(unread) > 0 {
		var terms []string
		for _, t := range unread {
			terms = append(terms, fmt.Sprintf("%.80s", t.Text))
		}
		const most = 3
		d.note(fmt.Sprintf("Receivers never read this in the SPF record of %s, because it comes after the all term: %s.", name, strings.Join(terms[:min(most, len(terms))], ", ")))
	}
	all, redirect := r.All(), r.Redirect()
	switch {
	case all != nil && all.Qualifier == '+':
		d.note(fmt.Sprintf("The SPF record of %s ends in +all: anybody may send as it.", name))
	case all != nil && all.Qualifier != '~': // ~all is the usual ending, which the short form implies
		s.All = &config.At[string]{Value: all.Qualifier.String() + "all"}
	case all == nil && redirect == nil:
		d.note(fmt.Sprintf("The SPF record of %s has no all at its end.", name))
	case all == nil:
		d.followRedirect(a, name, redirect, s, depth)
	}
}

// followRedirect adds the terms of a redirect's target.
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
	d.note(fmt.Sprintf("The SPF record of %s redirects to another, whose includes are not known here.", name))
}

// passes reports whether mail that matches a term passes SPF.
func passes(t *spf.Term) bool { return t.Qualifier == '+' }

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

// readDMARC reads the policy in effect, and the tags of the domain's own record.
// A garbled own record is preferred to an inherited policy.
func (d *domain) readDMARC(a *asking) {
	found := dmarc.Discover(a.ctx, dmarc.Askers{Own: belowSuffix{a.Asker}}, d.name)
	own := found.Steps[0]
	stray := d.strayDMARC(a, len(own.Records) == 0)
	if garbled := d.garbledDMARC(own); garbled != nil {
		stray = garbled
	}
	word := func(p dmarc.Policy) *config.At[string] { return &config.At[string]{Value: p.String()} }
	at, twice := found.Duplicate()
	switch {
	case stray != nil:
		effect := dmarc.Discovery{Domain: d.name, PolicyDomain: d.name, Record: stray}.Effective(true)
		d.dmarc = &config.DMARC{Policy: word(effect.Policy)}
		d.ownTags(stray)
	case twice:
		d.dmarc = &config.DMARC{Policy: word(dmarc.None)}
		d.note(fmt.Sprintf("There are several DMARC records at %s, so no policy applies: the file asks for none until you change it.", at.Domain))
	case found.Outcome == dmarc.Open:
		if found.Failure != nil {
			last := record.Answer{Question: found.Failure.Question, Failure: found.Failure}
			a.note(last)
			a.offline("dmarc", last)
		}
	case found.Outcome == dmarc.Invalid:
		d.dmarc = &config.DMARC{Policy: word(dmarc.None)}
		d.note(fmt.Sprintf("Receivers cannot apply the DMARC record of %s: the file asks for none until you change it.", found.PolicyDomain))
	case found.Outcome == dmarc.Applies:
		effect := found.Effective(true)
		d.dmarc = &config.DMARC{Policy: word(effect.Policy)}
		if !effect.Inherited {
			d.ownTags(found.Record)
		}
	}
}

// garbledDMARC is a garbled record of the domain as it was meant, if it has no valid
// one; nil if its policy is not certain.
func (d *domain) garbledDMARC(own dmarc.Step) (meant *dmarc.Record) {
	if len(own.Records) > 0 {
		return nil
	}
	for _, r := range own.Answer.Records {
		repaired, ok := dmarc.Recognize(r)
		if !ok {
			continue
		}
		words := dmarc.Words(repaired.Faults)
		if _, certain := repaired.Tag("p"); !certain {
			d.note(fmt.Sprintf("A TXT record of %s looks like a DMARC record, but is not one, and its policy is not clear: %s.", own.Answer.Question.Name, words))
			continue
		}
		d.note(fmt.Sprintf("The DMARC record of %s is garbled, so receivers ignore it, and the file has what it should say: %s.", own.Answer.Question.Name, words))
		if meant == nil {
			meant = repaired.Record()
		}
	}
	return meant
}

// strayDMARC is a DMARC record at a wrong name, if there is none at the right
// one.
func (d *domain) strayDMARC(a *asking, lone bool) (r *dmarc.Record) {
	for _, s := range a.strays[d.name.Child("_dmarc")] {
		if !dmarc.Is(s.record.Text()) {
			continue
		}
		if s.doubled {
			d.mistaken(s)
		} else {
			d.wrong("at a name where receivers do not look for DMARC", s.String())
		}
		if lone && r == nil {
			r = dmarc.Parse(s.record.Text())
		}
	}
	return r
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

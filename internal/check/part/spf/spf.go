// Package spf checks the SPF records of the domain and its MAIL FROM domains, and
// makes the record to publish.
package spf

import (
	"context"
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

const rfc7208 = "https://www.rfc-editor.org/rfc/rfc7208"

// Part checks the SPF records of the domain and its MAIL FROM names, with all
// that they include.
var Part = part.Of[want, seen]{
	Name:    wanted.SPFRecord,
	Checks:  checks,
	Wants:   wants,
	Scope:   scope,
	Items:   func(w want) []string { return part.ValuesOf(w.includes()) },
	Observe: observe,
	Judge:   judge,
	Show:    show,
	Doubt:   doubt,
	Static:  static,
}

// want is the expectation for one SPF record.
type want struct {
	domain   record.Name
	name     record.Name // the domain, or a MAIL FROM name
	place    config.Place
	mailFrom bool
	listed   *config.SPF // nil at a MAIL FROM name without spf in the file
	joined   *config.SPF // with what other entries of the file ask of the record; nil if none does
	open     bool        // the senders of the domain are unknown, as in inspect
	locked   *config.Lock
}

// none reports whether the file asks for no record.
func (w want) none() bool { return w.listed != nil && w.listed.None }

func (w want) record() record.Question { return record.Question{Name: w.name, Type: record.TXT} }

// includes are the includes that the record must have.
func (w want) includes() []config.At[record.Name] {
	if w.listed == nil {
		return nil
	}
	return w.listed.Includes
}

// seen is the record with its tree.
type seen struct {
	tree        *spf.Tree
	registrable map[record.Name]record.Answer // SOA of the registrable domains of missing targets
	doubled     []record.Answer               // queried only without a record
	strays      []record.Answer               // at the same labels below parents of the domain; queried only for a MAIL FROM name without a record
	typed       record.Answer                 // of type SPF; queried only without a record
	amazon      record.Answer                 // of SES's own record; queried only if its networks decide
	cure        cure                          // the record to publish, if something is wrong
}

func wants(d *config.Domain) []want {
	var all []want
	if d.SPF != nil {
		all = append(all, want{domain: d.Name, name: d.Name, place: d.SPF.Place, listed: d.SPF, joined: d.SPF.Joined, open: d.Open, locked: d.Lock})
	}
	for _, id := range d.Identities {
		if id.MailFrom == nil {
			continue
		}
		m := id.MailFrom
		i := slices.IndexFunc(all, func(w want) bool { return w.name == m.Name.Value })
		if i < 0 {
			all = append(all, want{domain: d.Name, name: m.Name.Value, place: m.Place, mailFrom: true, listed: m.SPF, joined: m.Joined, locked: d.Lock})
		} else {
			all[i].listed = config.BothSPF(all[i].listed, m.SPF)
		}
	}
	return all
}

func scope(w want) []part.Scope {
	if w.none() {
		return []part.Scope{{Record: w.record(), Checks: []*finding.Check{Unwanted}}}
	}
	return []part.Scope{{Record: w.record(), Checks: w.checks()}}
}

// checks are the checks of this record, in the order of the table.
func (w want) checks() []*finding.Check {
	all := make([]*finding.Check, 0, len(checks))
	for _, c := range checks {
		switch c {
		case Unwanted:
			continue
		case SESUnauthorized:
			if !w.mailFrom {
				continue
			}
		case IncludeMissing:
			if len(w.includes()) == 0 {
				continue
			}
		case IncludeUnexpected:
			if w.listed == nil || !w.listed.Exact {
				continue
			}
		case UpstreamChanged:
			if w.locked == nil {
				continue
			}
		}
		all = append(all, c)
	}
	return all
}

func observe(ctx context.Context, a part.Asker, w want) seen {
	s := look(ctx, a, w)
	if root := s.tree.Root; len(root.Records) == 0 && root.Answer.Status != record.Unknown && !w.none() {
		s.doubled = a.Doubled(ctx, w.record(), w.domain)
		if w.mailFrom {
			s.strays = a.StraysMailFrom(ctx, w.record(), w.domain)
		}
		if root.Answer.Status != record.NoName {
			s.typed = a.Own.Ask(ctx, record.Question{Name: w.name, Type: record.SPF})
		}
	}
	s.cure = cured(ctx, a, w, s)
	return s
}

// look walks the tree of the record, and queries whether the domains of missing
// targets are registered.
func look(ctx context.Context, a part.Asker, w want) seen {
	s := seen{tree: a.Forest.Walk(ctx, a.Own, w.name)}
	var gone []record.Question
	for _, n := range s.tree.Nodes[1:] {
		if n.Answer.Status != record.NoName || !n.Name.Plain() || spf.Impossible(n.Answer.Owner()) {
			continue
		}
		if q := part.DomainQuestion(n.Answer.Owner()); !slices.Contains(gone, q) {
			gone = append(gone, q)
		}
	}
	s.registrable = make(map[record.Name]record.Answer, len(gone))
	for _, q := range gone {
		s.registrable[q.Name] = a.Shared.Ask(ctx, q)
	}
	if !w.mailFrom && !a.Snapshots { // nothing depends on whether SES passes
		return s
	}
	if r := s.readSES(); r.partly && s.node(ses.SPFInclude) == nil && !copiesSES(s.tree.Root) {
		s.amazon = a.Shared.Ask(ctx, record.Question{Name: ses.SPFInclude, Type: record.TXT})
	}
	return s
}

// chain is the record with the targets of its redirects: without an all, the
// target is evaluated in place of the record (RFC 7208 section 6.1).
func chain(n *spf.Node) []*spf.Node {
	var all []*spf.Node
	for n != nil && !slices.Contains(all, n) {
		all = append(all, n)
		n = redirected(n)
	}
	return all
}

func redirected(n *spf.Node) *spf.Node {
	for _, b := range n.Branches {
		if b.Term.Kind == spf.Redirect && !b.Unread {
			return b.Child
		}
	}
	return nil
}

// ending returns the all that decides if no further term matches, and its node.
// all is nil if there is none, or it is unknown.
func ending(n *spf.Node) (all *spf.Term, at *spf.Node) {
	c := chain(n)
	at = c[len(c)-1]
	if r := at.Record(); r != nil {
		all = r.All()
	}
	return all, at
}

// readIncludes are the includes of a node that the evaluation reaches.
func readIncludes(n *spf.Node) []*spf.Branch {
	var of []*spf.Branch
	for i := range n.Branches {
		if b := &n.Branches[i]; b.Term.Kind == spf.Include && !b.Unread {
			of = append(of, b)
		}
	}
	return of
}

// passesAll reports whether the record itself ends in +all.
func passesAll(n *spf.Node) bool {
	all, at := ending(n)
	return at == n && all != nil && all.Qualifier == '+'
}

func show(w want, s seen, p *snapshot.Snapshot) {
	root := s.tree.Root
	one := snapshot.SPF{Name: w.name, MailFrom: w.mailFrom, Capped: s.tree.Truncated}
	read := s.readSES()
	one.SES, one.Partly = read.State, read.partly
	if root.Record() != nil {
		if all, _ := ending(root); all != nil {
			one.All = all.Qualifier.String() + "all"
		}
	}
	p.SPF = append(p.SPF, one)
}

// doubt withdraws the consequences of a missing record.
func doubt(f finding.Finding, p *snapshot.Snapshot) {
	if f.Check != Missing && f.Check != IncludeBroken && f.Check != IncludeDangling {
		return
	}
	for i := range p.SPF {
		if s := &p.SPF[i]; s.Name == f.Record.Name {
			s.SES, s.Partly, s.Unsure = snapshot.Unknown, false, f.Check == Missing
		}
	}
}

// static reports what no SPF record can satisfy.
func static(d *config.Domain) []finding.Finding {
	found := withoutSPF(d)
	for _, w := range wants(d) {
		found = append(found, w.impossible()...)
	}
	return found
}

// withoutSPF reports MAIL FROM names for which the file asks for no SPF record.
func withoutSPF(d *config.Domain) (found []finding.Finding) {
	for _, id := range d.Identities {
		if m := id.MailFrom; m != nil && m.SPF != nil && m.SPF.None {
			found = append(found, finding.Finding{
				Check:   SESUnauthorized,
				Record:  record.Question{Name: m.Name.Value, Type: record.TXT},
				Place:   m.SPF.Place,
				Message: fmt.Sprintf("the file has spf: none for the MAIL FROM name %s, which without an SPF record does not authorise Amazon SES", m.Name.Value),
			})
		}
	}
	return found
}

// impossible reports lists of includes that no SPF record can satisfy.
func (w want) impossible() (found []finding.Finding) {
	includes := map[record.Name]bool{}
	if w.mailFrom && (w.listed == nil || !w.listed.None) {
		includes[ses.SPFInclude] = true
	}
	for _, include := range w.includes() {
		includes[include.Value] = true
		if include.Value == w.name {
			found = append(found, finding.Finding{
				Check:   IncludeLoop,
				Record:  w.record(),
				Place:   include.Place,
				Message: fmt.Sprintf("%s is listed as an include of itself", w.name),
			})
		}
	}
	if n := len(includes); n > spf.MaxLookups {
		found = append(found, finding.Finding{
			Check:   Lookups,
			Record:  w.record(),
			Place:   w.place,
			Message: fmt.Sprintf("the file lists %[2]d includes for the SPF record of %[1]s, but a record may need at most %[3]d DNS lookups", w.name, n, spf.MaxLookups),
		})
	}
	return found
}

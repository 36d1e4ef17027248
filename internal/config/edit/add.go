// Package edit writes the YAML file: a new one, or domains and keys into the text
// of one that exists, whose comments, order, anchors and line ends stay. What a key
// means, and how its value is written, is in the tables of package config.
package edit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Addition is a file with more in it than before. Every byte that it had is
// still there, in its order.
type Addition struct {
	Data        []byte
	Added       []record.Name // domains
	Filled      []Filled
	Differences []Difference
}

// Filled are keys that an existing domain was given.
type Filled struct {
	Domain record.Name
	Keys   []string
	Place  config.Place // of the domain in the file as it was
}

// Difference is a key with another value in the file than the one to be added, or
// one that could not be added. The file stays as it is there.
type Difference struct {
	Domain record.Name
	Place  config.Place
	What   string // fit to print
}

// Add adds domains to a file, and missing keys to its domains. It edits the text:
// comments, order, anchors, quotes and line ends stay.
//
// The result is read back and verified: it has all of the file, all that was to
// be added, and nothing more. If that fails, Add returns an error.
func Add(name string, data []byte, entries []Entry) (*Addition, error) {
	o := config.NewOutline(name, data)
	e := &editor{text: o.Text, eol: "\n", old: map[record.Name]*config.Domain{}, defaults: o.Defaults}
	if bytes.Contains(o.Text.Data, []byte("\r\n")) {
		e.eol = "\r\n"
	}
	if len(o.Problems) > 0 && (o.Kind == config.SomeDomains || len(o.File.Domains) > 0) {
		return nil, &Wrong{o.Problems}
	}
	for i := range o.File.Domains {
		e.old[o.File.Domains[i].Name] = &o.File.Domains[i]
	}
	a := &Addition{}
	want := map[record.Name]string{}
	for n, d := range e.old {
		want[n] = said(d)
	}
	if o.Kind == config.SomeDomains {
		e.nodes = domainNodes(o.Domains)
		e.indent = e.step(o.Domains.YAML())
	}
	var fresh []Entry
	for _, entry := range sortedEntries(entries) {
		d := &entry.Domain
		have := e.old[d.Name]
		if have == nil {
			fresh = append(fresh, entry)
			want[d.Name] = said(d.With(o.Defaults(d.Name)))
			a.Added = append(a.Added, d.Name)
			continue
		}
		merged, keys := e.fill(have, d, a)
		if len(keys) > 0 {
			want[d.Name] = said(merged)
			a.Filled = append(a.Filled, Filled{d.Name, keys, have.Place})
		}
	}
	if len(fresh) > 0 {
		if err := e.append(o.Domains, o.Kind, fresh); err != nil {
			return nil, fmt.Errorf("add to %s: %w", untrusted.Quote(name), err)
		}
	}
	a.Data = slices.Concat(data[:len(data)-len(o.Text.Data)], e.apply())
	return a, verify(name, a.Data, o.File, want)
}

// Wrong is a file that cannot be added to before it is fixed.
type Wrong struct{ Problems []config.Problem }

func (w *Wrong) Error() string {
	lines := make([]string, len(w.Problems))
	for i, p := range w.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// verify reads the result, and compares its domains with want.
func verify(name string, data []byte, before *config.File, want map[record.Name]string) error {
	after, problems := config.Parse(name, data)
	if len(problems) > 0 {
		return fmt.Errorf("add to %s: the result would be wrong, so nothing was written; run without --into and add the output by hand\n%w", untrusted.Quote(name), &Wrong{problems})
	}
	same := len(after.Domains) == len(want) && len(after.Ignores) == len(before.Ignores) && len(after.Checks) == len(before.Checks)
	for i := range after.Domains {
		d := &after.Domains[i]
		if said(d) != want[d.Name] {
			return fmt.Errorf("add to %s: the entry for %s would be wrong, so nothing was written; run without --into and add the output by hand", untrusted.Quote(name), d.Name)
		}
	}
	for i, ig := range before.Ignores {
		same = same && ig.Reason.Value == after.Ignores[i].Reason.Value && ig.Owner == after.Ignores[i].Owner
	}
	if !same {
		return fmt.Errorf("add to %s: other entries would change, so nothing was written; run without --into and add the output by hand", untrusted.Quote(name))
	}
	return nil
}

// said is all that a domain asks for, written in one way.
func said(d *config.Domain) string {
	return yamltext.Term{Pairs: d.Pairs()}.Flow()
}

// domainNodes are the entries of the file by name.
func domainNodes(domains config.Node) map[record.Name]config.Node {
	all := map[record.Name]config.Node{}
	for _, p := range domains.Pairs() {
		if n, err := config.DomainName(p.Key()); err == nil {
			all[n] = p
		}
	}
	return all
}

var (
	errAlias    = errors.New("its domains come from an alias or a merge key; run without --into and add the output by hand")
	errFlowRoot = errors.New("the whole file is in braces; put domains: on its own line")
	errNull     = errors.New("domains: has an empty value; remove it")
)

// append adds new domains after the existing ones.
func (e *editor) append(domains config.Node, kind config.DomainsKind, fresh []Entry) error {
	n, at := domains.YAML(), domains.At()
	switch kind {
	case config.EmptyText:
		text := string(Write(fresh))
		if bytes.Contains(e.text.Data, []byte("$schema=")) {
			_, text, _ = strings.Cut(text, "\n")
		}
		e.insertLines(e.text.Lines()+1, text)
		return nil
	case config.NoKey:
		if domains.IsFlow() || n.Column != 1 {
			return errFlowRoot
		}
		e.insertLines(e.text.LastBefore(e.text.End()), "\ndomains:\n"+e.entries(fresh, 2, 2, true))
		return nil
	case config.NoDomains:
		e.insertLines(e.comments(at.Line, at.Column), e.entries(fresh, at.Column+1, 2, true))
		return nil
	}
	switch {
	case domains.Aliased():
		return errAlias
	case !domains.IsMapping():
		return errNull
	case domains.IsFlow():
		var pairs []string
		for _, f := range fresh {
			own := without(f.Domain.Pairs(), e.defaultsAt(f.Domain.Name).Pairs())
			pairs = append(pairs, yamltext.Pair{Key: string(f.Domain.Name), Value: yamltext.Term{Pairs: own}}.Flow())
		}
		return e.intoBraces(n, pairs)
	case len(n.Content) == 0:
		return errNull
	}
	first := n.Content[0]
	indent, ok := e.indentation(first)
	if !ok {
		return errAlias
	}
	e.insertLines(e.comments(at.EndLine, indent+1), e.entries(fresh, indent, e.indent, e.spaced(n)))
	return nil
}

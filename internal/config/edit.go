package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

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
	Place  Place // of the domain in the file as it was
}

// Difference is a key with another value in the file than the one to be added, or
// one that could not be added. The file stays as it is there.
type Difference struct {
	Domain record.Name
	Place  Place
	What   string // fit to print
}

// Add adds domains to a file, and keys that its domains do not have. It edits
// the text: comments, order, anchors, quotes and line ends are not touched.
//
// The result was read back: it has all that the file had and all that was to be
// added, and nothing else. Where that cannot be had, the error says why.
func Add(name string, data []byte, entries []Entry) (*Addition, error) {
	bare := bytes.TrimPrefix(data, []byte("\ufeff"))
	before := newLoading()
	r := newReader(name, data, before)
	r.read()
	e := &editor{reader: newReader(name, data, newLoading()), eol: "\n", old: map[record.Name]*Domain{}}
	if bytes.Contains(bare, []byte("\r\n")) {
		e.eol = "\r\n"
	}
	root, kind := e.domainsNode()
	if problems := r.sorted(); len(problems) > 0 && (kind == someDomains || len(before.file.Domains) > 0) {
		return nil, &Wrong{problems}
	}
	for i := range before.file.Domains {
		e.old[before.file.Domains[i].Name] = &before.file.Domains[i]
	}
	e.defaults = r.defaultsOf
	a := &Addition{}
	want := map[record.Name]string{}
	for n, d := range e.old {
		want[n] = said(d)
	}
	if kind == someDomains {
		e.pairs = e.domainPairs(root)
		e.indent = e.step(root.value.node)
	}
	var fresh []Entry
	for _, entry := range sortedEntries(entries) {
		d := &entry.Domain
		have := e.old[d.Name]
		if have == nil {
			fresh = append(fresh, entry)
			want[d.Name] = said(filled(*d, r.defaultsOf(d.Name)))
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
		if err := e.append(root, kind, fresh); err != nil {
			return nil, fmt.Errorf("add to %s: %w", untrusted.Quote(name), err)
		}
	}
	a.Data = slices.Concat(data[:len(data)-len(bare)], e.apply())
	return a, verify(name, a.Data, before.file, want)
}

// Wrong is a file that cannot be added to before it is fixed.
type Wrong struct{ Problems []Problem }

func (w *Wrong) Error() string {
	lines := make([]string, len(w.Problems))
	for i, p := range w.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// verify reads the result, and compares its domains with those wanted.
func verify(name string, data []byte, before *File, want map[record.Name]string) error {
	after, problems := Parse(name, data)
	if len(problems) > 0 {
		return fmt.Errorf("add to %s: the result would not be right, so nothing was written; add by hand what is printed without --into\n%w", untrusted.Quote(name), &Wrong{problems})
	}
	same := len(after.Domains) == len(want) && len(after.Ignores) == len(before.Ignores) && len(after.Checks) == len(before.Checks)
	for i := range after.Domains {
		d := &after.Domains[i]
		if said(d) != want[d.Name] {
			return fmt.Errorf("add to %s: the entry for %s would change in a wrong way, so nothing was written; add by hand what is printed without --into", untrusted.Quote(name), d.Name)
		}
	}
	for i, ig := range before.Ignores {
		same = same && ig.Reason.Value == after.Ignores[i].Reason.Value && ig.Owner == after.Ignores[i].Owner
	}
	if !same {
		return fmt.Errorf("add to %s: other entries would change, so nothing was written; add by hand what is printed without --into", untrusted.Quote(name))
	}
	return nil
}

// said is all that a domain asks for, written in one way.
func said(d *Domain) string {
	return yamltext.Term{Pairs: pairsOf(d)}.Flow()
}

// defaultsOf is a domain with the keys of defaults alone.
func (r *reader) defaultsOf(n record.Name) Domain {
	d := Domain{Name: n}
	quiet := newReader(r.name, nil, newLoading())
	all := fields(nil).with(r.defaults, domainLevel, Place{})
	quiet.expect(&d, nil, all)
	return d
}

// domainsKind is a kind of file, by the value of `domains`.
type domainsKind uint8

const (
	someDomains domainsKind = iota
	noDomains               // the key has no value
	noKey
	emptyText
)

// domainsNode finds the value of `domains`; behind it is where the next key
// begins.
func (e *editor) domainsNode() (pair, domainsKind) {
	if _, what := e.text.Unreadable(); what != "" || len(e.text.Data) > MaxFileSize {
		return pair{}, someDomains // its mistakes are reported already
	}
	quiet := newReader(e.name, e.text.Data, newLoading())
	root := quiet.decode(e.text.Data)
	if root == nil {
		if len(quiet.list) == 1 && quiet.list[0].Message == emptyFile {
			return pair{}, emptyText
		}
		return pair{}, someDomains
	}
	v := value{node: root, next: e.text.End()}
	if !v.mapping() {
		return pair{}, someDomains
	}
	for _, p := range e.reader.pairs(v) {
		if p.key != "domains" {
			continue
		}
		if p.value.null() && p.value.node.Value == "" && p.value.fixed == nil && p.value.node.Anchor == "" {
			return p, noDomains
		}
		return p, someDomains
	}
	return pair{value: v}, noKey
}

// domainPairs are the entries of the file by name.
func (e *editor) domainPairs(domains pair) map[record.Name]pair {
	all := map[record.Name]pair{}
	for _, p := range e.reader.pairs(domains.value) {
		if n, err := domainName(p.key); err == nil {
			all[n] = p
		}
	}
	return all
}

var (
	errAlias    = errors.New("its domains come from an alias or a merge key; add by hand what is printed without --into")
	errFlowRoot = errors.New("the whole file is in braces; put domains: on its own line")
	errNull     = errors.New("domains: has an empty value; remove it")
)

// append puts new domains behind those that are there.
func (e *editor) append(domains pair, kind domainsKind, fresh []Entry) error {
	v := domains.value
	switch kind {
	case emptyText:
		text := string(Write(fresh))
		if bytes.Contains(e.text.Data, []byte("$schema=")) {
			_, text, _ = strings.Cut(text, "\n")
		}
		e.insertLines(e.text.Lines()+1, text)
		return nil
	case noKey:
		if v.node.Style&yaml.FlowStyle != 0 || v.node.Column != 1 {
			return errFlowRoot
		}
		e.insertLines(e.text.LastBefore(e.text.End()), "\ndomains:\n"+e.entries(fresh, 2, 2, true))
		return nil
	case noDomains:
		e.insertLines(e.comments(domains.at.Line, domains.at.Column), e.entries(fresh, domains.at.Column+1, 2, true))
		return nil
	}
	switch {
	case v.fixed != nil:
		return errAlias
	case !v.mapping():
		return errNull
	case v.node.Style&yaml.FlowStyle != 0:
		var pairs []string
		for _, f := range fresh {
			own := without(pairsOf(&f.Domain), pairsOf(e.defaultsAt(f.Domain.Name)))
			pairs = append(pairs, yamltext.Pair{Key: string(f.Domain.Name), Value: yamltext.Term{Pairs: own}}.Flow())
		}
		return e.intoBraces(v.node, pairs)
	case len(v.node.Content) == 0:
		return errNull
	}
	first := v.node.Content[0]
	indent, ok := e.indentation(first)
	if !ok {
		return errAlias
	}
	e.insertLines(e.comments(domains.at.EndLine, indent+1), e.entries(fresh, indent, e.indent, e.spaced(v.node)))
	return nil
}

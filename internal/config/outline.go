package config

import (
	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
)

// Outline is a file with the places of its domains, for an editor of its text.
type Outline struct {
	Text     *yamltext.Text
	File     *File // as far as it can be read
	Problems []Problem
	Domains  Node // the key `domains`; the root if the file has no such key
	Kind     DomainsKind

	read *reader
}

// NewOutline reads a file.
func NewOutline(name string, data []byte) *Outline {
	l := newLoading()
	o := &Outline{File: l.file, read: newReader(name, data, l)}
	o.read.read()
	o.Problems = o.read.sorted()
	quiet := newReader(name, data, newLoading())
	root, kind := quiet.domainsNode()
	o.Text, o.Domains, o.Kind = quiet.text, Node{root, quiet}, kind
	return o
}

// Defaults is a domain with the keys of defaults alone.
func (o *Outline) Defaults(n record.Name) Domain {
	r := o.read
	d := Domain{Name: n}
	quiet := newReader(r.name, nil, newLoading())
	all := fields(nil).with(r.defaults, domainLevel, Place{})
	quiet.expect(&d, nil, all)
	return d
}

// Node is a value of a file, with its key if it has one.
type Node struct {
	pair
	r *reader
}

// Key is the key of the value.
func (n Node) Key() string { return n.key }

// At is the place of the key, or of an item; EndLine is where the value ends.
func (n Node) At() Place { return n.at }

// YAML is the node that the value was read from, nil for no value.
func (n Node) YAML() *yaml.Node { return n.value.node }

// Aliased reports whether the value is written elsewhere in the file.
func (n Node) Aliased() bool { return n.value.fixed != nil }

// IsMapping reports whether the value is a mapping.
func (n Node) IsMapping() bool { return n.value.node != nil && n.value.mapping() }

// IsList reports whether the value is a list.
func (n Node) IsList() bool { return n.value.node != nil && n.value.list() }

// IsFlow reports whether the value is in braces or brackets.
func (n Node) IsFlow() bool { return n.value.node.Style&yaml.FlowStyle != 0 }

// Pairs are the values of a mapping, those from merge keys last.
func (n Node) Pairs() (all []Node) {
	for _, p := range n.r.pairs(n.value) {
		all = append(all, Node{p, n.r})
	}
	return all
}

// Items are the values of a list.
func (n Node) Items() (all []Node) {
	for _, v := range n.r.items(n.value) {
		all = append(all, Node{pair{at: n.r.place(v), value: v}, n.r})
	}
	return all
}

// Describe names the value in a message that wants another one.
func (n Node) Describe() string { return describe(n.value) }

// DomainsKind is a kind of file, by the value of `domains`.
type DomainsKind uint8

// The kinds of files.
const (
	SomeDomains DomainsKind = iota
	NoDomains               // the key has no value
	NoKey
	EmptyText
)

// domainsNode finds the key `domains`. Without it, it returns the root.
func (r *reader) domainsNode() (pair, DomainsKind) {
	if _, what := r.text.Unreadable(); what != "" || len(r.text.Data) > MaxFileSize {
		return pair{}, SomeDomains // its mistakes are reported already
	}
	quiet := newReader(r.name, r.text.Data, newLoading())
	root := quiet.decode(r.text.Data)
	if root == nil {
		if len(quiet.list) == 1 && quiet.list[0].Message == emptyFile {
			return pair{}, EmptyText
		}
		return pair{}, SomeDomains
	}
	v := value{node: root, next: r.text.End()}
	if !v.mapping() {
		return pair{}, SomeDomains
	}
	for _, p := range r.pairs(v) {
		if p.key != "domains" {
			continue
		}
		if p.value.null() && p.value.node.Value == "" && p.value.fixed == nil && p.value.node.Anchor == "" {
			return p, NoDomains
		}
		return p, SomeDomains
	}
	return pair{value: v}, NoKey
}

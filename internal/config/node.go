package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Problem is something wrong with a file.
type Problem struct {
	File    string
	Line    int
	Column  int // 0 where it is not known
	Message string
}

// String returns file:line:column: message, fit to be printed.
func (p Problem) String() string {
	if p.Column == 0 {
		return untrusted.Line(fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message))
	}
	return untrusted.Line(fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message))
}

// The bounds of a file. They are far above what anybody needs, and keep a
// hostile file from costing more than it should.
const (
	MaxFile       = 64 << 20 // octets
	MaxDomains    = 100_000
	MaxIdentities = 200     // of a domain
	MaxItems      = 1000    // of any other list
	MaxProblems   = 200     // told; then the rest is counted
	maxAliases    = 500_000 // followed, in a file
)

// parser walks the nodes of one file. It is strict by construction: keys are
// only ever read through fields, which tells those that nobody knows.
type parser struct {
	file     string
	problems []Problem
	aliases  int
	override *Place // where values stand that come from defaults
}

func (p *parser) bad(n *yaml.Node, format string, args ...any) {
	at := p.place(n)
	p.problems = append(p.problems, Problem{p.file, at.Line, at.Column, fmt.Sprintf(format, args...)})
}

// place is where a node stands.
func (p *parser) place(n *yaml.Node) Place {
	if p.override != nil {
		return *p.override
	}
	return Place{File: p.file, Line: n.Line, Column: n.Column, EndLine: n.Line}
}

// span is the place of a key, down to the last line of its value.
func (p *parser) span(key, value *yaml.Node) Place {
	at := p.place(key)
	if p.override == nil {
		at.EndLine = max(at.Line, lastLine(value))
	}
	return at
}

// lastLine is the last line that a node or what is in it begins on. What an
// alias stands for is elsewhere.
func lastLine(n *yaml.Node) int {
	line := n.Line
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		line += strings.Count(strings.TrimRight(n.Value, "\n"), "\n") + 1
	}
	for _, c := range n.Content {
		if c != nil {
			line = max(line, lastLine(c))
		}
	}
	return line
}

// deref follows an alias to what it stands for.
func (p *parser) deref(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		if p.aliases++; p.aliases == maxAliases {
			p.bad(n, "more than %d aliases in one file", maxAliases)
		}
		if p.aliases >= maxAliases {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line, Column: n.Column}
		}
		n = n.Alias
	}
	return n
}

// entry is a key of a mapping and its value.
type entry struct {
	key   *yaml.Node
	value *yaml.Node // perhaps an alias
}

// entries returns the entries of a mapping, those of merge keys (`<<`) after
// its own and only where they add something.
func (p *parser) entries(n *yaml.Node, what string) []entry {
	m := p.deref(n)
	if m.Kind != yaml.MappingNode {
		p.bad(n, "%s takes keys and values, not %s", what, kind(m))
		return nil
	}
	var own, merged []entry
	first := map[string]int{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, value := m.Content[i], m.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, p.merge(value, what)...)
			continue
		}
		key = p.deref(key)
		if key.Kind != yaml.ScalarNode {
			p.bad(m.Content[i], "a key of %s is %s; keys are plain words", what, kind(key))
			continue
		}
		if line, ok := first[key.Value]; ok {
			p.bad(m.Content[i], "key %s stands twice, first in line %d; delete one of them", untrusted.Quote(key.Value), line)
			continue
		}
		first[key.Value] = m.Content[i].Line
		own = append(own, entry{key, value})
	}
	for _, e := range merged {
		if _, ok := first[e.key.Value]; !ok {
			first[e.key.Value] = e.key.Line
			own = append(own, e)
		}
	}
	return own
}

func (p *parser) merge(value *yaml.Node, what string) []entry {
	sources := []*yaml.Node{value}
	if list := p.deref(value); list.Kind == yaml.SequenceNode {
		sources = list.Content
	}
	var all []entry
	for _, s := range sources {
		m := p.deref(s)
		if m.Kind != yaml.MappingNode {
			p.bad(s, "<< in %s takes an alias of keys and values, such as *base", what)
			continue
		}
		for i := 0; i+1 < len(m.Content); i += 2 {
			if key := p.deref(m.Content[i]); key.Kind == yaml.ScalarNode && key.Tag != "!!merge" {
				all = append(all, entry{key, m.Content[i+1]})
			} else {
				p.bad(m.Content[i], "what is merged into %s may not merge anything itself", what)
			}
		}
	}
	return all
}

// reader reads the value of one key.
type reader func(entry)

// fields reads a mapping: each key by its reader. A key without one is told.
func (p *parser) fields(n *yaml.Node, what string, readers map[string]reader) {
	p.read(p.entries(n, what), what, readers)
}

func (p *parser) read(entries []entry, what string, readers map[string]reader) {
	for _, e := range entries {
		read, ok := readers[e.key.Value]
		if !ok {
			p.unknown(e.key, what, readers)
			continue
		}
		if v := p.deref(e.value); v.Kind == yaml.ScalarNode && v.Tag == "!!null" {
			p.bad(e.key, "%s is empty; give it a value or take it out", e.key.Value)
			continue
		}
		read(e)
	}
}

// belongs says where keys belong that are often put elsewhere.
var belongs = map[string]string{
	"policy": "dmarc", "subdomain_policy": "dmarc", "np": "dmarc", "aspf": "dmarc", "adkim": "dmarc", "rua": "dmarc",
	"tokens": "dkim", "selector": "dkim", "public_key": "dkim", "signing_hosted_zone": "dkim",
	"includes": "spf", "exact": "spf", "all": "spf", "on_mx_failure": "mail_from", "host": "receiving", "target": "tracking",
	"region": "a domain or an item of identities", "dkim": "a domain or an item of identities", "mail_from": "a domain or an item of identities",
	"verification": "a domain or an item of identities", "receiving": "a domain or an item of identities", "tracking": "a domain or an item of identities",
	"spf": "a domain", "dmarc": "a domain", "identities": "a domain", "pending_until": "a domain",
	"reason": "an item of ignore", "until": "an item of ignore", "owner": "an item of ignore",
	"checks": "the top of the file", "ignore": "the top of the file", "defaults": "the top of the file", "domains": "the top of the file", "version": "the top of the file",
}

func (p *parser) unknown(key *yaml.Node, what string, readers map[string]reader) {
	var names []string
	for name := range readers {
		names = append(names, name)
	}
	slices.Sort(names)
	word := untrusted.Quote(key.Value)
	if near := nearest(key.Value, names); near != "" {
		p.bad(key, "unknown key %s in %s (did you mean %s?)", word, what, near)
	} else if home, ok := belongs[key.Value]; ok {
		p.bad(key, "unknown key %s in %s; it belongs into %s", word, what, home)
	} else {
		p.bad(key, "unknown key %s in %s; there are %s", word, what, strings.Join(names, ", "))
	}
}

// nearest is the word that was probably meant; "" if none is near.
func nearest(word string, words []string) string {
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s)) }
	best, least := "", 3
	for _, w := range words {
		d := levenshtein.ComputeDistance(plain(word), plain(w))
		if d < least && d < len(w)/2+1 {
			best, least = w, d
		}
	}
	return best
}

// scalar reads one value as it is written, whatever YAML takes it for: a token
// of digits stays a token.
func (p *parser) scalar(n *yaml.Node, what string) (string, bool) {
	v := p.deref(n)
	switch {
	case v.Kind != yaml.ScalarNode:
		p.bad(n, "%s takes one value, not %s", what, kind(v))
		return "", false
	case v.Tag == "!!null" || v.Value == "":
		p.bad(n, "%s is empty", what)
		return "", false
	}
	return v.Value, true
}

// text is the value of an entry, placed at its key.
func (p *parser) text(e entry) (At[string], bool) {
	s, ok := p.scalar(e.value, e.key.Value)
	return At[string]{s, p.span(e.key, e.value)}, ok
}

// list reads the items of a list, or one value in place of a list of one.
func (p *parser) list(e entry, item func(*yaml.Node)) {
	v := p.deref(e.value)
	switch v.Kind {
	case yaml.SequenceNode:
		if len(v.Content) > MaxItems {
			p.bad(e.key, "%s has %d items; at most %d are read", e.key.Value, len(v.Content), MaxItems)
			return
		}
		for _, n := range v.Content {
			item(n)
		}
	case yaml.ScalarNode:
		item(e.value)
	default:
		p.bad(e.value, "%s takes a list, such as [a, b], not %s", e.key.Value, kind(v))
	}
}

// word reads a value that is one of a few words.
func (p *parser) word(e entry, words ...string) (At[string], bool) {
	v, ok := p.text(e)
	if ok && !slices.Contains(words, v.Value) {
		p.bad(e.value, "%s takes %s, not %s%s", e.key.Value, either(words), untrusted.Quote(v.Value), didYouMean(v.Value, words))
		return v, false
	}
	return v, ok
}

// boolean reads true or false.
func (p *parser) boolean(e entry) (value, ok bool) {
	v := p.deref(e.value)
	if v.Kind != yaml.ScalarNode || v.Tag != "!!bool" {
		p.bad(e.value, "%s takes true or false", e.key.Value)
		return false, false
	}
	return strings.EqualFold(v.Value, "true"), true
}

func didYouMean(word string, words []string) string {
	if near := nearest(word, words); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// either lists words: "a, b or c".
func either(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// kind names what a node is, in words.
func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "nothing"
		}
		return "the single value " + untrusted.Quote(n.Value)
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return "this"
}

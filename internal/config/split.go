package config

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"maps"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/record"
)

// A node takes some ten times as much memory as the text that it came from.
// A large file is therefore read in pieces of its domains, whose nodes are let
// go one piece after the other.
const (
	splitSize = 1 << 20
	pieceSize = 64 << 10
)

// pieces is a file whose domains are taken out.
type pieces struct {
	rest    []byte // all but the domains, of which the lines are left
	key     int    // the line of `domains:`
	behind  int    // the line behind the last entry
	entries []piece
}

// piece is some whole entries of `domains`.
type piece struct {
	line int // the first, counted from 1
	text []byte
}

// split takes a file apart if `domains:` is a block of plain entries, each
// beginning at the same column. It may be mistaken about that, in which case a
// piece of the result is no mapping, or the rest has no `domains:` there.
// A piece ends with the entry in which it reaches the size.
func (t *text) split(size int) (pieces, bool) {
	var p pieces
	for n := 1; n <= len(t.starts); n++ {
		if rest, ok := bytes.CutPrefix(t.data[t.starts[n-1]:], []byte("domains:")); ok {
			after := strings.TrimSpace(string(rest[:max(0, bytes.IndexByte(rest, '\n'))]))
			if after != "" && after[0] != '#' {
				return p, false
			}
			p.key = n
			break
		}
	}
	if p.key == 0 {
		return p, false
	}
	indent, last := 0, p.key // the last line of the entries
	for n := p.key + 1; n <= len(t.starts); n++ {
		line := t.octets(n)
		content := bytes.TrimLeft(line, " ")
		if len(content) == 0 || content[0] == '#' {
			continue
		}
		at := len(line) - len(content)
		if indent == 0 {
			indent = at
		}
		switch {
		case at == 0:
			n = len(t.starts)
			continue
		case at < indent || at == indent && !plainEntry(string(content)):
			return p, false
		case at == indent:
			if k := len(p.entries); k == 0 || t.starts[n-1]-t.starts[p.entries[k-1].line-1] >= size {
				p.entries = append(p.entries, piece{line: n})
			}
		}
		last = n
	}
	if len(p.entries) == 0 {
		return p, false
	}
	p.behind = last + 1
	from, to := t.starts[p.key], len(t.data)
	if last < len(t.starts) {
		to = t.starts[last]
	}
	for i := range p.entries {
		end := to
		if i+1 < len(p.entries) {
			end = t.starts[p.entries[i+1].line-1]
		}
		p.entries[i].text = t.data[t.starts[p.entries[i].line-1]:end]
	}
	p.rest = append(p.rest, t.data[:from]...)
	p.rest = append(p.rest, bytes.Repeat([]byte("\n"), last-p.key)...)
	p.rest = append(p.rest, t.data[to:]...)
	return p, true
}

// plainEntry reports whether a line begins with an unquoted name and a colon.
func plainEntry(s string) bool {
	i := strings.IndexFunc(s, func(c rune) bool {
		return !alphanumeric(c) && c != '-' && c != '.' && c != '_' && c < 0xa0
	})
	return i > 0 && s[0] != '-' && s[i] == ':' && (len(s) == i+1 || s[i+1] == ' ')
}

// readPieces reads the file piece by piece. It reports false, and leaves
// everything as it was, if the file is not of that shape.
func (r *reader) readPieces(size int) bool {
	p, ok := r.text.split(size)
	if !ok {
		return false
	}
	before := len(r.file.Domains)
	copies, globs := r.all.copies, r.all.globs
	ignores := len(r.file.Ignores)
	checks := maps.Clone(r.file.Checks)
	if r.inPieces(p) {
		return true
	}
	clear(r.file.Domains[before:])
	r.file.Domains = r.file.Domains[:before]
	r.file.Ignores, r.file.Checks = r.file.Ignores[:ignores], checks
	maps.DeleteFunc(r.seen, func(_ record.Name, at Place) bool { return at.File == r.name })
	r.all.copies, r.all.globs = copies, globs
	*r = *newReader(r.name, r.text.data, r.all)
	return false
}

func (r *reader) inPieces(p pieces) bool {
	root, ok := decodePiece(p.rest, 1)
	if !ok || root.Kind != yaml.MappingNode {
		return false
	}
	whole := false
	r.top(root, func(domains pair) {
		if v := domains.value; domains.at.Line != p.key || !v.null() || v.node.Value != "" || v.fixed != nil {
			return
		}
		whole = true
		for i, root := range decodeAhead(p.entries) {
			if root == nil || root.Kind != yaml.MappingNode {
				whole = false
				return
			}
			next := position{p.behind, 1}
			if i+1 < len(p.entries) {
				next.line = p.entries[i+1].line
			}
			r.domains(value{node: root, next: next})
			p.entries[i].text = nil
		}
	})
	return whole
}

// decodeAhead goes through the pieces as decoded, nil where one cannot be, and
// decodes the next two on other goroutines meanwhile.
func decodeAhead(entries []piece) iter.Seq2[int, *yaml.Node] {
	start := func(e piece) chan *yaml.Node {
		c := make(chan *yaml.Node, 1)
		go func() {
			root, _ := decodePiece(e.text, e.line)
			c <- root
		}()
		return c
	}
	return func(yield func(int, *yaml.Node) bool) {
		var ahead []chan *yaml.Node
		started := 0
		for i := range entries {
			for ; started < len(entries) && len(ahead) < 3; started++ {
				ahead = append(ahead, start(entries[started]))
			}
			root := <-ahead[0]
			ahead = ahead[1:]
			if !yield(i, root) {
				return
			}
		}
	}
}

// decodePiece reads text that begins at a line of the file.
func decodePiece(text []byte, line int) (*yaml.Node, bool) {
	if !bounded(text) {
		return nil, false
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	if decodeNext(d, &doc) != nil || !errors.Is(decodeNext(d, &second), io.EOF) {
		return nil, false
	}
	shift(&doc, line-1)
	return doc.Content[0], true
}

func shift(n *yaml.Node, lines int) {
	n.Line += lines
	for _, c := range n.Content {
		shift(c, lines)
	}
}

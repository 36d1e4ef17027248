package yamltext

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"

	"gopkg.in/yaml.v3"
)

// Pieces is a text whose entries under one key are taken out.
type Pieces struct {
	Rest    []byte // all but the entries, of which the lines are left
	Key     int    // the line of the key
	End     int    // the line behind the last entry
	Entries []Piece
}

// Piece is some whole entries.
type Piece struct {
	Line int // the first, counted from 1
	Text []byte
}

// Split cuts a text apart if the value of a top-level key is a block of plain
// entries that begin in the same column. It can be wrong about that: then a piece
// is no mapping, or Rest does not have the key there. A piece ends with the entry
// in which it reaches the size.
func (t *Text) Split(key string, size int) (Pieces, bool) {
	var p Pieces
	for n := 1; n <= len(t.starts); n++ {
		if rest, ok := bytes.CutPrefix(t.Data[t.starts[n-1]:], []byte(key+":")); ok {
			after := strings.TrimSpace(string(rest[:max(0, bytes.IndexByte(rest, '\n'))]))
			if after != "" && after[0] != '#' {
				return p, false
			}
			p.Key = n
			break
		}
	}
	if p.Key == 0 {
		return p, false
	}
	indent, last := 0, p.Key // the last line of the entries
	for n := p.Key + 1; n <= len(t.starts); n++ {
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
			if k := len(p.Entries); k == 0 || t.starts[n-1]-t.starts[p.Entries[k-1].Line-1] >= size {
				p.Entries = append(p.Entries, Piece{Line: n})
			}
		}
		last = n
	}
	if len(p.Entries) == 0 {
		return p, false
	}
	p.End = last + 1
	from, to := t.starts[p.Key], len(t.Data)
	if last < len(t.starts) {
		to = t.starts[last]
	}
	for i := range p.Entries {
		end := to
		if i+1 < len(p.Entries) {
			end = t.starts[p.Entries[i+1].Line-1]
		}
		p.Entries[i].Text = t.Data[t.starts[p.Entries[i].Line-1]:end]
	}
	p.Rest = append(p.Rest, t.Data[:from]...)
	p.Rest = append(p.Rest, bytes.Repeat([]byte("\n"), last-p.Key)...)
	p.Rest = append(p.Rest, t.Data[to:]...)
	return p, true
}

// plainEntry reports whether a line begins with an unquoted name and a colon.
func plainEntry(s string) bool {
	i := strings.IndexFunc(s, func(c rune) bool {
		return !inKey(c) && c < 0xa0
	})
	return i > 0 && s[0] != '-' && s[i] == ':' && (len(s) == i+1 || s[i+1] == ' ')
}

// Root decodes all but the entries.
func (p *Pieces) Root() (*yaml.Node, bool) { return decode(p.Rest, 1) }

// DecodeAhead yields the decoded pieces, nil for invalid ones, and decodes the
// next two on other goroutines.
func DecodeAhead(entries []Piece) iter.Seq2[int, *yaml.Node] {
	start := func(e Piece) chan *yaml.Node {
		c := make(chan *yaml.Node, 1)
		go func() {
			root, _ := decode(e.Text, e.Line)
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

// decode reads text that begins at a line of the file.
func decode(text []byte, line int) (*yaml.Node, bool) {
	if !Bounded(text) {
		return nil, false
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	if Decode(d, &doc) != nil || !errors.Is(Decode(d, &second), io.EOF) {
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

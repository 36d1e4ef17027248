package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// Bounds of a JSON or YAML document. YAML's aliases are counted where they lead.
const (
	maxDepth  = 100
	maxValues = 4_000_000
)

// node is a value of a JSON or YAML document, and the line where it begins.
type node struct {
	line, end int
	text      string // of a scalar
	scalar    bool
	null      bool
	tag       string // of YAML, if it is not a standard one, such as !Sub
	items     []*node
	pairs     []pair
	mapping   bool
}

// pair is a key of a mapping with its value.
type pair struct {
	key   string
	line  int
	value *node
}

// at is the value of a key, and of a key below that; nil where there is none.
func (n *node) at(keys ...string) *node {
	for _, k := range keys {
		if n == nil {
			return nil
		}
		var found *node
		for i := range n.pairs {
			if n.pairs[i].key == k {
				found = n.pairs[i].value
			}
		}
		n = found
	}
	return n
}

// string is the text of a scalar; "" where there is none.
func (n *node) string() string {
	if n == nil || !n.scalar || n.null {
		return ""
	}
	return n.text
}

// known reports whether there is a value.
func (n *node) known() bool { return n != nil && !n.null }

// list are the items of a list; a value that is none counts as a list of one.
func (n *node) list() []*node {
	switch {
	case !n.known():
		return nil
	case n.scalar || n.mapping:
		return []*node{n}
	}
	return n.items
}

var (
	errDeep = fmt.Errorf("it is nested more than %d levels deep", maxDepth)
	errMany = fmt.Errorf("it has more than %d values", maxValues)
	// errEnds is the error of a file that was cut off.
	errEnds = errors.New("it ends in the middle; was it cut off?")
)

// jsonTree reads a JSON document.
func jsonTree(text string) (*node, error) {
	r := &jsonReader{text: text, d: json.NewDecoder(strings.NewReader(text)), line: 1}
	r.d.UseNumber()
	n, err := r.value(0)
	if err == nil {
		if _, err = r.d.Token(); errors.Is(err, io.EOF) {
			return n, nil
		} else if err == nil {
			err = &problem{line: r.lineAt(int(r.d.InputOffset())), text: "something follows the JSON document"}
		}
	}
	return nil, r.wrong(err)
}

// jsonReader reads JSON token by token, and counts lines.
type jsonReader struct {
	text   string
	d      *json.Decoder
	seen   int // how much of the text is counted in line
	line   int
	values int
}

// lineAt is the line of an offset; offsets only grow.
func (r *jsonReader) lineAt(at int) int {
	at = min(at, len(r.text))
	if at > r.seen {
		r.line += strings.Count(r.text[r.seen:at], "\n")
		r.seen = at
	}
	return r.line
}

// wrong describes a JSON error, with its place.
func (r *jsonReader) wrong(err error) error {
	var p *problem
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &p), errors.Is(err, errDeep), errors.Is(err, errMany):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errEnds
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(r.text)):
		return errEnds
	case errors.As(err, &syntax):
		return &problem{line: 1 + strings.Count(r.text[:min(max(int(syntax.Offset), 0), len(r.text))], "\n"), text: "this is not JSON"}
	}
	return &problem{line: r.lineAt(int(r.d.InputOffset())), text: "this is not JSON"}
}

// value reads the next value.
func (r *jsonReader) value(depth int) (*node, error) {
	t, err := r.d.Token()
	if err != nil {
		return nil, err
	}
	if r.values++; r.values > maxValues {
		return nil, errMany
	}
	if depth > maxDepth {
		return nil, errDeep
	}
	n := &node{line: r.lineAt(int(r.d.InputOffset()))}
	switch t := t.(type) {
	case json.Delim:
		n.mapping = t == '{'
		if err := r.inside(n, depth); err != nil {
			return nil, err
		}
	case nil:
		n.scalar, n.null = true, true
	case bool:
		n.scalar, n.text = true, fmt.Sprint(t)
	case json.Number:
		n.scalar, n.text = true, t.String()
	case string:
		n.scalar, n.text = true, t
	}
	n.end = r.lineAt(int(r.d.InputOffset()))
	return n, nil
}

// inside reads the content of a list or mapping.
func (r *jsonReader) inside(n *node, depth int) error {
	for r.d.More() {
		p := pair{}
		if n.mapping {
			t, err := r.d.Token()
			if err != nil {
				return err
			}
			p.key, _ = t.(string)
			p.line = r.lineAt(int(r.d.InputOffset()))
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if p.value = v; n.mapping {
			n.pairs = append(n.pairs, p)
		} else {
			n.items = append(n.items, v)
		}
	}
	_, err := r.d.Token()
	return err
}

// yamlTree reads the first document of a YAML text; nil where there is none.
func yamlTree(text string) (*node, error) {
	var doc yaml.Node
	d := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, notYAML(err)
	}
	var second yaml.Node
	switch err := d.Decode(&second); {
	case err == nil && second.Content[0].Tag == "!!null": // nothing follows the ---
	case err == nil:
		return nil, &problem{line: second.Line, text: "a second YAML document begins here; put it into its own file"}
	case !errors.Is(err, io.EOF):
		return nil, notYAML(err)
	}
	r := &yamlReader{}
	return r.value(&doc, 0)
}

// notYAML says where a text is no YAML, without the text.
func notYAML(err error) error {
	var line int
	if _, e := fmt.Sscanf(err.Error(), "yaml: line %d:", &line); e != nil {
		line = 0
	}
	return &problem{line: line, text: "this is not YAML"}
}

// yamlReader turns YAML's nodes into ours.
type yamlReader struct{ values int }

func (r *yamlReader) value(y *yaml.Node, depth int) (*node, error) {
	if r.values++; r.values > maxValues {
		return nil, errMany
	}
	if depth > maxDepth {
		return nil, errDeep
	}
	n := &node{line: y.Line, end: y.Line}
	if strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!") {
		n.tag = y.Tag
	}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return nil, nil
		}
		return r.value(y.Content[0], depth)
	case yaml.AliasNode:
		return r.value(y.Alias, depth+1)
	case yaml.ScalarNode:
		n.scalar, n.text, n.null = true, y.Value, y.Tag == "!!null"
		n.end += strings.Count(y.Value, "\n")
	case yaml.SequenceNode:
		for _, c := range y.Content {
			v, err := r.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			n.items, n.end = append(n.items, v), max(n.end, v.end)
		}
	case yaml.MappingNode:
		n.mapping = true
		return n, r.mapping(n, y, depth)
	}
	return n, nil
}

// mapping reads the pairs of a mapping. Those from a merge key come first, so
// that the mapping's own override them.
func (r *yamlReader) mapping(n *node, y *yaml.Node, depth int) error {
	var own []pair
	seen := map[string]bool{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		v, err := r.value(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		n.end = max(n.end, v.end)
		if key.Tag == "!!merge" {
			for _, m := range v.list() {
				n.pairs = append(n.pairs, m.pairs...)
				if r.values += len(m.pairs); r.values > maxValues {
					return errMany
				}
			}
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind == yaml.ScalarNode && seen[key.Value] {
			return &problem{line: y.Content[i].Line, text: "this key is in the mapping already; keep one"}
		}
		seen[key.Value] = true
		own = append(own, pair{key.Value, key.Line, v})
	}
	n.pairs = append(n.pairs, own...)
	return nil
}

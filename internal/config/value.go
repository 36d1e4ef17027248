package config

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config/yamltext"
)

// value is a node of the file in its place: an alias is followed already.
type value struct {
	node  *yaml.Node
	fixed *Place            // set for all that is reached by an alias or from defaults: the place where it is used
	next  yamltext.Position // of the next node in the file; none if v has one line
}

// tags are YAML's own types. Written out they change nothing.
var tags = []string{"!!str", "!!map", "!!seq", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!merge"}

// pair is a key of a mapping with its value.
type pair struct {
	key   string
	at    Place // of the key; EndLine is where the value ends
	value value
}

func (v value) null() bool {
	return v.node.Kind == yaml.ScalarNode && v.node.Tag == "!!null"
}

func (v value) scalar() bool  { return v.node.Kind == yaml.ScalarNode && !v.null() }
func (v value) list() bool    { return v.node.Kind == yaml.SequenceNode }
func (v value) mapping() bool { return v.node.Kind == yaml.MappingNode }

// is reports whether v is that plain word: `none`, say, but not `"none"` in a list.
func (v value) is(word string) bool { return v.scalar() && v.node.Value == word }

// place is where v is.
func (r *reader) place(v value) Place {
	if v.fixed != nil {
		return *v.fixed
	}
	end := v.node.Line
	if v.next.Line > end {
		end = max(end, r.text.LastBefore(v.next))
	}
	return Place{r.name, v.node.Line, v.node.Column, end}
}

// within is a node inside v, an item or a value. Inside an alias it keeps the place
// of the alias.
func (r *reader) within(v value, n *yaml.Node, next yamltext.Position) value {
	if v.fixed != nil {
		r.all.copies++
	}
	if n.Kind != yaml.AliasNode {
		inside := value{n, v.fixed, next}
		if n.Style&yaml.TaggedStyle != 0 && !slices.Contains(tags, n.Tag) {
			r.bad(inside, "the tag %s has no meaning here; remove it, and write only the value", quote(n.Tag))
			r.reported[report{n, ""}] = true
		}
		return inside
	}
	fixed := v.fixed
	if fixed == nil {
		r.all.copies++
		fixed = &Place{r.name, n.Line, n.Column, n.Line}
	}
	return value{n.Alias, fixed, next}
}

// items are the values in a list.
func (r *reader) items(v value) []value {
	vs := make([]value, len(v.node.Content))
	for i, n := range v.node.Content {
		next := v.next
		switch {
		case i+1 < len(v.node.Content):
			next = yamltext.Position{Line: v.node.Content[i+1].Line, Column: v.node.Content[i+1].Column}
		case v.node.Style&yaml.FlowStyle != 0 && n.Kind == yaml.ScalarNode:
			next = yamltext.Position{} // the closing bracket may be on a later line
		}
		vs[i] = r.within(v, n, next)
	}
	return vs
}

// pairs are the keys and values of a mapping. A merge key's come after its
// own, which win over them (yaml.org/type/merge.html).
func (r *reader) pairs(v value) []pair {
	return r.pairsIn(v, 0)
}

func (r *reader) pairsIn(v value, depth int) []pair {
	content := v.node.Content
	ps := make([]pair, 0, len(content)/2)
	var merges []value
	for i := 0; i+1 < len(content); i += 2 {
		next := v.next
		switch {
		case i+2 < len(content):
			next = yamltext.Position{Line: content[i+2].Line, Column: content[i+2].Column}
		case v.node.Style&yaml.FlowStyle != 0 && content[i+1].Kind == yaml.ScalarNode:
			next = yamltext.Position{}
		}
		key := r.within(v, content[i], yamltext.Position{Line: content[i+1].Line, Column: content[i+1].Column})
		p := pair{at: r.place(key), value: r.within(v, content[i+1], next)}
		switch {
		case content[i].Tag == "!!merge" && len(merges) > 0:
			r.badKey(p, "<< appears twice; write one with a list, such as <<: [*a, *b]")
			continue
		case content[i].Tag == "!!merge":
			merges = append(merges, p.value)
			continue
		case !key.scalar() || key.node.Value == "":
			r.badKey(p, "a key must be a word; found %s", describe(key))
			continue
		}
		p.key = key.node.Value
		p.at.EndLine = p.at.Line
		if v.fixed == nil {
			p.at.EndLine = max(p.at.Line, r.place(value{content[i+1], nil, next}).EndLine)
		}
		ps = append(ps, p)
	}
	if len(merges) == 0 {
		return ps
	}
	have := map[string]bool{}
	for _, p := range ps {
		have[p.key] = true
	}
	for _, m := range r.merged(merges, depth) {
		if !have[m.key] {
			have[m.key] = true
			ps = append(ps, m)
		}
	}
	return ps
}

// merged are the pairs that merge keys bring in; earlier ones win. They come by
// aliases only: an anchored value is also read in its own place, so that its
// mistakes are reported although another key may win over it here.
func (r *reader) merged(from []value, depth int) []pair {
	var ps []pair
	for _, m := range from {
		switch {
		case depth >= MaxDepth:
			r.bad(m, "merge keys are nested deeper than %d, or form a loop; remove one", MaxDepth)
			return ps
		case r.spent(r.place(m)):
			return ps
		case m.mapping() && m.fixed != nil:
			ps = append(ps, r.pairsIn(m, depth+1)...)
		case m.list():
			ps = append(ps, r.merged(r.items(m), depth+1)...)
		default:
			r.bad(m, "<< is %s; write an alias such as *base, or a list of aliases", describe(m))
		}
	}
	return ps
}

// spent reports whether aliases and defaults have multiplied the file beyond
// its bound, and says so once.
func (r *reader) spent(at Place) bool {
	if r.all.copies <= MaxCopies {
		return false
	}
	if !r.overspent {
		r.overspent = true
		r.problem(at, "aliases and defaults add more than %d values; use fewer of them", MaxCopies)
	}
	return true
}

// describe names v in a message that wants another value.
func describe(v value) string {
	switch {
	case v.null():
		return "nothing"
	case v.list() && len(v.node.Content) == 0:
		return "an empty list"
	case v.list():
		return "a list"
	case v.mapping() && len(v.node.Content) == 0:
		return "an empty mapping"
	case v.mapping():
		return "a mapping"
	case v.node.Value == "":
		return "an empty text"
	}
	return quote(v.node.Value)
}

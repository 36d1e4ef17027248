package edit

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/yamltext"
)

// filling is an existing domain that is given the keys that it does not have.
type filling struct {
	*editor
	addition *Addition
	have     *config.Domain // the file's, defaults included
	merged   config.Domain
	keys     []string
	at       config.Node   // the domain in the file
	items    []config.Node // of its identities, without keys; nil where they are the domain itself
	list     config.Node   // of the identities
	item     *firstItem
}

// firstItem is an identity that was written as the domain itself and becomes an
// item.
type firstItem struct {
	last   int // its last line
	indent int // of the list
}

// fill adds to a domain of the file the keys that it does not have, and reports
// where the two differ.
func (e *editor) fill(have, found *config.Domain, a *Addition) (merged *config.Domain, keys []string) {
	f := &filling{editor: e, addition: a, have: have, merged: *have, at: e.nodes[have.Name]}
	f.merged.Identities = slices.Clone(have.Identities)
	f.open()
	free := slices.Repeat([]bool{true}, len(have.Identities))
	known := map[int]config.Identity{}
	var fresh []config.Identity
	for _, id := range found.Identities {
		i := match(have.Identities, free, id)
		if i >= 0 {
			free[i] = false
			known[i] = id
		} else if id = f.without(id); f.saysMore(id) {
			fresh = append(fresh, id)
		}
	}
	if slices.ContainsFunc(fresh, f.another) {
		f.itemize()
	}
	for i := range have.Identities {
		if id, ok := known[i]; ok {
			f.identity(i, id)
		}
	}
	f.newIdentities(fresh)
	f.own(found)
	return &f.merged, f.keys
}

// open finds the nodes that may be added to.
func (f *filling) open() {
	if !f.at.IsMapping() || f.at.Aliased() {
		return
	}
	for _, p := range f.at.Pairs() {
		if p.Key() == "identities" && p.IsList() {
			f.list = p
			f.items = append(f.items, p.Items()...)
		}
	}
}

// itemize makes the identity that the domain is written as an item of
// identities. That takes spaces and a dash, so that nothing is changed, where its
// keys are together, each on lines of its own.
func (f *filling) itemize() {
	n := f.at.YAML()
	if !f.at.IsMapping() || f.at.Aliased() || n.Anchor != "" || f.at.IsFlow() || f.list.YAML() != nil {
		return
	}
	var first, last *yaml.Node
	end, keys := 0, f.at.Pairs()
	for i, p := range keys {
		key := n.Content[2*i]
		switch {
		case 2*len(keys) != len(n.Content), key.Value != p.Key():
			return // a merge key brings some in
		case !slices.ContainsFunc(config.IdentityKeys, func(k config.Key[config.Identity]) bool { return k.Name() == p.Key() }):
			continue
		case first == nil:
			first = key
		case n.Content[2*i-2] != last:
			return
		}
		last, end = key, p.At().EndLine
	}
	if first == nil {
		return
	}
	indent, ok := f.indentation(first)
	if !ok {
		return
	}
	f.item = &firstItem{f.comments(end, indent+1), indent + f.indent}
	f.insert(f.text.Offset(first.Line, first.Column), "identities:\n"+strings.Repeat(" ", f.item.indent)+"- ")
	for line := first.Line + 1; line <= f.item.last; line++ {
		if strings.TrimSpace(f.text.Line(line)) != "" {
			f.insert(f.text.Start(line), strings.Repeat(" ", f.indent+2))
		}
	}
}

// without takes out of an identity the tokens that the domain has already.
func (f *filling) without(id config.Identity) config.Identity {
	id.Verification = slices.Clone(id.Verification)
	for _, h := range f.have.Identities {
		id.Verification = slices.DeleteFunc(id.Verification, func(t config.At[string]) bool { return slices.Contains(config.Values(h.Verification), t.Value) })
		if id.DKIM != nil && h.DKIM != nil {
			left := *id.DKIM
			left.Tokens = slices.DeleteFunc(slices.Clone(left.Tokens), func(t config.At[string]) bool { return slices.Contains(config.Values(h.DKIM.Tokens), t.Value) })
			if id.DKIM = &left; h.DKIM.Easy && left.IsEasy() || len(left.Tokens) == 0 && left.Selector.Value == h.DKIM.Selector.Value {
				id.DKIM = nil
			}
		}
	}
	return id
}

// saysMore reports whether there is more to an identity than a region that the
// domain has already.
func (f *filling) saysMore(id config.Identity) bool {
	pairs := config.GivenPairs(config.IdentityKeys, &id, f.have.Name)
	if len(pairs) == 1 && pairs[0].Key == "region" {
		return !slices.ContainsFunc(f.have.Identities, func(h config.Identity) bool { return h.Region.Value == id.Region.Value })
	}
	return len(pairs) > 0
}

// identity adds keys to identity i of the domain.
func (f *filling) identity(i int, id config.Identity) {
	have := f.have.Identities[i]
	id = config.BeyondLayout(have, id)
	before := config.GivenPairs(config.IdentityKeys, &have, f.have.Name)
	merged := have
	config.TakeMissing(config.IdentityKeys, &merged, &id)
	var add []yamltext.Pair
	for _, p := range config.GivenPairs(config.IdentityKeys, &merged, f.have.Name) {
		if !slices.ContainsFunc(before, func(b yamltext.Pair) bool { return b.Key == p.Key }) {
			add = append(add, p)
		}
	}
	f.compareIdentity(have, id)
	if len(add) == 0 {
		return
	}
	if f.item != nil {
		f.insertLines(f.item.last, yamltext.Term{Pairs: add}.Block(f.item.indent+2, 2))
		f.gave(add)
		f.merged.Identities[i] = merged
		return
	}
	target, why := f.at, ""
	switch {
	case f.items != nil && i < len(f.items):
		target = f.items[i]
	case f.list.YAML() != nil || len(f.have.Identities) > 1:
		why = "its identities come from elsewhere in the file"
	}
	if why == "" {
		why = f.into(target, add)
	}
	if why != "" {
		f.cannot(add, why)
		return
	}
	f.merged.Identities[i] = merged
}

// own adds the keys that belong to the domain and not to an identity.
func (f *filling) own(found *config.Domain) {
	var add []yamltext.Pair
	merged := f.merged
	for _, k := range config.DomainKeys {
		switch {
		case !k.Given(found):
		case !k.Given(f.have):
			add = append(add, yamltext.Pair{Key: k.Name(), Value: k.Term(found, f.have.Name)})
			k.Take(&merged, found)
		case k.Differ(f.have, found, f.have.Name):
			f.differs(k.Place(f.have), k.Name(), k.Term(f.have, f.have.Name), k.Term(found, f.have.Name))
		}
	}
	if len(add) == 0 {
		return
	}
	if why := f.into(f.at, add); why != "" {
		f.cannot(add, why)
		return
	}
	f.merged = merged
}

// newIdentities adds items to the identities of the domain. Where that cannot be
// done, or is in doubt, it shows the text to write by hand.
func (f *filling) newIdentities(ids []config.Identity) {
	var doubtful []config.Identity
	for _, id := range ids {
		if hasList := f.item != nil || f.items != nil && !f.list.Aliased(); hasList && f.another(id) {
			f.newIdentity(id)
		} else {
			doubtful = append(doubtful, id)
		}
	}
	if len(doubtful) > 0 {
		f.report(f.have.Place, "%s was found too; if that is another identity, write them all as %s", config.IdentitiesTerm(doubtful, f.have.Name).Flow(),
			yamltext.Pair{Key: "identities", Value: config.IdentitiesTerm(slices.Concat(f.merged.Identities, doubtful), f.have.Name)}.Flow())
	}
}

// another reports whether an identity is another one for sure: it has records
// of its own. A MAIL FROM name that the domain has already, with the MX of
// another region, may as well be a mistake in DNS.
func (f *filling) another(id config.Identity) bool {
	return slices.ContainsFunc(config.RecordKeys, func(k config.Key[config.Identity]) bool {
		return k.Given(&id) && (k.Shared == nil || !slices.ContainsFunc(f.have.Identities, func(h config.Identity) bool {
			return k.Given(&h) && k.Shared(&h, &id)
		}))
	})
}

// newIdentity adds an item to the identities of the domain.
func (f *filling) newIdentity(id config.Identity) {
	def := f.defaultsAt(f.have.Name)
	item := yamltext.Term{Pairs: without(config.GivenPairs(config.IdentityKeys, &id, f.have.Name), def.Pairs())}
	n := f.list.YAML()
	switch {
	case f.item != nil:
		f.insertLines(f.item.last, yamltext.Term{List: []yamltext.Term{item}}.Block(f.item.indent, 2))
	case n.Anchor != "":
		f.report(f.have.Place, "there is another identity, %s, but this list is shared as *%s; add it by hand", item.Flow(), n.Anchor)
		return
	case f.list.IsFlow():
		if err := f.intoBraces(n, []string{item.Flow()}); err != nil {
			f.report(f.have.Place, "there is another identity, %s: %v", item.Flow(), err)
			return
		}
	default:
		indent, ok := f.indentation(n)
		if !ok {
			f.report(f.have.Place, "there is another identity, %s; add it by hand", item.Flow())
			return
		}
		last := f.items[len(f.items)-1].At().EndLine
		f.insertLines(f.comments(last, indent+1), yamltext.Term{List: []yamltext.Term{item}}.Block(indent, 2))
	}
	whole := config.Domain{Name: f.have.Name, Identities: []config.Identity{id}}
	f.merged.Identities = append(f.merged.Identities, whole.With(*def).Identities...)
	f.keys = append(f.keys, "identities")
}

// into adds keys to a mapping of the file. It returns why it cannot.
func (f *filling) into(p config.Node, add []yamltext.Pair) (why string) {
	n := p.YAML()
	switch {
	case n == nil || p.Aliased():
		return "it is an alias there"
	case n.Anchor != "":
		return "this mapping is shared as *" + n.Anchor
	case n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0:
		indent := p.At().Column - 1
		f.insertLines(f.comments(p.At().Line, indent+1), yamltext.Term{Pairs: add}.Block(indent+f.indent, 2))
	case n.Kind != yaml.MappingNode:
		return "its value is " + p.Describe() + "; remove that"
	case p.IsFlow():
		var items []string
		for _, k := range add {
			items = append(items, k.Flow())
		}
		if err := f.intoBraces(n, items); err != nil {
			return err.Error()
		}
	case len(n.Content) == 0:
		return "its value is empty"
	default:
		indent := n.Content[0].Column - 1
		f.insertLines(f.comments(p.At().EndLine, indent), yamltext.Term{Pairs: add}.Block(indent, 2))
	}
	f.gave(add)
	return ""
}

func (f *filling) gave(add []yamltext.Pair) {
	for _, k := range add {
		f.keys = append(f.keys, k.Key)
	}
}

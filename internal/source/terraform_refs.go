package source

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// This file finds the sources of unknown values: a plan's configuration has the
// attributes, variables and outputs that they are made of.

// maxReferences bounds how many references are followed for one record.
const maxReferences = 1000

// module is the configuration of a module; nil where there is none.
func (p *tfPlan) module(calls []string) *tfModule {
	m := &p.Configuration.Root
	for _, name := range calls {
		c := m.Calls[name]
		if c == nil {
			return nil
		}
		m = &c.Module
	}
	return m
}

// tfConfigured is a resource in the configuration.
type tfConfigured struct {
	ProviderKey string
	Expressions *tfExpressions
	ForEach     tfExpression
}

// configured is the configuration of a resource; nil where there is none.
func (p *tfPlan) configured(module, typ, name string) *tfConfigured {
	m := p.module(bareModule(module))
	if m == nil {
		return nil
	}
	for i := range m.Resources {
		r := &m.Resources[i]
		if r.Type == typ && r.Name == name && r.Mode == "managed" {
			return &tfConfigured{r.ProviderKey, &r.Expressions, r.ForEach}
		}
	}
	return nil
}

// promise is a record of which something is known after apply.
func (p *tfPlan) promise(r *tfChange, s tfSet) Promise {
	one := Promise{Place: p.place(r), Owner: s.owner, Type: s.typ, Zone: s.zone, Count: s.count, Proxied: s.proxied}
	if s.valuesKnown {
		for _, v := range s.values {
			one.Values = append(one.Values, Pattern{{Text: v.text}})
		}
	}
	c := p.configured(r.Module, r.Type, r.Name)
	if c == nil {
		return one
	}
	f := &tfFollow{p: p}
	for _, e := range c.Expressions.all() {
		f.all(bareModule(r.Module), e, c.ForEach)
	}
	for _, from := range f.from {
		one.From = append(one.From, p.show(from))
	}
	one.Of = f.identities(r.Index, s.zone)
	name, values := p.files.patterns(p, r)
	if one.Name = name; len(one.Values) == 0 {
		one.Values = values
	}
	return one
}

// tfFollow follows references to the attributes of resources.
type tfFollow struct {
	p    *tfPlan
	seen map[string]bool
	from []string
}

// all follows all references of an expression.
func (f *tfFollow) all(calls []string, e, each tfExpression) {
	for _, ref := range longest(e.References) {
		f.follow(calls, ref, each)
	}
}

// longest removes references that are the beginning of another: Terraform lists
// a.b.c, a.b and a.
func longest(refs []string) (all []string) {
	for _, r := range refs {
		begins := func(o string) bool {
			return len(o) > len(r) && strings.HasPrefix(o, r) && (o[len(r)] == '.' || o[len(r)] == '[')
		}
		if !slices.ContainsFunc(refs, begins) {
			all = append(all, r)
		}
	}
	return all
}

// follow follows one reference of a module.
func (f *tfFollow) follow(calls []string, ref string, each tfExpression) {
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	key := strings.Join(calls, ".") + " " + ref
	if f.seen[key] || len(f.seen) > maxReferences {
		return
	}
	f.seen[key] = true
	words := strings.Split(ref, ".")
	switch {
	case words[0] == "each":
		f.all(calls, each, tfExpression{})
	case words[0] == "count", words[0] == "path", words[0] == "terraform", words[0] == "self":
	case words[0] == "var" && len(words) > 1:
		if len(calls) == 0 {
			return // the value is known
		}
		parent := f.p.module(calls[:len(calls)-1])
		if parent == nil || parent.Calls[calls[len(calls)-1]] == nil {
			return
		}
		call := parent.Calls[calls[len(calls)-1]]
		f.all(calls[:len(calls)-1], call.Expressions[bareAddress(words[1])], call.ForEach)
	case words[0] == "module" && len(words) > 2:
		child := append(slices.Clone(calls), bareAddress(words[1]))
		if m := f.p.module(child); m != nil {
			f.all(child, m.Outputs[bareAddress(words[2])].Expression, tfExpression{})
		}
	case words[0] == "local":
		f.locals(calls, ref)
	default:
		f.resource(calls, ref)
	}
}

// resource notes an attribute of a resource.
func (f *tfFollow) resource(calls []string, ref string) {
	var address strings.Builder
	for _, c := range calls {
		address.WriteString("module." + c + ".")
	}
	if address.WriteString(ref); !slices.Contains(f.from, address.String()) {
		f.from = append(f.from, address.String())
	}
}

// locals follows a local value, which only the `.tf` files define.
func (f *tfFollow) locals(calls []string, ref string) {
	name, _, _ := strings.Cut(strings.TrimPrefix(ref, "local."), ".")
	written := f.p.files.attribute(calls, "locals", bareAddress(name))
	if written == "" {
		f.resource(calls, ref)
	}
	for _, r := range references(written) {
		f.follow(calls, r, tfExpression{})
	}
}

// identities are the identities of Amazon SES that were met. Of several instances
// of a resource it is that of the record's zone, or of its own key.
func (f *tfFollow) identities(index json.RawMessage, zone record.Name) (all []record.Name) {
	for _, from := range f.from {
		for _, id := range f.instances(from) {
			if !isTFIdentity[id.typ] {
				continue
			}
			n, err := parseName(strings.ToLower(cmp.Or(tfText(id.after.EmailIdentity), tfText(id.after.Domain))))
			if err == nil && !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	slices.Sort(all)
	if key := tfText(index); len(all) > 1 && key != "" {
		if of := within(all, func(n record.Name) bool { return strings.Contains(key, string(n)) }); len(of) > 0 {
			all = of
		}
	}
	if len(all) > 1 && zone != "" {
		if of := within(all, func(n record.Name) bool { return n.In(zone) }); len(of) > 0 {
			all = of
		}
	}
	return all
}

func within(all []record.Name, is func(record.Name) bool) (some []record.Name) {
	for _, n := range all {
		if is(n) {
			some = append(some, n)
		}
	}
	return some
}

// instances are the resources of a reference, in all instances of its module: that of
// the index in the reference, or all.
func (f *tfFollow) instances(ref string) (all []*tfInstance) {
	calls := bareModule(ref)
	rest := ref
	for _, c := range calls {
		rest = strings.TrimPrefix(rest, "module."+c+".")
	}
	typ, rest, _ := strings.Cut(strings.TrimPrefix(rest, "data."), ".")
	name, index := nameAndIndex(rest)
	for _, of := range f.p.found {
		for _, r := range of {
			if r.typ == typ && r.name == name && slices.Equal(bareModule(r.module), calls) {
				all = append(all, r)
			}
		}
	}
	slices.SortFunc(all, func(a, b *tfInstance) int { return strings.Compare(a.address, b.address) })
	isIt := func(r *tfInstance) bool { return r.index == index }
	if i := slices.IndexFunc(all, isIt); index != "" && i >= 0 {
		return slices.DeleteFunc(all, func(r *tfInstance) bool { return !isIt(r) })
	}
	return all
}

// nameAndIndex cuts a reference behind its type, such as z["a.b"].zone_id.
func nameAndIndex(s string) (name, index string) {
	i := strings.IndexAny(s, ".[")
	if i < 0 || s[i] == '.' {
		name, _, _ = strings.Cut(s, ".")
		return name, ""
	}
	rest, end := s[i+1:], "]"
	if strings.HasPrefix(rest, `"`) {
		rest, end = rest[1:], `"]`
	}
	index, _, _ = strings.Cut(rest, end)
	return s[:i], index
}

// zoneOf is the name of a record's zone, of which the plan does not show the id
// yet.
func (p *tfPlan) zoneOf(r *tfChange) string {
	c := p.configured(r.Module, r.Type, r.Name)
	if c == nil {
		return ""
	}
	f := &tfFollow{p: p}
	for _, e := range []tfExpression{c.Expressions.ZoneID, c.Expressions.ManagedZone, c.Expressions.Zone, c.Expressions.ZoneName, c.Expressions.Domain} {
		f.all(bareModule(r.Module), e, c.ForEach)
	}
	found := ""
	for _, from := range f.from {
		for _, z := range f.instances(from) {
			name := tfZoneName(z.typ, z.after)
			switch {
			case !isTFZone[z.typ] || name == "":
			case z.index != "" && z.index == tfText(r.Index):
				return name
			case found != "" && found != name:
				return ""
			default:
				found = name
			}
		}
	}
	return found
}

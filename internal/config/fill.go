package config

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
)

// filled is d with what it does not say from defaults.
func filled(d, defaults Domain) *Domain {
	d.Identities = slices.Clone(d.Identities)
	if len(d.Identities) == 0 {
		d.Identities = defaults.Identities
	}
	for i := range d.Identities {
		if len(defaults.Identities) == 1 {
			fillIdentity(&d.Identities[i], defaults.Identities[0])
		}
	}
	if d.SPF == nil {
		d.SPF = defaults.SPF
	}
	if d.DMARC == nil {
		d.DMARC = defaults.DMARC
	}
	if d.PendingUntil == nil {
		d.PendingUntil = defaults.PendingUntil
	}
	return &d
}

func fillIdentity(id *Identity, from Identity) {
	if id.Region.Value == "" {
		id.Region = from.Region
	}
	if len(id.Verification) == 0 {
		id.Verification = from.Verification
	}
	if id.DKIM == nil {
		id.DKIM = from.DKIM
	}
	if id.MailFrom == nil {
		id.MailFrom = from.MailFrom
	}
	if id.Receiving == nil {
		id.Receiving = from.Receiving
	}
	if id.Tracking == nil {
		id.Tracking = from.Tracking
	}
}

// filling is an existing domain that is given what it does not have.
type filling struct {
	*editor
	addition *Addition
	have     *Domain // the file's, defaults included
	merged   Domain
	keys     []string
	at       pair   // the domain in the file
	items    []pair // of its identities, without keys; nil where they are the domain itself
	list     value  // of the identities
}

// fill adds to a domain of the file the keys that it does not have, and tells
// where the two differ.
func (e *editor) fill(have, found *Domain, a *Addition) (merged *Domain, keys []string) {
	f := &filling{editor: e, addition: a, have: have, merged: *have, at: e.pairs[have.Name]}
	f.merged.Identities = slices.Clone(have.Identities)
	f.open()
	free := slices.Repeat([]bool{true}, len(have.Identities))
	for _, id := range found.Identities {
		i := match(have.Identities, free, id)
		if i >= 0 {
			free[i] = false
			f.identity(i, id)
			continue
		}
		if id = f.without(id); f.saysMore(id) {
			f.newIdentity(id)
		}
	}
	f.own(found)
	return &f.merged, f.keys
}

// open finds the nodes that may be added to.
func (f *filling) open() {
	if !f.at.value.mapping() || f.at.value.fixed != nil {
		return
	}
	for _, p := range f.pairsIn(f.at.value, 0) {
		if p.key == "identities" && p.value.list() {
			f.list = p.value
			for _, v := range f.editor.reader.items(p.value) {
				f.items = append(f.items, pair{at: f.place(v), value: v})
			}
		}
	}
}

// match finds the identity of the file that is the one found: the one with its
// tokens or MAIL FROM name, or of its region, or the only one if the region of
// either is not known. It is -1 if there is none.
func match(have []Identity, free []bool, id Identity) int {
	for _, is := range []func(Identity) bool{
		func(h Identity) bool {
			return sharesRecord(h, id) && (h.Region.Value == id.Region.Value || h.Region.Value == "" || id.Region.Value == "")
		},
		func(h Identity) bool { return h.Region.Value == id.Region.Value },
		func(h Identity) bool { return len(have) == 1 && (h.Region.Value == "" || id.Region.Value == "") },
	} {
		for i, h := range have {
			if free[i] && is(h) {
				return i
			}
		}
	}
	return -1
}

func sharesRecord(a, b Identity) bool {
	both := func(x, y []At[string]) bool {
		return slices.ContainsFunc(x, func(t At[string]) bool { return slices.Contains(valuesAt(y), t.Value) })
	}
	switch {
	case a.DKIM != nil && b.DKIM != nil && both(a.DKIM.Tokens, b.DKIM.Tokens):
		return true
	case a.MailFrom != nil && b.MailFrom != nil && a.MailFrom.Name.Value == b.MailFrom.Name.Value:
		return true
	}
	return both(a.Verification, b.Verification)
}

// without takes out of an identity what others of the domain have already.
func (f *filling) without(id Identity) Identity {
	id.Verification = slices.Clone(id.Verification)
	for _, h := range f.have.Identities {
		id.Verification = slices.DeleteFunc(id.Verification, func(t At[string]) bool { return slices.Contains(valuesAt(h.Verification), t.Value) })
		if id.DKIM != nil && h.DKIM != nil {
			left := *id.DKIM
			left.Tokens = slices.DeleteFunc(slices.Clone(left.Tokens), func(t At[string]) bool { return slices.Contains(valuesAt(h.DKIM.Tokens), t.Value) })
			if id.DKIM = &left; len(left.Tokens) == 0 && left.Selector.Value == h.DKIM.Selector.Value {
				id.DKIM = nil
			}
		}
	}
	return id
}

// saysMore reports whether there is more to an identity than a region that the
// domain has already.
func (f *filling) saysMore(id Identity) bool {
	pairs := identityPairs(id, f.have.Name)
	if len(pairs) == 1 && pairs[0].key == "region" {
		return !slices.ContainsFunc(f.have.Identities, func(h Identity) bool { return h.Region.Value == id.Region.Value })
	}
	return len(pairs) > 0
}

// identity adds keys to identity i of the domain.
func (f *filling) identity(i int, id Identity) {
	have := f.have.Identities[i]
	before := identityPairs(have, f.have.Name)
	merged := have
	fillIdentity(&merged, id)
	var add []keyed
	for _, p := range identityPairs(merged, f.have.Name) {
		if !slices.ContainsFunc(before, func(b keyed) bool { return b.key == p.key }) {
			add = append(add, p)
		}
	}
	f.compareIdentity(have, id)
	if len(add) == 0 {
		return
	}
	target, why := f.at, ""
	switch {
	case f.items != nil && i < len(f.items):
		target = f.items[i]
	case f.list.node != nil || len(f.have.Identities) > 1:
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
func (f *filling) own(found *Domain) {
	var add []keyed
	if found.SPF != nil {
		if f.have.SPF == nil {
			add = append(add, keyed{"spf", found.SPF.term()})
		} else if !sameSPF(f.have.SPF, found.SPF) {
			f.differs(f.have.SPF.Place, "spf", f.have.SPF.term(), found.SPF.term())
		}
	}
	if found.DMARC != nil {
		if f.have.DMARC == nil {
			add = append(add, keyed{"dmarc", found.DMARC.term()})
		} else if !fulfils(found.DMARC, f.have.DMARC) {
			f.differs(f.have.DMARC.Place, "dmarc", f.have.DMARC.term(), found.DMARC.term())
		}
	}
	if len(add) == 0 {
		return
	}
	if why := f.into(f.at, add); why != "" {
		f.cannot(add, why)
		return
	}
	for _, p := range add {
		switch p.key {
		case "spf":
			f.merged.SPF = found.SPF
		case "dmarc":
			f.merged.DMARC = found.DMARC
		}
	}
}

// newIdentity adds an item to the identities of the domain.
func (f *filling) newIdentity(id Identity) {
	def := f.defaultsAt(f.have.Name)
	item := term{pairs: without(identityPairs(id, f.have.Name), pairsOf(def))}
	if f.items == nil || f.list.fixed != nil {
		f.tell(f.have.Place, "there is another identity, %s, and the domain is written as one; write them as items of identities", item.flow())
		return
	}
	n := f.list.node
	switch {
	case n.Anchor != "":
		f.tell(f.have.Place, "there is another identity, %s, and others share this list as *%s; add it by hand", item.flow(), n.Anchor)
		return
	case n.Style&yaml.FlowStyle != 0:
		if err := f.intoBraces(n, []string{item.flow()}); err != nil {
			f.tell(f.have.Place, "there is another identity, %s: %v", item.flow(), err)
			return
		}
	default:
		indent, ok := f.indentation(n)
		if !ok {
			f.tell(f.have.Place, "there is another identity, %s; add it by hand", item.flow())
			return
		}
		last := f.items[len(f.items)-1].at.EndLine
		f.insertLines(f.comments(last, indent+1), term{list: []term{item}}.block(indent, 2))
	}
	whole := Domain{Name: f.have.Name, Identities: []Identity{id}}
	f.merged.Identities = append(f.merged.Identities, filled(whole, *def).Identities...)
	f.keys = append(f.keys, "identities")
}

// into adds keys to a mapping of the file. It returns why it cannot.
func (f *filling) into(p pair, add []keyed) (why string) {
	n := p.value.node
	switch {
	case n == nil || p.value.fixed != nil:
		return "it stands there by an alias"
	case n.Anchor != "":
		return "other places share this mapping as *" + n.Anchor
	case n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0:
		indent := p.at.Column - 1
		f.insertLines(f.comments(p.at.Line, indent+1), term{pairs: add}.block(indent+f.indent, 2))
	case n.Kind != yaml.MappingNode:
		return "its value is " + describe(p.value) + "; take that out"
	case n.Style&yaml.FlowStyle != 0:
		var items []string
		for _, k := range add {
			items = append(items, k.flow())
		}
		if err := f.intoBraces(n, items); err != nil {
			return err.Error()
		}
	case len(n.Content) == 0:
		return "its value is empty"
	default:
		indent := n.Content[0].Column - 1
		f.insertLines(f.comments(p.at.EndLine, indent), term{pairs: add}.block(indent, 2))
	}
	for _, k := range add {
		f.keys = append(f.keys, k.key)
	}
	return ""
}

func (f *filling) tell(at Place, format string, args ...any) {
	f.addition.Differences = append(f.addition.Differences, Difference{f.have.Name, at, fmt.Sprintf(format, args...)})
}

func (f *filling) cannot(add []keyed, why string) {
	for _, k := range add {
		f.tell(f.have.Place, "%s cannot be added here: %s", k.flow(), why)
	}
}

func (f *filling) differs(at Place, key string, have, found term) {
	f.tell(at, "%s is %s in the file, and %s was found; the file is left as it is", key, have.flow(), found.flow())
}

// compareIdentity tells where the file and what was found say different things.
func (f *filling) compareIdentity(have, found Identity) {
	pairs := map[string]term{}
	for _, p := range identityPairs(found, f.have.Name) {
		pairs[p.key] = p.value
	}
	same := map[string]bool{
		"verification": sameValues(have.Verification, found.Verification),
		"dkim":         sameDKIM(have.DKIM, found.DKIM),
		"mail_from":    have.MailFrom != nil && found.MailFrom != nil && have.MailFrom.Name.Value == found.MailFrom.Name.Value,
	}
	places := map[string]Place{"region": have.Region.Place}
	if len(have.Verification) > 0 {
		places["verification"] = have.Verification[0].Place
	}
	if have.DKIM != nil {
		places["dkim"] = have.DKIM.Place
	}
	if have.MailFrom != nil {
		places["mail_from"] = have.MailFrom.Place
	}
	if have.Receiving != nil {
		places["receiving"] = have.Receiving.Place
	}
	if have.Tracking != nil {
		places["tracking"] = have.Tracking.Place
	}
	for _, p := range identityPairs(have, f.have.Name) {
		if there, ok := pairs[p.key]; ok && !same[p.key] && there.flow() != p.value.flow() {
			f.differs(places[p.key], p.key, p.value, there)
		}
	}
}

func sameValues(a, b []At[string]) bool {
	return slices.Equal(slices.Sorted(slices.Values(valuesAt(a))), slices.Sorted(slices.Values(valuesAt(b))))
}

func sameDKIM(a, b *DKIM) bool {
	return a != nil && b != nil && a.None == b.None && sameValues(a.Tokens, b.Tokens) &&
		a.Selector.Value == b.Selector.Value && a.PublicKey.Value == b.PublicKey.Value
}

// sameSPF reports whether a record as found is what the file asks for.
func sameSPF(file, found *SPF) bool {
	listed := func(s *SPF) map[record.Name]bool {
		all := map[record.Name]bool{}
		for _, n := range s.Includes {
			all[n.Value] = true
		}
		return all
	}
	wants, has := listed(file), listed(found)
	for n := range wants {
		if !has[n] {
			return false
		}
	}
	switch {
	case file.None != found.None, file.Exact && len(wants) != len(has):
		return false
	}
	return file.All == nil || found.All == nil || file.All.Value == found.All.Value
}

// fulfils reports whether a policy as found is what the file asks for.
func fulfils(found, file *DMARC) bool {
	if file.Policy != nil && found.Policy != nil {
		want, _ := dmarc.ParsePolicy(file.Policy.Value)
		have, _ := dmarc.ParsePolicy(found.Policy.Value)
		if have < want {
			return false
		}
	}
	for _, tag := range []struct{ file, found *At[string] }{
		{file.SubdomainPolicy, found.SubdomainPolicy}, {file.NP, found.NP}, {file.ASPF, found.ASPF}, {file.ADKIM, found.ADKIM},
	} {
		if tag.file != nil && tag.found != nil && tag.file.Value != tag.found.Value {
			return false
		}
	}
	return true
}

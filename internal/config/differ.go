package config

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
)

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
	if a != nil && b != nil && (a.Easy || b.Easy) {
		return a.isEasy() && b.isEasy()
	}
	return a != nil && b != nil && a.None == b.None && sameValues(a.Tokens, b.Tokens) &&
		a.Selector.Value == b.Selector.Value && a.PublicKey.Value == b.PublicKey.Value
}

// isEasy reports whether SES has the keys: the tokens may be listed or not.
func (d *DKIM) isEasy() bool { return d.Easy || len(d.Tokens) > 0 }

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

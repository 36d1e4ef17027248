package config

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config/yamltext"
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
	case a.MailFrom != nil && b.MailFrom != nil && sameMailFromName(&a, &b):
		return true
	}
	return both(a.Verification, b.Verification)
}

func (f *filling) tell(at Place, format string, args ...any) {
	f.addition.Differences = append(f.addition.Differences, Difference{f.have.Name, at, fmt.Sprintf(format, args...)})
}

func (f *filling) cannot(add []yamltext.Pair, why string) {
	for _, k := range add {
		f.tell(f.have.Place, "%s cannot be added here: %s", k.Flow(), why)
	}
}

func (f *filling) differs(at Place, key string, have, found yamltext.Term) {
	f.tell(at, "%s is %s in the file, but %s was found; the file stays as it is", key, have.Flow(), found.Flow())
}

// compareIdentity reports the keys of which the file and the found identity differ.
func (f *filling) compareIdentity(have, found Identity) {
	for _, k := range identityKeys {
		if k.given(&have) && k.given(&found) && k.differ(&have, &found, f.have.Name) {
			f.differs(k.place(&have), k.name, k.term(&have, f.have.Name), k.term(&found, f.have.Name))
		}
	}
}

func sameValues(a, b []At[string]) bool {
	return slices.Equal(slices.Sorted(slices.Values(valuesAt(a))), slices.Sorted(slices.Values(valuesAt(b))))
}

func sameMailFromName(have, found *Identity) bool {
	return have.MailFrom.Name.Value == found.MailFrom.Name.Value
}

func sameDKIM(a, b *DKIM) bool {
	if a.Easy || b.Easy {
		return a.isEasy() && b.isEasy()
	}
	return a.None == b.None && sameValues(a.Tokens, b.Tokens) &&
		a.Selector.Value == b.Selector.Value && a.PublicKey.Value == b.PublicKey.Value
}

// isEasy reports whether SES has the keys: the tokens may be listed or not.
func (d *DKIM) isEasy() bool { return d.Easy || len(d.Tokens) > 0 }

// sameSPF reports whether a found record is as the file asks.
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

// fulfils reports whether a found policy is as the file asks, or stricter.
func fulfils(found, file *DMARC) bool {
	for _, k := range dmarcKeys {
		if k.same != nil && k.given(file) && k.given(found) && !k.same(file, found) {
			return false
		}
	}
	return true
}

func equal(have, found string) bool { return have == found }

// asStrict reports whether a policy as found is at least as strict as the file's.
func asStrict(have, found string) bool {
	want, _ := dmarc.ParsePolicy(have)
	got, _ := dmarc.ParsePolicy(found)
	return got >= want
}

package config

import (
	"slices"

	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
)

func sameValues(a, b []At[string]) bool {
	return slices.Equal(slices.Sorted(slices.Values(Values(a))), slices.Sorted(slices.Values(Values(b))))
}

// SameMailFromName reports whether two identities have the same MAIL FROM name.
func SameMailFromName(have, found *Identity) bool {
	return have.MailFrom.Name.Value == found.MailFrom.Name.Value
}

func sameDKIM(a, b *DKIM) bool {
	if a.Easy || b.Easy {
		return a.IsEasy() && b.IsEasy()
	}
	return a.None == b.None && sameValues(a.Tokens, b.Tokens) &&
		a.Selector.Value == b.Selector.Value && a.PublicKey.Value == b.PublicKey.Value
}

// IsEasy reports whether SES has the keys: the tokens may be listed or not.
func (d *DKIM) IsEasy() bool { return d.Easy || len(d.Tokens) > 0 }

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
		if k.same != nil && k.Given(file) && k.Given(found) && !k.same(file, found) {
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

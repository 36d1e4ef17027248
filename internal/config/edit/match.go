package edit

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/yamltext"
)

// match finds the identity of the file that is the one found: the one with its
// tokens or MAIL FROM name, or of its region, or the only one if the region of
// either is not known. It is -1 if there is none.
func match(have []config.Identity, free []bool, id config.Identity) int {
	for _, is := range []func(config.Identity) bool{
		func(h config.Identity) bool {
			return sharesRecord(h, id) && (h.Region.Value == id.Region.Value || h.Region.Value == "" || id.Region.Value == "")
		},
		func(h config.Identity) bool { return h.Region.Value == id.Region.Value },
		func(h config.Identity) bool { return len(have) == 1 && (h.Region.Value == "" || id.Region.Value == "") },
	} {
		for i, h := range have {
			if free[i] && is(h) {
				return i
			}
		}
	}
	return -1
}

func sharesRecord(a, b config.Identity) bool {
	both := func(x, y []config.At[string]) bool {
		return slices.ContainsFunc(x, func(t config.At[string]) bool { return slices.Contains(config.Values(y), t.Value) })
	}
	switch {
	case a.DKIM != nil && b.DKIM != nil && both(a.DKIM.Tokens, b.DKIM.Tokens):
		return true
	case a.MailFrom != nil && b.MailFrom != nil && config.SameMailFromName(&a, &b):
		return true
	}
	return both(a.Verification, b.Verification)
}

func (f *filling) report(at config.Place, format string, args ...any) {
	f.addition.Differences = append(f.addition.Differences, Difference{f.have.Name, at, fmt.Sprintf(format, args...)})
}

func (f *filling) cannot(add []yamltext.Pair, why string) {
	for _, k := range add {
		f.report(f.have.Place, "%s cannot be added here: %s", k.Flow(), why)
	}
}

func (f *filling) differs(at config.Place, key string, have, found yamltext.Term) {
	f.report(at, "%s is %s in the file, but %s was found; the file stays as it is", key, have.Flow(), found.Flow())
}

// compareIdentity reports the keys of which the file and the found identity differ.
func (f *filling) compareIdentity(have, found config.Identity) {
	for _, k := range config.IdentityKeys {
		if k.Given(&have) && k.Given(&found) && k.Differ(&have, &found, f.have.Name) {
			f.differs(k.Place(&have), k.Name(), k.Term(&have, f.have.Name), k.Term(&found, f.have.Name))
		}
	}
}

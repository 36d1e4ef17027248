package ses

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// want is one identity of the file, with its state in SES.
type want struct {
	domain   *config.Domain
	identity *config.Identity
	said     *account.Identity // nil if the output of AWS lacks it
	listed   bool              // the output has the whole list of its region
	there    bool              // that list has it
	regions  []string          // further regions in which SES has the domain
	covered  record.Name       // a parent domain with an identity in the region; "" for none
	changes  []account.Change  // of a plan
	inUse    []string          // Easy DKIM tokens of SES's identities of the domain, and of the file's other ones
}

// pair pairs the identities of a domain with those of SES. left are identities
// that are not in the file.
func pair(d *config.Domain, acc *account.Account) (wants []want, left []account.Identity) {
	said := acc.Of(d.Name)
	taken := make([]bool, len(said))
	wants = make([]want, len(d.Identities))
	for _, fits := range []func(*config.Identity, *account.Identity) bool{
		func(id *config.Identity, s *account.Identity) bool { return sameKeys(id.DKIM, s.DKIM) },
		func(id *config.Identity, s *account.Identity) bool { return listsToken(id, s.Token) },
		func(id *config.Identity, s *account.Identity) bool { return !tokenOfAnother(d, id, s.Token) },
		func(*config.Identity, *account.Identity) bool { return true },
	} {
		for i := range wants {
			w := &wants[i]
			w.domain, w.identity = d, &d.Identities[i]
			for j := range said {
				if w.identity.Sender.Value == "" && w.said == nil && !taken[j] && maybeIn(w.identity, said[j]) && fits(w.identity, &said[j]) {
					w.said, taken[j] = &said[j], true
				}
			}
		}
	}
	for j := range said {
		if !taken[j] {
			left = append(left, said[j])
		}
	}
	for i := range wants {
		wants[i].locate(acc, said)
		for j := range d.Identities {
			if k := d.Identities[j].DKIM; j != i && k != nil {
				wants[i].use(tokensOf(k))
			}
		}
		for j := range said {
			if k := said[j].DKIM; k != nil {
				wants[i].use(k.Tokens)
			}
		}
	}
	return wants, left
}

// use notes tokens that are in use.
func (w *want) use(tokens []string) {
	for _, t := range tokens {
		w.inUse = append(w.inUse, strings.ToLower(t))
	}
}

// locate sets the regions in which SES has the domain, and a parent domain.
func (w *want) locate(acc *account.Account, said []account.Identity) {
	region := w.identity.Region.Value
	w.listed, w.there = acc.Listed(w.domain.Name, region)
	w.changes = w.mineOf(acc.Changing(w.domain.Name, region))
	for _, s := range said {
		if s.Region != "" && s.Region != region && !slices.Contains(w.regions, s.Region) {
			w.regions = append(w.regions, s.Region)
		}
	}
	for _, r := range acc.Regions(w.domain.Name) {
		if r != "" && r != region && !slices.Contains(w.regions, r) {
			w.regions = append(w.regions, r)
		}
	}
	slices.Sort(w.regions)
	for n := w.domain.Name.Parent(); n != record.Root && w.covered == ""; n = n.Parent() {
		_, there := acc.Listed(n, region)
		if there || slices.ContainsFunc(acc.Changing(n, region), func(c account.Change) bool { return !c.Gone }) {
			w.covered = n
		}
	}
}

// maybeIn reports whether SES's identity can be one of the file. An unknown
// region excludes nothing.
func maybeIn(id *config.Identity, said account.Identity) bool {
	return id.Region.Value == said.Region || id.Region.Value == "" || said.Region == ""
}

// mine reports whether an identity is in the user's own account, with records to
// compare. That of a sender on SES is in the sender's.
func mine(id *config.Identity) bool { return id.Sender.Value == "" && id.AsksForRecords() }

// keyed reports whether SES must have an identity of that very name: for its keys, or
// its MAIL FROM domain. For receiving and tracking, one of a parent domain is enough.
func keyed(id *config.Identity) bool {
	return mine(id) && (len(id.Verification) > 0 || id.MailFrom != nil || id.DKIM != nil && !id.DKIM.None)
}

// sameKeys reports whether the file and SES have the same DKIM keys.
func sameKeys(k *config.DKIM, said *account.DKIM) bool {
	if k == nil || said == nil {
		return false
	}
	if k.Selector.Value != "" {
		return said.Own && said.Selector == k.Selector.Value
	}
	return len(k.Tokens) > 0 && account.SameTokens(tokensOf(k), said.Tokens)
}

// listsToken reports whether an identity of the file lists a legacy token.
func listsToken(id *config.Identity, token string) bool {
	return token != "" && slices.ContainsFunc(id.Verification, func(t config.At[string]) bool { return t.Value == token })
}

// tokenOfAnother reports whether only another identity of the domain lists a legacy
// token.
func tokenOfAnother(d *config.Domain, id *config.Identity, token string) bool {
	return !listsToken(id, token) && slices.ContainsFunc(d.Identities, func(o config.Identity) bool { return listsToken(&o, token) })
}

// keysOf are the tokens of the file, or the selector of the user's own key.
func keysOf(k *config.DKIM) []string {
	if k.Selector.Value != "" {
		return []string{k.Selector.Value}
	}
	return tokensOf(k)
}

// tokensOf are the tokens of the file.
func tokensOf(k *config.DKIM) (all []string) {
	for _, t := range k.Tokens {
		all = append(all, t.Value)
	}
	return all
}

package ses

import (
	"slices"

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
}

// pair pairs the identities of a domain with those of SES. left are identities
// that are not in the file.
func pair(d *config.Domain, acc *account.Account) (wants []want, left []account.Identity) {
	said := acc.Of(d.Name)
	taken := make([]bool, len(said))
	wants = make([]want, len(d.Identities))
	for _, sure := range []bool{true, false} {
		for i := range wants {
			w := &wants[i]
			w.domain, w.identity = d, &d.Identities[i]
			for j := range said {
				if w.identity.Sender.Value == "" && w.said == nil && !taken[j] && maybeIn(w.identity, said[j]) && (!sure || sameKeys(w.identity.DKIM, said[j].DKIM)) {
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
	}
	return wants, left
}

// locate sets the regions in which SES has the domain, and a parent domain.
func (w *want) locate(acc *account.Account, said []account.Identity) {
	region := w.identity.Region.Value
	w.listed, w.there = acc.Listed(w.domain.Name, region)
	w.changes = acc.Changing(w.domain.Name, region)
	if len(w.domain.Identities) > 1 { // a change of an unknown region may be of another one
		w.changes = slices.DeleteFunc(w.changes, func(c account.Change) bool { return (c.Region == "" || region == "") && (c.Deletes || c.Drops != "") })
	}
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
		if _, there := acc.Listed(n, region); there {
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

// tokensOf are the tokens of the file.
func tokensOf(k *config.DKIM) (all []string) {
	for _, t := range k.Tokens {
		all = append(all, t.Value)
	}
	return all
}

package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// Skipped returns a line for each part of the input that is not used.
func Skipped[S fmt.Stringer](parts []S) string {
	var b strings.Builder
	for _, s := range parts {
		fmt.Fprintf(&b, "skipped: %s\n", s)
	}
	return b.String()
}

// UseSES applies a plan to the state of Amazon SES, adds the DKIM tokens of either
// to the file, restricts the plan's records of unknown names to those that the file
// asks for, and returns a line for each skipped part. said may be nil: what a
// plan deletes is known without the state.
func UseSES(file *config.File, changes *source.Changes, said *account.Account) (_ *account.Account, skipped string) {
	if said == nil {
		said = &account.Account{}
	}
	said.Change(changes.Identities())
	takeTokens(file, changes, said)
	changes.Restrict(fitting(file))
	return said, Skipped(said.Skipped)
}

// takeTokens sets the tokens of identities with `dkim: easy`: those of a plan or of
// Amazon SES, or the records that a plan will make from unknown tokens.
func takeTokens(file *config.File, changes *source.Changes, said *account.Account) {
	for i := range file.Domains {
		d := &file.Domains[i]
		for j := range d.Identities {
			id := &d.Identities[j]
			if id.DKIM == nil || !id.DKIM.Easy {
				continue
			}
			planned, ok := plannedIdentity(changes, d.Name, id.Region.Value)
			k := saidKeys(said, d.Name, id.Region.Value)
			if !ok && k == nil && len(file.Domains) == 1 {
				planned, ok = unnamedIdentity(changes, d.Name, id.Region.Value)
			}
			switch {
			case ok:
				id.DKIM = easyDKIM(*id.DKIM, planned, changes, d.Name)
			case k != nil:
				id.DKIM = withTokens(*id.DKIM, k.Tokens)
				if k.Zone != "" && id.DKIM.SigningHostedZone == nil {
					id.DKIM.SigningHostedZone = &config.At[record.Name]{Value: k.Zone, Place: id.DKIM.Place}
				}
			}
		}
	}
}

// plannedIdentity returns a domain's identity that a plan creates or keeps. An
// unknown region matches every region.
func plannedIdentity(changes *source.Changes, domain record.Name, region string) (found source.Identity, ok bool) {
	for _, id := range changes.Identities() {
		name, err := record.ParseName(id.Name)
		if err == nil && name == domain && isIn(id, region) && (id.Promised || len(id.Tokens) > 0) {
			return id, true
		}
	}
	return found, false
}

// unnamedIdentity returns the one identity of an unknown name, such as that of a
// parameter, of whose tokens a plan makes records. One without records may be an
// e-mail address.
func unnamedIdentity(changes *source.Changes, domain record.Name, region string) (found source.Identity, ok bool) {
	for _, id := range changes.Identities() {
		ofIt := func(p source.Promise) bool { return isOf(p, id, domain) }
		if id.Name != "" || !id.Promised || !isIn(id, region) || !slices.ContainsFunc(changes.Promises(), ofIt) {
			continue
		}
		if ok {
			return source.Identity{}, false
		}
		found, ok = id, true
	}
	return found, ok
}

// isIn reports whether an identity will be there, in a region.
func isIn(id source.Identity, region string) bool {
	return !id.Gone && (id.Region == "" || region == "" || id.Region == region)
}

// easyDKIM returns Easy DKIM with the tokens of a plan, or with its promised
// records.
func easyDKIM(k config.DKIM, planned source.Identity, changes *source.Changes, domain record.Name) *config.DKIM {
	if !planned.Promised {
		return withTokens(k, planned.Tokens)
	}
	k.Promised = &config.Promised{From: planned.Address}
	seen := map[string]bool{} // tokens
	for _, p := range changes.Promises() {
		if !isOf(p, planned, domain) {
			continue
		}
		flaw := flawOf(p, domain)
		if token := tokenOf(p.Name); token != "" && flaw == "" {
			if seen[token] {
				flaw = "is for the same token as another one"
			}
			seen[token] = true
		}
		for i := range max(p.Count, 1) {
			one := promisedRecord(p, i)
			one.Flaw = flaw
			k.Promised.Records = append(k.Promised.Records, one)
		}
	}
	return &k
}

// isOf reports whether a promised record is, or may be, a CNAME that is made of an
// identity's tokens.
func isOf(p source.Promise, planned source.Identity, domain record.Name) bool {
	if p.Type != record.CNAME && p.Type != 0 {
		return false
	}
	if planned.Name != "" {
		return slices.Contains(p.Of, domain) || mayBeOf(p, domain)
	}
	return slices.ContainsFunc(p.From, func(from string) bool { return strings.HasPrefix(from, planned.Address+".") })
}

// mayBeOf reports whether a promised record may be made of a domain's tokens, because
// it is made of a local value of Terraform: a plan does not say what that is, and here
// no .tf file does either.
func mayBeOf(p source.Promise, domain record.Name) bool {
	isLocal := func(from string) bool { return strings.HasPrefix(from, "local.") || strings.Contains(from, ".local.") }
	known := p.Owner != "" || len(p.Of) > 0 || p.Zone != "" && !domain.Child("_domainkey").In(p.Zone)
	return p.Type == record.CNAME && !known && slices.ContainsFunc(p.From, isLocal)
}

// flawOf is why a promised record cannot work, for any token; "" for no reason.
func flawOf(p source.Promise, domain record.Name) string {
	switch {
	case p.Zone != "" && !domain.Child("_domainkey").In(p.Zone):
		return "is in the zone " + string(p.Zone)
	case p.Proxied:
		return "is proxied, so that it answers addresses"
	}
	if name := tokenOf(p.Name); name != "" && len(p.Values) > 0 && len(p.Values[0]) == 1 {
		value := strings.Replace(name, ".DkimDNSTokenName", ".DkimDNSTokenValue", 1)
		if got := p.Values[0][0].Unknown; strings.Contains(got, ".DkimDNSToken") && got != value {
			return "does not point to the value of its own token"
		}
	}
	return ""
}

// tokenOf is the attribute of CloudFormation that a record's name is; "" for a
// name that is made of another one, or of none.
func tokenOf(name source.Pattern) string {
	if len(name) != 1 || !strings.Contains(name[0].Unknown, ".DkimDNSToken") {
		return ""
	}
	return name[0].Unknown
}

// withTokens returns Easy DKIM with tokens.
func withTokens(k config.DKIM, tokens []string) *config.DKIM {
	k.Tokens = nil
	for _, t := range tokens {
		k.Tokens = append(k.Tokens, config.At[string]{Value: strings.ToLower(t), Place: k.Place})
	}
	return &k
}

// saidKeys returns the Easy DKIM of a domain in Amazon SES. An unknown region
// matches every region; if two accounts differ, it is nil.
func saidKeys(said *account.Account, domain record.Name, region string) (keys *account.DKIM) {
	for _, id := range said.Of(domain) {
		if id.DKIM == nil || len(id.DKIM.Tokens) == 0 || id.Region != "" && region != "" && id.Region != region {
			continue
		}
		if keys != nil && !account.SameTokens(keys.Tokens, id.DKIM.Tokens) {
			return nil
		}
		keys = id.DKIM
	}
	return keys
}

// promisedRecord returns the i-th record of a promise with several values.
func promisedRecord(p source.Promise, i int) config.PromisedRecord {
	r := config.PromisedRecord{Address: p.Address, Place: placeOf(p.Place), Name: stars(p.Name), Zone: p.Zone}
	if i < len(p.Values) {
		r.Target = stars(p.Values[i])
	}
	return r
}

// stars returns a text with a star for each unknown part.
func stars(p source.Pattern) string {
	var b strings.Builder
	for _, part := range p {
		if part.Unknown != "" {
			b.WriteByte('*')
		}
		b.WriteString(part.Text)
	}
	return b.String()
}

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
// to the file, and returns a line for each skipped part. said may be nil: what a
// plan deletes is known without the state.
func UseSES(file *config.File, changes *source.Changes, said *account.Account) (_ *account.Account, skipped string) {
	if said == nil {
		said = &account.Account{}
	}
	said.Change(changes.Identities())
	takeTokens(file, changes, said)
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
			if planned, ok := plannedIdentity(changes, d.Name, id.Region.Value); ok {
				id.DKIM = easyDKIM(*id.DKIM, planned, changes, d.Name)
			} else if k := saidKeys(said, d.Name, id.Region.Value); k != nil {
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
func plannedIdentity(changes *source.Changes, domain record.Name, region string) (source.Identity, bool) {
	all := changes.Identities()
	i := slices.IndexFunc(all, func(id source.Identity) bool {
		name, err := record.ParseName(id.Name)
		same := id.Region == "" || region == "" || id.Region == region
		return err == nil && name == domain && same && !id.Gone && (id.Promised || len(id.Tokens) > 0)
	})
	if i < 0 {
		return source.Identity{}, false
	}
	return all[i], true
}

// easyDKIM returns Easy DKIM with the tokens of a plan, or with its promised
// records.
func easyDKIM(k config.DKIM, planned source.Identity, changes *source.Changes, domain record.Name) *config.DKIM {
	if !planned.Promised {
		return withTokens(k, planned.Tokens)
	}
	k.Promised = &config.Promised{From: planned.Address}
	for _, p := range changes.Promises() {
		if !slices.Contains(p.Of, domain) || p.Type != record.CNAME && p.Type != 0 {
			continue
		}
		for i := range max(p.Count, 1) {
			k.Promised.Records = append(k.Promised.Records, promisedRecord(p, i))
		}
	}
	return &k
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

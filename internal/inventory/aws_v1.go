package inventory

import (
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/ses"
)

// v1 is the answers of the three calls of the first API, and of the two lists.
type v1 struct {
	VerificationAttributes map[string]struct {
		VerificationStatus string
		VerificationToken  string
	}
	DkimAttributes map[string]struct {
		DkimEnabled            *bool
		DkimTokens             []string
		DkimVerificationStatus string
	}
	MailFromDomainAttributes map[string]struct {
		MailFromDomain       string
		MailFromDomainStatus string
		BehaviorOnMXFailure  string
	}
	EmailIdentities []struct {
		IdentityType string
		IdentityName string
	}
	Identities []string
	NextToken  string
}

// v1 reads answers that name their identities.
func (a *answers) v1(answer *v1) {
	region := a.region("")
	for _, name := range slices.Sorted(maps.Keys(answer.VerificationAttributes)) {
		one := answer.VerificationAttributes[name]
		if d := a.named(name); d != nil {
			id := awsIdentity(region)
			a.setVerification(id, one.VerificationToken)
			d.noteAll(statusNote("the identity", one.VerificationStatus, region))
			d.join(id)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(answer.DkimAttributes)) {
		one := answer.DkimAttributes[name]
		if d := a.named(name); d != nil {
			id := awsIdentity(region)
			a.setDKIM(id, one.DkimTokens, "", "", one.DkimEnabled)
			d.noteAll(signingNote(one.DkimEnabled, one.DkimTokens, region))
			d.noteAll(statusNote("DKIM", one.DkimVerificationStatus, region))
			d.join(id)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(answer.MailFromDomainAttributes)) {
		one := answer.MailFromDomainAttributes[name]
		if d := a.named(name); d != nil {
			id := awsIdentity(region)
			if a.setMailFrom(id, one.MailFromDomain, one.BehaviorOnMXFailure) {
				d.noteAll(statusNote("the MAIL FROM domain", one.MailFromDomainStatus, region))
			}
			d.join(id)
		}
	}
	a.lists(answer, region)
}

// lists reads the answers that have names alone.
func (a *answers) lists(answer *v1, region string) {
	names := answer.Identities
	for _, e := range answer.EmailIdentities {
		if e.IdentityType == "EMAIL_ADDRESS" {
			a.inv.address(e.IdentityName)
			continue
		}
		names = append(names, e.IdentityName)
	}
	if answer.NextToken != "" {
		a.inv.skip("a list of identities goes on (NextToken): give the pages behind it too, or let the CLI fetch them all")
	}
	for _, name := range names {
		d := a.named(name)
		if d != nil && !slices.ContainsFunc(d.identities, func(id *identity) bool { return region == "" || id.Region.Value == region }) {
			d.join(awsIdentity(region))
		}
	}
}

func awsIdentity(region string) *identity {
	id := &identity{aws: true}
	id.Region.Value = region
	return id
}

// named is the domain of an identity; nil where it is an e-mail address, or a
// name that no identity has.
func (a *answers) named(name string) *domain {
	if strings.Contains(name, "@") {
		a.inv.address(name)
		return nil
	}
	n, err := config.DomainName(name)
	if err != nil {
		a.skip("identity %s %v", short(name), err)
		return nil
	}
	return a.inv.named(n)
}

func (a *answers) setVerification(id *identity, token string) {
	switch t := strings.TrimPrefix(token, ses.VerificationPrefix); {
	case t == "":
	case !ses.IsVerificationToken(t):
		a.skip("verification token %s has other characters than base64 has", short(t))
	default:
		id.Verification = []config.At[string]{{Value: t}}
	}
}

// address counts an e-mail address once, however many calls tell of it.
func (inv *Inventory) address(name string) {
	if name == "" {
		inv.nameless++
		return
	}
	inv.addresses[name] = true
}

func (d *domain) noteAll(notes []string) {
	for _, n := range notes {
		d.note(n)
	}
}

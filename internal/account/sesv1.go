package account

import (
	"maps"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
)

// v1 is the answer of the three calls of the first API, or a list of either API.
type v1 struct {
	Region                 string // not from AWS: the user added it
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
		IdentityType       string
		IdentityName       string
		VerificationStatus string
	}
	Identities []string
	NextToken  string
}

// v1 reads an answer that names its identities.
func (a *answers) v1(answer *v1) {
	region := a.region(answer.Region)
	each := func(name string, fill func(*Identity)) {
		if n, ok := a.named(name); ok {
			id := a.identity(n, region)
			fill(&id)
			a.add(id)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(answer.VerificationAttributes)) {
		one := answer.VerificationAttributes[name]
		each(name, func(id *Identity) {
			id.Token, id.Verification = a.token(one.VerificationToken), a.status("verification", one.VerificationStatus)
		})
	}
	for _, name := range slices.Sorted(maps.Keys(answer.DkimAttributes)) {
		one := answer.DkimAttributes[name]
		each(name, func(id *Identity) {
			id.DKIM = a.dkim(signing{tokens: one.DkimTokens, status: one.DkimVerificationStatus, enabled: one.DkimEnabled})
		})
	}
	for _, name := range slices.Sorted(maps.Keys(answer.MailFromDomainAttributes)) {
		one := answer.MailFromDomainAttributes[name]
		each(name, func(id *Identity) {
			id.MailFrom = a.mailFrom(one.MailFromDomain, one.MailFromDomainStatus, one.BehaviorOnMXFailure)
		})
	}
	if answer.EmailIdentities != nil || answer.Identities != nil {
		a.list(answer, region)
	}
}

// list reads a list of identities, with their statuses if their region is known.
func (a *answers) list(answer *v1, region string) {
	l := List{Source: a.source(a.at), Region: region, Whole: answer.NextToken == ""}
	names := answer.Identities
	for _, e := range answer.EmailIdentities {
		if e.IdentityType == "EMAIL_ADDRESS" {
			a.acc.Addresses = append(a.acc.Addresses, e.IdentityName)
			continue
		}
		names = append(names, e.IdentityName)
		n, err := config.DomainName(e.IdentityName)
		if status := a.status("verification", e.VerificationStatus); err == nil && status != Unknown && region != "" {
			id := a.identity(n, region)
			id.Verification = status
			a.add(id)
		}
	}
	for _, name := range names {
		if n, ok := a.named(name); ok {
			l.Names = append(l.Names, n)
		}
	}
	a.acc.Lists = append(a.acc.Lists, l)
}

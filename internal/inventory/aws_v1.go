package inventory

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
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
func (inv *Inventory) v1(answer *v1, told Told) error {
	region := inv.region("", told)
	known := func(name string) (*domain, *identity, error) {
		if strings.Contains(name, "@") {
			inv.address(name)
			return nil, nil, nil
		}
		n, err := config.DomainName(name)
		if err != nil {
			return nil, nil, fmt.Errorf("identity %s %w", untrusted.Quote(name[:min(len(name), 80)]), err)
		}
		id := &identity{aws: true}
		id.Region.Value = region
		return inv.named(n), id, nil
	}
	for _, name := range slices.Sorted(maps.Keys(answer.VerificationAttributes)) {
		a := answer.VerificationAttributes[name]
		d, id, err := known(name)
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		if t := strings.TrimPrefix(a.VerificationToken, ses.VerificationPrefix); t != "" {
			id.Verification = []config.At[string]{{Value: t}}
		}
		d.noteAll(statusNote("the identity", a.VerificationStatus, region))
		d.join(id)
	}
	for _, name := range slices.Sorted(maps.Keys(answer.DkimAttributes)) {
		a := answer.DkimAttributes[name]
		d, id, err := known(name)
		if err == nil && d != nil {
			err = id.setDKIM(a.DkimTokens, "", "", a.DkimEnabled)
		}
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		if a.DkimEnabled != nil && !*a.DkimEnabled && len(a.DkimTokens) > 0 {
			d.note("DKIM signing is turned off in SES" + in(region) + ".")
		}
		d.noteAll(statusNote("DKIM", a.DkimVerificationStatus, region))
		d.join(id)
	}
	for _, name := range slices.Sorted(maps.Keys(answer.MailFromDomainAttributes)) {
		a := answer.MailFromDomainAttributes[name]
		d, id, err := known(name)
		if err == nil && d != nil && a.MailFromDomain != "" {
			err = id.setMailFrom(a.MailFromDomain, a.BehaviorOnMXFailure)
			d.noteAll(statusNote("the MAIL FROM domain", a.MailFromDomainStatus, region))
		}
		if err != nil {
			return err
		}
		if d != nil {
			d.join(id)
		}
	}
	return inv.lists(answer, known)
}

// lists reads the answers that have names alone.
func (inv *Inventory) lists(answer *v1, known func(string) (*domain, *identity, error)) error {
	names := answer.Identities
	for _, e := range answer.EmailIdentities {
		if e.IdentityType == "EMAIL_ADDRESS" || strings.Contains(e.IdentityName, "@") {
			inv.address(e.IdentityName)
			continue
		}
		names = append(names, e.IdentityName)
	}
	if answer.NextToken != "" {
		inv.skip("a list of identities goes on (NextToken): give the pages behind it too, or let the CLI fetch them all")
	}
	for _, name := range names {
		d, id, err := known(name)
		if err != nil {
			return err
		}
		if d != nil && len(d.identities) == 0 {
			d.join(id)
		}
	}
	return nil
}

// address counts an e-mail address once, however many calls tell of it.
func (inv *Inventory) address(name string) {
	if inv.addresses[name] {
		return
	}
	inv.addresses[name] = true
	inv.Skipped.Addresses++
}

func (d *domain) noteAll(notes []string) {
	for _, n := range notes {
		d.note(n)
	}
}

package inventory

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// Account adds the identities of Amazon SES, or of a plan.
func (inv *Inventory) Account(said *account.Account) {
	for _, s := range said.Skipped {
		inv.skipAt(s.Place, s.What)
	}
	for _, a := range said.Addresses {
		inv.address(a)
	}
	for _, one := range said.Identities {
		inv.said(one)
	}
	for _, c := range said.Customers {
		inv.customer(c)
	}
	for _, l := range said.Lists {
		inv.listed(l)
	}
}

// said adds one identity. One without a name waits until all are known.
func (inv *Inventory) said(one account.Identity) {
	id := &identity{aws: true, v2: one.Whole}
	if id.Region.Value = one.Region; one.Region == "" {
		id.Region.Value, id.guessed = inv.fallback(), true
	}
	id.signs(one.DKIM)
	if m := one.MailFrom; m != nil && m.Name != "" {
		id.MailFrom = &config.MailFrom{Name: config.At[record.Name]{Value: m.Name}}
		id.refused = m.Status == account.Pending || m.Status.Broken()
		if m.OnFailure == "reject" { // the alternative is the default
			id.MailFrom.OnMXFailure.Value = m.OnFailure
		}
	}
	if one.Token != "" {
		id.Verification = []config.At[string]{{Value: one.Token}}
	}
	notes := statusNotes(one, id.Region.Value)
	switch {
	case one.Name == "" && len(id.tokens()) == 0:
		inv.skipAt(one.String(), nameless)
	case one.Name == "":
		id.notes, id.source = notes, one.String()
		inv.unnamed = append(inv.unnamed, id)
	default:
		d := inv.named(one.Name)
		d.noteAll(notes)
		d.join(id)
	}
}

const nameless = "it does not say which domain it is about; use --identity, name the file after the domain, as in example.com.json, or add EmailIdentity"

// listed adds new identities of a list.
func (inv *Inventory) listed(l account.List) {
	region := l.Region
	if region == "" && len(l.Names) > 0 {
		region = inv.fallback()
	}
	for _, n := range l.Names {
		d := inv.named(n)
		if !slices.ContainsFunc(d.identities, func(id *identity) bool { return region == "" || id.Region.Value == region }) {
			id := &identity{aws: true}
			id.Region.Value = region
			d.join(id)
		}
	}
}

// signs sets how SES signs for the identity; nil if unknown.
func (id *identity) signs(d *account.DKIM) {
	switch {
	case d == nil:
	case d.Own:
		id.own, id.selector = true, d.Selector
	case len(d.Tokens) > 0:
		id.parent = d.Parent
		id.DKIM = &config.DKIM{}
		for _, t := range d.Tokens {
			id.DKIM.Tokens = append(id.DKIM.Tokens, config.At[string]{Value: t})
		}
		id.setZone(d.Zone)
	case d.Promised:
		id.DKIM = &config.DKIM{Easy: true}
	case d.Off:
		id.DKIM = &config.DKIM{None: true}
	default:
		id.parent = d.Parent
	}
}

// setZone sets the zone of the keys, and the region if it shows that.
func (id *identity) setZone(zone record.Name) {
	switch {
	case zone != "":
	case id.parent != "" && id.parent != account.UnknownParent:
		zone = ses.DKIMZone(id.parent)
	case id.Region.Value == "":
		zone = ses.SharedZone // older output lacks the zone: nearly all regions had this one
	default:
		return
	}
	if own, ok := ses.RegionOfZone(zone); ok && id.Region.Value == "" && id.parent == "" {
		id.Region.Value = own
	}
	id.DKIM.SigningHostedZone = &config.At[record.Name]{Value: zone}
}

func in(region string) string {
	if region == "" {
		return ""
	}
	return " in " + region
}

// statusNotes describe the states in SES that are no success, and tokens without
// signing.
func statusNotes(one account.Identity, region string) (notes []string) {
	if d := one.DKIM; d != nil {
		if d.Signing != nil && !*d.Signing && !d.Off {
			notes = append(notes, "DKIM signing is turned off in SES"+in(region)+".")
		}
		notes = append(notes, statusNote("DKIM", d.Status, region)...)
	}
	if m := one.MailFrom; m != nil && m.Name != "" {
		notes = append(notes, statusNote("the MAIL FROM domain", m.Status, region)...)
	}
	return append(notes, statusNote("the identity", one.Verification, region)...)
}

// statusNote describes a state in SES that is no success.
func statusNote(what string, status account.Status, region string) []string {
	switch status {
	case account.Pending:
		return []string{fmt.Sprintf("In SES, the status of %s%s is PENDING: SES looks for the records for up to 72 hours.", what, in(region))}
	case account.Failed:
		return []string{fmt.Sprintf("In SES, the status of %s%s is FAILED: SES has stopped looking. Make it look again once the records are right.", what, in(region))}
	case account.TemporaryFailure:
		return []string{fmt.Sprintf("In SES, the status of %s%s is TEMPORARY_FAILURE: SES no longer finds the records.", what, in(region))}
	}
	return nil
}

// address counts an e-mail address once.
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

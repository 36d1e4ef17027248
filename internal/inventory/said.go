package inventory

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// Account adds the identities that Amazon SES, or a plan, says there are.
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

// said adds one identity. One without a name waits until all is known.
func (inv *Inventory) said(one account.Identity) {
	id := &identity{aws: true, v2: one.Whole}
	if id.Region.Value = one.Region; one.Region == "" {
		id.Region.Value = inv.fallback()
	}
	id.signs(one.DKIM)
	if m := one.MailFrom; m != nil && m.Name != "" {
		id.MailFrom = &config.MailFrom{Name: config.At[record.Name]{Value: m.Name}}
		if m.OnFailure == "reject" { // the other is what everybody has
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

const nameless = "it is not known which domain this is; use --identity, name the file like example.com.json, or add the name as EmailIdentity"

// listed adds the identities of a list that are not known yet.
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

// signs takes how SES signs for the identity; nil for nothing that is known.
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

// setZone keeps the zone of the keys, and the region where that shows it.
func (id *identity) setZone(zone record.Name) {
	switch {
	case zone != "":
	case id.parent != "" && id.parent != account.UnknownParent:
		zone = ses.DKIMZone(id.parent)
	case id.Region.Value == "":
		zone = ses.SharedZone // before AWS said it, nearly all regions had that
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

// statusNotes say what SES says of the parts that are not verified, and where it
// does not sign with the tokens that it has.
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

// statusNote says what SES says of a part that is not verified.
func statusNote(what string, status account.Status, region string) []string {
	switch status {
	case account.Pending:
		return []string{fmt.Sprintf("SES says pending for %s%s: it looks for the records for 72 hours.", what, in(region))}
	case account.Failed:
		return []string{fmt.Sprintf("SES says failed for %s%s: start it again once the records are there.", what, in(region))}
	case account.TemporaryFailure:
		return []string{fmt.Sprintf("SES says temporary failure for %s%s: it no longer finds the records.", what, in(region))}
	}
	return nil
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

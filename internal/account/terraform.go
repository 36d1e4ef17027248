package account

import (
	"cmp"
	"context"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Planned adds the identities of a plan, state or template as they will be after
// the change.
func (acc *Account) Planned(all []source.Identity) {
	for _, d := range all {
		if !d.Gone {
			acc.described(d)
		}
	}
}

// Change adds the differences between the identities of a plan and their current
// state.
func (acc *Account) Change(all []source.Identity) {
	var changes []Change
	at := regionsOf(all)
	for _, d := range all {
		if c, ok := changeOf(&d); ok {
			c.Region, c.Anywhere = regionOf(&d, at[c.Name])
			changes = append(changes, c)
		}
	}
	lendKeys(changes)
	acc.Changes = append(acc.Changes, changes...)
}

// lendKeys gives a deleted identity the keys that a plan deletes with it as a resource
// of their own, unless those may be of several identities.
func lendKeys(changes []Change) {
	type place struct {
		name   record.Name
		region string
	}
	deleted, keys := map[place]int{}, map[place][][]string{}
	for _, c := range changes {
		at := place{c.Name, c.Region}
		if c.Deletes {
			deleted[at]++
		}
		if c.Gone && len(c.Keys) > 0 {
			keys[at] = append(keys[at], c.Keys)
		}
	}
	for i := range changes {
		c := &changes[i]
		if at := (place{c.Name, c.Region}); c.Deletes && len(c.Keys) == 0 && deleted[at] == 1 && len(keys[at]) == 1 {
			c.Keys = keys[at][0]
		}
	}
}

// changeOf is the change of an identity, without its region. ok is false if it is
// not one of a domain.
func changeOf(d *source.Identity) (c Change, ok bool) {
	n, err := config.DomainName(d.Name)
	nameless := err != nil && !d.Gone && !strings.Contains(d.Name, "@") && (d.MailFromOpen || d.MailFrom != "")
	if err != nil && !nameless {
		return c, false
	}
	c = Change{From: cmp.Or(d.Address, d.File), Place: config.LinesOf(d.File, d.Line, d.End)}
	if nameless {
		c.MailFrom, c.Opens = mailFromOf(d), true
		return c, true
	}
	was := cmp.Or(d.Now, &source.Identity{})
	c.Name, c.Deletes, c.Gone = n, d.Gone && !d.Part, d.Gone
	c.Keys, c.Token = keysOf(was), was.Verification
	old, mail := mailFromOf(was), mailFromOf(d)
	if old != mail && !d.MailFromOpen || d.Gone {
		c.Drops = old
	}
	if d.Gone {
		return c, true
	}
	c.Opens = d.MailFromOpen
	c.Makes = d.Now == nil && (d.Promised || d.Proves || d.Origin != "" || d.Selector != "")
	c.Renews, c.Easy = d.Replaced && !d.Part, c.Makes && d.Promised && d.Selector == "" && !d.SelectorOpen
	if selector := strings.ToLower(d.Selector); ses.IsSelector(selector) && selector != strings.ToLower(was.Selector) {
		c.Selector = selector
	}
	switch {
	case mail != old:
		c.MailFrom = mail
	case d.Part && d.Now != nil && !d.Replaced && d.OnMXFailure == was.OnMXFailure:
		c.Keeps = mail
	}
	if d.OnMXFailure != was.OnMXFailure {
		c.OnFailure = onFailure(d.OnMXFailure)
	}
	return c, true
}

// keysOf are the tokens of an identity, or the selector of the user's own key.
func keysOf(d *source.Identity) []string {
	if d.Selector != "" {
		return []string{d.Selector}
	}
	return d.Tokens
}

// regions are the regions in which a plan has the identity of a domain, and those in
// which it deletes it; "" for an unknown one.
type regions struct{ some, gone map[string]bool }

// regionsOf are the regions of a plan's identities by domain.
func regionsOf(all []source.Identity) map[record.Name]regions {
	found := map[record.Name]regions{}
	for _, id := range all {
		n, err := config.DomainName(id.Name)
		if err != nil || id.Part {
			continue
		}
		if found[n].some == nil {
			found[n] = regions{map[string]bool{}, map[string]bool{}}
		}
		region := id.Region
		if id.RegionOpen || !ses.IsRegion(region) {
			region = ""
		}
		if found[n].some[region] = true; id.Gone {
			found[n].gone[region] = true
		}
	}
	return found
}

// regionOf is the region of a part of a plan. If the plan deletes it and does not say
// its region, that is the one of the identity of the domain that it deletes, or else of
// its only one. It is anywhere if the plan has several.
func regionOf(d *source.Identity, at regions) (region string, anywhere bool) {
	if ses.IsRegion(d.Region) {
		region = d.Region
	}
	open := d.RegionOpen && region == ""
	if !d.Gone || region != "" && !d.RegionOpen {
		return region, open
	}
	if len(at.gone) == 1 {
		at.some = at.gone
	}
	if len(at.some) == 1 && !at.some[""] {
		for only := range at.some {
			return only, false
		}
	}
	return region, len(at.some) > 1 || open
}

// mailFromOf is the MAIL FROM domain of a plan's identity; "" for none, or a name
// that cannot be one.
func mailFromOf(d *source.Identity) record.Name {
	n, err := config.DomainName(d.MailFrom)
	if err != nil {
		return ""
	}
	return n
}

// ReadTerraform adds the identities of a Terraform plan or state in their current
// state: as refreshed, before the change.
func (acc *Account) ReadTerraform(ctx context.Context, path string) error {
	var zones source.Zones
	if err := zones.AddPlans(ctx, path); err != nil {
		return err
	}
	acc.existing(path, &zones)
	return nil
}

// existing adds the identities of a plan or state in their current state.
func (acc *Account) existing(path string, zones *source.Zones) {
	acc.plans++
	found := false
	for _, d := range zones.Changes().Identities() {
		if d.Now != nil {
			found = true
			acc.described(*d.Now)
		}
	}
	if !found {
		acc.skip(untrusted.Line(path), "it has no existing Amazon SES identity; a Terraform plan or state has only the identities that Terraform manages")
	}
}

// described adds an identity, or a part of one.
func (acc *Account) described(d source.Identity) {
	if d.Name == "" {
		return
	}
	a := &answers{acc: acc, hint: Hint{File: cmp.Or(d.File, d.Address)}, line: max(d.Line, 1)}
	n, ok := a.named(d.Name)
	if !ok {
		return
	}
	id := a.identity(n, a.region(d.Region))
	id.Verification, id.Token = a.status("verification", d.Verified), a.token(d.Verification)
	if len(d.Tokens) > 0 || d.Origin != "" || d.Selector != "" || d.Status != "" || d.Promised {
		id.DKIM = a.dkim(signing{tokens: d.Tokens, origin: cmp.Or(d.Origin, "AWS_SES"), status: d.Status})
		if d.Selector != "" && a.isSelector(d.Selector) {
			id.DKIM.Own, id.DKIM.Selector = true, d.Selector
		}
		id.DKIM.Promised = d.Promised && len(id.DKIM.Tokens) == 0 && !id.DKIM.Own
	}
	if d.MailFrom != "" {
		id.MailFrom = a.mailFrom(d.MailFrom, "", d.OnMXFailure)
	}
	a.add(id)
}

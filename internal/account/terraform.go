package account

import (
	"cmp"
	"context"
	"path/filepath"
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
	for _, d := range all {
		n, err := config.DomainName(d.Name)
		if err != nil {
			continue
		}
		was := cmp.Or(d.Now, &source.Identity{})
		c := Change{Name: n, From: cmp.Or(d.Address, d.File), Deletes: d.Gone && !d.Part, Gone: d.Gone}
		if ses.IsRegion(d.Region) {
			c.Region = d.Region
		}
		if d.File != "" {
			c.Place = config.Place{File: filepath.ToSlash(filepath.Clean(d.File)), Line: d.Line, EndLine: d.End}
		}
		old, mail := mailFromOf(was), mailFromOf(&d)
		if old != mail && !d.MailFromOpen || d.Gone {
			c.Drops = old
		}
		if !d.Gone {
			c.Makes = d.Now == nil && (d.Promised || d.Proves || d.Origin != "" || d.Selector != "")
			c.Renews, c.Easy = d.Replaced && !d.Part, c.Makes && d.Promised && d.Selector == ""
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
		}
		acc.Changes = append(acc.Changes, c)
	}
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

package inventory

import (
	"cmp"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// described adds an identity, or a part of one, that a plan, a state or a template
// describes. One that will be deleted is none.
func (inv *Inventory) described(d source.Identity) {
	if d.Gone || d.Name == "" {
		return
	}
	a := &answers{inv: inv, told: Told{Source: cmp.Or(d.File, d.Address)}, line: max(d.Line, 1)}
	of := a.named(d.Name)
	if of == nil {
		return
	}
	id := awsIdentity(a.region(d.Region))
	a.setDKIM(id, d.Tokens, cmp.Or(d.Origin, "AWS_SES"), "", nil)
	if d.Selector != "" && a.isSelector(d.Selector) {
		id.own, id.selector = true, d.Selector
	}
	a.setMailFrom(id, d.MailFrom, d.OnMXFailure)
	a.setVerification(id, d.Verification)
	if d.Promised && len(id.tokens()) == 0 && !id.own {
		id.DKIM = &config.DKIM{Easy: true}
	}
	of.noteAll(statusNote("DKIM", d.Status, id.Region.Value))
	of.join(id)
}

// stays reports whether a record of a zone will be there when all changes have
// been made.
func stays(c *source.Changes, r source.Record) bool {
	s := c.At(record.Question{Name: r.Owner, Type: r.Data.Type})
	if s == nil {
		return true
	}
	for _, gone := range s.Gone {
		if gone.Same(r.RR) {
			return false
		}
	}
	return !s.Whole
}

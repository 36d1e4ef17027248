package inventory

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func (id *identity) tokens() []string {
	if id.DKIM == nil {
		return nil
	}
	var all []string
	for _, t := range id.DKIM.Tokens {
		all = append(all, t.Value)
	}
	return all
}

func (inv *Inventory) named(n record.Name) *domain {
	d := inv.domain(n)
	d.given, d.ses = true, true
	return d
}

// join adds an identity that AWS tells of, or what it tells of one that is
// known: the same region, and nothing in which the two differ.
func (d *domain) join(id *identity) {
	if id.Region.Value == "" {
		d.note("What AWS says of this domain does not tell the region; give it with --region.")
	}
	for _, have := range d.identities {
		if have.Region.Value == id.Region.Value && have.agrees(id) {
			have.take(id)
			return
		}
	}
	d.identities = append(d.identities, id)
}

func (id *identity) agrees(other *identity) bool {
	tokens, theirs := id.tokens(), other.tokens()
	slices.Sort(tokens)
	slices.Sort(theirs)
	return (len(tokens) == 0 || len(theirs) == 0 || slices.Equal(tokens, theirs)) &&
		(id.MailFrom == nil || other.MailFrom == nil || id.mailFromName() == other.mailFromName()) &&
		(len(id.Verification) == 0 || len(other.Verification) == 0 || slices.Equal(id.Verification, other.Verification))
}

func (id *identity) take(other *identity) {
	id.v2 = id.v2 || other.v2
	id.own = id.own || other.own
	if id.selector == "" {
		id.selector = other.selector
	}
	if id.parent == "" {
		id.parent = other.parent
	}
	if id.DKIM == nil || id.DKIM.None {
		id.DKIM = other.DKIM
	} else if other.DKIM != nil && other.DKIM.SigningHostedZone != nil {
		id.DKIM.SigningHostedZone = other.DKIM.SigningHostedZone
	}
	if id.MailFrom == nil || other.MailFrom != nil && other.MailFrom.OnMXFailure.Value != "" {
		id.MailFrom = other.MailFrom
	}
	if len(id.Verification) == 0 {
		id.Verification = other.Verification
	}
}

// nameByTokens finds whose identities are that nothing names: DNS has their
// tokens.
func (inv *Inventory) nameByTokens() error {
	for _, id := range inv.unnamed {
		var home *domain
		for _, d := range inv.domains {
			if slices.ContainsFunc(d.tokens, func(t token) bool { return slices.Contains(id.tokens(), t.label) }) {
				if home != nil {
					return fmt.Errorf("%s: its tokens stand in DNS at %s and at %s: %w", untrusted.Line(id.source), home.name, d.name, errNameless)
				}
				home = d
			}
		}
		if home == nil {
			return fmt.Errorf("%s: %w", untrusted.Line(id.source), errNameless)
		}
		home.given = true
		home.noteAll(id.notes)
		home.join(id)
	}
	inv.unnamed = nil
	return nil
}

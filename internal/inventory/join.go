package inventory

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/record"
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

// join adds an identity of AWS, or merges it into a known one of the same region
// without contradictions.
func (d *domain) join(id *identity) {
	for _, have := range d.identities {
		if have.bare() {
			have.Region = id.Region
		}
		if (have.Region.Value == id.Region.Value || have.twin(id)) && have.agrees(id) {
			have.take(id)
			return
		}
	}
	d.identities = append(d.identities, id)
}

// joinParts merges each answer about a part of an identity, such as its MAIL FROM
// domain, whose region nobody names, into the only identity that it can be about:
// first one of AWS, then one of DNS.
func (d *domain) joinParts() {
	for i := 0; i < len(d.identities); i++ {
		id := d.identities[i]
		if !id.aws || id.v2 || id.Region.Value != "" && !id.guessed {
			continue
		}
		var fit []*identity
		for _, have := range d.identities {
			if have != id && have.Region.Value != "" && !have.guessed && have.parent == "" && (have.aws || !have.own) && have.agrees(id) {
				fit = append(fit, have)
			}
		}
		if named := slices.DeleteFunc(slices.Clone(fit), func(o *identity) bool { return !o.aws }); len(named) > 0 {
			fit = named
		}
		if len(fit) != 1 {
			continue
		}
		fit[0].take(id)
		fit[0].aws = true
		d.identities = slices.Delete(d.identities, i, i+1)
		i--
	}
}

// bare reports whether only the name of an identity is known.
func (id *identity) bare() bool {
	return id.aws && !id.v2 && id.Region.Value == "" && id.DKIM == nil && id.MailFrom == nil && len(id.Verification) == 0
}

// twin reports whether two identities have the same tokens, and the region of one
// is unknown. A replica has the tokens of its parent as well.
func (id *identity) twin(other *identity) bool {
	return (id.Region.Value == "" || other.Region.Value == "") && id.parent == "" && other.parent == "" &&
		len(id.tokens()) > 0 && len(other.tokens()) > 0
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
	id.Region.Value = cmp.Or(id.Region.Value, other.Region.Value)
	id.v2 = id.v2 || other.v2
	id.own = id.own || other.own
	id.refused = id.refused || other.refused
	id.Sender.Value = cmp.Or(id.Sender.Value, other.Sender.Value)
	if id.Receiving == nil {
		id.Receiving = other.Receiving
	}
	if id.Tracking == nil {
		id.Tracking = other.Tracking
	}
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

// nameByTokens finds the names of nameless identities by their tokens in DNS.
func (inv *Inventory) nameByTokens() {
	if len(inv.unnamed) == 0 {
		return
	}
	at := map[string][]record.Name{} // by token
	for n, d := range inv.domains {
		for _, t := range d.tokens {
			at[t.label] = append(at[t.label], n)
		}
	}
	for _, id := range inv.unnamed {
		var homes []record.Name
		for _, t := range id.tokens() {
			homes = append(homes, at[t]...)
		}
		slices.Sort(homes)
		homes = slices.Compact(homes)
		switch len(homes) {
		case 0:
			inv.skipAt(id.source, nameless)
		case 1:
			home := inv.domains[homes[0]]
			home.given = true
			home.noteAll(id.notes)
			home.join(id)
		default:
			inv.skipAt(id.source, fmt.Sprintf("its tokens are in DNS at %s and at %s: %s", homes[0], homes[1], nameless))
		}
	}
	inv.unnamed = nil
}

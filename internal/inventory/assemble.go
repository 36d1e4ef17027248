package inventory

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// attribute gives the records that do not tell whose they are to domains.
func (inv *Inventory) attribute() {
	slices.SortStableFunc(inv.records, func(a, b claim) int { return cmp.Compare(a.name.Labels(), b.name.Labels()) })
	mailFrom := map[record.Name]bool{}
	for _, c := range inv.records {
		if !c.tracking {
			mailFrom[c.name] = true
		}
	}
	for n, d := range inv.domains {
		told := slices.ContainsFunc(inv.Selectors, func(s string) bool { return d.keys[s] > 0 })
		if told || d.authorizes && !mailFrom[n] {
			d.ses = true
		}
	}
	for _, c := range inv.records {
		if c.tracking {
			inv.attributeTracking(c)
		} else {
			inv.attributeMailFrom(c)
		}
	}
	inv.records = nil
	inv.noteShared()
}

// noteShared tells of tokens that stand under a domain and under one above it.
// An identity has its tokens under one name only.
func (inv *Inventory) noteShared() {
	for n, d := range inv.domains {
		for up := n.Parent(); up != record.Root; up = up.Parent() {
			upper := inv.domains[up]
			if upper != nil && slices.ContainsFunc(d.tokens, func(t token) bool { return slices.Contains(upper.tokens, t) }) {
				d.note(fmt.Sprintf("Tokens of this domain stand under %s too; in SES each belongs to one of them.", up))
			}
		}
	}
}

// attributeMailFrom finds the domain of a MAIL FROM name: the nearest above it
// that is an identity, or has a key that may make it one, or else the name
// right above.
func (inv *Inventory) attributeMailFrom(c claim) {
	name := undoubled(c.apex, c.name)
	home := record.Name("")
	for n := name.Parent(); n != record.Root && home == ""; n = n.Parent() {
		if d := inv.domains[n]; d != nil && (d.given || d.verified() || len(inv.candidates(d)) > 0) {
			home = n
		}
	}
	if home == "" {
		home = name.Parent()
	}
	n, err := config.DomainName(string(home))
	if err != nil {
		inv.skip(fmt.Sprintf("%s is the MX of a MAIL FROM domain, and no domain above it can be an identity", c.name))
		return
	}
	d := inv.domain(n)
	d.ses = true
	if c.region == "" && inv.Region == "" && !d.hasMailFrom(name) {
		inv.skip(fmt.Sprintf("the MX of %s names no region; give it with --region", c.name))
		return
	}
	d.mailFrom = append(d.mailFrom, placed{name, cmp.Or(c.region, inv.Region)})
}

// attributeTracking finds the domain of a tracking name: the nearest identity
// at it or above.
func (inv *Inventory) attributeTracking(c claim) {
	name := undoubled(c.apex, c.name)
	home := name.Parent()
	for n := name; n != record.Root; n = n.Parent() {
		if d := inv.domains[n]; d != nil && (d.given || d.ses) {
			home = n
			break
		}
	}
	n, err := config.DomainName(string(home))
	if err != nil {
		inv.skip(fmt.Sprintf("%s is a tracking domain, and no domain above it can be an identity", c.name))
		return
	}
	d := inv.domain(n)
	d.ses = true
	d.tracking = append(d.tracking, placed{name, c.region})
}

// verified reports whether something shows that the domain itself is an
// identity.
func (d *domain) verified() bool {
	return len(d.identities)+len(d.tokens)+len(d.verification) > 0
}

func (d *domain) hasMailFrom(n record.Name) bool {
	return slices.ContainsFunc(d.identities, func(id *identity) bool { return id.MailFrom != nil && id.MailFrom.Name.Value == n })
}

// assemble puts the identities of a domain together: those that AWS tells, then
// what DNS has besides, each in its region.
func (d *domain) assemble(fallback string) {
	d.foldReplicas()
	d.addMailFrom()
	d.addReceiving()
	d.addTracking()
	d.addTokens(fallback)
	d.addVerification(fallback)
	slices.SortStableFunc(d.identities, func(a, b *identity) int {
		return cmp.Or(compareRegions(a.Region.Value, b.Region.Value), cmp.Compare(a.mailFromName(), b.mailFromName()))
	})
}

// compareRegions puts what has no region last.
func compareRegions(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

func (id *identity) mailFromName() record.Name {
	if id.MailFrom == nil {
		return ""
	}
	return id.MailFrom.Name.Value
}

// in returns an identity of the region that is free as asked, or a new one.
func (d *domain) in(region string, free func(*identity) bool) *identity {
	for _, id := range d.identities {
		if id.Region.Value == region && free(id) {
			return id
		}
	}
	id := &identity{}
	id.Region.Value = region
	d.identities = append(d.identities, id)
	return id
}

func (d *domain) addMailFrom() {
	for _, m := range d.mailFrom {
		if d.hasMailFrom(m.name) && slices.ContainsFunc(d.identities, func(id *identity) bool { return id.mailFromName() == m.name && id.Region.Value == m.region }) {
			continue
		}
		if id := d.withMailFrom(m.name); id != nil {
			if id.Region.Value == "" {
				id.Region.Value = m.region
			}
			continue // one MX serves all regions that share the name
		}
		id := d.in(m.region, func(id *identity) bool { return id.MailFrom == nil && !id.v2 })
		id.MailFrom = &config.MailFrom{Name: config.At[record.Name]{Value: m.name}}
	}
}

// withMailFrom is an identity of AWS with that MAIL FROM name.
func (d *domain) withMailFrom(n record.Name) *identity {
	for _, id := range d.identities {
		if id.aws && id.mailFromName() == n {
			return id
		}
	}
	return nil
}

func (d *domain) addReceiving() {
	for _, region := range d.receiving {
		d.in(region, func(id *identity) bool { return id.Receiving == nil }).Receiving = &config.Receiving{}
	}
	if d.mailManager == "" {
		return
	}
	host := &config.Receiving{Host: &config.At[record.Name]{Value: d.mailManager}}
	for _, id := range d.identities {
		if id.Receiving == nil {
			id.Receiving = host
			return
		}
	}
	d.in("", func(id *identity) bool { return id.Receiving == nil }).Receiving = host
}

func (d *domain) addTracking() {
	for _, t := range d.tracking {
		tracking := &config.Tracking{Name: config.At[record.Name]{Value: t.name}}
		if t.name == d.name { // only with its target may it be the domain itself
			tracking.Target = &config.At[record.Name]{Value: ses.TrackingHost(t.region)}
		}
		d.in(t.region, func(id *identity) bool { return id.Tracking == nil }).Tracking = tracking
	}
}

// addTokens gives each zone's tokens to the identity that signs there, if only
// one can be meant.
func (d *domain) addTokens(fallback string) {
	for _, id := range d.identities {
		if id.DKIM == nil {
			continue
		}
		for _, t := range id.DKIM.Tokens {
			d.tokens = slices.DeleteFunc(d.tokens, func(have token) bool { return have.label == t.Value })
		}
	}
	zones := map[record.Name][]string{}
	for _, t := range d.tokens {
		zones[t.zone] = append(zones[t.zone], t.label)
	}
	for _, zone := range slices.Sorted(maps.Keys(zones)) {
		labels := zones[zone]
		slices.Sort(labels)
		id := d.signsAt(zone, fallback)
		id.DKIM = &config.DKIM{SigningHostedZone: &config.At[record.Name]{Value: zone}} // not written where it is the region's own
		for _, l := range labels {
			id.DKIM.Tokens = append(id.DKIM.Tokens, config.At[string]{Value: l})
		}
		d.noteTokens(id, len(labels))
	}
}

func (d *domain) noteTokens(id *identity, n int) {
	switch {
	case n%3 != 0:
		d.note(fmt.Sprintf("Easy DKIM has three tokens for each identity; DNS has %d here.", n))
	case n > 3:
		d.note(fmt.Sprintf("These %d tokens are of %d identities, in regions or accounts; DNS does not show which.", n, n/3))
	}
	if id.Region.Value == "" {
		d.note("DNS does not show the region of the tokens.")
	}
}

// signsAt is the identity that tokens of a zone belong to: the only one without
// any whose region has its keys there, or one of an unknown region.
func (d *domain) signsAt(zone record.Name, fallback string) *identity {
	var fit []*identity
	for _, id := range d.identities {
		if id.DKIM == nil && !id.own && id.parent == "" && id.Region.Value != "" && ses.DKIMZone(id.Region.Value) == zone {
			fit = append(fit, id)
		}
	}
	if len(fit) == 1 {
		return fit[0]
	}
	unsigned := func(id *identity) bool { return id.DKIM == nil && !id.own && id.parent == "" }
	if region, ok := ses.RegionOfZone(zone); ok {
		return d.in(region, unsigned)
	}
	if len(d.identities) > 0 {
		fallback = "" // it is not the only one, so nobody said that it is there
	}
	return d.in(fallback, unsigned)
}

// addVerification gives tokens of the legacy verification to the only identity,
// or else to one of an unknown region.
func (d *domain) addVerification(fallback string) {
	left := slices.DeleteFunc(slices.Clone(d.verification), func(t string) bool {
		return slices.ContainsFunc(d.identities, func(id *identity) bool {
			return slices.ContainsFunc(id.Verification, func(v config.At[string]) bool { return v.Value == t })
		})
	})
	if len(left) == 0 {
		return
	}
	slices.Sort(left)
	var id *identity
	switch {
	case len(d.identities) == 1:
		id = d.identities[0]
	case len(d.identities) == 0:
		id = d.in(fallback, func(*identity) bool { return true })
	default:
		id = d.in("", func(*identity) bool { return true })
	}
	for _, t := range left {
		id.Verification = append(id.Verification, config.At[string]{Value: t})
	}
}

// foldReplicas leaves the tokens of a DEED replica to its parent: they are the
// same records.
func (d *domain) foldReplicas() {
	for _, id := range d.identities {
		if id.parent == "" {
			continue
		}
		d.note(fmt.Sprintf("The identity in %s is a replica of the one in %s, whose DKIM records it uses.", cmp.Or(id.Region.Value, "an unknown region"), id.parent))
		for _, other := range d.identities {
			if other != id && other.Region.Value == id.parent && other.DKIM != nil {
				id.DKIM = nil
			}
		}
	}
}

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

// attribute assigns records whose names do not show their domain.
func (inv *Inventory) attribute() {
	slices.SortStableFunc(inv.claims, func(a, b claim) int { return cmp.Compare(a.name.Labels(), b.name.Labels()) })
	mailFrom := map[record.Name]bool{}
	for _, c := range inv.claims {
		if c.is.Use == ses.MailFrom {
			mailFrom[c.name] = true
		}
	}
	for _, d := range inv.domains {
		for _, id := range d.identities {
			mailFrom[id.mailFromName()] = true
		}
	}
	for n, d := range inv.domains {
		has := func(s string) bool { return d.keys[s] > 0 }
		if slices.ContainsFunc(inv.Selectors, has) || slices.ContainsFunc(resellers, has) || d.authorizes && !mailFrom[n] && !inv.moved[n] {
			d.ses = true
		}
	}
	for _, c := range inv.claims {
		if c.is.Use == ses.Tracking {
			inv.attributeTracking(c)
		} else {
			inv.attributeMailFrom(c)
		}
	}
	inv.claims = nil
	inv.noteShared()
}

// noteShared reports tokens at a domain and at one above it. An identity has its
// tokens at one name only.
func (inv *Inventory) noteShared() {
	for n, d := range inv.domains {
		for up := n.Parent(); up != record.Root; up = up.Parent() {
			upper := inv.domains[up]
			if upper != nil && slices.ContainsFunc(d.tokens, func(t token) bool { return slices.Contains(upper.tokens, t) }) {
				d.note(fmt.Sprintf("Tokens of this domain are also under %s; in SES, each token belongs to only one of them.", up))
			}
		}
	}
}

// attributeMailFrom finds the domain of a MAIL FROM name: the nearest name above
// that is an identity, or has a DKIM key that may make it one, otherwise the
// parent.
func (inv *Inventory) attributeMailFrom(c claim) {
	home := inv.above(c.name)
	if inv.isItself(c.name, home) {
		inv.misplacedMailFrom(c)
		return
	}
	if d := inv.home(c, cmp.Or(home, c.name.Parent()), "the MX of a MAIL FROM domain"); d != nil {
		inv.add(&d.mailFrom, c)
		if c.end != "" && !d.hasMailFrom(c.name) {
			d.note(fmt.Sprintf("%s is a CNAME to %s, which has the MX of a MAIL FROM domain: the file names the CNAME, so change it if SES has the other name.", c.name, c.end))
		}
	}
}

// home is the domain of a claim, which has SES records by that; nil if it cannot be an
// identity.
func (inv *Inventory) home(c claim, name record.Name, is string) *domain {
	n, err := config.DomainName(string(name))
	if err != nil {
		inv.skipAt(string(c.owner), is+", but no parent domain can be an identity")
		return nil
	}
	d := inv.domain(n)
	d.ses = true
	inv.used[c.apex] = true
	d.mistaken(c.sighting)
	return d
}

// add adds a claim to those of its kind, if there is room.
func (inv *Inventory) add(all *[]placed, c claim) {
	if !slices.Contains(*all, c.placed) && inv.room(c.sighting, len(*all)) {
		*all = append(*all, c.placed)
	}
}

// above is the nearest domain above a name that is, or may be, an identity; ""
// for none.
func (inv *Inventory) above(name record.Name) record.Name {
	for n := name.Parent(); n != record.Root; n = n.Parent() {
		if d := inv.domains[n]; d != nil && (d.given || d.verified() || len(d.candidates()) > 0) {
			return n
		}
	}
	return ""
}

// isItself reports whether a name with the MX of a MAIL FROM domain is the
// identity: it has tokens, or a key while no domain above it is one, or its
// parent is a public suffix. Only AWS knows for certain.
func (inv *Inventory) isItself(name, home record.Name) bool {
	for n := name; n != record.Root; n = n.Parent() {
		if d := inv.domains[n]; d != nil && d.hasMailFrom(name) {
			return false
		}
	}
	d := inv.domains[name]
	return name.Parent().IsSuffix() || d != nil && (d.given || d.verified() || home == "" && len(d.candidates()) > 0)
}

// misplacedMailFrom notes the MX of a MAIL FROM domain at the identity itself.
// The intended name is unknown.
func (inv *Inventory) misplacedMailFrom(c claim) {
	d := inv.home(c, c.name, "the MX of a MAIL FROM domain")
	if d == nil {
		return
	}
	d.hint = c.region
	d.note(fmt.Sprintf("%s is the MX of a MAIL FROM domain, but also an identity; mail_from must be a subdomain, so none is written.", c.name))
}

// attributeTracking finds the domain of a tracking name: the nearest identity at
// or above it.
func (inv *Inventory) attributeTracking(c claim) {
	home := c.name.Parent()
	if home.IsSuffix() {
		home = c.name
	}
	for n := c.name; n != record.Root; n = n.Parent() {
		if d := inv.domains[n]; d != nil && (d.given || d.ses) {
			home = n
			break
		}
	}
	if d := inv.home(c, home, "a tracking domain"); d != nil {
		inv.add(&d.tracking, c)
	}
}

// verified reports whether a record shows that the domain itself is an identity.
func (d *domain) verified() bool {
	return d.unreadable || len(d.identities)+len(d.tokens)+len(d.verification) > 0
}

func (d *domain) hasMailFrom(n record.Name) bool {
	return slices.ContainsFunc(d.identities, func(id *identity) bool { return id.MailFrom != nil && id.MailFrom.Name.Value == n })
}

// assemble makes the identities of a domain: first those of AWS, then those that
// further records in DNS show, each in its region.
func (inv *Inventory) assemble(d *domain) {
	d.foldReplicas()
	d.joinParts()
	d.addMailFrom()
	d.addReceiving()
	if inv.nullMX[d.name] && len(d.receiving)+len(d.mailManager) > 0 {
		d.note("The domain has the inbound MX of Amazon SES, and a null MX, which says that it accepts no mail: delete one of them.")
	}
	d.addTracking()
	d.reserve()
	d.joinParts()
	inv.addTokens(d)
	inv.addVerification(d)
	inv.addRegionless(d)
	if len(d.identities) == 0 && d.hint != "" {
		d.in(d.hint, func(*identity) bool { return true })
	}
	d.sort()
	for _, id := range d.identities {
		if id.aws && id.Region.Value == "" {
			d.note("The AWS JSON of this domain does not name the region; set it with --region.")
		}
	}
}

// sort sorts the identities by region and MAIL FROM name.
func (d *domain) sort() {
	slices.SortStableFunc(d.identities, func(a, b *identity) int {
		return cmp.Or(compareRegions(a.Region.Value, b.Region.Value), cmp.Compare(a.mailFromName(), b.mailFromName()))
	})
}

// fill sets the user's region for identities without one.
func (inv *Inventory) fill(d *domain) {
	for _, id := range d.identities {
		if id.Region.Value == "" {
			id.Region.Value = inv.fallback()
		}
	}
	d.sort()
}

// compareRegions sorts unknown regions last.
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

// in returns a free identity of the region, or a new one.
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
		if m.region != "" {
			d.addMailFromIn(m)
		}
	}
}

func (d *domain) addMailFromIn(m placed) {
	if slices.ContainsFunc(d.identities, func(id *identity) bool { return id.mailFromName() == m.name && id.Region.Value == m.region }) {
		return
	}
	if id := d.withMailFrom(m.name); id != nil {
		if id.Region.Value == "" {
			id.Region.Value = m.region
			d.doubtRegion(id)
		}
		return // one MX serves all regions that share the name
	}
	id := d.in(m.region, func(id *identity) bool { return id.MailFrom == nil && !id.v2 })
	id.MailFrom = &config.MailFrom{Name: config.At[record.Name]{Value: m.name}}
	if !id.aws && d.describedIn(m.region) {
		d.note(fmt.Sprintf("Amazon SES does not have %s as the MAIL FROM domain of its identity in %s: unless it belongs to another account, delete it from the file and its records from DNS.", m.name, m.region))
	}
}

// describedIn reports whether get-email-identity describes an identity of a region,
// or of any if that is "".
func (d *domain) describedIn(region string) bool {
	return slices.ContainsFunc(d.identities, func(id *identity) bool { return id.v2 && (region == "" || id.Region.Value == region) })
}

// doubtRegion notes a region that only the MX of a MAIL FROM domain shows, where
// SES does not accept that MX: the mistake may be the region in it.
func (d *domain) doubtRegion(id *identity) {
	if id.refused {
		d.note(fmt.Sprintf("Only the MX of %s shows the region %s, and SES does not accept that record: if the identity is in another region, write that one.", id.mailFromName(), id.Region.Value))
	}
}

// addRegionless adds MAIL FROM names whose MX shows no region, if all identities
// are in one.
func (inv *Inventory) addRegionless(d *domain) {
	for _, m := range d.mailFrom {
		if m.region != "" || d.hasMailFrom(m.name) {
			continue
		}
		if m.region = d.only(d.identities); m.region == "" {
			m.region = inv.fallback()
		}
		if m.region == "" {
			inv.skipAt(string(m.name), "its MX names no region; set it with --region")
			continue
		}
		d.addMailFromIn(m)
	}
}

// only is the region that all identities share; "" if they differ, or there are
// none.
func (d *domain) only(identities []*identity) (region string) {
	for _, id := range identities {
		if id.Region.Value == "" || region != "" && id.Region.Value != region {
			return ""
		}
		region = id.Region.Value
	}
	return region
}

// fallback is the user's region for records that show none.
func (inv *Inventory) fallback() string {
	inv.filled = inv.filled || inv.Region != ""
	return inv.Region
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
		if slices.ContainsFunc(d.identities, func(id *identity) bool {
			return id.Region.Value == region && id.Receiving != nil && id.Receiving.Host == nil
		}) {
			continue // the customer's record shows it
		}
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
		if t.name == d.name { // without its target, it may not be the domain itself
			tracking.Target = &config.At[record.Name]{Value: ses.TrackingHost(t.region)}
		}
		d.in(t.region, func(id *identity) bool { return id.Tracking == nil }).Tracking = tracking
	}
}

// addTokens assigns each zone's tokens to the identity that signs there, if it is
// the only candidate.
func (inv *Inventory) addTokens(d *domain) {
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
		zone := t.zone
		if zone == "" {
			zone = d.keyZone()
		}
		zone = d.realZone(zone)
		zones[zone] = append(zones[zone], t.label)
	}
	for _, zone := range slices.Sorted(maps.Keys(zones)) {
		labels := zones[zone]
		slices.Sort(labels)
		id := inv.signsAt(d, zone)
		if !id.aws && d.describedIn(id.Region.Value) {
			d.note("Amazon SES does not sign with some of the tokens in DNS: unless they belong to another account or region, delete their identity from the file and their records from DNS.")
		}
		id.DKIM = &config.DKIM{SigningHostedZone: &config.At[record.Name]{Value: zone}} // left out if it is the region's own
		for _, l := range labels {
			id.DKIM.Tokens = append(id.DKIM.Tokens, config.At[string]{Value: l})
		}
		d.noteTokens(id, len(labels))
	}
}

// realZone is a zone of tokens, or the zone that the region has if SES does not have
// that one.
func (d *domain) realZone(zone record.Name) record.Name {
	region, _ := ses.RegionOfZone(zone)
	if r, known := ses.LookupRegion(region); !known || r.OwnZone {
		return zone
	}
	d.hint = cmp.Or(d.hint, region)
	d.note(fmt.Sprintf("DKIM records point to %s, but Amazon SES has the keys of %s in %s.", zone, region, ses.SharedZone))
	return ses.SharedZone
}

// keyZone is the zone of tokens that are published as keys: that of the domain's
// further tokens, or of its region.
func (d *domain) keyZone() record.Name {
	for _, t := range d.tokens {
		if t.zone != "" {
			return t.zone
		}
	}
	if region := cmp.Or(d.only(d.identities), d.hint); region != "" {
		return ses.DKIMZone(region)
	}
	return ses.SharedZone
}

func (d *domain) noteTokens(id *identity, n int) {
	switch {
	case n%3 != 0:
		d.note(fmt.Sprintf("Easy DKIM has three tokens per identity; DNS has %d here.", n))
	case n > 3:
		d.note(fmt.Sprintf("These %d tokens belong to %d identities in different regions or accounts; DNS does not show which.", n, n/3))
	}
	if id.Region.Value == "" {
		d.note("DNS does not show the region of the tokens.")
	}
}

// signsAt is the identity with the tokens of a zone: one without tokens whose
// region has its keys there, if no second region does, otherwise one of an
// unknown region.
func (inv *Inventory) signsAt(d *domain, zone record.Name) *identity {
	unsigned := func(id *identity) bool { return id.DKIM == nil && !id.own && id.parent == "" }
	var fit []*identity
	for _, id := range d.identities {
		if unsigned(id) && id.Region.Value != "" && ses.DKIMZone(id.Region.Value) == zone {
			fit = append(fit, id)
		}
	}
	region, ok := ses.RegionOfZone(zone)
	switch {
	case d.only(fit) != "":
		return fit[0]
	case ok:
	case len(d.identities) == 0 && d.hint != "" && ses.DKIMZone(d.hint) == zone:
		region = d.hint
	default:
		region = inv.fallback()
	}
	return d.in(region, unsigned)
}

// addVerification assigns tokens of the legacy verification to the only identity,
// or the only region, otherwise to an identity of an unknown region.
func (inv *Inventory) addVerification(d *domain) {
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
	case len(d.identities) == 1 || d.only(d.identities) != "":
		id = d.identities[0]
	case len(d.identities) == 0 && d.hint != "":
		id = d.in(d.hint, func(*identity) bool { return true })
	default:
		id = d.in(inv.fallback(), func(*identity) bool { return true })
	}
	for _, t := range left {
		id.Verification = append(id.Verification, config.At[string]{Value: t})
	}
}

// foldReplicas removes the tokens of a DEED replica, which are its parent's.
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

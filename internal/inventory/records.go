package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/source"
)

// Zones adds the records of zones after all changes, and the identities in the
// changes.
func (inv *Inventory) Zones(zones *source.Zones) {
	changes := zones.Changes()
	for _, z := range zones.All() {
		for r := range z.Published() {
			if stays(changes, r) {
				inv.Record(z.Apex, r.Owner, r.Data)
			}
		}
		inv.unread(zones, z)
	}
	for _, h := range changes.Hosted() {
		inv.domain(h.Apex).apex = h.Apex
	}
	for _, q := range changes.Sets() {
		for _, r := range changes.At(q).Records {
			if !r.Computed && r.Unreadable == "" {
				inv.Record("", r.Owner, r.Data)
			}
		}
	}
	planned := &account.Account{}
	planned.Planned(changes.Identities())
	inv.Account(planned)
	for _, s := range zones.Skipped() {
		inv.skip(s.String())
	}
}

// unread reports records of SES in a zone that delegates their names to a zone that is
// not given.
func (inv *Inventory) unread(zones *source.Zones, z *source.Zone) {
	const most = 20 // delegations by name
	cuts := map[record.Name]bool{}
	for _, r := range z.Records {
		if r.Computed || !z.Delegates(r.Owner) || zones.Of(r.Owner) != nil || ses.Recognize(r.Owner, r.Data).Use == ses.NoUse {
			continue
		}
		cut := r.Owner
		for z.Delegates(cut.Parent()) {
			cut = cut.Parent()
		}
		if len(cuts) < most {
			cuts[cut] = true
		}
		records, _ := z.At(cut)
		what := fmt.Sprintf("a record of Amazon SES that is not read, because the zone %s delegates", z.Apex)
		switch {
		case !slices.ContainsFunc(records, func(r source.Record) bool { return r.Data.Type == record.NS }):
			what = fmt.Sprintf("a record of Amazon SES that does not exist, because it is below a DNAME of the zone %s", z.Apex)
		case cuts[cut]:
			what += fmt.Sprintf(" %s; add the zone file of %s", cut, cut)
		default:
			what += " its name; add the zone file of that name"
		}
		inv.skipAt(string(r.Owner), what)
		inv.domain(z.Apex).apex = z.Apex
		inv.used[z.Apex] = true
	}
}

// stays reports whether a record of a zone is still there after all changes.
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

// sighting is a record in DNS, and its use for SES.
type sighting struct {
	apex, owner record.Name
	record      record.Record
	is          ses.Recognized
	doubled     bool        // the DNS provider appended its zone to the name
	end         record.Name // where the owner's CNAME leads; "" for none
}

// Record adds a record of DNS. The apex is that of its zone, or "" if unknown.
// Its domain is found when all records are known.
func (inv *Inventory) Record(apex, owner record.Name, r record.Record) {
	if apex != "" {
		inv.domain(apex).apex = apex
	}
	is := ses.Recognize(owner, r)
	switch {
	case r.Type == record.MX && r.Host == record.Root:
		inv.nullMX[owner] = true
	case is.Use == ses.NoUse && r.Type == record.CNAME:
		inv.aliases = append(inv.aliases, alias{apex, owner, r.Host})
	case is.Use == ses.NoUse && !mayBeSES(owner, r):
	case is.Use != ses.NoUse && owner.FirstLabel() == "*":
		inv.skipAt(string(owner), fmt.Sprintf("%s at a wildcard, which the file cannot express", is.Use))
	default:
		inv.seen = append(inv.seen, sighting{apex: apex, owner: owner, record: r, is: is})
	}
}

// mayBeSES reports whether a record may concern SES without showing it: a key,
// SPF or DMARC.
func mayBeSES(owner record.Name, r record.Record) bool {
	return r.Type == record.SPF || r.Type == record.TXT &&
		(isKey(owner, r) || asSPF(r) != nil || dmarc.Is(r.Text()))
}

// isKey reports whether a record is a DKIM key that is not revoked.
func isKey(owner record.Name, r record.Record) bool {
	return strings.Contains(string(owner), "._domainkey.") && dkim.HasKey(r.Text())
}

// place assigns the records to domains. MAIL FROM and tracking names do not show
// theirs, and wait for attribute.
func (inv *Inventory) place() {
	for n, d := range inv.domains {
		if d.given || d.apex == n {
			inv.ownRegistered[n.Registrable()] = true
		}
	}
	for _, s := range inv.seen {
		switch s.is.Use {
		case ses.NoUse:
			inv.other(s)
		case ses.EasyDKIM:
			inv.easyDKIM(s)
		case ses.Verification:
			inv.verification(s)
		case ses.MailFrom, ses.Tracking:
			if name, ok := inv.intended(&s, s.owner); ok {
				inv.claims = append(inv.claims, claim{placed{name, s.is.Region}, s})
			}
		case ses.Receiving, ses.MailManager:
			inv.receiving(s)
		case ses.Submission:
			inv.skipAt(string(s.owner), "an MX to the SMTP endpoint, which is for sending and receives no mail")
		}
	}
	inv.seen = nil
}

// ours is the domain that a record of SES belongs to.
func (inv *Inventory) ours(s *sighting, name record.Name) (*domain, bool) {
	name, ok := inv.intended(s, name)
	if !ok {
		return nil, false
	}
	n, err := config.DomainName(string(name))
	if err != nil {
		inv.skipAt(string(name), fmt.Sprintf("it %v", err))
		return nil, false
	}
	d := inv.domain(n)
	d.ses = true
	inv.used[s.apex] = true
	return d, true
}

func (inv *Inventory) easyDKIM(s sighting) {
	name := s.is.Domain
	switch {
	case name == "" && s.owner == s.apex:
		name = s.apex
	case name == "":
		inv.skipAt(string(s.owner), fmt.Sprintf("%s, but its name has no _domainkey", s.is.Use))
		return
	}
	if !alphanumeric(s.is.Token) {
		inv.skipAt(string(s.owner), "not a token of Amazon SES")
		return
	}
	d, ok := inv.ours(&s, name)
	if !ok {
		return
	}
	d.mistaken(s)
	for i, t := range d.tokens {
		if t.label == s.is.Token {
			if t.zone == "" {
				d.tokens[i].zone = s.is.Zone
			}
			return
		}
	}
	if inv.room(s, len(d.tokens)) {
		d.tokens = append(d.tokens, token{s.is.Token, s.is.Zone})
	}
}

// most bounds the records of one use in a domain of the file.
const most = min(config.MaxTokens, config.MaxIdentities)

// room reports whether a domain with n records of a use can have one more in the
// file. If not, the record is counted as skipped.
func (inv *Inventory) room(s sighting, n int) bool {
	if n >= most {
		inv.skipAt(string(s.owner), fmt.Sprintf("%s, and the file can have only %d of them per domain", s.is.Use, most))
	}
	return n < most
}

func (inv *Inventory) verification(s sighting) {
	unreadable := s.is.Mistakes&ses.CaseFolded != 0 // the token is unknown
	if !unreadable && !ses.IsVerificationToken(s.is.Token) {
		inv.skipAt(string(s.owner), "its TXT record is not a verification token")
		return
	}
	if d, ok := inv.ours(&s, s.is.Domain); ok {
		d.mistaken(s)
		d.unreadable = d.unreadable || unreadable
		if !unreadable && !slices.Contains(d.verification, s.is.Token) && inv.room(s, len(d.verification)) {
			d.verification = append(d.verification, s.is.Token)
		}
	}
}

func (inv *Inventory) receiving(s sighting) {
	d, ok := inv.ours(&s, s.owner)
	switch {
	case !ok:
		return
	case s.is.Use == ses.MailManager:
		d.mailManager = s.is.Host
	case s.is.Region == "":
		inv.skipAt(string(s.owner), "its inbound MX names no region")
		return
	default:
		d.receiving = add(d.receiving, s.is.Region)
	}
	d.mistaken(s)
}

// other keeps a record that may concern SES without showing it. A misplaced one
// is kept under its right name.
func (inv *Inventory) other(s sighting) {
	at := inv.lookupName(s)
	name, ok := inv.intended(&s, at)
	if !ok {
		return
	}
	if name != s.owner || s.record.Type == record.SPF {
		inv.strays[name] = append(inv.strays[name], s)
	}
	selector, of, _ := strings.Cut(string(name), "._domainkey.")
	switch {
	case isKey(name, s.record) && selector != "*":
		if n, err := config.DomainName(of); err == nil {
			inv.domain(n).keys[selector]++
		}
	default:
		if r := asSPF(s.record); r != nil && r.Includes(ses.SPFInclude) {
			inv.authorized(name)
		}
	}
}

// lookupName is the name at which receivers query a record. People publish DMARC
// at the domain itself as well, and without its underscore.
func (inv *Inventory) lookupName(s sighting) record.Name {
	first := s.owner.FirstLabel()
	switch {
	case !dmarc.Is(s.record.Text()) || inv.behind[s.owner] || first == "_dmarc" || first == "*" || strings.Contains(string(s.owner), "._"):
		return s.owner
	case first == "dmarc":
		return s.owner.Parent().Child("_dmarc")
	}
	return s.owner.Child("_dmarc")
}

// authorized notes that a name's SPF record includes SES. A MAIL FROM name is no
// domain of its own.
func (inv *Inventory) authorized(owner record.Name) {
	if n, err := config.DomainName(string(owner)); err == nil {
		inv.domain(n).authorizes = true
	}
}

func add(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func alphanumeric(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

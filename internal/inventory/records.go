package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/spf"
)

// Zones adds the records of zones.
func (inv *Inventory) Zones(zones *source.Zones) {
	for _, z := range zones.All() {
		for r := range z.Published() {
			inv.Record(z.Apex, r.Owner, r.Data)
		}
	}
	for _, s := range zones.Skipped() {
		inv.skip(s.String())
	}
}

// Record adds a record of DNS. The apex is that of its zone, or "" where it is
// not known.
func (inv *Inventory) Record(apex, owner record.Name, r record.Record) {
	if apex != "" {
		inv.domain(apex).apex = apex
	}
	if owner.FirstLabel() == "*" && r.Type != record.TXT {
		if use := ses.Recognize(owner, r).Use; use != ses.NoUse {
			inv.skip(fmt.Sprintf("%s is %s at a wildcard, which the file cannot say", owner, use))
		}
		return
	}
	is := ses.Recognize(owner, r)
	switch is.Use {
	case ses.EasyDKIM:
		inv.easyDKIM(apex, owner, is)
	case ses.Verification:
		inv.verification(apex, owner, is)
	case ses.MailFrom:
		inv.records = append(inv.records, claim{placed{owner, is.Region}, false, apex})
	case ses.Tracking:
		inv.records = append(inv.records, claim{placed{owner, is.Region}, true, apex})
	case ses.Receiving, ses.MailManager:
		d, ok := inv.ours(apex, owner)
		switch {
		case !ok:
		case is.Use == ses.MailManager:
			d.mailManager = is.Host
		case is.Region == "":
			inv.skip(fmt.Sprintf("the inbound MX of %s names no region", owner))
		default:
			d.receiving = add(d.receiving, is.Region)
		}
	default:
		inv.other(apex, owner, r)
	}
}

// ours is the domain of a record of SES that stands at its name.
func (inv *Inventory) ours(apex, name record.Name) (*domain, bool) {
	name = undoubled(apex, name)
	n, err := config.DomainName(string(name))
	if err != nil {
		inv.skip(fmt.Sprintf("%s %v", name, err))
		return nil, false
	}
	d := inv.domain(n)
	d.ses = true
	return d, true
}

// undoubled is the name that was meant where a DNS provider appended the zone
// to a name that had it.
func undoubled(apex, name record.Name) record.Name {
	if rest, ok := strings.CutSuffix(string(name), "."+string(apex)); ok && apex != "" && record.Name(rest).In(apex) {
		return record.Name(rest)
	}
	return name
}

func (inv *Inventory) easyDKIM(apex, owner record.Name, is ses.Recognized) {
	switch {
	case is.Domain == "":
		inv.skip(fmt.Sprintf("%s is %s, but no name of one: it lacks _domainkey", owner, is.Use))
		return
	case !alphanumeric(is.Token):
		inv.skip(fmt.Sprintf("%s has no token that Amazon SES could have made", owner))
		return
	}
	d, ok := inv.ours(apex, is.Domain)
	if !ok {
		return
	}
	for _, t := range d.tokens {
		if t.label == is.Token {
			return
		}
	}
	d.tokens = append(d.tokens, token{is.Token, is.Zone})
}

func (inv *Inventory) verification(apex, owner record.Name, is ses.Recognized) {
	t := strings.Trim(is.Token, "\" \t") // as it was meant; the check tells of what is around it
	if t == "" || strings.Trim(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != "" || strings.Trim(t, "=") == "" {
		inv.skip(fmt.Sprintf("the TXT record at %s is no verification token", owner))
		return
	}
	if d, ok := inv.ours(apex, is.Domain); ok {
		d.verification = add(d.verification, t)
	}
}

// other takes what may belong to SES without showing it: an SPF record that
// authorises it, and keys.
func (inv *Inventory) other(apex, owner record.Name, r record.Record) {
	if r.Type != record.TXT {
		return
	}
	selector, of, key := strings.Cut(string(owner), "._domainkey.")
	switch {
	case key && selector != "*":
		if n, err := config.DomainName(string(undoubled(apex, record.Name(of)))); err == nil {
			inv.domain(n).keys[selector]++
		}
	case spf.Is(r.Text()):
		for _, t := range spf.Parse(r.Text()).Of(spf.Include) {
			if t.Target == ses.SPFInclude {
				inv.authorized(owner)
			}
		}
	}
}

// authorized notes that a name's SPF record includes SES. If the name turns out
// to be a MAIL FROM name, it is no domain of its own.
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

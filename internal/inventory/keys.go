package inventory

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// theirs are selectors of other mail services: Google, Microsoft 365, Mailchimp
// and Mandrill, Postmark, Mailgun, Mailjet, Zoho and more.
var theirs = regexp.MustCompile(`^(google|mailchannels|mailjet|mandrill|mx|pic|smtp|mailo|krs|zoho|zmail|pm|default|cpanel|dkim|cm|sib|mesmtp|litesrv` +
	`|(selector|k|mte|protonmail|fm|hs|ctct|zendesk|brevo|scph|titan|everlytickey)[0-9]*|[0-9]{14}pm)$`)

// anybodys are selectors of SendGrid that people also use for their own keys.
var anybodys = regexp.MustCompile(`^s[0-9]$`)

// candidates are the selectors of a domain that may have a BYODKIM key of SES.
func (d *domain) candidates() []string {
	var all []string
	for s := range d.keys {
		if ses.IsSelector(s) && !theirs.MatchString(s) {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}

// reserve keeps an identity for a reseller's key if its MAIL FROM has the
// reseller's label.
func (d *domain) reserve() {
	for _, s := range resellers {
		i := slices.IndexFunc(d.identities, func(id *identity) bool {
			return !id.aws && !id.own && id.mailFromName() == d.name.Child(ses.SenderOfSelector(s).MailFrom)
		})
		if d.keys[s] > 0 && i >= 0 {
			d.identities[i].own, d.identities[i].selector = true, s
		}
	}
}

// ownKeys finds the BYODKIM key of an identity: at the selector of AWS or the
// user, at a reseller's, or at the only candidate if the identity must have a key
// to be verified.
func (d *domain) ownKeys(a *asking, selectors []string) {
	candidates := slices.DeleteFunc(d.candidates(), anybodys.MatchString)
	for _, id := range d.identities {
		if id.own && id.DKIM == nil {
			d.awsKey(a, id, candidates)
		}
	}
	for _, s := range resellers {
		if d.keys[s] > 0 && !slices.Contains(selectors, s) {
			selectors = append(slices.Clone(selectors), s)
		}
	}
	for _, s := range selectors {
		signs := func(id *identity) bool { return id.DKIM != nil && id.DKIM.Selector.Value == s }
		if slices.ContainsFunc(d.identities, signs) {
			continue
		}
		if key, ok := d.key(a, s, ownAliases); ok {
			d.ownKeyOf(s, key)
		}
	}
	verified := slices.ContainsFunc(d.identities, func(id *identity) bool {
		return id.aws || id.own || id.DKIM != nil || len(id.Verification) > 0
	})
	if verified || len(d.identities) != 1 || d.identities[0].MailFrom == nil && d.hint == "" {
		return
	}
	if len(candidates) == 1 {
		if key, ok := d.key(a, candidates[0], noAliases); ok {
			d.ownKeyOf(candidates[0], key)
		}
		return
	}
	if len(d.keys) == 0 && d.unreadable {
		return
	}
	if len(d.keys) == 0 {
		d.note("DNS shows no DKIM and no other verification of this identity.")
		return
	}
	const most = 5
	names := slices.Sorted(maps.Keys(d.keys))
	d.note("DNS shows no DKIM of Amazon SES here. If one of these keys is yours in SES (BYODKIM), name it with --byodkim: " + strings.Join(names[:min(most, len(names))], ", ") + ".")
}

// awsKey finds the key of an identity with BYODKIM.
func (d *domain) awsKey(a *asking, id *identity, candidates []string) {
	selector, behind := id.selector, allAliases
	if selector == "" && len(candidates) == 1 {
		selector, behind = candidates[0], noAliases
	}
	if key, ok := d.key(a, selector, behind); ok {
		id.DKIM = ownDKIM(selector, key)
	}
}

// aliases says which CNAMEs lead to a key of the domain: most are for the keys of other
// services.
type aliases uint8

const (
	noAliases  aliases = iota
	ownAliases         // those to names of the user
	allAliases
)

// key reads the key at a selector, if SES can sign with it.
func (d *domain) key(a *asking, selector string, behind aliases) (dkim.Key, bool) {
	if !ses.IsSelector(selector) {
		return dkim.Key{}, false
	}
	name := ses.DKIMName(selector, d.name)
	got := a.txt(name)
	switch {
	case len(got.Chain) == 0:
	case behind == noAliases, behind == ownAliases && !d.mayHaveKeyAt(a, got.Owner()): // the key of another service
		return dkim.Key{}, false
	default:
		a.offline("dkim", got)
		a.reached = append(a.reached, got.Owner())
	}
	for _, r := range got.Records {
		if key, ok := readKey(r); ok {
			return key, true
		}
	}
	for _, s := range a.strays[name] {
		if key, ok := readKey(s.record); ok {
			d.mistaken(s)
			return key, true
		}
	}
	if d.keys[selector] > 0 {
		d.note(fmt.Sprintf("Amazon SES cannot sign with the key at selector %s, or the key is incomplete.", selector))
	}
	return dkim.Key{}, false
}

// mayHaveKeyAt reports whether a name with a key, behind a CNAME, is the user's: it has the
// same registrable domain, or is in a given zone and nothing else verifies the domain.
func (d *domain) mayHaveKeyAt(a *asking, name record.Name) bool {
	verified := slices.ContainsFunc(d.identities, func(id *identity) bool {
		return id.own || id.DKIM != nil || len(id.Verification) > 0
	})
	return name.Registrable() == d.name.Registrable() || a.zoneOf(name) != "" && !verified
}

func readKey(r record.Record) (dkim.Key, bool) {
	key, err := dkim.ParsePublic(r.Text().Raw())
	return key, err == nil && key.Type == dkim.RSA && dkim.IsKeyRecord(r.Text())
}

func (d *domain) ownKeyOf(selector string, key dkim.Key) {
	for _, id := range d.identities {
		if id.DKIM == nil && !id.own {
			id.DKIM = ownDKIM(selector, key)
			return
		}
	}
	d.in("", func(*identity) bool { return false }).DKIM = ownDKIM(selector, key)
}

func ownDKIM(selector string, key dkim.Key) *config.DKIM {
	return &config.DKIM{Selector: config.At[string]{Value: strings.ToLower(selector)}, PublicKey: config.At[string]{Value: key.Base64()}}
}

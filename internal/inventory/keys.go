package inventory

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/ses"
)

// theirs are the selectors that other senders give to the keys of their
// customers.
var theirs = []string{"google", "mailchannels", "mx", "k1", "pic", "smtp", "mailo", "krs", "zoho", "default", "cpanel"}

// candidates are the selectors of a domain at which a key of an identity of
// Amazon SES may stand.
func (inv *Inventory) candidates(d *domain) []string {
	var all []string
	for s := range d.keys {
		postmark := len(s) == 16 && strings.HasSuffix(s, "pm") && strings.Trim(s[:14], "0123456789") == ""
		if alphanumeric(s) && !slices.Contains(theirs, s) && !postmark {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}

// ownKeys finds the key of an identity with BYODKIM: where AWS or the user
// names its selector, or where an identity that must have one, for nothing else
// verifies it, can have no other.
func (d *domain) ownKeys(a *asking, candidates, told []string) {
	for _, s := range told {
		if key, ok := d.key(a, s); ok {
			d.ownKeyOf(s, key)
		}
	}
	verified := false
	for _, id := range d.identities {
		if id.own && id.DKIM == nil {
			d.awsKey(a, id, candidates)
		}
		verified = verified || id.aws || id.DKIM != nil || len(id.Verification) > 0
	}
	if verified || len(d.identities) != 1 || d.identities[0].MailFrom == nil {
		return
	}
	if len(candidates) == 1 {
		if key, ok := d.key(a, candidates[0]); ok {
			d.ownKeyOf(candidates[0], key)
			return
		}
	}
	if len(d.keys) == 0 {
		d.note("DNS shows neither DKIM nor another verification of this identity.")
		return
	}
	d.note("DNS shows no DKIM of Amazon SES here. If one of the keys is its own (BYODKIM), name it with --byodkim.")
}

func (d *domain) awsKey(a *asking, id *identity, candidates []string) {
	selector := id.selector
	if selector == "" && len(candidates) == 1 {
		selector = candidates[0]
	}
	if key, ok := d.key(a, selector); ok {
		id.DKIM = ownDKIM(selector, key)
	}
}

// key reads the key at a selector, if it is one that SES could sign with.
func (d *domain) key(a *asking, selector string) (dkim.Key, bool) {
	if !alphanumeric(selector) {
		return dkim.Key{}, false
	}
	got := a.txt(ses.DKIMName(selector, d.name))
	if len(got.Chain) > 0 { // it is somebody else's
		return dkim.Key{}, false
	}
	for _, r := range got.Records {
		if key, err := dkim.ParsePublic(r.Text().Raw()); err == nil && key.Type == dkim.RSA && dkim.IsKeyRecord(r.Text()) {
			return key, true
		}
	}
	return dkim.Key{}, false
}

func (d *domain) ownKeyOf(selector string, key dkim.Key) {
	for _, id := range d.identities {
		if id.DKIM == nil {
			id.DKIM = ownDKIM(selector, key)
			return
		}
	}
	d.in("", func(*identity) bool { return false }).DKIM = ownDKIM(selector, key)
}

func ownDKIM(selector string, key dkim.Key) *config.DKIM {
	return &config.DKIM{Selector: config.At[string]{Value: strings.ToLower(selector)}, PublicKey: config.At[string]{Value: key.Base64()}}
}

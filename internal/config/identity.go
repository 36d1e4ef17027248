package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
)

func (r *reader) region(p pair) At[string] {
	const want = "an AWS region, such as eu-west-1"
	if p.value.list() {
		r.bad(p.value, "region is a list; write one region, or one item of identities for each")
		return At[string]{}
	}
	s, ok := r.word(p.value, "region", want)
	if !ok {
		return At[string]{}
	}
	if wrong := notRegion(s); wrong != "" {
		r.bad(p.value, "region %s %s", quote(s), wrong)
		return At[string]{}
	}
	return At[string]{r.intern(s), p.at}
}

// notRegion returns the mistake in the name of a region, or "".
func notRegion(s string) string {
	if ses.IsRegion(s) {
		return ""
	}
	if near := nearRegions(s); len(near) > 0 {
		return "is not an AWS region" + didYouMean(shorten.Words(near, "or"))
	}
	return "is not an AWS region; regions look like eu-west-1"
}

// tokens reads a word or a list of words, each by one, which returns its mistake.
func (r *reader) tokens(p pair, what, want string, one func(string) (string, string)) []At[string] {
	var all []At[string]
	var wrong itemErrors
	have := map[string]bool{}
	add := func(v value, at Place) {
		wrong.item(v, want, func(s string) string {
			token, wrong := one(s)
			switch {
			case wrong != "":
				return wrong
			case have[token]:
				return twice
			}
			have[token] = true
			all = append(all, At[string]{token, at})
			return ""
		})
	}
	switch {
	case p.value.scalar():
		add(p.value, p.at)
	case r.notTooMany(p.value, p.key, MaxTokens):
		for _, item := range r.items(p.value) {
			add(item, r.place(item))
		}
	}
	wrong.report(r, what)
	return all
}

// notTooMany holds a list against its bound.
func (r *reader) notTooMany(v value, what string, most int) bool {
	if n := len(v.node.Content); n > most {
		r.bad(v, "%s has %d items, and the limit is %d; remove some", what, n, most)
		return false
	}
	return true
}

// verification reads tokens of the legacy TXT record.
func (r *reader) verification(p pair) []At[string] {
	if v := p.value; !v.scalar() && (!v.list() || len(v.node.Content) == 0) {
		r.wrong(v, "verification", "the token or a list of tokens, or remove the key")
		return nil
	}
	return r.tokens(p, "verification token", "the token alone", func(s string) (token, wrong string) {
		token = strings.TrimPrefix(s, ses.VerificationPrefix)
		body := strings.TrimRight(token, "=")
		for _, c := range body {
			if !alphanumeric(c) && c != '+' && c != '/' {
				return "", stray(c, "letters, digits, +, / and = at the end")
			}
		}
		switch {
		case body == "":
			return "", "contains no token; write the whole token"
		case yamltext.IsSwitch(s):
			return "", "is not a token; if there is none, remove the key"
		}
		return token, ""
	})
}

// stray says which character does not belong into a token.
func stray(c rune, has string) string {
	switch c {
	case ' ', '\t', '\n', '\u00a0':
		return "contains a space; remove it, or write a comma if these are two"
	case '"', '\'', '`', '“', '”', '„', '‘', '’':
		return "contains quotes; remove them"
	}
	return fmt.Sprintf("has the character %s, but a token has only %s", quote(string(c)), has)
}

func alphanumeric(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// dkim reads how an identity signs. Where it belongs to a sender, the sender
// keeps the key, and the selector may be alone.
func (r *reader) dkim(p pair, sender bool) *DKIM {
	d := &DKIM{Place: p.at}
	switch v := p.value; {
	case v.is("none"):
		d.None = true
	case v.is("easy"):
		d.Easy = true
	case v.list() && len(v.node.Content) > 0:
		d.Tokens = r.dkimTokens(p)
	case v.mapping():
		r.dkimFields(d, v, sender)
	default:
		r.wrong(v, "dkim", "the list of tokens, {selector: …, public_key: …}, easy or none")
	}
	return d
}

// dkimFields reads the long form: Easy DKIM, or a key of one's own.
func (r *reader) dkimFields(d *DKIM, v value, sender bool) {
	f := r.fields(v, dkimLevel)
	easy := f.has("tokens") || f.has("signing_hosted_zone")
	own := f.has("selector") || f.has("public_key")
	switch {
	case easy && own:
		r.bad(v, "dkim has both tokens (Easy DKIM) and a selector (your own key), but an identity signs with only one of them; remove the other")
		return
	case own && f.lacks("public_key") && !sender:
		r.bad(v, "dkim has a selector but no public_key; add the key that is published there")
	case own && f.lacks("selector"):
		r.bad(v, "dkim has a public_key but no selector; add the selector where it is published")
	case !own && f.lacks("tokens"):
		r.bad(v, "dkim has no tokens; list those that SES shows, or write dkim: none")
	}
	readKeys(r, dkimKeys, d, setting{of: v, beside: f})
}

func (r *reader) dkimTokenList(p pair) []At[string] {
	if !p.value.list() || len(p.value.node.Content) == 0 {
		r.wrong(p.value, "tokens", "a list, such as [a, b, c]")
		return nil
	}
	return r.dkimTokens(p)
}

func (r *reader) dkimTokens(p pair) []At[string] {
	return r.tokens(p, "DKIM token", "the token alone", dkimToken)
}

// dkimToken reads one token of Easy DKIM.
func dkimToken(s string) (token, wrong string) {
	if first, _, dotted := strings.Cut(s, "."); dotted && first != "" && strings.Trim(strings.ToLower(first), "abcdefghijklmnopqrstuvwxyz0123456789") == "" {
		return "", "is a name; write only the token" + didYouMean(first)
	}
	for _, c := range s {
		if !alphanumeric(c) {
			return "", stray(c, "letters and digits")
		}
	}
	switch {
	case len(s) > 63:
		return "", "is longer than 63 characters, the limit of a DNS label; copy it again"
	case s == "none":
		return "", "is in a list; write dkim: none"
	case s == "easy":
		return "", "is in a list; write dkim: easy"
	}
	return strings.ToLower(s), "" // it is a label, and labels have no case
}

func (r *reader) selector(p pair) At[string] {
	s, ok := r.word(p.value, "selector", "the selector, such as s1")
	if !ok {
		return At[string]{}
	}
	selector, wrong := selectorWord(s)
	if wrong != "" {
		r.bad(p.value, "selector %s %s", quote(s), wrong)
		return At[string]{}
	}
	return At[string]{selector, p.at}
}

// selectorWord reads a BYODKIM selector: 1 to 63 letters, digits and inner
// hyphens (SES API v2, DkimSigningAttributes).
func selectorWord(s string) (selector, wrong string) {
	if first, _, dotted := strings.Cut(s, "._domainkey"); dotted {
		return "", "is a name; write only the selector" + didYouMean(quote(first))
	}
	for _, c := range s {
		if !alphanumeric(c) && c != '-' {
			return "", fmt.Sprintf("has the character %s, but Amazon SES accepts only letters, digits and hyphens", quote(string(c)))
		}
	}
	switch {
	case len(s) > 63:
		return "", fmt.Sprintf("has %d characters, but Amazon SES accepts at most 63", len(s))
	case s != "" && !ses.IsSelector(s):
		return "", "begins or ends with a hyphen, but Amazon SES accepts hyphens only inside"
	}
	return strings.ToLower(s), ""
}

func (r *reader) publicKey(p pair) At[string] {
	s, ok := r.word(p.value, "public_key", "the public key in base64")
	if !ok {
		return At[string]{}
	}
	key, err := dkim.ParsePublic(s)
	if other, e := dkim.ParsePublic("k=ed25519; p=" + s); e == nil {
		key, err = other, nil
	}
	switch {
	case err != nil:
		r.bad(p.value, "public_key cannot be read: %v; write the output of `openssl rsa -pubout`", err)
		return At[string]{}
	case key.Type != dkim.RSA:
		r.bad(p.value, "public_key is an Ed25519 key; Amazon SES signs only with RSA keys")
		return At[string]{}
	}
	return At[string]{key.Base64(), p.at}
}

func (r *reader) mailFrom(p pair, domain record.Name) *MailFrom {
	const want = "a label such as bounce, a full name under the domain, or {name: bounce}"
	m := &MailFrom{Place: p.at}
	if p.value.scalar() {
		m.Name = r.mailFromName(p, domain, want)
		return m
	}
	if !p.value.mapping() {
		r.wrong(p.value, "mail_from", want)
		return m
	}
	readKeys(r, mailFromKeys, m, setting{domain, p.value, r.fields(p.value, mailFromLevel)})
	return m
}

func (r *reader) onMXFailure(p pair) At[string] {
	s, ok := r.oneOf(p.value, "on_mx_failure", []string{"reject", "use_default"}, map[string]string{
		"reject_message": "reject", "rejectmessage": "reject", "use_default_value": "use_default", "usedefaultvalue": "use_default", "default": "use_default",
	})
	if !ok {
		return At[string]{}
	}
	return At[string]{r.intern(s), p.at}
}

// mailFromName reads a name that has to lie under its domain (developer guide,
// "Using a custom MAIL FROM domain").
func (r *reader) mailFromName(p pair, domain record.Name, want string) At[record.Name] {
	s, ok := r.word(p.value, "mail_from", want)
	if !ok {
		return At[record.Name]{}
	}
	n, err := mailFromUnder(s, domain)
	if err != nil {
		r.bad(p.value, "mail_from %s %v", quote(s), err)
		return At[record.Name]{}
	}
	return At[record.Name]{n, p.at}
}

func mailFromUnder(s string, domain record.Name) (record.Name, error) {
	n, err := complete(s, domain)
	switch {
	case err != nil || domain == "":
		return n, err
	case n == domain:
		return "", errors.New("is the domain itself; Amazon SES needs a subdomain, such as bounce")
	case !n.Below(domain):
		return "", fmt.Errorf("is not under %s; write a label such as bounce, or a full name under the domain", domain)
	}
	return n, nil
}

func (r *reader) receiving(p pair) *Receiving {
	in := &Receiving{Place: p.at}
	if !p.value.mapping() {
		on, ok := r.boolean(p.value, "receiving", "true, or {host: …} for Mail Manager")
		if !ok || !on {
			return nil // `false` is how a domain says no to `defaults`
		}
		return in
	}
	in.Host = &At[record.Name]{Place: p.at}
	readKeys(r, receivingKeys, in, setting{of: p.value, beside: r.fields(p.value, receivingLevel)})
	return in
}

func (r *reader) tracking(p pair, domain record.Name) *Tracking {
	const want = "a label such as click, a full name, or {name: click, target: …}"
	t := &Tracking{Place: p.at}
	if !p.value.mapping() {
		t.Name = r.trackingName(p, domain, want, false)
		return t
	}
	readKeys(r, trackingKeys, t, setting{domain, p.value, r.fields(p.value, trackingLevel)})
	return t
}

// trackingName reads a name that need not lie under the domain. With a target
// it may be the domain itself: an alias is no CNAME.
func (r *reader) trackingName(p pair, domain record.Name, want string, alias bool) At[record.Name] {
	s, ok := r.word(p.value, "tracking", want)
	if !ok {
		return At[record.Name]{}
	}
	n, err := complete(s, domain)
	switch {
	case err != nil:
		r.bad(p.value, "tracking %s %v", quote(s), err)
		return At[record.Name]{}
	case n == domain && !alias:
		r.bad(p.value, "tracking %s is the domain itself, which cannot be a CNAME; write a subdomain, such as click", quote(s))
		return At[record.Name]{}
	}
	return At[record.Name]{n, p.at}
}

// hostAt reads a host name. A wrong one is given all the same: it replaces the
// host of the region.
func (r *reader) hostAt(p pair) *At[record.Name] {
	at := &At[record.Name]{Place: p.at}
	s, ok := r.word(p.value, p.key, "a full name")
	if !ok {
		return at
	}
	n, err := host(s)
	if err == nil && n.Labels() < 2 {
		err = errOneLabel
	}
	if err != nil {
		r.bad(p.value, "%s %s %v", p.key, quote(s), err)
		return at
	}
	at.Value = n
	return at
}

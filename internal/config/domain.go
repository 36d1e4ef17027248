package config

import (
	"fmt"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// identityKeys are the keys of an SES identity. A domain with one identity has
// them itself.
var identityKeys = map[string]bool{
	"region": true, "verification": true, "dkim": true, "mail_from": true, "receiving": true, "tracking": true,
}

// domain reads one domain. defaults are the entries that its own replace.
func (p *parser) domain(name record.Name, key, value *yaml.Node, defaults []entry) Domain {
	d := Domain{Name: name, Written: key.Value, Place: p.span(key, value)}
	var own []entry
	if v := p.deref(value); v.Kind != yaml.ScalarNode || v.Tag != "!!null" { // a domain may have nothing of its own
		own = p.entries(value, "domain "+string(name))
	}
	what := "domain " + string(name)
	several := false
	for _, e := range own {
		several = several || e.key.Value == "identities"
	}
	one := Identity{Place: p.place(key)}
	readers := p.domainReaders(&d)
	for k, r := range p.identityReaders(name, &one) {
		readers[k] = r
	}
	if several {
		for k := range identityKeys {
			readers[k] = func(e entry) {
				p.bad(e.key, "%s stands beside identities; move it into the items of identities", e.key.Value)
			}
		}
		readers["identities"] = func(e entry) { d.Identities = p.identities(name, e, defaults) }
	} else {
		readers["identities"] = nil // known, so that nothing else is meant by it
	}
	p.read(own, what, readers)
	p.fill(d.Place, own, defaults, what, readers, func(k string) bool { return !several || !identityKeys[k] })
	if !several {
		p.needRegion(key, &one)
		d.Identities = []Identity{one}
	}
	return d
}

// fill reads those defaults that the own entries do not replace, as if they
// stood at the place given.
func (p *parser) fill(at Place, own, defaults []entry, what string, readers map[string]reader, wanted func(string) bool) {
	p.override = &at
	defer func() { p.override = nil }()
	have := map[string]bool{}
	for _, e := range own {
		have[e.key.Value] = true
	}
	for _, e := range defaults {
		if !have[e.key.Value] && wanted(e.key.Value) {
			p.read([]entry{e}, what, readers)
		}
	}
}

// domainReaders read what belongs to the domain itself.
func (p *parser) domainReaders(d *Domain) map[string]reader {
	return map[string]reader{
		"spf":   func(e entry) { d.SPF = p.spf(e) },
		"dmarc": func(e entry) { d.DMARC = p.dmarc(e) },
		"pending_until": func(e entry) {
			if t, ok := p.date(e); ok {
				d.PendingUntil = &t
			}
		},
	}
}

func (p *parser) identityReaders(domain record.Name, id *Identity) map[string]reader {
	return map[string]reader{
		"region":       func(e entry) { id.Region = p.region(e) },
		"verification": func(e entry) { id.Verification = p.verifications(e) },
		"dkim":         func(e entry) { id.DKIM = p.dkim(e) },
		"mail_from":    func(e entry) { id.MailFrom = p.mailFrom(domain, e) },
		"receiving":    func(e entry) { id.Receiving = p.receiving(e) },
		"tracking":     func(e entry) { id.Tracking = p.tracking(domain, e) },
	}
}

func (p *parser) identities(domain record.Name, e entry, defaults []entry) []Identity {
	list := p.deref(e.value)
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		p.bad(e.value, "identities takes a list of identities, each with its region")
		return nil
	}
	if len(list.Content) > MaxIdentities {
		p.bad(e.key, "%s has %d identities; at most %d are read", domain, len(list.Content), MaxIdentities)
		return nil
	}
	var all []Identity
	for _, n := range list.Content {
		id := Identity{Place: p.place(n)}
		what := "an item of identities"
		readers := p.identityReaders(domain, &id)
		own := p.entries(n, what)
		p.read(own, what, readers)
		p.fill(id.Place, own, defaults, what, readers, func(k string) bool { return identityKeys[k] })
		p.needRegion(n, &id)
		all = append(all, id)
	}
	return all
}

// needRegion tells where records cannot be named without a region.
func (p *parser) needRegion(at *yaml.Node, id *Identity) {
	if id.Region.Value != "" || id.Region.Place.Line != 0 {
		return
	}
	var needs []string
	if id.MailFrom != nil {
		needs = append(needs, "mail_from")
	}
	if id.DKIM != nil && len(id.DKIM.Tokens) > 0 && id.DKIM.SigningHostedZone == nil {
		needs = append(needs, "dkim")
	}
	if id.Receiving != nil && id.Receiving.Host == nil {
		needs = append(needs, "receiving")
	}
	if id.Tracking != nil && id.Tracking.Target == nil {
		needs = append(needs, "tracking")
	}
	if len(needs) > 0 {
		p.bad(at, "region is missing; the records of %s depend on it (such as region: eu-west-1)", strings.Join(needs, ", "))
	}
}

func (p *parser) verifications(e entry) (all []At[string]) {
	p.list(e, func(n *yaml.Node) {
		if t, ok := p.verification(n); ok {
			all = p.once(all, t, n)
		}
	})
	if p.deref(e.value).Kind == yaml.ScalarNode && len(all) == 1 {
		all[0].Place = p.span(e.key, e.value)
	}
	return all
}

// once adds a token that must not stand in the list already.
func (p *parser) once(all []At[string], t At[string], n *yaml.Node) []At[string] {
	for _, other := range all {
		if other.Value == t.Value {
			p.bad(n, "token %s stands twice in the list", untrusted.Quote(t.Value))
			return all
		}
	}
	return append(all, t)
}

func (p *parser) dkim(e entry) *DKIM {
	d := &DKIM{Place: p.span(e.key, e.value)}
	tokens := func(e entry) {
		p.list(e, func(n *yaml.Node) {
			if t, ok := p.token(n); ok {
				d.Tokens = p.once(d.Tokens, t, n)
			}
		})
	}
	switch v := p.deref(e.value); v.Kind {
	case yaml.SequenceNode:
		tokens(e)
		if len(v.Content) == 0 {
			p.bad(e.value, "dkim is empty; list the three tokens, or say none")
		}
	case yaml.MappingNode:
		p.fields(e.value, "dkim", map[string]reader{
			"tokens": tokens,
			"signing_hosted_zone": func(e entry) {
				if n, ok := p.name(e); ok {
					d.SigningHostedZone = &n
				}
			},
			"selector":   func(e entry) { d.Selector = p.selector(e) },
			"public_key": func(e entry) { d.PublicKey = p.publicKey(e) },
		})
		p.dkimShape(e, d)
	default:
		if v.Value != "none" {
			p.bad(e.value, "dkim takes the three tokens as a list, {selector, public_key}, or none")
		}
		d.None = true
	}
	return d
}

// dkimShape tells keys that do not go together.
func (p *parser) dkimShape(e entry, d *DKIM) {
	has := map[string]bool{}
	for _, f := range p.entries(e.value, "dkim") {
		has[f.key.Value] = true
	}
	easy := has["tokens"] || has["signing_hosted_zone"]
	own := has["selector"] || has["public_key"]
	switch {
	case easy && own:
		p.bad(e.key, "dkim has tokens (Easy DKIM) and a selector (your own key); an identity has one of them")
	case own && !has["selector"]:
		p.bad(e.key, "dkim has a public_key and no selector")
	case own && !has["public_key"]:
		p.bad(e.key, "dkim has a selector and no public_key; without it the published key cannot be compared")
	case !own && !has["tokens"]:
		p.bad(e.key, "dkim has no tokens; list the three that SES shows")
	}
}

func (p *parser) selector(e entry) At[string] {
	v, ok := p.text(e)
	if ok && (!isAlphanumeric(v.Value) || len(v.Value) > 63) {
		p.bad(e.value, "selector %s: SES takes 1 to 63 letters and digits", untrusted.Quote(v.Value))
	}
	v.Value = strings.ToLower(v.Value)
	return v
}

func (p *parser) publicKey(e entry) At[string] {
	v, ok := p.text(e)
	if !ok {
		return v
	}
	key, err := dkim.ParsePublic(v.Value)
	if err != nil {
		p.bad(e.value, "public_key: %s", err)
		return At[string]{}
	}
	v.Value = key.Base64()
	return v
}

func (p *parser) mailFrom(domain record.Name, e entry) *MailFrom {
	m := &MailFrom{Place: p.span(e.key, e.value)}
	switch p.deref(e.value).Kind {
	case yaml.MappingNode:
		p.fields(e.value, "mail_from", map[string]reader{
			"name":          func(e entry) { m.Name, _ = p.under(domain, e, e.value, "the MAIL FROM name") },
			"on_mx_failure": func(e entry) { m.OnMXFailure, _ = p.word(e, "reject", "use_default") },
			"spf":           func(e entry) { m.SPF = p.spf(e) },
		})
		if m.Name.Value == "" && m.Name.Place.Line == 0 {
			p.bad(e.key, "mail_from has no name")
		}
	default:
		m.Name, _ = p.under(domain, e, e.value, "the MAIL FROM name")
	}
	return m
}

func (p *parser) receiving(e entry) *Receiving {
	r := &Receiving{Place: p.span(e.key, e.value)}
	if p.deref(e.value).Kind == yaml.MappingNode {
		p.fields(e.value, "receiving", map[string]reader{"host": func(e entry) {
			if n, ok := p.name(e); ok {
				r.Host = &n
			}
		}})
		if len(p.entries(e.value, "receiving")) == 0 {
			p.bad(e.key, "receiving takes true, or {host: …} for Mail Manager")
		}
		return r
	}
	on, ok := p.boolean(e)
	if !ok || !on {
		return nil
	}
	return r
}

func (p *parser) tracking(domain record.Name, e entry) *Tracking {
	t := &Tracking{Place: p.span(e.key, e.value)}
	if p.deref(e.value).Kind != yaml.MappingNode {
		t.Name, _ = p.under(domain, e, e.value, "the tracking name")
		return t
	}
	p.fields(e.value, "tracking", map[string]reader{
		"name": func(e entry) { t.Name, _ = p.under(domain, e, e.value, "the tracking name") },
		"target": func(e entry) {
			if n, ok := p.name(e); ok {
				t.Target = &n
			}
		},
	})
	if t.Name.Value == "" && t.Name.Place.Line == 0 {
		p.bad(e.key, "tracking has no name")
	}
	return t
}

func (p *parser) spf(e entry) *SPF {
	s := &SPF{Place: p.span(e.key, e.value), Exact: true}
	includes := func(e entry) {
		p.list(e, func(n *yaml.Node) {
			if i, ok := p.include(n); ok {
				s.Includes = append(s.Includes, i)
			}
		})
	}
	switch v := p.deref(e.value); v.Kind {
	case yaml.SequenceNode:
		includes(e)
	case yaml.MappingNode:
		p.fields(e.value, "spf", map[string]reader{
			"includes": includes,
			"exact": func(e entry) {
				if b, ok := p.boolean(e); ok {
					s.Exact = b
				}
			},
			"all": func(e entry) {
				if w, ok := p.word(e, "-all", "~all", "?all"); ok {
					s.All = &w
				}
			},
		})
	default:
		if v.Value != "none" {
			p.bad(e.value, "spf takes the includes as a list, {includes, exact, all}, or none")
		}
		s.None = true
	}
	for i, a := range s.Includes {
		for _, b := range s.Includes[:i] {
			if a.Value == b.Value {
				p.problems = append(p.problems, Problem{p.file, a.Place.Line, a.Place.Column, fmt.Sprintf("include %s stands twice in the list", a.Value)})
			}
		}
	}
	return s
}

// include reads an include's target. One with macros is kept as text: it is
// compared with the live one as such.
func (p *parser) include(n *yaml.Node) (At[record.Name], bool) {
	at := At[record.Name]{Place: p.place(n)}
	s, ok := p.scalar(n, "an include")
	if !ok {
		return at, false
	}
	bare := strings.TrimLeft(s, "+-~?")
	if rest, is := strings.CutPrefix(strings.ToLower(bare), "include:"); is {
		p.bad(n, "%s is the whole term; give the included name alone: %s", untrusted.Quote(s), untrusted.Quote(rest))
		return at, false
	}
	for _, other := range []string{"ip4:", "ip6:", "a:", "mx:", "ptr:", "exists:", "redirect=", "exp="} {
		if strings.HasPrefix(strings.ToLower(bare), other) {
			p.bad(n, "%s is no include; the list has the included names only", untrusted.Quote(s))
			return at, false
		}
	}
	if strings.HasSuffix(strings.ToLower(bare), "all") && len(bare) <= 3 {
		p.bad(n, "%s is no include; give it as all: %s", untrusted.Quote(s), untrusted.Quote(s))
		return at, false
	}
	var err error
	if strings.Contains(s, "%{") {
		at.Value, err = record.ParseName(s)
	} else {
		at.Value, err = hostName(s)
	}
	if err != nil {
		p.bad(n, "include: %s", err)
	}
	return at, err == nil
}

func (p *parser) dmarc(e entry) *DMARC {
	d := &DMARC{Place: p.span(e.key, e.value)}
	policies := []string{"none", "quarantine", "reject"}
	word := func(to **At[string], words ...string) reader {
		return func(e entry) {
			if w, ok := p.word(e, words...); ok {
				*to = &w
			}
		}
	}
	if p.deref(e.value).Kind != yaml.MappingNode {
		word(&d.Policy, policies...)(e)
		return d
	}
	p.fields(e.value, "dmarc", map[string]reader{
		"policy":           word(&d.Policy, policies...),
		"subdomain_policy": word(&d.SubdomainPolicy, policies...),
		"np":               word(&d.NP, policies...),
		"aspf":             word(&d.ASPF, "r", "s"),
		"adkim":            word(&d.ADKIM, "r", "s"),
		"rua": func(e entry) {
			p.list(e, func(n *yaml.Node) {
				s, ok := p.scalar(n, "rua")
				if !ok {
					return
				}
				if u := dmarc.ParseURI(untrusted.New(s)); u.Wrong != "" {
					p.bad(n, "rua %s: %s", untrusted.Quote(s), u.Wrong)
					return
				}
				d.RUA = append(d.RUA, At[string]{s, p.place(n)})
			})
		},
	})
	return d
}

// date reads a day. It begins at midnight UTC.
func (p *parser) date(e entry) (At[time.Time], bool) {
	v, ok := p.text(e)
	if !ok {
		return At[time.Time]{}, false
	}
	t, err := time.Parse(time.DateOnly, v.Value)
	if err != nil {
		p.bad(e.value, "%s: %s is no date; write it as 2026-12-31", e.key.Value, untrusted.Quote(v.Value))
		return At[time.Time]{}, false
	}
	return At[time.Time]{t, v.Place}, true
}

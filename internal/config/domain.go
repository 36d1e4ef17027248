package config

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
)

// domains reads a mapping of domains, one at a time.
func (r *reader) domains(v value) {
	switch {
	case v.list():
		r.bad(v, "domains is a list; write each domain without a dash, such as `example.com:`, with its keys indented below it")
		return
	case !v.mapping():
		r.wrong(v, "domains", "names of domains, such as `example.com:`, each with its keys below it")
		return
	}
	ps := r.pairs(v)
	if len(ps) == 0 && r.count() == 0 {
		r.wrong(v, "domains", "at least one domain")
	}
	if v.fixed == nil {
		v.node.Content = nil // let the nodes go that are read
	}
	for i, p := range ps {
		r.domain(p)
		ps[i] = pair{}
	}
}

func (r *reader) domain(p pair) {
	name, err := DomainName(p.key)
	if where := strayKey(p.key, err); where != "" {
		if !r.strayed { // the keys behind it have strayed with it
			r.badKey(p, "%s is not a domain; it is a key that belongs %s, so check its indentation", quote(p.key), where)
		}
		r.strayed = true
		return
	}
	r.strayed = false
	if err != nil {
		r.badKey(p, "domain %s %v", quote(p.key), err)
	} else if first, ok := r.seen[name]; ok {
		r.badKey(p, "domain %s is listed twice, first in %s; keep one", quote(p.key), r.lineOf(first))
	} else if len(r.seen) == MaxDomains {
		r.badKey(p, "there are more than %d domains; check them in several runs", MaxDomains)
	}
	if err == nil && len(r.seen) <= MaxDomains {
		if _, ok := r.seen[name]; !ok {
			r.seen[name] = p.at
		}
	}
	d := Domain{Name: name, Written: strings.TrimSuffix(p.key, "."), Place: p.at}
	var own fields
	switch {
	case p.value.mapping():
		own = r.fields(p.value, domainLevel)
	case !p.value.null():
		r.wrong(p.value, "domain "+quote(p.key), "keys of a domain, such as region: eu-west-1")
		return
	}
	if r.spent(p.at) {
		return
	}
	// With nothing listed at all, it is still checked that the domain exists.
	r.expect(&d, own, own.with(r.defaults, domainLevel, p.at))
	r.file.Domains = append(r.file.Domains, d)
}

// strayKey is where a key goes that is among the domains, or "" if it is a
// domain, or nothing known.
func strayKey(key string, err error) string {
	if err == nil || strings.Trim(fold(key), "abcdefghijklmnopqrstuvwxyz_") != "" || strings.Contains(key, ".") {
		return ""
	}
	for _, l := range levels {
		if near, _ := nearest(fold(key), l.keys); near != "" && len(key) > 2 || slices.Contains(l.keys, key) {
			return l.where
		}
	}
	return ""
}

// expect reads the keys of a domain: own are those in its part of the file, all
// includes those of defaults.
func (r *reader) expect(d *Domain, own, all fields) {
	if all.has("identities") {
		r.identities(d, own, all)
	} else {
		d.Identities = []Identity{r.identity(all, d.Place, d.Name)}
	}
	readKeys(r, DomainKeys, d, setting{domain: d.Name, beside: all})
}

// with adds the keys of defaults that f does not have. Their values get the place
// of the domain or identity that uses them.
func (f fields) with(defaults fields, l *level, at Place) fields {
	f = slices.Clip(f)
	at.EndLine = at.Line
	for _, p := range defaults {
		if slices.Contains(l.keys, p.key) && !f.has(p.key) {
			p.at = at
			if p.value.node != nil {
				p.value.fixed = &at
			}
			f = append(f, p)
		}
	}
	return f
}

// readDefaults reads the keys of defaults once, to report their mistakes there.
// Mistakes that depend on a domain are reported at the domain.
func (r *reader) readDefaults(v value) {
	if !v.mapping() {
		r.wrong(v, "defaults", "keys of a domain, such as region: eu-west-1")
		return
	}
	r.defaults = append(r.defaults, r.fields(v, defaultsLevel)...)
	for i, p := range r.defaults {
		if p.value.node == nil {
			continue
		}
		before := r.count()
		r.expect(&Domain{Place: p.at}, nil, fields{p})
		if r.count() > before {
			r.defaults[i].value.node = nil
		}
	}
}

func (r *reader) identities(d *Domain, own, all fields) {
	p, ok := all.get("identities")
	var beside fields
	var keys []string
	for _, p := range own {
		if slices.Contains(identityLevel.keys, p.key) {
			beside, keys = append(beside, p), append(keys, p.key)
		}
	}
	switch {
	case len(beside) == 0:
	case own.has("identities"):
		r.badKey(beside[0], "%s must be in each of the identities, not next to them", shorten.Words(keys, "and"))
	default:
		r.badKey(beside[0], "%s cannot be combined with the identities of defaults; write the domain's own identities", shorten.Words(keys, "and"))
	}
	switch {
	case !ok:
		return
	case !p.value.list() || len(p.value.node.Content) == 0:
		r.wrong(p.value, "identities", "a list of identities, such as {region: eu-west-1, mail_from: bounce}")
		return
	case len(p.value.node.Content) > MaxIdentities:
		r.bad(p.value, "identities has %d items, and the limit is %d; remove some", len(p.value.node.Content), MaxIdentities)
		return
	}
	for _, item := range r.items(p.value) {
		if !item.mapping() {
			r.wrong(item, "this identity", "keys such as {region: eu-west-1, mail_from: bounce}")
			continue
		}
		f := r.fields(item, identityLevel).with(r.defaults, identityLevel, d.Place)
		d.Identities = append(d.Identities, r.identity(f, r.place(item), d.Name))
	}
}

// identity reads the keys of one identity. In defaults there is no domain.
func (r *reader) identity(f fields, at Place, domain record.Name) Identity {
	id := Identity{Place: at}
	readKeys(r, IdentityKeys, &id, setting{domain: domain, beside: f})
	id.layOut(domain)
	if !f.has("region") && domain != "" {
		r.needRegion(f, &id)
	}
	return id
}

// needRegion reports records that have the region in their value.
func (r *reader) needRegion(f fields, id *Identity) {
	var needs []string
	for _, k := range RecordKeys {
		if k.regional != nil && k.Given(id) && k.regional(id) {
			needs = append(needs, k.name)
		}
	}
	if len(needs) == 0 {
		return
	}
	verb := "needs"
	if len(needs) > 1 {
		verb = "need"
	}
	p, _ := f.get(needs[0])
	r.problem(p.at, "%s %s a region; add one, such as region: eu-west-1", shorten.Words(needs, "and"), verb)
}

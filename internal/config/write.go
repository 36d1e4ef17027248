package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Entry is a domain to be written, with what there is to say of it to whoever
// reads the file. Places do not matter.
type Entry struct {
	Domain Domain
	Notes  []string // sentences, one line each
}

// header is where every file begins that is written anew.
const header = "# yaml-language-server: $schema=" + SchemaURL + "\nversion: 1\n"

// SchemaURL is where editors find the JSON Schema of the file.
const SchemaURL = "https://raw.githubusercontent.com/sescheck/sescheck/main/docs/sescheck.schema.json"

// Write writes a whole file: sorted by name, in the shortest form that says it
// all. What most of the domains share stands in defaults, if all have that key.
func Write(entries []Entry) []byte {
	entries = sortedEntries(entries)
	shared := sharedBy(entries)
	var b strings.Builder
	b.WriteString(header)
	if len(shared) > 0 {
		b.WriteString("\ndefaults:\n" + term{pairs: shared}.block(2, 2))
	}
	b.WriteString("\ndomains:\n")
	for i, e := range entries {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(e.block(without(pairsOf(&e.Domain), shared), 2, 2))
	}
	return []byte(b.String())
}

// ReadBack returns an error unless a file that was written says of each domain
// what its entry does.
func ReadBack(text []byte, entries []Entry) error {
	file, problems := Parse("import", text)
	if len(problems) > 0 {
		return &Wrong{problems}
	}
	for i, e := range sortedEntries(entries) {
		if i >= len(file.Domains) || file.Domains[i].Name != e.Domain.Name || said(&file.Domains[i]) != said(&e.Domain) {
			return fmt.Errorf("what was found of %s cannot be written so that it reads back", e.Domain.Name)
		}
	}
	return nil
}

func sortedEntries(entries []Entry) []Entry {
	return slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return cmp.Compare(a.Domain.Name, b.Domain.Name) })
}

// block writes the entry's part of a file, of which pairs are the keys.
func (e Entry) block(pairs []keyed, indent, step int) string {
	var b strings.Builder
	margin := strings.Repeat(" ", indent)
	for _, n := range e.Notes {
		b.WriteString(margin + "# " + untrusted.Line(n) + "\n")
	}
	b.WriteString(margin + word(string(e.Domain.Name)) + ":\n" + term{pairs: pairs}.block(indent+step, step))
	return b.String()
}

// sharedBy returns region and dmarc as more than half of the domains have them,
// where every domain has one: a default reaches all that say nothing.
func sharedBy(entries []Entry) (shared []keyed) {
	for _, key := range []string{"region", "dmarc"} {
		counts := map[string]int{}
		var most keyed
		whole := len(entries) > 1
		for _, e := range entries {
			values := valuesOf(e.Domain, key)
			whole = whole && len(values) > 0
			for _, p := range values {
				whole = whole && p.value.flow() != `""`
				if counts[p.flow()]++; counts[p.flow()] > counts[most.flow()] || most.key == "" {
					most = p
				}
			}
		}
		if n := counts[most.flow()]; whole && n > 1 && 2*n > len(entries) {
			shared = append(shared, most)
		}
	}
	return shared
}

// valuesOf returns what a domain says of the key, once for each identity.
func valuesOf(d Domain, key string) (all []keyed) {
	if key == "region" {
		for _, id := range d.Identities {
			all = append(all, keyed{key, term{word: id.Region.Value}})
		}
		return all
	}
	for _, p := range pairsOf(&d) {
		if p.key == key {
			all = append(all, p)
		}
	}
	return all
}

// without leaves out what defaults say already, in each of the identities too.
func without(pairs, defaults []keyed) []keyed {
	said := func(p keyed) bool {
		return slices.ContainsFunc(defaults, func(d keyed) bool { return d.flow() == p.flow() })
	}
	left := []keyed{}
	for _, p := range pairs {
		if p.key == "identities" {
			all := term{list: []term{}}
			for _, id := range p.value.list {
				all.list = append(all.list, term{pairs: without(id.pairs, defaults)})
			}
			p.value = all
		}
		if !said(p) {
			left = append(left, p)
		}
	}
	return left
}

// pairsOf returns the keys of a domain that say all that d does, in the order
// of the manual.
func pairsOf(d *Domain) []keyed {
	pairs := []keyed{}
	switch len(d.Identities) {
	case 0:
	case 1:
		pairs = identityPairs(d.Identities[0], d.Name)
	default:
		pairs = append(pairs, keyed{"identities", identitiesTerm(d.Identities, d.Name)})
	}
	if d.SPF != nil {
		pairs = append(pairs, keyed{"spf", d.SPF.term()})
	}
	if d.DMARC != nil {
		pairs = append(pairs, keyed{"dmarc", d.DMARC.term()})
	}
	if d.PendingUntil != nil {
		pairs = append(pairs, keyed{"pending_until", term{word: d.PendingUntil.Value.Format(time.DateOnly)}})
	}
	return pairs
}

func identitiesTerm(ids []Identity, domain record.Name) term {
	all := term{list: []term{}}
	for _, id := range ids {
		all.list = append(all.list, term{pairs: identityPairs(id, domain)})
	}
	return all
}

func identityPairs(id Identity, domain record.Name) []keyed {
	pairs := []keyed{}
	add := func(key string, t term) { pairs = append(pairs, keyed{key, t}) }
	if id.Region.Value != "" {
		add("region", term{word: id.Region.Value})
	}
	switch len(id.Verification) {
	case 0:
	case 1:
		add("verification", term{word: id.Verification[0].Value})
	default:
		add("verification", listOf(valuesAt(id.Verification)))
	}
	if id.DKIM != nil {
		add("dkim", id.DKIM.term(id.Region.Value))
	}
	if id.MailFrom != nil {
		add("mail_from", id.MailFrom.term(domain))
	}
	if r := id.Receiving; r != nil && r.Host != nil {
		add("receiving", term{pairs: []keyed{{"host", nameTerm(r.Host.Value)}}})
	} else if r != nil {
		add("receiving", term{word: "true"})
	}
	if t := id.Tracking; t != nil && t.Target != nil {
		add("tracking", term{pairs: []keyed{{"name", term{word: shortened(t.Name.Value, domain)}}, {"target", nameTerm(t.Target.Value)}}})
	} else if t != nil {
		add("tracking", term{word: shortened(t.Name.Value, domain)})
	}
	return pairs
}

func (d *DKIM) term(region string) term {
	var pairs []keyed
	switch {
	case d.None:
		return term{word: "none"}
	case d.Easy:
		return term{word: "easy"}
	case d.Selector.Value != "":
		return term{pairs: []keyed{{"selector", term{word: d.Selector.Value}}, {"public_key", term{word: d.PublicKey.Value}}}}
	case d.SigningHostedZone == nil || region != "" && d.SigningHostedZone.Value == ses.DKIMZone(region):
		return listOf(valuesAt(d.Tokens))
	}
	pairs = append(pairs, keyed{"signing_hosted_zone", nameTerm(d.SigningHostedZone.Value)}, keyed{"tokens", listOf(valuesAt(d.Tokens))})
	return term{pairs: pairs}
}

func (m *MailFrom) term(domain record.Name) term {
	name := term{word: shortened(m.Name.Value, domain)}
	if m.OnMXFailure.Value == "" && m.SPF == nil {
		return name
	}
	pairs := []keyed{{"name", name}}
	if m.OnMXFailure.Value != "" {
		pairs = append(pairs, keyed{"on_mx_failure", term{word: m.OnMXFailure.Value}})
	}
	if m.SPF != nil {
		pairs = append(pairs, keyed{"spf", m.SPF.term()})
	}
	return term{pairs: pairs}
}

func (s *SPF) term() term {
	if s.None {
		return term{word: "none"}
	}
	var names []string
	for _, n := range s.Includes {
		names = append(names, unescaped(n.Value))
	}
	includes := listOf(names)
	if s.Exact && s.All == nil {
		return includes
	}
	pairs := []keyed{}
	if s.Exact || len(names) > 0 {
		pairs = append(pairs, keyed{"includes", includes})
	}
	if !s.Exact {
		pairs = append(pairs, keyed{"exact", term{word: "false"}})
	}
	if s.All != nil {
		pairs = append(pairs, keyed{"all", term{word: s.All.Value}})
	}
	return term{pairs: pairs}
}

func (d *DMARC) term() term {
	pairs := []keyed{}
	for _, tag := range []struct {
		key   string
		value *At[string]
	}{{"policy", d.Policy}, {"subdomain_policy", d.SubdomainPolicy}, {"np", d.NP}, {"aspf", d.ASPF}, {"adkim", d.ADKIM}} {
		if tag.value != nil {
			pairs = append(pairs, keyed{tag.key, term{word: tag.value.Value}})
		}
	}
	if len(d.RUA) > 0 {
		pairs = append(pairs, keyed{"rua", listOf(valuesAt(d.RUA))})
	}
	if len(pairs) == 1 && d.Policy != nil {
		return pairs[0].value
	}
	return term{pairs: pairs}
}

func valuesAt(all []At[string]) (values []string) {
	for _, at := range all {
		values = append(values, at.Value)
	}
	return values
}

func nameTerm(n record.Name) term { return term{word: string(n)} }

// shortened returns a name as a label, where it is one under the domain.
func shortened(n, domain record.Name) string {
	if n.Parent() == domain && !off(n.FirstLabel()) {
		return n.FirstLabel()
	}
	return string(n)
}

// unescaped writes a name as it stands in a record: an include with macros is
// compared as text, `%{i}._spf.example.com`.
func unescaped(n record.Name) string {
	var b strings.Builder
	for s := string(n); s != ""; {
		var octet int
		if s[0] == '\\' {
			if k, _ := fmt.Sscanf(s[1:4], "%d", &octet); k == 1 && octet > ' ' && octet < 0x7f && octet != '\\' && octet != '.' {
				b.WriteByte(byte(octet))
				s = s[4:]
				continue
			}
			b.WriteString(s[:4])
			s = s[4:]
			continue
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

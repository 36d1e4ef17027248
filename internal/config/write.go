package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Entry is a domain to be written, with notes for the reader of the file. Places
// do not matter.
type Entry struct {
	Domain Domain
	Notes  []string // sentences, one line each
}

// header is where every file begins that is written anew.
const header = "# yaml-language-server: $schema=" + SchemaURL + "\nversion: 1\n"

// SchemaURL is where editors find the JSON Schema of the file.
const SchemaURL = "https://raw.githubusercontent.com/sescheck/sescheck/main/docs/sescheck.schema.json"

// Write writes a whole file: sorted by name, in the shortest form that says it
// all. A value that most of the domains share stands in defaults, if all domains
// have its key.
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

// ReadBack returns an error unless a written file says the same of each domain as
// its entry.
func ReadBack(text []byte, entries []Entry) error {
	file, problems := Parse("import", text)
	if len(problems) > 0 {
		return &Wrong{problems}
	}
	for i, e := range sortedEntries(entries) {
		if i >= len(file.Domains) || file.Domains[i].Name != e.Domain.Name || said(&file.Domains[i]) != said(&e.Domain) {
			return fmt.Errorf("the entry for %s cannot be written so that it reads back", e.Domain.Name)
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

// valuesOf returns the values of a domain's key, one for each identity.
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

// without leaves out the keys that defaults have with the same value, in each of
// the identities too.
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
		pairs = givenPairs(identityKeys, &d.Identities[0], d.Name)
	default:
		pairs = append(pairs, keyed{"identities", identitiesTerm(d.Identities, d.Name)})
	}
	return append(pairs, givenPairs(domainKeys, d, d.Name)...)
}

func identitiesTerm(ids []Identity, domain record.Name) term {
	all := term{list: []term{}}
	for _, id := range ids {
		all.list = append(all.list, term{pairs: givenPairs(identityKeys, &id, domain)})
	}
	return all
}

func verificationTerm(tokens []At[string]) term {
	if len(tokens) == 1 {
		return term{word: tokens[0].Value}
	}
	return listOf(valuesAt(tokens))
}

func (in *Receiving) term(domain record.Name) term {
	if in.Host == nil {
		return term{word: "true"}
	}
	return term{pairs: givenPairs(receivingKeys, in, domain)}
}

func (t *Tracking) term(domain record.Name) term {
	return shortest(givenPairs(trackingKeys, t, domain))
}

// shortest writes the first key, the name, without the mapping if it is alone.
func shortest(pairs []keyed) term {
	if len(pairs) == 1 {
		return pairs[0].value
	}
	return term{pairs: pairs}
}

func (d *DKIM) term(region string) term {
	var pairs []keyed
	switch {
	case d.None:
		return term{word: "none"}
	case d.Easy:
		return term{word: "easy"}
	case d.Selector.Value != "":
		pairs = append(pairs, keyed{"selector", term{word: d.Selector.Value}})
		if d.PublicKey.Value != "" {
			pairs = append(pairs, keyed{"public_key", term{word: d.PublicKey.Value}})
		}
		return term{pairs: pairs}
	case d.SigningHostedZone == nil || region != "" && d.SigningHostedZone.Value == ses.DKIMZone(region):
		return listOf(valuesAt(d.Tokens))
	}
	pairs = append(pairs, keyed{"signing_hosted_zone", nameTerm(d.SigningHostedZone.Value)}, keyed{"tokens", listOf(valuesAt(d.Tokens))})
	return term{pairs: pairs}
}

func (m *MailFrom) term(domain record.Name) term {
	return shortest(givenPairs(mailFromKeys, m, domain))
}

func (s *SPF) term() term {
	if s.None {
		return term{word: "none"}
	}
	if s.Exact && s.All == nil {
		return includesTerm(s.Includes)
	}
	return term{pairs: givenPairs(spfKeys, s, "")}
}

func includesTerm(includes []At[record.Name]) term {
	var names []string
	for _, n := range includes {
		names = append(names, unescaped(n.Value))
	}
	return listOf(names)
}

func (d *DMARC) term() term {
	pairs := givenPairs(dmarcKeys, d, "")
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

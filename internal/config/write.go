package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config/yamltext"
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
		b.WriteString("\ndefaults:\n" + yamltext.Term{Pairs: shared}.Block(2, 2))
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
func (e Entry) block(pairs []yamltext.Pair, indent, step int) string {
	var b strings.Builder
	margin := strings.Repeat(" ", indent)
	for _, n := range e.Notes {
		b.WriteString(margin + "# " + untrusted.Line(n) + "\n")
	}
	b.WriteString(margin + yamltext.Word(string(e.Domain.Name)) + ":\n" + yamltext.Term{Pairs: pairs}.Block(indent+step, step))
	return b.String()
}

// sharedBy returns region and dmarc as more than half of the domains have them,
// where every domain has one: a default reaches all that say nothing.
func sharedBy(entries []Entry) (shared []yamltext.Pair) {
	for _, key := range []string{"region", "dmarc"} {
		counts := map[string]int{}
		var most yamltext.Pair
		whole := len(entries) > 1
		for _, e := range entries {
			values := valuesOf(e.Domain, key)
			whole = whole && len(values) > 0
			for _, p := range values {
				whole = whole && p.Value.Flow() != `""`
				if counts[p.Flow()]++; counts[p.Flow()] > counts[most.Flow()] || most.Key == "" {
					most = p
				}
			}
		}
		if n := counts[most.Flow()]; whole && n > 1 && 2*n > len(entries) {
			shared = append(shared, most)
		}
	}
	return shared
}

// valuesOf returns the values of a domain's key, one for each identity.
func valuesOf(d Domain, key string) (all []yamltext.Pair) {
	if key == "region" {
		for _, id := range d.Identities {
			all = append(all, yamltext.Pair{Key: key, Value: yamltext.Term{Word: id.Region.Value}})
		}
		return all
	}
	for _, p := range pairsOf(&d) {
		if p.Key == key {
			all = append(all, p)
		}
	}
	return all
}

// without leaves out the keys that defaults have with the same value, in each of
// the identities too.
func without(pairs, defaults []yamltext.Pair) []yamltext.Pair {
	said := func(p yamltext.Pair) bool {
		return slices.ContainsFunc(defaults, func(d yamltext.Pair) bool { return d.Flow() == p.Flow() })
	}
	left := []yamltext.Pair{}
	for _, p := range pairs {
		if p.Key == "identities" {
			all := yamltext.Term{List: []yamltext.Term{}}
			for _, id := range p.Value.List {
				all.List = append(all.List, yamltext.Term{Pairs: without(id.Pairs, defaults)})
			}
			p.Value = all
		}
		if !said(p) {
			left = append(left, p)
		}
	}
	return left
}

// pairsOf returns the keys of a domain that say all that d does, in the order
// of the manual.
func pairsOf(d *Domain) []yamltext.Pair {
	pairs := []yamltext.Pair{}
	switch len(d.Identities) {
	case 0:
	case 1:
		pairs = givenPairs(identityKeys, &d.Identities[0], d.Name)
	default:
		pairs = append(pairs, yamltext.Pair{Key: "identities", Value: identitiesTerm(d.Identities, d.Name)})
	}
	return append(pairs, givenPairs(domainKeys, d, d.Name)...)
}

func identitiesTerm(ids []Identity, domain record.Name) yamltext.Term {
	all := yamltext.Term{List: []yamltext.Term{}}
	for _, id := range ids {
		all.List = append(all.List, yamltext.Term{Pairs: givenPairs(identityKeys, &id, domain)})
	}
	return all
}

func verificationTerm(tokens []At[string]) yamltext.Term {
	if len(tokens) == 1 {
		return yamltext.Term{Word: tokens[0].Value}
	}
	return yamltext.ListOf(valuesAt(tokens))
}

func (in *Receiving) term(domain record.Name) yamltext.Term {
	if in.Host == nil {
		return yamltext.Term{Word: "true"}
	}
	return yamltext.Term{Pairs: givenPairs(receivingKeys, in, domain)}
}

func (t *Tracking) term(domain record.Name) yamltext.Term {
	return shortest(givenPairs(trackingKeys, t, domain))
}

// shortest writes the first key, the name, without the mapping if it is alone.
func shortest(pairs []yamltext.Pair) yamltext.Term {
	if len(pairs) == 1 {
		return pairs[0].Value
	}
	return yamltext.Term{Pairs: pairs}
}

func (d *DKIM) term(region string) yamltext.Term {
	var pairs []yamltext.Pair
	switch {
	case d.None:
		return yamltext.Term{Word: "none"}
	case d.Easy:
		return yamltext.Term{Word: "easy"}
	case d.Selector.Value != "":
		pairs = append(pairs, yamltext.Pair{Key: "selector", Value: yamltext.Term{Word: d.Selector.Value}})
		if d.PublicKey.Value != "" {
			pairs = append(pairs, yamltext.Pair{Key: "public_key", Value: yamltext.Term{Word: d.PublicKey.Value}})
		}
		return yamltext.Term{Pairs: pairs}
	case d.SigningHostedZone == nil || region != "" && d.SigningHostedZone.Value == ses.DKIMZone(region):
		return yamltext.ListOf(valuesAt(d.Tokens))
	}
	pairs = append(pairs, yamltext.Pair{Key: "signing_hosted_zone", Value: nameTerm(d.SigningHostedZone.Value)}, yamltext.Pair{Key: "tokens", Value: yamltext.ListOf(valuesAt(d.Tokens))})
	return yamltext.Term{Pairs: pairs}
}

func (m *MailFrom) term(domain record.Name) yamltext.Term {
	return shortest(givenPairs(mailFromKeys, m, domain))
}

func (s *SPF) term() yamltext.Term {
	if s.None {
		return yamltext.Term{Word: "none"}
	}
	if s.Exact && s.All == nil {
		return includesTerm(s.Includes)
	}
	return yamltext.Term{Pairs: givenPairs(spfKeys, s, "")}
}

func includesTerm(includes []At[record.Name]) yamltext.Term {
	var names []string
	for _, n := range includes {
		names = append(names, unescaped(n.Value))
	}
	return yamltext.ListOf(names)
}

func (d *DMARC) term() yamltext.Term {
	pairs := givenPairs(dmarcKeys, d, "")
	if len(pairs) == 1 && d.Policy != nil {
		return pairs[0].Value
	}
	return yamltext.Term{Pairs: pairs}
}

func valuesAt(all []At[string]) (values []string) {
	for _, at := range all {
		values = append(values, at.Value)
	}
	return values
}

func nameTerm(n record.Name) yamltext.Term { return yamltext.Term{Word: string(n)} }

// shortened returns a name as a label, where it is one under the domain.
func shortened(n, domain record.Name) string {
	if n.Parent() == domain && !yamltext.IsSwitch(n.FirstLabel()) {
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

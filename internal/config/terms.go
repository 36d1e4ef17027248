package config

import (
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// Pairs returns the keys of a domain that say all that d does, in the order
// of the manual.
func (d *Domain) Pairs() []yamltext.Pair {
	pairs := []yamltext.Pair{}
	switch len(d.Identities) {
	case 0:
	case 1:
		pairs = GivenPairs(IdentityKeys, &d.Identities[0], d.Name)
	default:
		pairs = append(pairs, yamltext.Pair{Key: "identities", Value: IdentitiesTerm(d.Identities, d.Name)})
	}
	return append(pairs, GivenPairs(DomainKeys, d, d.Name)...)
}

// IdentitiesTerm is the value of `identities`.
func IdentitiesTerm(ids []Identity, domain record.Name) yamltext.Term {
	all := yamltext.Term{List: []yamltext.Term{}}
	for _, id := range ids {
		all.List = append(all.List, yamltext.Term{Pairs: GivenPairs(IdentityKeys, &id, domain)})
	}
	return all
}

func verificationTerm(tokens []At[string]) yamltext.Term {
	if len(tokens) == 1 {
		return yamltext.Term{Word: tokens[0].Value}
	}
	return yamltext.ListOf(Values(tokens))
}

func (in *Receiving) term(domain record.Name) yamltext.Term {
	if in.Host == nil {
		return yamltext.Term{Word: "true"}
	}
	return yamltext.Term{Pairs: GivenPairs(receivingKeys, in, domain)}
}

func (t *Tracking) term(domain record.Name) yamltext.Term {
	return shortest(GivenPairs(trackingKeys, t, domain))
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
		return yamltext.ListOf(Values(d.Tokens))
	}
	pairs = append(pairs, yamltext.Pair{Key: "signing_hosted_zone", Value: nameTerm(d.SigningHostedZone.Value)}, yamltext.Pair{Key: "tokens", Value: yamltext.ListOf(Values(d.Tokens))})
	return yamltext.Term{Pairs: pairs}
}

func (m *MailFrom) term(domain record.Name) yamltext.Term {
	return shortest(GivenPairs(mailFromKeys, m, domain))
}

func (s *SPF) term() yamltext.Term {
	if s.None {
		return yamltext.Term{Word: "none"}
	}
	if s.Exact && s.All == nil {
		return includesTerm(s.Includes)
	}
	return yamltext.Term{Pairs: GivenPairs(spfKeys, s, "")}
}

func includesTerm(includes []At[record.Name]) yamltext.Term {
	var names []string
	for _, n := range includes {
		names = append(names, unescaped(n.Value))
	}
	return yamltext.ListOf(names)
}

func (d *DMARC) term() yamltext.Term {
	pairs := GivenPairs(dmarcKeys, d, "")
	if len(pairs) == 1 && d.Policy != nil {
		return pairs[0].Value
	}
	return yamltext.Term{Pairs: pairs}
}

// Values are the values without their places.
func Values(all []At[string]) (values []string) {
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

// unescaped writes a name as it is in a record: an include with macros is
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

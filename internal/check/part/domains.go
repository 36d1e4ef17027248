package part

import (
	"slices"
	"strings"
	"sync"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// Domains finds the domains of a file by their names, and by what they list. Nil has
// none.
type Domains struct {
	byName map[record.Name]*config.Domain
	listed func() listed // made at the first call: few runs need it
}

// listed are the domains that list something, each in the order of the file.
type listed struct {
	signing   map[string][]record.Name // by the tokens of Easy DKIM, in lower case
	verifying map[string][]record.Name // by the legacy tokens
	mailFrom  map[record.Name]bool     // names
}

// NewDomains returns the domains of a file.
func NewDomains(all []config.Domain) *Domains {
	d := &Domains{byName: make(map[record.Name]*config.Domain, len(all))}
	for i := range all {
		d.byName[all[i].Name] = &all[i]
	}
	d.listed = sync.OnceValue(func() listed { return newListed(all) })
	return d
}

func newListed(all []config.Domain) listed {
	l := listed{signing: map[string][]record.Name{}, verifying: map[string][]record.Name{}, mailFrom: map[record.Name]bool{}}
	for i := range all {
		for _, id := range all[i].Identities {
			if id.DKIM != nil {
				for _, t := range id.DKIM.Tokens {
					token := strings.ToLower(t.Value)
					l.signing[token] = append(l.signing[token], all[i].Name)
				}
			}
			for _, t := range id.Verification {
				l.verifying[t.Value] = append(l.verifying[t.Value], all[i].Name)
			}
			if id.MailFrom != nil {
				l.mailFrom[id.MailFrom.Name.Value] = true
			}
		}
	}
	return l
}

// At returns the domain with a name, or nil.
func (d *Domains) At(name record.Name) *config.Domain {
	if d == nil {
		return nil
	}
	return d.byName[name]
}

// Signing are the domains that list a token of Easy DKIM.
func (d *Domains) Signing(token string) []record.Name {
	if d == nil {
		return nil
	}
	return d.listed().signing[strings.ToLower(token)]
}

// Verifying are the domains that list a legacy token.
func (d *Domains) Verifying(token string) []record.Name {
	if d == nil {
		return nil
	}
	return d.listed().verifying[token]
}

// UseMailFrom reports whether a domain has a MAIL FROM name.
func (d *Domains) UseMailFrom(name record.Name) bool {
	return d != nil && d.listed().mailFrom[name]
}

// Others reports whether there is a domain among them that is not this one.
func Others(domains []record.Name, this record.Name) bool {
	return slices.ContainsFunc(domains, func(n record.Name) bool { return n != this })
}

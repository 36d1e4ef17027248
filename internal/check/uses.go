package check

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
)

// This file finds which records of the user's zone files the domains of the file
// use.

// uses are the records that the file's domains use: those that the file asks for,
// the targets of their CNAMEs, the records that their SPF records lead to, and the
// wildcards that answer for them.
type uses struct {
	used   map[record.Question]bool
	names  map[record.Name]bool // names of the zone files, with those above them
	cnames map[record.Name]record.Name
	texts  map[record.Name][]*spf.Record // whose includes are still to be added
}

func newUses(file *config.File, published []Published) *uses {
	u := &uses{map[record.Question]bool{}, map[record.Name]bool{}, map[record.Name]record.Name{}, map[record.Name][]*spf.Record{}}
	for _, p := range published {
		for n := p.Owner; !u.names[n] && n.In(p.Zone) && n != record.Root; n = n.Parent() {
			u.names[n] = true
		}
		switch {
		case p.Record.Type == record.CNAME:
			u.cnames[p.Owner] = p.Record.Host
		case p.Record.Type == record.TXT && spf.Is(p.Record.Text()):
			u.texts[p.Owner] = append(u.texts[p.Owner], spf.Parse(p.Record.Text()))
		}
	}
	for i := range file.Domains {
		u.domain(&file.Domains[i])
	}
	return u
}

// domain adds what a domain uses.
func (u *uses) domain(d *config.Domain) {
	for _, l := range examinations(d) {
		for _, s := range l.Scopes() {
			u.add(s.Record)
		}
	}
	u.targets(u.owner(d.Name)) // of an SPF record that the file does not ask for
	u.includes(d.SPF)
	for _, id := range d.Identities {
		if id.MailFrom != nil {
			u.includes(id.MailFrom.SPF)
		}
	}
}

// includes adds the includes that the file lists.
func (u *uses) includes(listed *config.SPF) {
	if listed == nil {
		return
	}
	for _, i := range listed.Includes {
		u.add(record.Question{Name: i.Value, Type: record.TXT})
	}
}

// add adds the record that answers a query, and those that it leads to.
func (u *uses) add(q record.Question) {
	for !u.used[q] {
		u.used[q] = true
		at := u.owner(q.Name)
		if !isWildcard(at) || q.Type != record.TXT || !strings.HasPrefix(string(q.Name), "_") { // SPF at * is no record of DMARC or DKIM
			u.used[record.Question{Name: at, Type: q.Type}] = true
		}
		if q.Type == record.TXT {
			u.targets(at)
		}
		target, ok := u.cnames[at]
		if !ok {
			return
		}
		q.Name = target
	}
}

// targets adds the records that the SPF records of a name lead to.
func (u *uses) targets(at record.Name) {
	texts := u.texts[at]
	delete(u.texts, at) // a wildcard answers for many names
	for _, r := range texts {
		for i := range r.Terms {
			if t := &r.Terms[i]; t.Kind == spf.Include || t.Kind == spf.Redirect {
				u.add(record.Question{Name: t.Target, Type: record.TXT})
			}
		}
	}
}

// owner is the owner of the records that answer for a name: the name itself, or the
// wildcard below the closest name that exists (RFC 4592 section 3.3.1).
func (u *uses) owner(n record.Name) record.Name {
	if u.names[n] {
		return n
	}
	for at := n; at != record.Root && at != ""; {
		at = at.Parent()
		if wildcard := at.Child("*"); u.names[at] {
			if u.names[wildcard] {
				return wildcard
			}
			return n
		}
	}
	return n
}

// isWildcard reports whether a name is that of a wildcard.
func isWildcard(n record.Name) bool { return n.FirstLabel() == "*" }

// misplaced are the names where people publish a domain's token or MAIL FROM records
// by mistake, for records that are not where they belong: the finding of the missing
// one names them.
type misplaced struct {
	tokens  map[record.Name][]string
	records map[record.Question]bool
}

func newMisplaced(file *config.File, published []Published) misplaced {
	m := misplaced{map[record.Name][]string{}, map[record.Question]bool{}}
	tokens, mx := map[record.Name]map[string]bool{}, map[record.Name][]string{}
	for _, p := range published {
		switch is := ses.Recognize(p.Owner, p.Record); {
		case is.Use == ses.MailFrom:
			mx[p.Owner] = append(mx[p.Owner], is.Region)
		case is.Use == ses.Verification && is.Mistakes == 0:
			if tokens[p.Owner] == nil {
				tokens[p.Owner] = map[string]bool{}
			}
			tokens[p.Owner][strings.TrimPrefix(p.Record.Text().Raw(), ses.VerificationPrefix)] = true
		}
	}
	for _, d := range file.Domains {
		for _, id := range d.Identities {
			for _, token := range id.Verification {
				if tokens[ses.VerificationName(d.Name)][token.Value] || tokens[d.Name][token.Value] {
					continue
				}
				for _, n := range part.StrayTokens(d.Name) {
					m.tokens[n] = append(m.tokens[n], token.Value)
				}
			}
			if id.MailFrom == nil || len(mx[id.MailFrom.Name.Value]) > 0 {
				continue
			}
			for _, n := range part.StrayMailFrom(id.MailFrom.Name.Value, d.Name) {
				if slices.Contains(mx[n], id.Region.Value) {
					m.records[record.Question{Name: n, Type: record.MX}] = true
					m.records[record.Question{Name: n, Type: record.TXT}] = true
				}
			}
		}
	}
	return m
}

// has reports whether a record is a misplaced one of the file.
func (m misplaced) has(s sesRecord) bool {
	if s.is.Use != ses.Verification {
		return m.records[record.Question{Name: s.Owner, Type: s.Record.Type}]
	}
	for _, token := range m.tokens[s.Owner] {
		if part.Garbling(token, s.Record.Text().Raw()) != part.Differs {
			return true
		}
	}
	return false
}

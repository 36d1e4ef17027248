package inspection

import (
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/shorten"
)

// This file has the sections about records at usual names.

// discoverySections say where the domain receives mail and counts clicks, as far
// as that concerns SES.
func discoverySections(p *snapshot.Discovery) (all []Section) {
	if p == nil {
		return nil
	}
	if s := receivingSection(p); s.Title != "" {
		all = append(all, s)
	}
	for _, t := range p.Tracking {
		all = append(all, Section{Title: "Tracking " + string(t.Name), Mark: "ok", Says: []string{"clicks and opens go to SES in " + t.Region}})
	}
	if p.WorkMail != "" && len(p.Inbound) > 0 {
		all = append(all, Section{
			Title: "WorkMail", Mark: "note", Records: []string{"autodiscover CNAME " + p.WorkMail.FQDN()},
			Says: []string{"Amazon WorkMail ends on " + p.WorkMailEnd + ": the mailboxes go away, but SES can still receive through the inbound MX"},
		})
	}
	return all
}

// receivingSection says which service receives the domain's mail. Its title is ""
// if that is unknown.
func receivingSection(p *snapshot.Discovery) Section {
	s := Section{Title: "Receiving"}
	for _, mx := range p.MX {
		s.Records = append(s.Records, "MX "+mx)
	}
	s.Records = shorten.Items(s.Records, 10)
	switch {
	case p.Receives == snapshot.Unknown:
		return Section{}
	case p.Receives == snapshot.Missing && len(p.MX) > 0:
		s.Says = []string{"a null MX says that the domain accepts no mail"}
	case p.Receives == snapshot.Missing:
		s.Says = []string{"no MX record"}
	case p.Manager:
		s.Says = []string{"SES Mail Manager receives the mail"}
	case len(p.Inbound) > 0:
		s.Says = []string{"SES receives the mail in " + strings.Join(p.Inbound, " and ")}
	default:
		s.Says = []string{"another service receives the mail"}
	}
	return s
}

// hints name records that were not found, because their names are not known.
func hints(d *check.Domain) []string {
	p := d.Snapshot
	if p == nil {
		return nil
	}
	var not []string
	if len(p.MailFrom) == 0 {
		not = append(not, "a MAIL FROM domain at the usual names (--mail-from NAME)")
	}
	if len(p.DKIM) == 0 {
		not = append(not, "a DKIM key of a sender on SES (--dkim TOKEN, --selector NAME)")
	}
	found := p.Discovery
	switch {
	case found == nil:
	case found.Wildcard:
		return []string{"every name below the domain has an MX of SES, so no MAIL FROM domain can be found (--mail-from NAME)"}
	case len(found.Unanswered) > 0:
		return []string{"not answered, at the usual names: " + shorten.List(found.Unanswered, 5)}
	case len(not) > 0:
		return []string{"not found: " + strings.Join(not, ", ")}
	}
	return nil
}

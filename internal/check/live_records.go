package check

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// This file compares live records with the records that a file asks for.

// Has reports whether DNS has a wanted record, or an equivalent. known is false
// if a query failed or servers disagree.
func (d *Domain) Has(r wanted.Record) (has, known bool) {
	denies := func(c *finding.Check) bool { return c.Denies == r.Part || c.Denies == wanted.Every }
	has, known = true, true
	for _, f := range d.Findings {
		if f.Status == finding.Inconclusive {
			// The finding names the failed query, not the record that needed it.
			others := r.Part == wanted.DKIM && f.Record.Name != r.Owner && strings.Contains(string(f.Record.Name), "._domainkey.")
			known = known && (others || !slices.ContainsFunc(f.Undecided, denies))
			continue
		}
		about := f.Check.ReplacesAll || f.Record.Name == r.Owner && f.Record.Type == r.Data.Type
		if about && denies(f.Check) && !f.Beside && (f.Subject == "" || r.Sole() || f.Subject == subject(r)) {
			has = false
		}
	}
	return has, known
}

// Blocked says why a wanted record must not be published next to the live ones,
// or "".
func (d *Domain) Blocked(r wanted.Record) string {
	for _, f := range d.Findings {
		if f.Record == (record.Question{Name: r.Owner, Type: r.Data.Type}) && f.Advice != "" && f.Check.Denies == r.Part && !f.Beside {
			return f.Advice
		}
	}
	return ""
}

// AmendedDMARC is the domain's own DMARC record with its live tags and the tags
// of the file. It is empty if nothing is missing, or no record is certain; why is
// the reason.
func (d *Domain) AmendedDMARC() (text untrusted.Text, why string) {
	for _, f := range d.Findings {
		if f.Amended.Len() > 0 || f.Unamended != "" {
			return f.Amended, f.Unamended
		}
	}
	return text, ""
}

// subject is the subject of findings about a record at a name with several.
func subject(r wanted.Record) string {
	if r.Data.Type == record.TXT {
		return r.Data.Text().Raw()
	}
	return string(r.Data.Host)
}

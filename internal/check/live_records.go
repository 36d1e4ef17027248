package check

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// This file says how what is live stands to the records that a file asks for.

// Has reports whether DNS has what a record of the domain is wanted for: the
// record itself, or one that does as well. It is not known where a question was
// not answered, or answered in two ways.
func (d *Domain) Has(r wanted.Record) (has, known bool) {
	denies := func(c *finding.Check) bool { return c.Denies == r.Part || c.Denies == wanted.Every }
	has, known = true, true
	for _, f := range d.Findings {
		if f.Status == finding.Inconclusive {
			// Which question failed is told, not which record it was asked for.
			others := r.Part == wanted.DKIM && f.Record.Name != r.Owner && strings.Contains(string(f.Record.Name), "._domainkey.")
			known = known && (others || !slices.ContainsFunc(f.Undecided, denies))
			continue
		}
		about := f.Check.ReplacesAll || f.Record.Name == r.Owner && f.Record.Type == r.Data.Type
		if about && denies(f.Check) && (f.Subject == "" || r.Sole() || f.Subject == subject(r)) {
			has = false
		}
	}
	return has, known
}

// Blocked says why a record that is wanted must not be published as DNS is now;
// "" where nothing speaks against it.
func (d *Domain) Blocked(r wanted.Record) string {
	for _, f := range d.Findings {
		if f.Record == (record.Question{Name: r.Owner, Type: r.Data.Type}) && f.Advice != "" && f.Check.Denies == r.Part {
			return f.Advice
		}
	}
	return ""
}

// AmendedDMARC is the domain's own DMARC record as it is to be, with its live tags
// and what the file asks more of it. It is empty where there is nothing to amend,
// or no certain record; then why says so.
func (d *Domain) AmendedDMARC() (text untrusted.Text, why string) {
	for _, f := range d.Findings {
		if f.Amended.Len() > 0 || f.Unamended != "" {
			return f.Amended, f.Unamended
		}
	}
	return text, ""
}

// subject is the subject of findings about records of which several may stand
// at a name.
func subject(r wanted.Record) string {
	if r.Data.Type == record.TXT {
		return r.Data.Text().Raw()
	}
	return string(r.Data.Host)
}

package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// This file says how what is live stands to the records that a file asks for.

// denials are, by part, the checks that find that a record is not there as the
// file wants it. What others find is not mended by publishing that record.
var denials = map[wanted.Part][]string{
	wanted.Verification: {"verification-missing", "verification-mismatch"},
	wanted.DKIM:         {"dkim-missing", "dkim-wrong-target", "dkim-not-cname", "dkim-key-invalid", "dkim-key-mismatch", "dkim-key-duplicate"},
	wanted.MailFrom:     {"mail-from-mx-missing", "mail-from-mx-multiple", "mail-from-mx-wrong", "mail-from-cname"},
	wanted.SPFRecord: {
		"spf-missing", "spf-duplicate", "spf-invalid", "spf-ses-unauthorized", "spf-include-missing", "spf-pass-all", "spf-all", "spf-string-join",
	},
	wanted.DMARCRecord: {"dmarc-missing", "dmarc-duplicate", "dmarc-invalid", "dmarc-policy", "dmarc-mismatch"},
	wanted.Receiving:   {"receiving-mx-missing", "receiving-mx-wrong"},
	wanted.Tracking:    {"tracking-missing", "tracking-wrong"},
}

// denied are the checks of all parts.
var denied = slices.Concat(slices.Collect(maps.Values(denials))...)

// Has reports whether DNS has what a record of the domain is wanted for: the
// record itself, or one that does as well. It is not known where a question was
// not answered, or answered in two ways.
func (d *Domain) Has(r wanted.Record) (has, known bool) {
	denies := func(id string) bool {
		return id == "name-doubled" || id == "value-garbled" || id == "domain-not-found" || slices.Contains(denials[r.Part], id)
	}
	has, known = true, true
	for _, f := range d.Findings {
		if f.Status == Inconclusive {
			// Which question failed is told, not which record it was asked for.
			others := r.Part == wanted.DKIM && f.Record.Name != r.Owner && strings.Contains(string(f.Record.Name), "._domainkey.")
			known = known && (others || !slices.ContainsFunc(f.Undecided, denies))
			continue
		}
		about := f.Check == "domain-not-found" || f.Record.Name == r.Owner && f.Record.Type == r.Data.Type
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
		if f.Record == (record.Question{Name: r.Owner, Type: r.Data.Type}) && f.Advice != "" && slices.Contains(denials[r.Part], f.Check) {
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
		if f.amended.Len() > 0 || f.unamended != "" {
			return f.amended, f.unamended
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

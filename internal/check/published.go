package check

import (
	"fmt"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
)

// Published is a record of a zone file that the user gave.
type Published struct {
	Zone   record.Name
	File   string
	Owner  record.Name
	Record record.Record
}

// purpose says what SES uses a record for; "" for records that are none of its.
func purpose(p Published) string {
	if use := ses.Recognize(p.Owner, p.Record).Use; use != ses.NoUse {
		return use.String()
	}
	if p.Record.Type == record.TXT && spf.Is(p.Record.Text()) {
		for _, t := range spf.Parse(p.Record.Text()).Of(spf.Include) {
			if t.Target == ses.SPFInclude {
				return "an SPF record that authorises SES"
			}
		}
	}
	return ""
}

// claims are the records that the file accounts for. One that stands under a
// doubled or another wrong name is accounted for by the finding that misses it.
func claims(file *config.File) map[record.Question]bool {
	all := map[record.Question]bool{}
	for i := range file.Domains {
		d := &file.Domains[i]
		for _, l := range looksAt(d) {
			for _, s := range l.scopes() {
				all[s.record] = true
				names := doubledNames(s.record.Name, d.Name)
				if s.record.Type == record.CNAME {
					names = append(names, strayNames(s.record.Name, d.Name)...)
				}
				for _, n := range names {
					all[record.Question{Name: n, Type: s.record.Type}] = true
				}
			}
		}
		for _, id := range d.Identities {
			if len(id.Verification) > 0 {
				all[record.Question{Name: d.Name, Type: record.TXT}] = true
			}
		}
	}
	return all
}

// unclaimed finds the records of SES in the zone files that no domain of the
// file accounts for.
func unclaimed(file *config.File, published []Published) (found []Finding) {
	if len(published) == 0 {
		return nil
	}
	claimed := claims(file)
	seen := map[record.Question]bool{}
	for _, p := range published {
		q := record.Question{Name: p.Owner, Type: p.Record.Type}
		what := purpose(p)
		if what == "" || claimed[q] || seen[q] {
			continue
		}
		seen[q] = true
		found = append(found, Finding{
			Check:   "record-unclaimed",
			Domain:  p.Zone,
			Record:  q,
			Message: fmt.Sprintf("%s is %s, and no domain of the file accounts for it", p.Owner, what),
			Actual:  []string{p.Record.String()},
			Place:   config.Place{File: p.File},
			Cause:   "record-unclaimed " + string(p.Zone),
		})
	}
	return found
}

package publish

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// ZoneFile writes the lines of a zone file (RFC 1035 section 5), to be added to
// one: it has no SOA. Names are absolute, so that no $ORIGIN can change them.
func ZoneFile(w io.Writer, zones []Zone) error {
	var b strings.Builder
	for i, z := range zones {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "$ORIGIN %s\n", z.Name.FQDN())
		comments(&b, ";", z.Notes)
		said := ""
		for _, s := range z.Sets {
			for _, r := range s.Records {
				if what := fmt.Sprintf("; %s: %s\n", r.Domain, r.Purpose); what != said {
					b.WriteString(what)
					said = what
				}
				fmt.Fprintf(&b, "%s %d IN %s %s\n", r.Owner.FQDN(), TTL, r.Data.Type, r.Data)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Table writes the records for people, who type them into forms: text without
// the quotes that zone files need, and never cut into strings.
func Table(w io.Writer, zones []Zone) error {
	var b strings.Builder
	for i, z := range zones {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s\n", z.Name)
		name, purpose := 0, 0
		each(z.Sets, func(r wanted.Record) {
			name = max(name, len(r.Owner))
			purpose = max(purpose, utf8.RuneCountInString(r.Purpose))
		})
		each(z.Sets, func(r wanted.Record) {
			value := r.Data.String()
			if r.Data.Type == record.TXT {
				value = r.Data.Text().Bare()
			}
			fmt.Fprintf(&b, "  %-*s  %-5s  %-*s  %s\n", name, r.Owner, r.Data.Type, purpose, r.Purpose, value)
		})
		comments(&b, "  note:", z.Notes)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func each(sets []wanted.Set, do func(wanted.Record)) {
	for _, s := range sets {
		for _, r := range s.Records {
			do(r)
		}
	}
}

package publish

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// DNSControl writes JavaScript for dnsconfig.js, to come after the D of each
// zone. Long texts are in one piece: DNSControl cuts them.
func DNSControl(w io.Writer, zones []Zone) error {
	var b strings.Builder
	for i, z := range zones {
		if i > 0 {
			b.WriteByte('\n')
		}
		comments(&b, "//", z.Notes)
		fmt.Fprintf(&b, "D_EXTEND(%s,\n", quoteJS(string(z.Name)))
		each(z.Sets, func(r wanted.Record) {
			name := relative(r.Owner, z.Name)
			if name == "" {
				name = "@"
			}
			fmt.Fprintf(&b, "  // %s\n  %s(%s, ", r.Purpose, r.Data.Type, quoteJS(name))
			switch r.Data.Type {
			case record.TXT:
				b.WriteString(quoteJS(r.Data.Text().Raw()))
			case record.MX:
				fmt.Fprintf(&b, "%d, %s", r.Data.Preference, quoteJS(r.Data.Host.FQDN()))
			default:
				b.WriteString(quoteJS(r.Data.Host.FQDN()))
			}
			fmt.Fprintf(&b, ", TTL(%d)),\n", TTL)
		})
		b.WriteString(");\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quoteJS writes text as a string of JavaScript. That of JSON is one, and its
// encoder leaves no <, U+2028 or U+2029 as they are.
func quoteJS(s string) string {
	var b strings.Builder
	_ = json.NewEncoder(untrusted.JSON(&b)).Encode(s) // a string never fails
	return strings.TrimSpace(b.String())
}

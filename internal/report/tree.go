package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// writeTree draws an SPF tree as text: a line for each term that costs a
// lookup, what it leads to beneath it, every name once.
func writeTree(w io.Writer, all map[record.Name]*check.SPFRecord, root record.Name) {
	r := all[root]
	fmt.Fprintf(w, "%s  %s of %d lookups, %s\n", root, count(r.Lookups), spf.MaxLookups, state(r))
	seen := map[record.Name]bool{root: true}
	var draw func(r *check.SPFRecord, indent string)
	draw = func(r *check.SPFRecord, indent string) {
		for _, t := range r.Terms {
			if t.Lookups.N == 0 && !t.Unread {
				continue
			}
			fmt.Fprintf(w, "%s%s  %s\n", indent, cut(t.Text, 120), strings.Join(remarks(t), ", "))
			child := all[t.Leads]
			switch {
			case child == nil || t.Unread || t.Loop:
			case seen[t.Leads]:
				fmt.Fprintf(w, "%s  (as above)\n", indent)
			default:
				seen[t.Leads] = true
				if child.State != "ok" {
					fmt.Fprintf(w, "%s  %s\n", indent, state(child))
				}
				draw(child, indent+"  ")
			}
		}
	}
	draw(r, "  ")
}

func remarks(t check.SPFTerm) []string {
	switch {
	case t.Unread:
		return []string{"never read"}
	case t.Loop:
		return []string{count(t.Lookups), "goes round"}
	case t.Void:
		return []string{count(t.Lookups), "finds nothing"}
	}
	return []string{count(t.Lookups)}
}

func count(c spf.Count) string {
	if c.Exact() {
		return fmt.Sprint(c.N)
	}
	return fmt.Sprintf("at least %d", c.N)
}

func state(r *check.SPFRecord) string {
	switch r.State {
	case "none":
		return "no SPF record"
	case "several":
		return "several SPF records"
	case "invalid":
		return "a record with a syntax error"
	case "unknown":
		return "not answered"
	}
	return "one record"
}

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// bough is a term of an SPF tree as it is drawn, with what it leads to: every
// name once.
type bough struct {
	check.SPFTerm
	before int              // lookups that a receiver has made when it comes to the term
	stops  bool             // the term itself is the lookup that is one too many
	over   bool             // that one is in here
	to     *check.SPFRecord // what it leads to; nil if that is not in the tree
	again  bool             // that is drawn above already
	boughs []bough
}

// grow makes the boughs of the record at root, and counts as a receiver does
// that nothing matches for.
func grow(all map[record.Name]*check.SPFRecord, root record.Name) []bough {
	return (&growth{all, map[record.Name]bool{root: true}, 0}).of(all[root])
}

type growth struct {
	all  map[record.Name]*check.SPFRecord
	seen map[record.Name]bool
	made int // lookups so far
}

func (g *growth) of(r *check.SPFRecord) []bough {
	boughs := make([]bough, len(r.Terms))
	for i, t := range r.Terms {
		b := &boughs[i]
		b.SPFTerm, b.before = t, g.made
		if t.Unread {
			continue
		}
		b.stops = t.Lookups.N > 0 && g.made == spf.MaxLookups
		if t.Lookups.N > 0 {
			g.made++
		}
		if b.to = g.all[t.Leads]; b.to != nil && !t.Loop {
			if b.again = g.seen[t.Leads]; !b.again {
				g.seen[t.Leads] = true
				b.boughs = g.of(b.to)
			}
		}
		g.made = b.before + t.Lookups.N
		b.over = b.before <= spf.MaxLookups && g.made > spf.MaxLookups
	}
	return boughs
}

// drawn reports whether the term costs something, or was meant to.
func (b bough) drawn() bool { return b.Lookups.N > 0 || b.Unread }

// writeTree draws an SPF tree as text: a line for each term that costs a
// lookup, what it leads to beneath it.
func writeTree(w io.Writer, all map[record.Name]*check.SPFRecord, root record.Name) {
	r := all[root]
	_, _ = fmt.Fprintf(w, "%s  %s of %d lookups, %s\n", root, count(r.Lookups), spf.MaxLookups, state(r))
	writeBoughs(w, grow(all, root), "  ")
}

func writeBoughs(w io.Writer, boughs []bough, indent string) {
	for _, b := range boughs {
		if !b.drawn() {
			continue
		}
		_, _ = fmt.Fprintf(w, "%s%s  %s\n", indent, cut(b.Text, 120), strings.Join(b.remarks(), ", "))
		switch {
		case b.again:
			_, _ = fmt.Fprintf(w, "%s  (as above)\n", indent)
		case b.to != nil && !b.Unread && !b.Loop && b.to.State != "ok":
			_, _ = fmt.Fprintf(w, "%s  %s\n", indent, state(b.to))
		}
		writeBoughs(w, b.boughs, indent+"  ")
	}
}

func (b bough) remarks() []string {
	if b.Unread {
		return []string{"never read"}
	}
	all := []string{count(b.Lookups)}
	switch {
	case b.Loop:
		all = append(all, "goes round")
	case b.Void:
		all = append(all, "finds nothing")
	}
	if b.stops || b.over && b.again {
		all = append(all, "receivers stop here")
	}
	return all
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

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
)

// bough is a drawn term of an SPF tree, with its target. Each name is drawn once.
type bough struct {
	snapshot.SPFTerm
	before int                 // lookups of a receiver before this term
	stops  bool                // the term is the lookup beyond the limit
	over   bool                // that lookup is in here
	to     *snapshot.SPFRecord // the target; nil if it is not in the tree
	again  bool                // the target is drawn above
	boughs []bough
	more   int // in place of a term: how many more the record has
}

// maxDrawn bounds the drawn terms, nearest to the root first. A receiver stops at
// the eleventh lookup.
const maxDrawn = 60

// grow makes the boughs of the record at root. It counts lookups as a receiver
// does if no term matches.
func grow(all map[record.Name]*snapshot.SPFRecord, root record.Name) []bough {
	boughs := (&growth{all, map[record.Name]bool{root: true}, 0}).of(all[root])
	above := map[record.Name]bool{root: true}
	prune(&boughs, above)
	unname(boughs, above)
	return boughs
}

// prune keeps maxDrawn terms, level by level, and collects their targets.
func prune(root *[]bough, above map[record.Name]bool) {
	room := maxDrawn
	for level := []*[]bough{root}; len(level) > 0; {
		var next []*[]bough
		for _, boughs := range level {
			var kept []bough
			more := 0
			for _, b := range *boughs {
				switch {
				case b.more > 0:
					more += b.more
				case !b.drawn():
				case room == 0:
					more++
				default:
					room--
					kept = append(kept, b)
					above[b.Leads] = above[b.Leads] || !b.again
				}
			}
			if more > 0 {
				kept = append(kept, bough{more: more})
			}
			for i := range kept {
				if len(kept[i].boughs) > 0 {
					next = append(next, &kept[i].boughs)
				}
			}
			*boughs = kept
		}
		level = next
	}
}

// unname corrects targets that are not drawn above after all.
func unname(boughs []bough, above map[record.Name]bool) {
	for i := range boughs {
		boughs[i].again = boughs[i].again && above[boughs[i].Leads]
		unname(boughs[i].boughs, above)
	}
}

type growth struct {
	all  map[record.Name]*snapshot.SPFRecord
	seen map[record.Name]bool
	made int // lookups so far
}

func (g *growth) of(r *snapshot.SPFRecord) []bough {
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
	if r.Left > 0 {
		boughs = append(boughs, bough{more: r.Left})
	}
	return boughs
}

// drawn reports whether the term costs a lookup, or would without an all before
// it.
func (b bough) drawn() bool { return b.Lookups.N > 0 || b.Unread }

// writeTree draws an SPF tree as text: a line for each term with a lookup, with
// its target below.
func writeTree(w io.Writer, all map[record.Name]*snapshot.SPFRecord, root record.Name) {
	r := all[root]
	_, _ = fmt.Fprintf(w, "%s  %s of %d lookups, %s\n", root, r.Lookups.Words(), spf.MaxLookups, r.Words())
	writeBoughs(w, grow(all, root), "  ")
}

func writeBoughs(w io.Writer, boughs []bough, indent string) {
	for _, b := range boughs {
		if b.more > 0 {
			_, _ = fmt.Fprintf(w, "%s(%s)\n", indent, b.moreTerms())
			continue
		}
		_, _ = fmt.Fprintf(w, "%s%s  %s\n", indent, shorten.Text(b.Text, 120), strings.Join(b.remarks(), ", "))
		switch {
		case b.again:
			_, _ = fmt.Fprintf(w, "%s  (as above)\n", indent)
		case b.to != nil && !b.Unread && !b.Loop && b.to.State != "ok":
			_, _ = fmt.Fprintf(w, "%s  %s\n", indent, b.to.Words())
		}
		writeBoughs(w, b.boughs, indent+"  ")
	}
}

func (b bough) moreTerms() string { return shorten.Count(b.more, "more term") }

func (b bough) remarks() []string {
	if b.Unread {
		return []string{"never read"}
	}
	all := []string{b.Lookups.Words()}
	switch {
	case b.Loop:
		all = append(all, "loops back")
	case b.Void:
		all = append(all, "finds nothing")
	case b.Cut:
		all = append(all, "not followed")
	}
	if b.stops || b.over && b.again {
		all = append(all, "receivers stop here")
	}
	return all
}

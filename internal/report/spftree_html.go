package report

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
)

// This file draws an SPF tree in HTML, without a script. Its styles in
// page/style.css begin with .spf, .strip and .badge.
//
// It draws the terms that cost a lookup; the text of the record shows the rest.
// Each term has a strip of the ten lookups of a receiver, on which the lookups of
// the term and all below are marked, so that one sees which include uses them up.
// Lookups beyond the ten are red.

// spfTree draws the tree of the record at root. Small trees are open, and the
// path to each mistake.
func spfTree(all map[record.Name]*snapshot.SPFRecord, root record.Name) string {
	r := all[root]
	t := &treeWriter{}
	t.printf("<div class=\"spf\">\n%s%s", strip(0, r.Lookups.N), lookupsBadge(r.Lookups))
	class := ""
	if r.Voids.N > spf.MaxVoids {
		class = " warn"
	}
	t.printf(" <span class=\"badge%s\">%s of %d without an answer</span>\n", class, r.Voids.Words(), spf.MaxVoids)
	boughs := grow(all, root)
	t.small = names(boughs) <= 12
	t.boughs(boughs)
	t.printf("</div>\n")
	return t.String()
}

type treeWriter struct {
	strings.Builder
	small bool
}

func (t *treeWriter) printf(format string, args ...any) { _, _ = fmt.Fprintf(t, format, args...) }

// names counts the drawn names.
func names(boughs []bough) (n int) {
	for _, b := range boughs {
		if b.to != nil {
			n += 1 + names(b.boughs)
		}
	}
	return n
}

func (t *treeWriter) boughs(all []bough) {
	if len(all) == 0 {
		return
	}
	t.printf("<ul>\n")
	for i := range all {
		if all[i].more > 0 {
			t.printf("<li><span class=\"faint\">%s</span></li>\n", all[i].moreTerms())
			continue
		}
		t.bough(all[i])
	}
	t.printf("</ul>\n")
}

func (t *treeWriter) bough(b bough) {
	var class []string
	if b.over {
		class = append(class, "over")
	}
	if b.Unread {
		class = append(class, "unread")
	}
	if len(class) > 0 {
		t.printf("<li class=\"%s\">", strings.Join(class, " "))
	} else {
		t.printf("<li>")
	}
	line := fmt.Sprintf("<code>%s</code>", html.EscapeString(shorten.Text(b.Text, 200)))
	if !b.Unread {
		if line += strip(b.before, b.Lookups.N); !b.Lookups.Exact() {
			line += "at least "
		}
		line += shorten.Count(b.Lookups.N, "lookup")
	}
	line += strings.Join(mapped(b.badges(), func(badge string) string { return " <span class=\"badge bad\">" + badge + "</span>" }), "")
	switch {
	case b.Unread:
		line += " <span class=\"badge warn\">never read</span>"
	case b.again:
		line += " <span class=\"badge\">as above</span>"
	case b.Cut:
		line += " <span class=\"badge\">not followed</span>"
	}
	if b.to == nil || b.again || b.Loop || b.Unread {
		t.printf("<div class=\"term\">%s</div></li>\n", line)
		return
	}
	open := ""
	if t.small || b.over || b.wrong() {
		open = " open"
	}
	t.printf("<details%s><summary>%s</summary>\n", open, line)
	if b.to.Text != "" {
		t.printf("<code class=\"text\">%s</code>\n", html.EscapeString(shorten.Text(b.to.Text, 600)))
	}
	t.boughs(b.boughs)
	t.printf("</details></li>\n")
}

// badges are the mistakes in a term.
func (b bough) badges() (all []string) {
	switch {
	case b.Unread:
		return nil
	case b.stops:
		all = append(all, "receivers stop here")
	case b.over && b.again:
		all = append(all, "receivers stop in here")
	}
	if b.Loop {
		all = append(all, "loops back")
	}
	switch {
	case b.to != nil && b.to.State != "ok":
		all = append(all, b.to.Words())
	case b.Void:
		all = append(all, "finds nothing")
	}
	return all
}

// wrong reports whether the term or one below has a badge.
func (b bough) wrong() bool {
	return len(b.badges()) > 0 || slices.ContainsFunc(b.boughs, bough.wrong)
}

// strip marks n lookups after the first before ones.
func strip(before, n int) string {
	const most = spf.MaxLookups + 6
	var b strings.Builder
	first := min(before, most-1)
	fmt.Fprintf(&b, "<span class=\"strip\" role=\"img\" aria-label=\"%s\">", stripLabel(before, n))
	for i := range min(max(before+n, spf.MaxLookups), most) {
		class := ""
		switch {
		case i < first || i >= before+n:
		case i >= spf.MaxLookups:
			class = " class=\"past\""
		case i >= spf.MaxLookups-2:
			class = " class=\"near\""
		default:
			class = " class=\"on\""
		}
		fmt.Fprintf(&b, "<i%s></i>", class)
	}
	b.WriteString("</span>")
	return b.String()
}

func stripLabel(before, n int) string {
	switch n {
	case 0:
		return "no lookup"
	case 1:
		return fmt.Sprintf("lookup %d of %d", before+1, spf.MaxLookups)
	}
	return fmt.Sprintf("lookups %d to %d of %d", before+1, before+n, spf.MaxLookups)
}

func lookupsBadge(c spf.Count) string {
	class := ""
	switch {
	case c.N > spf.MaxLookups:
		class = " bad"
	case c.N >= spf.MaxLookups-1:
		class = " warn"
	}
	return fmt.Sprintf("<span class=\"badge%s\">%s of %d lookups</span>", class, c.Words(), spf.MaxLookups)
}

package spf

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file writes SPF: terms and trees in messages, and records to publish. A
// record is only rebuilt from a live one if all its text is printable ASCII.

type atName = config.At[record.Name]

// targetName is an include's target in the notation of the file. A target with
// macros is compared as text.
func targetName(t *spf.Term) record.Name {
	if t.Target != "" {
		return t.Target
	}
	n, _ := record.ParseName(t.Domain.Raw())
	return n
}

// correctedIncludes are the targets of the includes in the correction of an odd
// term, such as include=example.com.
func correctedIncludes(odd spf.Problem) (targets []record.Name) {
	for _, i := range parsed("v=spf1 " + odd.Correction.Raw()).Of(spf.Include) {
		targets = append(targets, targetName(i))
	}
	return targets
}

// termAt is the odd term.
func termAt(r *spf.Record, odd spf.Problem) *spf.Term {
	i, _ := slices.BinarySearchFunc(r.Terms, odd.Column, func(t spf.Term, column int) int { return t.Column - column })
	return &r.Terms[i]
}

// terms lists terms for a message.
func terms(ts []*spf.Term) string {
	var texts []untrusted.Text
	for _, t := range ts {
		texts = append(texts, t.Text)
	}
	return part.List(texts)
}

func number(c spf.Count) string {
	if c.Exact() {
		return fmt.Sprint(c.N)
	}
	return fmt.Sprintf("at least %d", c.N)
}

// mostTerms bounds the terms in one message. A receiver stops at the eleventh.
const mostTerms = 12

// costs lists the terms with lookups, the most expensive first.
func costs(n *spf.Node) string {
	var bs []*spf.Branch
	for i := range n.Branches {
		if b := &n.Branches[i]; b.Cost.Lookups.N > 0 {
			bs = append(bs, b)
		}
	}
	slices.SortStableFunc(bs, func(a, b *spf.Branch) int { return b.Cost.Lookups.N - a.Cost.Lookups.N })
	var parts []string
	for _, b := range bs {
		parts = append(parts, fmt.Sprintf("%.80s %s", b.Term.Text, number(b.Cost.Lookups)))
	}
	return shorten.List(parts, mostTerms)
}

// voids lists the terms that find nothing, with their records.
func (j *judging) voids() []string {
	var all []string
	for _, n := range j.tree.Nodes {
		for _, b := range n.Branches {
			if b.Void {
				all = append(all, fmt.Sprintf("%.80s in the record of %s", b.Term.Text, n.Name))
			}
		}
	}
	return all
}

// path lists the records between the root and a node, the middle of a long path
// left out.
func (j *judging) path(n *spf.Node) string {
	var names []string
	for at := n; at != nil; at = at.Parent {
		names = append(names, fmt.Sprintf("%.100s", string(at.Name)))
	}
	slices.Reverse(names)
	const most = 8
	if left := len(names) - most; left > 0 {
		names = slices.Concat(names[:most/2], []string{fmt.Sprintf("%d more", left)}, names[len(names)-most/2:])
	}
	return strings.Join(names, " > ")
}

// placeOf is the place of an include in the file, otherwise that of spf.
func (w want) placeOf(name record.Name) config.Place {
	for _, i := range w.includes() {
		if i.Value == name {
			return i.Place
		}
	}
	return w.place
}

func parsed(text string) *spf.Record { return spf.Parse(untrusted.New(text)) }

// beginsTerm matches the beginning of a term, and nothing that a term can end in.
var beginsTerm = regexp.MustCompile(`(?i)^([+?~-]?(include|ip4|ip6|exists|ptr|mx|a):|redirect=|exp=|[?~-]all$)`)

// joined finds a term of r that joins two strings of its TXT record, and returns
// the two intended terms.
func joined(a record.Answer, r *spf.Record) (glued *spf.Term, left, right string) {
	for _, rec := range a.Records {
		if rec.Text() != r.Text {
			continue
		}
		at := 0
		for i, s := range rec.Strings[:len(rec.Strings)-1] {
			at += s.Len()
			next, _, _ := strings.Cut(rec.Strings[i+1].Raw(), " ")
			for k := range r.Terms {
				t := &r.Terms[k]
				cut := at - (t.Column - 1)
				if cut > 0 && cut < t.Text.Len() && beginsTerm.MatchString(next) {
					return t, t.Text.Raw()[:cut], t.Text.Raw()[cut:]
				}
			}
		}
	}
	return nil, "", ""
}

// joinedVersion finds a record whose version section is joined to its first term,
// so that it is no SPF record. It returns "" for none.
func joinedVersion(a record.Answer) string {
	for _, rec := range a.Records {
		if len(rec.Strings) > 1 && strings.EqualFold(rec.Strings[0].Raw(), "v=spf1") && !spf.Is(rec.Text()) {
			return fmt.Sprintf("%.80s", rec.Text())
		}
	}
	return ""
}

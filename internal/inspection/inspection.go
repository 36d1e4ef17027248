// Package inspection decides what inspect shows of a domain: its sections with
// their marks, and the verdict. The formats of package report write that down.
package inspection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Inspection is what inspect shows of a domain.
type Inspection struct {
	Mark     string // of the verdict
	Verdict  string
	Sections []Section
	Hints    []string // records that were not found, because their names are not known
	Row      Row
}

// Of inspects a domain; name is how it is shown, and trees has its SPF records.
func Of(d *check.Domain, name string, spf map[record.Name]*snapshot.SPFRecord) *Inspection {
	in := &Inspection{Sections: trees(spf).sections(d), Hints: hints(d)}
	in.Mark, in.Verdict = headline(d, in.Sections)
	in.Row = trees(spf).row(d.Snapshot, name, in.Verdict)
	return in
}

// trees are the SPF records of a run, by name.
type trees map[record.Name]*snapshot.SPFRecord

// Section is one kind of a domain's records, with its judgement.
type Section struct {
	Title    string
	Mark     string      // ok, note, warning, error or inconclusive; "" where nothing is judged
	Records  []string    // as they are
	Says     []string    // their meaning
	Tree     record.Name // of an SPF record to be drawn
	Findings []*finding.Finding

	unanswered []string // questions
}

// sections are all sides of a domain that were looked at.
func (trees trees) sections(d *check.Domain) []Section {
	p := d.Snapshot
	if p == nil { // it does not exist, or its turn never came
		p = &snapshot.Snapshot{}
	}
	all := []Section{{Title: "Domain"}}
	byName := map[record.Name]int{} // MAIL FROM names
	byPart := map[wanted.Part]int{}
	add := func(part wanted.Part, s Section) {
		if _, ok := byPart[part]; !ok {
			byPart[part] = len(all)
		}
		all = append(all, s)
	}
	for _, s := range p.SPF {
		if !s.MailFrom {
			add(wanted.SPFRecord, trees.spfSection("SPF", s))
		}
	}
	if p.DMARC != nil {
		add(wanted.DMARCRecord, dmarcSection(p.DMARC))
	}
	for _, m := range p.MailFrom {
		byName[m.Name] = len(all)
		add(wanted.MailFrom, trees.mailFromSection(p, m))
	}
	if len(p.DKIM) > 0 {
		add(wanted.DKIM, dkimSection(p.DKIM))
	}
	if len(p.Verification) > 0 {
		add(wanted.Verification, verificationSection(p.Verification))
	}
	all = append(all, discoverySections(p.Discovery)...)
	for _, m := range p.Mails {
		all = append(all, mailSection(m))
	}
	if len(p.Alignment) > 0 {
		all = append(all, alignmentSection(p.Alignment))
	}
	all = append(all, besideSections(p.Beside)...)
	for _, r := range p.Receivers {
		all = append(all, receiverSection(r))
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		part := partOf(f)
		at, ok := byName[f.Record.Name]
		if !ok || part != wanted.SPFRecord && part != wanted.MailFrom {
			at = byPart[part]
		}
		s := &all[at]
		s.Mark = worse(s.Mark, f.Label())
		s.Findings = append(s.Findings, f)
		switch {
		case f.Check == check.DNSUnavailable:
			s.unanswered = append(s.unanswered, f.Record.String())
		case f.Status == finding.Inconclusive:
			s.Says = append(s.Says, "inconclusive, because answers differ: "+f.Record.String())
		}
	}
	for i := range all {
		all[i].unanswer()
	}
	if len(all[0].Findings) == 0 {
		return all[1:]
	}
	return all
}

// partOf is the part of the domain that a finding belongs to. A failed query may
// concern several parts: the first check that it leaves open decides.
func partOf(f *finding.Finding) wanted.Part {
	part := f.Part
	if open := f.Undecided; f.Check == check.DNSUnavailable && open[0].Part() != wanted.Every {
		part = open[0].Part()
	}
	if part == wanted.OwnKey {
		return wanted.DKIM
	}
	return part
}

// unanswer says which questions were not answered.
func (s *Section) unanswer() {
	slices.Sort(s.unanswered)
	if all := slices.Compact(s.unanswered); len(all) > 0 {
		s.Says = append(s.Says, "not answered: "+shorten.List(all, 5))
	}
}

// worse is the mark that counts more.
func worse(a, b string) string {
	marks := []string{"", "ok", "ignored", "note", "warning", "inconclusive", "error"}
	if slices.Index(marks, b) > slices.Index(marks, a) {
		return b
	}
	return a
}

// headline is the verdict about a domain in a few words, and the mark for it.
func headline(d *check.Domain, all []Section) (mark, words string) {
	of := func(mark string) string {
		var titles []string
		for _, s := range all {
			if s.Mark == mark && len(s.Findings) > 0 {
				titles = append(titles, s.Title)
			}
		}
		return strings.Join(titles, ", ")
	}
	for _, s := range all {
		mark = worse(mark, s.Mark)
	}
	switch {
	case slices.ContainsFunc(d.Findings, func(f finding.Finding) bool { return f.Check.ReplacesAll }):
		return mark, "does not exist"
	case mark == "error":
		return mark, "broken: " + of(mark)
	case mark == "inconclusive":
		return mark, "inconclusive, because not all queries were answered: " + of(mark)
	case mark == "warning":
		return mark, "works, with warnings: " + of(mark)
	case d.Snapshot != nil && d.Snapshot.DMARC != nil && d.Snapshot.DMARC.Policy == "none":
		return mark, "right, but nothing stops others from forging it: the DMARC policy is none"
	}
	return mark, "in order"
}

// Row are the cells of a domain in the table that sets several side by side.
type Row struct {
	Domain, SPF, DMARC, SES, Verdict string
}

// RowHeads are the heads of its columns.
var RowHeads = []string{"domain", "SPF lookups", "DMARC", "mail through SES", "verdict"}

// Cells are the texts of the row.
func (r Row) Cells() []string { return []string{r.Domain, r.SPF, r.DMARC, r.SES, r.Verdict} }

// row sums a domain up.
func (trees trees) row(p *snapshot.Snapshot, name, verdict string) Row {
	c := Row{Domain: name, SPF: "-", DMARC: "-", SES: "-", Verdict: verdict}
	if p == nil {
		return c
	}
	for _, s := range p.SPF {
		if tree := trees[s.Name]; !s.MailFrom && tree != nil {
			c.SPF = tree.Words()
			switch {
			case s.Unsure:
				c.SPF = "not certain"
			case tree.State == "ok":
				c.SPF = fmt.Sprintf("%s of %d", tree.Lookups.Words(), spf.MaxLookups)
			}
		}
	}
	if m := p.DMARC; m != nil {
		c.DMARC = map[snapshot.State]string{snapshot.Right: m.Policy, snapshot.Missing: "missing", snapshot.Wrong: "invalid", snapshot.Unknown: "not answered"}[m.State]
	}
	if len(p.Alignment) > 0 {
		a := p.Alignment[0]
		switch {
		case len(a.Legs) > 0:
			c.SES = a.Result + " by " + strings.ToUpper(strings.Join(a.Legs, ", "))
		default:
			c.SES = a.Result
		}
	}
	return c
}

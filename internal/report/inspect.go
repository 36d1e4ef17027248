package report

import (
	"fmt"
	"io"
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

// This file decides what `inspect` says of a domain. Its formats, a file each,
// only write that down.

// OfInspect are the formats of inspect.
var OfInspect = Formats{
	"html":     InspectHTML,
	"json":     InspectJSON,
	"markdown": InspectMarkdown,
	"text":     func(w io.Writer, r *Report) error { return InspectText(w, r, TextOptions{}) },
}

// section is one side of a domain: what stands in DNS, and how that is judged.
type section struct {
	title    string
	mark     string      // ok, note, warning, error or inconclusive; "" where nothing is judged
	records  []string    // as they stand
	says     []string    // what they mean
	tree     record.Name // of an SPF record to be drawn
	findings []*finding.Finding

	unanswered []string // questions
}

// sections are all sides of a domain that were looked at.
func (r *Report) sections(d *check.Domain) []section {
	p := d.Snapshot
	if p == nil { // it does not exist, or its turn never came
		p = &snapshot.Snapshot{}
	}
	all := []section{{title: "Domain"}}
	byName := map[record.Name]int{} // MAIL FROM names
	byPart := map[wanted.Part]int{}
	add := func(part wanted.Part, s section) {
		if _, ok := byPart[part]; !ok {
			byPart[part] = len(all)
		}
		all = append(all, s)
	}
	for _, s := range p.SPF {
		if !s.MailFrom {
			add(wanted.SPFRecord, r.spfSection("SPF", s))
		}
	}
	if p.DMARC != nil {
		add(wanted.DMARCRecord, dmarcSection(p.DMARC))
	}
	for _, m := range p.MailFrom {
		byName[m.Name] = len(all)
		add(wanted.MailFrom, r.mailFromSection(p, m))
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
		s.mark = worse(s.mark, label(f))
		s.findings = append(s.findings, f)
		switch {
		case f.Check == check.DNSUnavailable:
			s.unanswered = append(s.unanswered, f.Record.String())
		case f.Status == finding.Inconclusive:
			s.says = append(s.says, "inconclusive, because answers differ: "+f.Record.String())
		}
	}
	for i := range all {
		all[i].unanswer()
	}
	if len(all[0].findings) == 0 {
		return all[1:]
	}
	return all
}

// partOf is the part of the domain that a finding is about. A question may
// have failed that several parts asked: what it leaves open tells.
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
func (s *section) unanswer() {
	slices.Sort(s.unanswered)
	if all := slices.Compact(s.unanswered); len(all) > 0 {
		s.says = append(s.says, "not answered: "+shorten.List(all, 5))
	}
}

// causes puts the findings of a section that have one cause together.
func (s *section) causes() (all []group) {
	at := map[string]int{}
	for _, f := range s.findings {
		if i, ok := at[f.Cause]; ok && f.Cause != "" {
			all[i].findings = append(all[i].findings, f)
			continue
		}
		at[f.Cause] = len(all)
		all = append(all, group{findings: []*finding.Finding{f}})
	}
	return all
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
func headline(d *check.Domain, all []section) (mark, words string) {
	of := func(mark string) string {
		var titles []string
		for _, s := range all {
			if s.mark == mark && len(s.findings) > 0 {
				titles = append(titles, s.title)
			}
		}
		return strings.Join(titles, ", ")
	}
	for _, s := range all {
		mark = worse(mark, s.mark)
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

// compared is a row of the table that sets several domains side by side.
type compared struct {
	name, mark, verdict string
	spf, dmarc, ses     string
}

// comparedHeads are the heads of its columns.
var comparedHeads = []string{"domain", "SPF lookups", "DMARC", "mail through SES", "verdict"}

func (c compared) cells() []string { return []string{c.name, c.spf, c.dmarc, c.ses, c.verdict} }

func (r *Report) compare(d *check.Domain) compared {
	c := compared{name: name(d), spf: "-", dmarc: "-", ses: "-"}
	c.mark, c.verdict = headline(d, r.sections(d))
	p := d.Snapshot
	if p == nil {
		return c
	}
	for _, s := range p.SPF {
		if tree := r.SPF[s.Name]; !s.MailFrom && tree != nil {
			c.spf = state(tree)
			switch {
			case s.Unsure:
				c.spf = "not certain"
			case tree.State == "ok":
				c.spf = fmt.Sprintf("%s of %d", count(tree.Lookups), spf.MaxLookups)
			}
		}
	}
	if m := p.DMARC; m != nil {
		c.dmarc = map[snapshot.State]string{snapshot.Right: m.Policy, snapshot.Missing: "missing", snapshot.Wrong: "invalid", snapshot.Unknown: "not answered"}[m.State]
	}
	if len(p.Alignment) > 0 {
		a := p.Alignment[0]
		switch {
		case len(a.Legs) > 0:
			c.ses = a.Result + " by " + strings.ToUpper(strings.Join(a.Legs, ", "))
		default:
			c.ses = a.Result
		}
	}
	return c
}

// inspected says how the run ended.
func (r *Report) inspected() string { return r.judgement("there is something to fix", "") + r.early() }

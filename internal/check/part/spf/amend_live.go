package spf

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// Amended is an SPF record to replace the live one.
type Amended struct {
	Name    record.Name
	Text    string          // the record; may be ""
	Live    bool            // there is a live record
	Changed bool            // Text differs from the live record
	Failure *record.Failure // of DNS: why Text is empty
	Why     string          // of the record: why Text is empty

	Notes    []string        // clauses about Text
	Replaces []record.Record // live TXT records to remove
}

// Amend adds the terms of the file to the live SPF records of a domain, as the
// fix of a finding does. If the live record is not certain, Text is empty: a
// second record would break the first.
func Amend(ctx context.Context, a part.Asker, resolvers []record.Asker, d *config.Domain) (all []Amended) {
	for _, w := range wants(d) {
		if w.listed == nil || !w.listed.None {
			all = append(all, amend(ctx, a, resolvers, w))
		}
	}
	return all
}

func amend(ctx context.Context, a part.Asker, resolvers []record.Asker, w want) Amended {
	s := observe(ctx, a, w)
	root, c := s.tree.Root, s.cure
	m := Amended{Name: w.name, Live: len(root.Records) > 0 || len(c.drop) > 0, Notes: slices.Concat(c.said, c.brings), Replaces: c.drop}
	if at := root.Answer.Chain; len(at) > 0 {
		switch wildcard := part.FromWildcard(ctx, a.Own, root.Answer); {
		case !wildcard:
			m.Why = fmt.Sprintf("%s is a CNAME to %s, and no other record can share its name; delete it first", w.name, at[0])
			return m
		case !w.mailFrom: // the name of a domain may have a web site
			m.Why = fmt.Sprintf("the CNAME of a wildcard leads %s to %s; with a record of its own, the name has no other records: publish its addresses, too", w.name, at[0])
			return m
		}
		m.Live, m.Replaces = false, nil
	}
	if len(c.stays) > 0 {
		m.Notes = append(m.Notes, "terms after the all term stay there: "+strings.Join(c.stays, "; "))
	}
	r := root.Record()
	switch {
	case root.Answer.Status == record.Unknown:
		m.Failure = root.Answer.Failure
	case c.why != "":
		m.Why = m.reason(s)
	case c.text != "":
		m.Text, m.Changed = c.text, true
		if c.doubled != "" {
			m.Notes = append(m.Notes, fmt.Sprintf("its senders are those of the record at %s, which has no effect there; delete that one", c.doubled))
		}
	case r != nil:
		m.Text = r.Text.Raw()
	}
	if len(root.Records) == 0 && m.Text != "" && !root.Answer.Local {
		m.doubt(ctx, root.Answer, resolvers)
	}
	if r != nil && len(r.Problems) == 0 && w.mailFrom {
		if open := s.readSES().open; len(open) > 0 {
			m.Text, m.Failure = "", open[0].Failure
		}
	}
	return m
}

// reason says why there is no record to publish.
func (m *Amended) reason(s seen) string {
	root := s.tree.Root
	switch {
	case len(root.Records) > 1:
		return fmt.Sprintf("%s has %d SPF records, and they cannot be merged (%s); keep one, then change that", m.Name, len(root.Records), s.cure.why)
	case len(root.Records) == 1 && len(root.Record().Problems) > 0:
		return fmt.Sprintf("the SPF record of %s has a syntax error, and %s; fix it first: %s", m.Name, s.cure.why, root.Record().Problems[0])
	}
	return fmt.Sprintf("no SPF record can be given for %s: %s", m.Name, s.cure.why)
}

// doubt empties the record if no resolver confirms the live one, or one has a
// different answer.
func (m *Amended) doubt(ctx context.Context, first record.Answer, resolvers []record.Asker) {
	text, heard := m.Text, false
	m.Text = ""
	for _, r := range resolvers {
		second := r.Ask(ctx, first.Question)
		switch {
		case second.Status == record.Unknown:
			m.Failure = second.Failure
			if second.Failure.Fault == record.Disagreed {
				return
			}
		case slices.ContainsFunc(second.Records, func(r record.Record) bool { return spf.Is(r.Text()) }):
			m.Failure = &record.Failure{
				Question: first.Question, Fault: record.Disagreed, Server: second.Server, Tries: 2,
				Detail: "asked again, DNS answered differently: the record is being changed, or the servers disagree",
			}
			return
		default:
			heard = true
		}
	}
	if heard {
		m.Text, m.Failure = text, nil
	}
}

package check

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// Amended is an SPF record as it is to stand in place of the live one.
type Amended struct {
	Name    record.Name
	Text    string          // the record; "" if it cannot be given
	Live    bool            // there is one in DNS already
	Changed bool            // Text is not what is live
	Failure *record.Failure // what kept it from being given, of DNS
	Why     string          // the same, of the record
}

// AmendSPF looks at every SPF record that the file asks for and puts what is
// missing into the one that is live, as the fix of a finding does. Where it is
// not sure what is live there is no record: a second one would break the first.
func AmendSPF(ctx context.Context, domains []config.Domain, r Resolver, window int) map[record.Name]Amended {
	shared := newMemory(r)
	crew := newCrew()
	defer crew.dismiss()
	a := asks{crew: crew, shared: shared, forest: spf.NewForest(ctx, shared)}
	all := map[record.Name]Amended{}
	var mu sync.Mutex
	crew.through(len(domains), newPlaces(window), func(i int) {
		own := a
		own.own = newMemory(r)
		for _, w := range wantSPF(&domains[i]) {
			if w.listed != nil && w.listed.None {
				continue
			}
			m := amend(ctx, own, r, w)
			mu.Lock()
			all[m.Name] = m
			mu.Unlock()
		}
	})
	return all
}

func amend(ctx context.Context, a asks, r Resolver, w spfWant) Amended {
	j := &spfJudge{spfWant: w, spfSeen: observeSPF(ctx, a, w)}
	root := j.tree.Root
	m := Amended{Name: w.name, Live: len(root.Records) > 0}
	if at := root.Answer.Chain; len(at) > 0 {
		m.Why = fmt.Sprintf("%s is a CNAME to %s, beside which no other record can stand; delete it first", w.name, at[0])
		return m
	}
	switch {
	case root.Answer.Status == record.Unknown:
		m.Failure = root.Answer.Failure
	case !m.Live:
		m.Text, m.Changed = w.suggestion(), true
		if !root.Answer.Local {
			m.doubt(ctx, root.Answer, r.Opinions())
		}
	case len(root.Records) > 1:
		m.Changed = true
		if m.Text = j.merge(root.Records); m.Text == "" {
			m.Why = fmt.Sprintf("%s has %d SPF records, and they cannot be put into one; leave one, then amend that", w.name, len(root.Records))
		}
	case len(root.Record().Problems) > 0:
		m.Why = fmt.Sprintf("the SPF record of %s has a syntax error; mend it first: %s", w.name, root.Record().Problems[0])
	case !root.Record().Text.Plain():
		m.Why = fmt.Sprintf("the SPF record of %s has characters that it cannot be copied with: %.200s", w.name, root.Record().Text)
	default:
		if yes, open := authorizes(root, map[*spf.Node]bool{}); w.mailFrom && !yes && len(open) > 0 {
			m.Failure = open[0].Failure
			return m
		}
		m.Text = j.mend(root.Record())
		m.Changed = m.Text != ""
		if !m.Changed {
			m.Text = root.Record().Text.Raw()
		}
	}
	return m
}

// doubt takes a record back if nobody has a second answer, or somebody has
// another one.
func (m *Amended) doubt(ctx context.Context, first record.Answer, opinions []record.Asker) {
	text, heard := m.Text, false
	m.Text = ""
	for _, o := range opinions {
		second := o.Ask(ctx, first.Question)
		switch {
		case second.Status == record.Unknown:
			m.Failure = second.Failure
			if second.Failure.Fault == record.Disagreed {
				return
			}
		case slices.ContainsFunc(second.Records, func(r record.Record) bool { return spf.Is(r.Text()) }):
			m.Failure = &record.Failure{
				Question: first.Question, Fault: record.Disagreed, Server: second.Server, Tries: 2,
				Detail: "asked again, DNS said otherwise: the record is being changed, or the servers do not agree",
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

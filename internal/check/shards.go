package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
)

// ShardOutcome is the outcome of a shard, with the positions of its domains among
// those of the run.
type ShardOutcome struct {
	*Outcome
	Positions []int
}

// Join joins the outcomes of the shards of a run with so many domains.
func Join(shards []ShardOutcome, domains int) (*Outcome, error) {
	first := shards[0]
	o := &Outcome{Off: first.Off, Lowered: first.Lowered, Looked: first.Looked, SPF: map[record.Name]*snapshot.SPFRecord{}}
	at := make([]*Domain, domains)
	named := map[record.Name]bool{}
	for _, s := range shards {
		for i, position := range s.Positions {
			d := &s.Domains[i]
			if at[position] != nil || named[d.Name] {
				return nil, fmt.Errorf("domain %s is in two shards", d.Name)
			}
			at[position], named[d.Name] = d, true
		}
		for name, r := range s.SPF {
			if old := o.SPF[name]; old == nil || r.Fuller(old) {
				o.SPF[name] = r
			}
		}
		o.Answered = o.Answered || s.Answered
		o.Partial = o.Partial || s.Partial
	}
	o.Domains = make([]Domain, 0, len(named))
	for _, d := range at {
		if d != nil {
			o.Domains = append(o.Domains, *d)
		}
	}
	o.Findings = heldByAll(shards)
	for _, ig := range first.Ending {
		if !slices.ContainsFunc(o.Findings, func(f finding.Finding) bool { return f.Check == IgnoreUnused && f.Place == ig.Place }) {
			o.Ending = append(o.Ending, ig)
		}
	}
	return o, nil
}

// heldByAll are the findings about the file as a whole that every shard has: an
// ignore is unused only if no shard used it.
func heldByAll(shards []ShardOutcome) (all []finding.Finding) {
	type key struct {
		fingerprint string
		place       config.Place
	}
	sets := make([]map[key]bool, len(shards))
	for i, s := range shards {
		sets[i] = map[key]bool{}
		for j := range s.Held {
			f := &s.Held[j]
			sets[i][key{f.Fingerprint(), f.Place}] = true
		}
	}
	for _, f := range shards[0].Held {
		if !slices.ContainsFunc(sets, func(has map[key]bool) bool { return !has[key{f.Fingerprint(), f.Place}] }) {
			all = append(all, f)
		}
	}
	return all
}

// Miss notes missing shards. Then no ignore is known to be unused.
func (o *Outcome) Miss(missing []string, shards, domains int) {
	o.Partial = true
	for i := range o.Looked {
		o.Looked[i].Checks = slices.DeleteFunc(slices.Clone(o.Looked[i].Checks), func(c *finding.Check) bool { return c == IgnoreUnused })
	}
	o.Findings = slices.DeleteFunc(o.Findings, func(f finding.Finding) bool { return f.Check == IgnoreUnused })
	o.Findings = append(o.Findings, finding.Finding{
		Check: DNSUnavailable, Severity: finding.Error, Status: finding.Inconclusive, Undecided: []*finding.Check{DNSUnavailable}, Subject: "shards",
		Message: fmt.Sprintf("shard %s of %d is missing: %s of %d were not looked at",
			strings.Join(missing, ", "), shards, shorten.Count(domains-len(o.Domains), "domain"), domains),
		Impact: "not known for the domains of the shard; run it again",
	})
}

package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// MaxShards is how many a run may have: a matrix on GitHub has 256 jobs at
// most.
const MaxShards = 1000

// Merge puts the shards of one run together. The outcome is what the run would
// have had without shards, but for times and evidence.
//
// Each domain must be there once. With partial, shards may be missing, which
// leaves the outcome inconclusive, and of a shard that is there more than once
// the last one counts.
func Merge(parts []*Part, partial bool) (Run, *check.Outcome, error) {
	if len(parts) == 0 {
		return Run{}, nil, errors.New("there is no report to merge")
	}
	whole := parts[0].shard
	byIndex := make([]*Part, whole.Count)
	for _, p := range parts {
		s := p.shard
		if s.Run != whole.Run || s.Count != whole.Count || s.Domains != whole.Domains || s.Run == "" && len(parts) > 1 {
			return Run{}, nil, errors.New("the reports are not shards of one run: they must have the same files, the same flags and the same N of --shard I/N")
		}
		if byIndex[s.Index-1] != nil && !partial {
			return Run{}, nil, fmt.Errorf("shard %d of %d appears twice; with --partial, the last one counts", s.Index, s.Count)
		}
		byIndex[s.Index-1] = p
	}
	var missing []string
	var there []*Part
	for i, p := range byIndex {
		if p == nil {
			missing = append(missing, strconv.Itoa(i+1))
			continue
		}
		there = append(there, p)
	}
	if len(missing) > 0 && !partial {
		return Run{}, nil, fmt.Errorf("shard %s of %d is missing; with --partial, the others are reported, and the run is inconclusive", strings.Join(missing, ", "), whole.Count)
	}
	o, err := together(there, whole.Domains)
	if err != nil {
		return Run{}, nil, err
	}
	if len(missing) > 0 {
		o.Partial = true // which ignores are unused, all would have to say
		for i := range o.Looked {
			o.Looked[i].Checks = slices.DeleteFunc(slices.Clone(o.Looked[i].Checks), func(c *finding.Check) bool { return c == check.IgnoreUnused })
		}
		o.Findings = slices.DeleteFunc(o.Findings, func(f finding.Finding) bool { return f.Check == check.IgnoreUnused })
		o.Findings = append(o.Findings, lost(missing, whole, len(o.Domains)))
	} else if len(o.Domains) < whole.Domains {
		return Run{}, nil, fmt.Errorf("%d of the %d domains are in no shard", whole.Domains-len(o.Domains), whole.Domains)
	}
	return during(there), o, nil
}

// together joins the outcomes of shards.
func together(parts []*Part, domains int) (*check.Outcome, error) {
	first := &parts[0].outcome
	o := &check.Outcome{Off: first.Off, Lowered: first.Lowered, Looked: first.Looked, SPF: map[record.Name]*snapshot.SPFRecord{}}
	at := make([]*check.Domain, domains)
	named := map[record.Name]bool{}
	for _, p := range parts {
		for i, position := range p.shard.Positions {
			d := &p.outcome.Domains[i]
			if at[position] != nil || named[d.Name] {
				return nil, fmt.Errorf("domain %s is in two shards", d.Name)
			}
			at[position], named[d.Name] = d, true
		}
		for name, r := range p.outcome.SPF {
			if old := o.SPF[name]; old == nil || r.Fuller(old) {
				o.SPF[name] = r
			}
		}
		o.Answered = o.Answered || p.outcome.Answered
		o.Partial = o.Partial || p.outcome.Partial
	}
	o.Domains = make([]check.Domain, 0, len(named))
	for _, d := range at {
		if d != nil {
			o.Domains = append(o.Domains, *d)
		}
	}
	o.Findings = held(parts)
	for _, ig := range first.Ending {
		if !slices.ContainsFunc(o.Findings, func(f finding.Finding) bool { return f.Check == check.IgnoreUnused && f.Place == ig.Place }) {
			o.Ending = append(o.Ending, ig)
		}
	}
	return o, nil
}

// held are the findings about the file as a whole that every shard has: an
// ignore is unused only if no shard used it.
func held(parts []*Part) (all []finding.Finding) {
	type key struct {
		fingerprint string
		place       config.Place
	}
	sets := make([]map[key]bool, len(parts))
	for i, p := range parts {
		sets[i] = map[key]bool{}
		for j := range p.outcome.Held {
			f := &p.outcome.Held[j]
			sets[i][key{f.Fingerprint(), f.Place}] = true
		}
	}
	for _, f := range parts[0].outcome.Held {
		if !slices.ContainsFunc(sets, func(has map[key]bool) bool { return !has[key{f.Fingerprint(), f.Place}] }) {
			all = append(all, f)
		}
	}
	return all
}

// lost is the finding that stands for the shards that are not there.
func lost(missing []string, whole Shard, have int) finding.Finding {
	return finding.Finding{
		Check: check.DNSUnavailable, Severity: finding.Error, Status: finding.Inconclusive, Undecided: []*finding.Check{check.DNSUnavailable}, Subject: "shards",
		Message: fmt.Sprintf("shard %s of %d is missing: %s of %d were not looked at",
			strings.Join(missing, ", "), whole.Count, plural(whole.Domains-have, "domain"), whole.Domains),
		Impact: "not known for the domains of the shard; run it again",
	}
}

// during is when the run was: from its first shard's begin to its last one's
// end.
func during(parts []*Part) Run {
	run := parts[0].run
	end := run.Started.Add(run.Duration)
	for _, p := range parts {
		if p.run.Started.Before(run.Started) {
			run.Started = p.run.Started
		}
		run.Early = cmp.Or(run.Early, p.run.Early)
		if e := p.run.Started.Add(p.run.Duration); e.After(end) {
			end = e
		}
	}
	run.Duration = max(end.Sub(run.Started), 0)
	return run
}

// Verbose reports whether any of the reports has a row for every check.
func Verbose(parts []*Part) bool {
	return slices.ContainsFunc(parts, func(p *Part) bool { return p.verbose })
}

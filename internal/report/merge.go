package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
)

// MaxShards bounds the shards of a run. A matrix on GitHub has at most 256 jobs.
const MaxShards = 1000

// Merge joins the shards of one run. The outcome is that of the run without
// shards, apart from times and evidence.
//
// Each domain must be in exactly one shard. With partial, shards may be missing,
// which makes the outcome inconclusive, and of a repeated shard the last one
// counts.
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
	o, err := check.Join(outcomes(there), whole.Domains)
	if err != nil {
		return Run{}, nil, err
	}
	if len(missing) > 0 {
		o.Miss(missing, whole.Count, whole.Domains)
	} else if len(o.Domains) < whole.Domains {
		return Run{}, nil, fmt.Errorf("%d of the %d domains are in no shard", whole.Domains-len(o.Domains), whole.Domains)
	}
	return during(there), o, nil
}

// outcomes are those of the shards.
func outcomes(parts []*Part) (all []check.ShardOutcome) {
	for _, p := range parts {
		all = append(all, check.ShardOutcome{Outcome: &p.outcome, Positions: p.shard.Positions})
	}
	return all
}

// during is the time from the start of the first shard to the end of the last.
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

package check

import (
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/record"
)

// promises are the planned records that a domain's checks wait for, each once:
// those of judges, and those behind queries.
func (s *settling) promises(known []finding.Promise, all []part.Undecided) (out []finding.Promise) {
	for _, p := range known {
		p.Checks = slices.DeleteFunc(slices.Clone(p.Checks), func(c *finding.Check) bool { return !s.wanted(c) })
		out = append(out, p)
	}
	at := map[record.Question]int{}
	for _, u := range all {
		if !u.Promised() {
			continue
		}
		q := u.Answer.Failure.Question
		i, ok := at[q]
		if !ok {
			i = len(out)
			at[q] = i
			out = append(out, finding.Promise{Record: q, Count: 1, Part: u.Part, From: u.Answer.Failure.Detail})
		}
		for _, c := range u.Checks {
			if s.wanted(c) && !slices.Contains(out[i].Checks, c) {
				out[i].Checks = append(out[i].Checks, c)
			}
		}
	}
	return slices.DeleteFunc(out, func(p finding.Promise) bool { return len(p.Checks) == 0 })
}

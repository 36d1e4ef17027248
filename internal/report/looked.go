package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// jsonLooked is what was looked at of a record. Which checks were decided stands
// once for all records of which they were the same.
type jsonLooked struct {
	jsonQuestion
	Scope    int               `json:"scope"` // its place in scopes
	Skipped  map[string]string `json:"skipped,omitempty"`
	Subjects []string          `json:"subjects,omitempty"`
}

// scopes are the lists of checks that were decided of a record, each once.
func (r *Report) scopes() (all [][]string) {
	r.lists = map[string]int{}
	add := func(looked []check.Looked) {
		for _, l := range looked {
			key := strings.Join(l.Checks, " ")
			if _, ok := r.lists[key]; !ok {
				r.lists[key] = len(all)
				all = append(all, lines(l.Checks))
			}
		}
	}
	add(r.Looked)
	for i := range r.Domains {
		add(r.Domains[i].Looked)
	}
	return all
}

func (r *Report) toJSONLooked(looked []check.Looked) (all []jsonLooked) {
	for _, l := range looked {
		all = append(all, jsonLooked{question(l.Record), r.lists[strings.Join(l.Checks, " ")], l.Skipped, l.Subjects})
	}
	return all
}

// readLooked reads what was looked at.
func readLooked(in []jsonLooked, scopes [][]string) (all []check.Looked, err error) {
	for _, l := range in {
		q, err := l.question()
		if err != nil {
			return nil, err
		}
		if l.Scope < 0 || l.Scope >= len(scopes) {
			return nil, fmt.Errorf("%d is the place of no scope", l.Scope)
		}
		for id, by := range l.Skipped {
			if err := areChecks(id, by); err != nil {
				return nil, err
			}
		}
		all = append(all, check.Looked{Record: q, Checks: scopes[l.Scope], Skipped: maps.Clone(l.Skipped), Subjects: cleaned(l.Subjects)})
	}
	return all, nil
}

// areChecks tells which of the ids is none.
func areChecks(ids ...string) error {
	if i := slices.IndexFunc(ids, func(id string) bool { _, ok := check.Lookup(id); return !ok }); i >= 0 {
		return fmt.Errorf("there is no check %s", untrusted.Quote(ids[i]))
	}
	return nil
}

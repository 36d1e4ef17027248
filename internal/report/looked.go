package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// jsonLooked is what was looked at of a record. Lists of checks are given by
// their places in scopes, since most records have the same.
type jsonLooked struct {
	jsonQuestion
	Decided  int            `json:"decided"`
	Hidden   map[string]int `json:"hidden,omitempty"` // by the check of the finding that hides them
	Subjects []string       `json:"subjects,omitempty"`
}

// scopes are the lists of checks that were decided or hidden, each once.
func (r *Report) scopes() (all [][]string) {
	r.lists = map[string]int{}
	add := func(ids []string) {
		key := strings.Join(ids, " ")
		if _, ok := r.lists[key]; !ok {
			r.lists[key] = len(all)
			all = append(all, lines(ids))
		}
	}
	each := func(looked []check.Looked) {
		for _, l := range looked {
			add(l.Checks)
			for _, by := range slices.Sorted(maps.Keys(l.Skipped)) {
				add(l.Skipped[by])
			}
		}
	}
	each(r.Looked)
	for i := range r.Domains {
		each(r.Domains[i].Looked)
	}
	return all
}

func (r *Report) toJSONLooked(looked []check.Looked) (all []jsonLooked) {
	at := func(ids []string) int { return r.lists[strings.Join(ids, " ")] }
	for _, l := range looked {
		out := jsonLooked{jsonQuestion: question(l.Record), Decided: at(l.Checks), Subjects: l.Subjects}
		for by, ids := range l.Skipped {
			if out.Hidden == nil {
				out.Hidden = map[string]int{}
			}
			out.Hidden[by] = at(ids)
		}
		all = append(all, out)
	}
	return all
}

// readLooked reads what was looked at.
func readLooked(in []jsonLooked, scopes [][]string) (all []check.Looked, err error) {
	at := func(i int) (ids []string) {
		if i < 0 || i >= len(scopes) {
			err = fmt.Errorf("%d is the place of no scope", i)
			return nil
		}
		return scopes[i]
	}
	for _, l := range in {
		q, e := l.question()
		if e != nil {
			return nil, e
		}
		out := check.Looked{Record: q, Checks: at(l.Decided), Subjects: cleaned(l.Subjects)}
		for by, i := range l.Hidden {
			if e := areChecks(by); e != nil {
				return nil, e
			}
			if out.Skipped == nil {
				out.Skipped = map[string][]string{}
			}
			out.Skipped[by] = at(i)
		}
		all = append(all, out)
	}
	return all, err
}

// areChecks tells which of the ids is none.
func areChecks(ids ...string) error {
	if i := slices.IndexFunc(ids, func(id string) bool { _, ok := check.Lookup(id); return !ok }); i >= 0 {
		return fmt.Errorf("there is no check %s", untrusted.Quote(ids[i]))
	}
	return nil
}

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

// listID tells lists apart that are kept once each.
type listID struct {
	first *string
	size  int
}

func idOf(ids []string) listID {
	if len(ids) == 0 {
		return listID{}
	}
	return listID{&ids[0], len(ids)}
}

// scopes are the lists of checks that were decided or hidden, each once.
func (r *Report) scopes() (all [][]string) {
	r.lists = map[listID]int{}
	same := map[string]int{}
	add := func(ids []string) {
		if _, ok := r.lists[idOf(ids)]; ok {
			return
		}
		key := strings.Join(ids, " ")
		i, ok := same[key]
		if !ok {
			i = len(all)
			same[key] = i
			all = append(all, lines(ids))
		}
		r.lists[idOf(ids)] = i
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

func (r *Report) toJSONLooked(looked []check.Looked) []jsonLooked {
	all := make([]jsonLooked, len(looked))
	for i, l := range looked {
		all[i] = jsonLooked{jsonQuestion: question(l.Record), Decided: r.lists[idOf(l.Checks)], Subjects: l.Subjects}
		for by, ids := range l.Skipped {
			if all[i].Hidden == nil {
				all[i].Hidden = map[string]int{}
			}
			all[i].Hidden[by] = r.lists[idOf(ids)]
		}
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

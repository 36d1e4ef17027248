package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// jsonLooked is what was decided about a record. Lists of checks are indices of
// scopes, since most records have the same lists.
type jsonLooked struct {
	jsonQuestion
	Decided  int            `json:"decided"`
	Hidden   map[string]int `json:"hidden,omitempty"` // by the check of the finding that hides them
	Subjects []string       `json:"subjects,omitempty"`
}

// listID identifies a list of checks.
type listID struct {
	first **finding.Check
	size  int
}

func idOf(checks []*finding.Check) listID {
	if len(checks) == 0 {
		return listID{}
	}
	return listID{&checks[0], len(checks)}
}

// scopes are the lists of decided and hidden checks, each once.
func (r *Report) scopes() (all [][]string) {
	r.lists = map[listID]int{}
	same := map[string]int{}
	add := func(checks []*finding.Check) {
		if _, ok := r.lists[idOf(checks)]; ok {
			return
		}
		ids := finding.IDs(checks)
		key := strings.Join(ids, " ")
		i, ok := same[key]
		if !ok {
			i = len(all)
			same[key] = i
			all = append(all, ids)
		}
		r.lists[idOf(checks)] = i
	}
	each := func(looked []check.Looked) {
		for _, l := range looked {
			add(l.Checks)
			for _, by := range slices.SortedFunc(maps.Keys(l.Skipped), byID) {
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
		for by, hidden := range l.Skipped {
			if all[i].Hidden == nil {
				all[i].Hidden = map[string]int{}
			}
			all[i].Hidden[by.ID] = r.lists[idOf(hidden)]
		}
	}
	return all
}

// readLooked reads what was decided.
func readLooked(in []jsonLooked, scopes [][]*finding.Check) (all []check.Looked, err error) {
	at := func(i int) []*finding.Check {
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
		for id, i := range l.Hidden {
			by, e := lookUp(id)
			if e != nil {
				return nil, e
			}
			if out.Skipped == nil {
				out.Skipped = map[*finding.Check][]*finding.Check{}
			}
			out.Skipped[by] = at(i)
		}
		all = append(all, out)
	}
	return all, err
}

// lookUp finds a check by its id.
func lookUp(id string) (*finding.Check, error) {
	c, ok := check.Lookup(id)
	if !ok {
		return nil, fmt.Errorf("there is no check %s", untrusted.Quote(id))
	}
	return c, nil
}

// lookUpAll finds checks by their ids.
func lookUpAll(ids []string) (all []*finding.Check, err error) {
	for _, id := range ids {
		c, err := lookUp(id)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

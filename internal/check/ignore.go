package check

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// The checks of this file.
var (
	IgnoreExpired = &finding.Check{
		ID: "ignore-expired", Severity: finding.Warning, Since: "1.0.0",
		Title:   "An ignore in the file has ended",
		Means:   "The date in `until` has passed, so the item no longer silences anything.",
		Matters: "nothing; the findings are reported again",
		Fix:     "Fix what was accepted, or set a later date. Remove the item if there is nothing left to accept.",
	}
	IgnoreUnused = &finding.Check{
		ID: "ignore-unused", Severity: finding.Note, Since: "1.0.0",
		Title:   "An ignore in the file matches no finding",
		Means:   "The finding is gone, or the check, domain or record of the item has a typo.",
		Matters: "nothing now; the item would hide the finding if it came back",
		Fix:     "Remove the item.",
	}
)

// ignores are the items of `ignore` in force. Items with names are looked up in
// maps, so that only globs must be matched with every finding.
type ignores struct {
	items []*accepted // by index of file.Ignores; nil if not in force
	check map[string]*acceptedOf

	domains, records globSet
}

// accepted are items with the same globs.
type accepted struct {
	domain, record names
	last           int // the last item, whose reason is reported
	used           atomic.Bool
}

// names is a name or glob of an item.
type names struct {
	record.Glob
	n int // index of a glob in its set
}

// in reports whether a name matches; matched has the results of its globs.
func (ns names) in(name string, matched []bool) bool {
	if one, ok := nameOrAll(ns.Glob); ok {
		return one == "*" || one == name
	}
	return matched[ns.n]
}

// globSet matches a name with many globs at once.
type globSet struct {
	all []record.Glob
	set *record.Globs
}

// add adds a glob to the set. A name is only returned: the set would grow too
// large.
func (gs *globSet) add(s string) names {
	g, _ := record.ParseGlob(s) // the reader of the file checked it
	if _, ok := nameOrAll(g); !ok {
		gs.all = append(gs.all, g)
	}
	return names{g, len(gs.all) - 1}
}

// match returns which globs match one of some names.
func (gs *globSet) match(names ...string) []bool {
	matched := make([]bool, len(gs.all))
	for i, n := range names {
		if !slices.Contains(names[:i], n) {
			gs.set.Match(n, matched)
		}
	}
	return matched
}

// acceptedOf are the items for one check.
type acceptedOf struct {
	named map[namesOf][]*accepted
	globs []*accepted
}

// namesOf are the names of an item; "*" for all.
type namesOf struct{ domain, record string }

func newIgnores(all []config.Ignore, inForce func(config.Ignore) bool) *ignores {
	igs := &ignores{items: make([]*accepted, len(all)), check: map[string]*acceptedOf{}}
	same := map[[3]string]*accepted{}
	for i, ig := range all {
		if !inForce(ig) {
			continue
		}
		key := [3]string{ig.Check.Value, ig.Domain.Value, ig.Record.Value}
		if same[key] == nil {
			same[key] = &accepted{domain: igs.domains.add(ig.Domain.Value), record: igs.records.add(ig.Record.Value)}
			igs.add(ig.Check.Value, same[key])
		}
		same[key].last = i
		igs.items[i] = same[key]
	}
	igs.domains.set, igs.records.set = record.NewGlobs(igs.domains.all), record.NewGlobs(igs.records.all)
	return igs
}

func (igs *ignores) add(of string, a *accepted) {
	check, _ := record.ParseGlob(of)
	if id, literal := check.Literal(); literal {
		igs.addTo(id, a)
		return
	}
	for id := range known {
		if check.Match(id) {
			igs.addTo(id, a)
		}
	}
}

func (igs *ignores) addTo(id string, a *accepted) {
	of := igs.check[id]
	if of == nil {
		of = &acceptedOf{named: map[namesOf][]*accepted{}}
		igs.check[id] = of
	}
	domain, one := nameOrAll(a.domain.Glob)
	rec, other := nameOrAll(a.record.Glob)
	if one && other {
		key := namesOf{domain, rec}
		of.named[key] = append(of.named[key], a)
	} else {
		of.globs = append(of.globs, a)
	}
}

func nameOrAll(g record.Glob) (name string, ok bool) {
	if g.All() {
		return "*", true
	}
	return g.Literal()
}

// of returns the item whose reason is reported for a finding, and marks all items
// that accept it as used.
func (igs *ignores) of(f *finding.Finding, d *config.Domain) (item int, ok bool) {
	of := igs.check[f.Check.ID]
	if of == nil {
		return 0, false
	}
	item = -1
	use := func(a *accepted) {
		a.used.Store(true)
		item = max(item, a.last)
	}
	name, written := string(d.Name), strings.ToLower(d.Written)
	for _, domain := range []string{name, written, "*"} {
		for _, rec := range []string{string(f.Record.Name), "*"} {
			for _, a := range of.named[namesOf{domain, rec}] {
				use(a)
			}
		}
	}
	if len(of.globs) > 0 {
		domains, records := igs.domains.match(name, written), igs.records.match(string(f.Record.Name))
		for _, a := range of.globs {
			if (a.domain.in(name, domains) || a.domain.in(written, domains)) && a.record.in(string(f.Record.Name), records) {
				use(a)
			}
		}
	}
	return item, item >= 0
}

// used reports whether an item accepted a finding.
func (igs *ignores) used(item int) bool { return igs.items[item] != nil && igs.items[item].used.Load() }

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

// ignores are the items of `ignore` that are in force, so kept that a finding is
// held only against those that have a glob: the others are looked up by the names
// that they have.
type ignores struct {
	items []*accepted // by index of file.Ignores; nil where one is not in force
	check map[string]*acceptedOf

	domains, records globSet
}

// accepted are items that have the same globs.
type accepted struct {
	domain, record names
	last           int // the item that stands last: its reason is told
	used           atomic.Bool
}

// names are what an item has in a place for a name.
type names struct {
	record.Glob
	n int // of a glob: which one of its set
}

// in reports whether a name is among them, of which is known which globs match.
func (ns names) in(name string, matched []bool) bool {
	if one, ok := nameOrAll(ns.Glob); ok {
		return one == "*" || one == name
	}
	return matched[ns.n]
}

// globSet are globs that are held against a name together.
type globSet struct {
	all []record.Glob
	set *record.Globs
}

// add takes what an item has. Only globs are in the set: names would make it long.
func (gs *globSet) add(s string) names {
	g, _ := record.ParseGlob(s) // which was found right when the file was read
	if _, ok := nameOrAll(g); !ok {
		gs.all = append(gs.all, g)
	}
	return names{g, len(gs.all) - 1}
}

// match finds which of the globs match one of some names.
func (gs *globSet) match(names ...string) []bool {
	matched := make([]bool, len(gs.all))
	for i, n := range names {
		if !slices.Contains(names[:i], n) {
			gs.set.Match(n, matched)
		}
	}
	return matched
}

// acceptedOf are those that accept findings of one check.
type acceptedOf struct {
	named map[namesOf][]*accepted
	globs []*accepted
}

// namesOf are the names that an item has; "*" stands for all.
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

// of finds the item whose reason is told of a finding, and notes of all that
// accept it that they are used.
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

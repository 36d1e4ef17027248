package check

import (
	"strings"
	"sync/atomic"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// ignores are the items of `ignore` that are in force, so kept that a finding is
// held only against those that have a glob: the others are looked up by the names
// that they have.
type ignores struct {
	items []*accepted // by index of file.Ignores; nil where one is not in force
	check map[string]*acceptedOf
}

// accepted are items that have the same globs.
type accepted struct {
	domain, record record.Glob
	last           int // the item that stands last: its reason is told
	used           atomic.Bool
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
			same[key] = &accepted{domain: globOf(ig.Domain.Value), record: globOf(ig.Record.Value)}
			igs.add(globOf(ig.Check.Value), same[key])
		}
		same[key].last = i
		igs.items[i] = same[key]
	}
	return igs
}

// globOf is a glob that was found right when the file was read.
func globOf(s string) record.Glob {
	g, _ := record.ParseGlob(s)
	return g
}

func (igs *ignores) add(check record.Glob, a *accepted) {
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
	domain, one := nameOrAll(a.domain)
	rec, other := nameOrAll(a.record)
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
func (igs *ignores) of(f *Finding, d *config.Domain) (item int, ok bool) {
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
	for _, a := range of.globs {
		if (a.domain.Match(name) || a.domain.Match(written)) && a.record.Match(string(f.Record.Name)) {
			use(a)
		}
	}
	return item, item >= 0
}

// used reports whether an item accepted a finding.
func (igs *ignores) used(item int) bool { return igs.items[item] != nil && igs.items[item].used.Load() }

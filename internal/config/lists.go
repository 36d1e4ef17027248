package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// checks reads the severities. Which checks there are is not known here; see
// UnknownChecks.
func (r *reader) checks(v value) {
	if !v.mapping() {
		r.wrong(v, "checks", "checks with their severity, such as spf-include-unexpected: note")
		return
	}
	lines := map[string]int{}
	for _, p := range r.pairs(v) {
		if line, ok := lines[p.key]; ok {
			r.badKey(p, "check %s appears twice, first in line %d; keep one", quote(p.key), line)
			continue
		}
		lines[p.key] = p.at.Line
		s, ok := r.oneOf(p.value, p.keyQuoted(), []string{"error", "warning", "note", "off"}, map[string]string{
			"false": "off", "no": "off", "none": "off", "ignore": "off", "disabled": "off", "info": "note", "notice": "note", "warn": "warning", "fail": "error",
		})
		first, again := r.file.Checks[p.key]
		switch {
		case !ok && !again:
			r.file.Checks[p.key] = At[Level]{Place: p.at} // an unknown check is reported as well
		case ok && again && first.Value != "" && first.Value != Level(s):
			r.badKey(p, "check %s is %s here and %s in %s; files that are checked together must agree", quote(p.key), s, first.Value, r.lineOf(first.Place))
		case !again:
			r.file.Checks[p.key] = At[Level]{Level(s), p.at}
		}
	}
}

func (p pair) keyQuoted() string { return "check " + quote(p.key) }

func (r *reader) ignores(v value) {
	if !v.list() || len(v.node.Content) == 0 {
		r.wrong(v, "ignore", "a list of items, such as {check: dkim-not-cname, domain: example.com, reason: …}")
		return
	}
	if len(r.file.Ignores)+len(v.node.Content) > MaxIgnores {
		r.bad(v, "there are more than %d items of ignore; remove those that match nothing", MaxIgnores)
		return
	}
	for _, item := range r.items(v) {
		if !item.mapping() {
			r.wrong(item, "this item of ignore", "at least {check: …, reason: …}")
			continue
		}
		r.file.Ignores = append(r.file.Ignores, r.ignore(item))
	}
}

func (r *reader) ignore(v value) Ignore {
	at := r.place(v)
	ig := Ignore{Place: at, Domain: At[string]{"*", at}, Record: At[string]{"*", at}}
	f := r.fields(v, ignoreLevel)
	in := setting{of: v, beside: f}
	for _, k := range ignoreKeys {
		if k.missing != nil && f.lacks(k.name) {
			k.missing(r, v)
		}
	}
	for _, p := range f {
		i := slices.IndexFunc(ignoreKeys, func(k Key[Ignore]) bool { return k.name == p.key })
		if i >= 0 && p.value.node != nil {
			ignoreKeys[i].read(r, p, &ig, in)
		}
	}
	return ig
}

// glob reads a pattern. Every finding is held against every glob, so all of them
// together have a bound; names without a * are looked up, and have none.
func (r *reader) glob(p pair) At[string] {
	s, ok := r.word(p.value, p.key, `a name, or a glob such as "*.example.com"`)
	if !ok {
		return At[string]{"", p.at}
	}
	g, err := record.ParseGlob(s)
	if err != nil {
		r.bad(p.value, "%s %s %s", p.key, quote(s), err)
	}
	if _, literal := g.Literal(); !literal && !g.All() {
		r.all.globs += g.Len()
	}
	if r.all.globs > MaxGlobs && !r.overlong {
		r.overlong = true
		r.bad(p.value, "the globs of ignore have more than %d characters, with all alternatives written out; write names instead, which have no such limit", MaxGlobs)
	}
	return At[string]{strings.TrimSuffix(s, "."), p.at} // names are matched without their final dot
}

// date reads a day, which begins at midnight UTC.
func (r *reader) date(p pair) *At[time.Time] {
	const want = "a date, such as 2027-01-31"
	s, ok := r.word(p.value, p.key, want)
	if !ok {
		return nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		r.bad(p.value, "%s is %s, which is not a date; write %s", p.key, quote(s), want)
		return nil
	}
	return &At[time.Time]{day, p.at}
}

// UnknownChecks reports which checks the file speaks of that there are not. An
// item of `ignore` may have a glob, which has to match one.
func UnknownChecks(f *File, ids []string) []Problem {
	if f == nil {
		return nil
	}
	var ps []Problem // with the check as their message, at first
	unknown := func(at Place, id string) { ps = append(ps, Problem{at.File, at.Line, at.Column, id}) }
	for id, at := range f.Checks {
		if !slices.Contains(ids, id) {
			unknown(at.Place, id)
		}
	}
	for _, ig := range f.Ignores {
		glob, err := record.ParseGlob(ig.Check.Value)
		if ig.Check.Value != "" && (err != nil || !slices.ContainsFunc(ids, glob.Match)) {
			unknown(ig.Check.Place, ig.Check.Value)
		}
	}
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	more := len(ps) - maxProblems
	ps = ps[:min(len(ps), maxProblems)]
	for i := range ps {
		p := &ps[i]
		cure := "; `sescheck explain` lists them"
		if near, _ := nearest(strings.ToLower(p.Message), ids); near != "" {
			cure = didYouMean(near)
		}
		p.Message = fmt.Sprintf("there is no check %s%s", quote(p.Message), cure)
	}
	if more > 0 {
		ps = append(ps, Problem{File: ps[0].File, Message: fmt.Sprintf("and %d more unknown checks", more)})
	}
	return ps
}

package config

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/shorten"
)

// fields are the keys of one level that the file gives, each once.
type fields []pair

func (f fields) get(key string) (pair, bool) {
	for _, p := range f {
		if p.key == key {
			return p, p.value.node != nil
		}
	}
	return pair{}, false
}

// has reports whether the file gives the key, be its value right or wrong.
func (f fields) has(key string) bool {
	return slices.ContainsFunc(f, func(p pair) bool { return p.key == key })
}

// lacks reports whether a key is missing: an unknown key without a guess may be a
// misspelling of it.
func (f fields) lacks(key string) bool { return !f.has(key) && !f.has("") }

// fields reads the keys of a mapping, and reports unknown ones. A misspelt key is
// read as the key that it resembles, so that this one is not reported as missing.
// An unknown key without a resemblance has the name "".
func (r *reader) fields(v value, l *level) fields {
	var guesses fields
	strayed := false // a domain was among the keys
	ps := r.pairs(v)
	f := make(fields, 0, len(ps))
	for _, p := range ps {
		first := slices.IndexFunc(f, func(q pair) bool { return q.key == p.key })
		switch {
		case !slices.Contains(l.keys, p.key):
			guess, cure, sure := "", "", false
			if !r.full() {
				guess, cure, sure = l.suggest(p.key)
			}
			if stray := guess == "domains" && !sure; !stray || !strayed { // all domains stray together
				r.badKey(p, "%s has no key %s%s", l.name, quote(p.key), cure)
				strayed = stray
			}
			if !slices.Contains(l.keys, guess) && l != topLevel {
				guess = "" // it belongs elsewhere, and may be instead of one that belongs here
			}
			if p.key = guess; !sure || !p.value.mapping() {
				p.value.node = nil
			}
			guesses = append(guesses, p)
		case first >= 0:
			r.badKey(p, "%s appears twice, first in line %d; keep one", p.key, f[first].at.Line)
		default:
			f = append(f, p)
		}
	}
	for _, g := range guesses {
		if !f.has(g.key) {
			f = append(f, g)
		}
	}
	return f
}

// wrong reports that v has the wrong type.
func (r *reader) wrong(v value, what, want string) {
	if v.null() {
		r.bad(v, "%s is empty; write %s", what, want)
		return
	}
	r.bad(v, "%s is %s; write %s", what, describe(v), want)
}

// word reads a scalar as it is written, of any type of YAML.
func (r *reader) word(v value, what, want string) (string, bool) {
	if !v.scalar() || strings.TrimSpace(v.node.Value) == "" {
		r.wrong(v, what, want)
		return "", false
	}
	return v.node.Value, true
}

// oneOf reads a word out of a few.
func (r *reader) oneOf(v value, what string, ws []string, aliases map[string]string) (string, bool) {
	want := shorten.Words(ws, "or")
	s, ok := r.word(v, what, want)
	if !ok || slices.Contains(ws, s) {
		return s, ok
	}
	folded := strings.ToLower(strings.TrimSpace(s))
	guess := aliases[folded]
	if guess == "" {
		guess, _ = nearest(folded, ws) // perhaps the word itself, in capitals
	}
	if guess != "" {
		r.bad(v, "%s is %s; write %s (did you mean %s?)", what, quote(s), want, guess)
		return "", false
	}
	r.bad(v, "%s is %s; write %s", what, quote(s), want)
	return "", false
}

// boolean reads true or false; YAML 1.1's yes, no, on and off are words.
func (r *reader) boolean(v value, what, want string) (on, ok bool) {
	switch {
	case v.scalar() && v.node.Tag == "!!bool":
		return strings.EqualFold(v.node.Value, "true"), true
	case v.is("true") || v.is("false"):
		r.bad(v, "%s is a text, in quotes; write %s without them", what, v.node.Value)
	case v.is("yes") || v.is("on"):
		r.bad(v, "%s is %s; write %s (did you mean true?)", what, quote(v.node.Value), want)
	default:
		r.wrong(v, what, want)
	}
	return false, false
}

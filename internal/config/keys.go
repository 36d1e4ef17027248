package config

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// level is a mapping of the file with the keys it may have.
type level struct {
	name  string // as messages name it
	where string // where its keys go
	keys  []string
}

var (
	identityKeys = []string{"region", "verification", "dkim", "mail_from", "receiving", "tracking"}

	topLevel       = &level{"the file", "at the top of the file", []string{"version", "defaults", "domains", "checks", "ignore"}}
	defaultsLevel  = &level{"defaults", "under defaults", domainLevel.keys}
	domainLevel    = &level{"a domain", "under a domain", slices.Concat(identityKeys, []string{"identities", "spf", "dmarc", "pending_until"})}
	identityLevel  = &level{"an identity", "under an identity", identityKeys}
	dkimLevel      = &level{"dkim", "under dkim", []string{"tokens", "signing_hosted_zone", "selector", "public_key"}}
	mailFromLevel  = &level{"mail_from", "under mail_from", []string{"name", "on_mx_failure", "spf"}}
	receivingLevel = &level{"receiving", "under receiving", []string{"host"}}
	trackingLevel  = &level{"tracking", "under tracking", []string{"name", "target"}}
	spfLevel       = &level{"spf", "under spf", []string{"includes", "exact", "all"}}
	dmarcLevel     = &level{"dmarc", "under dmarc", []string{"policy", "subdomain_policy", "np", "aspf", "adkim", "rua"}}
	ignoreLevel    = &level{"an ignore", "under an item of ignore", []string{"check", "domain", "record", "reason", "owner", "until"}}
	levels         = []*level{topLevel, domainLevel, dkimLevel, mailFromLevel, receivingLevel, trackingLevel, spfLevel, dmarcLevel, ignoreLevel}
	otherWords     = map[string]string{"p": "policy", "sp": "subdomain_policy", "include": "includes", "token": "tokens", "ignores": "ignore", "domain_name": "domains"}
	wordSeparators = strings.NewReplacer("-", "_", " ", "_", ".", "_")
)

// meant says what to do about a key that the level does not have, and which of
// its keys was probably meant.
func (l *level) meant(key string) (guess, cure string) {
	if l == topLevel && strings.Contains(key, ".") {
		return "domains", "a domain goes under domains:"
	}
	word := wordSeparators.Replace(strings.ToLower(key))
	if other, ok := otherWords[word]; ok && slices.Contains(l.keys, other) {
		word = other
	}
	if slices.Contains(l.keys, word) {
		return word, "did you mean " + word + "?"
	}
	near, distance := nearest(word, l.keys)
	for _, other := range levels {
		if distance > 1 && other != l && slices.Contains(other.keys, word) {
			return word, word + " goes " + other.where
		}
	}
	if near != "" && len(word) > 3 { // of three letters, any other three are like them
		return near, "did you mean " + near + "?"
	}
	return "", "it has " + words(l.keys, "and")
}

// nearest is the word most like s, and how many letters differ; "" if none is
// like it.
func nearest(s string, ws []string) (best string, least int) {
	least = 1 + min(3, max(1, len(s)/3))
	for _, w := range ws {
		if len(s) > 2*len(w)+3 {
			continue
		}
		if d := levenshtein.ComputeDistance(s, w); d < least {
			best, least = w, d
		}
	}
	return best, least
}

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

// fields reads the keys of a mapping, and says which do not belong there.
func (r *reader) fields(v value, l *level) fields {
	var f, guesses fields
	for _, p := range r.pairs(v) {
		first := slices.IndexFunc(f, func(q pair) bool { return q.key == p.key })
		switch {
		case !slices.Contains(l.keys, p.key):
			meant, cure := l.meant(p.key)
			r.problem(p.at, "%s has no key %s; %s", l.name, quote(p.key), cure)
			guesses = append(guesses, pair{key: meant})
		case first >= 0:
			r.problem(p.at, "%s is given twice, first at line %d; leave one", p.key, f[first].at.Line)
		default:
			f = append(f, p)
		}
	}
	for _, g := range guesses {
		if g.key != "" && !f.has(g.key) {
			f = append(f, g) // so that it is not missed as well
		}
	}
	return f
}

// wrong says that v is not what belongs there.
func (r *reader) wrong(v value, what, want string) {
	if v.null() {
		r.problem(r.place(v), "%s is empty; give %s", what, want)
		return
	}
	r.problem(r.place(v), "%s is %s; give %s", what, describe(v), want)
}

// word reads a scalar as it is written, whatever type YAML sees in it.
func (r *reader) word(v value, what, want string) (string, bool) {
	if !v.scalar() || strings.TrimSpace(v.node.Value) == "" {
		r.wrong(v, what, want)
		return "", false
	}
	return v.node.Value, true
}

// oneOf reads a word out of a few.
func (r *reader) oneOf(v value, what string, ws []string, meant map[string]string) (string, bool) {
	want := words(ws, "or")
	s, ok := r.word(v, what, want)
	if !ok || slices.Contains(ws, s) {
		return s, ok
	}
	folded := strings.ToLower(strings.TrimSpace(s))
	guess := meant[folded]
	if guess == "" {
		guess, _ = nearest(folded, ws) // perhaps the word itself, in capitals
	}
	if guess != "" {
		r.problem(r.place(v), "%s is %s; did you mean %s? Give %s", what, quote(s), guess, want)
		return "", false
	}
	r.problem(r.place(v), "%s is %s; give %s", what, quote(s), want)
	return "", false
}

// boolean reads true or false; YAML 1.1's yes, no, on and off are words.
func (r *reader) boolean(v value, what, want string) (value, ok bool) {
	if !v.scalar() || v.node.Tag != "!!bool" {
		r.wrong(v, what, want)
		return false, false
	}
	return strings.EqualFold(v.node.Value, "true"), true
}

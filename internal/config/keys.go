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
	rows  []row
}

func newLevel(name, where string, rows []row) *level {
	l := &level{name: name, where: where, rows: rows}
	for _, r := range rows {
		l.keys = append(l.keys, r.name)
	}
	return l
}

var (
	topLevel       = newLevel("the file", "at the top of the file", topRows)
	defaultsLevel  = newLevel("defaults", "under defaults", domainRows)
	domainLevel    = newLevel("a domain", "under a domain", domainRows)
	identityLevel  = newLevel("an identity", "under an identity", rowsOf(identityKeys))
	dkimLevel      = newLevel("dkim", "under dkim", rowsOf(dkimKeys))
	mailFromLevel  = newLevel("mail_from", "under mail_from", rowsOf(mailFromKeys))
	receivingLevel = newLevel("receiving", "under receiving", rowsOf(receivingKeys))
	trackingLevel  = newLevel("tracking", "under tracking", rowsOf(trackingKeys))
	spfLevel       = newLevel("spf", "under spf", rowsOf(spfKeys))
	dmarcLevel     = newLevel("dmarc", "under dmarc", rowsOf(dmarcKeys))
	ignoreLevel    = newLevel("an ignore", "under an item of ignore", rowsOf(ignoreKeys))
	levels         []*level // without defaults and identity, whose keys are those of a domain
	wordSeparators = strings.NewReplacer("-", "_", " ", "_", ".", "_")

	// otherWords are words that people write in place of our keys.
	otherWords = map[string]string{
		"p": "policy", "sp": "subdomain_policy", "bounce": "mail_from", "return_path": "mail_from", "txt": "verification",
		"inbound": "receiving", "click": "tracking", "pending": "pending_until", "hosted_zone": "signing_hosted_zone", "key": "public_key",
		"subdomain": "name", "label": "name", "rule": "check", "id": "check", "cheque": "check", "justification": "reason", "comment": "reason",
		"why": "reason", "expires": "until", "expiry": "until", "severity": "checks", "qualifier": "all",
	}
)

// init fills levels: the functions of the tables use it.
func init() {
	levels = []*level{topLevel, domainLevel, dkimLevel, mailFromLevel, receivingLevel, trackingLevel, spfLevel, dmarcLevel, ignoreLevel}
}

func fold(s string) string { return strings.ToLower(wordSeparators.Replace(s)) }

// meant returns the cure for a key that the level does not have, and the key that
// it stands for; sure if that is one of the level's own.
func (l *level) meant(key string) (guess, cure string, sure bool) {
	if _, err := domainName(key); err == nil && l == topLevel {
		return "domains", "; a domain goes under domains:", false
	}
	word := fold(key[:min(len(key), 64)])
	if other := otherWords[word]; slices.Contains(l.keys, other) {
		word = other
	}
	near, distance := nearest(word, l.keys)
	for _, other := range levels {
		if distance > 1 && slices.Contains(other.keys, word) {
			return word, "; " + word + " goes " + other.where, false
		}
	}
	if near == "" || len(word) <= 3 && distance > 0 { // of three letters, any other three are like them
		near = longer(word, l.keys)
	}
	if near == "" {
		return "", "; it has " + words(l.keys, "and"), false
	}
	return near, didYouMean(near), true
}

// longer is the word that s only says more about, as in dkim_tokens; or "".
func longer(s string, ws []string) string {
	for _, w := range ws {
		if strings.HasPrefix(s, w+"_") || strings.HasSuffix(s, "_"+w) {
			return w
		}
	}
	return ""
}

// nearest is the word most like s, and how many letters differ; "" if none is
// like it. Two letters that have changed places are one.
func nearest(s string, ws []string) (best string, least int) {
	least = 1 + min(3, max(1, len(s)/3))
	for _, w := range ws {
		if len(s) > 2*len(w)+3 {
			continue
		}
		d := levenshtein.ComputeDistance(s, w)
		if d == 2 && slices.Equal(letters(s), letters(w)) {
			d = 1
		}
		if d < least {
			best, least = w, d
		}
	}
	return best, least
}

func letters(s string) []byte {
	b := []byte(s)
	slices.Sort(b)
	return b
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

// lacks reports whether a key is missing: an unknown key without a guess may be a
// misspelling of it.
func (f fields) lacks(key string) bool { return !f.has(key) && !f.has("") }

// fields reads the keys of a mapping, and reports those that do not belong there.
// A misspelt key stands for the one that was meant, so that this is not reported as
// missing, and its mapping is read; one without a guess has the name "".
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
				guess, cure, sure = l.meant(p.key)
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
			r.badKey(p, "%s is given twice, first in line %d; leave one", p.key, f[first].at.Line)
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
		r.bad(v, "%s is empty; give %s", what, want)
		return
	}
	r.bad(v, "%s is %s; give %s", what, describe(v), want)
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
		r.bad(v, "%s is %s; give %s (did you mean %s?)", what, quote(s), want, guess)
		return "", false
	}
	r.bad(v, "%s is %s; give %s", what, quote(s), want)
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
		r.bad(v, "%s is %s; give %s (did you mean true?)", what, quote(v.node.Value), want)
	default:
		r.wrong(v, what, want)
	}
	return false, false
}

// off reports whether s is a word that people write for none, where it would be
// taken for a name.
func off(s string) bool {
	return slices.Contains([]string{"none", "no", "off", "false", "null", "true", "yes", "on"}, strings.ToLower(s))
}

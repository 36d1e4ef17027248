package config

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/sescheck/sescheck/internal/shorten"
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
	identityLevel  = newLevel("an identity", "under an identity", rowsOf(IdentityKeys))
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

// suggest returns the cure for a key that the level does not have, and the key that
// it means; sure if that is one of the level's own.
func (l *level) suggest(key string) (guess, cure string, sure bool) {
	if _, err := DomainName(key); err == nil && l == topLevel {
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
	if near == "" || len(word) <= 3 && distance > 0 { // any two words of three letters are similar
		near = longer(word, l.keys)
	}
	if near == "" {
		return "", "; it has " + shorten.Words(l.keys, "and"), false
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

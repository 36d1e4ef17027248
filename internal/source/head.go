package source

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// head is the fields before the data of a record.
type head struct {
	owner   string // as it is written; "" where it is that of the record above
	ttl     uint32
	hasTTL  bool
	classed bool
	alien   bool   // the class is not IN
	word    string // for the type
	data    []token
}

// age is the time stamp that Windows writes before the TTL.
var age = regexp.MustCompile(`^\[AGE:\d+\]$`)

// head reads an entry as a record. It reports false where no word means a
// type.
func (e entry) head() (h head, ok bool) {
	rest := e.tokens
	if !e.blank {
		if rest[0].quoted {
			return h, false
		}
		h.owner, rest = rest[0].text, rest[1:]
	}
	for i, t := range rest {
		if t.quoted {
			return h, false
		}
		ttl, isTTL := parseTTL(t.text)
		class, isClass := parseClass(t.text)
		switch {
		case isTTL && !h.hasTTL:
			h.ttl, h.hasTTL = ttl, true
		case isClass && !h.classed:
			h.classed, h.alien = true, class != dns.ClassINET
		case t.text[0] == '[' && age.MatchString(t.text):
		case t.text == "AWS" && i+1 < len(rest) && rest[i+1].text == "ALIAS": // of cli53
			h.word, h.data = "AWS ALIAS", rest[i+2:]
			return h, true
		default:
			h.word, h.data = t.text, rest[i+1:]
			return h, true
		}
	}
	return h, false
}

var units = map[byte]uint64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}

// parseTTL reads seconds, or a time such as 1h30m.
func parseTTL(s string) (uint32, bool) {
	if s == "" || !isDigit(s[0]) || len(s) > 20 {
		return 0, false
	}
	total, number := uint64(0), uint64(0)
	for i := range len(s) {
		unit, isUnit := units[s[i]|0x20]
		switch {
		case isDigit(s[i]):
			number = min(10*number+uint64(s[i]-'0'), math.MaxUint32)
		case isUnit && isDigit(s[i-1]):
			total, number = total+number*unit, 0
		default:
			return 0, false
		}
	}
	total += number
	return uint32(total), total <= math.MaxInt32 // RFC 2181 section 8
}

func parseClass(s string) (uint16, bool) {
	s = strings.ToUpper(s)
	if class, ok := dns.StringToClass[s]; ok {
		return class, true
	}
	number, ok := strings.CutPrefix(s, "CLASS")
	n, err := strconv.ParseUint(number, 10, 16)
	return uint16(n), ok && err == nil
}

func parseType(s string) (record.Type, bool) {
	s = strings.ToUpper(s)
	if t, ok := dns.StringToType[s]; ok {
		return record.Type(t), true
	}
	number, ok := strings.CutPrefix(s, "TYPE")
	n, err := strconv.ParseUint(number, 10, 16)
	return record.Type(n), ok && err == nil
}

// madeUp are types that DNS does not have, of name servers and providers.
var madeUp = []string{
	"ALIAS", "ANAME", "AWS ALIAS", "DYNA", "DYNC", "FRAME", "FWD", "LUA", "NSALIAS", "REDIRECT",
	"URL", "URL301", "URL302", "WEB", "WINS", "WINS-R", "WINSR",
}

var capitals = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,30}$`)

// isMadeUp reports whether the record has a type that DNS does not have: a
// well-known one, or a word in capitals behind a TTL or class that is no slip
// of the pen.
func (h head) isMadeUp() bool {
	if slices.Contains(madeUp, strings.ToUpper(h.word)) {
		return true
	}
	return (h.hasTTL || h.classed) && capitals.MatchString(h.word) && h.misspelt() == ""
}

// misspelt is the type that an unknown word may be a slip of; "" for none.
func (h head) misspelt() string {
	word := strings.ToUpper(h.word)
	for _, t := range []record.Type{record.A, record.NS, record.CNAME, record.SOA, record.PTR, record.MX, record.TXT, record.AAAA} {
		if levenshtein.ComputeDistance(word, t.String()) == 1 || isSwapped(word, t.String()) {
			return t.String()
		}
	}
	return ""
}

// isSwapped reports whether two words differ only in the order of two adjacent
// letters.
func isSwapped(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return len(a) == len(b) && i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// computes is the type that a provider answers for a made-up type: mostly
// addresses.
func (h head) computes() record.Type {
	word := strings.ToUpper(h.word)
	if (word == "LUA" || word == "AWS ALIAS") && len(h.data) > 0 {
		if t, ok := parseType(h.data[0].text); ok && t != record.AAAA {
			return t
		}
	}
	if word == "DYNC" {
		return record.CNAME
	}
	return record.A
}

// looksLikeZone reports whether a text begins as a zone file does: with a
// directive or a record.
func looksLikeZone(text string) bool {
	e, err := newLexer(text).next()
	if err != nil {
		return false
	}
	if isDirective(e) {
		return slices.Contains([]string{"$ORIGIN", "$TTL", "$GENERATE", "$INCLUDE"}, strings.ToUpper(e.tokens[0].text))
	}
	h, ok := e.head()
	if !ok {
		return false
	}
	_, known := parseType(h.word)
	return known && len(h.data) > 0 || h.isMadeUp()
}

func isDirective(e entry) bool {
	return !e.blank && !e.tokens[0].quoted && strings.HasPrefix(e.tokens[0].text, "$")
}

package record

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// Glob is a pattern of names: * stands for any characters, ? for one, [a-z] for
// one of some, [!a-z] for one of the others, {a,b} for either, and \ before a
// character for that character. Case does not matter, nor a final dot.
//
// A file of a stranger may hold globs and the names to match. So the time to
// match does not depend on how often * can be stretched: it is that of reading
// the name once for each 64 characters of the glob.
type Glob struct {
	pattern string // in lower case
	ways    []way  // of its alternatives
}

// MaxGlob is how many octets a glob may have, its alternatives written out.
const MaxGlob = 5000

var (
	errNoGlob   = errors.New("is no glob; close its brackets, or put \\ before them")
	errLongGlob = errors.New("is too long for a glob; write several")
	errClass    = errors.New("has brackets with something else than ASCII characters; write alternatives, as in {ä,ö}")
)

// ParseGlob reads a glob.
func ParseGlob(s string) (Glob, error) {
	g := Glob{pattern: strings.ToLower(strings.TrimSuffix(s, "."))}
	if !utf8.ValidString(s) || !doublestar.ValidatePattern(g.pattern) {
		return Glob{}, errNoGlob
	}
	left := MaxGlob
	all, ok := alternatives(g.pattern, &left)
	if !ok {
		return Glob{}, errLongGlob
	}
	for _, s := range all {
		w, err := newWay(s)
		if err != nil {
			return Glob{}, err
		}
		g.ways = append(g.ways, w)
	}
	return g, nil
}

// Len is how many characters the glob has, its alternatives written out.
func (g Glob) Len() (n int) {
	for _, w := range g.ways {
		n += w.n
	}
	return n
}

// Literal returns the only name that the glob matches; ok is false where there
// may be several.
func (g Glob) Literal() (name string, ok bool) {
	return g.pattern, !strings.ContainsAny(g.pattern, `*?[{\`)
}

// All reports whether the glob matches every name.
func (g Glob) All() bool { return g.pattern == "*" || g.pattern == "**" }

// Match reports whether the glob matches a name, which is in lower case.
func (g Glob) Match(name string) bool {
	if literal, ok := g.Literal(); ok {
		return literal == name
	}
	if g.All() {
		return true
	}
	for i := range g.ways {
		if g.ways[i].match(name) {
			return true
		}
	}
	return false
}

// alternatives writes out the braces of a glob that is known to be right, as far
// as characters are left to do so.
func alternatives(s string, left *int) (all []string, ok bool) {
	open := unescaped(s, "{")
	if *left -= len(s) + 1; *left < 0 || open < 0 {
		return []string{s}, *left >= 0
	}
	close, from := open+1, open+1
	var parts []string
	for depth := 1; depth > 0; close++ {
		close += unescaped(s[close:], "{},")
		switch c := s[close]; {
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		if depth == 0 || depth == 1 && s[close] == ',' {
			parts = append(parts, s[from:close])
			from = close + 1
		}
	}
	for _, p := range parts {
		more, ok := alternatives(s[:open]+p+s[close:], left)
		if !ok {
			return nil, false
		}
		all = append(all, more...)
	}
	return all, true
}

// unescaped finds the first of some characters that stands neither behind a \
// nor between brackets; -1 where there is none.
func unescaped(s, chars string) int {
	class := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
			if strings.HasPrefix(s[i+1:], "!") || strings.HasPrefix(s[i+1:], "^") {
				i++
			}
		case strings.IndexByte(chars, c) >= 0:
			return i
		}
	}
	return -1
}

// way is a glob without alternatives. It has an element for each character that
// a name must have. A set of elements has a bit for each, 64 to a word.
type way struct {
	n     int
	words int
	stay  []uint64          // the elements before which a * stands
	ascii []uint64          // those that take an ASCII character: a set for each
	other map[rune][]uint64 // those that take another character which the glob names
	rest  []uint64          // those that take all the others
}

func newWay(s string) (way, error) {
	words := utf8.RuneCountInString(s)/64 + 1
	w := way{
		words: words, stay: make([]uint64, words), ascii: make([]uint64, utf8.RuneSelf*words),
		other: map[rune][]uint64{}, rest: make([]uint64, words),
	}
	named := map[int]rune{} // elements that take one character, beyond ASCII
	for i := 0; i < len(s); {
		bit := uint64(1) << (w.n % 64)
		if s[i] == '*' {
			w.stay[w.n/64] |= bit
			i++
			continue
		}
		e, size := parseElement(s[i:])
		if strings.ContainsFunc(e.class, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return w, errClass
		}
		for c := range rune(utf8.RuneSelf) {
			if e.takes(c) {
				w.ascii[int(c)*words+w.n/64] |= bit
			}
		}
		if e.any || e.negated {
			w.rest[w.n/64] |= bit
		} else if e.char >= utf8.RuneSelf {
			named[w.n] = e.char
		}
		i += size
		w.n++
	}
	for n, r := range named {
		if w.other[r] == nil {
			w.other[r] = slices.Clone(w.rest)
		}
		w.other[r][n/64] |= 1 << (n % 64)
	}
	return w, nil
}

// takes are the elements that take a character.
func (w *way) takes(r rune) []uint64 {
	if r < utf8.RuneSelf {
		return w.ascii[int(r)*w.words:][:w.words]
	}
	if set, ok := w.other[r]; ok {
		return set
	}
	return w.rest
}

// match goes through a name once. The set that it keeps has element n where the
// characters so far may be those of the elements before n.
func (w *way) match(name string) bool {
	var few [4]uint64
	at := few[:min(w.words, len(few))]
	if w.words > len(few) {
		at = make([]uint64, w.words)
	}
	at[0] = 1
	for _, r := range name {
		takes := w.takes(r)
		var carry, left uint64
		for i, was := range at {
			next := was & takes[i]
			at[i] = next<<1 | carry | was&w.stay[i]
			carry = next >> 63
			left |= at[i]
		}
		if left == 0 {
			return false
		}
	}
	return at[w.n/64]>>(w.n%64)&1 == 1
}

// element is what stands for one character of a name.
type element struct {
	char    rune // the only one, in a glob that has no brackets there
	any     bool
	class   string // what is between the brackets
	negated bool
}

// parseElement reads the first element of a glob, and how many octets it has.
func parseElement(s string) (e element, size int) {
	switch s[0] {
	case '?':
		return element{any: true}, 1
	case '[':
		end := 1
		for ; s[end] != ']'; end++ {
			if s[end] == '\\' {
				end++
			}
		}
		e.class, e.negated = s[1:end], s[1] == '!' || s[1] == '^'
		if e.negated {
			e.class = s[2:end]
		}
		return e, end + 1
	case '\\':
		e.char, size = utf8.DecodeRuneInString(s[1:])
		return e, size + 1
	}
	e.char, size = utf8.DecodeRuneInString(s)
	return e, size
}

// takes reports whether an element takes an ASCII character.
func (e element) takes(c rune) bool {
	if e.class == "" {
		return e.any || e.char == c
	}
	found, last := false, rune(-1)
	for i := 0; i < len(e.class) && !found; i++ {
		ranged := e.class[i] == '-' && last >= 0 && i+1 < len(e.class)
		if ranged {
			i++
		}
		if e.class[i] == '\\' {
			i++
		}
		to := rune(e.class[i])
		found = to == c || ranged && last <= c && c <= to
		if last = to; ranged {
			last = -1
		}
	}
	return found != e.negated
}

package record

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// Glob is a pattern of names: * matches any characters, ? matches one, [a-z] one
// of a class, [!a-z] one outside of it, {a,b} either text, and \ makes the next
// character literal. Case and a final dot do not matter.
type Glob struct {
	pattern string   // in lower case
	ways    []string // its alternatives, written out
	alone   *Globs   // this glob
}

// MaxGlob is how many octets a glob may have, its alternatives written out.
const MaxGlob = 5000

var (
	errNoGlob   = errors.New("is not a valid glob; close its brackets, or put \\ before them")
	errLongGlob = errors.New("is too long for a glob; split it")
	errClass    = errors.New("has brackets with characters that are not ASCII; write alternatives, such as {ä,ö}")
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
	g.ways, g.alone = all, newGlobs(all)
	for _, s := range all {
		if err := g.alone.add(s, 0); err != nil {
			return Glob{}, err
		}
	}
	return g, nil
}

// Len is how many characters the glob has, its alternatives written out.
func (g Glob) Len() (n int) {
	for _, w := range g.ways {
		n += utf8.RuneCountInString(w)
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
	matched := []bool{false}
	g.alone.Match(name, matched)
	return matched[0]
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
		switch c := s[close]; c {
		case '{':
			depth++
		case '}':
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

// unescaped finds the first of some characters that is neither behind a \
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

// Globs are globs that are held against a name together.
//
// A file of a stranger may hold globs and the names to match. So the time to
// match does not depend on how often * can be stretched: it is that of reading
// the name once for each 64 characters of all the globs.
//
// Each alternative has a place for each character that a name must have, and one
// behind them; the places of all are in a row. A set of places has a bit for each.
type Globs struct {
	n     int               // places
	words int               // of a set
	first []uint64          // the first place of each alternative
	stay  []uint64          // states before a *
	ascii []uint64          // states that accept an ASCII character, as a set for each
	other map[rune][]uint64 // states that accept a non-ASCII character of some glob
	rest  []uint64          // states that accept all further characters
	last  []last
}

// last is the place behind an alternative, and which glob it belongs to.
type last struct{ place, glob int }

// NewGlobs puts globs together. Their order shows which matched.
func NewGlobs(globs []Glob) *Globs {
	var all []string
	for _, g := range globs {
		all = append(all, g.ways...)
	}
	gs := newGlobs(all)
	for i, g := range globs {
		for _, w := range g.ways {
			_ = gs.add(w, i) // it was read before
		}
	}
	return gs
}

// newGlobs has room for alternatives.
func newGlobs(all []string) *Globs {
	places := 0
	for _, s := range all {
		places += utf8.RuneCountInString(s) + 1
	}
	words := places/64 + 1
	return &Globs{
		words: words, first: make([]uint64, words), stay: make([]uint64, words), ascii: make([]uint64, utf8.RuneSelf*words),
		other: map[rune][]uint64{}, rest: make([]uint64, words),
	}
}

// add adds an alternative of a glob.
func (gs *Globs) add(s string, glob int) error {
	set := func(places []uint64) { places[gs.n/64] |= 1 << (gs.n % 64) }
	set(gs.first)
	for i := 0; i < len(s); {
		if s[i] == '*' {
			set(gs.stay)
			i++
			continue
		}
		e, size := parseElement(s[i:])
		if strings.ContainsFunc(e.class, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return errClass
		}
		for c := range rune(utf8.RuneSelf) {
			if e.takes(c) {
				set(gs.ascii[int(c)*gs.words:])
			}
		}
		if e.any || e.negated {
			set(gs.rest)
			for _, places := range gs.other {
				set(places)
			}
		} else if e.char >= utf8.RuneSelf {
			if gs.other[e.char] == nil {
				gs.other[e.char] = slices.Clone(gs.rest)
			}
			set(gs.other[e.char])
		}
		i += size
		gs.n++
	}
	gs.last = append(gs.last, last{gs.n, glob})
	gs.n++
	return nil
}

// takes are the places that take a character.
func (gs *Globs) takes(r rune) []uint64 {
	if r < utf8.RuneSelf {
		return gs.ascii[int(r)*gs.words:][:gs.words]
	}
	if places, ok := gs.other[r]; ok {
		return places
	}
	return gs.rest
}

// Match notes which of the globs match a name, which is in lower case. It goes
// through the name once. The set that it keeps has a place where the characters
// so far may be those before it.
func (gs *Globs) Match(name string, matched []bool) {
	var few [4]uint64
	at := few[:min(gs.words, len(few))]
	if gs.words > len(few) {
		at = make([]uint64, gs.words)
	}
	copy(at, gs.first)
	for _, r := range name {
		takes := gs.takes(r)
		var carry, left uint64
		for i, was := range at {
			next := was & takes[i]
			at[i] = next<<1 | carry | was&gs.stay[i]
			carry = next >> 63
			left |= at[i]
		}
		if left == 0 {
			return
		}
	}
	for _, l := range gs.last {
		if at[l.place/64]>>(l.place%64)&1 == 1 {
			matched[l.glob] = true
		}
	}
}

// element matches one character of a name.
type element struct {
	char    rune // the only one, in a glob that has no brackets there
	any     bool
	class   string // the text between the brackets
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

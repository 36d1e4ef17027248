package yamltext

import "strings"

// braces goes through a flow mapping or sequence of a text that is known to be
// right.
type braces struct {
	text   []byte
	i      int
	depth  int
	begins bool // a value, or a key, begins here
	last   int  // the last octet that is neither blank nor comment
}

// LastInBraces returns the last octet, neither blank nor comment, within the
// braces or brackets that open at an offset: the opening one if they are empty.
func (t *Text) LastInBraces(from int) (last int, ok bool) {
	b := braces{text: t.Data, i: from, last: from}
	if from >= len(t.Data) || !strings.ContainsRune("{[", rune(t.Data[from])) {
		return 0, false
	}
	for ; b.i < len(b.text); b.i++ {
		switch c := b.text[b.i]; {
		case c == '}' || c == ']':
			if b.depth--; b.depth == 0 {
				return b.last, true
			}
			b.begins, b.last = false, b.i
		case isBlank(c):
		case c == '#' && isBlank(b.text[b.i-1]):
			b.until("\n")
		default:
			b.octet(c)
		}
	}
	return 0, false
}

func (b *braces) octet(c byte) {
	switch {
	case c == '{' || c == '[':
		b.depth++
		b.begins = true
	case b.begins && c == '"':
		b.quoted()
	case b.begins && c == '\'':
		b.i++
		b.until("'") // a doubled quote ends this one and begins another
		b.begins = b.i+1 < len(b.text) && b.text[b.i+1] == '\''
	case b.begins && (c == '&' || c == '!'):
		for b.i+1 < len(b.text) && !isBlank(b.text[b.i+1]) && !strings.ContainsRune(",[]{}", rune(b.text[b.i+1])) {
			b.i++
		}
	case c == ',':
		b.begins = true
	case c == ':':
		next := byte(' ')
		if b.i+1 < len(b.text) {
			next = b.text[b.i+1]
		}
		b.begins = isBlank(next) || strings.ContainsRune(",[]{}", rune(next)) || strings.ContainsRune("\"'", rune(b.text[b.last]))
	case b.begins && c == '?' && b.i+1 < len(b.text) && isBlank(b.text[b.i+1]):
	default:
		b.begins = false
	}
	b.last = min(b.i, len(b.text)-1)
}

// quoted goes to the end of a text in double quotes.
func (b *braces) quoted() {
	for b.i++; b.i < len(b.text) && b.text[b.i] != '"'; b.i++ {
		if b.text[b.i] == '\\' {
			b.i++
		}
	}
	b.begins = false
}

// until goes to the next of some octets.
func (b *braces) until(octets string) {
	for b.i < len(b.text) && !strings.ContainsRune(octets, rune(b.text[b.i])) {
		b.i++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

package yamltext

import "strings"

// scan goes through a text whose YAML is broken and finds brackets, braces and
// quotes that do not match, for which yaml.v3 names no useful line. It knows
// just enough of YAML for that: comments, quotes, block scalars, and where a
// value begins.
type scan struct {
	text *Text
	open []opened // brackets and braces, the innermost last

	line   int // being read, from 1
	s      []rune
	i      int // in s
	begins bool
	block  int // the indentation that a block scalar is deeper than; -1 outside of one
	quote  opened
}

// opened is a bracket, brace or quote with its place.
type opened struct {
	char rune
	at   Position
	deep int // the indentation of its line

	paired bool // the entry being read, in brackets or braces, has its colon
}

// mismatch finds the first bracket, brace or quote that does not match, if there
// is one. It does not look behind it.
func (t *Text) mismatch() (at Position, what string) {
	s := &scan{text: t, block: -1}
	for s.line = 1; s.line <= len(t.starts); s.line++ {
		s.s, s.i, s.begins = []rune(t.Line(s.line)), 0, true
		if at, what := s.oneLine(); what != "" {
			return at, what
		}
	}
	switch {
	case s.quote.char != 0:
		return s.unclosed(s.quote)
	case len(s.open) > 0:
		return s.unclosed(s.open[len(s.open)-1])
	}
	return Position{}, ""
}

func (s *scan) here() Position { return Position{Line: s.line, Column: s.i + 1} }

func (s *scan) unclosed(o opened) (Position, string) {
	name := map[rune]string{'[': "bracket", '{': "brace", '"': "quote", '\'': "quote"}[o.char]
	return o.at, "the " + name + " " + string(o.char) + " that opens here is not closed; close it with " + string(closing[o.char])
}

var closing = map[rune]rune{'[': ']', '{': '}', '"': '"', '\'': '\''}

func (s *scan) oneLine() (Position, string) {
	indent := 0
	for indent < len(s.s) && s.s[indent] == ' ' {
		indent++
	}
	if s.quote.char == 0 {
		if indent == len(s.s) {
			return Position{}, ""
		}
		if s.block >= 0 && indent > s.block {
			return Position{}, "" // the text of a block scalar
		}
		s.block = -1
		if len(s.open) > 0 && indent <= s.open[0].deep && beginsKey(s.s[indent:]) {
			return s.unclosed(s.open[len(s.open)-1]) // the next key of the block around the brackets
		}
	}
	for s.i = indent; s.i < len(s.s); s.i++ {
		if at, what := s.oneCharacter(indent); what != "" {
			return at, what
		}
	}
	return Position{}, ""
}

func (s *scan) oneCharacter(indent int) (Position, string) {
	c := s.s[s.i]
	blankBefore := s.i == 0 || s.s[s.i-1] == ' ' || s.s[s.i-1] == '\t'
	switch {
	case s.quote.char != 0:
		return s.quoted(c)
	case c == ' ' || c == '\t':
		return Position{}, ""
	case c == '#' && blankBefore:
		s.i = len(s.s)
	case s.begins && (c == '"' || c == '\''):
		s.quote = opened{char: c, at: s.here(), deep: indent}
	case s.begins && (c == '[' || c == '{'):
		s.open = append(s.open, opened{char: c, at: s.here(), deep: indent})
	case (c == ']' || c == '}') && len(s.open) > 0:
		return s.close(c)
	case s.begins && (c == ']' || c == '}'):
		return s.here(), string(c) + " closes nothing; remove it, or put the value in quotes"
	case s.begins && len(s.open) == 0 && (c == '|' || c == '>'):
		s.block, s.i = indent, len(s.s)
	case c == ',' && len(s.open) > 0:
		s.begins, s.open[len(s.open)-1].paired = true, false
	case c == ':' && s.blankAfter() && len(s.open) > 0:
		o := &s.open[len(s.open)-1]
		if o.paired && !s.begins {
			return s.wordStart(), "a comma is missing before this"
		}
		s.begins, o.paired = true, true
	case (c == ':' || s.begins && (c == '-' || c == '?')) && s.blankAfter():
		s.begins = true
	default:
		s.begins = s.begins && (c == '&' || c == '!') && s.skipWord() // an anchor or a tag comes before its value
	}
	return Position{}, ""
}

// wordStart is where the word before a colon begins.
func (s *scan) wordStart() Position {
	i := s.i
	for i > 0 && !strings.ContainsRune(" \t,[{", s.s[i-1]) {
		i--
	}
	return Position{Line: s.line, Column: i + 1}
}

// skipWord goes to the end of an anchor or a tag.
func (s *scan) skipWord() bool {
	for s.i+1 < len(s.s) && !strings.ContainsRune(" \t,]}", s.s[s.i+1]) {
		s.i++
	}
	return true
}

func (s *scan) blankAfter() bool {
	return s.i+1 == len(s.s) || strings.ContainsRune(" \t", s.s[s.i+1]) ||
		len(s.open) > 0 && strings.ContainsRune(",[]{}", s.s[s.i+1])
}

// quoted goes on within quotes, and checks the text behind them.
func (s *scan) quoted(c rune) (Position, string) {
	switch {
	case c == '\\' && s.quote.char == '"':
		s.i++
		return Position{}, ""
	case c != s.quote.char:
		return Position{}, ""
	case c == '\'' && s.i+1 < len(s.s) && s.s[s.i+1] == '\'':
		s.i++
		return Position{}, ""
	}
	o := s.quote
	s.quote = opened{}
	return s.after("the quotes", o)
}

func (s *scan) close(c rune) (Position, string) {
	o := s.open[len(s.open)-1]
	if closing[o.char] != c {
		return s.here(), string(c) + " closes the " + string(o.char) + " of " + lineNumber(o.at.Line) + "; write " + string(closing[o.char])
	}
	s.open = s.open[:len(s.open)-1]
	return s.after(string(c), o)
}

// after checks the text behind a value that ends in a bracket, brace or quote.
func (s *scan) after(what string, o opened) (Position, string) {
	s.begins = false
	j := s.i + 1
	for j < len(s.s) && (s.s[j] == ' ' || s.s[j] == '\t') {
		j++
	}
	if j == len(s.s) || s.s[j] == '#' && j > s.i+1 || s.s[j] == ':' {
		return Position{}, ""
	}
	if len(s.open) > 0 && strings.ContainsRune(",]}", s.s[j]) {
		return Position{}, ""
	}
	at := Position{Line: s.line, Column: j + 1}
	switch {
	case closing[o.char] == o.char && o.at.Line != s.line:
		return s.unclosed(o) // it ended at the next quote, some lines down
	case len(s.open) > 0 && j > s.i+1:
		return at, "a comma is missing before this"
	case closing[o.char] == o.char:
		return at, "there is text after the quotes; put all of it in quotes, and double any quote inside"
	}
	return at, "nothing can follow " + what + "; remove it, or put the value in quotes"
}

// beginsKey reports whether a line begins with an unquoted key.
func beginsKey(line []rune) bool {
	for i, c := range line {
		switch {
		case c == ':':
			return i > 0 && (i+1 == len(line) || line[i+1] == ' ')
		case !inKey(c):
			return false
		}
	}
	return false
}

// inKey reports whether a key of ASCII can have a character without quotes.
func inKey(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
}

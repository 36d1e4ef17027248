package source

import (
	"cmp"
	"fmt"
	"io"
)

// maxEntry bounds one entry of a zone file, in octets: the longest record there
// can be, with every octet escaped.
const maxEntry = 256 << 10

// lexer cuts a zone file into its entries (RFC 1035 section 5.1).
type lexer struct {
	text  string
	pos   int
	line  int // of pos
	begin int // where that line begins

	tokens []token // reused for the tokens of an entry
}

// entry is a directive or a record as it is written. It may go over several
// lines.
type entry struct {
	line    int     // of its first word
	blank   bool    // a blank is before that: the owner is that of the record above
	tokens  []token // until the next entry is read
	comment string  // the last, without its semicolon
	glued   bool    // the comment begins right behind a word
}

// token is a word with its escapes, or a string without its quotes.
type token struct {
	text   string
	quoted bool
}

// problem is a mistake in a line, or in the whole file if line is 0. It does not
// quote the file, which may be a secret that a link leads to.
type problem struct {
	line int
	text string
	more int // further lines with the same
}

func (p *problem) Error() string {
	if p.more > 0 {
		return fmt.Sprintf("%s (and in %d more)", p.text, p.more)
	}
	return p.text
}

// openParenthesis is the problem of a record that goes on to the end of the file.
const openParenthesis = "a parenthesis that is not closed"

func newLexer(text string) *lexer { return &lexer{text: text, line: 1} }

// next reads an entry. At the end of the text the error is io.EOF; behind
// another one, nothing more can be read.
func (l *lexer) next() (entry, error) {
	e := entry{tokens: l.tokens[:0]}
	start, open := l.pos, []int(nil)
	for l.pos < len(l.text) {
		if l.pos-start > maxEntry {
			return e, &problem{line: cmp.Or(e.line, l.line), text: fmt.Sprintf("a record of more than %d KiB", maxEntry>>10)}
		}
		switch l.text[l.pos] {
		case '\n':
			l.newline()
			if len(open) == 0 && len(e.tokens) > 0 {
				l.tokens = e.tokens
				return e, nil
			}
			if len(open) == 0 {
				e, start = entry{tokens: e.tokens}, l.pos
			}
		case ' ', '\t', '\r':
			l.pos++
		case ';':
			e.comment, e.glued = l.comment()
		case '(':
			open = append(open, l.line)
			l.pos++
		case ')':
			if len(open) == 0 {
				return e, &problem{line: l.line, text: "a closing parenthesis without an opening one"}
			}
			open = open[:len(open)-1]
			l.pos++
		default:
			if len(e.tokens) == 0 {
				e.line, e.blank = l.line, l.pos > l.begin
			}
			t, err := l.token()
			if err != nil {
				return e, err
			}
			e.tokens = append(e.tokens, t)
		}
	}
	switch {
	case len(open) > 0:
		return e, &problem{line: open[0], text: openParenthesis}
	case len(e.tokens) > 0:
		return e, nil
	}
	return e, io.EOF
}

func (l *lexer) newline() {
	l.pos++
	l.line++
	l.begin = l.pos
}

// comment reads to the end of the line.
func (l *lexer) comment() (text string, glued bool) {
	start := l.pos
	for l.pos < len(l.text) && l.text[l.pos] != '\n' {
		l.pos++
	}
	glued = start > l.begin && !isSpace(l.text[start-1])
	return l.text[start+1 : l.pos], glued
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// token reads a word or a string.
func (l *lexer) token() (token, error) {
	if l.text[l.pos] == '"' {
		return l.quoted()
	}
	start := l.pos
	for l.pos < len(l.text) {
		switch l.text[l.pos] {
		case ' ', '\t', '\r', '\n', ';', '(', ')', '"':
			return token{text: l.text[start:l.pos]}, nil
		case '\\':
			if l.pos+1 < len(l.text) && l.text[l.pos+1] != '\n' {
				l.pos++
			}
		}
		l.pos++
	}
	return token{text: l.text[start:l.pos]}, nil
}

// quoted reads a string. Name servers take none that goes on in the next line,
// so that a quote that was forgotten is found where it is.
func (l *lexer) quoted() (token, error) {
	l.pos++
	start := l.pos
	for l.pos < len(l.text) && l.text[l.pos] != '\n' {
		switch l.text[l.pos] {
		case '"':
			l.pos++
			return token{l.text[start : l.pos-1], true}, nil
		case '\\':
			if l.pos+1 < len(l.text) && l.text[l.pos+1] != '\n' {
				l.pos++
			}
		}
		l.pos++
	}
	return token{}, &problem{line: l.line, text: "a quote that is not closed; nothing after it was read"}
}

// Package yamltext handles YAML as text: the positions of lines and values, why a
// text is not YAML, and how to write a value. It does not know the keys.
package yamltext

import (
	"bytes"
	"unicode/utf8"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Text is a file as it was read, without its byte order mark, line by line.
type Text struct {
	Data   []byte
	starts []int // the offset of each line
}

// Position is a place in a text. Lines and columns count from 1, columns in
// characters.
type Position struct{ Line, Column int }

// New finds the lines of a file.
func New(data []byte) *Text {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	starts := make([]int, 1, 1+bytes.Count(data, []byte("\n")))
	for i, c := range data {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return &Text{data, starts}
}

// Lines is the number of lines.
func (t *Text) Lines() int { return len(t.starts) }

// Start is the offset of line n, counted from 1.
func (t *Text) Start(n int) int { return t.starts[n-1] }

// Line returns line n, counted from 1, without its end.
func (t *Text) Line(n int) string { return string(t.octets(n)) }

// octets is line n for looking at only.
func (t *Text) octets(n int) []byte {
	if n < 1 || n > len(t.starts) {
		return nil
	}
	end := len(t.Data)
	if n < len(t.starts) {
		end = t.starts[n]
	}
	return bytes.TrimRight(t.Data[t.starts[n-1]:end], "\r\n")
}

// Offset is where a line's column begins, in octets.
func (t *Text) Offset(line, column int) int {
	at := t.starts[line-1]
	for ; column > 1 && at < len(t.Data); column-- {
		_, n := utf8.DecodeRune(t.Data[at:])
		at += n
	}
	return at
}

// End is the position behind everything.
func (t *Text) End() Position { return Position{len(t.starts) + 1, 1} }

// LastBefore is the last line, neither empty nor a comment, that ends before p.
func (t *Text) LastBefore(p Position) int {
	if !onlyIndented(t.octets(p.Line), p.Column) {
		return p.Line
	}
	n := min(p.Line-1, len(t.starts))
	for ; n > 0; n-- {
		s := bytes.TrimLeft(t.octets(n), " \t-") // a hyphen alone begins the item behind it
		if len(s) > 0 && s[0] != '#' && string(s) != "..." {
			break
		}
	}
	return n
}

// onlyIndented reports whether only spaces, and the dash or mark of the item
// itself, are before the column.
func onlyIndented(line []byte, column int) bool {
	before := line[:min(max(column-1, 0), len(line))] // each of these characters is one octet
	return len(bytes.Trim(before, " \t-?")) == 0
}

// Unreadable finds the first character that a YAML file cannot have, or at
// which lines would be counted in another way than editors do.
func (t *Text) Unreadable() (at Position, what string) {
	if bytes.HasPrefix(t.Data, []byte("\xff\xfe")) || bytes.HasPrefix(t.Data, []byte("\xfe\xff")) {
		return Position{Line: 1, Column: 1}, "the file is UTF-16; save it as UTF-8"
	}
	line, column := 1, 1
	for i := 0; i < len(t.Data); {
		c := t.Data[i]
		if c >= ' ' && c <= '~' || c == '\t' {
			i, column = i+1, column+1
			continue
		}
		if c == '\n' {
			i, line, column = i+1, line+1, 1
			continue
		}
		r, n := utf8.DecodeRune(t.Data[i:])
		switch at := (Position{Line: line, Column: column}); {
		case r == utf8.RuneError && n <= 1:
			return at, "this is not UTF-8; save the file as UTF-8"
		case c == '\r' && (i+1 == len(t.Data) || t.Data[i+1] != '\n'):
			return at, "a line ends in a carriage return only; save the file with LF or CRLF line endings"
		case c == '\r':
		case r == 0:
			return at, "there is a NUL character; this is not a text file"
		case r < ' ' || r == 0x7f || r > 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffe || r == 0xffff:
			return at, "there is a control character, " + Quote(string(r)) + "; remove it"
		}
		i, column = i+n, column+1
	}
	return Position{}, ""
}

// Quote makes a word of the file fit for a message.
func Quote(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return untrusted.Quote(s)
}

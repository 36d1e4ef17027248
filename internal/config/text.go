package config

import (
	"bytes"
	"unicode/utf8"
)

// text is the file as it was read, line by line.
type text struct {
	data   []byte
	starts []int // offset of each line
}

const byteOrderMark = "\ufeff"

func newText(data []byte) *text {
	starts := make([]int, 1, 1+bytes.Count(data, []byte("\n")))
	for i, c := range data {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return &text{data, starts}
}

// line returns line n, counted from 1, without its end.
func (t *text) line(n int) string { return string(t.octets(n)) }

// octets is line n for looking at only.
func (t *text) octets(n int) []byte {
	if n < 1 || n > len(t.starts) {
		return nil
	}
	end := len(t.data)
	if n < len(t.starts) {
		end = t.starts[n]
	}
	return bytes.TrimRight(t.data[t.starts[n-1]:end], "\r\n")
}

// offset is where a line's column begins, in octets.
func (t *text) offset(line, column int) int {
	at := t.starts[line-1]
	for ; column > 1 && at < len(t.data); column-- {
		_, n := utf8.DecodeRune(t.data[at:])
		at += n
	}
	return at
}

// end is the position behind everything.
func (t *text) end() position { return position{len(t.starts) + 1, 1} }

// lastBefore is the last line, neither empty nor a comment, that ends before p.
func (t *text) lastBefore(p position) int {
	if !onlyIndented(t.octets(p.line), p.column) {
		return p.line
	}
	n := min(p.line-1, len(t.starts))
	for ; n > 0; n-- {
		s := bytes.TrimLeft(t.octets(n), " \t-") // a hyphen alone begins the item behind it
		if len(s) > 0 && s[0] != '#' && string(s) != "..." {
			break
		}
	}
	return n
}

// onlyIndented reports whether only blanks, and the dash or mark of the item
// itself, stand before the column.
func onlyIndented(line []byte, column int) bool {
	before := line[:min(max(column-1, 0), len(line))] // each of these characters is one octet
	return len(bytes.Trim(before, " \t-?")) == 0
}

// unreadable finds the first character that a YAML file cannot have, or at
// which lines would be counted in another way than editors do.
func (t *text) unreadable() (at Place, what string) {
	if bytes.HasPrefix(t.data, []byte("\xff\xfe")) || bytes.HasPrefix(t.data, []byte("\xfe\xff")) {
		return Place{Line: 1, Column: 1}, "the file is UTF-16; save it as UTF-8"
	}
	line, column := 1, 1
	for i := 0; i < len(t.data); {
		c := t.data[i]
		if c >= ' ' && c <= '~' || c == '\t' {
			i, column = i+1, column+1
			continue
		}
		if c == '\n' {
			i, line, column = i+1, line+1, 1
			continue
		}
		r, n := utf8.DecodeRune(t.data[i:])
		switch at := (Place{Line: line, Column: column}); {
		case r == utf8.RuneError && n <= 1:
			return at, "this is not UTF-8; save the file as UTF-8"
		case c == '\r' && (i+1 == len(t.data) || t.data[i+1] != '\n'):
			return at, "a line ends in a carriage return only; save the file with LF or CRLF line endings"
		case c == '\r':
		case r == 0:
			return at, "there is a NUL character; this is not a text file"
		case r < ' ' || r == 0x7f || r > 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffe || r == 0xffff:
			return at, "there is a control character, " + quote(string(r)) + "; remove it"
		}
		i, column = i+n, column+1
	}
	return Place{}, ""
}

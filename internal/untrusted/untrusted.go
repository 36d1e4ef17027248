// Package untrusted holds text that somebody else wrote: the data of DNS
// records, the extra text of DNS errors, words of a file from a fork. It opens
// such files, too.
//
// A Text prints itself safely whatever verb prints it, so that forgetting to
// escape is harmless. It does not know Markdown, HTML or HCL: each report
// escapes the safe form once more for its own language.
package untrusted

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is a string of arbitrary octets from outside. Its zero value is empty.
//
// Printed by any verb, marshalled to JSON or text, or logged, it takes the
// presentation form of a DNS character-string (RFC 1035 section 5.1): quoted,
// `\DDD` for octets that are not printable ASCII, and `#\035[` for the `##[`
// that GitHub's runner obeys anywhere in a line. The form decodes to exactly
// the octets of the Text.
type Text struct{ raw string }

// New marks raw as foreign.
func New(raw string) Text { return Text{raw} }

// Raw returns the octets themselves. It is for comparing, parsing and exact
// fixes; nothing that is shown to anybody may be built from it.
func (t Text) Raw() string { return t.raw }

// Len is the number of octets.
func (t Text) Len() int { return len(t.raw) }

// Plain reports whether every octet is printable ASCII, so that a record may
// be rebuilt from the text.
func (t Text) Plain() bool {
	for i := range len(t.raw) {
		if t.raw[i] < ' ' || t.raw[i] > '~' {
			return false
		}
	}
	return true
}

// String returns the presentation form, quotes included.
func (t Text) String() string {
	var b strings.Builder
	b.Grow(len(t.raw) + 2)
	b.WriteByte('"')
	b.WriteString(t.Bare())
	b.WriteByte('"')
	return b.String()
}

// Bare returns the presentation form without the quotes around it.
func (t Text) Bare() string {
	clean := true
	for i := range len(t.raw) {
		if c := t.raw[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '[' {
			clean = false
			break
		}
	}
	if clean {
		return t.raw
	}
	var b strings.Builder
	b.Grow(len(t.raw) + 16)
	for i := range len(t.raw) {
		switch c := t.raw[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			b.Write([]byte{'\\', '0' + c/100, '0' + c/10%10, '0' + c%10})
		case c == '#' && strings.HasPrefix(t.raw[i:], "#[") && i > 0 && t.raw[i-1] == '#':
			b.WriteString(`\035`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Format prints the safe form for every verb. A precision, as in %.40s, cuts
// the text after that many characters and marks the cut.
func (t Text) Format(f fmt.State, _ rune) {
	n, ok := f.Precision()
	if ok && len(t.raw) > n {
		t.raw = t.raw[:n+1] // no octet has less than a character
	}
	s := t.Bare()
	if ok && len(s) > n {
		s = s[:n] + "..."
	}
	_, _ = io.WriteString(f, `"`+s+`"`)
}

// MarshalText returns the presentation form; encoding/json uses it too.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Quote quotes text that a person wrote in a file or on a command line, for a
// message about it. Letters of every script stay readable; control characters,
// bidirectional overrides, what cannot be seen and `##[` do not survive.
func Quote(s string) string {
	q := strconv.Quote(strings.ToValidUTF8(s, string(utf8.RuneError)))
	if strings.ContainsFunc(q, invisible) {
		var b strings.Builder
		for _, r := range q {
			if invisible(r) {
				b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			} else {
				b.WriteRune(r)
			}
		}
		q = b.String()
	}
	return defuse(q)
}

// QuoteStart quotes the beginning of a text, so many octets at most.
func QuoteStart(s string, most int) string { return Quote(s[:min(len(s), most)]) }

// invisible reports whether a character that strconv calls printable shows
// nothing, such as a variation selector or a filler.
func invisible(r rune) bool {
	return r > '~' && unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Visible reports whether s can be printed as it is: Quote would change nothing
// in it.
func Visible(s string) bool { return Quote(s) == `"`+s+`"` }

// unescape undoes the escapes of Quote that only quotes need.
var unescape = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// Line makes s fit to be printed as one line of a log: what is not printable
// is escaped, and it can neither start a workflow command nor hold one.
func Line(s string) string {
	q := Quote(s)
	q = unescape.Replace(q[1 : len(q)-1])
	if t := strings.TrimSpace(q); strings.HasPrefix(t, "::") {
		q = `\x3a` + t[1:]
	}
	return q
}

func defuse(s string) string { return strings.ReplaceAll(s, "##[", `#\x23[`) }

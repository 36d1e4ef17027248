package spf

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file undoes the changes that editors, web pages and forms make to the
// characters of a record.

// foreign are characters that no record has, with their ASCII equivalents and
// their names.
var foreign = []struct{ chars, ascii, name string }{
	{"\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ", "no-break spaces"},
	{"\t", " ", "tabs"},
	{"\r\n\u2028\u2029", " ", "line breaks"},
	{"\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff", "", "invisible characters"},
	{"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u2018\u2019\u201a\u201b\u2039\u203a\u2032\u00b4", `"`, "curly quotes"},
	{"\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-", "long dashes"},
	{"\u02dc\u223c\u223d\u301c\uff5e", "~", "tildes that are not ASCII"},
	{"\u2236\ufe55\uff1a", ":", "colons that are not ASCII"},
	{"\uff1d", "=", "equals signs that are not ASCII"},
}

// windows maps octets of the Windows code pages to characters of foreign.
var windows = strings.NewReplacer(
	"\x91", "\u2018", "\x92", "\u2019", "\x93", "\u201c", "\x94", "\u201d", "\x96", "\u2013", "\x97", "\u2014", "\xa0", "\u00a0", "\xad", "\u00ad",
)

// nameOf returns the name of a foreign character, or "".
func nameOf(c rune) string {
	for _, f := range foreign {
		if strings.ContainsRune(f.chars, c) {
			return f.name
		}
	}
	return ""
}

var (
	decimalEscape = regexp.MustCompile(`\\[0-9]{3}`)
	entity        = regexp.MustCompile(`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});`)
)

// plain turns s into the intended ASCII, with quotes left in, and lists each kind
// of change once.
func plain(s string) (_ string, undone []string) {
	undo := func(name, ascii string) {
		if ascii != s && !slices.Contains(undone, name) {
			undone = append(undone, name)
		}
		s = ascii
	}
	if strings.Contains(s, `\`) {
		undo("backslashes", unescaped(s))
	}
	if entity.MatchString(s) {
		undo("HTML entities", html.UnescapeString(s))
	}
	if decoded, err := url.PathUnescape(s); err == nil { // with a macro in it, it is no such text
		undo("percent-encoded characters", decoded)
	}
	if !utf8.ValidString(s) {
		s = windows.Replace(s)
	}
	for _, f := range foreign {
		if !strings.ContainsAny(s, f.chars) {
			continue
		}
		undo(f.name, strings.Map(func(c rune) rune {
			switch {
			case !strings.ContainsRune(f.chars, c):
				return c
			case f.ascii == "":
				return -1
			}
			return rune(f.ascii[0])
		}, s))
	}
	return s, undone
}

// unescaped reads the escapes of a zone file (RFC 1035 section 5.1).
func unescaped(s string) string {
	s = decimalEscape.ReplaceAllStringFunc(s, func(e string) string {
		if n := int(e[1]-'0')*100 + int(e[2]-'0')*10 + int(e[3]-'0'); n < 256 {
			return string([]byte{byte(n)})
		}
		return e
	})
	return strings.ReplaceAll(s, `\`, "")
}

// isASCII reports whether s can be in a record once its quotes are gone.
func isASCII(s string) bool { return untrusted.New(s).Plain() }

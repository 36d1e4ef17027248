package spf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// macro is a piece of a macro-string (RFC 7208 section 7.1): literal text or an
// expansion.
type macro struct {
	literal    string // if letter is 0
	letter     byte   // in lower case
	escape     bool   // written in upper case: URL-escape the result
	keep       int    // number of parts from the right; 0 for all
	reverse    bool
	delimiters string // "." by default
}

const (
	domainLetters = "slodiphv"
	expLetters    = "crt" // only in the explanation that exp points to (section 7.2)
	delimiters    = ".-+,/_="
)

// parseMacros splits a macro-string into pieces.
func parseMacros(s, letters string) (pieces []macro, err error) {
	_, err = eachMacro(s, letters, func(m macro) { pieces = append(pieces, m) })
	return pieces, err
}

// eachMacro passes the pieces of a macro-string to keep. It returns the length of
// the literal text at the end, which domain-end restricts. The octets must be
// visible ASCII.
func eachMacro(s, letters string, keep func(macro)) (tail int, err error) {
	literal := 0 // start of the literal text that is not passed on yet
	give := func(end int) {
		if end > literal {
			keep(macro{literal: s[literal:end]})
		}
	}
	for i := strings.IndexByte(s, '%'); i >= 0 && i < len(s); {
		if s[i] != '%' {
			i++
			continue
		}
		give(i)
		n := 2
		switch {
		case i+1 == len(s):
			return 0, errLonePercent
		case s[i+1] == '%':
			keep(macro{literal: "%"})
		case s[i+1] == '_':
			keep(macro{literal: " "})
		case s[i+1] == '-':
			keep(macro{literal: "%20"})
		case s[i+1] == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return 0, fmt.Errorf("macro %.20s has no closing }", untrusted.New(s[i:]))
			}
			m, err := parseMacro(s[i+2:i+end], letters)
			if err != nil {
				return 0, fmt.Errorf("macro %.20s %w", untrusted.New(s[i:i+end+1]), err)
			}
			keep(m)
			n = end + 1
		default:
			return 0, errLonePercent
		}
		i += n
		literal = i
	}
	give(len(s))
	return len(s) - literal, nil
}

var (
	errLonePercent = errors.New("% is not followed by {, %, _ or -")
	errNoLetter    = errors.New("has no valid letter")
	errExpOnly     = errors.New("is allowed only in the text that exp points to")
	errZeroParts   = errors.New("keeps 0 parts")
	errTransformer = errors.New("has something other than digits, r and delimiters after its letter")
)

// parseMacro reads the text between the braces.
func parseMacro(s, letters string) (macro, error) {
	if s == "" {
		return macro{}, errNoLetter
	}
	m := macro{letter: lower(s[0]), escape: s[0] != lower(s[0]), delimiters: "."}
	if strings.IndexByte(letters, m.letter) < 0 {
		if strings.IndexByte(expLetters, m.letter) >= 0 {
			return macro{}, errExpOnly
		}
		return macro{}, errNoLetter
	}
	s = s[1:]
	digits := 0
	for digits < len(s) && isDigit(s[digits]) {
		m.keep = min(m.keep*10+int(s[digits]-'0'), 1000) // more than enough: a name has at most 127 labels
		digits++
	}
	if digits > 0 && m.keep == 0 {
		return macro{}, errZeroParts // section 7.3
	}
	s = s[digits:]
	if s != "" && lower(s[0]) == 'r' {
		m.reverse = true
		s = s[1:]
	}
	if strings.Trim(s, delimiters) != "" {
		return macro{}, errTransformer
	}
	if s != "" {
		m.delimiters = s
	}
	return m, nil
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return lower(c) >= 'a' && lower(c) <= 'z' }

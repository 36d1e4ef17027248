package record

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Name is a domain name in one canonical form: presentation form, lower case,
// without the final dot; the root is ".". Two Names are the same name exactly
// if they are the same string.
//
// An octet other than a letter, a digit or one of `-_*/` is written `\DDD`
// (RFC 1035 section 5.1). A Name from a hostile answer is therefore ugly, but
// it is printable ASCII in which nothing means anything to a shell, a
// terminal, Markdown, HTML or a CI runner.
type Name string

// Root is the name of the DNS root.
const Root Name = "."

var (
	errEmptyLabel = errors.New("empty label")
	errLongLabel  = errors.New("label of more than 63 bytes")
	errLongName   = errors.New("name of more than 255 bytes")
	errBadEscape  = errors.New(`bad \ escape`)
	errNotASCII   = errors.New("character outside ASCII")
)

// ParseName reads a name in presentation form, with or without its final dot.
// It takes any octets that DNS can carry; which characters a host name may
// have is for the caller to ask.
func ParseName(s string) (Name, error) {
	if s == "." {
		return Root, nil
	}
	s = trimDot(s)
	if s == "" {
		return "", errEmptyLabel
	}
	if isCanonical(s) {
		return Name(s), nil
	}
	var b strings.Builder
	b.Grow(len(s))
	label, total := 0, 1
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.':
			if label == 0 {
				return "", errEmptyLabel
			}
			b.WriteByte('.')
			total += label + 1
			label = 0
			continue
		case c >= 0x80:
			return "", errNotASCII
		case c == '\\':
			var n int
			if c, n = unescape(s[i:]); n == 0 {
				return "", errBadEscape
			}
			i += n - 1
		}
		writeOctet(&b, c)
		if label++; label > 63 {
			return "", errLongLabel
		}
	}
	if label == 0 {
		return "", errEmptyLabel
	}
	if total+label+1 > 255 {
		return "", errLongName
	}
	return Name(b.String()), nil
}

// isCanonical reports whether s is a name that needs no change, as nearly all
// are.
func isCanonical(s string) bool {
	label := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '*', c == '/':
			if label++; label > 63 {
				return false
			}
		case c == '.' && label > 0:
			label = 0
		default:
			return false
		}
	}
	return label > 0 && len(s)+2 <= 255
}

// MustName is ParseName for names in our own source. It panics on a bad one.
func MustName(s string) Name {
	n, err := ParseName(s)
	if err != nil {
		panic(fmt.Sprintf("name %q: %v", s, err))
	}
	return n
}

// trimDot takes off a final dot that is a separator, not an escaped octet.
func trimDot(s string) string {
	if !strings.HasSuffix(s, ".") {
		return s
	}
	slashes := 0
	for i := len(s) - 2; i >= 0 && s[i] == '\\'; i-- {
		slashes++
	}
	if slashes%2 == 1 {
		return s
	}
	return s[:len(s)-1]
}

// unescape reads the `\X` or `\DDD` that s starts with. It returns the octet
// and how many bytes of s it took: none if it is no escape.
func unescape(s string) (octet byte, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if s[1] < '0' || s[1] > '9' {
		return s[1], 2
	}
	if len(s) < 4 {
		return 0, 0
	}
	v := 0
	for _, c := range []byte(s[1:4]) {
		if c < '0' || c > '9' {
			return 0, 0
		}
		v = v*10 + int(c-'0')
	}
	if v > 255 {
		return 0, 0
	}
	return byte(v), 4
}

func writeOctet(b *strings.Builder, c byte) {
	switch {
	case c >= 'A' && c <= 'Z':
		b.WriteByte(c + 'a' - 'A')
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '*', c == '/':
		b.WriteByte(c)
	default:
		fmt.Fprintf(b, `\%03d`, c)
	}
}

// FQDN returns the name with its final dot, as zone files write it.
func (n Name) FQDN() string {
	if n == Root {
		return "."
	}
	return string(n) + "."
}

// Parent returns the name without its first label; the root's is the root.
func (n Name) Parent() Name {
	if i := strings.IndexByte(string(n), '.'); i >= 0 && n != Root {
		return n[i+1:]
	}
	return Root
}

// FirstLabel returns the leftmost label; the root's is "".
func (n Name) FirstLabel() string {
	if n == Root {
		return ""
	}
	label, _, _ := strings.Cut(string(n), ".")
	return label
}

// Labels counts the labels; the root has none.
func (n Name) Labels() int {
	if n == Root || n == "" {
		return 0
	}
	return strings.Count(string(n), ".") + 1
}

// Child returns the name of label, or several labels with dots, under n.
func (n Name) Child(label string) Name {
	if n == Root {
		return Name(label)
	}
	return Name(label) + "." + n
}

// In reports whether n is zone or a name below it.
func (n Name) In(zone Name) bool {
	return zone == Root || n == zone || n.Below(zone)
}

// Below reports whether n is a name below zone, and not zone itself.
func (n Name) Below(zone Name) bool {
	if zone == Root {
		return n != Root
	}
	return len(n) > len(zone) && n[len(n)-len(zone)-1] == '.' && n[len(n)-len(zone):] == zone
}

// Plain reports whether the name has only letters, digits, hyphens and
// underscores, so that it may be in any file format without escaping.
func (n Name) Plain() bool {
	for i := range len(n) {
		switch c := n[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return n != ""
}

// Text returns the octets of the name without escapes, such as the target of an
// include with macros in an SPF record.
func (n Name) Text() untrusted.Text {
	if n.Plain() {
		return untrusted.New(string(n))
	}
	var b strings.Builder
	for i := 0; i < len(n); i++ {
		c := n[i]
		if c == '\\' {
			if octet, size := unescape(string(n[i:])); size > 0 {
				c, i = octet, i+size-1
			}
		}
		b.WriteByte(c)
	}
	return untrusted.New(b.String())
}

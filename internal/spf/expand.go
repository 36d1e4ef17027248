package spf

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// target is the expanded domain-spec of a term. Labels are dropped from the left
// until it fits into a name (RFC 7208 section 7.3).
func (e *evaluation) target(t *Term, domain string) string {
	pieces, _ := parseMacros(t.Domain.Raw(), domainLetters)
	s := strings.TrimSuffix(e.expand(pieces, domain), ".")
	for len(s) > 253 {
		dot := strings.IndexByte(s, '.')
		if dot < 0 {
			return ""
		}
		s = s[dot+1:]
	}
	return s
}

// toName makes a name of an expanded domain-spec, in which a backslash has no
// meaning.
func toName(s string) (record.Name, bool) {
	n, err := record.ParseName(strings.ReplaceAll(s, `\`, `\\`))
	return n, err == nil && n != record.Root
}

func (e *evaluation) expand(pieces []macro, domain string) string {
	var b strings.Builder
	for _, m := range pieces {
		if m.letter == 0 {
			b.WriteString(m.literal)
			continue
		}
		s := m.transform(e.value(m.letter, domain))
		if m.escape {
			s = urlEscape(s)
		}
		b.WriteString(s)
	}
	return b.String()
}

// value is the expansion of a macro letter (section 7.2).
func (e *evaluation) value(letter byte, domain string) string {
	client := e.mail.Client
	switch letter {
	case 's':
		return e.local + "@" + e.domain
	case 'l':
		return e.local
	case 'o':
		return e.domain
	case 'd':
		return domain
	case 'i':
		if client.Is6() {
			return strings.Join(nibbles(client), ".")
		}
		return client.String()
	case 'p':
		return e.clientName(domain)
	case 'v':
		if client.Is6() {
			return "ip6"
		}
		return "in-addr"
	case 'h':
		return e.mail.Helo
	case 'c':
		return client.String()
	case 'r':
		if e.mail.Receiver == "" {
			return "unknown"
		}
		return e.mail.Receiver
	default: // 't'
		return strconv.FormatInt(e.mail.Now.Unix(), 10)
	}
}

// clientName is the macro p (section 7.3): a validated name of the client. The
// domain itself is preferred, then a name below it.
func (e *evaluation) clientName(domain string) string {
	e.reverse()
	if len(e.names) == 0 {
		return "unknown"
	}
	if d, ok := toName(domain); ok {
		if slices.Contains(e.names, d) {
			return string(d)
		}
		for _, n := range e.names {
			if n.Below(d) {
				return string(n)
			}
		}
	}
	return string(e.names[0])
}

// transform splits a value at the delimiters, and joins the selected parts with
// dots. Parts may be empty.
func (m macro) transform(s string) string {
	var parts []string
	for {
		i := strings.IndexAny(s, m.delimiters)
		if i < 0 {
			parts = append(parts, s)
			break
		}
		parts = append(parts, s[:i])
		s = s[i+1:]
	}
	if m.reverse {
		slices.Reverse(parts)
	}
	if m.keep > 0 && m.keep < len(parts) {
		parts = parts[len(parts)-m.keep:]
	}
	return strings.Join(parts, ".")
}

// urlEscape escapes all but the unreserved characters of RFC 3986.
func urlEscape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case isLetter(c), isDigit(c), c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// reverseName is the name of an address's PTR records.
func reverseName(a netip.Addr) record.Name {
	if a.Is6() {
		digits := nibbles(a)
		slices.Reverse(digits)
		return record.Name(strings.Join(digits, ".") + ".ip6.arpa")
	}
	b := a.As4()
	return record.Name(fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0]))
}

func nibbles(a netip.Addr) []string {
	digits := make([]string, 0, 32)
	for _, b := range a.As16() {
		digits = append(digits, strconv.FormatUint(uint64(b>>4), 16), strconv.FormatUint(uint64(b&15), 16))
	}
	return digits
}

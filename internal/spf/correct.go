package spf

import (
	"fmt"
	"math/bits"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// maxGuessable is the longest term, in octets, for which a correction is guessed.
const maxGuessable = 300

// correct returns the probable correction of a bad or odd term, or nothing if
// there is none. It undoes one mistake, or two in a row; the first candidate
// without a flaw wins.
func correct(t untrusted.Text) untrusted.Text {
	s := t.Raw()
	if len(s) > maxGuessable || flawless(s) { // such as a second redirect
		return untrusted.Text{}
	}
	once := candidates(s)
	for _, c := range once {
		if guessable(c, s) {
			return untrusted.New(c)
		}
	}
	for _, c := range once {
		for _, d := range candidates(c) {
			if guessable(d, s) {
				return untrusted.New(d)
			}
		}
	}
	return untrusted.Text{}
}

// guessable reports whether c may be the correction of s. A term that lets
// everybody send is never guessed.
func guessable(c, s string) bool {
	return c != s && flawless(c) && !slices.ContainsFunc(strings.Fields(c), passes)
}

// sure returns the certain correction of a bad term, or "".
func sure(s string) string {
	if guess := correct(untrusted.New(s)).Raw(); certain(s, guess) {
		return guess
	}
	return ""
}

// certain reports whether a correction keeps all of the term, and no other
// reading exists.
func certain(s, guess string) bool {
	last := s[len(s)-1]
	incomplete := last == ':' || last == '=' || last == '/' && !strings.Contains(s, "://")
	return guess != "" && !incomplete && !slices.ContainsFunc(digits.FindAllString(s, -1), octal)
}

var digits = regexp.MustCompile(`[0-9]+`)

// octal reports whether digits are a different number if a leading zero marks an
// octal number.
func octal(digits string) bool {
	if digits[0] != '0' {
		return false
	}
	d, err1 := strconv.ParseUint(digits, 10, 32)
	o, err2 := strconv.ParseUint(digits, 8, 32)
	return err1 != nil || err2 != nil || d != o
}

// flawless reports whether s is one or several terms without a problem and
// without an unknown modifier.
func flawless(s string) bool {
	fields := strings.FieldsFunc(s, func(c rune) bool { return c == ' ' })
	for _, f := range fields {
		if t, wrong, odd := parseTerm(f); len(wrong) > 0 || odd != "" || t.Kind == Modifier {
			return false
		}
	}
	return len(fields) > 0
}

// candidates undoes one mistake in s in every known way, the likeliest first.
func candidates(s string) []string {
	var all []string
	add := func(c string) {
		if c != "" && c != s {
			all = append(all, c)
		}
	}
	for _, c := range retyped(s) {
		add(c)
	}
	sign, body := "", s
	if s != "" && strings.IndexByte(signs, s[0]) >= 0 {
		sign, body = s[:1], s[1:]
	}
	add(body) // a modifier with a qualifier
	if sign != "" {
		add(sign + strings.TrimLeft(body, signs))
	}
	name, sep, arg := body, "", ""
	if i := strings.IndexAny(body, ":/="); i >= 0 {
		name, sep, arg = body[:i], body[i:i+1], body[i+1:]
	}
	if kindOf(name) == All {
		add(sign + name)
	}
	for _, k := range append(nearest(name), kindOf(name)) {
		switch {
		case k == Redirect || k == Exp:
			add(k.String() + "=" + arg)
		case k == Unknown:
		case arg == "":
			add(sign + k.String())
		case sep == "/":
			add(sign + k.String() + sep + arg)
		default:
			add(sign + k.String() + ":" + arg)
		}
	}
	if !isAddress(body) {
		for _, k := range []Kind{Include, Redirect, Exists, IP4, IP6} { // the colon is missing
			if n := len(k.String()); len(body) > n && strings.EqualFold(body[:n], k.String()) && kindOf(name) == Unknown {
				add(sign + k.String() + ":" + strings.TrimLeft(body[n:], ";,."))
			}
		}
	}
	for _, a := range []string{body, arg} {
		for _, n := range networks(a) {
			add(sign + n)
		}
	}
	switch kindOf(name) {
	case IP4, IP6:
		if strings.ContainsAny(arg, "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ") { // a name, for sure
			add(sign + "a:" + arg)
		}
	case A, MX:
		if i := strings.LastIndexByte(s, '/'); strings.Count(s, "/") == 2 { // a/24/64
			add(s[:i] + "/" + s[i:])
		}
	}
	if _, host, ok := strings.Cut(arg, "://"); ok {
		add(sign + name + sep + strings.TrimRight(host, "/"))
	}
	switch kindOf(name) {
	case Include, Exists, PTR, Redirect:
		if before, _, ok := cutLength(body, "/"); ok {
			add(sign + before)
		}
	}
	return all
}

// retyped undoes a mistake in the characters around the terms of s.
func retyped(s string) (all []string) {
	if !isASCII(s) || strings.ContainsAny(s, `\&%"'`+"`") {
		ascii, _ := plain(s)
		all = append(all, strings.Join(strings.Fields(unquoted(ascii)), " "))
	}
	all = append(all, strings.TrimLeft(strings.TrimRight(s, `.,;:/"'`), `"'`))
	all = append(all, apart(s)...)
	return append(all, strings.Join(strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(",;|", c) }), " "))
}

// nearest returns the mechanisms and modifiers within a small edit distance of
// name.
func nearest(name string) []Kind {
	if kindOf(name) != Unknown || len(name) > 12 {
		return nil
	}
	name = strings.ToLower(name)
	var near []Kind
	for _, k := range []Kind{Include, IP4, IP6, All, Exists, Redirect} {
		most := 2
		if len(k.String()) < 5 {
			most = 1
		}
		if levenshtein.ComputeDistance(name, k.String()) <= most {
			near = append(near, k)
		}
	}
	return near
}

// networks reads s as an address or a network in a notation that SPF does not
// allow, and returns the terms for it.
func networks(s string) []string {
	s = strings.Trim(s, "[]")
	if a, err := netip.ParseAddr(s); err == nil {
		return []string{ipTerm(a.Unmap(), a.Unmap().BitLen())}
	}
	address, length, hasLength := strings.Cut(s, "/")
	length = strings.TrimPrefix(length, "/")
	if port, _, ok := strings.Cut(address, ":"); ok && strings.Count(address, ":") == 1 {
		address = port
	}
	parts := strings.Split(address, ".")
	wide := 32
	if len(parts) > 1 && len(parts) <= 4 {
		for i, p := range parts {
			if p = strings.TrimLeft(p, "0"); p == "" {
				p = "0"
			}
			if p == "*" && i == len(parts)-1 && !hasLength {
				wide = 8 * i
				p = "0"
			}
			parts[i] = p
		}
		if hasLength {
			for len(parts) < 4 {
				parts = append(parts, "0")
			}
		}
		address = strings.Join(parts, ".")
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return nil
	}
	n := a.BitLen()
	if a.Is4() {
		n = wide
	}
	if hasLength {
		if n = maskLength(length); n < 0 || n > a.BitLen() {
			return nil
		}
	}
	return []string{ipTerm(a, n)}
}

func ipTerm(a netip.Addr, bits int) string {
	kind := IP6
	if a.Is4() {
		kind = IP4
	}
	if bits == a.BitLen() {
		return fmt.Sprintf("%s:%s", kind, a)
	}
	return fmt.Sprintf("%s:%s/%d", kind, a, bits)
}

// maskLength reads a prefix length with leading zeros, or as a netmask; -1 if
// it is neither.
func maskLength(s string) int {
	if t := strings.TrimLeft(s, "0"); t != "" {
		s = t
	}
	if n, ok := length(s, 128); ok {
		return n
	}
	m, err := netip.ParseAddr(s)
	if err != nil || !m.Is4() {
		return -1
	}
	b := m.As4()
	mask := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	if n := bits.LeadingZeros32(^mask); mask<<n == 0 {
		return n
	}
	return -1
}

// beginsTerm matches the start of a term inside a word, where a space is missing.
var beginsTerm = regexp.MustCompile(`(?i)[+?~-]?(?:include|ip4|ip6|exists|mx|ptr|a):|(?:redirect|exp)=|[?~-]all$`)

// apart splits a word before all terms that begin in it at once, and before each
// of the first few alone.
func apart(s string) []string {
	const few = 4
	all := []string{strings.TrimLeft(beginsTerm.ReplaceAllString(s, " $0"), " ")}
	if at := beginsTerm.FindAllStringIndex(s, few+1); len(at) <= few {
		for _, m := range at {
			if m[0] > 0 {
				all = append(all, s[:m[0]]+" "+s[m[0]:])
			}
		}
	}
	return all
}

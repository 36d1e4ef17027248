package dmarc

import (
	"net/url"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// URI is one destination of `rua` or `ruf`.
type URI struct {
	Text   untrusted.Text // as published, without surrounding spaces and the size
	Scheme string         // lower case; "" if missing
	Host   record.Name    // the domain of a mailto: address, or the authority of another scheme; "" if missing
	Size   string         // the obsolete `!10m`, without `!`; receivers ignore it
	Offset int            // in octets from the start of the record
	Wrong  string         // why the URI is not valid; "" if it is
}

// ParseURI reads one reporting URI from a record or a file (RFC 9989 section 4.8,
// dmarc-uri; RFC 6068 for mailto).
func ParseURI(t untrusted.Text) URI {
	raw := strings.Trim(t.Raw(), blanks)
	u := URI{}
	if at := strings.LastIndexByte(raw, '!'); at >= 0 && isSize(raw[at+1:]) {
		raw, u.Size = raw[:at], strings.ToLower(raw[at+1:])
	}
	u.Text = untrusted.New(raw)
	if raw == "" {
		u.Wrong = "an empty item in the list"
		return u
	}
	scheme, rest, ok := strings.Cut(raw, ":")
	if !ok || !isScheme(scheme) {
		u.Wrong = "not a URI: it has no scheme"
		if strings.Contains(raw, "@") {
			u.Wrong = "mailto: is missing before the address"
		}
		return u
	}
	u.Scheme = strings.ToLower(scheme)
	if u.Scheme != "mailto" && meansMailto(u.Scheme) {
		u.Wrong = "the scheme is mailto:, not " + u.Scheme + ":"
		return u
	}
	if u.Wrong = badCharacter(rest); u.Wrong != "" {
		return u
	}
	if u.Scheme == "mailto" {
		u.Host, u.Wrong = mailbox(rest)
		return u
	}
	parsed, err := url.Parse(raw)
	if err != nil || rest == "" {
		u.Wrong = "not a valid URI"
		return u
	}
	u.Host, _ = hostName(parsed.Hostname())
	return u
}

// Same reports whether two valid URIs name the same destination. Schemes and
// hosts compare without case.
func (u URI) Same(v URI) bool { return u.normal() == v.normal() }

func (u URI) normal() string {
	raw := u.Text.Raw()
	if u.Wrong != "" {
		return raw
	}
	rest := raw[len(u.Scheme):]
	if at := strings.LastIndexByte(rest, '@'); u.Scheme == "mailto" && at >= 0 && !strings.Contains(rest, "?") {
		rest = rest[:at] + "@" + string(u.Host)
	}
	return u.Scheme + rest
}

func isSize(s string) bool {
	if n := len(s); n > 1 && strings.IndexByte("kmgtKMGT", s[n-1]) >= 0 {
		s = s[:n-1]
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isScheme(s string) bool {
	for i := range len(s) {
		switch c := s[i] | 0x20; {
		case c >= 'a' && c <= 'z':
		case i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// badCharacter describes the first character of s that a URI cannot contain (RFC
// 3986 section 2).
func badCharacter(s string) string {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
			return "there is a space in it"
		case c == '!':
			return "a ! without a size after it; in an address, write %21"
		case c == '%':
			if _, err := url.PathUnescape(s[i:min(i+3, len(s))]); err != nil {
				return "a % without two hexadecimal digits after it"
			}
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("-._~:/?#[]@$&'()*+=", c) >= 0:
		default:
			return "a character that is not allowed in a URI: " + untrusted.New(string([]byte{c})).String()
		}
	}
	return ""
}

// mailbox returns the host of the first address of a mailto: URI (RFC 6068
// section 2). All its addresses must be valid.
func mailbox(rest string) (record.Name, string) {
	to, _, _ := strings.Cut(rest, "?")
	to, err := url.PathUnescape(to)
	if err != nil {
		return "", "not a valid URI"
	}
	var first record.Name
	for address := range strings.SplitSeq(to, ",") {
		at := strings.LastIndexByte(address, '@')
		if at < 0 {
			return "", "not an address: it has no @"
		}
		local := address[:at]
		if local == "" || strings.HasPrefix(local, "/") || strings.ContainsFunc(local, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
			return "", "not an address: there is nothing usable before the @"
		}
		if strings.Contains(local, "@") && local[0] != '"' {
			return "", "not an address: it has more than one @"
		}
		host, ok := hostName(address[at+1:])
		if !ok {
			return "", "not an address: there is no host name after the @"
		}
		if first == "" {
			first = host
		}
	}
	return first, ""
}

func hostName(s string) (record.Name, bool) {
	n, err := record.ParseName(s)
	if err != nil || n == record.Root || !n.Plain() {
		return "", false
	}
	return n, true
}

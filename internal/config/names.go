package config

import (
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// alabels turns the labels of a name into what DNS is asked for (RFC 5891),
// leaving underscores alone.
var alabels = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))

// hostName reads a name in which a person may have used Unicode, capitals or a
// final dot. The error says what to write instead.
func hostName(s string) (record.Name, error) {
	word := untrusted.Quote(s)
	switch {
	case strings.Contains(s, "://"):
		return "", fmt.Errorf("%s is a URL; give the domain alone", word)
	case strings.Contains(s, "@"):
		return "", fmt.Errorf("%s is an address; give the domain after the @", word)
	case strings.ContainsAny(s, " \t"):
		return "", fmt.Errorf("%s has a blank in it", word)
	case strings.HasPrefix(s, "*."):
		return "", fmt.Errorf("%s is a wildcard; give the name itself", word)
	case strings.ContainsAny(s, "/:"):
		return "", fmt.Errorf("%s has a path or port in it; give the name alone", word)
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return "", fmt.Errorf("%s is an IP address; give a name", word)
	}
	ascii, err := alabels.ToASCII(strings.TrimSuffix(s, "."))
	if err != nil {
		return "", fmt.Errorf("%s is no domain name", word)
	}
	n, err := record.ParseName(ascii)
	if err != nil {
		return "", fmt.Errorf("%s is no domain name: %w", word, err)
	}
	for label := range strings.SplitSeq(string(n), ".") {
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", fmt.Errorf("%s is no domain name: a label begins or ends with a hyphen", word)
		}
	}
	if !n.Plain() {
		return "", fmt.Errorf("%s is no domain name: names have letters, digits, hyphens and dots", word)
	}
	return n, nil
}

// domainName reads the name of a domain that mail is sent from.
func domainName(s string) (record.Name, error) {
	n, err := hostName(s)
	switch {
	case err != nil:
		return "", err
	case strings.HasPrefix(string(n), "www."):
		return "", fmt.Errorf("%s is a web site's name; mail is sent from %s", untrusted.Quote(s), n[4:])
	case n.Labels() < 2:
		return "", fmt.Errorf("%s is no domain name: it has one label only", untrusted.Quote(s))
	case strings.Contains(string(n), "_"):
		return "", fmt.Errorf("%s is no domain of an identity; give the domain itself, without labels that begin with _", untrusted.Quote(s))
	}
	return n, nil
}

// name reads the value of an entry as a host name.
func (p *parser) name(e entry) (At[record.Name], bool) {
	v, ok := p.text(e)
	if !ok {
		return At[record.Name]{}, false
	}
	n, err := hostName(v.Value)
	if err != nil {
		p.bad(e.value, "%s: %s", e.key.Value, err)
	}
	return At[record.Name]{n, v.Place}, err == nil
}

// under reads a name that lies below the domain: a label, or the full name.
func (p *parser) under(domain record.Name, e entry, n *yaml.Node, what string) (At[record.Name], bool) {
	s, ok := p.scalar(n, what)
	if !ok {
		return At[record.Name]{}, false
	}
	at := At[record.Name]{Place: p.span(e.key, n)}
	name, err := hostName(s)
	switch {
	case err != nil:
		p.bad(n, "%s: %s", what, err)
		return at, false
	case !strings.Contains(strings.TrimSuffix(s, "."), "."):
		at.Value = domain.Child(string(name))
	default:
		at.Value = name
	}
	switch {
	case domain == anyDomain:
	case at.Value == domain:
		p.bad(n, "%s is the domain itself; SES wants a subdomain, such as bounce", what)
		return at, false
	case !at.Value.Below(domain):
		p.bad(n, "%s %s is not under %s; give a label such as bounce, or a full name under the domain", what, untrusted.Quote(s), domain)
		return at, false
	}
	return at, true
}

// anyDomain stands for the domain while `defaults` are read.
const anyDomain record.Name = "domain.invalid"

// region reads a region by its shape. Which regions there are is not held
// against the file: AWS opens new ones.
func (p *parser) region(e entry) At[string] {
	v, ok := p.text(e)
	if !ok || ses.IsRegion(v.Value) {
		return v
	}
	hint := ""
	if near := ses.NearestRegion(strings.ToLower(strings.NewReplacer("_", "-", " ", "-").Replace(v.Value))); near != "" {
		hint = fmt.Sprintf(" (did you mean %s?)", near)
	}
	p.bad(e.value, "%s is no AWS region; they look like eu-west-1%s", untrusted.Quote(v.Value), hint)
	return At[string]{}
}

// token reads an Easy DKIM token.
func (p *parser) token(n *yaml.Node) (At[string], bool) {
	s, ok := p.scalar(n, "a DKIM token")
	if !ok {
		return At[string]{}, false
	}
	label, _, dotted := strings.Cut(s, ".")
	switch {
	case dotted && isAlphanumeric(label):
		p.bad(n, "%s is a name; give the token alone, %s", untrusted.Quote(s), untrusted.Quote(label))
		return At[string]{}, false
	case !isAlphanumeric(s):
		p.bad(n, "DKIM token %s has characters that no token has; they are letters and digits", untrusted.Quote(s))
		return At[string]{}, false
	case len(s) > 63:
		p.bad(n, "DKIM token %s is longer than a DNS label can be", untrusted.Quote(s))
		return At[string]{}, false
	}
	return At[string]{strings.ToLower(s), p.place(n)}, true
}

// verification reads a token of the legacy TXT record.
func (p *parser) verification(n *yaml.Node) (At[string], bool) {
	s, ok := p.scalar(n, "a verification token")
	if !ok {
		return At[string]{}, false
	}
	t := strings.TrimPrefix(s, ses.VerificationPrefix)
	for i := range len(t) {
		if c := t[i]; !isAlphanumeric(t[i:i+1]) && c != '+' && c != '/' && c != '=' {
			p.bad(n, "verification token %s has characters that no token has; they are letters, digits, +, / and =", untrusted.Quote(s))
			return At[string]{}, false
		}
	}
	if t == "" {
		p.bad(n, "verification token %s is empty", untrusted.Quote(s))
		return At[string]{}, false
	}
	return At[string]{t, p.place(n)}, true
}

func isAlphanumeric(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return s != ""
}

package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// aLabels turns Unicode into A-labels as browsers and mail programs do (UTS 46,
// non-transitional). Underscores pass: they are common in names of records.
var aLabels = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(false))

// host reads a name as a person writes it: any case, perhaps in Unicode, with
// or without its final dot.
func host(s string) (record.Name, error) {
	if len(s) > 1000 { // a bound on the time of the checks below
		return "", errors.New("is longer than a domain name can be; shorten it")
	}
	if what := mistaken(s); what != "" {
		return "", errors.New(what)
	}
	if !ascii(s) || strings.Contains(strings.ToLower(s), "xn--") {
		a, err := aLabels.ToASCII(s)
		if err != nil {
			return "", errors.New("is not a valid international domain name (IDNA); look for invisible or look-alike characters")
		}
		s = a
	}
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return "", fmt.Errorf("has the character %s, which is not allowed in such a name", quote(string(c)))
		}
	}
	n, err := record.ParseName(s)
	if err != nil {
		return "", fmt.Errorf("is not a domain name: %w; write a name such as mail.example.com", err)
	}
	for label := range strings.SplitSeq(string(n), ".") {
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", fmt.Errorf("has the label %s, but a label cannot begin or end with a hyphen", quote(label))
		}
	}
	return n, nil
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mistaken names the kind of text that s is instead of a domain name, or "".
func mistaken(s string) string {
	switch {
	case strings.Contains(s, "://"):
		if u, err := url.Parse(s); err == nil {
			return "is a URL" + onlyWrite("only the name", u.Hostname())
		}
		return "is a URL; write only the name"
	case s == "@":
		return "is the domain itself in zone files only; write a name"
	case strings.Contains(s, "@"):
		return "is an e-mail address" + onlyWrite("the part after the @", s[strings.LastIndexByte(s, '@')+1:])
	case strings.HasPrefix(s, "*"):
		return "is a wildcard" + onlyWrite("the name without *", strings.TrimLeft(s, "*."))
	case strings.ContainsAny(s, "\"'`“”‘’"):
		return "contains quotes; remove them"
	case strings.ContainsAny(s, " \t\n"):
		return "contains a space; remove it"
	case strings.HasPrefix(s, "."):
		return "begins with a dot" + onlyWrite("the name without it", strings.TrimLeft(s, "."))
	}
	if strings.Contains(s, ":") || strings.Trim(s, "0123456789./[]") == "" {
		if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
			return "is an IP address; write a domain name"
		}
		if _, err := netip.ParsePrefix(s); err == nil {
			return "is a network; write a domain name"
		}
	}
	if host, _, ok := strings.Cut(s, "/"); ok {
		return "has a path" + onlyWrite("only the name", host)
	}
	if host, _, ok := strings.Cut(s, ":"); ok {
		return "contains a colon" + onlyWrite("only the name", host)
	}
	return ""
}

// didYouMean ends a message with the word that was probably meant.
func didYouMean(what string) string { return " (did you mean " + what + "?)" }

// onlyWrite ends a message with the name that was meant, where that is one.
func onlyWrite(what, name string) string {
	if name = strings.TrimPrefix(name, "www."); strings.Contains(name, ".") {
		if n, err := record.ParseName(name); err == nil && n.Plain() {
			return didYouMean(string(n))
		}
	}
	return "; write " + what
}

// longest is the name that sescheck always asks for below a domain.
const longest = "_amazonses."

// DomainName reads a name that may be under `domains`, in any case and
// perhaps in Unicode.
func DomainName(s string) (record.Name, error) {
	n, err := host(s)
	if err != nil {
		return "", err
	}
	rest, www := strings.CutPrefix(string(n), "www.")
	switch first := n.FirstLabel(); {
	case n.Labels() < 2:
		return "", errors.New("has no dot; write the whole domain name")
	case www && strings.Contains(rest, "."):
		return "", errors.New("is the name of a website" + didYouMean(rest))
	case strings.HasPrefix(first, "_"):
		rest := n
		for strings.HasPrefix(rest.FirstLabel(), "_") {
			rest = rest.Parent()
		}
		return "", errors.New("is the name of a record" + onlyWrite("the domain", string(rest)))
	case strings.Contains(string(n), "._domainkey."):
		_, rest, _ := strings.Cut(string(n), "._domainkey.")
		return "", errors.New("is the name of a record" + onlyWrite("the domain", rest))
	case strings.Trim(string(n[strings.LastIndexByte(string(n), '.')+1:]), "0123456789") == "": // RFC 3696 section 2
		return "", errors.New("ends in a number, but no domain does; write the whole domain name")
	}
	if _, err := record.ParseName(longest + string(n)); err != nil {
		return "", errors.New("is too long: the names of its records would have more than 255 bytes")
	}
	return n, nil
}

// complete reads a name of which a word without a dot is a label under the
// domain. In defaults there is no domain yet, and the label alone comes back.
func complete(s string, domain record.Name) (record.Name, error) {
	if yamltext.IsSwitch(s) {
		return "", errors.New("would be a label of that name; if you want none, remove the key")
	}
	n, err := host(s)
	if err != nil || strings.Contains(s, ".") || domain == "" {
		return n, err
	}
	if n, err = record.ParseName(string(n) + "." + string(domain)); err != nil {
		return "", errors.New("is too long under its domain; shorten it")
	}
	return n, nil
}

var (
	looseRegion = regexp.MustCompile(`^([a-z]{2})[-_ .]?(gov|iso[a-z]?)?[-_ .]?(north|south|east|west|central|northeast|northwest|southeast|southwest)[-_ .]?(\d{1,2})[a-z]?$`)

	// places are words of the AWS console, cities before the parts of the world
	// that come before them: "Europe (Ireland)".
	places = []struct{ word, region string }{
		{"virginia", "us-east-1"}, {"ohio", "us-east-2"}, {"california", "us-west-1"}, {"oregon", "us-west-2"},
		{"mumbai", "ap-south-1"}, {"hyderabad", "ap-south-2"}, {"tokyo", "ap-northeast-1"}, {"seoul", "ap-northeast-2"},
		{"osaka", "ap-northeast-3"}, {"singapore", "ap-southeast-1"}, {"sydney", "ap-southeast-2"}, {"jakarta", "ap-southeast-3"},
		{"malaysia", "ap-southeast-5"}, {"montreal", "ca-central-1"}, {"calgary", "ca-west-1"}, {"frankfurt", "eu-central-1"},
		{"zurich", "eu-central-2"}, {"ireland", "eu-west-1"}, {"dublin", "eu-west-1"}, {"london", "eu-west-2"}, {"paris", "eu-west-3"},
		{"milan", "eu-south-1"}, {"stockholm", "eu-north-1"}, {"tel aviv", "il-central-1"}, {"bahrain", "me-south-1"},
		{"uae", "me-central-1"}, {"cape town", "af-south-1"}, {"paulo", "sa-east-1"}, {"govcloud", "us-gov"}, {"europe", "eu"},
		{"africa", "af"}, {"asia", "ap"}, {"canada", "ca"}, {"israel", "il"}, {"middle east", "me"}, {"south america", "sa"}, {"usa", "us"},
	}
)

// nearRegions are the regions that s is another way to write: another
// spelling, an availability zone, a city, a part of the world, the first words.
func nearRegions(s string) []string {
	if len(s) > 64 {
		return nil
	}
	s = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "aws_ses_") // as the SDK has it
	if m := looseRegion.FindStringSubmatch(s); m != nil {
		if m[2] != "" {
			m[1] += "-" + m[2]
		}
		return []string{m[1] + "-" + m[3] + "-" + m[4]}
	}
	for _, p := range places {
		if strings.Contains(s, p.word) {
			return regionsIn(p.region)
		}
	}
	if all := regionsIn(strings.NewReplacer("_", "-", " ", "-").Replace(s)); len(all) > 0 {
		return all
	}
	if near := ses.NearestRegion(s); near != "" {
		return []string{near}
	}
	return nil
}

// regionsIn are the regions whose names begin with these words.
func regionsIn(prefix string) (all []string) {
	for _, r := range ses.Regions() {
		if strings.HasPrefix(r.Name+"-", prefix+"-") {
			all = append(all, r.Name)
		}
	}
	return all
}

package dmarc

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file knows the mistakes that people, forms and editors make in DMARC
// records, and corrects those with only one meaning.

// tagName matches the tags of RFC 9989 and RFC 7489.
const tagName = `(?:v|p|sp|np|psd|t|adkim|aspf|rua|ruf|fo|pct|rf|ri)`

// nothing are characters between tags that have no meaning.
const nothing = " \t\r\n\u00a0\u200b\ufeff\"'`,|"

var (
	// unseparatedTag finds a known tag after a space, quote or comma: its
	// semicolon is missing.
	unseparatedTag = regexp.MustCompile("(?i)[\\s\\p{Z}\\p{Pi}\\p{Pf}\\x{200b}\\x{feff}\"'`,|]+(" + tagName + `)\s*[=:]`)
	// beginsTag matches text that begins with a known tag.
	beginsTag = regexp.MustCompile(`(?i)^\s*(` + tagName + `)\s*=`)
	// glued matches a value that runs into the next tag.
	glued = regexp.MustCompile(`(?i)^(none|quarantine|reject|[rsynu]|[0-9]+)(` + tagName + `\s*[=:].*)$`)
	// tagged matches a tag with its value. The separator may be doubled.
	tagged = regexp.MustCompile(`(?s)^([A-Za-z][A-Za-z0-9_-]*)\s*([=:])([=:\s]*)(.*)$`)
	// apart matches a known tag without a separator.
	apart = regexp.MustCompile(`(?is)^(` + tagName + `)\s+(.*)$`)
	// versioning matches the version section in any spelling.
	versioning = regexp.MustCompile(`(?is)^(?:(version|ver|n?v+)\s*([=:]*)\s*)?(d\s*m\s*a\s*r\s*c\s*[-_v]?\s*1[0-9.]*|[a-z0-9._-]+)(.*)$`)
	// endsInScheme matches an address list whose last item is only a scheme.
	endsInScheme = regexp.MustCompile(`(?i)(?:^|[\s,])(?:mailto|mail|email)$`)

	decimal = regexp.MustCompile(`\\([0-9]{3})`)
	entity  = regexp.MustCompile(`&(?:quot|amp|apos|nbsp|lt|gt|#[0-9]{1,5}|#[xX][0-9A-Fa-f]{1,4});`)
	element = regexp.MustCompile(`</?[A-Za-z][^<>@]*>|<a\s[^<>]*>`)
	// edge matches a single quote at the edge of a value. Inside, it may be part
	// of an address.
	edge = regexp.MustCompile(`(^|[=,:\s])'+|'+($|[,\s])`)
)

// removed reports whether RFC 9989 removed a tag of RFC 7489.
func removed(name string) bool { return name == "pct" || name == "rf" || name == "ri" }

// decode converts Latin-1, with the quotes of Windows-1252, to UTF-8.
func decode(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x80:
			b.WriteByte(c)
		case c == 0x84 || c == 0x93 || c == 0x94:
			b.WriteString("\u201c")
		case c == 0x91 || c == 0x92:
			b.WriteString("\u2019")
		default:
			b.WriteRune(rune(c)) // Latin-1
		}
	}
	return b.String()
}

// unmarked decodes the notation of zone files and web pages: escaped octets, HTML
// entities and elements. wrong names the first that it found.
func unmarked(s string) (_, wrong string) {
	if decimal.MatchString(s) {
		wrong = "the escapes of a zone file are part of the data"
		s = decode(decimal.ReplaceAllStringFunc(s, func(m string) string {
			n, err := strconv.ParseUint(m[1:], 10, 8)
			if err != nil {
				return m
			}
			return string([]byte{byte(n)})
		}))
	}
	if entity.MatchString(s) || element.MatchString(s) {
		wrong = "HTML is part of the data"
		s = strings.TrimSpace(element.ReplaceAllString(entity.ReplaceAllStringFunc(s, html.UnescapeString), " "))
	}
	if t := semicolons.Replace(s); t != s {
		s, wrong = t, "a character that is not ASCII looks like a semicolon"
	}
	return s, wrong
}

// semicolons replaces characters of other scripts that look like a semicolon.
var semicolons = strings.NewReplacer("\uff1b", ";", "\u037e", ";", "\u061b", ";")

// plainly replaces typographic characters of editors and forms by plain ones.
var plainly = strings.NewReplacer(
	"\r", " ", "\n", " ", "\v", " ", "\f", " ", "\u00a0", " ", "\u2002", " ", "\u2003", " ", "\u2009", " ", "\u202f", " ", "\u3000", " ",
	"\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "",
	"\u201c", "", "\u201d", "", "\u201e", "", "\u201f", "", "\u00ab", "", "\u00bb", "",
	"\u2018", "'", "\u2019", "'", "\u201a", "'", "\u201b", "'",
	"\"", "", "`", "", `\`, "", "\uff1d", "=", "\uff1a", ":", "\uff0c", ",",
)

// clean removes typographic characters and notation from a part of a record.
func clean(s string) string {
	s = strings.TrimSpace(plainly.Replace(s))
	if !strings.Contains(s, "'") {
		return s
	}
	return strings.TrimSpace(edge.ReplaceAllString(s, "$1$2"))
}

// unclean describes the first thing that clean removes; "" if nothing.
func unclean(s string) string {
	for _, one := range []struct{ chars, wrong string }{
		{"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b", "curly quotes are part of the data"},
		{"\"`", "quotes are part of the data"},
		{`\`, "a backslash is part of the data"},
		{"\u00a0\u202f", "a no-break space (U+00A0) is part of the data"},
		{"\r\n\v\f", "a line break is part of the data"},
	} {
		if strings.ContainsAny(s, one.chars) {
			return one.wrong
		}
	}
	trimmed := strings.Trim(s, blanks)
	switch plain := plainly.Replace(trimmed); {
	case plain != trimmed:
		return "a character that is not ASCII is part of the data"
	case clean(s) != trimmed:
		return "quotes are part of the data"
	}
	return ""
}

// pair splits a tag into name and value. Names of known tags are returned in
// lower case, and a colon may separate them from the value.
func pair(s string) (name, value string, ok bool) {
	m := tagged.FindStringSubmatch(s)
	if m == nil {
		return "", "", false
	}
	name = strings.ToLower(m[1])
	if isTag(name) || removed(name) {
		return name, m[4], true
	}
	return m[1], m[4], m[2] == "="
}

// separator describes the mistake between a known tag and its value.
func separator(s string) string {
	switch m := tagged.FindStringSubmatch(s); {
	case m == nil:
		return ""
	case m[2] == ":":
		return "there is a colon in place of = after " + strings.ToLower(m[1])
	case strings.TrimSpace(m[3]) != "":
		return "there is more than one = after " + strings.ToLower(m[1])
	}
	return ""
}

// spaced reads a known tag without a separator, if it has no other meaning.
func spaced(s string) (name, value string, ok bool) {
	m := apart.FindStringSubmatch(s)
	if m == nil {
		return "", "", false
	}
	name, value = strings.ToLower(m[1]), m[2]
	switch name {
	case "p", "sp", "np":
		_, ok = ParsePolicy(value)
	case "rua", "ruf":
		ok = strings.Contains(value, "@")
	}
	return name, value, ok
}

// takesWord reports whether the values of a tag are single words.
func takesWord(name string) bool { return name != "rua" && name != "ruf" && name != "rf" }

// version reads the version section, and a tag that is joined to it. It returns
// false if s is none.
func (r *repairer) version(raw, s string) bool {
	name, separator, word, rest, ok := readVersion(s)
	if !ok {
		return false
	}
	switch {
	case r.versioned:
		r.fault("v", "v appears twice")
	case len(r.tags) > r.begin || r.behind:
		r.fault("v", "v=DMARC1 is not the first tag")
	case strings.TrimLeft(raw, blanks) != raw:
		r.fault("v", "there is a space before v=DMARC1")
	}
	r.versioned = true
	if wrong := unclean(raw); wrong != "" {
		r.fault("v", "%s", wrong)
	}
	switch {
	case name == "":
		r.fault("v", "v= is missing before DMARC1")
	case name != "v":
		r.fault("v", "the tag is v, not %s", name)
	case separator == "":
		r.fault("v", "= is missing after v")
	case strings.HasPrefix(separator, ":"):
		r.fault("v", "there is a colon in place of = after v")
	case separator != "=":
		r.fault("v", "there is more than one = after v")
	}
	switch {
	case word == version:
	case strings.EqualFold(word, version):
		r.fault("v", "the version is DMARC1, in capital letters")
	default:
		r.fault("v", "the version is DMARC1, not %.40s", untrusted.New(word))
	}
	switch more := strings.TrimLeft(rest, " \t,.:/|-"); {
	case more != "":
		r.fault("v", "%s", afterVersion(rest))
		r.piece(more)
	case rest != "":
		r.fault("v", "%.20s is part of the version", untrusted.New(rest))
	}
	return true
}

// afterVersion describes the mistake between the version and the next tag.
func afterVersion(between string) string {
	if strings.HasPrefix(strings.TrimSpace(between), ",") {
		return "there is a comma in place of the semicolon after v=DMARC1"
	}
	return "a semicolon is missing after v=DMARC1"
}

// squeezing removes the characters that people put into DMARC1.
var squeezing = strings.NewReplacer(" ", "", "\t", "", "-", "", "_", "", ".", "")

// readVersion reads a version section in any spelling. The tag's name is in lower
// case; it is "" if only the value is there.
func readVersion(s string) (name, separator, word, rest string, ok bool) {
	if first := strings.TrimLeft(s, ".-_"); first == "" || !strings.Contains("vVnNdD", first[:1]) {
		return "", "", "", "", false // neither v=, nor DMARC1
	}
	m := versioning.FindStringSubmatch(s)
	if m == nil {
		return "", "", "", "", false
	}
	name, separator, word, rest = strings.ToLower(m[1]), m[2], strings.TrimRight(m[3], "."), m[4]
	squeezed := strings.ToUpper(squeezing.Replace(word))
	if len(squeezed) > 2*len(version) {
		return "", "", "", "", false
	}
	switch distance := levenshtein.ComputeDistance(squeezed, version); {
	case name == "":
		ok = squeezed == version
	case separator == "":
		ok = distance <= 1
	default:
		ok = distance <= 2
	}
	return name, separator, word, rest, ok
}

// correct corrects the value of a known tag that is no address list. wrong
// describes the mistake; ok is false if the correction is not certain.
func correct(name, value string) (_, wrong string, ok bool) {
	switch name {
	case "p", "sp", "np":
		return correctPolicy(name, value)
	case "adkim", "aspf":
		return correctLetter(name, value, "r or s", map[string][]string{"r": {"relaxed"}, "s": {"strict"}})
	case "t":
		return correctLetter(name, value, "y or n", map[string][]string{"y": {"yes", "true"}, "n": {"no", "false"}})
	case "psd":
		return correctLetter(name, value, "y, n or u", map[string][]string{"y": {"yes"}, "n": {"no"}, "u": {"unknown"}})
	case "fo":
		return correctOptions(value)
	}
	return value, "", true
}

// correctPolicy corrects a policy.
func correctPolicy(name, value string) (_, wrong string, ok bool) {
	if p, ok := ParsePolicy(value); ok {
		return p.String(), "", true
	}
	wrong = fmt.Sprintf("%s is %.40s, which is not a policy", name, untrusted.New(value))
	if p, ok := nearPolicy(value); ok {
		return p.String(), fmt.Sprintf("%s; %s is meant", wrong, p), true
	}
	return "", wrong, false
}

// nearPolicy reads a misspelt policy.
func nearPolicy(value string) (Policy, bool) {
	value = strings.ToLower(strings.Trim(value, " .,:"))
	if len(value) > 20 {
		return None, false
	}
	for p, most := range map[Policy]int{None: 1, Quarantine: 3, Reject: 2} {
		if levenshtein.ComputeDistance(value, p.String()) <= most {
			return p, true
		}
	}
	return None, false
}

// correctLetter corrects a tag with letters as values, for which people write
// words.
func correctLetter(name, value, letters string, words map[string][]string) (_, wrong string, ok bool) {
	v := strings.ToLower(value)
	if _, ok := words[v]; ok {
		return v, "", true
	}
	v = strings.Trim(v, " .,:")
	wrong = fmt.Sprintf("%s is %.40s, not %s", name, untrusted.New(value), letters)
	for letter, all := range words {
		likes := func(w string) bool {
			return v == w || len(w) > 5 && len(v) < 12 && levenshtein.ComputeDistance(v, w) <= 2
		}
		if v == letter || slices.ContainsFunc(all, likes) {
			return letter, fmt.Sprintf("%s; %s is meant", wrong, letter), true
		}
	}
	return "", wrong, false
}

var options = regexp.MustCompile(`^[01ds](?:[\s:,;|/.+]+[01ds])*$`)

// correctOptions corrects the options of fo. Option 1 includes option 0.
func correctOptions(value string) (_, wrong string, ok bool) {
	lower := strings.ToLower(value)
	if r := Parse(untrusted.New("v=DMARC1; p=none; ruf=mailto:a@b.example; fo=" + value)); len(r.Problems) == 0 {
		return lower, "", true
	}
	wrong = fmt.Sprintf("fo is %.40s, which is not a list of 0 or 1, d and s, each once, separated by colons", untrusted.New(value))
	if !options.MatchString(lower) {
		return "", wrong, false
	}
	var kept []string
	for _, c := range "01ds" {
		if strings.ContainsRune(lower, c) && (c != '0' || !strings.Contains(lower, "1")) {
			kept = append(kept, string(c))
		}
	}
	to := strings.Join(kept, ":")
	return to, fmt.Sprintf("%s; %s is meant", wrong, to), true
}

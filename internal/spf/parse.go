package spf

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

const signs = "+-~?"

// Bounds on the part of a record that is kept. Receivers stop after ten lookups,
// and honest records have a few hundred octets. Terms beyond the bounds are
// parsed and counted, but not kept.
const (
	MaxTerms    = 250    // terms
	MaxText     = 10_000 // octets of the text with those terms
	MaxTerm     = 1_000  // octets of a term
	MaxProblems = 20     // syntax errors; also the bound for oddities

	maxBeyond = 2 * (MaxLookups + 1) // terms beyond MaxTerms and MaxText that may decide the result
)

// Parse reads a record by the grammar of RFC 7208 section 12. It reports all
// problems: terms after a bad one are still parsed.
func Parse(t untrusted.Text) *Record {
	s := t.Raw()
	r := &Record{Text: t, Octets: len(s)}
	if len(s) > MaxText {
		r.Text, r.Cut = untrusted.New(strings.Clone(s[:MaxText])), true
	}
	if !Is(t) {
		first, _, _ := strings.Cut(s, " ")
		r.Problems = []Problem{{
			Column: 1, Term: clipped(first), What: "an SPF record begins with v=spf1, and then comes a space or nothing",
		}}
		return r
	}
	r.Terms = make([]Term, 0, min(strings.Count(s, " "), 32))
	var k keeper
	for column, text := range eachTerm(s) {
		term, wrong, odd := parseTerm(text)
		if term.Kind == Redirect || term.Kind == Exp {
			if k.had[term.Kind] {
				wrong = append(wrong, fmt.Sprintf("a second %s; only one is allowed", term.Kind)) // section 6
			}
			k.had[term.Kind] = true
		}
		term.Column, term.Bad = column, len(wrong) > 0
		r.report(&term, wrong, odd)
		k.take(r, &term)
	}
	if r.Cut {
		r.Terms = slices.Clone(r.Terms)
	}
	r.rejoin()
	return r
}

// eachTerm yields the terms of a record's text with their columns.
func eachTerm(s string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := len(version); i < len(s); i++ {
			if s[i] == ' ' {
				continue
			}
			end := strings.IndexByte(s[i:], ' ')
			if end < 0 {
				end = len(s) - i
			}
			if !yield(i+1, s[i:i+end]) {
				return
			}
			i += end
		}
	}
}

// keeper decides which terms of a record are kept.
type keeper struct {
	had    [Modifier + 1]bool // a kept all, redirect or exp
	beyond int                // number of terms kept beyond MaxTerms and MaxText
}

// take keeps a term, or only counts it. Beyond the bounds it keeps the terms that
// end the record, and before those the first terms that may decide the result:
// terms that cost a lookup, and very large networks.
func (k *keeper) take(r *Record, t *Term) {
	read := !k.had[All] && !t.Bad
	if len(r.Terms) >= MaxTerms || t.Column-1+t.Text.Len() > MaxText {
		ends := t.Kind == All || t.Kind == Redirect || t.Kind == Exp
		if decides := t.Kind.Queries() || t.wide(); !read || !ends && (!decides || k.beyond == maxBeyond) {
			r.leave(t, read)
			return
		}
		k.beyond++
	}
	if t.Kind == All && read {
		k.had[All] = true
	}
	if t.Text.Len() > MaxTerm {
		r.Cut = true
	}
	if r.Cut {
		t.detach()
	}
	r.Terms = append(r.Terms, *t)
}

// detach copies the texts of the term, so that it does not hold the record's text
// in memory.
func (t *Term) detach() {
	text, domain := t.Text.Raw(), t.Domain.Raw()
	t.Text = clipped(text)
	if at := strings.Index(t.Text.Raw(), domain); at >= 0 {
		t.Domain = untrusted.New(t.Text.Raw()[at : at+len(domain)])
	} else {
		t.Domain = clipped(domain)
	}
	if strings.HasPrefix(t.Domain.Raw(), string(t.Target)) {
		t.Target = record.Name(t.Domain.Raw()[:len(t.Target)])
	} else {
		t.Target = record.Name(strings.Clone(string(t.Target)))
	}
}

// leave counts a term that is not kept; read says that the evaluation reaches it.
func (r *Record) leave(t *Term, read bool) {
	r.Cut = true
	if r.Left.Terms == 0 {
		r.Left.Column = t.Column
	}
	r.Left.Terms++
	if read && t.Kind.Queries() {
		r.Left.Lookups++
	}
}

// clipped copies the first MaxTerm octets of a term's text.
func clipped(s string) untrusted.Text {
	return untrusted.New(strings.Clone(s[:min(len(s), MaxTerm)]))
}

// wide reports whether the network of a term is so large that a few of them cover
// the Internet: /8 or larger.
func (t *Term) wide() bool { return t.Network.IsValid() && t.Network.Bits() <= 8 }

func (r *Record) report(t *Term, wrong []string, odd string) {
	if len(wrong) == 0 && odd == "" {
		return
	}
	p := Problem{Column: t.Column, Term: t.Text, What: odd}
	if len(p.Term.Raw()) > MaxTerm || r.Cut {
		p.Term = clipped(p.Term.Raw())
	}
	if len(r.Problems) < MaxProblems && len(r.Oddities) < MaxProblems {
		p.Correction = correct(t.Text)
		p.Sure = certain(t.Text.Raw(), p.Correction.Raw())
	}
	if len(wrong) == 0 {
		r.Oddities, r.Left.Oddities = bounded(r.Oddities, p, r.Left.Oddities)
	}
	for _, p.What = range wrong {
		r.Problems, r.Left.Problems = bounded(r.Problems, p, r.Left.Problems)
	}
}

// bounded appends a problem to the first MaxProblems, or counts it in left.
func bounded(all []Problem, p Problem, left int) ([]Problem, int) {
	if len(all) == MaxProblems {
		return all, left + 1
	}
	return append(all, p), left
}

// rejoin finds corrections for terms that contain a space.
func (r *Record) rejoin() {
	next := 0
	for i := range r.Problems {
		p := &r.Problems[i]
		for next < len(r.Terms) && r.Terms[next].Column < p.Column {
			next++
		}
		if next == len(r.Terms) || r.Terms[next].Column > p.Column {
			continue // the term is not kept
		}
		var words []string
		for _, t := range r.Terms[next:min(next+3, len(r.Terms))] {
			words = append(words, t.Text.Raw())
		}
		if text, n := rejoined(words); n > 0 {
			p.Correction, p.Sure = untrusted.New(text), true
		}
	}
}

// parseTerm reads one term. It returns all that is wrong with it or, for a valid
// term, an oddity.
func parseTerm(s string) (t Term, wrong []string, odd string) {
	t = Term{Text: untrusted.New(s), Bits4: 32, Bits6: 128}
	if what := badOctet(s); what != "" {
		return t, []string{what}, ""
	}
	if name, value, ok := strings.Cut(s, "="); ok && isName(name) {
		wrong, odd = t.modifier(name, value)
		return t, wrong, odd
	}
	t.Qualifier = '+'
	if strings.IndexByte(signs, s[0]) >= 0 {
		t.Qualifier = Qualifier(s[0])
		s = s[1:]
	}
	name := s
	if i := strings.IndexAny(s, ":/="); i >= 0 {
		name = s[:i]
	}
	wrong, odd = t.mechanism(name, s[len(name):])
	return t, wrong, odd
}

// badOctet describes the first bad character of a term. Terms are visible ASCII,
// and even a TAB does not separate them (sections 3.1 and 4.6.1).
func badOctet(s string) string {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\t':
			return "a tab, where only spaces may separate terms"
		case c < 0x21 || c == 0x7f:
			return fmt.Sprintf("control character %s; a record is visible ASCII", untrusted.New(s[i:i+1]))
		case c > 0x7f:
			if c, _ := utf8.DecodeRuneInString(s[i:]); nameOf(c) != "" {
				return nameOf(c) + "; a record is visible ASCII"
			}
			return fmt.Sprintf("byte %s; a record is visible ASCII", untrusted.New(s[i:i+1]))
		}
	}
	return ""
}

// isName reports whether s is the name of a modifier, known or not.
func isName(s string) bool {
	if s == "" || !isLetter(s[0]) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// kindOf looks up a mechanism or modifier by name, in any case.
func kindOf(name string) Kind {
	for k := All; k < Modifier; k++ {
		if strings.EqualFold(name, kindNames[k]) {
			return k
		}
	}
	return Unknown
}

func (t *Term) modifier(name, value string) (wrong []string, odd string) {
	switch k := kindOf(name); k {
	case Redirect, Exp:
		t.Kind = k
		return t.domain(value)
	case Unknown:
		if strings.EqualFold(name, "v") {
			odd = versionTerm(value)
		} else if len(nearest(name)) > 0 {
			odd = "an unknown modifier, which is ignored"
		}
	default:
		odd = fmt.Sprintf("with = this is an unknown modifier, which is ignored; the mechanism %s takes a colon", k)
	}
	t.Kind = Modifier
	if _, err := eachMacro(value, domainLetters+expLetters, func(macro) {}); err != nil {
		return []string{err.Error()}, ""
	}
	return nil, odd
}

// versionTerm describes a term v=value behind the version section.
func versionTerm(value string) string {
	const begins = "record begins here, which receivers ignore: it belongs in a TXT record of its own"
	switch value := strings.ToLower(value); {
	case strings.HasPrefix(value, "spf1"):
		return "a second v=spf1, which receivers ignore: are these two records in one?"
	case strings.HasPrefix(value, "dmarc1"):
		return "a DMARC " + begins + ", at _dmarc"
	}
	return "another " + begins
}

func (t *Term) mechanism(name, rest string) (wrong []string, odd string) {
	kind := kindOf(name)
	switch {
	case kind == Unknown && name == "":
		return []string{"not a mechanism"}, ""
	case kind == Unknown:
		return []string{fmt.Sprintf("there is no mechanism %.40s", untrusted.New(name))}, ""
	case kind == Redirect || kind == Exp:
		t.Qualifier = 0
		if strings.HasPrefix(rest, "=") {
			return []string{fmt.Sprintf("%s is a modifier and takes no qualifier", kind)}, ""
		}
		return []string{fmt.Sprintf("%s is a modifier and takes = and a domain", kind)}, ""
	}
	t.Kind = kind
	arg, hasArg := strings.CutPrefix(rest, ":")
	switch {
	case strings.HasPrefix(rest, "="):
		return []string{fmt.Sprintf("%s takes a colon, not =", kind)}, ""
	case kind == All:
		if rest != "" {
			return []string{"all takes nothing after it"}, ""
		}
		return nil, ""
	case kind == A || kind == MX:
		var domain string
		domain, wrong = t.lengths(rest)
		if arg, hasArg = strings.CutPrefix(domain, ":"); !hasArg {
			if domain != "" && len(wrong) == 0 {
				wrong = append(wrong, fmt.Sprintf("%.20s is not a prefix length", untrusted.New(domain)))
			}
			return wrong, ""
		}
		more, odd := t.domain(arg)
		return append(more, wrong...), odd
	case kind == PTR && rest == "":
		return nil, ""
	case rest == "":
		return []string{fmt.Sprintf("%s takes a colon and %s", kind, argument(kind))}, ""
	case !hasArg && kind == PTR:
		return []string{"ptr takes no prefix length"}, ""
	case !hasArg:
		return []string{fmt.Sprintf("%s takes a colon and %s before any prefix length", kind, argument(kind))}, ""
	case kind == IP4 || kind == IP6:
		return t.network(arg)
	}
	return t.domain(arg)
}

func argument(k Kind) string {
	switch k {
	case IP4:
		return "an IPv4 address"
	case IP6:
		return "an IPv6 address"
	}
	return "a domain"
}

// lengths cuts the dual-cidr-length off the end of an a or mx. A domain-spec may
// contain slashes, so only digits after a slash are a length.
func (t *Term) lengths(s string) (domain string, wrong []string) {
	before, bits, ok := cutLength(s, "//")
	if ok {
		n, ok := length(bits, 128)
		if t.Bits6 = uint8(n); !ok {
			wrong = append(wrong, fmt.Sprintf("%.20s is not a prefix length for IPv6", untrusted.New("//"+bits)))
		}
		s = before
	}
	before, bits, ok = cutLength(s, "/")
	if ok {
		n, ok := length(bits, 32)
		if t.Bits4 = uint8(n); !ok {
			wrong = append(wrong, fmt.Sprintf("%.20s is not a prefix length for IPv4", untrusted.New("/"+bits)))
		}
		s = before
	}
	return s, wrong
}

// cutLength cuts slash and the digits after it from the end of s.
func cutLength(s, slash string) (before, bits string, ok bool) {
	i := len(s)
	for i > 0 && isDigit(s[i-1]) {
		i--
	}
	if i == len(s) || !strings.HasSuffix(s[:i], slash) {
		return s, "", false
	}
	return s[:i-len(slash)], s[i:], true
}

// length reads a prefix length, which has no leading zeros.
func length(s string, most int) (int, bool) {
	if len(s) > 1 && s[0] == '0' {
		return most, false
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || int(n) > most {
		return most, false
	}
	return int(n), true
}

// network reads the argument of ip4 and ip6.
func (t *Term) network(s string) (wrong []string, odd string) {
	address, bits, hasBits := strings.Cut(s, "/")
	family, most := "IPv4", 32
	if t.Kind == IP6 {
		family, most = "IPv6", 128
	}
	n := most
	if hasBits {
		var ok bool
		if n, ok = length(bits, most); !ok {
			wrong = append(wrong, fmt.Sprintf("%.20s is not a prefix length for %s", untrusted.New("/"+bits), family))
		}
	}
	a, err := netip.ParseAddr(address)
	switch {
	case address == "":
		return append(wrong, fmt.Sprintf("%s without an address", t.Kind)), ""
	case err != nil || a.Zone() != "":
		return append(wrong, fmt.Sprintf("%.60s is not an %s address", untrusted.New(address), family)), ""
	case a.Is4() != (t.Kind == IP4):
		return append(wrong, fmt.Sprintf("%s takes an %s address", t.Kind, family)), ""
	case len(wrong) > 0:
		return wrong, ""
	}
	t.Network = netip.PrefixFrom(a, n)
	if a.Is4In6() {
		odd = "an IPv4-mapped address never matches, because such a client counts as IPv4" // section 5
	}
	return nil, odd
}

// domain reads a domain-spec: a macro-string that ends in a macro, or in a dot
// and a possible top-level label.
func (t *Term) domain(s string) (wrong []string, odd string) {
	t.Domain = untrusted.New(s)
	t.Macros = strings.IndexByte(s, '%') >= 0
	if s == "" {
		return []string{fmt.Sprintf("%s without a domain", t.Kind)}, ""
	}
	tail := len(s)
	var err error
	if t.Macros {
		if tail, err = eachMacro(s, domainLetters, func(macro) {}); err != nil {
			return []string{err.Error()}, ""
		}
	}
	if tail > 0 {
		if what := t.badEnd(s, s[len(s)-tail:]); what != "" {
			return []string{what}, ""
		}
	}
	if t.Macros {
		return nil, ""
	}
	// A backslash has a meaning in presentation form, but not in a domain-spec.
	if t.Target, err = record.ParseName(strings.ReplaceAll(s, `\`, `\\`)); err != nil {
		// Section 4.8 leaves the result open; many receivers return PermError.
		return []string{fmt.Sprintf("%.80s is not a domain name: %v", t.Domain, err)}, ""
	}
	switch {
	case strings.Contains(s, "://"):
		odd = fmt.Sprintf("%.80s is a URL; write a name", t.Domain)
	case !t.Target.Plain():
		odd = fmt.Sprintf("%.80s has characters that are not allowed in a host name", t.Domain)
	case !isTop(string(t.Target)):
		odd = fmt.Sprintf("%.80s ends in a label with a hyphen, but no top-level domain has one", t.Domain)
	}
	return nil, odd
}

// badEnd says why a domain-spec has no valid domain-end. tail is the text after
// the last macro.
func (t *Term) badEnd(s, tail string) string {
	tail = strings.TrimSuffix(tail, ".")
	dot := strings.LastIndexByte(tail, '.')
	label := tail[dot+1:]
	switch {
	case isAddress(s):
		return fmt.Sprintf("%s takes a domain, not an address", t.Kind)
	case dot < 0:
		return fmt.Sprintf("%.80s is not a full domain name", t.Domain)
	case isTopLabel(label):
		return ""
	}
	if _, _, ok := cutLength(s, "/"); ok && t.Kind != A && t.Kind != MX {
		return fmt.Sprintf("%s takes no prefix length", t.Kind)
	}
	if name, ok := cutAll(label); ok && isTopLabel(name) {
		return fmt.Sprintf("a domain cannot end in %.40s; a space is missing before +all, which lets everybody send", untrusted.New(label))
	}
	return fmt.Sprintf("a domain cannot end in %.40s", untrusted.New(label))
}

// cutAll cuts +all from the end of a label.
func cutAll(label string) (string, bool) {
	const all = "+all"
	if n := len(label) - len(all); n >= 0 && strings.EqualFold(label[n:], all) {
		return label[:n], true
	}
	return label, false
}

// Impossible reports whether no name like this can exist, because its top-level
// label cannot be one: a space is missing, as in example.com-all.
func Impossible(name record.Name) bool { return !isTop(string(name)) }

// isTop reports whether the last label of a name can be a top-level domain:
// without a hyphen, unless it is an A-label.
func isTop(name string) bool {
	top := name[strings.LastIndexByte(name, '.')+1:]
	return !strings.Contains(top, "-") || strings.HasPrefix(top, "xn--")
}

func isAddress(s string) bool {
	if !strings.Contains(s, ":") && strings.Trim(s, "0123456789./") != "" {
		return false // nearly all names
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(s)
	return err == nil
}

// isTopLabel reports whether s is a toplabel: letters, digits and hyphens, no
// hyphen at either end, and not digits alone.
func isTopLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	digits := true
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) && s[i] != '-' {
			return false
		}
		digits = digits && isDigit(s[i])
	}
	return !digits
}

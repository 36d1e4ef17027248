package config

import (
	"errors"
	"regexp"
	"strings"

	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func (r *reader) spf(p pair) *SPF {
	s := &SPF{Place: p.at}
	switch v := p.value; {
	case v.is("none"):
		s.None = true
	case v.list():
		s.Exact = true
		s.Includes = r.includes(v)
	case v.mapping():
		r.spfFields(s, v)
	case v.scalar() && strings.HasPrefix(strings.ToLower(v.node.Value), "v=spf1"):
		r.bad(v, "spf is a whole record; write %s", includesOf(v.node.Value))
	default:
		r.wrong(v, "spf", "the list of includes, such as [_spf.example.com], {includes: …, all: …}, or none")
	}
	return s
}

var includeTerm = regexp.MustCompile(`(?i)\binclude:([A-Za-z0-9._-]+)`)

// includesOf describes the value to write in place of a whole record.
func includesOf(text string) string {
	var names []string
	for _, m := range includeTerm.FindAllStringSubmatch(text, 10) {
		names = append(names, m[1])
	}
	if len(names) == 0 {
		return "the list of its includes, or [] if it has none"
	}
	return "the list of its includes, [" + strings.Join(names, ", ") + "]"
}

func (r *reader) spfFields(s *SPF, v value) {
	f := r.fields(v, spfLevel)
	if len(f) == 0 && len(v.node.Content) == 0 {
		r.wrong(v, "spf", "includes, or spf: [] for a record without any")
		return
	}
	s.Exact = f.has("includes") // where none are listed, none is unexpected
	readKeys(r, spfKeys, s, setting{of: v, beside: f})
}

func (r *reader) ending(p pair) *At[string] {
	w, ok := r.oneOf(p.value, "all", []string{"-all", "~all", "?all", "+all"}, map[string]string{
		"-": `"-all"`, "~": `"~all"`, "?": `"?all"`, "fail": `"-all"`, "hardfail": `"-all"`, "softfail": `"~all"`, "neutral": `"?all"`, "all": `"-all" or "~all"`,
	})
	if !ok {
		return nil
	}
	return &At[string]{r.intern(w), p.at}
}

func (r *reader) includeList(p pair) []At[record.Name] {
	if !p.value.list() {
		r.wrong(p.value, "includes", "a list, such as [_spf.example.com]")
		return nil
	}
	return r.includes(p.value)
}

func (r *reader) includes(v value) []At[record.Name] {
	if !r.notTooMany(v, "the list of includes", MaxIncludes) {
		return nil
	}
	all := make([]At[record.Name], 0, len(v.node.Content))
	var wrong itemErrors
	have := map[record.Name]bool{}
	for _, item := range r.items(v) {
		wrong.item(item, "a name such as _spf.example.com", func(s string) string {
			n, known := r.targets[s]
			if !known {
				var err error
				if n, err = include(s); err != nil {
					return err.Error()
				}
				r.targets[s] = n
			}
			if have[n] {
				return twice
			}
			have[n] = true
			all = append(all, At[record.Name]{n, r.place(item)})
			return ""
		})
	}
	wrong.report(r, "include")
	return all
}

var (
	errOneLabel = errors.New("has no dot; write the whole name")

	otherTerm = regexp.MustCompile(`(?i)^[-+~?]?(all|v=spf1.*|(ip4|ip6|exists|redirect|exp)[:=].*|(a|mx|ptr)(:.*)?)$`)
)

// include reads the target of an include. One with a macro (RFC 7208 section 7)
// is no name until there is mail; it is held against the record as text, which
// record.ParseName escapes the same way on both sides.
func include(s string) (record.Name, error) {
	bare := strings.TrimLeft(s, "+-~?")
	switch {
	case otherTerm.MatchString(s):
		return "", errors.New("is another SPF term; list only includes, and write the ending under all")
	case strings.ContainsAny(s, " \t\n"):
		return "", errors.New("contains a space; remove it, or write a comma if these are two")
	case len(bare) > 8 && strings.EqualFold(bare[:8], "include:"):
		return "", errors.New("is a whole term" + didYouMean(quote(bare[8:])))
	case bare != s:
		return "", errors.New("begins with a qualifier" + didYouMean(quote(bare)))
	case strings.Contains(s, "%"):
		n, err := record.ParseName(s)
		if err != nil || strings.ContainsAny(s, "\"'") {
			return "", errors.New("is not a valid name with macros; copy it from the record exactly")
		}
		return n, nil
	}
	n, err := host(s)
	if err == nil && n.Labels() < 2 {
		err = errOneLabel
	}
	return n, err
}

var policies = []string{"none", "quarantine", "reject"}

func (r *reader) dmarc(p pair) *DMARC {
	d := &DMARC{Place: p.at}
	switch v := p.value; {
	case v.mapping():
		r.dmarcFields(d, v)
	case v.list():
		r.wrong(v, "dmarc", "a policy (none, quarantine or reject), or {policy: …}")
	case v.scalar() && strings.HasPrefix(strings.ToLower(v.node.Value), "v=dmarc1"):
		r.bad(v, "dmarc is a whole record; write its policy (none, quarantine or reject), or {policy: …, rua: […]}")
	default:
		d.Policy = r.policy(p, "dmarc")
	}
	return d
}

func (r *reader) policy(p pair, what string) *At[string] {
	s, ok := r.oneOf(p.value, what, policies, map[string]string{
		"p=none": "none", "p=quarantine": "quarantine", "p=reject": "reject", "monitor": "none", "false": "none",
	})
	if !ok {
		return nil
	}
	return &At[string]{r.intern(s), p.at}
}

func (r *reader) dmarcFields(d *DMARC, v value) {
	f := r.fields(v, dmarcLevel)
	if len(f) == 0 && len(v.node.Content) == 0 {
		r.wrong(v, "dmarc", "at least policy: none, quarantine or reject")
	}
	readKeys(r, dmarcKeys, d, setting{of: v, beside: f})
}

func (r *reader) alignment(p pair, what string) *At[string] {
	s, ok := r.oneOf(p.value, what, []string{"r", "s"}, map[string]string{"relaxed": "r", "strict": "s"})
	if !ok {
		return nil
	}
	return &At[string]{r.intern(s), p.at}
}

func (r *reader) rua(p pair) []At[string] {
	if !p.value.list() || len(p.value.node.Content) == 0 {
		r.wrong(p.value, "rua", "a list, such as [mailto:dmarc@example.com]")
		return nil
	}
	return r.tokens(p, "rua", "a URI such as mailto:dmarc@example.com", func(s string) (uri, wrong string) {
		if u := dmarc.ParseURI(untrusted.New(s)); u.Wrong != "" {
			return "", "is not a URI for reports: " + u.Wrong
		}
		return r.intern(s), ""
	})
}

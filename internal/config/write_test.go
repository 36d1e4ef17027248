package config

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/record"
)

// harmless fails the test where a CI runner or a terminal would obey a text.
func harmless(t *testing.T, text string) {
	t.Helper()
	if found := hostile.Commands(text); len(found) > 0 {
		t.Errorf("the runner would obey %q", found)
	}
	if found := hostile.Characters(text); len(found) > 0 {
		t.Errorf("characters %q", found)
	}
}

// hardWords are what a word has to bring through.
func hardWords() []string {
	return slices.Concat(hostile.Payloads, []string{
		"", " ", strings.Repeat("long ", 300), "a b", "none", "no", "~", "null", "1e10", "0x1f", "2026-01-02", "12:30:00", "-all", "+all", "- x", "# x", "x #y", "a: b", "a:b", "[x]", "{x}", "*x", "&x", "!x", "%x", "@x", "`x`",
		"ä", "日本", "\t", "\"", `\`, `\x23`, "'", "mailto:##[stop-commands]x@evil.test", "\U0001f600", "\ufeff", "\ufffe",
	})
}

func FuzzWord(f *testing.F) {
	for _, s := range hardWords() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // YAML has no way to say it
		}
		w := yamltext.Word(s)
		key := w
		if len(w) > 1024 { // no key on one line can be longer (YAML 1.2 section 7.4.3), and none of ours is
			key = yamltext.Word("key")
		}
		text := "? " + w + "\n: - " + w + "\n  - [" + w + ", " + w + "]\n  - {" + key + ": " + w + "}\n"
		harmless(t, text)
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%q: %v in\n%s", s, err, text)
		}
		scalars := 0
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			if n.Kind == yaml.ScalarNode {
				scalars++
				if n.Value != s && (n.Value != "key" || key == w) {
					t.Errorf("%q came back as %q of\n%s", s, n.Value, text)
				}
			}
			for _, c := range n.Content {
				walk(c)
			}
		}
		walk(&doc)
		if scalars != 6 {
			t.Errorf("%q makes %d scalars of\n%s", s, scalars, text)
		}
	})
}

// entriesWith are entries that have a text in one place each.
func entriesWith(s string) []Entry {
	at := At[string]{Value: s}
	region := At[string]{Value: "eu-west-1"}
	domains := map[string]*Domain{
		"region":       {Identities: []Identity{{Region: at}}},
		"verification": {Identities: []Identity{{Verification: []At[string]{at, {Value: "abc="}}}}},
		"dkim":         {Identities: []Identity{{Region: region, DKIM: &DKIM{Tokens: []At[string]{at}}}}},
		"selector":     {Identities: []Identity{{DKIM: &DKIM{Selector: at, PublicKey: At[string]{Value: someKey}}}}},
		"key":          {Identities: []Identity{{DKIM: &DKIM{Selector: At[string]{Value: "s1"}, PublicKey: at}}}},
		"on failure":   {Identities: []Identity{{Region: region, MailFrom: &MailFrom{Name: At[record.Name]{Value: "m.a.example"}, OnMXFailure: at}}}},
		"all":          {SPF: &SPF{Exact: true, All: &at}},
		"policy":       {DMARC: &DMARC{Policy: &at}},
		"np":           {DMARC: &DMARC{NP: &at}},
		"aspf":         {DMARC: &DMARC{ASPF: &at}},
		"rua":          {DMARC: &DMARC{RUA: []At[string]{at}}},
		"rua mailto":   {DMARC: &DMARC{RUA: []At[string]{{Value: "mailto:" + s + "@b.example"}}}},
	}
	if n, err := record.ParseName(s); err == nil {
		name := At[record.Name]{Value: n}
		domains["name"] = &Domain{Name: n, SPF: &SPF{None: true}}
		domains["include"] = &Domain{SPF: &SPF{Exact: true, Includes: []At[record.Name]{name}}}
		domains["zone"] = &Domain{Identities: []Identity{{Region: region, DKIM: &DKIM{Tokens: []At[string]{{Value: "t"}}, SigningHostedZone: &name}}}}
		domains["host"] = &Domain{Identities: []Identity{{Receiving: &Receiving{Host: &name}}}}
		domains["tracking"] = &Domain{Identities: []Identity{{Tracking: &Tracking{Name: At[record.Name]{Value: "c.a.example"}, Target: &name}}}}
	}
	var all []Entry
	for where, d := range domains {
		if d.Name == "" {
			d.Name = "a.example"
		}
		all = append(all, Entry{Domain: *d, Notes: []string{s, where}})
	}
	return all
}

const someKey = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDQxQj4/qEVIeNK9qMcn5zrtcDcY5Pc5bXeglqb7QUxDSUi6AI+8lJDIx53PC+ZQAuLn4TjJfYvRIMAuZL3/tiSUR4RNCJR0hA/k7PVZgICM663dyCBJdOC8Y0Q2hA0blIEPh5DpUlD9/a7LGzsHahgjCl/xwKOAZzpfOcN8+oqYwIDAQAB"

// FuzzWrite: whatever text is in an entry, what is written of it is harmless, and
// says the same when it is read, or is refused; so is what it is added to.
func FuzzWrite(f *testing.F) {
	for _, s := range hardWords() {
		f.Add(s)
	}
	for _, s := range []string{"tokena", "reject", "s", "mailto:x@b.example", "%{i}.##[error]x.b.example", "_spf.b.example", "b.example", "use_default", "-all", someKey} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, e := range entriesWith(s) {
			text := Write([]Entry{e})
			harmless(t, string(text))
			got, ps := Parse("w", text)
			for _, p := range ps {
				harmless(t, p.String())
			}
			if len(ps) == 0 && (len(got.Domains) != 1 || !sameButForm(&got.Domains[0], &e.Domain)) {
				t.Errorf("%s %q is read as %s of\n%s", e.Notes[1], s, said(&got.Domains[0]), text)
			}
			if fits, left := Fitting(e); len(left) == 0 != (len(ps) == 0) {
				t.Errorf("%s %q: %q was left out of\n%s", e.Notes[1], s, left, Write([]Entry{fits}))
			}
			a, err := Add("f", []byte("version: 1\ndomains:\n  z.example: {spf: none}\n"), []Entry{e})
			if err != nil {
				harmless(t, err.Error())
			} else {
				harmless(t, string(a.Data))
			}
		}
	})
}

// sameButForm compares domains as they are written: the reader makes tokens
// lower case, and takes blanks out of keys.
func sameButForm(a, b *Domain) bool {
	return strings.EqualFold(said(a), said(b)) || strings.ReplaceAll(said(a), " ", "") == strings.ReplaceAll(said(b), " ", "")
}

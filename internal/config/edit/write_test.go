package edit

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/config"
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

// entriesWith are entries that have a text in one place each.
func entriesWith(s string) []Entry {
	at := config.At[string]{Value: s}
	region := config.At[string]{Value: "eu-west-1"}
	domains := map[string]*config.Domain{
		"region":       {Identities: []config.Identity{{Region: at}}},
		"verification": {Identities: []config.Identity{{Verification: []config.At[string]{at, {Value: "abc="}}}}},
		"dkim":         {Identities: []config.Identity{{Region: region, DKIM: &config.DKIM{Tokens: []config.At[string]{at}}}}},
		"selector":     {Identities: []config.Identity{{DKIM: &config.DKIM{Selector: at, PublicKey: config.At[string]{Value: someKey}}}}},
		"key":          {Identities: []config.Identity{{DKIM: &config.DKIM{Selector: config.At[string]{Value: "s1"}, PublicKey: at}}}},
		"on failure":   {Identities: []config.Identity{{Region: region, MailFrom: &config.MailFrom{Name: config.At[record.Name]{Value: "m.a.example"}, OnMXFailure: at}}}},
		"all":          {SPF: &config.SPF{Exact: true, All: &at}},
		"policy":       {DMARC: &config.DMARC{Policy: &at}},
		"np":           {DMARC: &config.DMARC{NP: &at}},
		"aspf":         {DMARC: &config.DMARC{ASPF: &at}},
		"rua":          {DMARC: &config.DMARC{RUA: []config.At[string]{at}}},
		"rua mailto":   {DMARC: &config.DMARC{RUA: []config.At[string]{{Value: "mailto:" + s + "@b.example"}}}},
	}
	if n, err := record.ParseName(s); err == nil {
		name := config.At[record.Name]{Value: n}
		domains["name"] = &config.Domain{Name: n, SPF: &config.SPF{None: true}}
		domains["include"] = &config.Domain{SPF: &config.SPF{Exact: true, Includes: []config.At[record.Name]{name}}}
		domains["zone"] = &config.Domain{Identities: []config.Identity{{Region: region, DKIM: &config.DKIM{Tokens: []config.At[string]{{Value: "t"}}, SigningHostedZone: &name}}}}
		domains["host"] = &config.Domain{Identities: []config.Identity{{Receiving: &config.Receiving{Host: &name}}}}
		domains["tracking"] = &config.Domain{Identities: []config.Identity{{Tracking: &config.Tracking{Name: config.At[record.Name]{Value: "c.a.example"}, Target: &name}}}}
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
	for _, s := range hostile.Words() {
		f.Add(s)
	}
	for _, s := range []string{"tokena", "reject", "s", "mailto:x@b.example", "%{i}.##[error]x.b.example", "_spf.b.example", "b.example", "use_default", "-all", someKey} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, e := range entriesWith(s) {
			text := Write([]Entry{e})
			harmless(t, string(text))
			got, ps := config.Parse("w", text)
			for _, p := range ps {
				harmless(t, p.String())
			}
			if len(ps) == 0 && (len(got.Domains) != 1 || !sameButForm(&got.Domains[0], &e.Domain)) {
				t.Errorf("%s %q is read as %s of\n%s", e.Notes[1], s, said(&got.Domains[0]), text)
			}
			if fits, left := ValidPart(e); len(left) == 0 != (len(ps) == 0) {
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
// lower case, and takes spaces out of keys.
func sameButForm(a, b *config.Domain) bool {
	return strings.EqualFold(said(a), said(b)) || strings.ReplaceAll(said(a), " ", "") == strings.ReplaceAll(said(b), " ", "")
}

package spf

import (
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

// TestMailFromIsADomain: at a domain that is a MAIL FROM name of the file, too, Amazon
// SES may be included, although the domain does not list it.
func TestMailFromIsADomain(t *testing.T) {
	t.Parallel()
	const live = `bounce TXT "v=spf1 include:amazonses.com include:a.test ~all"
		a.test. TXT "v=spf1 ip4:192.0.2.1 -all"
		amazonses.com. TXT "v=spf1 ip4:192.0.2.2 -all"`
	for others, want := range map[string]int{
		"  example.com: {region: eu-west-1, mail_from: bounce}\n":  0,
		"  example.com: {region: eu-west-1, mail_from: bounces}\n": 1,
		"": 1,
	} {
		file := judgetest.Parse(t, "version: 1\ndefaults: {spf: [a.test]}\ndomains:\n  bounce.example.com: {}\n"+others)
		n := 0
		for _, f := range judgetest.Verdict(t, &Part, file, judgetest.Live(t, live)).Believed() {
			if f.Check == IncludeUnexpected && f.Subject == "amazonses.com" {
				n++
			}
		}
		if n != want {
			t.Errorf("beside %q: %d findings, not %d", others, n, want)
		}
		if len(file.Domains) > 1 && file.Domains[1].SPF.Joined != nil {
			t.Error("the other domain with the same defaults is marked, too")
		}
	}
}

// TestOneRecordForAllEntries: entries of the file that ask for the same SPF record get
// the same one to publish, with what each of them lists.
func TestOneRecordForAllEntries(t *testing.T) {
	t.Parallel()
	entries := []string{
		"  bounce.example.com: {spf: [a.test]}\n",
		"  example.com: {region: eu-west-1, mail_from: bounce}\n",
		"  m.bounce.example.com: {spf: {includes: [b.test], all: -all}}\n", // not the same record
	}
	const vendors = `
		a.test. TXT "v=spf1 ip4:192.0.2.1 -all"
		c.test. TXT "v=spf1 ip4:192.0.2.3 -all"
		amazonses.com. TXT "v=spf1 ip4:192.0.2.2 -all"`
	for live, want := range map[string]string{
		`bounce TXT "x"`:                           `"v=spf1 include:amazonses.com include:a.test ~all"`,
		`bounce TXT "v=spf1 -all"`:                 `"v=spf1 include:amazonses.com include:a.test -all"`,
		`bounce TXT "v=spf1 include:c.test ?all"`:  `"v=spf1 include:c.test include:amazonses.com include:a.test ?all"`,
		`bounce TXT "v=spf1 +all"`:                 `"v=spf1 include:amazonses.com include:a.test ~all"`,
		`bounce TXT "v=spf1 -include:a.test ~all"`: `"v=spf1 include:a.test include:amazonses.com ~all"`,
	} {
		for _, first := range entries[:2] {
			text := "version: 1\ndomains:\n" + first
			for _, e := range entries {
				if e != first {
					text += e
				}
			}
			var got []string
			for _, f := range judgetest.Verdict(t, &Part, judgetest.Parse(t, text), judgetest.Live(t, live+vendors)).Believed() {
				for _, rr := range f.Publish {
					got = append(got, rr.Data.String())
				}
			}
			if len(got) == 0 || slices.ContainsFunc(got, func(one string) bool { return one != want }) {
				t.Errorf("%s, for %s: %q, want %s", live, strings.Fields(first)[0], got, want)
			}
		}
	}
}

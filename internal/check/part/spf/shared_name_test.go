package spf

import (
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
		if len(file.Domains) > 1 && file.Domains[1].SPF.MailFrom {
			t.Error("the other domain with the same defaults is marked, too")
		}
	}
}

package dkim

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

// TestTokensOfTwoDomains: a CNAME at the domain above stays if the file lists its
// token there as well.
func TestTokensOfTwoDomains(t *testing.T) {
	t.Parallel()
	file := judgetest.Parse(t, `version: 1
domains:
  mail.example.com: {region: eu-west-1, dkim: [aaaa]}
  example.com: {region: eu-west-1, dkim: [aaaa]}
`)
	if file.Domains[0].Name != "mail.example.com" {
		t.Fatalf("the first domain is %s", file.Domains[0].Name)
	}
	live := judgetest.Live(t, "mail A 192.0.2.1\naaaa._domainkey CNAME aaaa.dkim.amazonses.com.")
	r := judgetest.Row{Want: []judgetest.Found{{
		Check: Missing, Says: "it stands at aaaa._domainkey.example.com instead",
		Change: "+aaaa._domainkey.mail CNAME aaaa.dkim.amazonses.com.",
	}}}
	r.Hold(t, judgetest.Verdict(t, &EasyPart, file, live))
}

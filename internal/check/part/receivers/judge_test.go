package receivers

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

func TestJudgeReceivers(t *testing.T) {
	t.Parallel()
	const (
		all     = "require: [gmail, yahoo, outlook], region: eu-west-1"
		signs   = ", dkim: [tokena, tokenb, tokenc]"
		bounces = ", mail_from: bounce"
		mx      = "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.\n"
		spf     = "bounce TXT \"v=spf1 include:amazonses.com ~all\"\namazonses.com. TXT \"v=spf1 ip4:199.255.192.0/22 -all\"\n"
		dmarc   = "_dmarc TXT \"v=DMARC1; p=none\"\n"
		publish = "\n+_dmarc TXT \"v=DMARC1; p=none\""
	)
	key := `TXT "p=` + judgetest.RSA2048[:200] + `" "` + judgetest.RSA2048[200:] + "\"\n"
	dkim := ""
	for _, token := range []string{"tokena", "tokenb", "tokenc"} {
		dkim += token + "._domainkey CNAME " + token + ".dkim.amazonses.com.\n" + token + ".dkim.amazonses.com. " + key
	}
	rule := func(id, says string) judgetest.Found {
		return judgetest.Found{Check: Rule, Subject: id, Says: says, Change: judgetest.Unchanged}
	}
	near := []*finding.Check{Rule}
	judgetest.Judged(t, &Part, nil, []judgetest.Row{
		{What: "all is met", File: all + signs + bounces, Live: dkim + mx + spf + dmarc, Near: near},
		{What: "DKIM is not listed", File: all + bounces, Live: mx + spf + dmarc, Near: near},
		{What: "without a MAIL FROM domain", File: all + signs, Live: dkim + dmarc, Near: near},
		{What: "nothing is known about mail through SES", File: "require: [gmail]", Live: dmarc, Near: near},
		{
			What: "a MAIL FROM domain that SES does not use", File: all + signs + bounces, Live: dkim + dmarc,
			Near: near, // SES sends as amazonses.com
		}, {
			What: "no policy", File: all + signs, Live: dkim,
			Want: []judgetest.Found{{Check: Rule, Subject: "dmarc", Says: "Outlook.com refuses mail from bulk senders with 550 5.7.515", Change: publish}},
		}, {
			What: "of one receiver", File: "require: [gmail], region: eu-west-1, dkim: none", Live: dmarc,
			Want: []judgetest.Found{rule("dkim", "Gmail asks for DKIM that passes: SES does not sign it"), rule("alignment", "550-5.7.26")},
		}, {
			What: "SPF does not pass at the MAIL FROM name", File: all + signs + bounces, Live: dkim + mx + dmarc + "bounce TXT \"v=spf1 -all\"",
			Want: []judgetest.Found{rule("spf", "mail from SES does not pass the SPF record of bounce.example.com")},
		}, {
			What: "a strict policy for SPF, and no DKIM", File: all + ", dkim: none" + bounces, Live: mx + spf + "_dmarc TXT \"v=DMARC1; p=none; aspf=s\"",
			Want: []judgetest.Found{rule("dkim", "SES does not sign it"), rule("alignment", "does not align with aspf=s")},
		}, {
			What: "the key of a sender is missing", File: "require: [outlook], region: eu-west-1, sender: resend", Live: strings.ReplaceAll(mx+spf, "bounce", "send") + dmarc,
			Want: []judgetest.Found{rule("dkim", "there is no key at its selectors")},
		}, {
			What: "one of two identities", File: "require: [yahoo], identities: [{region: eu-west-1" + signs + "}, {region: us-east-1, dkim: none}]", Live: dkim + dmarc,
			Want: []judgetest.Found{rule("dkim", "Yahoo may refuse it or treat it as spam"), rule("alignment", "")},
		},
		{What: "no answer for the policy", File: all + signs, Live: dkim + "_dmarc TXT TIMEOUT", Want: judgetest.Inconclusive(Rule)},
	})
}

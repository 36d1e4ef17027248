package verification

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

func TestJudgeVerification(t *testing.T) {
	t.Parallel()
	const (
		token = "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU="
		other = "k3Ai1rGRNBpBeQL7ylkYX0wI9yHYdTC6nMjRfKgjHc8="
		file  = "verification: " + token
		both  = "identities: [{region: eu-west-1, verification: " + token + "}, {region: us-east-1, verification: " + other + "}]"
		want  = "\n+_amazonses TXT " + token
	)
	judgetest.Judged(t, &Part, []*finding.Check{part.NameDoubled, part.ValueGarbled}, []judgetest.Row{
		{
			What: "the token",
			File: file, Live: "_amazonses TXT " + token,
			Near: []*finding.Check{Missing, Mismatch, Unexpected, part.ValueGarbled},
		}, {
			What: "the token at the domain itself, in the permitted form",
			File: file, Live: "@ TXT amazonses:" + token + "\n@ TXT \"v=spf1 -all\"",
			Near: []*finding.Check{Missing, Unexpected},
		}, {
			What: "the token at the domain itself, without the prefix",
			File: file, Live: "@ TXT " + token,
			Near: []*finding.Check{Missing},
		}, {
			What: "nothing of SES",
			File: file, Live: "@ TXT \"v=spf1 -all\"",
			Want: []judgetest.Found{{Check: Missing, Says: "no TXT record at _amazonses.example.com, and none for SES at example.com itself", Change: want}},
			Near: []*finding.Check{Unexpected, part.NameDoubled},
		}, {
			What: "nothing of two",
			File: both, Live: "@ A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Change: want + "\n+_amazonses TXT " + other}},
		}, {
			What: "one of two",
			File: both, Live: "_amazonses TXT " + other,
			Want: []judgetest.Found{{Check: Mismatch, Subject: token, Says: "is not published; there is \"" + other, Change: want}},
			Near: []*finding.Check{Missing, Unexpected},
		}, {
			What: "two tokens in one record",
			File: both, Live: "_amazonses TXT \"" + token + " " + other + "\"",
			Want: []judgetest.Found{
				{Check: part.ValueGarbled, Subject: token, Change: "-_amazonses TXT \"" + token + " " + other + "\"" + want},
				{Check: part.ValueGarbled, Subject: other, Change: "+_amazonses TXT " + other},
			},
		}, {
			What: "another token",
			File: file, Live: "_amazonses TXT " + other,
			Want: []judgetest.Found{{Check: Mismatch, Subject: token, Change: want}, {Check: Unexpected, Subject: other, Says: "not listed in the file"}},
		}, {
			What: "another token at the domain itself",
			File: file, Live: "_amazonses TXT " + token + "\n@ TXT amazonses:" + other,
			Want: []judgetest.Found{{Check: Unexpected, Subject: other, Says: "at example.com"}},
		}, {
			What: "a text that cannot be a token",
			File: file, Live: "_amazonses TXT " + token + "\n_amazonses TXT \"not (yet)\"",
			Near: []*finding.Check{Unexpected},
		}, {
			What: "an empty text",
			File: file, Live: "_amazonses TXT " + token + "\n_amazonses TXT \"\"",
			Near: []*finding.Check{Unexpected},
		}, {
			What: "tokens of every character, and more than are named",
			File: file, Live: "_amazonses TXT Zz09+/=\n_amazonses TXT aA\n_amazonses TXT 00\n_amazonses TXT b\n",
			Want: []judgetest.Found{
				{Check: Mismatch, Says: "and 1 more"},
				{Check: Unexpected, Subject: "Zz09+/="}, {Check: Unexpected, Subject: "aA"},
				{Check: Unexpected, Subject: "00"}, {Check: Unexpected, Subject: "b"},
			},
		}, {
			What: "three other tokens",
			File: file, Live: "_amazonses TXT a\n_amazonses TXT b\n_amazonses TXT c",
			Want: []judgetest.Found{
				{Check: Mismatch, Says: `"a" at _amazonses.example.com, "b" at _amazonses.example.com, "c" at _amazonses.example.com`},
				{Check: Unexpected, Subject: "a"}, {Check: Unexpected, Subject: "b"}, {Check: Unexpected, Subject: "c"},
			},
		}, {
			What: "in quotes",
			File: file, Live: `_amazonses TXT "\"` + token + `\""`,
			Want: []judgetest.Found{{Check: part.ValueGarbled, Subject: token, Says: "is published with quotes in the value", Change: `-_amazonses TXT "\"` + token + `\""` + want}},
			Near: []*finding.Check{Mismatch, Unexpected},
		}, {
			What: "with a blank, at the domain itself",
			File: file, Live: `@ TXT "` + token + ` "`,
			Want: []judgetest.Found{{Check: part.ValueGarbled, Says: "with spaces", Change: `-@ TXT "` + token + ` "` + "\n+@ TXT " + token}},
			Near: []*finding.Check{Missing},
		}, {
			What: "no answer under _amazonses",
			File: file, Live: "_amazonses TXT TIMEOUT",
			Want: judgetest.Inconclusive(Missing, Mismatch, Unexpected),
		}, {
			What: "no answer at the domain itself, and nothing under _amazonses",
			File: file, Live: "@ TXT TIMEOUT",
			Want: judgetest.Inconclusive(Missing, Mismatch, Unexpected),
		}, {
			What: "no answer at the domain itself, and the token",
			File: file, Live: "@ TXT TIMEOUT\n_amazonses TXT " + token,
			Want: judgetest.Inconclusive(Unexpected),
			Near: []*finding.Check{Missing, Mismatch},
		}, {
			What: "no answer at the domain itself, the token and another",
			File: file, Live: "@ TXT TIMEOUT\n_amazonses TXT " + token + "\n_amazonses TXT " + other,
			Want: []judgetest.Found{{Check: Unexpected, Open: true}, {Check: Unexpected, Subject: other}},
		}, {
			What: "at the name with the domain twice",
			File: file, Live: "_amazonses.example.com TXT " + token,
			Want: []judgetest.Found{{Check: part.NameDoubled, Says: "with the domain appended once more", Change: "-_amazonses.example.com TXT " + token + want}},
		}, {
			What: "in quotes at the name with the domain twice",
			File: file, Live: "_amazonses.example.com TXT \"\\\"" + token + "\\\"\"",
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: "-_amazonses.example.com TXT \"\\\"" + token + "\\\"\"" + want}},
		}, {
			What: "in lower case at the name with the domain twice",
			File: file, Live: "_amazonses.example.com TXT " + strings.ToLower(token),
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: "-_amazonses.example.com TXT " + strings.ToLower(token) + want}},
		}, {
			What: "without its end at the name with the domain twice",
			File: file, Live: "_amazonses.example.com TXT " + token[:40],
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: "-_amazonses.example.com TXT " + token[:40] + want}},
		}, {
			What: "another token at the name with the domain twice",
			File: file, Live: "_amazonses.example.com TXT " + other,
			Want: []judgetest.Found{{Check: Missing}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "a wildcard at the name with the domain twice",
			File: file, Live: "*.com.example.com TXT " + token,
			Want: []judgetest.Found{{Check: Missing}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "without the underscore",
			File: file, Live: "amazonses TXT " + token,
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at amazonses.example.com instead", Change: "-amazonses TXT " + token + want}},
		}, {
			What: "at the domain above, without the underscore",
			File: file, Domain: "mail.example.com", Live: "amazonses TXT " + token,
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at amazonses.example.com instead"}},
		}, {
			What: "in curly quotes",
			File: file, Live: `_amazonses TXT "\226\128\156` + token + `\226\128\157"`,
			Want: []judgetest.Found{{Check: part.ValueGarbled, Says: "is published with quotes in the value", Change: `-_amazonses TXT "\226\128\156` + token + `\226\128\157"` + want}},
			Near: []*finding.Check{Mismatch, Unexpected},
		}, {
			What: "with an equals sign after the prefix",
			File: file, Live: "_amazonses TXT amazonses=" + token,
			Want: []judgetest.Found{{Check: part.ValueGarbled, Says: "is published with other text in the value", Change: "-_amazonses TXT amazonses=" + token + want}},
			Near: []*finding.Check{Mismatch, Unexpected},
		}, {
			What: "no token is wanted, of a domain that is inspected",
			File: "region: eu-west-1", Inspected: true, Live: "_amazonses TXT " + token,
			Near: []*finding.Check{Unexpected},
		}, {
			What: "at the domain above",
			File: file, Domain: "mail.example.com", Live: "_amazonses TXT " + token,
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at _amazonses.example.com instead", Change: "-_amazonses TXT " + token + "\n+_amazonses.mail TXT " + token}},
		}, {
			What: "another token at the domain above",
			File: file, Domain: "mail.example.com", Live: "_amazonses TXT " + other,
			Want: []judgetest.Found{{Check: Missing, Says: "none for SES at mail.example.com itself\n"}},
		},
	})
}

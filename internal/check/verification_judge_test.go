package check

import "testing"

func TestJudgeVerification(t *testing.T) {
	t.Parallel()
	const (
		token = "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU="
		other = "k3Ai1rGRNBpBeQL7ylkYX0wI9yHYdTC6nMjRfKgjHc8="
		file  = "verification: " + token
		both  = "identities: [{region: eu-west-1, verification: " + token + "}, {region: us-east-1, verification: " + other + "}]"
		want  = "\n+_amazonses TXT " + token
	)
	judged(t, &verificationPart, []*Check{NameDoubled, ValueGarbled}, []row{
		{
			what: "the token",
			file: file, live: "_amazonses TXT " + token,
			near: []*Check{VerificationMissing, VerificationMismatch, VerificationUnexpected, ValueGarbled},
		}, {
			what: "the token at the domain itself, in the permitted form",
			file: file, live: "@ TXT amazonses:" + token + "\n@ TXT \"v=spf1 -all\"",
			near: []*Check{VerificationMissing, VerificationUnexpected},
		}, {
			what: "the token at the domain itself, without the prefix",
			file: file, live: "@ TXT " + token,
			near: []*Check{VerificationMissing},
		}, {
			what: "nothing of SES",
			file: file, live: "@ TXT \"v=spf1 -all\"",
			want: []found{{check: VerificationMissing, says: "no TXT record at _amazonses.example.com, and none for SES at example.com itself", change: want}},
			near: []*Check{VerificationUnexpected, NameDoubled},
		}, {
			what: "nothing of two",
			file: both, live: "@ A 192.0.2.1",
			want: []found{{check: VerificationMissing, change: want + "\n+_amazonses TXT " + other}},
		}, {
			what: "one of two",
			file: both, live: "_amazonses TXT " + other,
			want: []found{{check: VerificationMismatch, subject: token, says: "is not published; there is \"" + other, change: want}},
			near: []*Check{VerificationMissing, VerificationUnexpected},
		}, {
			what: "another token",
			file: file, live: "_amazonses TXT " + other,
			want: []found{{check: VerificationMismatch, subject: token, change: want}, {check: VerificationUnexpected, subject: other, says: "not listed in the file"}},
		}, {
			what: "another token at the domain itself",
			file: file, live: "_amazonses TXT " + token + "\n@ TXT amazonses:" + other,
			want: []found{{check: VerificationUnexpected, subject: other, says: "at example.com"}},
		}, {
			what: "a text that can be no token",
			file: file, live: "_amazonses TXT " + token + "\n_amazonses TXT \"not (yet)\"",
			near: []*Check{VerificationUnexpected},
		}, {
			what: "an empty text",
			file: file, live: "_amazonses TXT " + token + "\n_amazonses TXT \"\"",
			near: []*Check{VerificationUnexpected},
		}, {
			what: "tokens of every character, and more than are named",
			file: file, live: "_amazonses TXT Zz09+/=\n_amazonses TXT aA\n_amazonses TXT 00\n_amazonses TXT b\n",
			want: []found{
				{check: VerificationMismatch, says: "and 1 more"},
				{check: VerificationUnexpected, subject: "Zz09+/="}, {check: VerificationUnexpected, subject: "aA"},
				{check: VerificationUnexpected, subject: "00"}, {check: VerificationUnexpected, subject: "b"},
			},
		}, {
			what: "three other tokens",
			file: file, live: "_amazonses TXT a\n_amazonses TXT b\n_amazonses TXT c",
			want: []found{
				{check: VerificationMismatch, says: `"a" at _amazonses.example.com, "b" at _amazonses.example.com, "c" at _amazonses.example.com`},
				{check: VerificationUnexpected, subject: "a"}, {check: VerificationUnexpected, subject: "b"}, {check: VerificationUnexpected, subject: "c"},
			},
		}, {
			what: "in quotes",
			file: file, live: `_amazonses TXT "\"` + token + `\""`,
			want: []found{{check: ValueGarbled, subject: token, says: "is published with quotes in the value", change: `-_amazonses TXT "\"` + token + `\""` + want}},
			near: []*Check{VerificationMismatch, VerificationUnexpected},
		}, {
			what: "with a blank, at the domain itself",
			file: file, live: `@ TXT "` + token + ` "`,
			want: []found{{check: ValueGarbled, says: "with blanks", change: `-@ TXT "` + token + ` "` + "\n+@ TXT " + token}},
			near: []*Check{VerificationMissing},
		}, {
			what: "no answer under _amazonses",
			file: file, live: "_amazonses TXT TIMEOUT",
			want: inconclusive(VerificationMissing, VerificationMismatch, VerificationUnexpected),
		}, {
			what: "no answer at the domain itself, and nothing under _amazonses",
			file: file, live: "@ TXT TIMEOUT",
			want: inconclusive(VerificationMissing, VerificationMismatch, VerificationUnexpected),
		}, {
			what: "no answer at the domain itself, and the token",
			file: file, live: "@ TXT TIMEOUT\n_amazonses TXT " + token,
			want: inconclusive(VerificationUnexpected),
			near: []*Check{VerificationMissing, VerificationMismatch},
		}, {
			what: "no answer at the domain itself, the token and another",
			file: file, live: "@ TXT TIMEOUT\n_amazonses TXT " + token + "\n_amazonses TXT " + other,
			want: []found{{check: VerificationUnexpected, open: true}, {check: VerificationUnexpected, subject: other}},
		}, {
			what: "at the name with the domain twice",
			file: file, live: "_amazonses.example.com TXT " + token,
			want: []found{{check: NameDoubled, says: "with the domain appended once more", change: "-_amazonses.example.com TXT " + token + want}},
		}, {
			what: "another token at the name with the domain twice",
			file: file, live: "_amazonses.example.com TXT " + other,
			want: []found{{check: VerificationMissing}},
			near: []*Check{NameDoubled},
		}, {
			what: "a wildcard at the name with the domain twice",
			file: file, live: "*.com.example.com TXT " + token,
			want: []found{{check: VerificationMissing}},
			near: []*Check{NameDoubled},
		}, {
			what: "without the underscore",
			file: file, live: "amazonses TXT " + token,
			want: []found{{check: VerificationMissing, says: "it stands at amazonses.example.com instead"}},
		}, {
			what: "no token is wanted, of a domain that is inspected",
			file: "region: eu-west-1", inspected: true, live: "_amazonses TXT " + token,
			near: []*Check{VerificationUnexpected},
		}, {
			what: "at the domain above",
			file: file, domain: "mail.example.com", live: "_amazonses TXT " + token,
			want: []found{{check: VerificationMissing, says: "it stands at _amazonses.example.com instead", change: "+_amazonses.mail TXT " + token}},
		}, {
			what: "another token at the domain above",
			file: file, domain: "mail.example.com", live: "_amazonses TXT " + other,
			want: []found{{check: VerificationMissing, says: "none for SES at mail.example.com itself\n"}},
		},
	})
}

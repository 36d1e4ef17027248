package dkim

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

// Keys made for these tests: `openssl genrsa 2048`, `openssl rsa -pubout`.
const (
	rsa1024 = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC6H8b1waza/oy/4Gq0Unnf+Qae4ackTYb65avTr5zEtRnHNPSzJH/Tj9CFtY4NrLlir4PzCLlVedbc7EKvVRuBQTY8OJx3bYEu7yQOd+rLl5/Wha" +
		"VybtXmmvs1r36VPMY2mK5GW9TKHHv2Iqu8KcNTghnELCZzBu1w/rj6ldQlfwIDAQAB"
	another2048 = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtbNtzznIaAINgD1BCmKwcRnSeQ44ZH0Uoc4kJi+InoukjHeEO9v6cqiqP+9FnQ6VAc2EZGU4lgavwzYikcwdEsttGFVNMuWUxO0KKvnfO/" +
		"xVASZCRHYrDI+exw07RHfUOV+22mGqk3Z9NVDYMeXMTk9O0rVJ+RHM+puteh5rKSXCdGyw9xAjO3LCnzmfkRC+O2BYtI2mtheECotLGBxBA+PLFHWAad9+5Uh3N7XsH2VOjd44BPgplbskI6MeQmOk" +
		"lVVrWHqkhwlMwFb1oiGlGyhdQGI2Dvp4yAIKnhIJ9sUSMGvwmFrupvCKpB0jC9tRJZrHFxQPDGxHc16zrRPHYQIDAQAB"
	rsa2056 = "MIIBIzANBgkqhkiG9w0BAQEFAAOCARAAMIIBCwKCAQIAyC0+j51noE4F+cydNFB3mZwA+MJhDa5YQmRiV5eKh1hb6YoKEbmvX1rkuh/yMBDC3bNbjA9gR5YJvXyKx1QnXT0ihCKkzxsw5Bymkw61+e" +
		"oGzUxHh9sYLqErdxJVG7PnzfQuiWLumyixCk/Fv32wSui3878jcvSXdCqUDujo2geeGRHgcEKVxeSqTZ1eXb1ru4JnfapfQ8SI6e/IrYIibs01t5GX/dPkKD+kGvda+us5XA0qPhNDkLuQhMw3Id0G" +
		"SXMjgZNxirwYABWEVHtyIs31hk5U/pLwSSvQethUWXVqNZl/cRBddhKKJtYKKB5+kYn384q4DoMth4WhsuDo68MCAwEAAQ=="
	ed25519 = "ousZtTGt12mKFPbrDFTZJYX+vX0odvLjZwwVKgkOAt4="
)

func TestJudgeOwnKey(t *testing.T) {
	t.Parallel()
	const (
		file  = "region: eu-west-1, dkim: {selector: s1, public_key: " + judgetest.RSA2048 + "}"
		weak  = "region: eu-west-1, dkim: {selector: s1, public_key: " + rsa1024 + "}"
		begin = "s1._domainkey TXT "

		sender = "region: eu-west-1, sender: resend"
	)
	var (
		key     = begin + part.TxtStrings("p="+judgetest.RSA2048)
		another = begin + part.TxtStrings("p="+another2048)
		want    = "\n+" + key
		pieces  = func(texts ...string) (lines string) {
			for _, text := range texts {
				lines += begin + part.Quoted(text) + "\n"
			}
			return lines
		}
	)
	const inPieces = "Joined, they are the right key: it was published in pieces"
	all := []*finding.Check{Missing, KeyInvalid, KeyWeak, KeyMismatch, KeyDuplicate}
	judgetest.Judged(t, &OwnKeyPart, []*finding.Check{Missing, part.NameDoubled, part.ValueGarbled}, []judgetest.Row{
		{
			What: "the key",
			File: file, Live: key,
			Near: append(all, part.ValueGarbled),
		}, {
			What: "the key with all tags",
			File: file, Live: begin + part.TxtStrings("v=DKIM1; k=rsa; s=email; p="+judgetest.RSA2048),
			Near: []*finding.Check{KeyInvalid, KeyMismatch},
		}, {
			What: "a key of 1024 bits",
			File: weak, Live: pieces("p=" + rsa1024),
			Want: []judgetest.Found{{Check: KeyWeak, Subject: "s1", Says: "has 1024 bits; 2048 are recommended", Change: judgetest.Unchanged}},
			Near: []*finding.Check{KeyInvalid},
		}, {
			What: "any key of a sender",
			File: sender, Live: "resend._domainkey TXT " + part.TxtStrings("p="+another2048),
			Near: append(all, part.ValueGarbled),
		}, {
			What: "a key of 1024 bits of a sender",
			File: sender, Live: "resend._domainkey TXT " + part.Quoted("p="+rsa1024),
			Want: []judgetest.Found{{Check: KeyWeak, Subject: "resend", Change: judgetest.Unchanged}},
			Near: []*finding.Check{KeyMismatch},
		}, {
			What: "another key of a sender than the file has",
			File: sender + ", dkim: {selector: resend, public_key: " + judgetest.RSA2048 + "}", Live: "resend._domainkey TXT " + part.TxtStrings("p="+another2048),
			Want: []judgetest.Found{{Check: KeyMismatch}},
		}, {
			What: "no key of a sender",
			File: sender, Live: "www A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Subject: "resend", Change: judgetest.Unchanged}},
		}, {
			What: "a key of a sender in pieces",
			File: sender, Live: "resend._domainkey TXT " + part.Quoted("p="+judgetest.RSA2048[:200]) + "\nresend._domainkey TXT " + part.Quoted(judgetest.RSA2048[200:]),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: "Joined, they are one key", Change: judgetest.Unchanged}},
		}, {
			What: "a revoked key of a sender",
			File: sender, Live: "resend._domainkey TXT " + part.Quoted("p="),
			Want: []judgetest.Found{{Check: KeyInvalid, Change: judgetest.Unchanged}},
		}, {
			What: "nothing",
			File: file, Live: "www A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Subject: "s1", Says: "no TXT record at s1._domainkey.example.com", Change: want}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "no answer",
			File: file, Live: "s1._domainkey TXT TIMEOUT",
			Want: judgetest.Inconclusive(all...),
		}, {
			What: "another key",
			File: file, Live: another,
			Want: []judgetest.Found{{Check: KeyMismatch, Says: "is not the one in the file", Change: "-" + another + want}},
			Near: []*finding.Check{KeyWeak},
		}, {
			What: "a weak key that is another",
			File: file, Live: pieces("p=" + rsa1024),
			Want: []judgetest.Found{{Check: KeyMismatch}},
			Near: []*finding.Check{KeyWeak},
		}, {
			What: "another key by a CNAME",
			File: file, Live: "s1._domainkey CNAME s1.example.net.\ns1.example.net. TXT " + part.TxtStrings("p="+another2048),
			Want: []judgetest.Found{{Check: KeyMismatch, Change: "-s1._domainkey CNAME s1.example.net." + want}},
		}, {
			What: "a revoked key",
			File: file, Live: pieces("p="),
			Want: []judgetest.Found{{Check: KeyInvalid, Says: "cannot be used", Change: "-" + pieces("p=") + "+" + key}},
			Near: []*finding.Check{Missing, KeyMismatch},
		}, {
			What: "the key cut at 255",
			File: file, Live: pieces("p=" + judgetest.RSA2048[:253]),
			Want: []judgetest.Found{{Check: KeyInvalid, Says: "cannot be used"}},
			Near: []*finding.Check{part.ValueGarbled},
		}, {
			What: "a key of another kind",
			File: file, Live: pieces("k=ed25519; p=" + ed25519),
			Want: []judgetest.Found{{Check: KeyInvalid, Says: "is not an RSA key; SES accepts no other type"}},
		}, {
			What: "a key that is too long for SES",
			File: file, Live: begin + part.TxtStrings("p="+rsa2056),
			Want: []judgetest.Found{{Check: KeyInvalid, Says: "has 2056 bits; SES accepts 1024 to 2048", Change: "-" + begin + part.TxtStrings("p="+rsa2056) + want}},
		}, {
			What: "the file's key is too long for SES, and live",
			File: "region: eu-west-1, dkim: {selector: s1, public_key: " + rsa2056 + "}", Live: begin + part.TxtStrings("p="+rsa2056),
			Want: []judgetest.Found{{Check: KeyInvalid, Says: "but Amazon SES does not sign with it", Change: judgetest.Unchanged}},
		}, {
			What: "the key in quotes",
			File: file, Live: begin + part.TxtStrings(`"p=`+judgetest.RSA2048+`"`),
			Want: []judgetest.Found{{Check: part.ValueGarbled, Subject: "s1", Says: "is the right one, but garbled", Change: "-" + begin + part.TxtStrings(`"p=`+judgetest.RSA2048+`"`) + want}},
			Near: []*finding.Check{KeyInvalid},
		}, {
			What: "the key without its tag",
			File: file, Live: begin + part.TxtStrings(judgetest.RSA2048),
			Want: []judgetest.Found{{Check: part.ValueGarbled, Says: "p= is missing before the key"}},
		}, {
			What: "the key beside another",
			File: file, Live: key + "\n" + another,
			Want: []judgetest.Found{{Check: KeyDuplicate, Subject: "s1", Says: "has 2 TXT records; a selector has exactly one", Change: "-" + another}},
			Near: []*finding.Check{KeyMismatch, KeyInvalid},
		}, {
			What: "no semicolons",
			File: file, Live: begin + part.TxtStrings("v=DKIM1 k=rsa p="+judgetest.RSA2048),
			Want: []judgetest.Found{{Check: part.ValueGarbled, Says: "the right one, but garbled: semicolons are missing between the tags"}},
		}, {
			What: "commas for semicolons",
			File: file, Live: begin + part.TxtStrings("v=DKIM1, k=rsa, p="+judgetest.RSA2048),
			Want: []judgetest.Found{{Check: part.ValueGarbled, Says: "semicolons are missing"}},
		}, {
			What: "one semicolon is missing",
			File: file, Live: begin + part.TxtStrings("v=DKIM1; k=rsa p="+judgetest.RSA2048),
			Want: []judgetest.Found{{Check: part.ValueGarbled, Says: "semicolons are missing"}},
		}, {
			What: "another key without semicolons",
			File: file, Live: begin + part.TxtStrings("v=DKIM1 k=rsa p="+another2048),
			Want: []judgetest.Found{{Check: KeyInvalid, Says: "cannot be used: semicolons are missing"}},
		}, {
			What: "a sender's key without semicolons",
			File: sender, Live: "resend._domainkey TXT " + part.TxtStrings("v=DKIM1 k=rsa p="+rsa1024),
			Want: []judgetest.Found{{Check: KeyInvalid, Says: "cannot be used: semicolons are missing", Change: judgetest.Unchanged}},
		}, {
			What: "a backslash in the key",
			File: file, Live: begin + part.TxtStrings(`p=`+judgetest.RSA2048[:64]+`\\`+judgetest.RSA2048[64:]),
			Want: []judgetest.Found{{Check: part.ValueGarbled, Says: "backslashes are part of the data"}},
		}, {
			What: "the key that ends in a semicolon, and a foreign text",
			File: file, Live: begin + part.TxtStrings("p="+judgetest.RSA2048+";") + "\n" + pieces("x=abc"),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: "One of them is the right key"}},
		}, {
			What: "the key in two pieces",
			File: file, Live: pieces("p="+judgetest.RSA2048[:200], judgetest.RSA2048[200:]),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: inPieces, Change: "-" + begin + part.Quoted("p="+judgetest.RSA2048[:200]) + "\n-" + begin + part.Quoted(judgetest.RSA2048[200:]) + want}},
			Near: []*finding.Check{KeyInvalid},
		}, {
			What: "the key in three pieces, of which the first sorts last",
			File: file, Live: pieces("p="+judgetest.RSA2048[:130], judgetest.RSA2048[130:260], judgetest.RSA2048[260:]),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: "has 3 TXT records; a selector has exactly one. " + inPieces}},
		}, {
			What: "the key in four pieces",
			File: file, Live: pieces("p="+judgetest.RSA2048[:100], judgetest.RSA2048[100:200], judgetest.RSA2048[200:300], judgetest.RSA2048[300:]),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: inPieces}},
		}, {
			What: "the key in five pieces, whose order is not looked for",
			File: file, Live: pieces("p="+judgetest.RSA2048[:80], judgetest.RSA2048[80:160], judgetest.RSA2048[160:240], judgetest.RSA2048[240:320], judgetest.RSA2048[320:]),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: "a selector has exactly one\n"}},
		}, {
			What: "three pieces of which one is missing",
			File: file, Live: pieces("p="+judgetest.RSA2048[:130], judgetest.RSA2048[260:]),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: "a selector has exactly one\n"}},
		}, {
			What: "the key in two pieces and another record",
			File: file, Live: pieces("p="+judgetest.RSA2048[:200], judgetest.RSA2048[200:], "v=spf1 -all"),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: "a selector has exactly one\n"}},
		}, {
			What: "at the name with the domain twice",
			File: file, Live: "s1._domainkey.example.com TXT " + part.TxtStrings("p="+judgetest.RSA2048),
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: "-s1._domainkey.example.com TXT " + part.TxtStrings("p="+judgetest.RSA2048) + want}},
		}, {
			What: "another key at the name with the domain twice",
			File: file, Live: "s1._domainkey.example.com TXT " + part.TxtStrings("p="+another2048),
			Want: []judgetest.Found{{Check: Missing}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "without _domainkey",
			File: file, Live: "s1 TXT " + part.TxtStrings("p="+judgetest.RSA2048),
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at s1.example.com instead", Change: "-s1 TXT " + part.TxtStrings("p="+judgetest.RSA2048) + want}},
		}, {
			What: "without the selector",
			File: file, Live: "_domainkey TXT " + part.TxtStrings("p="+judgetest.RSA2048),
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at _domainkey.example.com instead", Change: "-_domainkey TXT " + part.TxtStrings("p="+judgetest.RSA2048) + want}},
		}, {
			What: "at the domain itself, beside its other records",
			File: file, Live: "@ TXT \"v=spf1 -all\"\n@ TXT " + part.TxtStrings("p="+judgetest.RSA2048),
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at example.com instead", Change: "-@ TXT " + part.TxtStrings("p="+judgetest.RSA2048) + want}},
		}, {
			What: "any key of a sender without the selector",
			File: sender, Live: "_domainkey TXT " + part.TxtStrings("p="+another2048),
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at _domainkey.example.com instead", Change: judgetest.Unchanged}},
		}, {
			What:   "under the domain above, which may use the key as well",
			Domain: "mail.example.com", File: file, Live: "mail A 192.0.2.1\n" + key,
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at s1._domainkey.example.com instead", Change: "+s1._domainkey.mail TXT " + part.TxtStrings("p="+judgetest.RSA2048)}},
		}, {
			What: "by a wildcard, not at a wrong name",
			File: file, Live: "www A 192.0.2.1\n*.domainkey TXT " + part.TxtStrings("p="+judgetest.RSA2048),
			Want: []judgetest.Found{{Check: Missing, Says: "no TXT record at s1._domainkey.example.com\n", Change: want}},
		}, {
			What: "another key without _domainkey",
			File: file, Live: "s1 TXT " + part.TxtStrings("p="+another2048),
			Want: []judgetest.Found{{Check: Missing, Says: "no TXT record at s1._domainkey.example.com\n"}},
		}, {
			What: "any key, of a domain that is inspected",
			File: file, Inspected: true, Live: another,
			Near: []*finding.Check{KeyMismatch},
		}, {
			What: "a revoked key, of a domain that is inspected",
			File: file, Inspected: true, Live: pieces("p="),
			Want: []judgetest.Found{{Check: KeyInvalid, Change: judgetest.Unchanged}},
		}, {
			What: "a key in pieces, of a domain that is inspected",
			File: file, Inspected: true, Live: pieces("p="+another2048[:200], another2048[200:]),
			Want: []judgetest.Found{{Check: KeyDuplicate, Says: "Joined, they are one key", Change: judgetest.Unchanged}},
		},
	})
}

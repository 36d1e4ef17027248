package check

import "testing"

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
		file  = "region: eu-west-1, dkim: {selector: s1, public_key: " + rsa2048 + "}"
		weak  = "region: eu-west-1, dkim: {selector: s1, public_key: " + rsa1024 + "}"
		begin = "s1._domainkey TXT "

		sender = "region: eu-west-1, sender: resend"
	)
	var (
		key     = begin + txtStrings("p="+rsa2048)
		another = begin + txtStrings("p="+another2048)
		want    = "\n+" + key
		pieces  = func(texts ...string) (lines string) {
			for _, text := range texts {
				lines += begin + quoted(text) + "\n"
			}
			return lines
		}
	)
	const inPieces = "Joined they are the right key: it was published in pieces"
	all := []*Check{DKIMMissing, DKIMKeyInvalid, DKIMKeyWeak, DKIMKeyMismatch, DKIMKeyDuplicate}
	judged(t, &ownKeyPart, []*Check{DKIMMissing, NameDoubled, ValueGarbled}, []row{
		{
			what: "the key",
			file: file, live: key,
			near: append(all, ValueGarbled),
		}, {
			what: "the key with all tags",
			file: file, live: begin + txtStrings("v=DKIM1; k=rsa; s=email; p="+rsa2048),
			near: []*Check{DKIMKeyInvalid, DKIMKeyMismatch},
		}, {
			what: "a key of 1024 bits",
			file: weak, live: pieces("p=" + rsa1024),
			want: []found{{check: DKIMKeyWeak, subject: "s1", says: "has 1024 bits; 2048 are recommended", change: unchanged}},
			near: []*Check{DKIMKeyInvalid},
		}, {
			what: "any key of a sender",
			file: sender, live: "resend._domainkey TXT " + txtStrings("p="+another2048),
			near: append(all, ValueGarbled),
		}, {
			what: "a key of 1024 bits of a sender",
			file: sender, live: "resend._domainkey TXT " + quoted("p="+rsa1024),
			want: []found{{check: DKIMKeyWeak, subject: "resend", change: unchanged}},
			near: []*Check{DKIMKeyMismatch},
		}, {
			what: "another key of a sender than the file has",
			file: sender + ", dkim: {selector: resend, public_key: " + rsa2048 + "}", live: "resend._domainkey TXT " + txtStrings("p="+another2048),
			want: []found{{check: DKIMKeyMismatch}},
		}, {
			what: "no key of a sender",
			file: sender, live: "www A 192.0.2.1",
			want: []found{{check: DKIMMissing, subject: "resend", change: unchanged}},
		}, {
			what: "a key of a sender in pieces",
			file: sender, live: "resend._domainkey TXT " + quoted("p="+rsa2048[:200]) + "\nresend._domainkey TXT " + quoted(rsa2048[200:]),
			want: []found{{check: DKIMKeyDuplicate, says: "Joined they are one key", change: unchanged}},
		}, {
			what: "a revoked key of a sender",
			file: sender, live: "resend._domainkey TXT " + quoted("p="),
			want: []found{{check: DKIMKeyInvalid, change: unchanged}},
		}, {
			what: "nothing",
			file: file, live: "www A 192.0.2.1",
			want: []found{{check: DKIMMissing, subject: "s1", says: "no TXT record at s1._domainkey.example.com", change: want}},
			near: []*Check{NameDoubled},
		}, {
			what: "no answer",
			file: file, live: "s1._domainkey TXT TIMEOUT",
			want: inconclusive(all...),
		}, {
			what: "another key",
			file: file, live: another,
			want: []found{{check: DKIMKeyMismatch, says: "is not the one in the file", change: "-" + another + want}},
			near: []*Check{DKIMKeyWeak},
		}, {
			what: "a weak key that is another",
			file: file, live: pieces("p=" + rsa1024),
			want: []found{{check: DKIMKeyMismatch}},
			near: []*Check{DKIMKeyWeak},
		}, {
			what: "another key by a CNAME",
			file: file, live: "s1._domainkey CNAME s1.example.net.\ns1.example.net. TXT " + txtStrings("p="+another2048),
			want: []found{{check: DKIMKeyMismatch, change: "-s1._domainkey CNAME s1.example.net." + want}},
		}, {
			what: "a revoked key",
			file: file, live: pieces("p="),
			want: []found{{check: DKIMKeyInvalid, says: "cannot be used", change: "-" + pieces("p=") + "+" + key}},
			near: []*Check{DKIMMissing, DKIMKeyMismatch},
		}, {
			what: "the key cut at 255",
			file: file, live: pieces("p=" + rsa2048[:253]),
			want: []found{{check: DKIMKeyInvalid, says: "cannot be used"}},
			near: []*Check{ValueGarbled},
		}, {
			what: "a key of another kind",
			file: file, live: pieces("k=ed25519; p=" + ed25519),
			want: []found{{check: DKIMKeyInvalid, says: "is no RSA key; SES takes no other"}},
		}, {
			what: "a key that is too long for SES",
			file: file, live: begin + txtStrings("p="+rsa2056),
			want: []found{{check: DKIMKeyInvalid, says: "has 2056 bits; SES takes 1024 to 2048", change: "-" + begin + txtStrings("p="+rsa2056) + want}},
		}, {
			what: "the file's key is too long for SES, and live",
			file: "region: eu-west-1, dkim: {selector: s1, public_key: " + rsa2056 + "}", live: begin + txtStrings("p="+rsa2056),
			want: []found{{check: DKIMKeyInvalid, says: "but Amazon SES does not sign with it", change: unchanged}},
		}, {
			what: "the key in quotes",
			file: file, live: begin + txtStrings(`"p=`+rsa2048+`"`),
			want: []found{{check: ValueGarbled, subject: "s1", says: "is the right one, garbled", change: "-" + begin + txtStrings(`"p=`+rsa2048+`"`) + want}},
			near: []*Check{DKIMKeyInvalid},
		}, {
			what: "the key without its tag",
			file: file, live: begin + txtStrings(rsa2048),
			want: []found{{check: ValueGarbled, says: "p= is missing before the key"}},
		}, {
			what: "the key beside another",
			file: file, live: key + "\n" + another,
			want: []found{{check: DKIMKeyDuplicate, subject: "s1", says: "has 2 TXT records; a selector has exactly one", change: "-" + another}},
			near: []*Check{DKIMKeyMismatch, DKIMKeyInvalid},
		}, {
			what: "the key in two pieces",
			file: file, live: pieces("p="+rsa2048[:200], rsa2048[200:]),
			want: []found{{check: DKIMKeyDuplicate, says: inPieces, change: "-" + begin + quoted("p="+rsa2048[:200]) + "\n-" + begin + quoted(rsa2048[200:]) + want}},
			near: []*Check{DKIMKeyInvalid},
		}, {
			what: "the key in three pieces, of which the first sorts last",
			file: file, live: pieces("p="+rsa2048[:130], rsa2048[130:260], rsa2048[260:]),
			want: []found{{check: DKIMKeyDuplicate, says: "has 3 TXT records; a selector has exactly one. " + inPieces}},
		}, {
			what: "the key in four pieces",
			file: file, live: pieces("p="+rsa2048[:100], rsa2048[100:200], rsa2048[200:300], rsa2048[300:]),
			want: []found{{check: DKIMKeyDuplicate, says: inPieces}},
		}, {
			what: "the key in five pieces, whose order is not looked for",
			file: file, live: pieces("p="+rsa2048[:80], rsa2048[80:160], rsa2048[160:240], rsa2048[240:320], rsa2048[320:]),
			want: []found{{check: DKIMKeyDuplicate, says: "a selector has exactly one\n"}},
		}, {
			what: "three pieces of which one is missing",
			file: file, live: pieces("p="+rsa2048[:130], rsa2048[260:]),
			want: []found{{check: DKIMKeyDuplicate, says: "a selector has exactly one\n"}},
		}, {
			what: "the key in two pieces and another record",
			file: file, live: pieces("p="+rsa2048[:200], rsa2048[200:], "v=spf1 -all"),
			want: []found{{check: DKIMKeyDuplicate, says: "a selector has exactly one\n"}},
		}, {
			what: "at the name with the domain twice",
			file: file, live: "s1._domainkey.example.com TXT " + txtStrings("p="+rsa2048),
			want: []found{{check: NameDoubled, change: "-s1._domainkey.example.com TXT " + txtStrings("p="+rsa2048) + want}},
		}, {
			what: "another key at the name with the domain twice",
			file: file, live: "s1._domainkey.example.com TXT " + txtStrings("p="+another2048),
			want: []found{{check: DKIMMissing}},
			near: []*Check{NameDoubled},
		}, {
			what: "without _domainkey",
			file: file, live: "s1 TXT " + txtStrings("p="+rsa2048),
			want: []found{{check: DKIMMissing, says: "it stands at s1.example.com instead"}},
		}, {
			what: "another key without _domainkey",
			file: file, live: "s1 TXT " + txtStrings("p="+another2048),
			want: []found{{check: DKIMMissing, says: "no TXT record at s1._domainkey.example.com\n"}},
		}, {
			what: "any key, of a domain that is inspected",
			file: file, inspected: true, live: another,
			near: []*Check{DKIMKeyMismatch},
		}, {
			what: "a revoked key, of a domain that is inspected",
			file: file, inspected: true, live: pieces("p="),
			want: []found{{check: DKIMKeyInvalid, change: unchanged}},
		}, {
			what: "a key in pieces, of a domain that is inspected",
			file: file, inspected: true, live: pieces("p="+another2048[:200], another2048[200:]),
			want: []found{{check: DKIMKeyDuplicate, says: "Joined they are one key", change: unchanged}},
		},
	})
}

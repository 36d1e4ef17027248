package check

import "testing"

func TestJudgeDKIM(t *testing.T) {
	t.Parallel()
	const (
		file   = "region: eu-west-1, dkim: [aaaa]"
		three  = "region: eu-west-1, dkim: [aaaa, bbbb, cccc]"
		a      = "aaaa._domainkey CNAME aaaa.dkim.amazonses.com.\n"
		b      = "bbbb._domainkey CNAME bbbb.dkim.amazonses.com.\n"
		c      = "cccc._domainkey CNAME cccc.dkim.amazonses.com.\n"
		key    = `TXT "p=` + rsa1024 + "\"\n"
		keyA   = "aaaa.dkim.amazonses.com. " + key
		keyB   = "bbbb.dkim.amazonses.com. " + key
		keyC   = "cccc.dkim.amazonses.com. " + key
		want   = "\n+" + a
		no     = "www A 192.0.2.1"
		nobody = "no key answers at "
	)
	all := []*Check{DKIMMissing, DKIMWrongTarget, DKIMOtherZone, DKIMNotCNAME, DKIMKeyMissing, DKIMKeyPartial}
	judged(t, &dkimPart, []*Check{NameDoubled}, []row{
		{
			what: "three CNAMEs and three keys",
			file: three, live: a + b + c + keyA + keyB + keyC,
			near: all,
		}, {
			what: "nothing",
			file: file, live: no,
			want: []found{{check: DKIMMissing, subject: "aaaa", says: "no CNAME record at aaaa._domainkey.example.com", change: want}},
			near: []*Check{NameDoubled, DKIMKeyMissing},
		}, {
			what: "one of three is missing",
			file: three, live: a + c + keyA + keyB + keyC,
			want: []found{{check: DKIMMissing, subject: "bbbb", change: "+" + b}},
			near: []*Check{DKIMKeyPartial},
		}, {
			what: "the target as TXT",
			file: file, live: "aaaa._domainkey TXT aaaa.dkim.amazonses.com",
			want: []found{{check: DKIMMissing, says: "it holds the target, so its type should have been CNAME", change: "-aaaa._domainkey TXT aaaa.dkim.amazonses.com" + want}},
			near: []*Check{DKIMNotCNAME},
		}, {
			what: "a text that is no key",
			file: file, live: `aaaa._domainkey TXT "v=spf1 -all"`,
			want: []found{{check: DKIMMissing, says: "only a TXT record that is no DKIM key", change: `-aaaa._domainkey TXT "v=spf1 -all"` + want}},
		}, {
			what: "addresses",
			file: file, live: "aaaa._domainkey A 192.0.2.1",
			want: []found{{check: DKIMMissing, says: "the provider proxies or flattens it", change: "-aaaa._domainkey A 192.0.2.1" + want}},
		}, {
			what: "nothing, and no answer for addresses",
			file: file, live: "aaaa._domainkey A TIMEOUT",
			want: []found{{check: DKIMMissing}},
		}, {
			what: "the key as TXT",
			file: file, live: "aaaa._domainkey " + key,
			want: []found{{check: DKIMNotCNAME, says: "is a TXT record with a key, not a CNAME to aaaa.dkim.amazonses.com", change: "-aaaa._domainkey " + key + "+" + a}},
			near: []*Check{DKIMMissing},
		}, {
			what: "a revoked key as TXT",
			file: file, live: `aaaa._domainkey TXT "p="`,
			want: []found{{check: DKIMMissing}},
			near: []*Check{DKIMNotCNAME},
		}, {
			what: "no answer",
			file: file, live: "aaaa._domainkey TXT TIMEOUT\naaaa._domainkey CNAME TIMEOUT",
			want: inconclusive(all...),
		}, {
			what: "no answer for TXT, and no CNAME",
			file: file, live: "aaaa._domainkey TXT TIMEOUT",
			want: inconclusive(DKIMMissing, DKIMNotCNAME),
			near: []*Check{DKIMWrongTarget},
		}, {
			what: "no answer for the CNAME, and no key",
			file: file, live: "aaaa._domainkey CNAME TIMEOUT",
			want: inconclusive(all...),
		}, {
			what: "another host",
			file: file, live: "aaaa._domainkey CNAME mail.example.net.",
			want: []found{{check: DKIMWrongTarget, subject: "aaaa", says: "points to mail.example.net instead of aaaa.dkim.amazonses.com\n\n", change: "-aaaa._domainkey CNAME mail.example.net." + want}},
		}, {
			what: "another host that has a key",
			file: file, live: "aaaa._domainkey CNAME mail.example.net.\nmail.example.net. " + key,
			want: []found{{check: DKIMWrongTarget, says: "mail verifies as long as the other name leads on to the right key"}},
			near: []*Check{DKIMNotCNAME, DKIMOtherZone},
		}, {
			what: "the token below a name that is no zone of SES",
			file: file, live: "aaaa._domainkey CNAME aaaa.dkim.example.net.",
			want: []found{{check: DKIMWrongTarget, says: "the token is right, but dkim.example.net is no DKIM zone of SES"}},
		}, {
			what: "another token",
			file: file, live: "aaaa._domainkey CNAME bbbb.dkim.amazonses.com.\n" + keyB,
			want: []found{{check: DKIMWrongTarget, says: "the target belongs to another token"}},
			near: []*Check{DKIMOtherZone},
		}, {
			what: "the token without its end",
			file: file, live: "aaaa._domainkey CNAME aaa.dkim.amazonses.com.",
			want: []found{{check: DKIMWrongTarget, says: "the token in it lacks its end"}},
		}, {
			what: "two thirds of a token",
			file: "region: eu-west-1, dkim: [abcdef]", live: "abcdef._domainkey CNAME abcd.dkim.amazonses.com.",
			want: []found{{check: DKIMWrongTarget, says: "the token in it lacks its end"}},
		}, {
			what: "less than two thirds of a token",
			file: "region: eu-west-1, dkim: [abcdef]", live: "abcdef._domainkey CNAME abc.dkim.amazonses.com.",
			want: []found{{check: DKIMWrongTarget, says: "the target belongs to another token"}},
		}, {
			what: "the token without its beginning",
			file: "region: eu-west-1, dkim: [abcd]", live: "abcd._domainkey CNAME bcd.dkim.amazonses.com.",
			want: []found{{check: DKIMWrongTarget, says: "the token in it lacks its beginning"}},
		}, {
			what: "another of the file's, which is the beginning of this one",
			file: "region: eu-west-1, dkim: [abcd, abc]", live: "abcd._domainkey CNAME abc.dkim.amazonses.com.\nabc._domainkey CNAME abc.dkim.amazonses.com.\nabc.dkim.amazonses.com. " + key,
			want: []found{{check: DKIMWrongTarget, subject: "abcd", says: "the target belongs to another token"}},
		}, {
			what: "the target with the zone behind it",
			file: file, live: "aaaa._domainkey CNAME aaaa.dkim.amazonses.com",
			want: []found{{check: DKIMWrongTarget, says: "the provider appended the zone to it", change: "-aaaa._domainkey CNAME aaaa.dkim.amazonses.com" + want}},
		}, {
			what: "the zone of another region, with a key",
			file: file, live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key,
			want: []found{{check: DKIMOtherZone, subject: "aaaa", says: "the zone of eu-west-1 is dkim.amazonses.com", change: unchanged}},
			near: []*Check{DKIMWrongTarget, DKIMKeyMissing},
		}, {
			what: "the zone of another region, without a key",
			file: file, live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.",
			want: []found{{check: DKIMWrongTarget, says: "that is the DKIM zone of another region than eu-west-1", change: "-aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com." + want}},
			near: []*Check{DKIMOtherZone},
		}, {
			what: "the zone of another region, and no answer for the key",
			file: file, live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. TXT TIMEOUT",
			want: inconclusive(DKIMWrongTarget, DKIMOtherZone),
		}, {
			what: "a zone that the region does not have",
			file: file, live: "aaaa._domainkey CNAME aaaa.dkim.eu-west-1.amazonses.com.",
			want: []found{{check: DKIMWrongTarget, says: "eu-west-1 has no DKIM zone of its own"}},
		}, {
			what: "a region with a zone of its own",
			file: "region: eu-south-1, dkim: [aaaa]", live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key,
			near: []*Check{DKIMOtherZone, DKIMWrongTarget},
		}, {
			what: "the zone that the file names",
			file: "region: eu-west-1, dkim: {tokens: [aaaa], signing_hosted_zone: dkim.eu-south-1.amazonses.com}",
			live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key,
			near: []*Check{DKIMOtherZone},
		}, {
			what: "the zone of one of two identities with the same tokens",
			file: "identities: [{region: eu-west-1, dkim: [aaaa, bbbb]}, {region: eu-south-1, dkim: [BBBB, aaaa]}]",
			live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key + b + keyB,
			near: []*Check{DKIMOtherZone, DKIMWrongTarget},
		}, {
			what: "two identities that share one token",
			file: "identities: [{region: eu-west-1, dkim: [aaaa, bbbb]}, {region: eu-south-1, dkim: [aaaa, cccc]}]",
			live: a + keyA + b + keyB + "cccc._domainkey CNAME cccc.dkim.eu-south-1.amazonses.com.\ncccc.dkim.eu-south-1.amazonses.com. " + key,
			want: []found{{check: DKIMOtherZone, subject: "aaaa", says: "the zone of eu-south-1 is dkim.eu-south-1.amazonses.com"}},
		}, {
			what: "a region that the table does not know, with the zone that most share",
			file: "region: eu-west-9, dkim: [aaaa]", live: a + keyA,
			near: []*Check{DKIMWrongTarget, DKIMOtherZone},
		}, {
			what: "nothing, and a region that the table does not know",
			file: "region: eu-west-9, dkim: [aaaa]", live: no,
			want: []found{{check: DKIMMissing, change: unchanged}},
		}, {
			what: "whatever zone of SES, of a domain that is inspected",
			file: file, inspected: true, live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key,
			near: []*Check{DKIMWrongTarget},
		}, {
			what: "nothing, of a domain that is inspected",
			file: file, inspected: true, live: no,
			want: []found{{check: DKIMMissing, change: unchanged}},
		}, {
			what: "a target in capitals",
			file: "region: eu-west-1, dkim: [AAAA]", live: a + keyA,
			near: []*Check{DKIMWrongTarget},
		}, {
			what: "no key at all",
			file: three, live: a + b + c,
			want: []found{{check: DKIMKeyMissing, subject: "aaaa.dkim.amazonses.com", says: nobody + "aaaa.dkim.amazonses.com, bbbb.dkim.amazonses.com, cccc.dkim.amazonses.com", change: unchanged}},
			near: []*Check{DKIMKeyPartial, DKIMMissing},
		}, {
			what: "a revoked key",
			file: file, live: a + `aaaa.dkim.amazonses.com. TXT "p="`,
			want: []found{{check: DKIMKeyMissing}},
		}, {
			what: "a key of three",
			file: three, live: a + b + c + keyB,
			want: []found{
				{check: DKIMKeyPartial, subject: "aaaa.dkim.amazonses.com", says: nobody + "aaaa.dkim.amazonses.com; 1 of 3 tokens have one"},
				{check: DKIMKeyPartial, subject: "cccc.dkim.amazonses.com", change: unchanged},
			},
			near: []*Check{DKIMKeyMissing},
		}, {
			what: "a key of three, and no answer for another",
			file: three, live: a + b + c + keyB + "aaaa.dkim.amazonses.com. TXT TIMEOUT",
			want: []found{{check: DKIMKeyPartial, subject: "cccc.dkim.amazonses.com"}, {check: DKIMKeyPartial, open: true}},
			near: []*Check{DKIMKeyMissing},
		}, {
			what: "no key of two, and no answer for another",
			file: three, live: a + b + c + "aaaa.dkim.amazonses.com. TXT TIMEOUT",
			want: inconclusive(DKIMKeyMissing, DKIMKeyPartial),
		}, {
			what: "no key behind the only right CNAME",
			file: three, live: a + "bbbb._domainkey CNAME mail.example.net.",
			want: []found{{check: DKIMKeyMissing, subject: "aaaa.dkim.amazonses.com"}, {check: DKIMWrongTarget, subject: "bbbb"}, {check: DKIMMissing, subject: "cccc"}},
			near: []*Check{DKIMKeyPartial},
		}, {
			what: "no key behind a right CNAME, and no answer for another CNAME",
			file: "region: eu-west-1, dkim: [aaaa, bbbb]", live: a + "bbbb._domainkey TXT TIMEOUT\nbbbb._domainkey CNAME TIMEOUT",
			want: inconclusive(all...),
		}, {
			what: "at the name with the domain twice",
			file: file, live: "aaaa._domainkey.example.com CNAME aaaa.dkim.amazonses.com.",
			want: []found{{check: NameDoubled, change: "-aaaa._domainkey.example.com CNAME aaaa.dkim.amazonses.com." + want}},
		}, {
			what: "another target at the name with the domain twice",
			file: file, live: "aaaa._domainkey.example.com CNAME bbbb.dkim.amazonses.com.",
			want: []found{{check: DKIMMissing}},
			near: []*Check{NameDoubled},
		}, {
			what: "without _domainkey",
			file: file, live: "aaaa CNAME aaaa.dkim.amazonses.com.",
			want: []found{{check: DKIMMissing, says: "it stands at aaaa.example.com instead"}},
		}, {
			what: "with its labels swapped",
			file: file, live: "_domainkey.aaaa CNAME aaaa.dkim.amazonses.com.",
			want: []found{{check: DKIMMissing, says: "it stands at _domainkey.aaaa.example.com instead"}},
		}, {
			what: "without the underscore, and no answer without _domainkey",
			file: file, live: "aaaa.domainkey CNAME aaaa.dkim.amazonses.com.\naaaa CNAME TIMEOUT",
			want: []found{{check: DKIMMissing, says: "it stands at aaaa.domainkey.example.com instead"}},
		},
	})
}

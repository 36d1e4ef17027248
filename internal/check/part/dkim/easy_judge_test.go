package dkim

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

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
		nobody = "there is no key at "
	)
	all := []*finding.Check{Missing, WrongTarget, OtherZone, NotCNAME, KeyMissing, KeyPartial}
	judgetest.Judged(t, &EasyPart, []*finding.Check{part.NameDoubled}, []judgetest.Row{
		{
			What: "three CNAMEs and three keys",
			File: three, Live: a + b + c + keyA + keyB + keyC,
			Near: all,
		}, {
			What: "nothing",
			File: file, Live: no,
			Want: []judgetest.Found{{Check: Missing, Subject: "aaaa", Says: "no CNAME record at aaaa._domainkey.example.com", Change: want}},
			Near: []*finding.Check{part.NameDoubled, KeyMissing},
		}, {
			What: "one of three is missing",
			File: three, Live: a + c + keyA + keyB + keyC,
			Want: []judgetest.Found{{Check: Missing, Subject: "bbbb", Change: "+" + b}},
			Near: []*finding.Check{KeyPartial},
		}, {
			What: "the target as TXT",
			File: file, Live: "aaaa._domainkey TXT aaaa.dkim.amazonses.com",
			Want: []judgetest.Found{{Check: Missing, Says: "it contains the target, so its type should be CNAME", Change: "-aaaa._domainkey TXT aaaa.dkim.amazonses.com" + want}},
			Near: []*finding.Check{NotCNAME},
		}, {
			What: "a text that is no key",
			File: file, Live: `aaaa._domainkey TXT "v=spf1 -all"`,
			Want: []judgetest.Found{{Check: Missing, Says: "only a TXT record that is not a DKIM key", Change: `-aaaa._domainkey TXT "v=spf1 -all"` + want}},
		}, {
			What: "addresses",
			File: file, Live: "aaaa._domainkey A 192.0.2.1",
			Want: []judgetest.Found{{Check: Missing, Says: "the provider proxies or flattens it", Change: "-aaaa._domainkey A 192.0.2.1" + want}},
		}, {
			What: "nothing, and no answer for addresses",
			File: file, Live: "aaaa._domainkey A TIMEOUT",
			Want: []judgetest.Found{{Check: Missing}},
		}, {
			What: "the key as TXT",
			File: file, Live: "aaaa._domainkey " + key,
			Want: []judgetest.Found{{Check: NotCNAME, Says: "is a TXT record with a key, not a CNAME to aaaa.dkim.amazonses.com", Change: "-aaaa._domainkey " + key + "+" + a}},
			Near: []*finding.Check{Missing},
		}, {
			What: "a revoked key as TXT",
			File: file, Live: `aaaa._domainkey TXT "p="`,
			Want: []judgetest.Found{{Check: Missing}},
			Near: []*finding.Check{NotCNAME},
		}, {
			What: "no answer",
			File: file, Live: "aaaa._domainkey TXT TIMEOUT\naaaa._domainkey CNAME TIMEOUT",
			Want: judgetest.Inconclusive(all...),
		}, {
			What: "no answer for TXT, and no CNAME",
			File: file, Live: "aaaa._domainkey TXT TIMEOUT",
			Want: judgetest.Inconclusive(Missing, NotCNAME),
			Near: []*finding.Check{WrongTarget},
		}, {
			What: "no answer for the CNAME, and no key",
			File: file, Live: "aaaa._domainkey CNAME TIMEOUT",
			Want: judgetest.Inconclusive(all...),
		}, {
			What: "another host",
			File: file, Live: "aaaa._domainkey CNAME mail.example.net.\nexample.net. TXT x",
			Want: []judgetest.Found{{Check: WrongTarget, Subject: "aaaa", Says: "points to mail.example.net instead of aaaa.dkim.amazonses.com\n\n", Change: "-aaaa._domainkey CNAME mail.example.net." + want}},
		}, {
			What: "the zone of another region, with the domain appended",
			File: file, Live: "aaaa._domainkey CNAME aaaa.dkim.af-south-1.amazonses.com",
			Want: []judgetest.Found{{Check: WrongTarget, Says: ": the provider appended the zone to it; without that, dkim.af-south-1.amazonses.com is not the DKIM zone of eu-west-1", Change: "-aaaa._domainkey CNAME aaaa.dkim.af-south-1.amazonses.com" + want}},
		}, {
			What: "the shared zone, with the domain appended, where the region has its own",
			File: "region: af-south-1, dkim: [aaaa]", Live: "aaaa._domainkey CNAME aaaa.dkim.amazonses.com",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "without that, dkim.amazonses.com is not the DKIM zone of af-south-1"}},
		}, {
			What: "the region in the zone, with the domain appended",
			File: file, Live: "aaaa._domainkey CNAME aaaa.dkim.eu-west-1.amazonses.com",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "without that, eu-west-1 has no DKIM zone of its own"}},
		}, {
			What: "another token, with the domain appended",
			File: file, Live: "aaaa._domainkey CNAME bbbb.dkim.amazonses.com",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "without that, the target belongs to another token"}},
		}, {
			What: "another name of SES, with the domain appended",
			File: file, Live: "aaaa._domainkey CNAME aaaa.keys.amazonses.com",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "without that, keys.amazonses.com is not a DKIM zone of SES"}},
		}, {
			What: "the zone of the second region of a replica, with the domain appended",
			File: "identities: [{region: eu-west-1, dkim: [aaaa]}, {region: af-south-1, dkim: [aaaa]}]", Live: "aaaa._domainkey CNAME aaaa.dkim.af-south-1.amazonses.com",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "without that, it is right; end the value with a dot"}},
		}, {
			What: "another name of the domain",
			File: file, Live: "aaaa._domainkey CNAME aaaa.keys",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "the token is right, but keys.example.com is not a DKIM zone of SES"}},
		}, {
			What: "a host in a domain that nobody has registered",
			File: file, Live: "aaaa._domainkey CNAME mail.lapsed.test.",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "nobody has registered lapsed.test: anybody can register it and take over aaaa._domainkey.example.com", Change: "-aaaa._domainkey CNAME mail.lapsed.test." + want}},
		}, {
			What: "another host that has a key",
			File: file, Live: "aaaa._domainkey CNAME mail.example.net.\nmail.example.net. " + key,
			Want: []judgetest.Found{{Check: WrongTarget, Says: "signatures verify as long as the other name leads to the right key"}},
			Near: []*finding.Check{NotCNAME, OtherZone},
		}, {
			What: "the token below a name that is no zone of SES",
			File: file, Live: "aaaa._domainkey CNAME aaaa.dkim.example.net.",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "the token is right, but dkim.example.net is not a DKIM zone of SES"}},
		}, {
			What: "another token",
			File: file, Live: "aaaa._domainkey CNAME bbbb.dkim.amazonses.com.\n" + keyB,
			Want: []judgetest.Found{{Check: WrongTarget, Says: "the target belongs to another token"}},
			Near: []*finding.Check{OtherZone},
		}, {
			What: "the token without its end",
			File: file, Live: "aaaa._domainkey CNAME aaa.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "the end of the token is missing"}},
		}, {
			What: "two thirds of a token",
			File: "region: eu-west-1, dkim: [abcdef]", Live: "abcdef._domainkey CNAME abcd.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "the end of the token is missing"}},
		}, {
			What: "less than two thirds of a token",
			File: "region: eu-west-1, dkim: [abcdef]", Live: "abcdef._domainkey CNAME abc.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "the target belongs to another token"}},
		}, {
			What: "the token without its beginning",
			File: "region: eu-west-1, dkim: [abcd]", Live: "abcd._domainkey CNAME bcd.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "the beginning of the token is missing"}},
		}, {
			What: "another of the file's, which is the beginning of this one",
			File: "region: eu-west-1, dkim: [abcd, abc]", Live: "abcd._domainkey CNAME abc.dkim.amazonses.com.\nabc._domainkey CNAME abc.dkim.amazonses.com.\nabc.dkim.amazonses.com. " + key,
			Want: []judgetest.Found{{Check: WrongTarget, Subject: "abcd", Says: "the target belongs to another token"}},
		}, {
			What: "the target with the zone behind it",
			File: file, Live: "aaaa._domainkey CNAME aaaa.dkim.amazonses.com",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "the provider appended the zone to it", Change: "-aaaa._domainkey CNAME aaaa.dkim.amazonses.com" + want}},
		}, {
			What: "the zone of another region, with a key",
			File: file, Live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key,
			Want: []judgetest.Found{{Check: OtherZone, Subject: "aaaa", Says: "the DKIM zone of eu-west-1 is dkim.amazonses.com", Change: judgetest.Unchanged}},
			Near: []*finding.Check{WrongTarget, KeyMissing},
		}, {
			What: "the zone of another region, without a key",
			File: file, Live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "that is not the DKIM zone of eu-west-1", Change: "-aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com." + want}},
			Near: []*finding.Check{OtherZone},
		}, {
			What: "the zone of another region, and no answer for the key",
			File: file, Live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. TXT TIMEOUT",
			Want: judgetest.Inconclusive(WrongTarget, OtherZone),
		}, {
			What: "a zone that the region does not have",
			File: file, Live: "aaaa._domainkey CNAME aaaa.dkim.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: WrongTarget, Says: "eu-west-1 has no DKIM zone of its own"}},
		}, {
			What: "a region with a zone of its own",
			File: "region: eu-south-1, dkim: [aaaa]", Live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key,
			Near: []*finding.Check{OtherZone, WrongTarget},
		}, {
			What: "the zone that the file names",
			File: "region: eu-west-1, dkim: {tokens: [aaaa], signing_hosted_zone: dkim.eu-south-1.amazonses.com}",
			Live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key,
			Near: []*finding.Check{OtherZone},
		}, {
			What: "the zone of one of two identities with the same tokens",
			File: "identities: [{region: eu-west-1, dkim: [aaaa, bbbb]}, {region: eu-south-1, dkim: [BBBB, aaaa]}]",
			Live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key + b + keyB,
			Near: []*finding.Check{OtherZone, WrongTarget},
		}, {
			What: "two identities that share one token",
			File: "identities: [{region: eu-west-1, dkim: [aaaa, bbbb]}, {region: eu-south-1, dkim: [aaaa, cccc]}]",
			Live: a + keyA + b + keyB + "cccc._domainkey CNAME cccc.dkim.eu-south-1.amazonses.com.\ncccc.dkim.eu-south-1.amazonses.com. " + key,
			Want: []judgetest.Found{{Check: OtherZone, Subject: "aaaa", Says: "the DKIM zone of eu-south-1 is dkim.eu-south-1.amazonses.com"}},
		}, {
			What: "a region that the table does not know, with the zone that most share",
			File: "region: eu-west-9, dkim: [aaaa]", Live: a + keyA,
			Near: []*finding.Check{WrongTarget, OtherZone},
		}, {
			What: "nothing, and a region that the table does not know",
			File: "region: eu-west-9, dkim: [aaaa]", Live: no,
			Want: []judgetest.Found{{Check: Missing, Change: judgetest.Unchanged}},
		}, {
			What: "whatever zone of SES, of a domain that is inspected",
			File: file, Inspected: true, Live: "aaaa._domainkey CNAME aaaa.dkim.eu-south-1.amazonses.com.\naaaa.dkim.eu-south-1.amazonses.com. " + key,
			Near: []*finding.Check{WrongTarget},
		}, {
			What: "nothing, of a domain that is inspected",
			File: file, Inspected: true, Live: no,
			Want: []judgetest.Found{{Check: Missing, Change: judgetest.Unchanged}},
		}, {
			What: "a target in capitals",
			File: "region: eu-west-1, dkim: [AAAA]", Live: a + keyA,
			Near: []*finding.Check{WrongTarget},
		}, {
			What: "no key at all",
			File: three, Live: a + b + c,
			Want: []judgetest.Found{{Check: KeyMissing, Subject: "aaaa.dkim.amazonses.com", Says: nobody + "aaaa.dkim.amazonses.com, bbbb.dkim.amazonses.com, cccc.dkim.amazonses.com", Change: judgetest.Unchanged}},
			Near: []*finding.Check{KeyPartial, Missing},
		}, {
			What: "a revoked key",
			File: file, Live: a + `aaaa.dkim.amazonses.com. TXT "p="`,
			Want: []judgetest.Found{{Check: KeyMissing}},
		}, {
			What: "a key of three",
			File: three, Live: a + b + c + keyB,
			Want: []judgetest.Found{
				{Check: KeyPartial, Subject: "aaaa.dkim.amazonses.com", Says: nobody + "aaaa.dkim.amazonses.com; 1 of 3 tokens have a key"},
				{Check: KeyPartial, Subject: "cccc.dkim.amazonses.com", Change: judgetest.Unchanged},
			},
			Near: []*finding.Check{KeyMissing},
		}, {
			What: "a key of three, and no answer for another",
			File: three, Live: a + b + c + keyB + "aaaa.dkim.amazonses.com. TXT TIMEOUT",
			Want: []judgetest.Found{{Check: KeyPartial, Subject: "cccc.dkim.amazonses.com"}, {Check: KeyPartial, Open: true}},
			Near: []*finding.Check{KeyMissing},
		}, {
			What: "no key of two, and no answer for another",
			File: three, Live: a + b + c + "aaaa.dkim.amazonses.com. TXT TIMEOUT",
			Want: judgetest.Inconclusive(KeyMissing, KeyPartial),
		}, {
			What: "no key behind the only right CNAME",
			File: three, Live: a + "bbbb._domainkey CNAME mail.example.net.",
			Want: []judgetest.Found{{Check: KeyMissing, Subject: "aaaa.dkim.amazonses.com"}, {Check: WrongTarget, Subject: "bbbb"}, {Check: Missing, Subject: "cccc"}},
			Near: []*finding.Check{KeyPartial},
		}, {
			What: "no key behind a right CNAME, and no answer for another CNAME",
			File: "region: eu-west-1, dkim: [aaaa, bbbb]", Live: a + "bbbb._domainkey TXT TIMEOUT\nbbbb._domainkey CNAME TIMEOUT",
			Want: judgetest.Inconclusive(all...),
		}, {
			What: "at the name with the domain twice",
			File: file, Live: "aaaa._domainkey.example.com CNAME aaaa.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: "-aaaa._domainkey.example.com CNAME aaaa.dkim.amazonses.com." + want}},
		}, {
			What: "at the name with the domain twice, and the domain behind its target",
			File: file, Live: "aaaa._domainkey.example.com CNAME aaaa.dkim.amazonses.com",
			Want: []judgetest.Found{{Check: part.NameDoubled, Says: "also to its value", Change: "-aaaa._domainkey.example.com CNAME aaaa.dkim.amazonses.com" + want}},
			Near: []*finding.Check{Missing},
		}, {
			What: "another target at the name with the domain twice",
			File: file, Live: "aaaa._domainkey.example.com CNAME bbbb.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: Missing}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "without _domainkey",
			File: file, Live: "aaaa CNAME aaaa.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at aaaa.example.com instead", Change: "-aaaa CNAME aaaa.dkim.amazonses.com." + want}},
		}, {
			What: "without the token",
			File: file, Live: "_domainkey CNAME aaaa.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at _domainkey.example.com instead", Change: "-_domainkey CNAME aaaa.dkim.amazonses.com." + want}},
		}, {
			What:   "under the domain above",
			Domain: "mail.example.com", File: file, Live: "mail A 192.0.2.1\n" + a,
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at aaaa._domainkey.example.com instead", Change: "-" + a + "+aaaa._domainkey.mail CNAME aaaa.dkim.amazonses.com."}},
		}, {
			What: "with its labels swapped",
			File: file, Live: "_domainkey.aaaa CNAME aaaa.dkim.amazonses.com.",
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at _domainkey.aaaa.example.com instead", Change: "-_domainkey.aaaa CNAME aaaa.dkim.amazonses.com." + want}},
		}, {
			What: "without the underscore, and no answer without _domainkey",
			File: file, Live: "aaaa.domainkey CNAME aaaa.dkim.amazonses.com.\naaaa CNAME TIMEOUT",
			Want: []judgetest.Found{{Check: Missing, Says: "it stands at aaaa.domainkey.example.com instead", Change: "-aaaa.domainkey CNAME aaaa.dkim.amazonses.com." + want}},
		},
	})
}

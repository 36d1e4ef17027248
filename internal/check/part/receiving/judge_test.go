package receiving

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

func TestJudgeReceiving(t *testing.T) {
	t.Parallel()
	const (
		file = "region: eu-west-1, receiving: true"
		host = "region: eu-west-1, receiving: {host: abc123.fips.wmjb.mail-manager-smtp.amazonaws.com}"
		want = "\n+@ MX 10 inbound-smtp.eu-west-1.amazonaws.com."
	)
	judgetest.Judged(t, &Part, []*finding.Check{part.NameDoubled}, []judgetest.Row{
		{
			What: "the region's inbound host",
			File: file, Live: "@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Near: []*finding.Check{MXMissing, MXWrong, Region},
		}, {
			What: "the inbound host before a backup",
			File: file, Live: "@ MX 20 mail.example.net.\n@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Near: []*finding.Check{MXWrong},
		}, {
			What: "the inbound host behind another",
			File: file, Live: "@ MX 10 mail.example.net.\n@ MX 20 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "mail.example.net is tried before inbound-smtp.eu-west-1.amazonaws.com, or as often", Change: judgetest.Unchanged}},
		}, {
			What: "the inbound host beside a mailbox provider, as often",
			File: file, Live: "@ MX 1 aspmx.l.google.com.\n@ MX 1 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "Decide which host should receive the mail first", Change: judgetest.Unchanged}},
		}, {
			What: "the inbound host twice, before and behind another",
			File: file, Live: "@ MX 5 inbound-smtp.eu-west-1.amazonaws.com.\n@ MX 10 mail.example.net.\n@ MX 20 inbound-smtp.eu-west-1.amazonaws.com.",
			Near: []*finding.Check{MXWrong},
		}, {
			What: "the inbound host behind that of a region that the file does not list",
			File: file, Live: "@ MX 5 inbound-smtp.us-east-1.amazonaws.com.\n@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "inbound-smtp.us-east-1.amazonaws.com is tried before", Change: judgetest.Unchanged}},
		}, {
			What: "the inbound hosts of two identities",
			File: "identities: [{region: eu-west-1, receiving: true}, {region: us-east-1, receiving: true}]",
			Live: "@ MX 10 inbound-smtp.us-east-1.amazonaws.com.\n@ MX 20 inbound-smtp.eu-west-1.amazonaws.com.",
			Near: []*finding.Check{MXWrong},
		}, {
			What: "the host that programs send to before the inbound host",
			File: file, Live: "@ MX 10 email-smtp.eu-west-1.amazonaws.com.\n@ MX 20 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "a host that refuses mail for example.com is tried before inbound-smtp.eu-west-1.amazonaws.com, or as often: email-smtp.eu-west-1.amazonaws.com is the SMTP endpoint", Change: "-@ MX 10 email-smtp.eu-west-1.amazonaws.com."}},
		}, {
			What: "the host for MAIL FROM as often as the inbound host",
			File: file, Live: "@ MX 10 feedback-smtp.eu-west-1.amazonses.com.\n@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "is the host for MAIL FROM domains", Change: "-@ MX 10 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			What: "the host that programs send to behind the inbound host",
			File: file, Live: "@ MX 20 email-smtp.eu-west-1.amazonaws.com.\n@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "1 MX record of example.com has no use: email-smtp.eu-west-1.amazonaws.com is the SMTP endpoint", Change: "-@ MX 20 email-smtp.eu-west-1.amazonaws.com."}},
		}, {
			What: "the inbound host with the zone behind it, before the right one",
			File: file, Live: "@ MX 5 inbound-smtp.eu-west-1.amazonaws.com\n@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "has no use: the provider appended the zone", Change: "-@ MX 5 inbound-smtp.eu-west-1.amazonaws.com"}},
		}, {
			What: "a null MX before the inbound host",
			File: file, Live: "@ MX 0 .\n@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "example.com has a null MX beside other MX records, and RFC 7505 allows it only alone", Change: "-@ MX 0 ."}},
		}, {
			What: "a null MX behind the inbound host, and a host before it",
			File: file, Live: "@ MX 50 .\n@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.\n@ MX 5 mail.example.net.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "; mail.example.net is tried before", Change: "-@ MX 50 ."}},
		}, {
			What: "a host before the ingress endpoint that the file names",
			File: host, Live: "@ MX 10 abc123.fips.wmjb.mail-manager-smtp.amazonaws.com.\n@ MX 5 inbound-smtp.us-east-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "inbound-smtp.us-east-1.amazonaws.com is tried before abc123"}},
		}, {
			What: "an IP address",
			File: file, Live: "@ MX 10 192.0.2.1.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "that is an IP address, and an MX record needs the name of a host", Change: "-@ MX 10 192.0.2.1." + want}},
		}, {
			What: "an IP address with the zone behind it",
			File: file, Live: "@ MX 10 192.0.2.1",
			Want: []judgetest.Found{{Check: MXWrong, Says: "without that, that is an IP address"}},
		}, {
			What: "a host without its region",
			File: file, Live: "@ MX 10 inbound-smtp.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: ": the region is missing from inbound-smtp.amazonaws.com"}},
		}, {
			What: "a host whose region was never filled in",
			File: file, Live: "@ MX 10 inbound-smtp.undefined.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: `: "undefined" in inbound-smtp.undefined.amazonaws.com is not a region`}},
		}, {
			What: "a host whose region is misspelt",
			File: file, Live: "@ MX 10 inbound-smtp.eu-west1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: `: "eu-west1" in inbound-smtp.eu-west1.amazonaws.com is not a region`}},
		}, {
			What: "the host of another region with the zone behind it",
			File: file, Live: "@ MX 10 inbound-smtp.us-east-1.amazonaws.com",
			Want: []judgetest.Found{{Check: MXWrong, Says: "appended the zone to it; without that, inbound-smtp.us-east-1.amazonaws.com is in another region than eu-west-1"}},
		}, {
			What: "the host that programs send to with the zone behind it",
			File: file, Live: "@ MX 10 email-smtp.us-east-1.amazonaws.com",
			Want: []judgetest.Found{{Check: MXWrong, Says: "without that, email-smtp.us-east-1.amazonaws.com is the SMTP endpoint"}},
		}, {
			What: "no MX",
			File: file, Live: "@ A 192.0.2.1",
			Want: []judgetest.Found{{Check: MXMissing, Says: "example.com has no MX record", Change: want}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "no answer",
			File: file, Live: "@ MX TIMEOUT",
			Want: judgetest.Inconclusive(MXMissing, MXWrong),
		}, {
			What: "the MX at the domain twice",
			File: file, Live: "example.com MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: part.NameDoubled, Says: "stands at example.com.example.com", Change: "-example.com MX 10 inbound-smtp.eu-west-1.amazonaws.com." + want}},
		}, {
			What: "the MX at the domain twice, and the domain behind its host, beside another MX",
			File: file, Live: "example.com MX 10 inbound-smtp.eu-west-1.amazonaws.com\nexample.com MX 20 mail.example.net.",
			Want: []judgetest.Found{{Check: part.NameDoubled, Says: "also to its value", Change: "-example.com MX 10 inbound-smtp.eu-west-1.amazonaws.com" + want}},
		}, {
			What: "another MX at the domain twice",
			File: file, Live: "example.com MX 10 mail.example.net.",
			Want: []judgetest.Found{{Check: MXMissing}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "no answer at the domain twice",
			File: file, Live: "example.com MX TIMEOUT",
			Want: []judgetest.Found{{Check: MXMissing}, {Check: part.NameDoubled, Open: true}},
		}, {
			What: "the host of another region",
			File: file, Live: "@ MX 10 inbound-smtp.us-east-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "is in another region than eu-west-1", Change: "-@ MX 10 inbound-smtp.us-east-1.amazonaws.com." + want}},
		}, {
			What: "the host for MAIL FROM",
			File: file, Live: "@ MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "is the host for MAIL FROM domains", Change: "-@ MX 10 feedback-smtp.eu-west-1.amazonses.com." + want}},
		}, {
			What: "the host that programs send to, with FIPS",
			File: file, Live: "@ MX 10 email-smtp-fips.us-east-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "is the SMTP endpoint, which sends mail", Change: "-@ MX 10 email-smtp-fips.us-east-1.amazonaws.com." + want}},
		}, {
			What: "the endpoint of the API",
			File: file, Live: "@ MX 10 email.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "is the endpoint of the API, which receives no mail", Change: "-@ MX 10 email.eu-west-1.amazonaws.com." + want}},
		}, {
			What: "a null MX",
			File: file, Live: "@ MX 0 .",
			Want: []judgetest.Found{{Check: MXWrong, Says: "a null MX (RFC 7505) says that the domain accepts no mail", Change: "-@ MX 0 ." + want}},
		}, {
			What: "the preference in the host, of another region",
			File: file, Live: `@ MX 10 10\032inbound-smtp.us-east-1.amazonaws.com.`,
			Want: []judgetest.Found{{Check: MXWrong, Says: "the preference was typed into the host; it has its own field; without it, inbound-smtp.us-east-1.amazonaws.com is in another region than eu-west-1", Change: `-@ MX 10 10\032inbound-smtp.us-east-1.amazonaws.com.` + want}},
		}, {
			What: "the host that programs send to",
			File: file, Live: "@ MX 10 email-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "is the SMTP endpoint, which sends mail", Change: "-@ MX 10 email-smtp.eu-west-1.amazonaws.com." + want}},
		}, {
			What: "the suffix of MAIL FROM",
			File: file, Live: "@ MX 10 inbound-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "the suffix of inbound hosts is amazonaws.com", Change: "-@ MX 10 inbound-smtp.eu-west-1.amazonses.com." + want}},
		}, {
			What: "the host with the zone behind it",
			File: file, Live: "@ MX 10 inbound-smtp.eu-west-1.amazonaws.com",
			Want: []judgetest.Found{{Check: MXWrong, Says: "the provider appended the zone", Change: "-@ MX 10 inbound-smtp.eu-west-1.amazonaws.com" + want}},
		}, {
			What: "a null MX",
			File: file, Live: "@ MX 0 .",
			Want: []judgetest.Found{{Check: MXWrong, Change: "-@ MX 0 ." + want}},
		}, {
			What: "another who takes the mail",
			File: file, Live: "@ MX 10 mail.example.net.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "Mail for example.com goes to mail.example.net now. Decide who should receive it", Change: judgetest.Unchanged}},
		}, {
			What: "an ingress endpoint of Mail Manager, where the region's host is wanted",
			File: file, Live: "@ MX 10 abc123.fips.wmjb.mail-manager-smtp.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "is an ingress endpoint of Mail Manager", Change: judgetest.Unchanged}},
		}, {
			What: "the ingress endpoint that the file names",
			File: host, Live: "@ MX 10 abc123.fips.wmjb.mail-manager-smtp.amazonaws.com.",
			Near: []*finding.Check{MXWrong, Region},
		}, {
			What: "the host of a region, where an endpoint is wanted",
			File: host, Live: "@ MX 10 inbound-smtp.us-east-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "no MX of example.com is abc123"}},
		}, {
			What: "a region without receiving",
			File: "region: eu-central-2, receiving: true", Live: "@ MX 10 inbound-smtp.eu-central-2.amazonaws.com.",
			Want: []judgetest.Found{{Check: Region, Subject: "eu-central-2", Says: "SES is not known to receive mail in eu-central-2"}},
			Near: []*finding.Check{MXWrong},
		}, {
			What: "a region without receiving, and no MX",
			File: "region: eu-central-2, receiving: true",
			Want: []judgetest.Found{{Check: Region}, {Check: MXMissing, Says: "Receive in another region", Change: judgetest.Unchanged}},
		}, {
			What: "a region without receiving, and another who takes the mail",
			File: "region: eu-central-2, receiving: true", Live: "@ MX 10 mail.example.net.",
			Want: []judgetest.Found{{Check: Region}, {Check: MXWrong, Says: "Receive in another region", Change: judgetest.Unchanged}},
		}, {
			What: "a region that the table does not know",
			File: "region: eu-west-9, receiving: true", Live: "@ A 192.0.2.1",
			Want: []judgetest.Found{{Check: MXMissing, Change: judgetest.Unchanged}},
			Near: []*finding.Check{Region},
		},
	})
}

package mailfrom

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
)

func TestJudgeMailFrom(t *testing.T) {
	t.Parallel()
	const (
		file   = "region: eu-west-1, mail_from: bounce"
		reject = "region: eu-west-1, mail_from: {name: bounce, on_mx_failure: reject}"
		right  = "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com."
		want   = "\n+" + right
	)
	judgetest.Judged(t, &Part, []*finding.Check{part.NameDoubled}, []judgetest.Row{
		{
			What: "the MX",
			File: file, Live: right,
			Near: []*finding.Check{MXMissing, MXMultiple, MXWrong, MXPreference, CNAME},
		}, {
			What: "no answer",
			File: file, Live: "bounce MX TIMEOUT",
			Want: judgetest.Inconclusive(MXMissing, MXMultiple, MXWrong, MXPreference, CNAME),
		}, {
			What: "no MX",
			File: file, Live: "bounce TXT \"v=spf1 include:amazonses.com -all\"",
			Want: []judgetest.Found{{Check: MXMissing, Says: "mail goes out as amazonses.com, and SPF no longer aligns", Change: want}},
			Near: []*finding.Check{part.NameDoubled},
		}, {
			What: "no MX, and on_mx_failure: reject",
			File: reject, Live: "www A 192.0.2.1",
			Want: []judgetest.Found{{Check: MXMissing, Says: "SES refuses to send (MailFromDomainNotVerified)", Change: want}},
		}, {
			What: "the MX at the domain itself",
			File: file, Live: "@ MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXMissing, Says: "it stands at example.com itself", Change: want}},
		}, {
			What:   "the MX below the parent domain",
			Domain: "mail.example.com",
			File:   file, Live: right,
			Want: []judgetest.Found{{Check: MXMissing, Says: "it stands at bounce.example.com instead", Change: "+bounce.mail MX 10 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			What:   "a wildcard's MX below the parent domain",
			Domain: "mail.example.com",
			File:   file, Live: "* MX 10 feedback-smtp.eu-west-1.amazonses.com.\nmail A 192.0.2.1",
			Want: []judgetest.Found{{Check: MXMissing, Says: "bounce.mail.example.com has no MX record\n"}},
		}, {
			What:   "an MX of another region below the parent domain",
			Domain: "mail.example.com",
			File:   file, Live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXMissing, Change: "+bounce.mail MX 10 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			What: "the name is a zone of its own",
			File: file, Live: "bounce NS ns1.example.net.\nbounce NS ns2.example.net.",
			Want: []judgetest.Found{{Check: MXMissing, Says: "the name is a zone of its own, delegated to ns1.example.net, ns2.example.net"}},
		}, {
			What: "no answer to the questions that would explain it",
			File: file, Live: "@ MX TIMEOUT\nbounce NS TIMEOUT",
			Want: []judgetest.Found{{Check: MXMissing}},
		}, {
			What: "at the name with the domain twice",
			File: file, Live: "bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: part.NameDoubled, Change: "-bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com." + want}},
		}, {
			What: "at the name with the domain twice, and the domain behind its host",
			File: file, Live: "bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com",
			Want: []judgetest.Found{{Check: part.NameDoubled, Says: "also to its value", Change: "-bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com" + want}},
			Near: []*finding.Check{MXMissing},
		}, {
			What: "a CNAME to nothing",
			File: file, Live: "bounce CNAME gone.example.net.\nexample.net. TXT x",
			Want: []judgetest.Found{{Check: CNAME, Says: "bounce.example.com is a CNAME to gone.example.net\n\n"}, {Check: MXMissing, Says: "delete that first", Change: judgetest.Unchanged}},
		}, {
			What: "a CNAME into a domain that nobody has registered",
			File: file, Live: "bounce CNAME x.lapsed.test.",
			Want: []judgetest.Found{{Check: CNAME, Says: "nobody has registered lapsed.test: anybody can register it and take over bounce.example.com"}, {Check: MXMissing, Change: judgetest.Unchanged}},
		}, {
			What: "a wildcard's CNAME to nothing",
			File: file, Live: "* CNAME gone.example.net.",
			Want: []judgetest.Found{{Check: MXMissing, Says: "bounce.example.com has no MX record", Change: want}},
			Near: []*finding.Check{CNAME},
		}, {
			What: "a wildcard's CNAME to another MX",
			File: file, Live: "* CNAME www.example.net.\nwww.example.net. MX 10 mx.example.net.",
			Want: []judgetest.Found{{Check: MXWrong, Change: want}},
			Near: []*finding.Check{CNAME},
		}, {
			What: "a wildcard's CNAME to the MX",
			File: file, Live: "* CNAME mail.example.net.\nmail.example.net. MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: CNAME, Says: "bounce.example.com has no MX record of its own; the CNAME of a wildcard leads to the one of mail.example.net", Change: want}},
		}, {
			What: "a CNAME beside a wildcard's",
			File: file, Live: "* CNAME www.example.net.\nbounce CNAME gone.example.net.",
			Want: []judgetest.Found{{Check: CNAME, Says: "bounce.example.com is a CNAME to gone.example.net"}, {Check: MXMissing, Says: "delete that first", Change: judgetest.Unchanged}},
		}, {
			What: "a CNAME to the MX",
			File: file, Live: "bounce CNAME mail.example.net.\nmail.example.net. MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: CNAME}},
			Near: []*finding.Check{MXMissing, MXWrong},
		}, {
			What: "a CNAME to another MX",
			File: file, Live: "bounce CNAME mail.example.net.\nmail.example.net. MX 10 feedback-smtp.us-east-1.amazonses.com.",
			Want: []judgetest.Found{{Check: CNAME}, {Check: MXWrong, Change: judgetest.Unchanged}},
		}, {
			What: "a CNAME to no answer",
			File: file, Live: "bounce CNAME mail.example.net.\nmail.example.net. MX TIMEOUT",
			Want: judgetest.Inconclusive(MXMissing, MXMultiple, MXWrong, MXPreference, CNAME),
		}, {
			What: "another preference",
			File: file, Live: "bounce MX 20 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXPreference, Says: "has preference 20", Change: "-bounce MX 20 feedback-smtp.eu-west-1.amazonses.com." + want}},
			Near: []*finding.Check{MXWrong},
		}, {
			What: "another host",
			File: file, Live: "bounce MX 10 mail.example.net.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "Leave its MX records as they are and choose another MAIL FROM name", Change: judgetest.Unchanged}},
		}, {
			What: "another region",
			File: file, Live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "it is in region us-east-1, not eu-west-1", Change: "-bounce MX 10 feedback-smtp.us-east-1.amazonses.com." + want}},
		}, {
			What: "another suffix",
			File: file, Live: "bounce MX 10 feedback-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "the suffix of feedback hosts is amazonses.com", Change: "-bounce MX 10 feedback-smtp.eu-west-1.amazonaws.com." + want}},
		}, {
			What: "the inbound host",
			File: file, Live: "bounce MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "that is the host for receiving mail", Change: "-bounce MX 10 inbound-smtp.eu-west-1.amazonaws.com." + want}},
		}, {
			What: "the inbound host behind SES's",
			File: file, Live: right + "\nbounce MX 20 inbound-smtp.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXMultiple, Says: "receives mail at inbound-smtp.eu-west-1.amazonaws.com, and a MAIL FROM domain must not receive mail", Change: judgetest.Unchanged}},
		}, {
			What: "the inbound host of another region, tried as soon as SES's",
			File: file, Live: right + "\nbounce MX 10 inbound-smtp.us-east-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXMultiple, Says: "choose another MAIL FROM name", Change: judgetest.Unchanged}},
		}, {
			What: "an ingress endpoint of Mail Manager behind SES's host",
			File: file, Live: right + "\nbounce MX 20 abc.x.mail-manager-smtp.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXMultiple, Says: "receives mail at abc.x.mail-manager-smtp.amazonaws.com", Change: judgetest.Unchanged}},
		}, {
			What: "an ingress endpoint of Mail Manager alone",
			File: file, Live: "bounce MX 10 abc.x.mail-manager-smtp.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "choose another MAIL FROM name", Change: judgetest.Unchanged}},
		}, {
			What: "inbound hosts of two regions",
			File: file, Live: "bounce MX 10 inbound-smtp.eu-west-1.amazonaws.com.\nbounce MX 20 inbound-smtp.us-east-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXMultiple, Change: "-bounce MX 10 inbound-smtp.eu-west-1.amazonaws.com.\n-bounce MX 20 inbound-smtp.us-east-1.amazonaws.com." + want}},
		}, {
			What: "the host of another region with the zone behind it",
			File: file, Live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com",
			Want: []judgetest.Found{{Check: MXWrong, Says: "the provider appended the zone to it; without that, it is in region us-east-1, not eu-west-1", Change: "-bounce MX 10 feedback-smtp.us-east-1.amazonses.com" + want}},
		}, {
			What: "another suffix and region, with the zone behind them",
			File: file, Live: "bounce MX 10 feedback-smtp.us-east-1.amazonaws.com",
			Want: []judgetest.Found{{Check: MXWrong, Says: "appended the zone to it; without that, the suffix of feedback hosts is amazonses.com; amazonaws.com is for receiving; it is in region us-east-1"}},
		}, {
			What: "the preference in the host of another region, with the zone behind it",
			File: file, Live: `bounce MX 0 10\032feedback-smtp.us-east-1.amazonses.com`,
			Want: []judgetest.Found{{Check: MXWrong, Says: "the preference was typed into the host; it has its own field; without it, the provider appended the zone to it; without that, it is in region us-east-1"}},
		}, {
			What: "an IP address with the zone behind it",
			File: file, Live: "bounce MX 10 192.0.2.25",
			Want: []judgetest.Found{{Check: MXWrong, Says: "appended the zone to it; without that, that is an IP address", Change: "-bounce MX 10 192.0.2.25" + want}},
		}, {
			What: "a host of the domain's own with the word of an endpoint",
			File: file, Live: "bounce MX 10 email",
			Want: []judgetest.Found{{Check: MXWrong, Says: "receives mail at email.example.com", Change: judgetest.Unchanged}},
		}, {
			What: "no region in the host",
			File: file, Live: "bounce MX 10 feedback-smtp.amazonses.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "the region is missing from it"}},
		}, {
			What: "no region where it belongs",
			File: file, Live: "bounce MX 10 feedback-smtp.europe.amazonses.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "is not a region"}},
		}, {
			What: "a null MX",
			File: file, Live: "bounce MX 0 .",
			Want: []judgetest.Found{{Check: MXWrong, Says: "a null MX (RFC 7505)", Change: "-bounce MX 0 ." + want}},
		}, {
			What: "an IP address",
			File: file, Live: "bounce MX 10 192.0.2.25.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "an MX record needs the name of a host", Change: "-bounce MX 10 192.0.2.25." + want}},
		}, {
			What: "the host with the zone behind it",
			File: file, Live: "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com",
			Want: []judgetest.Found{{Check: MXWrong, Says: "the provider appended the zone to it", Change: "-bounce MX 10 feedback-smtp.eu-west-1.amazonses.com" + want}},
		}, {
			What: "the preference in the host",
			File: file, Live: `bounce MX 10 10\032feedback-smtp.eu-west-1.amazonses.com.`,
			Want: []judgetest.Found{{Check: MXWrong, Says: "the preference was typed into the host"}},
		}, {
			What: "the preference in the host, of another region",
			File: file, Live: `bounce MX 10 10\032feedback-smtp.us-east-1.amazonses.com.`,
			Want: []judgetest.Found{{Check: MXWrong, Says: "the preference was typed into the host; it has its own field; without it, it is in region us-east-1, not eu-west-1", Change: `-bounce MX 10 10\032feedback-smtp.us-east-1.amazonses.com.` + want}},
		}, {
			What: "the endpoint of the API",
			File: file, Live: "bounce MX 10 email.eu-west-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "that is the endpoint of the API, which receives no mail", Change: "-bounce MX 10 email.eu-west-1.amazonaws.com." + want}},
		}, {
			What: "the host in quotes",
			File: file, Live: `bounce MX 10 \034feedback-smtp.eu-west-1.amazonses.com\034.`,
			Want: []judgetest.Found{{Check: MXWrong, Says: "it contains quotes"}},
		}, {
			What: "a blank in the host",
			File: file, Live: `bounce MX 10 feedback-smtp.eu-west-1.amazonses.com\032.`,
			Want: []judgetest.Found{{Check: MXWrong, Says: "it contains a space"}},
		}, {
			What: "more behind the host",
			File: file, Live: "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.example.net.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "the right value is followed by example.net"}},
		}, {
			What: "the host without its end",
			File: file, Live: "bounce MX 10 feedback-smtp.eu-west-1.",
			Want: []judgetest.Found{{Check: MXWrong, Says: ": its end is missing", Change: "-bounce MX 10 feedback-smtp.eu-west-1." + want}},
		}, {
			What: "the host without its end, and the zone behind it",
			File: file, Live: "bounce MX 10 feedback-smtp.eu-west-1",
			Want: []judgetest.Found{{Check: MXWrong, Says: ": its end is missing, and the provider appended the zone"}},
		}, {
			What: "less than half of the host",
			File: file, Live: "bounce MX 10 feedback.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "Leave its MX records", Change: judgetest.Unchanged}},
		}, {
			What: "two, of which one is left over",
			File: file, Live: right + "\nbounce MX 20 mail.example.net.",
			Want: []judgetest.Found{{Check: MXMultiple, Says: "has 2 MX records", Change: "-bounce MX 20 mail.example.net."}},
		}, {
			What: "two, of which the other is tried as soon",
			File: file, Live: right + "\nbounce MX 10 mail.example.net.",
			Want: []judgetest.Found{{Check: MXMultiple, Change: "-bounce MX 10 mail.example.net."}},
		}, {
			What: "two, of which the other is tried first",
			File: file, Live: right + "\nbounce MX 5 mail.example.net.",
			Want: []judgetest.Found{{Check: MXMultiple, Says: "receives mail at mail.example.net", Change: judgetest.Unchanged}},
		}, {
			What: "a mailbox provider behind SES",
			File: file, Live: right + "\nbounce MX 20 aspmx.l.google.com.",
			Want: []judgetest.Found{{Check: MXMultiple, Says: "receives mail at aspmx.l.google.com", Change: judgetest.Unchanged}},
		}, {
			What: "two others behind SES",
			File: file, Live: right + "\nbounce MX 20 a.example.net.\nbounce MX 30 b.example.net.",
			Want: []judgetest.Found{{Check: MXMultiple, Says: "receives mail at a.example.net, b.example.net", Change: judgetest.Unchanged}},
		}, {
			What: "the host twice",
			File: file, Live: right + "\nbounce MX 20 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXMultiple, Change: "-bounce MX 20 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			What: "one before the host, which is there again before it",
			File: file, Live: right + "\nbounce MX 8 mail.example.net.\nbounce MX 5 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXMultiple, Change: "-bounce MX 8 mail.example.net.\n-bounce MX 5 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			What: "one between the host twice",
			File: file, Live: right + "\nbounce MX 15 mail.example.net.\nbounce MX 20 feedback-smtp.eu-west-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXMultiple, Change: "-bounce MX 15 mail.example.net.\n-bounce MX 20 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			What: "the host of either region, of two identities",
			File: "identities: [{region: eu-west-1, mail_from: bounce}, {region: us-east-1, mail_from: bounce}]",
			Live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.",
			Near: []*finding.Check{MXWrong},
		}, {
			What: "the host of a third region, of two identities",
			File: "identities: [{region: eu-west-1, mail_from: bounce}, {region: us-east-1, mail_from: {name: bounce, on_mx_failure: reject}}]",
			Live: "bounce MX 10 feedback-smtp.eu-north-1.amazonses.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "it is in region eu-north-1, not eu-west-1 or us-east-1", Change: "-bounce MX 10 feedback-smtp.eu-north-1.amazonses.com." + want}},
		}, {
			What: "the right host of a region that the table does not know",
			File: "region: eu-west-9, mail_from: bounce", Live: "bounce MX 10 feedback-smtp.eu-west-9.amazonses.com.",
			Near: []*finding.Check{MXWrong},
		}, {
			What: "no MX, and a region that the table does not know",
			File: "region: eu-west-9, mail_from: bounce", Live: "www A 192.0.2.1",
			Want: []judgetest.Found{{Check: MXMissing, Change: judgetest.Unchanged}},
		}, {
			What: "the host of any region, of a domain that is inspected",
			File: file, Inspected: true, Live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.",
			Near: []*finding.Check{MXWrong},
		}, {
			What: "the host of any region and another, of a domain that is inspected",
			File: file, Inspected: true, Live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.\nbounce MX 20 mail.example.net.",
			Want: []judgetest.Found{{Check: MXMultiple, Change: "-bounce MX 20 mail.example.net."}},
		}, {
			What: "another suffix, of a domain that is inspected",
			File: file, Inspected: true, Live: "bounce MX 10 feedback-smtp.us-east-1.amazonaws.com.",
			Want: []judgetest.Found{{Check: MXWrong, Says: "instead of feedback-smtp.REGION.amazonses.com: the suffix of feedback hosts is amazonses.com; amazonaws.com is for receiving\n", Change: judgetest.Unchanged}},
		}, {
			What: "the host with the zone behind it, of a domain that is inspected",
			File: file, Inspected: true, Live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com",
			Want: []judgetest.Found{{Check: MXWrong, Says: "the provider appended the zone to it", Change: judgetest.Unchanged}},
		}, {
			What: "nothing, of a domain that is inspected",
			File: file, Inspected: true, Live: "bounce A 192.0.2.1",
			Want: []judgetest.Found{{Check: MXMissing, Change: judgetest.Unchanged}},
		},
	})
}

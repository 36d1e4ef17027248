package check

import "testing"

func TestJudgeMailFrom(t *testing.T) {
	t.Parallel()
	const (
		file   = "region: eu-west-1, mail_from: bounce"
		reject = "region: eu-west-1, mail_from: {name: bounce, on_mx_failure: reject}"
		right  = "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com."
		want   = "\n+" + right
	)
	judged(t, &mailFromPart, []*Check{NameDoubled}, []row{
		{
			what: "the MX",
			file: file, live: right,
			near: []*Check{MailFromMXMissing, MailFromMXMultiple, MailFromMXWrong, MailFromMXPreference, MailFromCNAME},
		}, {
			what: "no answer",
			file: file, live: "bounce MX TIMEOUT",
			want: inconclusive(MailFromMXMissing, MailFromMXMultiple, MailFromMXWrong, MailFromMXPreference, MailFromCNAME),
		}, {
			what: "no MX",
			file: file, live: "bounce TXT \"v=spf1 include:amazonses.com -all\"",
			want: []found{{check: MailFromMXMissing, says: "mail goes out as amazonses.com, SPF no longer aligns", change: want}},
			near: []*Check{NameDoubled},
		}, {
			what: "no MX, and on_mx_failure: reject",
			file: reject, live: "www A 192.0.2.1",
			want: []found{{check: MailFromMXMissing, says: "it refuses to send, error MailFromDomainNotVerified", change: want}},
		}, {
			what: "the MX at the domain itself",
			file: file, live: "@ MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: MailFromMXMissing, says: "it stands at example.com itself", change: want}},
		}, {
			what: "the name is a zone of its own",
			file: file, live: "bounce NS ns1.example.net.\nbounce NS ns2.example.net.",
			want: []found{{check: MailFromMXMissing, says: "the name is a zone of its own, delegated to ns1.example.net, ns2.example.net"}},
		}, {
			what: "no answer to the questions that would explain it",
			file: file, live: "@ MX TIMEOUT\nbounce NS TIMEOUT",
			want: []found{{check: MailFromMXMissing}},
		}, {
			what: "at the name with the domain twice",
			file: file, live: "bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: NameDoubled, change: "-bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com." + want}},
		}, {
			what: "a CNAME to nothing",
			file: file, live: "bounce CNAME gone.example.net.",
			want: []found{{check: MailFromCNAME, says: "bounce.example.com is a CNAME to gone.example.net"}, {check: MailFromMXMissing, says: "which has to go before it can have one", change: unchanged}},
		}, {
			what: "a CNAME to the MX",
			file: file, live: "bounce CNAME mail.example.net.\nmail.example.net. MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: MailFromCNAME}},
			near: []*Check{MailFromMXMissing, MailFromMXWrong},
		}, {
			what: "a CNAME to another MX",
			file: file, live: "bounce CNAME mail.example.net.\nmail.example.net. MX 10 feedback-smtp.us-east-1.amazonses.com.",
			want: []found{{check: MailFromCNAME}, {check: MailFromMXWrong, change: unchanged}},
		}, {
			what: "a CNAME to no answer",
			file: file, live: "bounce CNAME mail.example.net.\nmail.example.net. MX TIMEOUT",
			want: inconclusive(MailFromMXMissing, MailFromMXMultiple, MailFromMXWrong, MailFromMXPreference, MailFromCNAME),
		}, {
			what: "another preference",
			file: file, live: "bounce MX 20 feedback-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: MailFromMXPreference, says: "has preference 20", change: "-bounce MX 20 feedback-smtp.eu-west-1.amazonses.com." + want}},
			near: []*Check{MailFromMXWrong},
		}, {
			what: "another host",
			file: file, live: "bounce MX 10 mail.example.net.",
			want: []found{{check: MailFromMXWrong, says: "Leave its MX records as they are and choose another MAIL FROM name", change: unchanged}},
		}, {
			what: "another region",
			file: file, live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.",
			want: []found{{check: MailFromMXWrong, says: "it is in region us-east-1, not eu-west-1", change: "-bounce MX 10 feedback-smtp.us-east-1.amazonses.com." + want}},
		}, {
			what: "another suffix",
			file: file, live: "bounce MX 10 feedback-smtp.eu-west-1.amazonaws.com.",
			want: []found{{check: MailFromMXWrong, says: "the suffix of feedback hosts is amazonses.com", change: "-bounce MX 10 feedback-smtp.eu-west-1.amazonaws.com." + want}},
		}, {
			what: "the inbound host",
			file: file, live: "bounce MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			want: []found{{check: MailFromMXWrong, says: "that is the host for receiving mail", change: "-bounce MX 10 inbound-smtp.eu-west-1.amazonaws.com." + want}},
		}, {
			what: "no region in the host",
			file: file, live: "bounce MX 10 feedback-smtp.amazonses.com.",
			want: []found{{check: MailFromMXWrong, says: "the region is missing from it"}},
		}, {
			what: "no region where it belongs",
			file: file, live: "bounce MX 10 feedback-smtp.europe.amazonses.com.",
			want: []found{{check: MailFromMXWrong, says: "where the region belongs, is none"}},
		}, {
			what: "a null MX",
			file: file, live: "bounce MX 0 .",
			want: []found{{check: MailFromMXWrong, says: "a null MX (RFC 7505)", change: "-bounce MX 0 ." + want}},
		}, {
			what: "the host with the zone behind it",
			file: file, live: "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com",
			want: []found{{check: MailFromMXWrong, says: "the provider appended the zone to it", change: "-bounce MX 10 feedback-smtp.eu-west-1.amazonses.com" + want}},
		}, {
			what: "the preference in the host",
			file: file, live: `bounce MX 10 10\032feedback-smtp.eu-west-1.amazonses.com.`,
			want: []found{{check: MailFromMXWrong, says: "the preference was typed into the host"}},
		}, {
			what: "the host in quotes",
			file: file, live: `bounce MX 10 \034feedback-smtp.eu-west-1.amazonses.com\034.`,
			want: []found{{check: MailFromMXWrong, says: "there are quotes in it"}},
		}, {
			what: "a blank in the host",
			file: file, live: `bounce MX 10 feedback-smtp.eu-west-1.amazonses.com\032.`,
			want: []found{{check: MailFromMXWrong, says: "there is a blank in it"}},
		}, {
			what: "more behind the host",
			file: file, live: "bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.example.net.",
			want: []found{{check: MailFromMXWrong, says: "behind the right value stands example.net"}},
		}, {
			what: "the host without its end",
			file: file, live: "bounce MX 10 feedback-smtp.eu-west-1.",
			want: []found{{check: MailFromMXWrong, says: ": its end is missing", change: "-bounce MX 10 feedback-smtp.eu-west-1." + want}},
		}, {
			what: "the host without its end, and the zone behind it",
			file: file, live: "bounce MX 10 feedback-smtp.eu-west-1",
			want: []found{{check: MailFromMXWrong, says: ": its end is missing, and the provider appended the zone"}},
		}, {
			what: "less than half of the host",
			file: file, live: "bounce MX 10 feedback.",
			want: []found{{check: MailFromMXWrong, says: "Leave its MX records", change: unchanged}},
		}, {
			what: "two, of which one is left over",
			file: file, live: right + "\nbounce MX 20 mail.example.net.",
			want: []found{{check: MailFromMXMultiple, says: "has 2 MX records", change: "-bounce MX 20 mail.example.net."}},
		}, {
			what: "two, of which the other is tried as soon",
			file: file, live: right + "\nbounce MX 10 mail.example.net.",
			want: []found{{check: MailFromMXMultiple, change: "-bounce MX 10 mail.example.net."}},
		}, {
			what: "two, of which the other is tried first",
			file: file, live: right + "\nbounce MX 5 mail.example.net.",
			want: []found{{check: MailFromMXMultiple, says: "receives mail at mail.example.net", change: unchanged}},
		}, {
			what: "a mailbox provider behind SES",
			file: file, live: right + "\nbounce MX 20 aspmx.l.google.com.",
			want: []found{{check: MailFromMXMultiple, says: "receives mail at aspmx.l.google.com", change: unchanged}},
		}, {
			what: "two others behind SES",
			file: file, live: right + "\nbounce MX 20 a.example.net.\nbounce MX 30 b.example.net.",
			want: []found{{check: MailFromMXMultiple, says: "receives mail at a.example.net, b.example.net", change: unchanged}},
		}, {
			what: "the host twice",
			file: file, live: right + "\nbounce MX 20 feedback-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: MailFromMXMultiple, change: "-bounce MX 20 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			what: "one before the host, which is there again before it",
			file: file, live: right + "\nbounce MX 8 mail.example.net.\nbounce MX 5 feedback-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: MailFromMXMultiple, change: "-bounce MX 8 mail.example.net.\n-bounce MX 5 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			what: "one between the host twice",
			file: file, live: right + "\nbounce MX 15 mail.example.net.\nbounce MX 20 feedback-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: MailFromMXMultiple, change: "-bounce MX 15 mail.example.net.\n-bounce MX 20 feedback-smtp.eu-west-1.amazonses.com."}},
		}, {
			what: "the host of either region, of two identities",
			file: "identities: [{region: eu-west-1, mail_from: bounce}, {region: us-east-1, mail_from: bounce}]",
			live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.",
			near: []*Check{MailFromMXWrong},
		}, {
			what: "the host of a third region, of two identities",
			file: "identities: [{region: eu-west-1, mail_from: bounce}, {region: us-east-1, mail_from: {name: bounce, on_mx_failure: reject}}]",
			live: "bounce MX 10 feedback-smtp.eu-north-1.amazonses.com.",
			want: []found{{check: MailFromMXWrong, says: "it is in region eu-north-1, not eu-west-1 or us-east-1", change: "-bounce MX 10 feedback-smtp.eu-north-1.amazonses.com." + want}},
		}, {
			what: "the right host of a region that the table does not know",
			file: "region: eu-west-9, mail_from: bounce", live: "bounce MX 10 feedback-smtp.eu-west-9.amazonses.com.",
			near: []*Check{MailFromMXWrong},
		}, {
			what: "no MX, and a region that the table does not know",
			file: "region: eu-west-9, mail_from: bounce", live: "www A 192.0.2.1",
			want: []found{{check: MailFromMXMissing, change: unchanged}},
		}, {
			what: "the host of any region, of a domain that is inspected",
			file: file, inspected: true, live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.",
			near: []*Check{MailFromMXWrong},
		}, {
			what: "the host of any region and another, of a domain that is inspected",
			file: file, inspected: true, live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.\nbounce MX 20 mail.example.net.",
			want: []found{{check: MailFromMXMultiple, change: "-bounce MX 20 mail.example.net."}},
		}, {
			what: "another suffix, of a domain that is inspected",
			file: file, inspected: true, live: "bounce MX 10 feedback-smtp.us-east-1.amazonaws.com.",
			want: []found{{check: MailFromMXWrong, says: "instead of feedback-smtp.REGION.amazonses.com: the suffix of feedback hosts is amazonses.com; amazonaws.com is for receiving\n", change: unchanged}},
		}, {
			what: "the host with the zone behind it, of a domain that is inspected",
			file: file, inspected: true, live: "bounce MX 10 feedback-smtp.us-east-1.amazonses.com",
			want: []found{{check: MailFromMXWrong, says: "the provider appended the zone to it", change: unchanged}},
		}, {
			what: "nothing, of a domain that is inspected",
			file: file, inspected: true, live: "bounce A 192.0.2.1",
			want: []found{{check: MailFromMXMissing, change: unchanged}},
		},
	})
}

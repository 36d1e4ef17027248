package check

import "testing"

func TestJudgeReceiving(t *testing.T) {
	t.Parallel()
	const (
		file = "region: eu-west-1, receiving: true"
		host = "region: eu-west-1, receiving: {host: abc123.fips.wmjb.mail-manager-smtp.amazonaws.com}"
		want = "\n+@ MX 10 inbound-smtp.eu-west-1.amazonaws.com."
	)
	judged(t, &receivingPart, []*Check{NameDoubled}, []row{
		{
			what: "the region's inbound host",
			file: file, live: "@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			near: []*Check{ReceivingMXMissing, ReceivingMXWrong, ReceivingRegion},
		}, {
			what: "the inbound host beside another",
			file: file, live: "@ MX 10 mail.example.net.\n@ MX 20 inbound-smtp.eu-west-1.amazonaws.com.",
			near: []*Check{ReceivingMXWrong},
		}, {
			what: "no MX",
			file: file, live: "@ A 192.0.2.1",
			want: []found{{check: ReceivingMXMissing, says: "example.com has no MX record", change: want}},
			near: []*Check{NameDoubled},
		}, {
			what: "no answer",
			file: file, live: "@ MX TIMEOUT",
			want: inconclusive(ReceivingMXMissing, ReceivingMXWrong),
		}, {
			what: "the MX at the domain twice",
			file: file, live: "example.com MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
			want: []found{{check: NameDoubled, says: "it stands at example.com.example.com", change: "-example.com MX 10 inbound-smtp.eu-west-1.amazonaws.com." + want}},
		}, {
			what: "another MX at the domain twice",
			file: file, live: "example.com MX 10 mail.example.net.",
			want: []found{{check: ReceivingMXMissing}},
			near: []*Check{NameDoubled},
		}, {
			what: "no answer at the domain twice",
			file: file, live: "example.com MX TIMEOUT",
			want: []found{{check: ReceivingMXMissing}, {check: NameDoubled, open: true}},
		}, {
			what: "the host of another region",
			file: file, live: "@ MX 10 inbound-smtp.us-east-1.amazonaws.com.",
			want: []found{{check: ReceivingMXWrong, says: "is in another region than eu-west-1", change: "-@ MX 10 inbound-smtp.us-east-1.amazonaws.com." + want}},
		}, {
			what: "the host for MAIL FROM",
			file: file, live: "@ MX 10 feedback-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: ReceivingMXWrong, says: "is the host for MAIL FROM domains", change: "-@ MX 10 feedback-smtp.eu-west-1.amazonses.com." + want}},
		}, {
			what: "the host that programs send to",
			file: file, live: "@ MX 10 email-smtp.eu-west-1.amazonaws.com.",
			want: []found{{check: ReceivingMXWrong, says: "is the host that sends mail for programs", change: "-@ MX 10 email-smtp.eu-west-1.amazonaws.com." + want}},
		}, {
			what: "the suffix of MAIL FROM",
			file: file, live: "@ MX 10 inbound-smtp.eu-west-1.amazonses.com.",
			want: []found{{check: ReceivingMXWrong, says: "the suffix of inbound hosts is amazonaws.com", change: "-@ MX 10 inbound-smtp.eu-west-1.amazonses.com." + want}},
		}, {
			what: "the host with the zone behind it",
			file: file, live: "@ MX 10 inbound-smtp.eu-west-1.amazonaws.com",
			want: []found{{check: ReceivingMXWrong, says: "the provider appended the zone", change: "-@ MX 10 inbound-smtp.eu-west-1.amazonaws.com" + want}},
		}, {
			what: "a null MX",
			file: file, live: "@ MX 0 .",
			want: []found{{check: ReceivingMXWrong, change: "-@ MX 0 ." + want}},
		}, {
			what: "another who takes the mail",
			file: file, live: "@ MX 10 mail.example.net.",
			want: []found{{check: ReceivingMXWrong, says: "Mail for example.com goes to mail.example.net now. Decide who is to receive it", change: unchanged}},
		}, {
			what: "an ingress endpoint of Mail Manager, where the region's host is wanted",
			file: file, live: "@ MX 10 abc123.fips.wmjb.mail-manager-smtp.amazonaws.com.",
			want: []found{{check: ReceivingMXWrong, says: "is an ingress endpoint of Mail Manager", change: unchanged}},
		}, {
			what: "the ingress endpoint that the file names",
			file: host, live: "@ MX 10 abc123.fips.wmjb.mail-manager-smtp.amazonaws.com.",
			near: []*Check{ReceivingMXWrong, ReceivingRegion},
		}, {
			what: "the host of a region, where an endpoint is wanted",
			file: host, live: "@ MX 10 inbound-smtp.us-east-1.amazonaws.com.",
			want: []found{{check: ReceivingMXWrong, says: "no MX of example.com is abc123"}},
		}, {
			what: "a region without receiving",
			file: "region: eu-central-2, receiving: true", live: "@ MX 10 inbound-smtp.eu-central-2.amazonaws.com.",
			want: []found{{check: ReceivingRegion, subject: "eu-central-2", says: "SES is not known to receive mail in eu-central-2"}},
			near: []*Check{ReceivingMXWrong},
		}, {
			what: "a region without receiving, and no MX",
			file: "region: eu-central-2, receiving: true",
			want: []found{{check: ReceivingRegion}, {check: ReceivingMXMissing, says: "Receive in another region", change: unchanged}},
		}, {
			what: "a region without receiving, and another who takes the mail",
			file: "region: eu-central-2, receiving: true", live: "@ MX 10 mail.example.net.",
			want: []found{{check: ReceivingRegion}, {check: ReceivingMXWrong, says: "Receive in another region", change: unchanged}},
		}, {
			what: "a region that the table does not know",
			file: "region: eu-west-9, receiving: true", live: "@ A 192.0.2.1",
			want: []found{{check: ReceivingMXMissing, change: unchanged}},
			near: []*Check{ReceivingRegion},
		},
	})
}

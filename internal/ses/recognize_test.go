package ses

import (
	"testing"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func TestRecognize(t *testing.T) {
	cname := func(s string) record.Record {
		return record.Record{Type: record.CNAME, Host: record.MustName(s)}
	}
	mx := func(s string) record.Record { return record.Record{Type: record.MX, Host: record.MustName(s)} }
	txt := func(s string) record.Record {
		return record.Record{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(s)}}
	}
	for _, c := range []struct {
		owner  record.Name
		record record.Record
		want   Recognized
	}{
		{"t1._domainkey.a.example", cname("t1.dkim.amazonses.com"), Recognized{Use: EasyDKIM, Domain: "a.example", Token: "t1", Zone: "dkim.amazonses.com"}},
		{"t1._domainkey.a.example", cname("t1.dkim.ca-west-1.amazonses.com"), Recognized{Use: EasyDKIM, Domain: "a.example", Token: "t1", Zone: "dkim.ca-west-1.amazonses.com"}},
		{"t1._domainkey.a.example", cname("t1.dkim.amazonses.com.a.example"), Recognized{Use: EasyDKIM, Domain: "a.example", Token: "t1", Zone: "dkim.amazonses.com", Spoilt: true}},
		{"t1._domainkey.a.example", cname("t2.dkim.amazonses.com"), Recognized{Use: EasyDKIM, Domain: "a.example", Token: "t1", Zone: "dkim.amazonses.com"}},
		{"t1.a.example", cname("t1.dkim.amazonses.com"), Recognized{Use: EasyDKIM, Token: "t1", Zone: "dkim.amazonses.com"}},
		{"t1._domainkey.a.example", cname("t1.dkim.amazonses.com.evil.example.net"), Recognized{Use: EasyDKIM, Domain: "a.example", Token: "t1", Zone: "dkim.amazonses.com", Spoilt: true}},
		{"t1._domainkey.a.example", cname("t1.dkim.custom-email-domain.stripe.com"), Recognized{}},
		{"s1._domainkey.a.example", cname("s1.domainkey.u1.wl1.sendgrid.net"), Recognized{}},
		{"c.a.example", cname("r.eu-west-1.awstrack.me"), Recognized{Use: Tracking, Region: "eu-west-1"}},
		{"c.a.example", cname("r.awstrack.me"), Recognized{}},
		{"b.a.example", mx("feedback-smtp.eu-west-1.amazonses.com"), Recognized{Use: MailFrom, Region: "eu-west-1"}},
		{"b.a.example", mx("feedback-smtp.eu-west-1.amazonaws.com"), Recognized{Use: MailFrom, Region: "eu-west-1"}},
		{"b.a.example", mx("feedback-smtp.undefined.amazonses.com"), Recognized{Use: MailFrom}},
		{"a.example", mx("inbound-smtp.us-east-1.amazonaws.com.a.example"), Recognized{Use: Receiving, Region: "us-east-1", Spoilt: true}},
		{"a.example", mx("x.fips.y.mail-manager-smtp.amazonaws.com"), Recognized{Use: MailManager, Host: "x.fips.y.mail-manager-smtp.amazonaws.com"}},
		{"a.example", mx("mx.example.net"), Recognized{}},
		{"_amazonses.a.example", txt("abc="), Recognized{Use: Verification, Domain: "a.example", Token: "abc="}},
		{"_amazonses.a.example", txt("amazonses:abc="), Recognized{Use: Verification, Domain: "a.example", Token: "abc="}},
		{"a.example", txt("amazonses:abc="), Recognized{Use: Verification, Domain: "a.example", Token: "abc="}},
		{"a.example", txt("abc="), Recognized{}},
		{"a.example", txt("v=spf1 include:amazonses.com ~all"), Recognized{}},
	} {
		if got := Recognize(c.owner, c.record); got != c.want {
			t.Errorf("%s %s: got %+v, want %+v", c.owner, c.record, got, c.want)
		}
	}
}

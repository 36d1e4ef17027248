package ses

import (
	"testing"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

const (
	token1 = "aq7xlvhjfmqruhk2ytlb6434lcykrdu2"
	token2 = "bw4wsopiajlepnevuytnwa3ob34xis3k"
	legacy = "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU="
	key    = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC1TaNgLlSyQMNWVLNLvyY"
)

func cname(s string) record.Record {
	return record.Record{Type: record.CNAME, Host: record.MustName(s)}
}

func mx(s string) record.Record { return record.Record{Type: record.MX, Host: record.MustName(s)} }

func txt(s string) record.Record {
	return record.Record{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(s)}}
}

type recognition struct {
	owner  record.Name
	record record.Record
	want   Recognized
}

func recognize(t *testing.T, cases []recognition) {
	t.Helper()
	for _, c := range cases {
		if got := Recognize(c.owner, c.record); got != c.want {
			t.Errorf("%s %s %s:\n got %+v\nwant %+v", c.owner, c.record.Type, c.record, got, c.want)
		}
	}
}

// easy is an Easy DKIM record of a.example.
func easy(token string, how Mistake) Recognized {
	return Recognized{Use: EasyDKIM, Domain: "a.example", Token: token, Zone: "dkim.amazonses.com", Mistakes: how}
}

func TestRecognize(t *testing.T) {
	recognize(t, []recognition{
		{"t1._domainkey.a.example", cname("t1.dkim.amazonses.com"), easy("t1", 0)},
		{"t1._domainkey.a.example", cname("t1.dkim.ca-west-1.amazonses.com"), Recognized{Use: EasyDKIM, Domain: "a.example", Token: "t1", Zone: "dkim.ca-west-1.amazonses.com"}},
		{"t1._domainkey.a.example", cname("t1.dkim.amazonses.com.a.example"), easy("t1", Appended)},
		{"t1._domainkey.a.example", cname("t1.dkim.amazonses.com.evil.example.net"), easy("t1", Appended)},
		{"t1._domainkey.a.example", cname("t2.dkim.amazonses.com"), easy("t1", OtherToken)},
		{"t1._domainkey.a.example", cname("t1.dkim.custom-email-domain.stripe.com"), Recognized{}},
		{token1 + "._domainkey.a.example", cname(token1 + ".dkim.custom-email-domain.stripe.com"), Recognized{}},
		{"s1._domainkey.a.example", cname("s1.domainkey.u1.wl1.sendgrid.net"), Recognized{}},
		{"x.a.example", cname("dkim.amazonses.com"), Recognized{}},
		{"x.a.example", cname("a.b.dkim.amazonses.com"), Recognized{}},
		{"c.a.example", cname("r.eu-west-1.awstrack.me"), Recognized{Use: Tracking, Region: "eu-west-1"}},
		{"c.a.example", cname("r.awstrack.me"), Recognized{}},
		{"b.a.example", mx("feedback-smtp.eu-west-1.amazonses.com"), Recognized{Use: MailFrom, Region: "eu-west-1"}},
		{"b.a.example", mx("feedback-smtp.eu-west-1.amazonaws.com"), Recognized{Use: MailFrom, Region: "eu-west-1", Mistakes: WrongHost}},
		{"b.a.example", mx("feedback-smtp.undefined.amazonses.com"), Recognized{Use: MailFrom, Mistakes: WrongHost}},
		{"b.a.example", mx("feedback-smtp.amazonses.com"), Recognized{Use: MailFrom, Mistakes: WrongHost}},
		{"b.a.example", mx("feedback-smtp.mailer.example"), Recognized{}},
		{"a.example", mx("inbound-smtp.us-east-1.amazonaws.com.a.example"), Recognized{Use: Receiving, Region: "us-east-1", Mistakes: Appended}},
		{"a.example", mx("inbound-smtp.us-east-1.amazonses.com"), Recognized{Use: Receiving, Region: "us-east-1", Mistakes: WrongHost}},
		{"a.example", mx("email-smtp.us-east-1.amazonaws.com"), Recognized{Use: Submission, Region: "us-east-1"}},
		{"a.example", mx("x.fips.y.mail-manager-smtp.amazonaws.com"), Recognized{Use: MailManager, Host: "x.fips.y.mail-manager-smtp.amazonaws.com"}},
		{"a.example", mx("x.y.mail-manager-smtp.amazonaws.com.a.example"), Recognized{Use: MailManager, Host: "x.y.mail-manager-smtp.amazonaws.com", Mistakes: Appended}},
		{"a.example", mx("mail-manager-smtp.amazonaws.com"), Recognized{}},
		{"a.example", mx("mx.example.net"), Recognized{}},
		{"_amazonses.a.example", txt("abc="), Recognized{Use: Verification, Domain: "a.example", Token: "abc="}},
		{"_amazonses.a.example", txt("amazonses:abc="), Recognized{Use: Verification, Domain: "a.example", Token: "abc="}},
		{"a.example", txt("amazonses:abc="), Recognized{Use: Verification, Domain: "a.example", Token: "abc="}},
		{"a.example", txt("abc="), Recognized{}},
		{"a.example", txt("v=spf1 include:amazonses.com ~all"), Recognized{}},
		{"a.example", record.Record{Type: record.NS, Host: "t1.dkim.amazonses.com"}, Recognized{}},
	})
}

// TestRecognizeWrongType: what is in a record of another type was meant all
// the same.
func TestRecognizeWrongType(t *testing.T) {
	recognize(t, []recognition{
		{token1 + "._domainkey.a.example", txt(token1 + ".dkim.amazonses.com"), easy(token1, WrongType)},
		{token1 + "._domainkey.a.example", txt(token1 + ".dkim.amazonses.com."), easy(token1, WrongType)},
		{token1 + "._domainkey.a.example", txt(`"` + token1 + `.dkim.amazonses.com"`), easy(token1, WrongType)},
		{token1 + "._domainkey.a.example", txt("CNAME " + token1 + ".DKIM.AmazonSES.com"), easy(token1, WrongType)},
		{token1 + "._domainkey.a.example", txt(token1 + ".dkim.amazonses.com.a.example"), easy(token1, WrongType|Appended)},
		{token1 + "._domainkey.a.example", mx(token1 + ".dkim.amazonses.com"), easy(token1, WrongType)},
		{token1 + "._domainkey.a.example", txt(key), Recognized{Use: EasyDKIM, Domain: "a.example", Token: token1, Mistakes: WrongType}},
		{"s1._domainkey.a.example", txt(key), Recognized{}},
		{token1 + "._domainkey.a.example", record.Record{Type: record.SPF, Strings: txt(token1 + ".dkim.amazonses.com").Strings}, easy(token1, WrongType)},
		{token1 + "._domainkey.a.example", record.Record{Type: record.PTR, Host: token1 + ".dkim.amazonses.com"}, easy(token1, WrongType)},
		{token1 + "._domainkey.a.example", txt(token1), easy(token1, WrongType|CutShort)},
		{"dkim1._domainkey.a.example", txt(token1), easy(token1, WrongType|CutShort|WrongName)},
		{"_amazonses.a.example", record.Record{Type: record.SPF, Strings: txt(legacy).Strings}, Recognized{Use: Verification, Domain: "a.example", Token: legacy, Mistakes: WrongType}},
		{token1 + "._domainkey.a.example", txt("p="), Recognized{}},
		{token1 + "._domainkey.a.example", txt("see " + token1 + ".dkim.amazonses.com"), Recognized{}},
		{"b.a.example", cname("feedback-smtp.eu-west-1.amazonses.com"), Recognized{Use: MailFrom, Region: "eu-west-1", Mistakes: WrongType}},
		{"b.a.example", txt("10 feedback-smtp.eu-west-1.amazonses.com"), Recognized{Use: MailFrom, Region: "eu-west-1", Mistakes: WrongType}},
		{"b.a.example", txt("3600 IN MX 10 feedback-smtp.eu-west-1.amazonses.com."), Recognized{Use: MailFrom, Region: "eu-west-1", Mistakes: WrongType}},
		{"b.a.example", cname("inbound-smtp.eu-west-1.amazonaws.com"), Recognized{Use: Receiving, Region: "eu-west-1", Mistakes: WrongType}},
		{"c.a.example", txt("r.eu-west-1.awstrack.me"), Recognized{Use: Tracking, Region: "eu-west-1", Mistakes: WrongType}},
		{"c.a.example", mx("r.eu-west-1.awstrack.me"), Recognized{Use: Tracking, Region: "eu-west-1", Mistakes: WrongType}},
		{"_amazonses.a.example", cname(`pmbgn/7mjnfhtkuz06enqq1pegauokw8lghcfwefchu\061.a.example`), Recognized{Use: Verification, Domain: "a.example", Mistakes: WrongType | CaseFolded}},
		{"_amazonses.a.example", cname("verification.vendor.example"), Recognized{}},
	})
}

// TestRecognizeWrongName: a record of SES at a name where nobody looks.
func TestRecognizeWrongName(t *testing.T) {
	target := cname("t1.dkim.amazonses.com")
	for _, owner := range []record.Name{
		"t1.a.example", "_domainkey.t1.a.example", "t1.domainkey.a.example", "t1._domainkeys.a.example", "t1._domain_key.a.example",
		"t1._domainkey._domainkey.a.example", "t1_domainkey.a.example", "_domainkey.a.example", "_amazonses.a.example",
	} {
		recognize(t, []recognition{{owner, target, easy("t1", WrongName)}})
	}
	recognize(t, []recognition{
		{"a.example", target, Recognized{Use: EasyDKIM, Token: "t1", Zone: "dkim.amazonses.com", Mistakes: WrongName}},
		{"t1._domainkey", target, Recognized{Use: EasyDKIM, Token: "t1", Zone: "dkim.amazonses.com", Mistakes: WrongName}},
		{"t1.mail._domainkey.a.example", target, Recognized{Use: EasyDKIM, Domain: "mail.a.example", Token: "t1", Zone: "dkim.amazonses.com", Mistakes: WrongName}},
		{"dkim1._domainkey.a.example", cname(token1 + ".dkim.amazonses.com"), easy(token1, WrongName)},
		{token1 + "._domainkey.a.example", cname(token2 + ".dkim.amazonses.com"), easy(token1, OtherToken)},
		{"amazonses.a.example", txt(legacy), Recognized{Use: Verification, Domain: "a.example", Token: legacy, Mistakes: WrongName}},
		{"amazonses.a.example", txt("v=spf1 -all"), Recognized{}},
		{"_amazonses._amazonses.a.example", txt(legacy), Recognized{Use: Verification, Domain: "a.example", Token: legacy, Mistakes: WrongName}},
	})
}

// TestRecognizeWrongValue: a value that is cut, or that a form has garbled.
func TestRecognizeWrongValue(t *testing.T) {
	owner := record.Name(token1 + "._domainkey.a.example")
	mailFrom := func(how Mistake) Recognized {
		return Recognized{Use: MailFrom, Region: "eu-west-1", Mistakes: how}
	}
	token := func(value string, how Mistake) Recognized {
		return Recognized{Use: Verification, Domain: "a.example", Token: value, Mistakes: how}
	}
	recognize(t, []recognition{
		{owner, cname(token1 + ".dkim.amazonses"), easy(token1, CutShort)},
		{owner, cname(token1 + ".dkim.amazonses.a.example"), easy(token1, CutShort|Appended)},
		{owner, cname(token1 + ".a.example"), easy(token1, CutShort|Appended)},
		{owner, cname(token1 + ".dkim.amazonses.net"), easy(token1, WrongHost)},
		{owner, cname(token1 + ".dkim.amazonsse.com"), easy(token1, WrongHost)},
		{owner, cname(token1 + ".dkim.amazonaws.com"), easy(token1, WrongHost)},
		{owner, cname(token1 + ".amazonses.com"), easy(token1, WrongHost)},
		{owner, cname(token1 + ".dkim.eu-south-1.amazonses"), Recognized{Use: EasyDKIM, Domain: "a.example", Token: token1, Zone: "dkim.eu-south-1.amazonses.com", Mistakes: CutShort}},
		{owner, cname(token1[:20] + ".dkim.amazonses.com"), easy(token1, CutShort)},
		{record.Name(token1[:20]) + "._domainkey.a.example", cname(token1 + ".dkim.amazonses.com"), easy(token1, CutShort)},
		{owner, cname(`\032` + token1 + `.dkim.amazonses.com\032`), easy(token1, Garbled)},
		{owner, cname("x.dkim.vendor.example"), Recognized{}},
		{"x.a.example", cname(token1 + ".vendor.example"), Recognized{}},
		{"x.a.example", cname("www.amazonses.com"), Recognized{}},
		{"b.a.example", mx(`10\032feedback-smtp.eu-west-1.amazonses.com`), mailFrom(Garbled)},
		{"b.a.example", mx(`\034feedback-smtp.eu-west-1.amazonses.com\034`), mailFrom(Garbled)},
		{"b.a.example", mx("feedback-smtp.eu-west-1"), mailFrom(CutShort)},
		{"b.a.example", mx("feedback-smtp.eu-west-1.a.example"), mailFrom(CutShort | Appended)},
		{"b.a.example", mx("feedback-smtp.eu-west-1.amazonses.co"), mailFrom(CutShort)},
		{"b.a.example", mx("feedback-smtp.eu-west-1.amazonses.com.a.example"), mailFrom(Appended)},
		{"b.a.example", mx("feedback-smtp.eu-west-1.example.net"), Recognized{}},
		{"c.a.example", cname("r.eu-west-1.awstrack"), Recognized{Use: Tracking, Region: "eu-west-1", Mistakes: CutShort}},
		{"c.a.example", cname("r.eu-west-1.a.example"), Recognized{}},
		{"_amazonses.a.example", txt(legacy[:43]), token(legacy, CutShort)},
		{"_amazonses.a.example", txt(legacy[:42]), token(legacy[:42], ShortToken)},
		{"_amazonses.a.example", txt(legacy[:30]), token(legacy[:30], ShortToken)},
		{"_amazonses.a.example", txt("token-of-old"), token("token-of-old", 0)},
		{"a.example", txt("amazonses:" + legacy[:43]), token(legacy, CutShort)},
		{"_amazonses.a.example", txt(`"` + legacy + `"`), token(legacy, Garbled)},
		{"a.example", txt(`"amazonses:` + legacy + `"`), token(legacy, Garbled)},
		{"a.example", txt("AMAZONSES: " + legacy), token(legacy, Garbled)},
		{"_amazonses.a.example", txt("pmbgn/7mjnfhtkuz06enqq1pegauokw8lghcfwefchu="), token("pmbgn/7mjnfhtkuz06enqq1pegauokw8lghcfwefchu=", CaseFolded)},
	})
}

package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/record"
)

// TestUnclaimed: which records of a zone file no domain of the file asks for, what
// to add to the file, and what the record does as long as it is there.
func TestUnclaimed(t *testing.T) {
	t.Parallel()
	const token = "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU="
	f := judgetest.Parse(t, `version: 1
domains:
  a.example: {region: eu-west-1, verification: `+token+`, mail_from: bounce, dkim: [tokena, tokenb, tokenc]}
  b.example: {dmarc: none}
  d.example: {identities: [{region: eu-west-1, sender: resend}]}
  e.example: {region: eu-west-1, dkim: easy}
`)
	txt := func(s string) record.Record { return record.NewTXT(s) }
	cname := func(n record.Name) record.Record { return record.Record{Type: record.CNAME, Host: n} }
	mx := func(n record.Name) record.Record { return record.Record{Type: record.MX, Preference: 10, Host: n} }
	const feedback, inbound, track = "feedback-smtp.eu-west-1.amazonses.com", "inbound-smtp.eu-west-1.amazonaws.com", "r.eu-west-1.awstrack.me"
	const spf = "v=spf1 include:amazonses.com -all"
	long := strings.Repeat("x", 32)
	key := func(i int) Published {
		l := fmt.Sprintf("%s%d", long[:31], i)
		return Published{Owner: record.Name(l + "._domainkey.b.example"), Record: cname(record.Name(l + ".dkim.amazonses.com"))}
	}
	tokens := func(n int) (all []Published, list string) {
		for i := range n {
			p := key(i)
			all = append(all, p)
			list += ", " + p.Owner.FirstLabel()
		}
		return all, list[2:]
	}
	six, sixList := tokens(6)
	seven, _ := tokens(7)
	for name, c := range map[string]struct {
		zone      record.Name
		published []Published
		want      []string // message and impact; in part
	}{
		"asked for":               {"a.example", []Published{{Owner: "_amazonses.a.example", Record: txt(token)}, {Owner: "bounce.a.example", Record: mx(feedback)}, {Owner: "tokena._domainkey.a.example", Record: cname("tokena.dkim.amazonses.com")}, {Owner: "bounce.a.example", Record: txt(spf)}}, nil},
		"of tokens not given":     {"e.example", []Published{{Owner: record.Name(long + "._domainkey.e.example"), Record: cname(record.Name(long + ".dkim.amazonses.com"))}}, nil},
		"not where they would be": {"e.example", []Published{{Owner: record.Name(long + ".e.example"), Record: cname(record.Name(long + ".dkim.amazonses.com"))}}, []string{"add dkim: [" + long + "] to e.example|"}},
		"no record of SES":        {"b.example", []Published{{Owner: "b.example", Record: mx("mx.test")}, {Owner: "b.example", Record: txt("v=spf1 include:x.test -all")}, {Owner: "x.b.example", Record: cname("amazonses.com")}}, nil},
		"under a doubled name":    {"a.example", []Published{{Owner: "bounce.a.example.a.example", Record: mx(feedback)}}, nil},
		"under a wrong name":      {"a.example", []Published{{Owner: "tokena.a.example", Record: cname("tokena.dkim.amazonses.com")}}, nil},
		"of type SPF":             {"b.example", []Published{{Owner: "b.example", Record: record.Record{Type: record.SPF, Strings: txt(spf).Strings}}}, nil},
		"a key beside a sender's": {"d.example", []Published{{Owner: record.Name(long + "._domainkey.d.example"), Record: cname(record.Name(long + ".dkim.amazonses.com"))}}, []string{"add dkim: [" + long + "] to d.example|"}},
		"another token":           {"b.example", []Published{{Owner: "_amazonses.b.example", Record: txt(token)}}, []string{"add verification: \"" + token + "\" to b.example, or delete the record if nothing uses it|the account that the token was made for can send as b.example"}},
		"a MAIL FROM name":        {"b.example", []Published{{Owner: "bounce.b.example", Record: mx(feedback)}}, []string{"add mail_from: bounce to b.example|bounces of mail that has the name as its MAIL FROM go to Amazon SES"}},
		"and its SPF":             {"b.example", []Published{{Owner: "bounce.b.example", Record: mx(feedback)}, {Owner: "bounce.b.example", Record: txt(spf)}}, []string{"add mail_from: bounce to b.example|bounces", "an SPF record that authorises SES, and no domain of the file asks for it: add mail_from: bounce to b.example|passes SPF"}},
		"SPF alone":               {"b.example", []Published{{Owner: "b.example", Record: txt(spf)}}, []string{"list its includes as spf of b.example, or delete the record if nothing uses it|mail that Amazon SES sends with the name as its MAIL FROM passes SPF"}},
		"at the domain itself":    {"a.example", []Published{{Owner: "b.example", Record: mx(feedback)}}, []string{"a MAIL FROM domain is a subdomain of its identity; delete the record here|this name cannot be a MAIL FROM domain"}},
		"receiving":               {"b.example", []Published{{Owner: "b.example", Record: mx(inbound)}}, []string{"add receiving: true to b.example|mail to the name goes to Amazon SES"}},
		"Mail Manager":            {"b.example", []Published{{Owner: "b.example", Record: mx("x.y.mail-manager-smtp.amazonaws.com")}}, []string{"add receiving: {host: x.y.mail-manager-smtp.amazonaws.com} to b.example|mail to the name goes to Amazon SES"}},
		"tracking":                {"b.example", []Published{{Owner: "click.b.example", Record: cname(track)}}, []string{"add tracking: click to b.example|links under the name lead to Amazon SES"}},
		"the SMTP endpoint":       {"b.example", []Published{{Owner: "b.example", Record: mx("email-smtp.eu-west-1.amazonaws.com")}}, []string{"which is for sending and receives no mail: delete the record|accepts mail only after a login"}},
		"the same twice":          {"b.example", []Published{{Owner: "b.example", Record: mx(inbound)}, {Owner: "b.example", Record: mx(inbound)}}, []string{"add receiving: true|"}},
		"another domain":          {"c.example", []Published{{Owner: "click.c.example", Record: cname(track)}}, []string{"list c.example, as `import` writes it, or delete the record|"}},
		"six keys":                {"b.example", six, []string{"add dkim: [" + sixList + "] to b.example|the account that has the identity can sign mail as b.example", "", "", "", "", ""}},
		"seven keys":              {"b.example", seven, []string{"add dkim: [" + sixList + ", …] to b.example|", "", "", "", "", "", ""}},
		"a key beside others":     {"a.example", []Published{{Owner: record.Name(long + "._domainkey.a.example"), Record: cname(record.Name(long + ".dkim.amazonses.com"))}}, []string{"add its identity to a.example with dkim: [" + long + "], or delete its records if it is gone|"}},
		"a key with the zone on":  {"b.example", []Published{{Owner: record.Name(long + "._domainkey.b.example"), Record: cname(record.Name(long + ".dkim.amazonses.com.b.example"))}}, []string{"published with the zone appended to the value|"}},
		"a host like that of SES": {"b.example", []Published{{Owner: "b.example", Record: mx("inbound-smtp.eu-west-1.amazonses.com")}}, []string{"published with a host that only looks like that of Amazon SES|Amazon SES does not recognise the record, so it has no effect"}},
		"a small token":           {"b.example", []Published{{Owner: "_amazonses.b.example", Record: txt(strings.ToLower(token))}}, []string{"replace it with the TXT record that SES shows, or delete it|"}},
	} {
		for i := range c.published {
			c.published[i].Zone = c.zone
		}
		found := unclaimed(f, c.published)
		if len(found) != len(c.want) {
			t.Errorf("%s: %d findings, want %d: %v", name, len(found), len(c.want), found)
			continue
		}
		for i, want := range c.want {
			says, impact, _ := strings.Cut(want, "|")
			if !strings.Contains(found[i].Message, says) || !strings.Contains(found[i].Impact, impact) || found[i].Check != RecordUnclaimed {
				t.Errorf("%s: %s: %s\n%s", name, found[i].Record, found[i].Message, found[i].Impact)
			}
		}
	}
}

package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// unclaimedIn is what is unclaimed if no live SPF record leads to it.
func unclaimedIn(file *config.File, published []Published) []finding.Finding {
	return unclaimed(file, published, leftovers(file, published), nil)
}

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
		found := unclaimedIn(f, c.published)
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

// TestInUse: records that a record of the file leads to are not unclaimed, however they
// are reached.
func TestInUse(t *testing.T) {
	t.Parallel()
	const token = "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU="
	f := judgetest.Parse(t, `version: 1
domains:
  a.example: {region: eu-west-1, mail_from: bounce, tracking: click, dkim: [tokena], spf: [_listed.a.example]}
  mail.b.example: {region: eu-west-1, verification: `+token+`, mail_from: bounce}
  c.example: {dmarc: none}
`)
	const ses = `TXT "v=spf1 include:amazonses.com -all"`
	const feedback = "MX 10 feedback-smtp.eu-west-1.amazonses.com."
	for name, c := range map[string]struct {
		zone record.Name
		live string
		want string // owners that are unclaimed
	}{
		"an include":                       {"a.example", `@ TXT "v=spf1 include:_x.a.example -all"` + "\n_x " + ses, ""},
		"an include of an include":         {"a.example", `@ TXT "v=spf1 include:_x.a.example -all"` + "\n" + `_x TXT "v=spf1 include:_y.a.example -all"` + "\n_y " + ses, ""},
		"a redirect":                       {"a.example", `@ TXT "v=spf1 redirect=_x.a.example"` + "\n_x " + ses, ""},
		"an include of a MAIL FROM name":   {"a.example", `bounce TXT "v=spf1 include:_x.a.example -all"` + "\n_x " + ses, ""},
		"a listed include":                 {"a.example", "_listed " + ses, ""},
		"of SPF that nobody asks for":      {"c.example", `@ TXT "v=spf1 redirect=_x.c.example"` + "\n_x " + ses, ""},
		"an include of another name":       {"a.example", `www TXT "v=spf1 include:_x.a.example -all"` + "\n_x " + ses, "_x.a.example"},
		"a loop":                           {"a.example", `@ TXT "v=spf1 include:_x.a.example -all"` + "\n" + `_x TXT "v=spf1 include:amazonses.com include:a.example -all"`, ""},
		"the target of a CNAME":            {"a.example", "bounce CNAME b2.a.example.\nb2 " + feedback + "\nb2 " + ses, ""},
		"the target of two CNAMEs":         {"a.example", "bounce CNAME b1.a.example.\nb1 CNAME b2.a.example.\nb2 " + feedback, ""},
		"a CNAME loop":                     {"a.example", "bounce CNAME b1.a.example.\nb1 CNAME bounce.a.example.\nb2 " + feedback, "b2.a.example"},
		"a wildcard":                       {"a.example", "* " + feedback + "\n* " + ses, ""},
		"a wildcard of another type":       {"a.example", "* CNAME r.eu-west-1.awstrack.me.", ""},
		"a wildcard of keys":               {"a.example", "*._domainkey CNAME tokena.dkim.amazonses.com.", ""},
		"a wildcard beside the names":      {"a.example", "* " + feedback + "\nbounce A 192.0.2.1\nclick A 192.0.2.1\n_listed A 192.0.2.1", "*.a.example"},
		"a wildcard above a name below":    {"a.example", "* " + feedback + "\nx.bounce A 192.0.2.1", "*.a.example"},
		"a token at the parent":            {"b.example", "_amazonses TXT " + token, ""},
		"a garbled token at the parent":    {"b.example", `_amazonses TXT "\"` + token + `\""`, ""},
		"a token at the parent as well":    {"b.example", "_amazonses TXT " + token + "\n_amazonses.mail TXT " + token, "_amazonses.b.example"},
		"another token at the parent":      {"b.example", "_amazonses TXT k3Ai1rGRNBpBeQL7ylkYX0wI9yHYdTC6nMjRfKgjHc8=", "_amazonses.b.example"},
		"MAIL FROM at the parent":          {"b.example", "bounce " + feedback + "\nbounce " + ses, ""},
		"MAIL FROM at the parent as well":  {"b.example", "bounce " + feedback + "\nbounce.mail " + feedback, "bounce.b.example"},
		"MAIL FROM of another region":      {"b.example", "bounce MX 10 feedback-smtp.us-east-1.amazonses.com.", "bounce.b.example"},
		"another MAIL FROM name above":     {"b.example", "other " + feedback, "other.b.example"},
		"a name that begins with a domain": {"a.example", "_x " + ses, "_x.a.example"},
	} {
		var owners []string
		for _, u := range unclaimedIn(f, publishedIn(t, c.zone, c.live)) {
			owners = append(owners, string(u.Record.Name))
		}
		if got := strings.Join(owners, " "); got != c.want {
			t.Errorf("%s: unclaimed are %q, want %q", name, got, c.want)
		}
	}
	x := publishedIn(t, "a.example", "_x "+ses)
	if found := unclaimed(f, x, leftovers(f, x), map[record.Name]bool{"_x.a.example": true}); len(found) > 0 {
		t.Errorf("a live record leads to it: %v", found)
	}
}

// publishedIn are the records of a zone, one a line.
func publishedIn(t *testing.T, zone record.Name, text string) (all []Published) {
	t.Helper()
	z := dns.NewZoneParser(strings.NewReader(text), string(zone)+".", "x.zone")
	z.SetDefaultTTL(300)
	for rr, ok := z.Next(); ok; rr, ok = z.Next() {
		p := Published{Zone: zone, Owner: record.MustName(rr.Header().Name)}
		switch rr := rr.(type) {
		case *dns.TXT:
			p.Record = record.NewTXT(strings.ReplaceAll(strings.Join(rr.Txt, ""), `\"`, `"`))
		case *dns.MX:
			p.Record = record.Record{Type: record.MX, Preference: rr.Preference, Host: record.MustName(rr.Mx)}
		case *dns.CNAME:
			p.Record = record.Record{Type: record.CNAME, Host: record.MustName(rr.Target)}
		default:
			p.Record = record.Record{Type: record.A}
		}
		all = append(all, p)
	}
	if err := z.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestUnclaimedWildcard: the file cannot list a wildcard, so no message says to.
func TestUnclaimedWildcard(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  b.example: {dmarc: none}\n")
	for _, live := range []string{
		"* MX 10 feedback-smtp.eu-west-1.amazonses.com.",
		"* MX 10 inbound-smtp.eu-west-1.amazonaws.com.",
		"* CNAME r.eu-west-1.awstrack.me.",
		`* TXT "v=spf1 include:amazonses.com -all"`,
		"*._domainkey CNAME 3kq7vjz2m5xw4zt6ynb2l7c3d5e4f6ga.dkim.amazonses.com.",
		"*.x CNAME r.eu-west-1.awstrack.me.",
	} {
		for _, zone := range []record.Name{"b.example", "c.example"} {
			found := unclaimedIn(f, publishedIn(t, zone, live))
			if len(found) != 1 || !strings.Contains(found[0].Message, "the file cannot list a wildcard") || strings.Contains(found[0].Message, "add ") {
				t.Errorf("%s in %s: %v", live, zone, found)
			}
		}
	}
}

// TestUnclaimedRelative: a name that is not below a domain is not to be listed.
func TestUnclaimedRelative(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  b.example: {dmarc: none}\n")
	mx := record.Record{Type: record.MX, Preference: 10, Host: "feedback-smtp.eu-west-1.amazonses.com"}
	found := unclaimedIn(f, []Published{{Zone: "bounce", Owner: "bounce", Record: mx}})
	if len(found) != 1 || !strings.Contains(found[0].Message, "write it in full") {
		t.Error(found)
	}
}

// TestUsesOnce: the records at a wildcard are followed once, however many names it
// answers for.
func TestUsesOnce(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  a.example: {spf: [x.w.a.example, y.w.a.example]}\n")
	u := newUses(f, []Published{{Zone: "a.example", Owner: "*.w.a.example", Record: record.NewTXT("v=spf1 include:z.w.a.example include:b.example -all")}})
	if len(u.texts) > 0 {
		t.Errorf("%v would be followed again", u.texts)
	}
	for _, n := range []record.Name{"*.w.a.example", "z.w.a.example", "b.example"} {
		if !u.used[record.Question{Name: n, Type: record.TXT}] {
			t.Errorf("%s is not in use", n)
		}
	}
}

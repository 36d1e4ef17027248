package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestDiscoveryWith: what was found goes to the identity that it belongs to, beside
// what the user named.
func TestDiscoveryWith(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		open      config.Open
		mailFrom  []string // labels
		selectors []string
		want      []string // of each identity: sender, label of MAIL FROM, selector or tokens
	}{
		"nothing":                           {want: []string{"- - -"}},
		"a MAIL FROM name":                  {mailFrom: []string{"bounce"}, want: []string{"- bounce -"}},
		"two of them":                       {mailFrom: []string{"bounce", "mail"}, want: []string{"- bounce -", "- mail -"}},
		"the one that is given":             {open: config.Open{MailFrom: "bounce"}, mailFrom: []string{"bounce", "mail"}, want: []string{"- bounce -", "- mail -"}},
		"Resend":                            {mailFrom: []string{"send"}, selectors: []string{"resend"}, want: []string{"resend send resend"}},
		"Resend, named by its selector":     {open: config.Open{Selectors: []string{"resend", "s1"}}, mailFrom: []string{"send"}, selectors: []string{"resend"}, want: []string{"resend send resend", "- - s1"}},
		"Resend, its MAIL FROM name given":  {open: config.Open{MailFrom: "send"}, mailFrom: []string{"send"}, selectors: []string{"resend"}, want: []string{"resend send resend"}},
		"Resend with another MAIL FROM":     {mailFrom: []string{"out"}, selectors: []string{"resend"}, want: []string{"resend out resend"}},
		"a key of Resend alone":             {selectors: []string{"resend"}, want: []string{"resend - resend"}},
		"Resend beside an identity":         {mailFrom: []string{"bounce", "send"}, selectors: []string{"resend"}, want: []string{"- bounce -", "resend send resend"}},
		"Resend beside tokens":              {open: config.Open{Tokens: []string{"tokena"}}, mailFrom: []string{"send"}, selectors: []string{"resend"}, want: []string{"- - tokena", "resend send resend"}},
		"Resend and Unosend at one name":    {mailFrom: []string{"send"}, selectors: []string{"resend", "unosend"}, want: []string{"resend send resend", "unosend - unosend"}},
		"Plunk":                             {mailFrom: []string{"plunk"}, want: []string{"plunk plunk -"}},
		"Plunk beside a key of Resend":      {mailFrom: []string{"plunk"}, selectors: []string{"resend"}, want: []string{"plunk plunk -", "resend - resend"}},
		"a region that is given stays with": {open: config.Open{Region: "eu-west-1"}, mailFrom: []string{"plunk"}, want: []string{"- - -", "plunk plunk -"}},
	} {
		c.open.Domain = "example.com"
		d, err := c.open.Read()
		if err != nil {
			t.Fatal(err)
		}
		found := &discovery{}
		for _, l := range c.mailFrom {
			found.mailFrom = append(found.mailFrom, record.Answer{Question: record.Question{Name: d.Name.Child(l), Type: record.MX}})
		}
		for _, s := range c.selectors {
			found.keys = append(found.keys, texts(record.Name(s+"._domainkey.example.com")))
		}
		var got []string
		for _, id := range found.with(&d).Identities {
			got = append(got, described(id))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, not %q", what, got, c.want)
		}
	}
}

func described(id config.Identity) string {
	word := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	mailFrom, key := "", ""
	if id.MailFrom != nil {
		mailFrom = id.MailFrom.Name.Value.FirstLabel()
	}
	if k := id.DKIM; k != nil {
		key = k.Selector.Value
		for _, t := range k.Tokens {
			key = strings.TrimSpace(key + " " + t.Value)
		}
	}
	return fmt.Sprintf("%s %s %s", word(id.Sender.Value), word(mailFrom), word(key))
}

// TestDiscover: what is found at the usual places of a domain, and what is said of
// it. Where every name has an MX of SES, there is no MAIL FROM name.
func TestDiscover(t *testing.T) {
	t.Parallel()
	const inbound, feedback = "10 inbound-smtp.%s.amazonaws.com.\n", "MX 10 feedback-smtp.eu-west-1.amazonses.com.\n"
	mx := func(regions ...string) (all string) {
		for _, r := range regions {
			all += "@ MX " + fmt.Sprintf(inbound, r)
		}
		return all
	}
	for name, c := range map[string]struct{ live, want string }{
		"nothing":              {"", "receives missing"},
		"mail elsewhere":       {"@ MX 10 mx.test.\n", "receives ok"},
		"mail at SES":          {mx("us-east-1", "eu-west-1", "us-east-1"), "receives ok in eu-west-1 us-east-1"},
		"a null MX":            {"@ MX 0 .\n", "receives missing"},
		"Mail Manager":         {"@ MX 10 x.y.mail-manager-smtp.amazonaws.com.\n", "receives ok by Mail Manager"},
		"MX is not answered":   {"@ MX TIMEOUT\n", "receives unknown, MX example.com is not answered"},
		"a MAIL FROM name":     {"bounce " + feedback, "receives missing, from bounce.example.com"},
		"two of them":          {"bounce " + feedback + "mail " + feedback, "receives missing, from bounce.example.com mail.example.com"},
		"a wildcard":           {"* " + feedback, "receives missing, a wildcard"},
		"another MX there":     {"bounce MX 10 mx.test.\n", "receives missing"},
		"a key":                {"resend._domainkey TXT p=" + judgetest.RSA2048[:40] + "\n", "receives missing, key resend"},
		"a key that is empty":  {"resend._domainkey TXT p=\n", "receives missing"},
		"a key by a CNAME":     {"resend._domainkey CNAME k\nk TXT p=" + judgetest.RSA2048[:40] + "\n", "receives missing"},
		"a tracking name":      {"click CNAME r.eu-west-1.awstrack.me.\nlink CNAME r.us-east-1.awstrack.me.\n", "receives missing, click.example.com in eu-west-1, link.example.com in us-east-1"},
		"a CNAME elsewhere":    {"click CNAME r.test.\n", "receives missing"},
		"WorkMail":             {"autodiscover CNAME x.mail.eu-west-1.awsapps.com.\n", "receives missing, WorkMail"},
		"mailboxes elsewhere":  {"autodiscover CNAME autodiscover.outlook.com.\n", "receives missing"},
		"some is not answered": {"bounce MX TIMEOUT\nclick CNAME TIMEOUT\n", "receives missing, MX bounce.example.com is not answered, CNAME click.example.com is not answered"},
	} {
		w := &world{answer: func(q record.Question, _ bool) record.Answer { return judgetest.Live(t, c.live).Ask(t.Context(), q) }}
		found := discover(t.Context(), askerOf(t, w), "example.com")
		p := found.snapshot()
		got := fmt.Sprintf("receives %s", p.Receives)
		if len(p.Inbound) > 0 {
			got += " in " + strings.Join(p.Inbound, " ")
		}
		if p.Manager {
			got += " by Mail Manager"
		}
		if p.Wildcard {
			got += ", a wildcard"
		}
		for i, a := range found.mailFrom {
			got += map[bool]string{true: ", from ", false: " "}[i == 0] + string(a.Question.Name)
		}
		for _, a := range found.keys {
			got += ", key " + a.Question.Name.FirstLabel()
		}
		for _, a := range p.Tracking {
			got += fmt.Sprintf(", %s in %s", a.Name, a.Region)
		}
		if p.WorkMail != "" {
			got += ", WorkMail"
		}
		for _, q := range p.Unanswered {
			got += ", " + q + " is not answered"
		}
		if got != c.want || (p.WorkMailEnd != "") != (p.WorkMail != "") {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

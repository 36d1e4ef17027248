package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

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

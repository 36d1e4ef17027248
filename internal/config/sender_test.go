package config

import (
	"testing"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// TestLayOut: what a sender decides is filled in, at its place, where the file does
// not say it, and is never written as if the file said it.
func TestLayOut(t *testing.T) {
	for _, s := range ses.Senders() {
		for own, want := range map[string]struct {
			mailFrom record.Name
			selector string
		}{
			"": {record.Name(s.MailFrom + ".example.com"), s.Selector},
			"    mail_from: out\n    dkim: {selector: other}\n": {"out.example.com", "other"},
		} {
			file, problems := Parse("f", []byte("version: 1\ndomains:\n  example.com:\n    region: eu-west-1\n    sender: "+s.Key+"\n"+own))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			id := file.Domains[0].Identities[0]
			if id.MailFrom.Name.Value != want.mailFrom || id.DKIM.Selector.Value != want.selector || id.DKIM.Easy != (want.selector == "") {
				t.Errorf("%s with %q: MAIL FROM %s, selector %q", s.Key, own, id.MailFrom.Name.Value, id.DKIM.Selector.Value)
			}
			if implied := own == ""; id.MailFrom.Implied != implied || id.DKIM.Implied != implied || implied && id.MailFrom.Place != id.Sender.Place {
				t.Errorf("%s with %q: implied is %v and %v", s.Key, own, id.MailFrom.Implied, id.DKIM.Implied)
			}
			if text := (yamltext.Term{Pairs: file.Domains[0].Pairs()}).Flow(); own == "" && text != "{region: eu-west-1, sender: "+s.Key+"}" {
				t.Errorf("%s is written as %s", s.Key, text)
			}
		}
	}
}

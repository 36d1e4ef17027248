package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/wanted"
)

// TestCustomersFix: customers of a sender are sent to its dashboard, and never to
// SES, where they have no account.
func TestCustomersFix(t *testing.T) {
	t.Parallel()
	for _, s := range ses.Senders() {
		for _, c := range All() {
			theirs := slices.Contains([]wanted.Part{wanted.Verification, wanted.DKIM, wanted.OwnKey, wanted.MailFrom}, c.Part())
			got := customersFix(c, &s)
			if theirs && !strings.Contains(got, s.Name) || !theirs && got != "" || strings.Contains(got, "SES") {
				t.Errorf("%s of %s: %q", c.ID, s.Key, got)
			}
		}
	}
}

func TestSenderOf(t *testing.T) {
	t.Parallel()
	const file = "identities: [{region: eu-west-1, sender: resend}, {region: us-east-1, mail_from: bounce, dkim: [tokena, tokenb, tokenc]}, " +
		"{region: eu-west-2, sender: unosend, mail_from: bounce}]"
	d := &judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+file+"}\n").Domains[0]
	for name, c := range map[string]struct {
		part wanted.Part
		of   record.Name
		want string
	}{
		"the sender's key":             {wanted.OwnKey, "resend._domainkey.example.com", "Resend"},
		"its MAIL FROM name":           {wanted.MailFrom, "send.example.com", "Resend"},
		"SPF there":                    {wanted.SPFRecord, "send.example.com", "Resend"},
		"another sender's key":         {wanted.OwnKey, "unosend._domainkey.example.com", "Unosend"},
		"a token of one's own":         {wanted.DKIM, "tokena._domainkey.example.com", ""},
		"a name that both have":        {wanted.MailFrom, "bounce.example.com", ""},
		"SPF of the domain itself":     {wanted.SPFRecord, "example.com", ""},
		"a key that no identity lists": {wanted.OwnKey, "other._domainkey.example.com", ""},
	} {
		got := ""
		if s := senderOf(d, &finding.Finding{Part: c.part, Record: record.Question{Name: c.of, Type: record.TXT}}); s != nil {
			got = s.Name
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

// TestSenderOfParts: of which identity's records a finding is, in each part.
func TestSenderOfParts(t *testing.T) {
	t.Parallel()
	const file = "identities: [{region: eu-west-1, sender: resend, receiving: true, tracking: click}, {region: us-east-1, sender: unosend, verification: token, dkim: [tokena, tokenb, tokenc]}]"
	d := &judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+file+"}\n").Domains[0]
	for name, c := range map[string]struct {
		part wanted.Part
		of   record.Name
		want string
	}{
		"the token":             {wanted.Verification, "_amazonses.example.com", "Unosend"},
		"receiving":             {wanted.Receiving, "example.com", "Resend"},
		"tracking":              {wanted.Tracking, "click.example.com", "Resend"},
		"tracking at a name":    {wanted.Tracking, "link.example.com", ""},
		"a token of Easy DKIM":  {wanted.DKIM, "tokenb._domainkey.example.com", "Unosend"},
		"where all keys are":    {wanted.DKIM, "_domainkey.example.com", "Unosend"},
		"a token of nobody":     {wanted.DKIM, "tokend._domainkey.example.com", ""},
		"a MAIL FROM of nobody": {wanted.MailFrom, "mail.example.com", ""},
	} {
		got := ""
		if s := senderOf(d, &finding.Finding{Part: c.part, Record: record.Question{Name: c.of}}); s != nil {
			got = s.Name
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

// TestSenderFixes: what a customer of a sender is advised to do about a key.
func TestSenderFixes(t *testing.T) {
	t.Parallel()
	s := ses.LookupSender("resend")
	for c, want := range map[*finding.Check]string{
		dkim.KeyWeak:      "You cannot fix this in DNS: Resend creates the key and chooses its size.",
		dkim.KeyMissing:   "it was deleted there, or has other records now",
		dkim.KeyPartial:   "it was deleted there, or has other records now",
		dkim.OtherZone:    "set dkim.signing_hosted_zone in the file",
		dkim.KeyMismatch:  "Publish the key that Resend's dashboard shows, or correct the file.",
		dkim.KeyDuplicate: "Publish one TXT record, as Resend's dashboard shows it.",
		dkim.Missing:      "Then verify the domain there again.",
	} {
		if got := customersFix(c, s); !strings.Contains(got, want) {
			t.Errorf("%s: %s", c, got)
		}
	}
}

package app

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// TestFitting: a planned record of an unknown name may be one that the file asks for
// if its data may be right there.
func TestFitting(t *testing.T) {
	t.Parallel()
	file, problems := config.Parse("sescheck.yaml", []byte(`version: 1
domains:
  example.com: {region: eu-west-1, mail_from: bounce, spf: [_spf.example.net], dmarc: reject}
  example.org: {region: eu-west-1, receiving: true, spf: none}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	const feedback, inbound, ses, vendor = "10 feedback-smtp.eu-west-1.amazonses.com.", "10 inbound-smtp.eu-west-1.amazonaws.com", `"v=spf1 include:amazonses.com ~all"`, `"v=spf1 include:_SPF." "example.net ~all"`
	open, known, unknown := source.Pattern{{Unknown: "Name"}}, source.Pattern{{Text: "bounce."}, {Unknown: "Name"}}, "?"
	for name, c := range map[string]struct {
		question string
		name     source.Pattern
		value    string
		want     bool
	}{
		"MAIL FROM":                         {"bounce.example.com MX", open, feedback, true},
		"MAIL FROM, host alone":             {"bounce.example.com MX", open, "Feedback-SMTP.eu-west-1.amazonses.com", true},
		"MAIL FROM, inbound":                {"bounce.example.com MX", open, inbound, false},
		"MAIL FROM, inbound, a known label": {"bounce.example.com MX", known, inbound, false},
		"MAIL FROM, unknown":                {"bounce.example.com MX", open, unknown, true},
		"MAIL FROM, nothing known":          {"bounce.example.com MX", nil, "", true},
		"receiving":                         {"example.org MX", open, inbound, true},
		"receiving, feedback":               {"example.org MX", open, feedback, false},
		"no MX in the file":                 {"example.com MX", open, feedback, false},
		"SPF of the MAIL FROM name":         {"bounce.example.com TXT", open, ses, true},
		"SPF with copied ranges":            {"bounce.example.com TXT", open, `"v=spf1 ip4:192.0.2.0/24 -all"`, true},
		"SPF of nothing":                    {"bounce.example.com TXT", open, `"v=spf1 -all"`, false},
		"SPF in two strings":                {"example.com TXT", open, vendor, true},
		"SPF of another name":               {"example.com TXT", open, ses, false},
		"SPF with a redirect":               {"example.com TXT", open, `"v=spf1 redirect=example.net"`, true},
		"SPF with a macro":                  {"example.com TXT", open, `"v=spf1 include:%{d2} -all"`, true},
		"no SPF in the file":                {"gone.example.com TXT", open, ses, false},
		"SPF that must not be there":        {"example.org TXT", open, ses, true},
		"a target of an include":            {"bounce.example.net TXT", known, ses, true},
		"DMARC":                             {"_dmarc.example.com TXT", open, `"v=DMARC1; p=none"`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			owner, word, _ := strings.Cut(c.question, " ")
			typ, _ := record.ParseType(word)
			p := source.Promise{Type: typ, Name: c.name}
			switch c.value {
			case "":
			case unknown:
				p.Values = []source.Pattern{{{Unknown: "Value"}}}
			default:
				p.Values = []source.Pattern{{{Text: c.value}}}
			}
			if got := fitting(file)(record.Question{Name: record.MustName(owner), Type: typ}, p); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

package dkim

import (
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestPlannedDKIM: of a record that is made of a token, the rest of its name and of
// its target is known before the apply.
func TestPlannedDKIM(t *testing.T) {
	t.Parallel()
	const right, leads = "*._domainkey.example.com", "*.dkim.amazonses.com"
	for _, c := range []struct {
		name, target string
		zone         record.Name
		want         *finding.Check
		says         string
	}{
		{right, leads, "", nil, ""},
		{right + ".", leads + ".", "example.com", nil, ""},
		{"*._domainkey", leads, "example.com", nil, ""},
		{"*._domainkey", leads, "", nil, ""},
		{"*", "*", "example.com", nil, ""},
		{"", "", "", nil, ""},
		{"*._domainkey.example.com.example.com", leads, "", part.NameDoubled, "TOKEN._domainkey.example.com.example.com, with the domain twice"},
		{"*.example.com", leads, "example.com", Missing, "TOKEN.example.com, without _domainkey"},
		{"*._domainkey.example.net", leads, "", Missing, "instead of TOKEN._domainkey.example.com"},
		{right, "*.dkim.af-south-1.amazonses.com", "", WrongTarget, "not the DKIM zone of eu-west-1"},
		{right, "*.dkim.amazonaws.com", "", WrongTarget, "not a DKIM zone of SES"},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: easy}\n")
		one := config.PromisedRecord{Address: "aws_route53_record.dkim[0]", Name: c.name, Target: c.target, Zone: c.zone}
		f.Domains[0].Identities[0].DKIM.Promised = &config.Promised{From: "x", Records: []config.PromisedRecord{one, {}, {}}}
		v := judgeEasy(wantEasy(&f.Domains[0])[0], nil)
		switch {
		case c.want == nil && (len(v.Findings) > 0 || v.Promises[0].Count != 3):
			t.Errorf("%s %s: %v", c.name, c.target, v.Findings)
		case c.want != nil && (len(v.Findings) != 1 || v.Findings[0].Check != c.want || !strings.Contains(v.Findings[0].Text(), c.says) || v.Promises[0].Count != 2):
			t.Errorf("%s %s: %+v", c.name, c.target, v.Findings)
		}
	}
}

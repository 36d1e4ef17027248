package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestMovedZone: where every record of SES is missing, and there are two at least,
// it is said who serves the zone. What is not answered then is no finding.
func TestMovedZone(t *testing.T) {
	t.Parallel()
	const says = "SES records are missing, and the zone is served by "
	for name, c := range map[string]struct {
		file    string
		there   string // a name that exists
		servers int    // -1 for no answer
		want    string
	}{
		"all of five":         {"{region: eu-west-1, verification: token, dkim: [tokena, tokenb, tokenc], mail_from: bounce}", "", 2, "all 5 " + says + "ns0.test, ns1.test: "},
		"all of two":          {"{region: eu-west-1, verification: token, mail_from: bounce}", "", 1, "all 2 " + says + "ns0.test: "},
		"only one":            {"{region: eu-west-1, mail_from: bounce}", "", 2, ""},
		"one of two is there": {"{region: eu-west-1, verification: token, mail_from: bounce}", "_amazonses.mail.example.com", 2, ""},
		"many servers":        {"{region: eu-west-1, verification: token, mail_from: bounce}", "", 5, "all 2 " + says + "ns0.test, ns1.test, ns2.test, ns3.test: "},
		"no servers":          {"{region: eu-west-1, verification: token, mail_from: bounce}", "", 0, ""},
		"not answered":        {"{region: eu-west-1, verification: token, mail_from: bounce}", "", -1, ""},
	} {
		w := &world{answer: func(q record.Question, _ bool) record.Answer {
			switch {
			case q.Type == record.NS && q.Name == "example.com" && c.servers < 0:
				return judgetest.Failing(q)
			case q.Type == record.NS && q.Name == "example.com" && c.servers > 0:
				a := record.Answer{Question: q, Status: record.Found}
				for i := range c.servers {
					a.Records = append(a.Records, record.Record{Type: record.NS, Host: record.Name(fmt.Sprintf("ns%d.test", i))})
				}
				return a
			case string(q.Name) == c.there && q.Type == record.TXT:
				return record.Answer{Question: q, Status: record.Found, Records: []record.Record{record.NewTXT("token")}}
			}
			return judgetest.Absent(q, record.NoData)
		}}
		f := judgetest.Parse(t, "version: 1\ndomains:\n  mail.example.com: {spf: none, identities: ["+c.file+"]}\n")
		var said []string
		for _, f := range Run(t.Context(), f, w, Options{Window: 1}).Domains[0].Findings {
			if _, after, ok := strings.Cut(f.Message, "; all "); ok {
				said = append(said, "all "+after)
			}
			if f.Status != finding.Fail {
				t.Errorf("%s: %s: %s", name, f.Check, f.Message)
			}
		}
		if got := strings.Join(said, "|"); c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || len(said) > 1 {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestMovedZoneOfPlan: records that a plan makes wrong are not all that there is.
func TestMovedZoneOfPlan(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, dkim: easy, mail_from: bounce}\n")
	wrong := config.PromisedRecord{Address: "a.b", Name: "*.domainkey.example.com"}
	f.Domains[0].Identities[0].DKIM.Promised = &config.Promised{From: "x", Records: []config.PromisedRecord{wrong, wrong, wrong}}
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		a := record.Answer{Question: q, Status: record.Found}
		switch {
		case q.Type == record.NS:
			a.Records = []record.Record{{Type: record.NS, Host: "ns.test"}}
		case q.Type == record.MX:
			a.Records = []record.Record{{Type: record.MX, Preference: 10, Host: "feedback-smtp.eu-west-1.amazonses.com"}}
		case q.Type == record.TXT && q.Name == "bounce.example.com":
			a.Records = []record.Record{record.NewTXT("v=spf1 ip4:192.0.2.1 include:amazonses.com -all")}
		default:
			return judgetest.Absent(q, record.NoData)
		}
		return a
	}}
	found := Run(t.Context(), f, w, Options{Window: 1}).Domains[0].Findings
	if len(found) < 3 {
		t.Fatalf("found %v", found)
	}
	for _, f := range found {
		if strings.Contains(f.Message, "SES records are missing") {
			t.Error(f.Message)
		}
	}
}

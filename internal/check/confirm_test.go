package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// parties are several resolvers; the first is asked first.
type parties []func(record.Question) record.Answer

func (p parties) Ask(_ context.Context, q record.Question) record.Answer { return p[0](q) }

func (p parties) Opinions() (all []record.Asker) {
	for _, one := range p {
		all = append(all, askerFunc(func(_ context.Context, q record.Question) record.Answer { return one(q) }))
	}
	return all
}

// TestAgreement: of several resolvers, an error is one only if nobody who
// answers denies it.
func TestAgreement(t *testing.T) {
	t.Parallel()
	f := parse(t, "version: 1\ndomains:\n  example.com:\n    region: eu-west-1\n    mail_from: bounce\n")
	by := func(server string, mx func(record.Question) record.Answer) func(record.Question) record.Answer {
		return func(q record.Question) record.Answer {
			a := record.Answer{Question: q, Status: record.NoData, TTL: 60}
			switch {
			case q.Type == record.MX && q.Name == "bounce.example.com":
				a = mx(q)
			case q.Type == record.TXT && q.Name == "bounce.example.com":
				a.Status, a.Records = record.Found, []record.Record{{Type: record.TXT, Strings: []untrusted.Text{untrusted.New("v=spf1 include:amazonses.com -all")}}}
			case q.Type == record.TXT && q.Name == "amazonses.com":
				a.Status, a.Records = record.Found, []record.Record{{Type: record.TXT, Strings: []untrusted.Text{untrusted.New("v=spf1 ip4:192.0.2.0/24 -all")}}}
			}
			a.Server = server
			return a
		}
	}
	mx := func(region string, ttl uint32) func(record.Question) record.Answer {
		return func(q record.Question) record.Answer {
			return record.Answer{Question: q, Status: record.Found, TTL: ttl, Records: []record.Record{{Type: record.MX, Preference: 10, Host: record.Name("feedback-smtp." + region + ".amazonses.com")}}}
		}
	}
	none := func(q record.Question) record.Answer { return absent(q, record.NoData) }
	differ := func(q record.Question) record.Answer {
		return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Disagreed, TTL: 120, Said: []record.Said{
			{Zone: "example.com", Server: "ns1", Says: "this"}, {Zone: "example.com", Server: "ns2", Says: "that"},
		}}}
	}
	const missing, wrong, disagree = "mail-from-mx-missing", "mail-from-mx-wrong", "nameservers-disagree"
	for _, c := range []struct {
		name      string
		mx        []func(record.Question) record.Answer
		check     string // "" for no finding
		confirmed bool
		says      string // part of the message
	}{
		{"all right at the first", []func(record.Question) record.Answer{mx("eu-west-1", 60), none}, "", false, ""},
		{"all say it is missing", []func(record.Question) record.Answer{none, none, none}, missing, true, "has no MX record"},
		{"one has it", []func(record.Question) record.Answer{none, none, mx("eu-west-1", 240)}, disagree, false, "a, b say no MX record; c says 10 feedback-smtp.eu-west-1.amazonses.com.; about 4 minutes until"},
		{"one fails", []func(record.Question) record.Answer{none, failing}, missing, true, "has no MX record"},
		{"all say it is wrong", []func(record.Question) record.Answer{mx("us-east-1", 60), mx("us-east-1", 60)}, wrong, true, ""},
		{"wrong in two ways", []func(record.Question) record.Answer{mx("us-east-1", 60), mx("us-west-2", 60)}, wrong, true, ""},
		{"wrong at one", []func(record.Question) record.Answer{mx("us-east-1", 7200), mx("eu-west-1", 60)}, disagree, false, "about 2 hours until"},
		{"the zone's servers differ", []func(record.Question) record.Answer{differ}, disagree, false, "ns1 says this; ns2 says that; about 2 minutes until"},
		{"the zone's servers differ from one another at second sight", []func(record.Question) record.Answer{none, differ}, disagree, false, "ns1 says this; ns2 says that"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var p parties
			for i, one := range c.mx {
				p = append(p, by(string(rune('a'+i)), one))
			}
			d := Run(t.Context(), f, p, Options{Window: 1, Verbose: true}).Domains[0]
			if c.check == "" {
				if len(d.Findings) > 0 {
					t.Errorf("%+v", d.Findings)
				}
				return
			}
			if len(d.Findings) != 1 || d.Findings[0].Check != c.check || !strings.Contains(d.Findings[0].Message, c.says) {
				t.Fatalf("%+v", d.Findings)
			}
			got := d.Findings[0]
			if c.check == disagree {
				if got.Status != Inconclusive || got.Severity != Error || !slices.Contains(got.Undecided, missing) || !slices.Contains(got.Undecided, wrong) || len(got.Evidence.Servers) < 2 {
					t.Errorf("%+v", got)
				}
				for _, row := range d.Rows {
					if row.Record.Type == record.MX && row.Status != Inconclusive {
						t.Errorf("%s is %s", row.Check, row.Status)
					}
				}
				return
			}
			if got.Evidence.Confirmed == nil || *got.Evidence.Confirmed != c.confirmed || len(got.Evidence.Servers) < 2 {
				t.Errorf("%+v", got.Evidence)
			}
		})
	}
}

// TestLame: servers are told of that did not answer for a zone of the domain's
// own, each once.
func TestLame(t *testing.T) {
	t.Parallel()
	f := parse(t, "version: 1\ndomains:\n  mail.example.com:\n    spf: none\n    dmarc: none\n")
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		a := absent(q, record.NoData)
		if q.Name == "_dmarc.mail.example.com" {
			a.Status, a.Records = record.Found, []record.Record{{Type: record.TXT, Strings: []untrusted.Text{untrusted.New("v=DMARC1; p=none")}}}
		}
		a.Lame = []record.Said{
			{Zone: "example.com", Server: "ns2.example.com (192.0.2.2:53)", Says: "REFUSED"},
			{Zone: "example.com", Server: "ns3.example.net", Says: "nothing: it has no address"},
			{Zone: "com", Server: "a.gtld-servers.net (192.0.2.3:53)", Says: "REFUSED"},
			{Zone: "vendor.net", Server: "ns1.vendor.net (192.0.2.4:53)", Says: "REFUSED"},
		}
		if q.Type == record.TXT {
			a.Lame[0].Says = "nothing: timeout"
		}
		return a
	}}
	var got []string
	for _, f := range Run(t.Context(), f, w, Options{Window: 1}).Domains[0].Findings {
		got = append(got, fmt.Sprintf("%s %s %s %s %s", f.Check, f.Severity, f.Status, f.Record, f.Subject))
	}
	want := []string{
		"nameserver-lame warning fail NS example.com ns2.example.com",
		"nameserver-lame warning fail NS example.com ns3.example.net",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestBogus: a resolver's word that signatures are wrong is passed on.
func TestBogus(t *testing.T) {
	t.Parallel()
	f := parse(t, "version: 1\ndomains:\n  example.com:\n    spf: none\n")
	for code, says := range map[uint16]string{7: "DNSSEC: a signature has expired: every validating receiver refuses this too", 22: ""} {
		w := &world{answer: func(q record.Question, _ bool) record.Answer {
			return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.BadRcode, Rcode: "SERVFAIL", EDE: []record.EDE{{Code: code}}}}
		}}
		for _, f := range Run(t.Context(), f, w, Options{Window: 1}).Domains[0].Findings {
			if f.Check != "dns-unavailable" || f.Status != Inconclusive || !strings.Contains(f.Message, says) || says == "" && strings.Contains(f.Message, "DNSSEC") {
				t.Errorf("EDE %d: %s %s", code, f.Check, f.Message)
			}
		}
	}
}

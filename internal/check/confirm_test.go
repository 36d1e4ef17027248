package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// parties are several resolvers; the first is asked first.
type parties []func(record.Question) record.Answer

func (p parties) Ask(_ context.Context, q record.Question) record.Answer { return p[0](q) }

func (p parties) Resolvers() (all []record.Asker) {
	for _, one := range p {
		all = append(all, askerFunc(func(_ context.Context, q record.Question) record.Answer { return one(q) }))
	}
	return all
}

// TestAgreement: of several resolvers, an error is one only if nobody who
// answers denies it.
func TestAgreement(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com:\n    region: eu-west-1\n    mail_from: bounce\n")
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
	none := func(q record.Question) record.Answer { return judgetest.Absent(q, record.NoData) }
	differ := func(q record.Question) record.Answer {
		return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.Disagreed, TTL: 120, Said: []record.Said{
			{Zone: "example.com", Host: "ns1", Server: "ns1", Says: "this"}, {Zone: "example.com", Host: "ns2", Server: "ns2", Says: "that"},
		}}}
	}
	missing, wrong, disagree := mailfrom.MXMissing, mailfrom.MXWrong, NameserversDisagree
	for _, c := range []struct {
		name      string
		mx        []func(record.Question) record.Answer
		check     *finding.Check // nil for no finding
		confirmed bool
		says      string // part of the message
	}{
		{"all right at the first", []func(record.Question) record.Answer{mx("eu-west-1", 60), none}, nil, false, ""},
		{"all say an answer is required", []func(record.Question) record.Answer{none, none, none}, missing, true, "has no MX record"},
		{"one has it", []func(record.Question) record.Answer{none, none, mx("eu-west-1", 240)}, disagree, false, "a, b say no MX record; c says 10 feedback-smtp.eu-west-1.amazonses.com.; caches may take about 4 minutes"},
		{"one fails", []func(record.Question) record.Answer{none, judgetest.Failing}, missing, true, "has no MX record"},
		{"all say it is wrong", []func(record.Question) record.Answer{mx("us-east-1", 60), mx("us-east-1", 60)}, wrong, true, ""},
		{"wrong in two ways", []func(record.Question) record.Answer{mx("us-east-1", 60), mx("us-west-2", 60)}, wrong, true, ""},
		{"wrong at one", []func(record.Question) record.Answer{mx("us-east-1", 7200), mx("eu-west-1", 60)}, disagree, false, "caches may take about 2 hours"},
		{"the zone's servers differ", []func(record.Question) record.Answer{differ}, disagree, false, "ns1 says this; ns2 says that; caches may take about 2 minutes"},
		{"the zone's servers differ from one another at second sight", []func(record.Question) record.Answer{none, differ}, disagree, false, "ns1 says this; ns2 says that"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var p parties
			for i, one := range c.mx {
				p = append(p, by(string(rune('a'+i)), one))
			}
			d := Run(t.Context(), f, p, Options{Window: 1, Verbose: true}).Domains[0]
			if c.check == nil {
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
				if got.Status != finding.Inconclusive || got.Severity != finding.Error || !slices.Contains(got.Undecided, missing) || !slices.Contains(got.Undecided, wrong) || len(got.Evidence.Servers) < 2 {
					t.Errorf("%+v", got)
				}
				for _, row := range d.Rows {
					if row.Record.Type == record.MX && row.Status != finding.Inconclusive {
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

// TestSecondLook: what is said of a second look is what came of it, and what
// comes up only there is looked at again too.
func TestSecondLook(t *testing.T) {
	t.Parallel()
	text := func(s string) func(record.Question) record.Answer {
		return func(q record.Question) record.Answer {
			return record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(s)}}}}
		}
	}
	mx := func(host record.Name) func(record.Question) record.Answer {
		return func(q record.Question) record.Answer {
			return record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.MX, Preference: 10, Host: host}}}
		}
	}
	none := func(q record.Question) record.Answer { return judgetest.Absent(q, record.NoData) }
	type zone map[string]func(record.Question) record.Answer // what is not in it does not exist
	answers := func(z zone) func(record.Question) record.Answer {
		return func(q record.Question) record.Answer {
			if a := z[q.String()]; a != nil {
				return a(q)
			}
			return judgetest.Absent(q, record.NoName)
		}
	}
	const right = "feedback-smtp.eu-west-1.amazonses.com"
	const mailFrom = "    region: eu-west-1\n    mail_from: bounce\n    dmarc: none\n"
	sending := zone{"TXT bounce.example.com": text("v=spf1 include:amazonses.com -all"), "TXT amazonses.com": text("v=spf1 -all"), "TXT _dmarc.example.com": text("v=DMARC1; p=none")}
	with := func(more zone) zone {
		z := maps.Clone(sending)
		maps.Copy(z, more)
		return z
	}
	keyless := zone{}
	for _, token := range []string{"tokena", "tokenb", "tokenc"} {
		keyless["TXT "+token+"._domainkey.example.com"] = func(q record.Question) record.Answer {
			return record.Answer{Question: q, Status: record.NoName, Chain: []record.Name{record.Name(token + ".dkim.amazonses.com")}}
		}
		keyless["CNAME "+token+"._domainkey.example.com"] = func(q record.Question) record.Answer {
			return record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.CNAME, Host: record.Name(token + ".dkim.amazonses.com")}}}
		}
	}
	failed := maps.Clone(keyless)
	failed["TXT tokenb._domainkey.example.com"] = judgetest.Failing
	incomplete := maps.Clone(keyless)
	delete(incomplete, "TXT tokenb._domainkey.example.com")
	delete(incomplete, "CNAME tokenb._domainkey.example.com")
	for _, c := range []struct {
		name   string
		file   string
		first  zone
		second []zone // of one resolver, or each of several
		want   []string
	}{
		{
			"one of two questions fails", "    verification: token\n",
			zone{"TXT _amazonses.example.com": none}, []zone{{"TXT _amazonses.example.com": none, "TXT example.com": judgetest.Failing}},
			[]string{"verification-missing fail false: asked a second time, DNS did not answer everything"},
		},
		{
			"both questions fail", "    verification: token\n",
			zone{"TXT _amazonses.example.com": none}, []zone{{"TXT example.com": judgetest.Failing, "TXT _amazonses.example.com": judgetest.Failing}},
			[]string{"verification-missing fail false: asked a second time, DNS did not answer"},
		},
		{
			"one of two questions fails, and to the other there is something", "    verification: token\n",
			zone{"TXT _amazonses.example.com": none}, []zone{{"TXT example.com": judgetest.Failing, "TXT _amazonses.example.com": text("other")}},
			[]string{"verification-missing inconclusive false: asked again, DNS answered differently"},
		},
		{
			"of one of three keys there is no second answer", "    region: eu-west-1\n    dkim: [tokena, tokenb, tokenc]\n",
			keyless, []zone{failed},
			[]string{"dkim-key-missing fail false: asked a second time, DNS did not answer everything"},
		},
		{
			"a third CNAME is there by then, and of its key there is no answer", "    region: eu-west-1\n    dkim: [tokena, tokenb, tokenc]\n",
			incomplete, []zone{failed},
			[]string{"dkim-missing inconclusive false: asked again, DNS answered differently", "dkim-key-missing fail false: asked a second time, DNS did not answer everything"},
		},
		{
			"what another finding rests on fails, and a third is contradicted", "    spf: [gone.test]\n    verification: token\n",
			zone{"TXT example.com": text("v=spf1 include:gone.test +all"), "SOA gone.test": none},
			[]zone{{"TXT example.com": text("v=spf1 include:gone.test +all"), "SOA gone.test": none}, {"TXT example.com": judgetest.Failing, "SOA gone.test": none, "TXT _amazonses.example.com": text("other")}},
			[]string{"spf-include-broken fail true: ", "spf-pass-all fail true: ", "nameservers-disagree inconclusive -: "},
		},
		{
			"a finding in place of one that is withdrawn", mailFrom + "    verification: token\n",
			with(zone{"MX bounce.example.com.example.com": mx(right)}),
			[]zone{with(zone{"MX bounce.example.com.example.com": mx(right), "TXT example.com": judgetest.Failing}), with(zone{"TXT example.com": judgetest.Failing})},
			[]string{"verification-missing fail false: asked a second time, DNS did not answer everything", "mail-from-mx-missing fail true: ", "nameservers-disagree inconclusive -: "},
		},
		{
			"there is no domain but for an answer that is withdrawn", mailFrom,
			zone{"MX bounce.example.com": mx("other.test")}, []zone{{"MX bounce.example.com": mx("other.test")}, {}},
			[]string{"domain-not-found fail true: "},
		},
		{
			"nor is there then, and one resolver knows it", mailFrom,
			zone{"MX bounce.example.com": mx("other.test")}, []zone{{"MX bounce.example.com": mx("other.test")}, {"SOA example.com": none}},
			[]string{"domain-not-found inconclusive false: asked again, DNS answered differently"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := twice{first: answers(c.first)}
			for _, z := range c.second {
				r.second = append(r.second, answers(z))
			}
			var got []string
			for _, f := range Run(t.Context(), judgetest.Parse(t, "version: 1\ndomains:\n  example.com:\n"+c.file), r, Options{Window: 1}).Domains[0].Findings {
				confirmed := "-"
				if f.Evidence.Confirmed != nil {
					confirmed = fmt.Sprint(*f.Evidence.Confirmed)
				}
				_, said, _ := strings.Cut(f.Message, "; asked ")
				if said != "" {
					said, _, _ = strings.Cut("asked "+said, ":")
				}
				got = append(got, fmt.Sprintf("%s %s %s: %s", f.Check, f.Status, confirmed, said))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// twice answers otherwise when asked again.
type twice struct {
	first  func(record.Question) record.Answer
	second parties
}

func (r twice) Ask(_ context.Context, q record.Question) record.Answer { return r.first(q) }

func (r twice) Resolvers() []record.Asker { return r.second.Resolvers() }

// TestSecondLookAsksNoMore: to confirm an absence no question is put that was
// not put before.
func TestSecondLookAsksNoMore(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com:\n    region: eu-west-1\n    mail_from: bounce\n")
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		if q.Type == record.SOA {
			t.Errorf("%s was asked for", q)
		}
		return judgetest.Absent(q, record.NoData)
	}}
	if n := len(Run(t.Context(), f, w, Options{Window: 1}).Domains[0].Findings); n == 0 {
		t.Error("nothing was found")
	}
}

// TestLame: servers are reported that did not answer for a zone of the domain's
// own, each once.
func TestLame(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  mail.example.com:\n    spf: none\n    dmarc: none\n")
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		a := judgetest.Absent(q, record.NoData)
		if q.Name == "_dmarc.mail.example.com" {
			a.Status, a.Records = record.Found, []record.Record{{Type: record.TXT, Strings: []untrusted.Text{untrusted.New("v=DMARC1; p=none")}}}
		}
		a.Lame = []record.Said{
			{Zone: "example.com", Host: "ns2.example.com", Server: "ns2.example.com (192.0.2.2:53)", Says: "REFUSED"},
			{Zone: "example.com", Host: "ns3.example.net", Server: "ns3.example.net", Says: "nothing: it has no address"},
			{Zone: "com", Host: "a.gtld-servers.net", Server: "a.gtld-servers.net (192.0.2.3:53)", Says: "REFUSED"},
			{Zone: "vendor.net", Host: "ns1.vendor.net", Server: "ns1.vendor.net (192.0.2.4:53)", Says: "REFUSED"},
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
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com:\n    spf: none\n")
	for code, says := range map[uint16]string{7: "DNSSEC: a signature has expired: every validating receiver rejects this too", 22: ""} {
		w := &world{answer: func(q record.Question, _ bool) record.Answer {
			return record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: record.BadRcode, Rcode: "SERVFAIL", EDE: []record.EDE{{Code: code}}}}
		}}
		for _, f := range Run(t.Context(), f, w, Options{Window: 1}).Domains[0].Findings {
			if f.Check != DNSUnavailable || f.Status != finding.Inconclusive || !strings.Contains(f.Message, says) || says == "" && strings.Contains(f.Message, "DNSSEC") {
				t.Errorf("EDE %d: %s %s", code, f.Check, f.Message)
			}
		}
	}
}

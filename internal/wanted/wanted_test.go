package wanted

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
)

func load(t *testing.T, yaml string) *config.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sescheck.yaml")
	if err := os.WriteFile(path, []byte("version: 1\ndomains:\n"+yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	file, problems, err := config.Load([]string{path})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return file
}

const key1024 = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDQxQj4/qEVIeNK9qMcn5zrtcDcY5Pc5bXeglqb7QUxDSUi6AI+8lJDIx53PC+ZQAuLn4TjJfYvRIMAuZL3/tiSUR4RNCJR0hA/k7PVZgICM663dyCBJdOC8Y0Q2hA0blIEPh5DpUlD9/a7LGzsHahgjCl/xwKOAZzpfOcN8+oqYwIDAQAB"

// TestRecords: which records follow from what is written.
func TestRecords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ yaml, want string }{
		"nothing listed": {"", ""},
		"verification": {
			"{region: eu-west-1, verification: ['amazonses:abc/+=', def]}",
			"verification  _amazonses.example.com TXT \"abc/+=\"\nverification  _amazonses.example.com TXT \"def\"\n",
		},
		"Easy DKIM": {"{region: eu-west-1, dkim: [Tok1]}", "dkim  tok1._domainkey.example.com CNAME tok1.dkim.amazonses.com.\n"},
		"Easy DKIM in a region with a zone of its own": {
			"{region: af-south-1, dkim: [t]}", "dkim  t._domainkey.example.com CNAME t.dkim.af-south-1.amazonses.com.\n",
		},
		"Easy DKIM in a zone that is given": {
			"{region: us-west-2, dkim: {tokens: [t], signing_hosted_zone: dkim.af-south-1.amazonses.com}}",
			"dkim  t._domainkey.example.com CNAME t.dkim.af-south-1.amazonses.com.\n",
		},
		"not signed": {"{region: eu-west-1, dkim: none}", ""},
		"a key":      {"{dkim: {selector: S1, public_key: " + key1024 + "}}", "dkim  s1._domainkey.example.com TXT \"p=" + key1024 + "\"\n"},
		"a sender with a key": {
			"{region: eu-west-1, sender: resend}",
			"mail-from  send.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.\nspf  send.example.com TXT \"v=spf1 include:amazonses.com ~all\"\n" +
				"note  the DKIM key at resend._domainkey.example.com is not among these: copy its TXT record from Resend's dashboard\n",
		},
		"a sender with Easy DKIM": {
			"{region: eu-west-1, sender: loops, mail_from: out}",
			"mail-from  out.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.\nspf  out.example.com TXT \"v=spf1 include:amazonses.com ~all\"\n" +
				"note  the three DKIM CNAMEs of example.com, eu-west-1 are not among these: copy them from Loops' dashboard\n",
		},
		"a sender whose key is given": {
			"{region: eu-west-1, sender: unosend, dkim: {selector: unosend, public_key: " + key1024 + "}}",
			"dkim  unosend._domainkey.example.com TXT \"p=" + key1024 + "\"\n" +
				"mail-from  send.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.\nspf  send.example.com TXT \"v=spf1 include:amazonses.com ~all\"\n",
		},
		"MAIL FROM": {
			"{region: eu-west-1, mail_from: bounce}",
			"mail-from  bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.\nspf  bounce.example.com TXT \"v=spf1 include:amazonses.com ~all\"\n",
		},
		"MAIL FROM with its SPF": {
			"{region: eu-west-1, mail_from: {name: bounce, spf: {includes: [a.example.net, amazonses.com], all: '-all'}}}",
			"mail-from  bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.\nspf  bounce.example.com TXT \"v=spf1 include:a.example.net include:amazonses.com -all\"\n",
		},
		"MAIL FROM without SPF": {
			"{region: eu-west-1, mail_from: {name: bounce, spf: none}}",
			"mail-from  bounce.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.\n",
		},
		"receiving":                 {"{region: eu-west-1, receiving: true}", "receiving  example.com MX 10 inbound-smtp.eu-west-1.amazonaws.com.\n"},
		"receiving by Mail Manager": {"{receiving: {host: x.mail-manager-smtp.amazonaws.com}}", "receiving  example.com MX 10 x.mail-manager-smtp.amazonaws.com.\n"},
		"tracking":                  {"{region: eu-west-1, tracking: click}", "tracking  click.example.com CNAME r.eu-west-1.awstrack.me.\n"},
		"tracking by a CDN":         {"{tracking: {name: click, target: d1.cloudfront.net}}", "tracking  click.example.com CNAME d1.cloudfront.net.\n"},
		"tracking at the top": {
			"{tracking: {name: example.com, target: d1.cloudfront.net}}",
			"note  example.com is the top of a zone, which cannot be a CNAME: make it an alias of d1.cloudfront.net\n",
		},
		"SPF":             {"{spf: [a.example.net, '%{i}._spf.example.net']}", "spf  example.com TXT \"v=spf1 include:a.example.net include:%{i}._spf.example.net ~all\"\n"},
		"SPF, no include": {"{spf: []}", "spf  example.com TXT \"v=spf1 ~all\"\n"},
		"no SPF":          {"{spf: none}", "note  example.com has no SPF record, as the file says: delete one that is there\n"},
		"DMARC":           {"{dmarc: reject}", "dmarc  _dmarc.example.com TXT \"v=DMARC1; p=reject\"\n"},
		"DMARC in full": {
			"{dmarc: {policy: reject, subdomain_policy: quarantine, np: reject, aspf: r, adkim: s, rua: ['mailto:a@example.com', 'mailto:b@example.net']}}",
			"dmarc  _dmarc.example.com TXT \"v=DMARC1; p=reject; sp=quarantine; np=reject; aspf=r; adkim=s; rua=mailto:a@example.com,mailto:b@example.net\"\n" +
				"note  reports go to another organisation, which must publish: example.com._report._dmarc.example.net. IN TXT \"v=DMARC1\"\n",
		},
		"two regions, one MAIL FROM": {
			"{identities: [{region: eu-west-1, dkim: [a], mail_from: {name: b, spf: [x.example.net]}}, {region: us-east-1, dkim: [a], mail_from: {name: b, spf: [y.example.net]}}]}",
			"dkim  a._domainkey.example.com CNAME a.dkim.amazonses.com.\nmail-from  b.example.com MX 10 feedback-smtp.eu-west-1.amazonses.com.\n" +
				"spf  b.example.com TXT \"v=spf1 include:amazonses.com include:x.example.net include:y.example.net ~all\"\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := load(t, "  example.com: "+c.yaml+"\n")
			records, notes := Records(&file.Domains[0])
			var got strings.Builder
			for _, r := range records {
				fmt.Fprintf(&got, "%s  %s %s %s\n", r.Part, r.Owner, r.Data.Type, r.Data)
				if r.Domain != "example.com" || r.Purpose == "" || r.Place.Line != 3 {
					t.Errorf("%+v", r)
				}
			}
			for _, n := range notes {
				fmt.Fprintf(&got, "note  %s\n", n.Text)
			}
			if diff := cmp.Diff(c.want, got.String()); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// TestConflicts: what cannot be in DNS together is reported, where both are
// asked for.
func TestConflicts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ yaml, want string }{
		"two tokens and two inbound hosts": {
			"  a.example: {identities: [{region: eu-west-1, verification: x, receiving: true}, {region: us-east-1, verification: y, receiving: true}]}\n", "",
		},
		"one name for MAIL FROM and tracking": {
			"  a.example: {region: eu-west-1, mail_from: m, tracking: m}\n",
			"m.a.example cannot have both MX 10 feedback-smtp.eu-west-1.amazonses.com. (MAIL FROM, eu-west-1, line 3) and CNAME",
		},
		"tracking in two regions": {
			"  a.example: {identities: [{region: eu-west-1, tracking: t}, {region: us-east-1, tracking: t}]}\n",
			"t.a.example cannot have both CNAME r.eu-west-1.awstrack.me. (click and open tracking, eu-west-1, line 3) and CNAME r.us-east-1.awstrack.me.",
		},
		"MAIL FROM at a domain that receives": {
			"  a.example: {region: eu-west-1, mail_from: m}\n  m.a.example: {region: eu-west-1, receiving: true}\n",
			"m.a.example cannot have both MX 10 feedback",
		},
		"MAIL FROM at a domain with an SPF of its own": {
			"  a.example: {region: eu-west-1, mail_from: m}\n  m.a.example: {spf: [x.example]}\n",
			"", // one record has the includes of both
		},
		"two keys at one selector": {
			"  a.example: {identities: [{dkim: {selector: s, public_key: " + key1024 + "}}, {region: eu-west-1, dkim: [s]}]}\n",
			"s._domainkey.a.example cannot have both TXT",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sets, _ := Sets(load(t, c.yaml).Domains)
			var got strings.Builder
			for _, p := range Conflicts(sets) {
				fmt.Fprintln(&got, p.Message)
			}
			if !strings.HasPrefix(got.String(), c.want) || c.want == "" && got.Len() > 0 || strings.Count(got.String(), "\n") > 1 {
				t.Errorf("%s", got.String())
			}
		})
	}
}

// TestContradictions: what can never be right together is reported, with both places;
// what can is not.
func TestContradictions(t *testing.T) {
	t.Parallel()
	key2048 := strings.Replace(key1024, "DQxQj4", "DQxQj5", 1)
	for name, c := range map[string]struct{ yaml, want string }{
		"MAIL FROM at a domain that receives": {
			"  a.example: {region: eu-west-1, mail_from: m}\n  m.a.example: {region: eu-west-1, receiving: true}\n",
			"4:36: m.a.example is a domain that receives mail, and in line 3 the MAIL FROM name of a.example: a MAIL FROM name has one MX record",
		},
		"the same, the other way round": {
			"  m.a.example: {receiving: {host: x.mail-manager-smtp.amazonaws.com}}\n  a.example: {region: eu-west-1, mail_from: m}\n",
			"4:34: m.a.example is the MAIL FROM name of a.example, and in line 3 a domain that receives mail: a MAIL FROM name has one MX record",
		},
		"MAIL FROM of one of several identities at a domain that receives": {
			"  a.example: {identities: [{region: eu-west-1, mail_from: b}, {region: us-east-1, mail_from: m}]}\n  m.a.example: {identities: [{region: eu-west-1, receiving: true}]}\n",
			"4:50: m.a.example is a domain that receives mail, and in line 3 ",
		},
		"receiving at the feedback host itself": {
			"  a.example: {region: eu-west-1, mail_from: m}\n  m.a.example: {receiving: {host: feedback-smtp.eu-west-1.amazonses.com}}\n", "",
		},
		"one MAIL FROM name of two regions": {
			"  a.example: {identities: [{region: eu-west-1, mail_from: m}, {region: us-east-1, mail_from: m}]}\n", "",
		},
		"one MAIL FROM name of two domains and regions": {
			"  a.example: {region: eu-west-1, mail_from: m.b.a.example}\n  b.a.example: {region: us-east-1, mail_from: m}\n", "",
		},
		"two identities that receive": {
			"  a.example: {identities: [{region: eu-west-1, receiving: true}, {region: us-east-1, receiving: true}]}\n", "",
		},
		"two endings": {
			"  a.example: {identities: [{region: eu-west-1, mail_from: {name: m, spf: {all: '-all'}}}, {region: us-east-1, mail_from: {name: m, spf: {all: '~all'}}}]}\n",
			"3:132: m.a.example is the MAIL FROM name of a.example here and in line 3 column 69: its SPF record cannot end in both -all and ~all",
		},
		"one ending, reported once": {
			"  a.example: {identities: [{region: eu-west-1, mail_from: {name: m, spf: {all: '-all'}}}, {region: us-east-1, mail_from: {name: m, spf: {includes: [x.example]}}}]}\n", "",
		},
		"two lists of one domain": {
			"  a.example: {identities: [{region: eu-west-1, mail_from: {name: m, spf: [x.example]}}, {region: us-east-1, mail_from: {name: m, spf: [y.example]}}]}\n", "",
		},
		"none and a list": {
			"  a.example: {identities: [{region: eu-west-1, mail_from: {name: m, spf: none}}, {region: us-east-1, mail_from: {name: m, spf: [x.example]}}]}\n",
			"3:123: m.a.example is the MAIL FROM name of a.example here and in line 3 column 69: one of them wants an SPF record there, and the other wants none",
		},
		"none and nothing said": {
			"  a.example: {identities: [{region: eu-west-1, mail_from: {name: m, spf: none}}, {region: us-east-1, mail_from: m}]}\n",
			"3:102: m.a.example is the MAIL FROM name of a.example here and in line 3 column 69: one of them wants an SPF record",
		},
		"none twice": {
			"  a.example: {identities: [{region: eu-west-1, mail_from: {name: m, spf: none}}, {region: us-east-1, mail_from: {name: m, spf: none}}]}\n", "",
		},
		"MAIL FROM at a domain without SPF": {
			"  a.example: {region: eu-west-1, mail_from: m}\n  m.a.example: {spf: none}\n",
			"4:17: m.a.example is a domain of the file, and in line 3 the MAIL FROM name of a.example: one of them wants an SPF record there, and the other wants none",
		},
		"MAIL FROM at a domain that may include SES somehow": {
			"  a.example: {region: eu-west-1, mail_from: m}\n  m.a.example: {spf: [x.example]}\n", "",
		},
		"MAIL FROM and the domain list others": {
			"  a.example: {region: eu-west-1, mail_from: {name: m, spf: [y.example]}}\n  m.a.example: {spf: [x.example]}\n",
			"4:17: m.a.example is a domain of the file, and in line 3 the MAIL FROM name of a.example: one of them wants include:",
		},
		"MAIL FROM lists what the domain does": {
			"  a.example: {region: eu-west-1, mail_from: {name: m, spf: [x.example]}}\n  m.a.example: {spf: [x.example, amazonses.com]}\n", "",
		},
		"MAIL FROM and the domain end differently": {
			"  a.example: {region: eu-west-1, mail_from: {name: m, spf: {all: '-all'}}}\n  m.a.example: {spf: {all: '~all'}}\n",
			"4:17: m.a.example is a domain of the file, and in line 3 the MAIL FROM name of a.example: its SPF record cannot end in both -all and ~all",
		},
		"one name for MAIL FROM and tracking": {
			"  a.example: {region: eu-west-1, mail_from: m, tracking: m}\n",
			"3:48: m.a.example is the tracking name of a.example, and in line 3 column 34 the MAIL FROM name of a.example: it cannot have both the CNAME to r.eu-west-1.awstrack.me and an MX record",
		},
		"a tracking name with a host of one's own may be an alias": {
			"  a.example: {region: eu-west-1, mail_from: m, tracking: {name: m, target: x.example.net}}\n", "",
		},
		"tracking at a domain that receives": {
			"  a.example: {region: eu-west-1, tracking: t}\n  t.a.example: {region: eu-west-1, receiving: true}\n",
			"4:36: t.a.example is a domain that receives mail, and in line 3 the tracking name of a.example: it cannot have both the CNAME to r.eu-west-1.awstrack.me and an MX record",
		},
		"tracking at a domain with SPF": {
			"  a.example: {region: eu-west-1, tracking: t}\n  t.a.example: {spf: []}\n",
			"4:17: t.a.example is a domain of the file, and in line 3 the tracking name of a.example: it cannot have both the CNAME to r.eu-west-1.awstrack.me and an SPF record",
		},
		"tracking at a domain without SPF": {"  a.example: {region: eu-west-1, tracking: t}\n  t.a.example: {spf: none, dmarc: reject}\n", ""},
		"tracking in two regions": {
			"  a.example: {identities: [{region: eu-west-1, tracking: t}, {region: us-east-1, tracking: t}]}\n",
			"3:82: t.a.example is the tracking name of a.example here and in line 3 column 48: it cannot be a CNAME to both r.eu-west-1.awstrack.me and r.us-east-1.awstrack.me",
		},
		"one tracking name of two domains": {
			"  a.example: {region: eu-west-1, tracking: t.b.example}\n  b.example: {region: eu-west-1, tracking: t}\n", "",
		},
		"one tracking name of two domains, another host": {
			"  a.example: {region: eu-west-1, tracking: t.b.example}\n  b.example: {tracking: {name: t, target: x.example.net}}\n",
			"4:15: t.b.example is the tracking name of b.example, and in line 3 the tracking name of a.example: it cannot be a CNAME to both ",
		},
		"two keys at one selector": {
			"  a.example: {identities: [{dkim: {selector: s, public_key: " + key1024 + "}}, {dkim: {selector: s, public_key: " + key2048 + "}}]}\n",
			"3:289: s._domainkey.a.example is the name of your own DKIM key here and in line 3 column 36: a selector has one key",
		},
		"one key twice": {
			"  a.example: {identities: [{dkim: {selector: s, public_key: " + key1024 + "}}, {dkim: {selector: s, public_key: " + key1024 + "}}]}\n", "",
		},
		"a selector that is a token": {
			"  a.example: {identities: [{dkim: {selector: s, public_key: " + key1024 + "}}, {region: eu-west-1, dkim: [s]}]}\n",
			"s._domainkey.a.example is the name of a token of Easy DKIM, and in line 3 column 36 the name of your own DKIM key: it cannot be both a CNAME and a key",
		},
		"a token of two regions": {
			"  a.example: {identities: [{region: eu-west-1, dkim: [s]}, {region: af-south-1, dkim: [s]}]}\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, p := range Contradictions(load(t, c.yaml).Domains) {
				fmt.Fprintf(&got, "%d:%d: %s\n", p.Line, p.Column, p.Message)
			}
			if !strings.Contains(got.String(), c.want) || c.want == "" && got.Len() > 0 || strings.Count(got.String(), "\n") > 1 {
				t.Errorf("%s", got.String())
			}
		})
	}
}

// TestContradictionsAreBounded: names that all entries share are no more work
// than others, and what is reported ends.
func TestContradictionsAreBounded(t *testing.T) {
	t.Parallel()
	const n = 3000
	var yaml strings.Builder
	for i := range n {
		fmt.Fprintf(&yaml, "  d%d.example: {tracking: {name: t.example, target: x%d.example.net}, region: eu-west-1, mail_from: m}\n  m.d%d.example: {region: eu-west-1, receiving: true}\n", i, i, i)
	}
	got := Contradictions(load(t, yaml.String()).Domains)
	if len(got) != maxContradictions || !strings.HasSuffix(got[len(got)-1].Message, fmt.Sprintf("; and %d more entries contradict each other", n-maxContradictions)) {
		t.Errorf("%d reported, the last: %s", len(got), got[len(got)-1].Message)
	}
}

// TestTrackingAtTheDomain: below the top of a zone a CNAME may stand at the
// domain itself, if nothing else does.
func TestTrackingAtTheDomain(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]int{
		"{tracking: {name: go.example.com, target: r.eu-west-1.awstrack.me}}":                               1,
		"{spf: none, tracking: {name: go.example.com, target: d1.cloudfront.net}}":                          1,
		"{spf: [], tracking: {name: go.example.com, target: d1.cloudfront.net}}":                            0,
		"{region: eu-west-1, receiving: true, tracking: {name: go.example.com, target: d1.cloudfront.net}}": 0,
	} {
		records, _ := Records(&load(t, "  go.example.com: "+yaml+"\n").Domains[0])
		got := 0
		for _, r := range records {
			if r.Part == Tracking {
				got++
			}
		}
		if got != want {
			t.Errorf("%s: %d records for tracking, want %d", yaml, got, want)
		}
	}
}

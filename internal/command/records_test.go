package command

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// generated returns a file with three to eight domains of every kind.
func generated(n uint64) string {
	r := rand.New(rand.NewPCG(n, 1))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	token := func() string {
		b := make([]byte, 32)
		for i := range b {
			b[i] = "abcdefghijklmnopqrstuvwxyz234567"[r.IntN(32)]
		}
		return string(b)
	}
	identity := func() (keys []string) {
		region := ses.Regions()[r.IntN(len(ses.Regions()))]
		keys = append(keys, "region: "+region.Name)
		maybe := func(s string) {
			if r.IntN(3) > 0 {
				keys = append(keys, s)
			}
		}
		maybe(one("verification: "+token()+"=", fmt.Sprintf("verification: [%s=, 'amazonses:%s+/']", token(), token())))
		maybe(one(
			fmt.Sprintf("dkim: [%s, %s, %s]", token(), token(), token()), "dkim: none",
			fmt.Sprintf("dkim: {tokens: [%s, %s], signing_hosted_zone: dkim.eu-south-1.amazonses.com}", token(), token()),
			"dkim: {selector: s"+token()[:4]+", public_key: "+ownKey+"}",
		))
		maybe(one(
			"mail_from: bounce", "mail_from: {name: m-out, on_mx_failure: reject}",
			`mail_from: {name: _m, spf: {includes: [amazonses.com, spf1.include.example], all: "-all"}}`, "mail_from: {name: m4, spf: {includes: [spf2.include.example]}}",
		))
		if region.Receives {
			maybe("receiving: true")
		}
		maybe(one("tracking: click", "tracking: {name: go-click, target: d111.cloudfront.net}"))
		return keys
	}
	var b strings.Builder
	b.WriteString("version: 1\nchecks: {dmarc-alignment: off}\ndomains:\n") // a record cannot fix alignment
	for i := range 3 + r.IntN(6) {
		fmt.Fprintf(&b, "  %s:\n", one("d%d.example", "sub.d%d.example", "d%d.co.uk", "d-%d.bücher.example"))
		text := strings.Replace(b.String(), "%d", fmt.Sprint(i), 1)
		b.Reset()
		b.WriteString(text)
		for _, k := range identity() {
			b.WriteString("    " + k + "\n")
		}
		if r.IntN(3) > 0 {
			b.WriteString("    spf: " + one("[]", "[spf1.include.example, 'spf2.include.example']", "none", `{includes: [amazonses.com, "%{ir}.m.include.example"], all: "-all"}`, `{all: "?all"}`) + "\n")
		}
		if r.IntN(3) > 0 {
			b.WriteString("    dmarc: " + one("none", "reject", "{policy: quarantine, subdomain_policy: reject, np: reject, aspf: r, adkim: s, rua: ['mailto:a%23b@d.example', 'https://d.example/x?y=1']}") + "\n")
		}
	}
	return b.String()
}

// ownKey is a 2048-bit key, whose record has two strings.
const ownKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsfdY478BY0EqPoGqQ2wRAPkeufJepX9u2DgYxr97PCGQcRxlLF8tXMYIvMtQBxJKOskSj+BJ6p7+fvwu8zm5aXLHrWQbwPJO4m2VvK7tF7f/70yQZfpeeVGKVELvAsgt9W4xCCOQNflupV/O6e+2wZLkRaU0WLNv5VomS8dnoan57Eheg7tgG/4qpCtaIAOiEVjP6rU4FSXuY9kd0yX1SL6OmvmfKqDMULTV5Rnqw7oW4uL0j0luxFo4wVXWQ+802tarNwpWDtNbh8deLkz9djzzY2+4Iobd1OCmPAGUTILkohIC4gdKamhO1YvjhmwvJ6P0LDwjKla/mfPlK4xj0wIDAQAB"

// standIns are zones of other organisations that records lead to.
func standIns(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	amazon, err := os.ReadFile(filepath.Join(testdata, "common", "amazonses.com.zone"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(amazon)
	for _, r := range ses.Regions() {
		if r.OwnZone {
			text += "*.dkim." + r.Name + " IN TXT \"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC1TaNgLlSyQMNWVLNLvyY/neDgaL2oqQE8T5illKqCgDtFHc8eHVAU+nlcaGmrKmDMw9dbgiGk1ocgZ56NR4ycfUHwQhvQPMUZw0cveel/8EAGoi/UyPmqfcPibytH81NFtTMAxUeM4Op8A6iHkvAMj5qLf4YRNsTkKAKW3OkwPQIDAQAB\"\n"
		}
	}
	for name, text := range map[string]string{
		"amazonses.com.zone":   text,
		"include.example.zone": "@ IN SOA a b 1 1 1 1 1\nspf1 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\nspf2 IN TXT \"v=spf1 ip4:192.0.2.2 -all\"\nstrict IN TXT \"v=DMARC1; p=reject\"\nweak IN TXT \"v=DMARC1; p=none\"\n",
		"d.example.zone":       "@ IN SOA a b 1 1 1 1 1\n*._report._dmarc IN TXT \"v=DMARC1\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestRecordsRoundTrip: the records of a file, once published, pass the check of
// the same file.
func TestRecordsRoundTrip(t *testing.T) {
	t.Parallel()
	others := standIns(t)
	for n := range uint64(30) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			zones := t.TempDir()
			file := filepath.Join(t.TempDir(), "sescheck.yaml")
			if err := os.WriteFile(file, []byte(generated(n)), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, errs, code := run(t, "records", "--format", "zone", "--dir", zones, file); code != "0" || out+errs != "" {
				t.Fatalf("exit %s: %s%s\n%s", code, out, errs, generated(n))
			}
			if err := os.CopyFS(zones, os.DirFS(others)); err != nil {
				t.Fatal(err)
			}
			out, errs, code := run(t, "check", "--zones", zones, "--offline", "--fail-on", "note", file)
			if code != "0" || errs != "" {
				t.Errorf("exit %s\n%s%s\n%s", code, out, errs, generated(n))
			}
			if out, errs, code := run(t, "records", "--zones", zones, "--offline", "--only-missing", file); code != "0" || errs != "" || out != "" {
				t.Errorf("still missing, exit %s: %s%s", code, out, errs)
			}
		})
	}
}

// put writes files to a new folder.
func put(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const asked = `version: 1
domains:
  a.example:
    region: eu-west-1
    mail_from: m
    verification: [one=, two=]
    spf: [spf1.include.example]
    dmarc: quarantine
`

// TestRecordsMerge: live records are kept or changed, and no record depends on a
// failed query.
func TestRecordsMerge(t *testing.T) {
	t.Parallel()
	const other = `@ IN TXT "site-verification=a;b \"c\""` + "\n"
	for name, c := range map[string]struct {
		zone, faults, args string
		code               string
		has, not           []string // of stdout
		stderr             string   // on stderr
	}{
		"nothing live": {
			args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 include:spf1.include.example ~all"`, `_dmarc.a.example. 3600 IN TXT "v=DMARC1; p=quarantine"`},
			not: []string{"replaces the live one"},
		},
		"SPF of another sender": {
			zone: other + `@ IN TXT "v=spf1 ip4:192.0.2.7 -all"` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 ip4:192.0.2.7 include:spf1.include.example -all"`, "the SPF record of a.example replaces the live one"},
			not: []string{"site-verification", "TXT \"v=spf1 include:spf1.include.example"},
		},
		"SPF at the name with the domain twice": {
			zone: `a.example IN TXT "v=spf1 ip4:192.0.2.7 -all"` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 ip4:192.0.2.7 include:spf1.include.example -all"`, "; about the SPF record of a.example: its senders are those of the record at a.example.a.example, which has no effect there; delete that one\n"},
			not: []string{"replaces the live one"},
		},
		"garbled SPF at the name with the domain twice": {
			zone: `a.example IN TXT "\"v=spf1 ip4:192.0.2.7 include:spf1.include.example~all\""` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 ip4:192.0.2.7 include:spf1.include.example ~all"`, "at a.example.a.example"},
		},
		"two SPF records at the name with the domain twice": {
			zone: `a.example IN TXT "v=spf1 ip4:192.0.2.7 -all"` + "\n" + `a.example IN TXT "v=spf1 ip4:192.0.2.8 -all"` + "\n", args: "--merge --format route53", code: "0",
			has: []string{`v=spf1 ip4:192.0.2.7 ip4:192.0.2.8 include:spf1.include.example -all`},
		},
		"SPF at the name and at the one with the domain twice": {
			zone: `@ IN TXT "v=spf1 ip4:192.0.2.7 -all"` + "\n" + `a.example IN TXT "v=spf1 ip4:192.0.2.8 -all"` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 ip4:192.0.2.7 include:spf1.include.example -all"`},
			not: []string{"delete that one", "192.0.2.8"},
		},
		"unclear SPF at the name with the domain twice": {
			zone: `a.example IN TXT "v=spf1 ip4:192.0.2.7 moo -all"` + "\n", args: "--merge", code: "1",
			not:    []string{"\na.example. 3600 IN TXT"},
			stderr: "no SPF record can be given for a.example: it is not certain what was meant; its record was left out",
		},
		"the same for Route 53": {
			zone: other + `@ IN TXT "v=spf1 ip4:192.0.2.7 -all"` + "\n", args: "--merge --format route53", code: "0",
			has: []string{`"Value": "\"v=spf1 ip4:192.0.2.7 include:spf1.include.example -all\""`, `"Value": "\"site-verification=a;b \\\"c\\\"\""`},
			not: []string{`ip4:192.0.2.7 -all\""`},
		},
		"the same for Terraform": {
			zone: other + `_amazonses IN TXT "three="` + "\n", args: "--merge --format terraform", code: "0",
			has: []string{"    \"one=\",\n    \"two=\",\n    \"three=\",", `    "site-verification=a;b \\\"c\\\"",`},
		},
		"a record by record provider keeps the others anyway": {
			zone: `_amazonses IN TXT "three="` + "\n", args: "--merge --format terraform --provider cloudflare", code: "0",
			has: []string{`"\"one=\""`}, not: []string{"three="},
		},
		"without --merge": {
			zone: other, args: "--format route53", code: "0", not: []string{"site-verification"},
			stderr: "note: --format route53 replaces all records of a type at a name, so other live records are deleted (TXT _amazonses.a.example, TXT m.a.example, TXT a.example); --merge keeps them",
		},
		"two SPF records": {
			zone: `@ IN TXT "v=spf1 ip4:192.0.2.7 -all"` + "\n" + `@ IN TXT "v=spf1 include:spf2.include.example ~all"` + "\n", args: "--merge", code: "0",
			has: []string{`include:spf1.include.example ~all"`, "include:spf2.include.example ip4:192.0.2.7"},
		},
		"an SPF record in quotes": {
			zone: other + `@ IN TXT "\"v=spf1 ip4:192.0.2.7 -all\""` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 ip4:192.0.2.7 include:spf1.include.example -all"`, "the SPF record of a.example replaces the live one"},
		},
		"the same where a set is whole": {
			zone: other + `@ IN TXT "\"v=spf1 ip4:192.0.2.7 -all\""` + "\n", args: "--merge --format octodns", code: "0",
			has: []string{`"v=spf1 ip4:192.0.2.7 include:spf1.include.example -all"`, "site-verification"}, not: []string{`\"v=spf1`},
		},
		"a misspelt SPF record": {
			zone: `@ IN TXT "v=spf1 ip4: 192.0.2.7 inlcude:spf1.include.example -al"` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 ip4:192.0.2.7 include:spf1.include.example -all"`},
		},
		"an SPF record of type SPF": {
			zone: `@ IN SPF "v=spf1 ip4:192.0.2.7 -all"` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 ip4:192.0.2.7 include:spf1.include.example -all"`}, not: []string{"replaces the live one"},
		},
		"two SPF records of which one has another sender": {
			zone: `@ IN TXT "v=spf1 include:spf1.include.example -all"` + "\n" + `@ IN TXT "v=spf1 include:spf2.include.example ~all"` + "\n", args: "--merge", code: "0",
			has: []string{
				"about the SPF record of a.example: they end differently; the record to publish ends in ~all, the mildest",
				`about the SPF record of a.example: the next finding would be spf-include-unexpected: the SPF record of a.example includes "spf2.include.example", which the file does not list`,
			},
		},
		"another sender behind all": {
			zone: `@ IN TXT "v=spf1 mx ~all include:spf2.include.example"` + "\n", args: "--merge", code: "0",
			has: []string{`"v=spf1 mx include:spf1.include.example ~all include:spf2.include.example"`, `terms after the all term stay there: the file does not list "spf2.include.example"`},
		},
		"an include that leads nowhere": {
			zone: `@ IN TXT "v=spf1 include:x.gone.example mx ~all"` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 mx include:spf1.include.example ~all"`, `"include:x.gone.example" is left out, because nobody has registered its domain`},
		},
		"a vendor whose record is broken": {
			zone: `@ IN TXT "v=spf1 include:typo.include.example mx ~all"` + "\n", args: "--merge", code: "0",
			has: []string{`a.example. 3600 IN TXT "v=spf1 include:typo.include.example mx include:spf1.include.example ~all"`},
		},
		"a broken SPF record": {
			zone: `@ IN TXT "v=spf1 ip4:192.0.2.7.8 -all"` + "\n", args: "--merge", code: "1",
			has: []string{"_amazonses"}, not: []string{"\na.example. 3600 IN TXT"}, stderr: "the SPF record of a.example has a syntax error, and it is not certain what was meant; fix it first",
		},
		"an SPF record that cannot be copied": {
			zone: `@ IN TXT "v=spf1 include:spf2.include.example exists:\195\164.example -all"` + "\n", args: "--merge", code: "1",
			not: []string{"\na.example. 3600 IN TXT"}, stderr: "a.example has",
		},
		"hostile text beside it": {
			zone: `@ IN TXT "##[error]\027[31m"` + "\n", args: "--merge --format octodns", code: "1",
			not: []string{`"":`, "##["}, stderr: `a TXT record of a.example has characters that cannot be copied: "#\035[error]\027[31m"`,
		},
		"hostile text that can be copied": {
			zone: `@ IN TXT "##[error]x ${y} %{z}"` + "\n", args: "--merge --format terraform", code: "0",
			has: []string{`"#\u0023[error]x $${y} %%{z}"`},
		},
		"a MAIL FROM name that is a CNAME": {
			zone: "m IN CNAME other.a.example.\n", args: "--merge", code: "1",
			not: []string{"\nm.a.example. 3600 IN"}, stderr: "the TXT record of m.a.example was left out: First delete the CNAME at m.a.example, which points to other.a.example.",
		},
		"a stricter DMARC record": {
			zone: `_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:x@a.example"` + "\n", args: "--merge", code: "0",
			has: []string{`_dmarc.a.example. 3600 IN TXT "v=DMARC1; p=reject; rua=mailto:x@a.example"`}, not: []string{"p=quarantine"},
		},
		"a weaker DMARC record": {
			zone: `_dmarc IN TXT "v=DMARC1; p=none; ruf=mailto:x@a.example"` + "\n", args: "--merge", code: "0",
			has: []string{`"v=DMARC1; p=quarantine; ruf=mailto:x@a.example"`, "the TXT record of _dmarc.a.example replaces the live one"},
		},
		"a garbled DMARC record": {
			zone: `_dmarc IN TXT " v=DMARC1; p=reject; sp=reject; adkim=s; rua=mailto:x@a.example"` + "\n", args: "--merge", code: "0",
			has: []string{`_dmarc.a.example. 3600 IN TXT "v=DMARC1; p=reject; sp=reject; adkim=s; rua=mailto:x@a.example"`, "the TXT record of _dmarc.a.example replaces the live one"},
			not: []string{"p=quarantine"},
		},
		"the same for a whole set": {
			zone: `_dmarc IN TXT "\"v=DMARC1; p=none; rua=mailto:x@a.example\""` + "\n_dmarc IN TXT \"hello\"\n", args: "--merge --format route53", code: "0",
			has: []string{`"\"v=DMARC1; p=quarantine; rua=mailto:x@a.example\""`, `"\"hello\""`}, not: []string{`\\\"v=DMARC1`},
		},
		"a garbled DMARC record beside a sound one": {
			zone: `_dmarc IN TXT "v=DMARC1; p=reject"` + "\n" + `_dmarc IN TXT "v=DMARC2; p=none"` + "\n", args: "--merge --format route53", code: "0",
			has: []string{`"\"v=DMARC1; p=reject\""`, `"\"v=DMARC2; p=none\""`},
		},
		"an address for reports without mailto": {
			zone: `_dmarc IN TXT "v=DMARC1; p=reject; rua=x@a.example"` + "\n", args: "--merge", code: "0",
			has: []string{`"v=DMARC1; p=reject; rua=mailto:x@a.example"`, "the TXT record of _dmarc.a.example replaces the live one"},
		},
		"two DMARC records": {
			zone: `_dmarc IN TXT "v=DMARC1; p=none; rua=mailto:x@a.example"` + "\n" + `_dmarc IN TXT "v=DMARC1; p=quarantine; sp=reject"` + "\n", args: "--merge --format octodns", code: "0",
			has: []string{`"v=DMARC1\\; p=quarantine\\; rua=mailto:x@a.example\\; sp=reject"`}, not: []string{"p=none"},
		},
		"two DMARC records that differ": {
			zone: `_dmarc IN TXT "v=DMARC1; p=none"` + "\n" + `_dmarc IN TXT "v=DMARC1; p=reject"` + "\n", args: "--merge", code: "1",
			not: []string{"v=DMARC1"}, stderr: `the DMARC record of a.example was left out: p appears as "none" and as "reject"`,
		},
		"a DMARC record that nobody can read": {
			zone: `_dmarc IN TXT "v=DMARC1; p=strict; rua=mailto:x@a.example"` + "\n", args: "--merge", code: "1",
			not: []string{"v=DMARC1"}, stderr: `the DMARC record of a.example was left out: p is "strict", which is not a policy`,
		},
		"DMARC at the domain itself": {
			zone: `@ IN TXT "v=DMARC1; p=none; rua=mailto:x@a.example"` + "\n", args: "--merge", code: "0",
			has: []string{`_dmarc.a.example. 3600 IN TXT "v=DMARC1; p=quarantine; rua=mailto:x@a.example"`},
		},
		"a DMARC name that is a CNAME": {
			zone: "_dmarc IN CNAME a.example.hosted.include.example.\n", args: "--merge", code: "1",
			not: []string{"v=DMARC1"}, stderr: "the DMARC record of a.example was left out: _dmarc.a.example is a CNAME to a.example.hosted.include.example, and no other record can share its name. Ask the owner of include.example to publish a record at",
		},
		"the same without --merge": {
			zone: "_dmarc IN CNAME weak.include.example.\n", args: "--only-missing", code: "1",
			not: []string{"v=DMARC1"}, stderr: "_dmarc.a.example is a CNAME to weak.include.example",
		},
		"a CNAME to a policy that does": {
			zone: "_dmarc IN CNAME strict.include.example.\n", args: "--merge", code: "0",
			has: []string{"the DMARC record at strict.include.example, to which _dmarc.a.example is a CNAME, is enough; a.example needs no other one"}, not: []string{"v=DMARC1"},
		},
		"a CNAME at the domain itself": {
			zone: "@ IN CNAME www.include.example.\n", args: "--merge", code: "1", // invalid at the apex
			not: []string{"\na.example. 3600 IN TXT"}, stderr: "a.example",
		},
		"SPF not known": {
			faults: "SERVFAIL TXT a.example", args: "--merge", code: "3",
			has: []string{"m.a.example. 3600 IN MX"}, not: []string{"\na.example. 3600 IN TXT"}, stderr: "a.example: a.example TXT is not known, and was left out: ask SERVER for TXT a.example: SERVFAIL",
		},
		"SPF there at the second look": {
			zone: `@ IN TXT "v=spf1 ip4:192.0.2.7 -all"` + "\n", faults: "NXDOMAIN 3 TXT a.example", args: "--merge", code: "3",
			not: []string{"\na.example. 3600 IN TXT"}, stderr: "servers disagree",
		},
		"DMARC not known": {
			faults: "REFUSED TXT _dmarc.a.example", args: "--merge", code: "3", not: []string{"v=DMARC1"}, stderr: "a.example: _dmarc.a.example TXT is not known",
		},
		"only what is missing": {
			zone: `@ IN TXT "v=spf1 include:spf1.include.example -all"` + "\n" + `_amazonses IN TXT "two="` + "\nm IN MX 20 feedback-smtp.eu-west-1.amazonses.com.\n",
			args: "--only-missing", code: "0",
			has: []string{"TXT \"one=\"", "_dmarc", "m.a.example. 3600 IN TXT"}, not: []string{"two=", " MX ", "\na.example. 3600 IN TXT"},
		},
		"only what is missing, and a set is whole": {
			zone: `_amazonses IN TXT "two="` + "\n" + `_amazonses IN TXT "three="` + "\n", args: "--only-missing --format octodns", code: "0",
			has: []string{`- "one="`, `- "two="`, `- "three="`},
		},
		"unknown is not missing": {
			faults: "SERVFAIL MX *", args: "--only-missing", code: "3", has: []string{"_amazonses"}, not: []string{" MX "}, stderr: "m.a.example MX is not known, and was left out",
		},
		"nobody answers": {
			faults: "SERVFAIL * *", args: "--only-missing", code: "3", not: []string{"a.example"}, stderr: "a.example TXT is not known",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := put(t, map[string]string{
				"a.example.zone":       "@ IN SOA a b 1 1 1 1 1\n" + c.zone,
				"include.example.zone": "@ IN SOA a b 1 1 1 1 1\nspf1 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\nspf2 IN TXT \"v=spf1 ip4:192.0.2.2 -all\"\ntypo IN TXT \"v=spf1 ip4:192.0.2.2.3 -all\"\nstrict IN TXT \"v=DMARC1; p=reject\"\nweak IN TXT \"v=DMARC1; p=none\"\n",
				"faults":               c.faults, "sescheck.yaml": asked,
			})
			s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
			args := []string{"records", "--format", "zone", "--resolver", s.Addr, "--timeout", "20s"}
			out, errs, code := run(t, append(append(args, strings.Fields(c.args)...), filepath.Join(dir, "sescheck.yaml"))...)
			errs = still(errs, dir, s.Addr)
			if code != c.code || !strings.Contains(errs, c.stderr) || c.stderr == "" && errs != "" {
				t.Errorf("exit %s, want %s; stderr %s", code, c.code, errs)
			}
			for _, s := range c.has {
				if !strings.Contains(out, s) {
					t.Errorf("%s is not in it", s)
				}
			}
			for _, s := range c.not {
				if strings.Contains(out, s) {
					t.Errorf("%s is in it", s)
				}
			}
			if cs := hostile.Commands(out + errs); len(cs) > 0 {
				t.Errorf("the runner would obey %q", cs)
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

// TestRecordsBesideCNAME: a note says which live record must go first.
func TestRecordsBesideCNAME(t *testing.T) {
	t.Parallel()
	const (
		token    = "a2v7k3mq5xw4zt6ynb2l7c3d5e4f6g7h"
		dkim     = "{region: eu-west-1, dkim: [" + token + "]}"
		key      = "{region: eu-west-1, dkim: {selector: s1, public_key: " + ownKey + "}}"
		mailFrom = "{region: eu-west-1, mail_from: bounce}"
		tracking = "{region: eu-west-1, tracking: click}"
		shared   = ": a CNAME shares its name with no other record\n"
		beside   = "bounce.a.example is a CNAME to b.a.example, and no other record can share its name; delete it first"
	)
	for name, c := range map[string]struct {
		domain, zone string
		has, not     []string // of stdout
		stderr       []string
	}{
		"a TXT record at a DKIM name":          {dkim, token + "._domainkey IN TXT \"" + token + ".dkim.amazonses.com\"\n", []string{"; delete the TXT record of " + token + "._domainkey.a.example first" + shared}, nil, nil},
		"a CNAME record at a DKIM name":        {key, "s1._domainkey IN CNAME gone.a.example.\n", []string{"; delete the CNAME record of s1._domainkey.a.example first" + shared}, nil, nil},
		"a wildcard's TXT record":              {dkim, "*._domainkey IN TXT text\n", []string{"CNAME " + token}, []string{"delete the"}, nil},
		"a wildcard's address at a DKIM name":  {dkim, "* IN A 192.0.2.1\n", []string{"CNAME " + token}, []string{"delete the"}, nil},
		"a TXT record at a tracking name":      {tracking, "click IN TXT hello\n", []string{"; delete the TXT record of click.a.example first" + shared, "IN CNAME r.eu-west-1"}, nil, nil},
		"addresses and TXT at a tracking name": {tracking, "click IN TXT hello\nclick IN A 192.0.2.1\nclick IN AAAA 2001:db8::1\n", []string{"; delete the A record of click.a.example first" + shared, "; delete the AAAA record", "; delete the TXT record", "IN CNAME r.eu-west-1"}, nil, nil},
		"a wildcard's at a tracking name":      {tracking, "* IN TXT hello\n* IN A 192.0.2.1\n", []string{"IN CNAME r.eu-west-1"}, []string{"delete the"}, nil},
		"a tracking name that receives mail":   {tracking, "click IN MX 10 mx.a.example.\n", nil, []string{"CNAME"}, []string{"the CNAME record of click.a.example was left out: click.a.example receives mail at mx.a.example. Choose another tracking name."}},
		"a CNAME to the MAIL FROM records":     {mailFrom, "bounce IN CNAME b\nb IN MX 10 feedback-smtp.eu-west-1.amazonses.com.\nb IN TXT \"v=spf1 include:amazonses.com -all\"\n", nil, []string{"IN MX", "IN TXT"}, []string{"the MX record of bounce.a.example was left out: " + beside, beside + "; its record was left out"}},
		"a CNAME to another MX":                {mailFrom, "bounce IN CNAME b\nb IN MX 10 feedback-smtp.us-east-1.amazonses.com.\n", nil, []string{"IN MX", "IN TXT"}, []string{"the MX record of bounce.a.example was left out: "}},
		"a wildcard's CNAME":                   {mailFrom, "* IN CNAME www.b.example.\n", []string{"bounce.a.example. 3600 IN MX 10 feedback", "bounce.a.example. 3600 IN TXT \"v=spf1 include:amazonses.com ~all\""}, []string{"replaces the live one"}, nil},
		"a wildcard's CNAME to the records":    {mailFrom, "* IN CNAME b\nb IN MX 10 feedback-smtp.eu-west-1.amazonses.com.\nb IN TXT \"v=spf1 include:amazonses.com -all\"\n", []string{"bounce.a.example. 3600 IN MX 10 feedback", "bounce.a.example. 3600 IN TXT \"v=spf1 include:amazonses.com -all\""}, []string{"replaces the live one"}, nil},
		"a wildcard's CNAME at a domain":       {"{region: eu-west-1}\n  shop.a.example: {spf: []}", "* IN CNAME www.b.example.\n", nil, []string{"IN TXT"}, []string{"the CNAME of a wildcard leads shop.a.example to www.b.example; with a record of its own, the name has no other records: publish its addresses, too; its record was left out"}},
		"a CNAME to the right MX":              {"{region: eu-west-1}\n  in.a.example: {region: eu-west-1, receiving: true}", "in IN CNAME b\nb IN MX 10 inbound-smtp.eu-west-1.amazonaws.com.\n", []string{"; the MX record at b.a.example, to which in.a.example is a CNAME, is enough; in.a.example needs no other one\n"}, []string{"IN MX"}, nil},
		"a CNAME to the right key":             {key, "s1._domainkey IN CNAME k\nk IN TXT p=" + ownKey[:200] + " " + ownKey[200:] + "\n", []string{"; the TXT record at k.a.example, to which s1._domainkey.a.example is a CNAME, is enough"}, []string{"IN TXT"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := put(t, map[string]string{
				"a.example.zone": "$ORIGIN a.example.\n@ IN SOA a b 1 1 1 1 1\n" + c.zone, "b.example.zone": "$ORIGIN b.example.\n@ IN SOA a b 1 1 1 1 1\nwww IN A 192.0.2.1\n", "faults": "",
				"sescheck.yaml": "version: 1\ndomains:\n  a.example: " + c.domain + "\n",
			})
			s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
			out, errs, code := run(t, "records", "--merge", "--format", "zone", "--resolver", s.Addr, "--timeout", "20s", filepath.Join(dir, "sescheck.yaml"))
			if (code == "0") != (len(c.stderr) == 0) || len(c.stderr) == 0 && errs != "" {
				t.Errorf("exit %s, stderr %s", code, errs)
			}
			for _, want := range c.has {
				if !strings.Contains(out, want) {
					t.Errorf("want %q in\n%s", want, out)
				}
			}
			for _, not := range c.not {
				if strings.Contains(out, not) {
					t.Errorf("%q is in\n%s", not, out)
				}
			}
			for _, want := range c.stderr {
				if !strings.Contains(errs, want) {
					t.Errorf("want %q in\n%s", want, errs)
				}
			}
		})
	}
}

// TestRecordsFlags: errors are reported before any query or output.
func TestRecordsFlags(t *testing.T) {
	t.Parallel()
	dir := put(t, map[string]string{"sescheck.yaml": asked, "two.yaml": "version: 1\ndomains:\n  b.example: {spf: []}\n", "bad.yaml": "version: 1\ndomains:\n  c.example: {region: eu-west-1, mail_from: m, tracking: m}\n"})
	file, two := filepath.Join(dir, "sescheck.yaml"), filepath.Join(dir, "two.yaml")
	for name, c := range map[string]struct {
		args         []string
		code, stderr string
	}{
		"no such format":        {[]string{"--format", "bind", file}, "2", `--format "bind": there are table, zone, json, terraform, route53, octodns, dnscontrol`},
		"the hidden format":     {[]string{"--format", "cloudflare", file}, "2", `--format "cloudflare"`},
		"no such provider":      {[]string{"--format", "terraform", "--provider", "gcp", file}, "2", `--provider "gcp": write route53 or cloudflare`},
		"provider elsewhere":    {[]string{"--provider", "cloudflare", file}, "2", "--provider cloudflare is only for --format terraform"},
		"dir without zones":     {[]string{"--dir", dir, file}, "2", "--dir: --format table does not write one file per zone"},
		"zones without asking":  {[]string{"--zones", dir, file}, "2", "without them DNS is not used"},
		"a bad apex":            {[]string{"--apex", "a..b", file}, "2", `--apex "a..b" is not a domain name`},
		"a bad glob":            {[]string{"--domain", "[", file}, "2", `"[" is not a valid glob`},
		"no such domain":        {[]string{"--domain", "x", file}, "2", `--domain "x" matches no domain`},
		"two zones in a batch":  {[]string{"--format", "route53", file, two}, "2", "--format route53 is for one zone, but there are 2: a.example, b.example"},
		"a conflict":            {[]string{filepath.Join(dir, "bad.yaml")}, "2", "bad.yaml:3:48: m.c.example is the tracking name of c.example, and in line 3 column 34 the MAIL FROM name of c.example: "},
		"a file that is there":  {[]string{"--format", "zone", "--dir", put(t, map[string]string{"a.example.zone": "mine"}), file}, "2", "a.example.zone exists"},
		"nowhere to write":      {[]string{"--format", "zone", "--dir", file, file}, "4", "write "},
		"one zone of two files": {[]string{"--format", "route53", "--domain", "b.example", file, two}, "0", "note: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := run(t, append([]string{"records"}, c.args...)...)
			if code != c.code || !strings.Contains(errs, c.stderr) || code != "0" && out != "" {
				t.Errorf("exit %s: %s%s", code, out, errs)
			}
		})
	}
	apex := filepath.Join(t.TempDir(), "new")
	if out, errs, code := run(t, "records", "--format", "octodns", "--merge", "--zones", dir, "--dir", apex, "--apex", "m.a.example", file); code != "2" {
		t.Errorf("exit %s: %s%s", code, out, errs) // the folder has no zone files
	}
	if out, errs, code := run(t, "records", "--format", "zone", "--dir", apex, "--apex", "M.a.example.", file); code != "0" || out+errs != "" {
		t.Errorf("exit %s: %s%s", code, out, errs)
	}
	if text, err := os.ReadFile(filepath.Join(apex, "m.a.example.zone")); err != nil || !strings.HasPrefix(string(text), "$ORIGIN m.a.example.\n") {
		t.Errorf("%s, %v", text, err)
	}
}

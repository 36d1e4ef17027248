package command

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/report"
)

// state is DNS and the file at one time, and the flags of the check.
type state struct {
	file  string            // its domains and the keys after them
	zones map[string]string // records by zone; with none, those of the state before
	args  []string
}

// compared is the comparison with a baseline, one line for each finding: new,
// standing, fixed or carried, the check, the domain, and for carried ones the
// reason.
type compared struct {
	lines []string
	path  string // of the JSON report
	text  string
	code  string
}

// check runs the program on a state, with an earlier report as the baseline.
func (h state) check(t *testing.T, baseline string) compared {
	t.Helper()
	dir := put(t, map[string]string{"sescheck.yaml": "version: 1\ndomains:\n" + h.file})
	c := compared{path: filepath.Join(dir, "report.json")}
	args := append([]string{"check", "--offline", "--zones", zones(t, h.zones), "--write", "json=" + c.path}, h.args...)
	if baseline != "" {
		args = append(args, "--baseline", baseline)
	}
	var errs string
	c.text, errs, c.code = run(t, append(args, filepath.Join(dir, "sescheck.yaml"))...)
	if errs != "" {
		t.Fatalf("exit %s: %s", c.code, errs)
	}
	var r struct {
		Findings       []struct{ Check, Domain, Baseline string }
		Fixed, Carried []report.Earlier
	}
	if err := json.Unmarshal([]byte(readFile(t, c.path)), &r); err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Baseline != "" {
			c.lines = append(c.lines, fmt.Sprintf("%s %s %s", f.Baseline, f.Check, f.Domain))
		}
	}
	for _, e := range r.Fixed {
		c.lines = append(c.lines, strings.TrimSpace(fmt.Sprintf("fixed %s %s", e.Check, e.Domain)))
	}
	for _, e := range r.Carried {
		c.lines = append(c.lines, strings.TrimSpace(fmt.Sprintf("carried %s %s %s %s", e.Check, e.Domain, e.Why, e.Behind)))
	}
	slices.Sort(c.lines)
	return c
}

// age makes the findings of a report some years old.
func age(t *testing.T, path string) {
	t.Helper()
	text := regexp.MustCompile(`"first_seen": "[^"]*"`).ReplaceAllString(readFile(t, path), `"first_seen": "2020-01-02T03:04:05Z"`)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

var bare = map[string]string{
	"amazonses.com": "@ TXT \"v=spf1 ip4:199.255.192.0/22 -all\"\nk1.dkim TXT \"p=" + ownKey + "\"\nk2.dkim TXT \"p=" + ownKey + "\"\n",
	"vendor.test":   "_spf TXT \"v=spf1 -all\"\n_two TXT \"v=spf1 -all\"\n_many TXT \"v=spf1 a:a.vendor.test a:b.vendor.test a:c.vendor.test a:d.vendor.test a:e.vendor.test a:f.vendor.test a:g.vendor.test a:h.vendor.test -all\"\na A 192.0.2.1\nb A 192.0.2.1\nc A 192.0.2.1\nd A 192.0.2.1\ne A 192.0.2.1\nf A 192.0.2.1\ng A 192.0.2.1\nh A 192.0.2.1\n",
	"test":          "vendor NS ns.vendor\nns.vendor A 192.0.2.53\n",
	"example":       "a NS ns.a\nns.a A 192.0.2.53\n",
}

// with returns the zones with these records of a.example.
func with(records string, others ...string) map[string]string {
	all := map[string]string{"a.example": records}
	maps.Copy(all, bare)
	for i := 0; i < len(others); i += 2 {
		if all[others[i]] = others[i+1]; others[i+1] == "" {
			delete(all, others[i])
		}
	}
	return all
}

// TestFixed: a finding is fixed if its record was looked at and found right. It is
// carried, with the reason, if another finding hides it, or if the check is off,
// silenced or no longer in the file.
func TestFixed(t *testing.T) {
	t.Parallel()
	spf := "  a.example: {spf: [_spf.vendor.test, _two.vendor.test]}\n"
	from := "  a.example: {region: eu-west-1, mail_from: m}\n"
	dkim := "  a.example: {region: eu-west-1, dkim: [k1, k2]}\n"
	sent := "m TXT \"v=spf1 include:amazonses.com -all\"\n"
	noMX := with(sent)
	bothMissing := with("@ TXT \"v=spf1 -all\"\n")
	keyed := "k1._domainkey CNAME k1.dkim.amazonses.com.\nk2._domainkey CNAME k2.dkim.amazonses.com.\n"
	dead := strings.Replace(bare["amazonses.com"], "k2.dkim TXT", "x.dkim TXT", 1)
	deader := strings.Replace(dead, "k1.dkim TXT", "y.dkim TXT", 1)
	for name, c := range map[string]struct {
		before, after state
		want          string
	}{
		"repaired": {state{from, noMX, nil}, state{from, with("m MX 10 feedback-smtp.eu-west-1.amazonses.com.\n" + sent), nil}, "fixed mail-from-mx-missing a.example"},
		"one of two": {state{spf, bothMissing, nil}, state{spf, with("@ TXT \"v=spf1 include:_two.vendor.test -all\"\n"), nil},
			"fixed spf-include-missing a.example, standing spf-include-missing a.example"},
		"other than before": {state{from, noMX, nil}, state{from, with("m MX 10 mail.vendor.test.\n" + sent), nil},
			"carried mail-from-mx-missing a.example hidden mail-from-mx-wrong, new mail-from-mx-wrong a.example"},

		"a second record": {state{spf, bothMissing, nil}, state{spf, with("@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 ~all\"\n"), nil},
			"carried spf-include-missing a.example hidden spf-duplicate, carried spf-include-missing a.example hidden spf-duplicate, new spf-duplicate a.example"},
		"a second record that is not reported": {state{spf, bothMissing, nil}, state{spf + "checks: {spf-duplicate: off}\n", with("@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 ~all\"\n"), nil},
			"carried spf-include-missing a.example hidden spf-duplicate, carried spf-include-missing a.example hidden spf-duplicate"},
		"a syntax error": {state{spf, bothMissing, nil}, state{spf, with("@ TXT \"v=spf1 ip4:x -all\"\n"), nil},
			"carried spf-include-missing a.example hidden spf-invalid, carried spf-include-missing a.example hidden spf-invalid, new spf-invalid a.example"},
		"the domain lapsed": {state{from, noMX, nil}, state{from, with("", "a.example", "", "example", "@ NS ns\n"), nil},
			"carried mail-from-mx-missing a.example hidden domain-not-found, new domain-not-found a.example"},
		"more lookups than many": {
			state{"  a.example: {spf: {all: \"-all\"}}\n", with("@ TXT \"v=spf1 include:_many.vendor.test -all\"\n"), nil},
			state{"  a.example: {spf: {all: \"-all\"}}\n", with("@ TXT \"v=spf1 include:_many.vendor.test a:a.vendor.test a:b.vendor.test -all\"\n"), nil},
			"carried spf-lookups-high a.example hidden spf-lookups, new spf-lookups a.example",
		},
		"an include breaks": {
			state{"  a.example: {spf: {all: \"-all\"}}\n", with("@ TXT \"v=spf1 include:_many.vendor.test a:a.vendor.test a:b.vendor.test -all\"\n"), nil},
			state{"  a.example: {spf: {all: \"-all\"}}\n", with("@ TXT \"v=spf1 include:_many.vendor.test a:a.vendor.test a:b.vendor.test -all\"\n", "vendor.test", "a A 192.0.2.1\nb A 192.0.2.1\n"), nil},
			"carried spf-lookups a.example hidden spf-include-broken, new spf-include-broken a.example",
		},
		"a broken include is dangling now": {
			state{"  a.example: {spf: [_x.vendor.test]}\n", with("@ TXT \"v=spf1 include:_x.vendor.test -all\"\n"), nil},
			state{"  a.example: {spf: [_x.vendor.test]}\n", with("@ TXT \"v=spf1 include:_x.vendor.test -all\"\n", "vendor.test", "", "test", "@ NS ns\n"), nil},
			"carried spf-include-broken a.example hidden spf-include-dangling, new spf-include-dangling a.example",
		},
		"two broken includes, one repaired": {
			state{"  a.example: {spf: [_x.vendor.test, _y.vendor.test]}\n", with("@ TXT \"v=spf1 include:_x.vendor.test include:_y.vendor.test -all\"\n"), nil},
			state{"  a.example: {spf: [_x.vendor.test, _y.vendor.test]}\n", with("@ TXT \"v=spf1 include:_x.vendor.test include:_y.vendor.test -all\"\n", "vendor.test", bare["vendor.test"]+"_x TXT \"v=spf1 -all\"\n"), nil},
			"fixed spf-include-broken a.example, standing spf-include-broken a.example",
		},
		"the ending lets everybody send": {
			state{"  a.example: {spf: {all: \"-all\"}}\n", with("@ TXT \"v=spf1 ~all\"\n"), nil},
			state{"  a.example: {spf: {all: \"-all\"}}\n", with("@ TXT \"v=spf1 +all\"\n"), nil},
			"carried spf-all a.example hidden spf-pass-all, new spf-pass-all a.example",
		},
		"one key less, and none": {state{dkim, with(keyed, "amazonses.com", dead), nil}, state{dkim, with(keyed, "amazonses.com", deader), nil},
			"carried dkim-key-partial a.example hidden dkim-key-missing, new dkim-key-missing a.example"},
		"one key of two": {
			state{"  a.example: {region: eu-west-1, dkim: [k1, k2, k3]}\n", with(keyed+"k3._domainkey CNAME k3.dkim.amazonses.com.\n", "amazonses.com", dead), nil},
			state{"  a.example: {region: eu-west-1, dkim: [k1, k2, k3]}\n", with(keyed + "k3._domainkey CNAME k3.dkim.amazonses.com.\n"), nil},
			"fixed dkim-key-partial a.example, standing dkim-key-partial a.example",
		},
		"a token garbled, and another": {
			state{"  a.example: {verification: token}\n", with("_amazonses TXT \"\\\"token\\\"\"\n"), nil},
			state{"  a.example: {verification: token}\n", with("_amazonses TXT another\n"), nil},
			"carried value-garbled a.example hidden verification-mismatch, new verification-mismatch a.example, new verification-unexpected a.example",
		},
		"a doubled name, and none": {
			state{"  a.example: {verification: token}\n", with("_amazonses.a.example TXT token\n"), nil},
			state{"  a.example: {verification: token}\n", with(""), nil},
			"carried name-doubled a.example hidden verification-missing, new verification-missing a.example",
		},
		"a doubled name, put right": {
			state{"  a.example: {verification: token}\n", with("_amazonses.a.example TXT token\n"), nil},
			state{"  a.example: {verification: token}\n", with("_amazonses TXT token\n"), nil},
			"fixed name-doubled a.example",
		},

		"off":           {state{from, noMX, nil}, state{from + "checks: {mail-from-mx-missing: off}\n", noMX, nil}, "carried mail-from-mx-missing a.example off"},
		"off, strictly": {state{from, noMX, nil}, state{from + "checks: {mail-from-mx-missing: off}\n", noMX, []string{"--strict"}}, "standing mail-from-mx-missing a.example"},
		"ignored":       {state{from, noMX, nil}, state{from + "ignore: [{check: mail-from-mx-missing, reason: known}]\n", noMX, nil}, "carried mail-from-mx-missing a.example ignored"},
		"not answered":  {state{from, noMX, nil}, state{from, with("", "a.example", ""), nil}, "carried mail-from-mx-missing a.example unanswered"},
		"another domain looked at": {state{from, noMX, nil}, state{from + "  b.example: {}\n", with(sent, "b.example", "\n"), []string{"--domain", "b.example"}},
			"carried mail-from-mx-missing a.example left-out"},
		"another check looked at": {state{from, noMX, nil}, state{from, noMX, []string{"--check", "spf-*"}}, "carried mail-from-mx-missing a.example left-out"},

		"the domain is gone from the file": {state{from, noMX, nil}, state{"  b.example: {}\n", with("\n", "b.example", "\n"), nil}, "carried mail-from-mx-missing a.example unlisted"},
		"the part is gone from the file":   {state{from, noMX, nil}, state{"  a.example: {dkim: none}\n", with("\n"), nil}, "carried mail-from-mx-missing a.example unlisted"},
		"the name is another": {state{from, noMX, nil}, state{"  a.example: {region: eu-west-1, mail_from: n}\n", with("n MX 10 feedback-smtp.eu-west-1.amazonses.com.\nn TXT \"v=spf1 include:amazonses.com -all\"\n"), nil},
			"carried mail-from-mx-missing a.example unlisted"},
		"an include is gone from the list": {state{spf, with("@ TXT \"v=spf1 include:_two.vendor.test -all\"\n"), nil}, state{"  a.example: {spf: [_two.vendor.test]}\n", with("@ TXT \"v=spf1 include:_two.vendor.test -all\"\n"), nil},
			"carried spf-include-missing a.example unlisted"},
		"a token is gone from the list": {state{"  a.example: {verification: [one, two]}\n", with("_amazonses TXT one\n"), nil}, state{"  a.example: {verification: [one]}\n", with("_amazonses TXT one\n"), nil},
			"carried verification-mismatch a.example unlisted"},
		"an identity is gone from the list": {
			state{"  a.example: {identities: [{region: eu-west-1, receiving: true}, {region: us-east-1, receiving: true}]}\n", with("@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.\n"), nil},
			state{"  a.example: {identities: [{region: eu-west-1, receiving: true}]}\n", with("@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.\n"), nil},
			"carried receiving-mx-wrong a.example unlisted",
		},
		"a DMARC tag is gone from the list": {
			state{"  a.example: {dmarc: {policy: none, aspf: s}}\n", with("_dmarc TXT \"v=DMARC1; p=none\"\n"), nil},
			state{"  a.example: {dmarc: {policy: none, adkim: r}}\n", with("_dmarc TXT \"v=DMARC1; p=none\"\n"), nil},
			"carried dmarc-mismatch a.example unlisted",
		},
		"what nobody listed is gone": {state{"  a.example: {spf: []}\n", with("@ TXT \"v=spf1 include:_two.vendor.test -all\"\n"), nil}, state{"  a.example: {spf: []}\n", with("@ TXT \"v=spf1 -all\"\n"), nil},
			"fixed spf-include-unexpected a.example"},

		"pending":         {state{from, noMX, nil}, state{"  a.example: {region: eu-west-1, mail_from: m, pending_until: 2999-01-01}\n", noMX, nil}, "standing mail-from-mx-missing a.example"},
		"pending is over": {state{"  a.example: {region: eu-west-1, mail_from: m, pending_until: 2999-01-01}\n", noMX, nil}, state{from, noMX, nil}, "new mail-from-mx-missing a.example"},
		"a check made an error": {
			state{"  a.example: {spf: {all: \"-all\"}}\n", with("@ TXT \"v=spf1 ~all\"\n"), nil},
			state{"  a.example: {spf: {all: \"-all\"}}\nchecks: {spf-all: error}\n", with("@ TXT \"v=spf1 ~all\"\n"), nil}, "new spf-all a.example",
		},
		"an ignore is gone": {state{from + "ignore: [{check: mail-from-mx-missing, reason: known}]\n", noMX, nil}, state{from, noMX, nil}, "new mail-from-mx-missing a.example"},

		"an ignore that ended is taken out": {state{from + "ignore: [{check: spf-all, reason: known, until: 2020-01-01}]\n", noMX, []string{"--check", "ignore-*"}}, state{from, noMX, []string{"--check", "ignore-*"}}, "fixed ignore-expired"},
		"an ignore that ended is not looked at": {state{from + "ignore: [{check: spf-all, reason: known, until: 2020-01-01}]\n", noMX, []string{"--check", "ignore-*"}}, state{from, noMX, []string{"--check", "ignore-*", "--strict"}},
			"carried ignore-expired  left-out"},
		"an ignore that was unused is taken out": {state{"  a.example: {}\nignore: [{check: spf-all, reason: known}]\n", with("\n"), nil}, state{"  a.example: {}\n", with("\n"), nil}, "fixed ignore-unused"},
		"a record is claimed now":                {state{"  a.example: {}\n", with("m MX 10 feedback-smtp.eu-west-1.amazonses.com.\n" + sent), []string{"--check", "record-unclaimed"}}, state{from, with("m MX 10 feedback-smtp.eu-west-1.amazonses.com.\n" + sent), []string{"--check", "record-unclaimed"}}, "fixed record-unclaimed a.example, fixed record-unclaimed a.example"},
		"the zone of a record is not given now": {state{"  a.example: {}\n", with("m MX 10 feedback-smtp.eu-west-1.amazonses.com.\n"), []string{"--check", "record-unclaimed"}}, state{"  a.example: {}\n", with("", "a.example", ""), []string{"--check", "record-unclaimed"}},
			"carried record-unclaimed a.example left-out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := c.before.check(t, "")
			age(t, before.path)
			after := c.after.check(t, before.path)
			if got := strings.Join(after.lines, ", "); got != c.want {
				t.Errorf("\n%s, want\n%s\n%s", got, c.want, after.text)
			}
			if strings.Contains(c.want, "fixed ") != strings.Contains(after.text, "\nfixed: ") || strings.Contains(c.want, "carried ") != strings.Contains(after.text, "\ncarried, ") {
				t.Errorf("the text says otherwise:\n%s", after.text)
			}
			// A carried finding is standing once its record can be judged again.
			again := c.before.check(t, after.path)
			for _, l := range again.lines {
				kind, rest, _ := strings.Cut(l, " ")
				if kind == "new" && strings.Contains(c.want, "carried "+rest) {
					t.Errorf("%s, and it was carried\n%s", l, again.text)
				}
			}
			for _, old := range regexp.MustCompile(`carried ([a-z-]+)`).FindAllStringSubmatch(c.want, -1) {
				if !regexp.MustCompile(`(?s)"check": "` + old[1] + `".*?"first_seen": "2020-01-02T03:04:05Z"`).MatchString(readFile(t, again.path)) {
					t.Errorf("%s was first seen in 2020:\n%s", old[1], again.text)
				}
			}
		})
	}
}

// TestFixedInSES: a finding of SES is fixed only if this run has the state of SES
// in the same region.
func TestFixedInSES(t *testing.T) {
	t.Parallel()
	const file = "  a.example: {region: eu-west-1, dkim: [k1]}\n"
	list := func(names ...string) string {
		var all []string
		for _, n := range names {
			all = append(all, fmt.Sprintf(`{"IdentityType": "DOMAIN", "IdentityName": %q}`, n))
		}
		return `{"EmailIdentities": [` + strings.Join(all, ", ") + `]}`
	}
	identity := func(status string) string {
		return `{"IdentityType": "DOMAIN", "VerifiedForSendingStatus": true, "VerificationStatus": "SUCCESS", "MailFromAttributes": {},
			"DkimAttributes": {"SigningEnabled": true, "Status": "` + status + `", "Tokens": ["k1"], "SigningAttributesOrigin": "AWS_SES"}}`
	}
	given := func(region string, files ...string) []string {
		all := map[string]string{}
		for i := 0; i < len(files); i += 2 {
			all[filepath.Join(region, files[i])] = files[i+1]
		}
		return []string{"--ses", put(t, all)}
	}
	dns := with("k1._domainkey CNAME k1.dkim.amazonses.com.\n")
	before := state{file, dns, given("eu-west-1", "list.json", list("a.example", "old.example"), "a.example.json", identity("FAILED"))}
	first := before.check(t, "")
	for name, c := range map[string]struct {
		after state
		want  string
	}{
		"the same": {before, "standing ses-dkim-failed a.example, standing ses-identity-unlisted old.example"},
		"without --ses": {state{file, dns, nil},
			"carried ses-dkim-failed a.example left-out, carried ses-identity-unlisted old.example left-out"},
		"right now": {state{file, dns, given("eu-west-1", "list.json", list("a.example"), "a.example.json", identity("SUCCESS"))},
			"fixed ses-dkim-failed a.example, fixed ses-identity-unlisted old.example"},
		"the list of another region": {state{file, dns, given("us-east-1", "list.json", list("b.example"))},
			"carried ses-dkim-failed a.example left-out, carried ses-identity-unlisted old.example left-out, new ses-identity-unlisted b.example"},
		"no list": {state{file, dns, given("eu-west-1", "a.example.json", identity("SUCCESS"))},
			"carried ses-identity-unlisted old.example left-out, fixed ses-dkim-failed a.example"},
		"listed in the file": {state{file + "  old.example: {region: eu-west-1}\n", with("k1._domainkey CNAME k1.dkim.amazonses.com.\n", "old.example", "@ TXT x\n"), before.args},
			"fixed ses-identity-unlisted old.example, standing ses-dkim-failed a.example"},
		"the domain is gone from the file": {state{"  b.example: {spf: none}\n", with("", "b.example", "@ TXT x\n"), nil},
			"carried ses-dkim-failed a.example unlisted, carried ses-identity-unlisted old.example left-out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.after.check(t, first.path)
			slices.Sort(got.lines)
			if lines := strings.Join(got.lines, ", "); lines != c.want {
				t.Errorf("got  %s\nwant %s\n%s", lines, c.want, got.text)
			}
		})
	}
}

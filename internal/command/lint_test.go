package command

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var tableDate = regexp.MustCompile(`\((table|as) of [0-9-]+\)`)

// TestLint: every command that reads the file refuses contradictions, with both
// places, and lint warns about entries that make no sense.
func TestLint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ yaml, code, output string }{
		"well": {"version: 1\ndomains:\n  a.example: {region: eu-west-1, mail_from: m}\n", "0", "1 domain, no mistakes\n"},
		"a region that is not known": {
			"version: 1\ndomains:\n  a.example: {region: eu-wset-1, mail_from: m}\n", "0",
			"FILE:3:15: warning: Amazon SES is not known to send from region eu-wset-1 (as of DATE); did you mean eu-west-1? (region-unknown)\n1 domain, 1 warning, 0 notes\n",
		},
		"the same in defaults, accepted": {
			"version: 1\ndefaults: {region: eu-west-9}\ndomains:\n  a.example: {}\n  b.example: {}\nchecks: {region-unknown: off}\n", "0", "2 domains, no mistakes\n",
		},
		"the same, pending": {
			"version: 1\ndomains:\n  a.example: {region: eu-wset-1, pending_until: 2999-01-01}\n", "0", ": note: Amazon SES is not known to send from region eu-wset-1",
		},
		"the same, ignored": {
			"version: 1\ndomains:\n  a.example: {region: eu-wset-1}\nignore: [{check: region-unknown, reason: new}]\n", "0", "1 domain, no mistakes\n",
		},
		"no SPF at the MAIL FROM name": {
			"version: 1\ndomains:\n  a.example: {region: eu-west-1, mail_from: {name: m, spf: none}}\n", "0",
			"FILE:3:55: warning: the file has spf: none for the MAIL FROM name m.a.example, which without an SPF record does not authorise Amazon SES (spf-ses-unauthorized)\n",
		},
		"receiving where SES does not": {
			"version: 1\ndomains:\n  a.example: {region: ap-south-2, receiving: true}\n", "0",
			"FILE:3:35: warning: SES is not known to receive mail in ap-south-2 (table of DATE) (receiving-region)\n",
		},
		"an include of itself": {
			"version: 1\ndomains:\n  a.example: {spf: [b.example, a.example]}\n", "0",
			"FILE:3:32: warning: a.example is listed as an include of itself (spf-include-loop)\n",
		},
		"more includes than lookups": {
			"version: 1\ndomains:\n  a.example:\n    region: eu-west-1\n    mail_from: {name: m, spf: [a.test, b.test, c.test, d.test, e.test, f.test, g.test, h.test, i.test, j.test]}\n", "0",
			"FILE:5:5: warning: the file lists 11 includes for the SPF record of m.a.example, but a record may need at most 10 DNS lookups (spf-lookups)\n",
		},
		"as many includes as lookups": {
			"version: 1\ndomains:\n  a.example: {region: eu-west-1, mail_from: {name: m, spf: [a.test, b.test, c.test, d.test, e.test, f.test, g.test, h.test, i.test, amazonses.com]}}\n", "0",
			"1 domain, no mistakes\n",
		},
		"MAIL FROM at a domain that receives": {
			"version: 1\ndomains:\n  a.example: {region: eu-west-1, mail_from: m}\n  m.a.example: {region: eu-west-1, receiving: true}\n", "2",
			"FILE:4:36: m.a.example is a domain that receives mail, and in line 3 the MAIL FROM name of a.example: a MAIL FROM name has one MX record",
		},
		"what else is wrong, too": {
			"version: 1\ndomains:\n  a.example: {region: eu-west-1, mail_from: m, colour: red}\n  m.a.example: {spf: none}\n", "2",
			"FILE:3:48: a domain has no key \"colour\"; it has ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(put(t, map[string]string{"sescheck.yaml": c.yaml}), "sescheck.yaml")
			out, errs, code := run(t, "lint", path)
			output := out + errs
			output = strings.ReplaceAll(output, path, "FILE")
			output = tableDate.ReplaceAllString(output, "($1 of DATE)")
			if code != c.code || !strings.Contains(output, c.output) || code == "2" && out != "" {
				t.Errorf("exit %s, want %s and\n%s\ngot\n%s", code, c.code, c.output, output)
			}
			if c.code == "2" {
				for _, command := range []string{"check", "records", "lock"} {
					if _, other, code := run(t, command, path); code != "2" || other != errs {
						t.Errorf("%s: exit %s: %s", command, code, other)
					}
				}
			}
		})
	}
}

// TestContradictionAcrossFiles: the mistake names both places with their files.
func TestContradictionAcrossFiles(t *testing.T) {
	t.Parallel()
	dir := put(t, map[string]string{
		"a.yaml": "version: 1\ndomains:\n  a.example: {region: eu-west-1, mail_from: m}\n",
		"b.yaml": "version: 1\ndomains:\n  m.a.example: {region: eu-west-1, receiving: true}\n",
	})
	a, b := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml")
	if _, errs, code := run(t, "lint", a, b); code != "2" || !strings.HasPrefix(errs, b+":3:36: m.a.example is a domain that receives mail, and in \""+a+"\" line 3 the MAIL FROM name of a.example: ") {
		t.Errorf("exit %s: %s", code, errs)
	}
}

// TestSharedMailFrom: if two domains share a MAIL FROM name, its MX may be in
// either region.
func TestSharedMailFrom(t *testing.T) {
	t.Parallel()
	dir := put(t, map[string]string{"sescheck.yaml": "version: 1\ndomains:\n  a.example: {region: eu-west-1, mail_from: m.b.a.example}\n  b.a.example: {region: us-east-1, mail_from: m}\n"})
	for _, region := range []string{"eu-west-1", "us-east-1", "eu-north-1"} {
		held := zones(t, map[string]string{
			"a.example":     "m.b MX 10 feedback-smtp." + region + ".amazonses.com.\nm.b TXT \"v=spf1 include:amazonses.com -all\"\n",
			"amazonses.com": "@ TXT \"v=spf1 ip4:199.255.192.0/22 -all\"\n",
		})
		out, errs, code := run(t, "check", "--zones", held, "--offline", filepath.Join(dir, "sescheck.yaml"))
		if want := map[bool]string{true: "1", false: "0"}[region == "eu-north-1"]; code != want || errs != "" {
			t.Errorf("%s: exit %s\n%s%s", region, code, out, errs)
		}
	}
}

// TestImportReconciles: imported files pass lint, also if DNS has contradictions,
// and import prints what it left out.
func TestImportReconciles(t *testing.T) {
	t.Parallel()
	receives := zones(t, map[string]string{"a.example": "_amazonses TXT pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=\n" +
		"m MX 10 feedback-smtp.eu-west-1.amazonses.com.\nm MX 10 inbound-smtp.eu-west-1.amazonaws.com.\n"})
	tracks := zones(t, map[string]string{"a.example": "_amazonses TXT pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=\n" +
		"m MX 10 feedback-smtp.eu-west-1.amazonses.com.\nm CNAME r.eu-west-1.awstrack.me.\n"})
	for name, c := range map[string]struct{ zones, file, output, lacks string }{
		"receiving":         {receives, "", "look at m.a.example: receiving is left out: m.a.example is the MAIL FROM name of a.example, too, and a MAIL FROM name has one MX record", "receiving: true"},
		"tracking":          {tracks, "", "look at a.example: tracking is left out: m.a.example is the MAIL FROM name of a.example, too, and it cannot have both the CNAME ", "tracking: m"},
		"into what is said": {receives, "version: 1\ndomains:\n  m.a.example: {region: eu-west-1, receiving: true}\n", "look at a.example: mail_from is left out: m.a.example is a domain that receives mail, too, and ", "mail_from: m"},
		"into the same":     {receives, "version: 1\ndomains:\n  a.example: {region: eu-west-1, mail_from: m}\n", "look at m.a.example: receiving is left out: ", "receiving: true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(put(t, map[string]string{"sescheck.yaml": c.file}), "sescheck.yaml")
			args := []string{"import", c.zones}
			if c.file != "" {
				args = []string{"import", "--into", path, c.zones}
			}
			out, errs, code := run(t, args...)
			if c.file == "" {
				path = filepath.Join(put(t, map[string]string{"sescheck.yaml": out}), "sescheck.yaml")
			}
			text := readFile(t, path)
			if !strings.Contains(errs, c.output) || strings.Contains(text, c.lacks) {
				t.Errorf("exit %s\n%s\n%s", code, errs, text)
			}
			if out, errs, code := run(t, "lint", path); code != "0" {
				t.Errorf("lint: exit %s\n%s%s\n%s", code, out, errs, text)
			}
		})
	}
}

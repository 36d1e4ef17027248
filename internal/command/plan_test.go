package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// laidOut writes files to a new folder and changes to it.
func laidOut(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// ofPlan are a file, its zone, and a Terraform plan for it.
func ofPlan(changes, tf string) map[string]string {
	return map[string]string{
		"sescheck.yaml":              "version: 1\ndomains:\n  example.com:\n    region: eu-west-1\n    mail_from: bounce\n    spf: [amazonses.com]\n",
		"zones/example.com.zone":     soa + "@ 300 IN TXT \"v=spf1 include:amazonses.com ~all\"\nbounce 300 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.\nbounce 300 IN TXT \"v=spf1 include:amazonses.com ~all\"\n",
		"zones/amazonses.com.zone":   soa + "@ 300 IN TXT \"v=spf1 ip4:199.255.192.0/22 -all\"\n",
		"dns/modules/mail/main.tf":   tf,
		"dns/main.tf":                "module \"mail\" {\n  source = \"./modules/mail\"\n}\n",
		"dns/modules/mail/README.md": "nothing",
		"plan.json": `{"format_version": "1.2", "resource_changes": [` + changes + `],
 "configuration": {"root_module": {"module_calls": {"mail": {"source": "./modules/mail", "module": {"resources": []}}}}}}`,
	}
}

// inMail is a change of a resource in that module.
func inMail(typ, name, action, before, after string) string {
	return `{"address": "module.mail.` + typ + "." + name + `", "module_address": "module.mail", "mode": "managed", "type": "` + typ + `", "name": "` + name + `",
 "change": {"actions": ["` + action + `"], "before": ` + before + `, "after": ` + after + `, "after_unknown": {"id": true}}}`
}

// TestPlan: an error of a plan is reported at its line in the right file.
func TestPlan(t *testing.T) {
	const mx = `{"name": "bounce.example.com", "type": "MX", "records": ["10 feedback-smtp.eu-west-1.amazonses.com"]}`
	for name, c := range map[string]struct{ changes, tf, want string }{
		"nothing": {inMail("aws_route53_record", "mx", "no-op", mx, mx), "\nresource \"aws_route53_record\" \"mx\" {\n}\n", ""},
		"a second MX": {
			inMail("aws_route53_record", "mx", "no-op", mx, mx) + "," + inMail("aws_route53_record", "other", "create", "null", `{"name": "bounce.example.com", "type": "MX", "records": ["20 mail.example.net"]}`),
			"\nresource \"aws_route53_record\" \"mx\" {\n}\n\nresource \"aws_route53_record\" \"other\" {\n}\n",
			"::error endLine=6,file=dns/modules/mail/main.tf,line=5,title=mail-from-mx-multiple::",
		},
		"an SPF record deleted": {
			inMail("aws_route53_record", "spf", "delete", `{"name": "example.com", "type": "TXT", "records": ["v=spf1 include:amazonses.com ~all"]}`, "null"), "",
			"::error endLine=3,file=dns/main.tf,line=1,title=spf-missing::",
		},
		"an MX without its preference": {
			inMail("aws_route53_record", "mx", "update", mx, strings.Replace(mx, "10 ", "", 1)), "resource \"aws_route53_record\" \"mx\" {\n}\n",
			"::error endLine=2,file=dns/modules/mail/main.tf,line=1,title=mail-from-mx-missing::",
		},
		"another region": {
			inMail("aws_route53_record", "mx", "update", mx, strings.Replace(mx, "eu-west-1", "eu-west-2", 1)), "resource \"aws_route53_record\" \"mx\" {\n}\n",
			"::error endLine=2,file=dns/modules/mail/main.tf,line=1,title=mail-from-mx-wrong::",
		},
		"a second SPF record beside the live one": {
			inMail("cloudflare_dns_record", "spf", "create", "null", `{"name": "example.com", "type": "TXT", "content": "v=spf1 -all"}`), "# a comment\nresource \"cloudflare_dns_record\" \"spf\" {\n  content = \"v=spf1 -all\"\n}\n",
			"title=spf-duplicate::",
		},
	} {
		t.Run(name, func(t *testing.T) {
			laidOut(t, ofPlan(c.changes, c.tf))
			out, errs, code := run(t, "check", "--zones", "zones", "--plan", "plan.json", "--offline", "--format", "github", "sescheck.yaml")
			if want := map[bool]string{true: "0", false: "1"}[c.want == ""]; code != want || errs != "" && !strings.HasPrefix(errs, "skipped: 1 aws_route53_record, in ") {
				t.Errorf("exit %s: %s", code, errs)
			}
			if !strings.Contains(out, c.want) {
				t.Errorf("got %s\nwant %s", out, c.want)
			}
		})
	}
}

// TestImportState: a state alone gives the whole file.
func TestImportState(t *testing.T) {
	laidOut(t, map[string]string{"state.json": `{"format_version": "1.0", "values": {"root_module": {"resources": [
 {"address": "aws_sesv2_email_identity.a", "mode": "managed", "type": "aws_sesv2_email_identity", "name": "a", "values": {"email_identity": "example.com", "arn": "arn:aws:ses:eu-west-1:1:identity/example.com",
  "dkim_signing_attributes": [{"tokens": ["tokena", "tokenb", "tokenc"], "signing_attributes_origin": "AWS_SES", "status": "SUCCESS", "domain_signing_private_key": "hunter2"}]}},
 {"address": "aws_sesv2_email_identity_mail_from_attributes.a", "mode": "managed", "type": "aws_sesv2_email_identity_mail_from_attributes", "name": "a",
  "values": {"email_identity": "example.com", "mail_from_domain": "bounce.example.com", "behavior_on_mx_failure": "REJECT_MESSAGE"}},
 {"address": "aws_route53_record.spf", "mode": "managed", "type": "aws_route53_record", "name": "spf", "values": {"name": "example.com", "type": "TXT", "records": ["v=spf1 include:_spf.example.net ~all"]}},
 {"address": "aws_route53_record.dmarc", "mode": "managed", "type": "aws_route53_record", "name": "dmarc", "values": {"name": "_dmarc.example.com", "type": "TXT", "records": ["v=DMARC1; p=reject"]}},
 {"address": "aws_route53_record.mx", "mode": "managed", "type": "aws_route53_record", "name": "mx", "values": {"name": "bounce.example.com", "type": "MX", "records": ["10 feedback-smtp.eu-west-1.amazonses.com"]}}]}}}`})
	out, errs, code := run(t, "import", "state.json")
	if code != "0" || strings.Contains(out+errs, "hunter2") {
		t.Errorf("exit %s: %s", code, errs)
	}
	for _, want := range []string{"  example.com:\n    region: eu-west-1\n    dkim: [tokena, tokenb, tokenc]\n", "mail_from: {name: bounce, on_mx_failure: reject}\n", "spf: [_spf.example.net]\n", "dmarc: reject\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("got %s\nwant %s", out, want)
		}
	}
}

// TestImportChanges: an identity in a plan or template and the records beside it
// are one, also where only the records show the region.
func TestImportChanges(t *testing.T) {
	const id = "Resources:\n  Id: {Type: AWS::SES::EmailIdentity, Properties: {EmailIdentity: example.com, MailFromAttributes: {MailFromDomain: bounce.example.com}}}\n"
	const spf = "  Spf: {Type: AWS::Route53::RecordSet, Properties: {Name: bounce.example.com, Type: TXT, ResourceRecords: ['\"v=spf1 include:amazonses.com ~all\"']}}\n"
	const mx = "  Mx: {Type: AWS::Route53::RecordSet, Properties: {Name: bounce.example.com, Type: MX, ResourceRecords: [10 feedback-smtp.eu-west-2.amazonses.com]}}\n"
	proxied := ""
	for _, token := range []string{"tokena", "tokenb", "tokenc"} {
		proxied += `{"op": "create", "urn": "urn:pulumi:a::b::cloudflare:index/dnsRecord:DnsRecord::` + token + `", "newState": {"inputs": {"name": "` + token + `._domainkey.example.com", "type": "CNAME", "content": "` + token + `.dkim.amazonses.com", "proxied": true}}},`
	}
	for name, c := range map[string]struct{ file, text, want string }{
		"region shown by the MX": {"t.yaml", id + spf + mx, "  example.com:\n    region: eu-west-2\n    dkim: easy\n    mail_from: bounce\n"},
		"no region":              {"t.yaml", id + spf, "  example.com:\n    dkim: easy\n"},
		"Pulumi's region, records that are proxied": {
			"p.json", `{"config": {"aws:region": "eu-west-3"}, "steps": [` + proxied + `{"op": "create", "urn": "urn:pulumi:a::b::aws:sesv2/emailIdentity:EmailIdentity::x", "newState": {"inputs": {"emailIdentity": "example.com"}}}]}`,
			"  example.com:\n    region: eu-west-3\n    dkim: [tokena, tokenb, tokenc]\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			laidOut(t, map[string]string{c.file: c.text})
			out, errs, code := run(t, "import", c.file)
			if code != "0" || !strings.HasSuffix(out, c.want) || strings.Count(out, "example.com:") != 1 {
				t.Errorf("exit %s: %s%s\nwant %s", code, errs, out, c.want)
			}
		})
	}
}

// TestImportFlags: without arguments, --zones and --plan are the sources.
func TestImportFlags(t *testing.T) {
	laidOut(t, map[string]string{
		"zones/example.com.zone": soa + "bounce 300 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.\n",
		"plan.json":              `{"format_version": "1.2", "resource_changes": [` + inMail("aws_route53_record", "spf", "create", "null", `{"name": "example.com", "type": "TXT", "records": ["v=spf1 include:_spf.example.net ~all"]}`) + `]}`,
	})
	for piped, want := range map[string]string{
		"": "    mail_from: bounce\n    spf: [_spf.example.net]\n",
		`{"EmailIdentity": "example.com", "Region": "eu-west-1", "DkimAttributes": {"Tokens": ["a", "b", "c"]}, "MailFromAttributes": {"MailFromDomain": "bounce.example.com"}}`: "    dkim: [a, b, c]\n    mail_from: bounce\n    spf: [_spf.example.net]\n",
	} {
		var out, errs strings.Builder
		env := Env{Version: "test", Stdout: &out, Stderr: &errs, Stdin: strings.NewReader(piped), Getenv: func(string) string { return "" }}
		code := Main(t.Context(), []string{"import", "--zones", "zones", "--plan", "plan.json"}, env)
		if code != 0 || !strings.Contains(out.String(), want) || strings.Contains(errs.String(), "stdin") {
			t.Errorf("%q: exit %d: %s%s", piped, code, errs.String(), out.String())
		}
	}
}

// TestSets: a wrong RRset of several rotating ones is reported where it is made, in
// a listing or in a plan on top of it.
func TestSets(t *testing.T) {
	mx := func(set, region string) string {
		return `{"Name": "bounce.example.com.", "Type": "MX", "SetIdentifier": "` + set + `", "Weight": 1, "TTL": 300, "ResourceRecords": [{"Value": "10 feedback-smtp.` + region + `.amazonses.com"}]},` + "\n"
	}
	planned := func(region string) string {
		return inMail("aws_route53_record", "green", "create", "null", `{"name": "bounce.example.com", "type": "MX", "records": ["10 feedback-smtp.`+region+`.amazonses.com"], "set_identifier": "green", "weighted_routing_policy": [{"weight": 1}]}`)
	}
	unused := func(region string) string { return strings.Replace(planned(region), `"weight": 1`, `"weight": 0`, 1) }
	const here, there = "eu-west-1", "us-east-1"
	for name, c := range map[string]struct{ first, second, plan, want string }{
		"right":                     {mx("blue", here), mx("green", here), "", ""},
		"the first is wrong":        {mx("blue", there), mx("green", here), "", "file=zones/example.com.json,line=2,title=mail-from-mx-wrong"},
		"the second is wrong":       {mx("blue", here), mx("green", there), "", "file=zones/example.com.json,line=3,title=mail-from-mx-wrong"},
		"one is added":              {mx("red", here), mx("blue", here), planned(here), ""},
		"a wrong one is added":      {mx("red", here), mx("blue", here), planned(there), "file=dns/modules/mail/main.tf,line=2,title=mail-from-mx-wrong"},
		"an unused one is added":    {mx("red", here), mx("blue", here), unused(there), ""},
		"beside an unused one":      {mx("red", here), mx("blue", there), unused(here), "file=zones/example.com.json,line=3,title=mail-from-mx-wrong"},
		"all are unused":            {"", "", unused(there), "file=dns/modules/mail/main.tf,line=2,title=mail-from-mx-wrong"},
		"beside a wrong one":        {mx("red", here), mx("blue", there), planned(here), "file=zones/example.com.json,line=3,title=mail-from-mx-wrong"},
		"a wrong one is put right":  {mx("blue", here), mx("green", there), planned(here), ""},
		"a right one is made wrong": {mx("blue", here), mx("green", here), planned(there), "file=dns/modules/mail/main.tf,line=2,title=mail-from-mx-wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			files := ofPlan(c.plan, "\nresource \"aws_route53_record\" \"green\" {\n}\n")
			delete(files, "zones/example.com.zone")
			record := func(typ, value string) string {
				return `{"Name": "example.com.", "Type": "` + typ + `", "TTL": 300, "ResourceRecords": [{"Value": "` + value + `"}]}`
			}
			const spf = `\"v=spf1 include:amazonses.com ~all\"`
			files["zones/example.com.json"] = `{"ResourceRecordSets": [` + record("SOA", "ns1. h. 1 1 1 1 1") + ",\n" + c.first + c.second +
				record("TXT", spf) + "," + strings.Replace(record("TXT", spf), "example.com.", "bounce.example.com.", 1) + "]}"
			laidOut(t, files)
			out, errs, code := run(t, "check", "--zones", "zones", "--plan", "plan.json", "--offline", "--format", "github", "sescheck.yaml")
			if want := map[bool]string{true: "0", false: "1"}[c.want == ""]; code != want || errs != "" {
				t.Errorf("exit %s: %s%s", code, errs, out)
			}
			if !strings.Contains(out, c.want) {
				t.Errorf("got %s\nwant %s", out, c.want)
			}
		})
	}
}

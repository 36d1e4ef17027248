package inventory

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/account"
)

const resendKey = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC1TaNgLlSyQMNWVLNLvyY/neDgaL2oqQE8T5illKqCgDtFHc8eHVAU+nlcaGmrKmDMw9dbgiGk1ocgZ56NR4ycfUHwQhvQPMUZw0cveel/8EAGoi/UyPmqfcPibytH81NFtTMAxUeM4Op8A6iHkvAMj5qLf4YRNsTkKAKW3OkwPQIDAQAB"

func TestResendJSON(t *testing.T) {
	const mx = `{"record": "SPF", "name": "send", "type": "MX", "ttl": "Auto", "status": "not_started", "value": "feedback-smtp.us-east-1.amazonses.com", "priority": 10}`
	const spf = `{"record": "SPF", "name": "send", "value": "\"v=spf1 include:amazonses.com ~all\"", "type": "TXT", "ttl": "Auto", "status": "not_started"}`
	const key = `{"record": "DKIM", "name": "resend._domainkey", "value": "p=` + resendKey + `", "type": "TXT", "status": "not_started", "ttl": "Auto"}`
	const domain = "  example.com:\n    region: us-east-1\n    sender: resend\n"
	const signs = "    dkim:\n      selector: resend\n      public_key: " + resendKey + "\n"
	const bounces = "    mail_from: send\n"
	for name, c := range map[string]struct{ json, want string }{
		"as the API answers": {
			`{"object": "domain", "id": "d91cd9bd-1176-453e-8fc1-35364d380206", "name": "example.com", "status": "verified", "created_at": "2023-04-26T20:21:26.347412+00:00", "region": "us-east-1", "records": [` + mx + "," + spf + "," + key + `]}`,
			domain + signs + bounces,
		},
		"as an SDK answers": {
			`{"data": {"name": "example.com", "region": "us-east-1", "records": [` + mx + "," + key + `]}, "error": null}`,
			domain + signs + bounces,
		},
		"not verified": {
			`{"name": "example.com", "region": "us-east-1", "status": "not_started", "records": [` + mx + "," + key + `]}`,
			"  # Resend says \"not_started\" for this domain.\n" + domain + signs + bounces,
		},
		"a subdomain, whose records have names under the registered domain": {
			`{"name": "mail.example.com", "region": "us-east-1", "records": [{"name": "resend._domainkey.mail", "type": "TXT", "value": "p=` + resendKey +
				`"}, {"name": "send.mail", "type": "MX", "value": "feedback-smtp.us-east-1.amazonses.com", "priority": 10}]}`,
			"  mail.example.com:\n    region: us-east-1\n    sender: resend\n" + signs + bounces,
		},
		"names in full": {
			`{"name": "example.com", "region": "us-east-1", "records": [{"name": "resend._domainkey.example.com.", "type": "TXT", "value": "p=` + resendKey + `"}]}`,
			domain + signs,
		},
		"another return path, receiving and tracking": {
			`{"name": "example.com", "region": "us-east-1", "records": [{"name": "out", "type": "MX", "value": "feedback-smtp.us-east-1.amazonses.com", "priority": 10},` +
				`{"record": "Receiving", "name": "@", "type": "MX", "value": "inbound-smtp.us-east-1.amazonaws.com", "priority": 9},` +
				`{"record": "Tracking", "name": "links", "type": "CNAME", "value": "links1.resend-dns.com"}]}`,
			domain + "    mail_from: out\n    receiving: true\n    tracking: {name: links, target: links1.resend-dns.com}\n",
		},
		"three tokens": {
			`{"name": "example.com", "region": "us-east-1", "records": [{"name": "aaa._domainkey", "type": "CNAME", "value": "aaa.dkim.amazonses.com."}, {"name": "bbb._domainkey", "type": "CNAME", "value": "bbb.dkim.amazonses.com"}]}`,
			domain + "    dkim: [aaa, bbb]\n",
		},
		"a record of no known type": {
			`{"name": "example.com", "region": "us-east-1", "records": [{"name": "x", "type": "HTTPS", "value": "1 ."}]}`,
			domain + "skipped: stdin line 1: record \"x\" of example.com: type \"HTTPS\" is not read\n",
		},
		"no record": {`{"name": "example.com", "region": "us-east-1", "records": []}`, domain},
		"records of something else": {
			`{"name": "example.com", "records": [{"id": 1}]}`,
			"skipped: stdin line 1: this is not one of the outputs that sescheck reads: get-email-identity, list-email-identities, get-configuration-set and list-recommendations of sesv2, get-identity-verification-attributes, get-identity-dkim-attributes and get-identity-mail-from-domain-attributes of ses, and a domain with its records from Resend's API\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := imported(t, account.Hint{File: "stdin"}, Options{}, c.json)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

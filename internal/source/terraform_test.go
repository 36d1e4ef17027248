package source_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

type object = map[string]any

// resource is a resource change of a plan.
func resource(typ, name string, actions []string, before, after, unknown object) object {
	return object{"address": typ + "." + name, "mode": "managed", "type": typ, "name": name,
		"change": object{"actions": actions, "before": before, "after": after, "after_unknown": unknown}}
}

// planOf is a plan of changes, over zones by their id.
func planOf(changes ...object) string {
	zone := func(typ, name string, values object) object {
		return object{"address": "data." + typ + "." + name, "mode": "data", "type": typ, "name": name, "values": values}
	}
	text, err := json.MarshalIndent(object{
		"format_version": "1.2", "resource_changes": changes,
		"prior_state": object{"values": object{"root_module": object{"resources": []object{
			zone("aws_route53_zone", "z", object{"zone_id": "Z1", "id": "Z1", "name": "example.com"}),
			zone("cloudflare_zone", "z", object{"id": "c1", "zone_id": "c1", "name": "example.com"}),
			zone("google_dns_managed_zone", "z", object{"id": "projects/p/managedZones/main", "name": "main", "dns_name": "example.com."}),
		}}}},
	}, "", " ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// readPlan is what a file of that name and text says of RRsets, a line each, then
// what was skipped; or what is wrong.
func readPlan(t *testing.T, name, text string) string {
	t.Helper()
	path := write(t, t.TempDir(), name, text)
	short := strings.NewReplacer(path, name)
	zones := &source.Zones{}
	if err := zones.AddPlans(t.Context(), path); err != nil {
		return short.Replace(err.Error())
	}
	return short.Replace(shown(zones))
}

func shown(zones *source.Zones) string {
	var b strings.Builder
	c := zones.Changes()
	for _, q := range c.Sets() {
		s := c.At(q)
		kind := "some"
		if s.Whole {
			kind = "whole"
		}
		if !s.Changed {
			kind += ", kept"
		}
		fmt.Fprintf(&b, "%s %s\n", q, kind)
		for _, r := range s.Records {
			switch {
			case r.Unreadable != "":
				fmt.Fprintf(&b, "  unreadable: %s\n", r.Unreadable)
			case r.Computed:
				b.WriteString("  computed\n")
			case r.Proxied:
				fmt.Fprintf(&b, "  proxied %s\n", r.Data)
			default:
				fmt.Fprintf(&b, "  %s\n", r.Data)
			}
		}
		for _, r := range s.Gone {
			fmt.Fprintf(&b, "  gone %s\n", r.Data)
		}
	}
	for _, p := range c.Promises() {
		fmt.Fprintf(&b, "promised %s %s: %s; of %v\n", p.Owner, p.Type, strings.Join(p.From, ", "), p.Of)
	}
	for _, s := range zones.Skipped() {
		fmt.Fprintf(&b, "skipped: %s\n", s)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// TestTerraformResources: each resource says what its provider makes of it.
func TestTerraformResources(t *testing.T) {
	t.Parallel()
	const dkim = "x._domainkey"
	for name, c := range map[string]struct {
		typ   string
		after object
		want  string
	}{
		"Route 53, relative":      {"aws_route53_record", object{"zone_id": "Z1", "name": "bounce", "type": "MX", "records": []string{"10 feedback-smtp.eu-west-1.amazonses.com"}}, "MX bounce.example.com whole\n  10 feedback-smtp.eu-west-1.amazonses.com."},
		"Route 53, absolute":      {"aws_route53_record", object{"zone_id": "Z1", "name": "Bounce.example.com", "type": "CNAME", "records": []string{"a.example.net"}}, "CNAME bounce.example.com whole\n  a.example.net."},
		"Route 53, apex":          {"aws_route53_record", object{"zone_id": "Z1", "name": "", "type": "TXT", "records": []string{"v=spf1 -all", `first" "second`, `a""b`}}, "TXT example.com whole\n  \"a\" \"b\"\n  \"first\" \"second\"\n  \"v=spf1 -all\""},
		"Route 53, doubled":       {"aws_route53_record", object{"zone_id": "Z1", "name": "b.example.com.example.com", "type": "TXT", "records": []string{"x"}}, "TXT b.example.com.example.com whole\n  \"x\""},
		"Route 53, fqdn":          {"aws_route53_record", object{"zone_id": "Z9", "fqdn": "b.example.net", "name": "b", "type": "TXT", "records": []string{"x"}}, "TXT b.example.net whole\n  \"x\""},
		"Route 53, alias":         {"aws_route53_record", object{"zone_id": "Z1", "name": "", "type": "A", "alias": []object{{"name": "lb.example.net"}}}, "A example.com whole\n  computed"},
		"Route 53, weights":       {"aws_route53_record", object{"zone_id": "Z1", "name": "w", "type": "TXT", "records": []string{"x"}, "set_identifier": "one"}, "TXT w.example.com some\n  \"x\""},
		"Route 53, no preference": {"aws_route53_record", object{"zone_id": "Z1", "name": "b", "type": "MX", "records": []string{"feedback-smtp.eu-west-1.amazonses.com"}}, "MX b.example.com whole\n  unreadable: its data is not a preference and a host name\nskipped: 1 aws_route53_record, in plan.json: MX record: its data is not a preference and a host name"},
		"Route 53, no zone":       {"aws_route53_record", object{"zone_id": "Z9", "name": "bounce", "type": "MX", "records": []string{"10 a"}}, "skipped: 1 aws_route53_record, in plan.json: its name is relative to a zone whose name is not in the plan; write the whole name, or add a data source for the zone"},
		"Route 53, whole name":    {"aws_route53_record", object{"zone_id": "Z9", "name": "a.example.test", "type": "TXT", "records": []string{"x"}}, "TXT a.example.test whole\n  \"x\""},
		"Route 53, wildcard":      {"aws_route53_record", object{"zone_id": "Z1", "name": "*", "type": "CNAME", "records": []string{"x.example.net"}}, "CNAME *.example.com whole\n  x.example.net."},
		"OVH, type SPF":           {"ovh_domain_zone_record", object{"zone": "example.com", "subdomain": "b", "fieldtype": "SPF", "target": `"v=spf1 -all"`}, "TXT b.example.com some\n  \"v=spf1 -all\""},
		"OVH, type DMARC":         {"ovh_domain_zone_record", object{"zone": "example.com", "subdomain": "_dmarc", "fieldtype": "DMARC", "target": `v=DMARC1; p=none`}, "TXT _dmarc.example.com some\n  \"v=DMARC1; p=none\""},
		"OVH, type DKIM":          {"ovh_domain_zone_record", object{"zone": "example.com", "subdomain": "k._domainkey", "fieldtype": "DKIM", "target": `v=DKIM1; p=`}, "TXT k._domainkey.example.com some\n  \"v=DKIM1; p=\""},
		"Cloudflare v4":           {"cloudflare_record", object{"zone_id": "c1", "name": "bounce", "type": "MX", "value": "feedback-smtp.eu-west-1.amazonses.com", "priority": 10}, "MX bounce.example.com some\n  10 feedback-smtp.eu-west-1.amazonses.com."},
		"Cloudflare v4, apex":     {"cloudflare_record", object{"zone_id": "c1", "name": "@", "type": "TXT", "content": "v=spf1 -all"}, "TXT example.com some\n  \"v=spf1 -all\""},
		"Cloudflare v5":           {"cloudflare_dns_record", object{"zone_id": "c1", "name": "t.example.com", "type": "TXT", "content": `"v=DMARC1; p=none"`, "ttl": 1}, "TXT t.example.com some\n  \"v=DMARC1; p=none\""},
		"Cloudflare v5, proxied":  {"cloudflare_dns_record", object{"zone_id": "c1", "name": dkim + ".example.com", "type": "CNAME", "content": "x.dkim.amazonses.com", "proxied": true}, "CNAME x._domainkey.example.com some\n  proxied x.dkim.amazonses.com."},
		"Cloudflare, flattened":   {"cloudflare_dns_record", object{"zone_id": "c1", "name": dkim + ".example.com", "type": "CNAME", "content": "x.dkim.amazonses.com", "settings": object{"flatten_cname": true}}, "CNAME x._domainkey.example.com some\n  proxied x.dkim.amazonses.com."},
		"Cloudflare, not so":      {"cloudflare_dns_record", object{"zone_id": "c1", "name": dkim + ".example.com", "type": "CNAME", "content": "x.dkim.amazonses.com", "settings": object{"flatten_cname": false}}, "CNAME x._domainkey.example.com some\n  x.dkim.amazonses.com."},
		"Google":                  {"google_dns_record_set", object{"managed_zone": "main", "name": "b.example.com.", "type": "MX", "rrdatas": []string{"10 a.example.net."}}, "MX b.example.com whole\n  10 a.example.net."},
		"Google, no quotes":       {"google_dns_record_set", object{"managed_zone": "main", "name": "example.com.", "type": "TXT", "rrdatas": []string{"v=spf1 include:a; -all", `"v=x y"`}}, "TXT example.com whole\n  \"v=spf1\" \"include:a;\" \"-all\"\n  \"v=x y\""},
		"Azure MX":                {"azurerm_dns_mx_record", object{"zone_name": "example.com", "name": "bounce", "record": []object{{"preference": "10", "exchange": "a.example.net"}}}, "MX bounce.example.com whole\n  10 a.example.net."},
		"Azure TXT":               {"azurerm_dns_txt_record", object{"zone_name": "example.com", "name": "@", "record": []object{{"value": "v=spf1 -all"}}}, "TXT example.com whole\n  \"v=spf1 -all\""},
		"Azure NS":                {"azurerm_dns_ns_record", object{"zone_name": "example.com", "name": "bounce", "records": []string{"ns1.else.example.", "ns2.else.example."}}, "NS bounce.example.com whole\n  ns1.else.example.\n  ns2.else.example."},
		"Azure CNAME":             {"azurerm_dns_cname_record", object{"zone_name": "example.com", "name": dkim, "record": "x.dkim.amazonses.com"}, "CNAME x._domainkey.example.com whole\n  x.dkim.amazonses.com."},
		"DigitalOcean":            {"digitalocean_record", object{"domain": "example.com", "name": "bounce", "type": "MX", "value": "a.example.net.", "priority": 10}, "MX bounce.example.com some\n  10 a.example.net."},
		"DigitalOcean, doubled":   {"digitalocean_record", object{"domain": "example.com", "name": "bounce.example.com", "type": "TXT", "value": "x"}, "TXT bounce.example.com.example.com some\n  \"x\""},
		"DNSimple":                {"dnsimple_zone_record", object{"zone_name": "example.com", "name": "", "type": "MX", "value": "a.example.net", "priority": 5}, "MX example.com some\n  5 a.example.net."},
		"Hetzner":                 {"hcloud_zone_rrset", object{"zone": "example.com", "name": "@", "type": "MX", "records": []object{{"value": "10 a.example.net."}, {"value": "20 b"}}}, "MX example.com whole\n  10 a.example.net.\n  20 b.example.com."},
		"Hetzner TXT":             {"hcloud_zone_rrset", object{"zone": "example.com", "name": "t", "type": "TXT", "records": []object{{"value": `"v=spf1 -all"`}}}, "TXT t.example.com whole\n  \"v=spf1 -all\""},
		"OVH":                     {"ovh_domain_zone_record", object{"zone": "example.com", "subdomain": "bounce", "fieldtype": "MX", "target": "10 a.example.net."}, "MX bounce.example.com some\n  10 a.example.net."},
		"Gandi":                   {"gandi_livedns_record", object{"zone": "example.com", "name": "@", "type": "TXT", "values": []string{`"v=spf1 -all"`}}, "TXT example.com whole\n  \"v=spf1 -all\""},
		"NS1":                     {"ns1_record", object{"zone": "example.com", "domain": "b.example.com", "type": "MX", "answers": []object{{"answer": "5 a.example.net"}}}, "MX b.example.com whole\n  5 a.example.net."},
		"Vercel":                  {"vercel_dns_record", object{"domain": "example.com", "name": "bounce", "type": "MX", "value": "a.example.net", "mx_priority": 10}, "MX bounce.example.com some\n  10 a.example.net."},
		"another":                 {"aws_instance", object{"name": "bounce", "type": "MX", "records": []string{"10 a"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readPlan(t, "plan.json", planOf(resource(c.typ, "x", []string{"create"}, nil, c.after, object{"id": true})))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// TestTerraformActions: a change is what will be when it is done.
func TestTerraformActions(t *testing.T) {
	t.Parallel()
	mx := func(name string, values ...string) object {
		return object{"zone_id": "Z1", "name": name, "type": "MX", "records": values}
	}
	cf := func(text string) object {
		return object{"zone_id": "c1", "name": "t", "type": "TXT", "content": text}
	}
	r53 := func(actions []string, before, after object) object {
		return resource("aws_route53_record", "x", actions, before, after, object{})
	}
	cloudflare := func(actions []string, before, after object) object {
		return resource("cloudflare_dns_record", "x", actions, before, after, object{})
	}
	for name, c := range map[string]struct {
		changes []object
		want    string
	}{
		"no-op":           {[]object{r53([]string{"no-op"}, mx("b", "1 a"), mx("b", "1 a"))}, "MX b.example.com whole, kept\n  1 a."},
		"update":          {[]object{r53([]string{"update"}, mx("b", "1 a"), mx("b", "2 a"))}, "MX b.example.com whole\n  2 a.\n  gone 1 a."},
		"delete":          {[]object{r53([]string{"delete"}, mx("b", "1 a"), nil)}, "MX b.example.com whole\n  gone 1 a."},
		"replace":         {[]object{r53([]string{"delete", "create"}, mx("b", "1 a"), mx("c", "1 a"))}, "MX b.example.com whole\n  gone 1 a.\nMX c.example.com whole\n  1 a."},
		"replaced alike":  {[]object{r53([]string{"create", "delete"}, mx("b", "1 a"), mx("b", "2 a"))}, "MX b.example.com whole\n  2 a.\n  gone 1 a."},
		"moved by others": {[]object{r53([]string{"delete"}, mx("b", "1 a"), nil), resource("aws_route53_record", "y", []string{"create"}, nil, mx("b", "1 a"), object{})}, "MX b.example.com whole\n  1 a.\n  gone 1 a."},
		"forget":          {[]object{r53([]string{"forget"}, mx("b", "1 a"), nil)}, ""},
		"read":            {[]object{r53([]string{"read"}, nil, mx("b", "1 a"))}, ""},
		"of a record":     {[]object{cloudflare([]string{"update"}, cf("old"), cf("new"))}, "TXT t.example.com some\n  \"new\"\n  gone \"old\""},
		"a record gone":   {[]object{cloudflare([]string{"delete"}, cf("old"), nil)}, "TXT t.example.com some\n  gone \"old\""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, readPlan(t, "plan.json", planOf(c.changes...))); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// TestFirstApply: of a real plan of a new domain, what is not known yet comes with
// what it is made of, and everything with its line.
func TestFirstApply(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "terraform", "first-apply")
	zones := &source.Zones{}
	if err := zones.AddPlans(t.Context(), filepath.Join(dir, "plan.json")); err != nil {
		t.Fatal(err)
	}
	c := zones.Changes()
	got := []string{shown(zones)}
	for _, p := range c.Promises() {
		got = append(got, p.Place.String(), fmt.Sprintf("%+v %+v", p.Name, p.Values))
	}
	for _, id := range c.Identities() {
		got = append(got, fmt.Sprintf("%s: %s in %q, promised %v, MAIL FROM %q", id.Place, id.Name, id.Region, id.Promised, id.MailFrom))
	}
	const token = "aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens"
	want := []string{"MX bounce.example.com whole\n  10 feedback-smtp.eu-west-1.amazonses.com.\nTXT example.com whole\n  \"google-site-verification=abc\"\n  \"v=spf1 include:_spf.google.com ~all\"" +
		strings.Repeat("\npromised  CNAME: module.ses."+token+"; of [example.com]", 3)}
	for i := range 3 {
		want = append(want, fmt.Sprintf("%s line 7 (module.ses.aws_route53_record.dkim[%d])", filepath.Join(dir, "ses", "main.tf"), i),
			fmt.Sprintf("[{Text: Unknown:%[1]s[count.index]} {Text:._domainkey.example.com Unknown:}] [[{Text: Unknown:%[1]s[count.index]} {Text:.dkim.amazonses.com Unknown:}]]", token))
	}
	main := filepath.Join(dir, "ses", "main.tf")
	want = append(want,
		main+" line 15 (module.ses.aws_ses_domain_mail_from.this): example.com in \"eu-west-1\", promised false, MAIL FROM \"bounce.example.com\"",
		main+" line 3 (module.ses.aws_sesv2_email_identity.this): example.com in \"eu-west-1\", promised true, MAIL FROM \"\"")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// TestPlanIsWrong: a file that is no change, or no whole one, is one line.
func TestPlanIsWrong(t *testing.T) {
	t.Parallel()
	const read = "; terraform show -json, CloudFormation templates, pulumi preview --json and Route 53 change batches are read"
	for name, c := range map[string]struct{ file, text, want string }{
		"cut off":     {"plan.json", planOf()[:100], "plan.json: it ends in the middle; was it cut off?"},
		"broken":      {"plan.json", "{\"format_version\": \"1.2\",\n\"a\" 1}", "plan.json:2: this is not JSON"},
		"failed":      {"plan.json", `{"format_version": "1.2", "errored": true, "resource_changes": []}`, "plan.json: the plan failed, so it is incomplete; create it again"},
		"newer":       {"plan.json", `{"format_version": "2.0", "resource_changes": []}`, "plan.json: it is Terraform JSON in an unknown format; only 1.x is read"},
		"other kinds": {"plan.json", `{"format_version": "1.2", "resource_changes": {}}`, "plan.json:1: this is not as Terraform writes it"},
		"empty state": {"plan.json", `{"format_version": "1.0"}`, "plan.json: there is no resource in it; use the output of `terraform show -json` for a plan or state"},
		"raw state":   {"t.tfstate", `{"version": 4, "lineage": "x", "resources": []}`, "t.tfstate: it seems to be the state file of Terraform; use the output of `terraform show -json`" + read},
		"a log":       {"log.json", "{\"@level\": \"info\"}\n{}\n", "log.json: it seems to be the log of terraform plan -json; use the output of `terraform show -json FILE` for the saved plan" + read},
		"saved":       {"tfplan", "PK\x03\x04", "tfplan: it seems to be a saved plan of Terraform; use the output of `terraform show -json FILE`" + read},
		"a zone":      {"example.com.zone", "@ 300 IN TXT a\n", "example.com.zone: it seems to be a zone file, which is a whole zone, not a change: use --zones"},
		"octoDNS":     {"example.com.yaml", "a: {type: A, value: 192.0.2.1}\n", "example.com.yaml: it seems to be octoDNS YAML, which is a whole zone, not a change: use --zones"},
		"SES":         {"ses.json", `{"IdentityType": "DOMAIN"}`, "ses.json: it seems to be an answer of Amazon SES" + read},
		"nothing":     {"x.txt", "hello\n", "x.txt: it seems to be something else" + read},
		"broken YAML": {"t.yaml", "Resources:\n  A: {Type: [\n", "t.yaml:2: this is not YAML"},
		"in UTF-16":   {"plan.json", "\xff\xfe{\x00\"\x00a\x00\"\x00:\x001\x00}\x00", "plan.json: it seems to be something else" + read},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, readPlan(t, c.file, c.text)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// TestTerraformNewZones: the name of a zone that the plan makes is that of its
// resource, though its id is known only after apply.
func TestTerraformNewZones(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ zone, zoneName, typ, attribute string }{
		"Azure":        {"azurerm_dns_zone", "name", "azurerm_dns_txt_record", "zone_name"},
		"DigitalOcean": {"digitalocean_domain", "name", "digitalocean_record", "domain"},
		"DNSimple":     {"dnsimple_zone", "name", "dnsimple_zone_record", "zone_name"},
		"Gandi":        {"gandi_livedns_domain", "name", "gandi_livedns_record", "zone"},
		"Hetzner":      {"hcloud_zone", "name", "hcloud_zone_rrset", "zone"},
		"NS1":          {"ns1_zone", "zone", "ns1_record", "zone"},
		"OVH":          {"ovh_domain_zone", "name", "ovh_domain_zone_record", "zone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := object{"name": "t", "domain": "t", "subdomain": "t", "type": "TXT", "fieldtype": "TXT", "value": "x", "target": "x",
				"records": []object{{"value": "x"}}, "record": []object{{"value": "x"}}, "values": []string{"x"}, "answers": []object{{"answer": "x"}}}
			delete(after, c.attribute)
			made := resource(c.typ, "x", []string{"create"}, nil, after, object{"id": true, c.attribute: true})
			zone := resource(c.zone, "z", []string{"create"}, nil, object{c.zoneName: "example.org"}, object{"id": true})
			plan := planOf(made, zone)
			var doc object
			if err := json.Unmarshal([]byte(plan), &doc); err != nil {
				t.Fatal(err)
			}
			doc["configuration"] = object{"root_module": object{"resources": []object{{
				"address": c.typ + ".x", "mode": "managed", "type": c.typ, "name": "x",
				"expressions": object{c.attribute: object{"references": []string{c.zone + ".z.id", c.zone + ".z"}}},
			}}}}
			text, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if got := readPlan(t, "plan.json", string(text)); !strings.HasPrefix(got, "TXT t.example.org ") {
				t.Errorf("got %s", got)
			}
		})
	}
}

// TestTerraformLegacyIdentity: tokens of Easy DKIM are promised by the resource that
// makes them, not by the identity's legacy token.
func TestTerraformLegacyIdentity(t *testing.T) {
	t.Parallel()
	zones := &source.Zones{}
	plan := planOf(
		resource("aws_ses_domain_identity", "d", []string{"create"}, nil, object{"domain": "example.com"}, object{"arn": true, "verification_token": true}),
		resource("aws_ses_domain_dkim", "d", []string{"create"}, nil, object{"domain": "example.com"}, object{"dkim_tokens": true}),
		resource("aws_ses_domain_mail_from", "d", []string{"delete"}, object{"domain": "example.com", "mail_from_domain": "m.example.com"}, nil, object{}))
	if err := zones.AddText(t.Context(), "plan.json", plan); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, id := range zones.Changes().Identities() {
		got = append(got, fmt.Sprintf("%s promised %v, proves %v, part %v, gone %v", id.Address, id.Promised, id.Proves, id.Part, id.Gone))
	}
	want := []string{
		"aws_ses_domain_identity.d promised false, proves true, part false, gone false",
		"aws_ses_domain_dkim.d promised true, proves false, part true, gone false",
		"aws_ses_domain_mail_from.d promised false, proves false, part true, gone true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// TestTerraformReplacedIdentity: a resource whose domain or region changes deletes
// the identity that it had.
func TestTerraformReplacedIdentity(t *testing.T) {
	t.Parallel()
	replace := []string{"delete", "create"}
	plan := planOf(
		resource("aws_ses_domain_identity", "renamed", replace, object{"domain": "a.example"}, object{"domain": "b.example"}, object{"arn": true}),
		resource("aws_ses_domain_identity", "moved", replace, object{"domain": "c.example", "region": "eu-west-1"}, object{"domain": "c.example", "region": "us-east-1"}, object{"arn": true}),
		resource("aws_ses_domain_dkim", "part", replace, object{"domain": "e.example", "region": "eu-west-1"}, object{"domain": "e.example"}, object{"dkim_tokens": true}),
		resource("aws_ses_domain_identity", "changed", []string{"update"}, object{"domain": "f.example", "region": "eu-west-1"}, object{"domain": "f.example"}, object{}),
		resource("aws_ses_domain_identity", "again", replace, object{"domain": "d.example", "region": "eu-west-1"}, object{"domain": "D.example"}, object{"arn": true}))
	zones := &source.Zones{}
	if err := zones.AddText(t.Context(), "plan.json", plan); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, id := range zones.Changes().Identities() {
		got = append(got, fmt.Sprintf("%s %s gone %v, new %v, replaced %v", id.Name, id.Region, id.Gone, id.Now == nil, id.Replaced))
	}
	want := []string{
		"b.example  gone false, new true, replaced false", "a.example  gone true, new false, replaced false",
		"c.example us-east-1 gone false, new true, replaced false", "c.example eu-west-1 gone true, new false, replaced false",
		"e.example eu-west-1 gone false, new false, replaced true", "f.example eu-west-1 gone false, new false, replaced false",
		"D.example eu-west-1 gone false, new false, replaced true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// TestTerraformRegionOpen: the region of a deleted resource without an ARN and a
// configuration is a guess, and so is an unknown one among several providers.
func TestTerraformRegionOpen(t *testing.T) {
	t.Parallel()
	const typ = "aws_ses_domain_mail_from"
	mail := object{"domain": "example.com", "mail_from_domain": "m.example.com"}
	gone := resource(typ, "a", []string{"delete"}, mail, nil, object{})
	arn := resource("aws_ses_domain_identity", "a", []string{"delete"}, object{"domain": "example.com", "arn": "arn:aws:ses:us-east-1:1:identity/example.com"}, nil, object{})
	made := resource(typ, "a", []string{"create"}, nil, mail, object{})
	one := object{"aws": object{"expressions": object{"region": object{"constant_value": "eu-west-1"}}}}
	some := object{"aws": one["aws"], "aws.x": object{"expressions": object{"region": object{"references": []string{"local.r"}}}}, "cloudflare": object{}}
	other := resource("aws_ses_domain_identity", "o", []string{"no-op"}, nil, object{"domain": "b.example", "arn": "arn:aws:ses:us-west-2:1:identity/b.example"}, object{})
	module := object{"resources": []object{{"type": typ, "name": "a", "mode": "managed", "provider_config_key": "aws.x"}}}
	for name, c := range map[string]struct {
		change, providers, root object
		want                    string
		further                 object
	}{
		"deleted":                       {gone, one, object{}, "eu-west-1 true", other},
		"deleted, several regions":      {gone, some, object{}, " true", other},
		"deleted, with an ARN":          {arn, some, object{}, "us-east-1 false", other},
		"made, one region":              {made, one, module, " false", other},
		"made, one of several regions":  {made, some, module, " true", other},
		"made, no configuration":        {made, some, object{}, "eu-west-1 false", other},
		"made, no region in any":        {made, object{}, module, " false", other},
		"deleted, no region in any":     {gone, object{}, object{}, " false", other},
		"deleted, configured elsewhere": {gone, some, module, " true", other},
		"made, ARN of the provider":     {made, some, module, "us-west-2 false", resource(typ, "a", []string{"no-op"}, nil, object{"domain": "b.example", "arn": "arn:aws:ses:us-west-2:1:identity/b.example"}, object{})},
	} {
		doc := object{"format_version": "1.2", "resource_changes": []object{c.change, c.further}, "configuration": object{"provider_config": c.providers, "root_module": c.root}}
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		zones := &source.Zones{}
		if err := zones.AddText(t.Context(), "plan.json", string(text)); err != nil {
			t.Fatal(err)
		}
		if id := zones.Changes().Identities()[0]; fmt.Sprint(id.Region, " ", id.RegionOpen) != c.want {
			t.Errorf("%s: %+v, not %s", name, id, c.want)
		}
	}
}

// TestSelectorOpen: a selector that is not known yet is not Easy DKIM.
func TestSelectorOpen(t *testing.T) {
	t.Parallel()
	terraform := func(signing, unknown any) string {
		after := object{"email_identity": "example.com"}
		if signing != nil {
			after["dkim_signing_attributes"] = signing
		}
		return planOf(resource("aws_sesv2_email_identity", "a", []string{"create"}, nil, after, object{"dkim_signing_attributes": unknown}))
	}
	pulumi := func(inputs, outputs string) string {
		return `{"steps": [{"op": "create", "urn": "urn:pulumi:p::p::aws:sesv2/emailIdentity:EmailIdentity::i", "newState": {"inputs": {"emailIdentity": "example.com"` + inputs + `}, "outputs": {` + outputs + `}}}]}`
	}
	template := func(signing string) string {
		return `{"Parameters": {"Sel": {"Type": "String"}}, "Resources": {"Id": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "example.com"` + signing + `}}}}`
	}
	const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	for _, c := range []struct {
		text, selector string
		open           bool
	}{
		{terraform([]object{{}}, []object{{"domain_signing_selector": true, "tokens": true}}), "", true},
		{terraform([]object{{"next_signing_key_length": "RSA_2048_BIT"}}, []object{{"tokens": true}}), "", false},
		{terraform([]object{{"domain_signing_selector": "s1"}}, []object{{"tokens": true}}), "s1", false},
		{terraform(nil, true), "", true}, // without a configuration
		{pulumi(`, "dkimSigningAttributes": {"domainSigningSelector": "`+unknown+`", "domainSigningPrivateKey": "[secret]"}`, ""), "", true},
		{pulumi(`, "dkimSigningAttributes": {"domainSigningSelector": "[secret]"}`, ""), "", true},
		{pulumi(`, "dkimSigningAttributes": "[secret]"`, ""), "", true},
		{pulumi(`, "dkimSigningAttributes": {"domainSigningSelector": "s1", "domainSigningPrivateKey": "[secret]"}`, ""), "s1", false},
		{pulumi(`, "dkimSigningAttributes": {"nextSigningKeyLength": "`+unknown+`"}`, ""), "", false},
		{template(`, "DkimSigningAttributes": {"DomainSigningSelector": {"Ref": "Sel"}, "DomainSigningPrivateKey": "x"}`), "", true},
		{template(`, "DkimSigningAttributes": {"DomainSigningSelector": {"Ref": "AWS::NoValue"}, "NextSigningKeyLength": "RSA_2048_BIT"}`), "", false},
		{template(`, "DkimSigningAttributes": {"Ref": "Sel"}`), "", true},
		{template(`, "DkimSigningAttributes": {"Fn::If": ["C", {"DomainSigningSelector": "s1"}, {"Ref": "AWS::NoValue"}]}`), "", true},
		{template(`, "DkimSigningAttributes": {"Ref": "AWS::NoValue"}`), "", false},
		{template(`, "DkimSigningAttributes": {"NextSigningKeyLength": {"Ref": "Sel"}}`), "", false},
		{template(`, "DkimSigningAttributes": {}`), "", false},
		{template(`, "DkimSigningAttributes": {"DomainSigningSelector": "s1"}`), "s1", false},
		{template(""), "", false},
		{"Resources:\n  Id:\n    Type: AWS::SES::EmailIdentity\n    Properties: {EmailIdentity: example.com, DkimSigningAttributes: !If [C, {DomainSigningSelector: s1}, !Ref AWS::NoValue]}\n", "", true},
	} {
		name := "plan.json"
		if c.text[0] != '{' {
			name = "t.yaml"
		}
		zones := &source.Zones{}
		if err := zones.AddText(t.Context(), name, c.text); err != nil {
			t.Fatal(err)
		}
		if all := zones.Changes().Identities(); len(all) != 1 || all[0].Selector != c.selector || all[0].SelectorOpen != c.open {
			t.Errorf("%s: %+v", c.text, all)
		}
	}
}

// TestTemplateMailFromOpen: a MAIL FROM domain that a template sets to a value that
// is not known is open; one that it leaves out is not.
func TestTemplateMailFromOpen(t *testing.T) {
	t.Parallel()
	for attributes, want := range map[string]bool{
		`{"MailFromDomain": {"Ref": "Name"}}`: true, `{"Fn::If": ["C", {"MailFromDomain": "b.example.com"}, {"Ref": "AWS::NoValue"}]}`: true,
		`{"MailFromDomain": "b.example.com"}`: false, `{"MailFromDomain": {"Ref": "AWS::NoValue"}}`: false, `{"Ref": "AWS::NoValue"}`: false, `{"BehaviorOnMxFailure": "REJECT_MESSAGE"}`: false,
	} {
		zones := &source.Zones{}
		text := `{"Resources": {"Id": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "example.com", "MailFromAttributes": ` + attributes + `}}}}`
		if err := zones.AddText(t.Context(), "t.json", text); err != nil {
			t.Fatal(err)
		}
		if all := zones.Changes().Identities(); len(all) != 1 || all[0].MailFromOpen != want {
			t.Errorf("%s: %+v", attributes, all)
		}
	}
}

// TestMailFromOpen: a MAIL FROM domain that is null is not one that is known after
// the apply.
func TestMailFromOpen(t *testing.T) {
	t.Parallel()
	before := object{"domain": "a.example", "mail_from_domain": "m.a.example"}
	for _, c := range []struct {
		after, unknown object
		want           string
	}{
		{object{"domain": "a.example", "mail_from_domain": nil}, object{}, `"", open false`},
		{object{"domain": "a.example", "mail_from_domain": ""}, object{}, `"", open false`},
		{object{"domain": "a.example"}, object{"mail_from_domain": true}, `"", open true`},
		{object{"domain": "a.example", "mail_from_domain": "b.a.example"}, object{"id": true}, `"b.a.example", open false`},
	} {
		zones := &source.Zones{}
		if err := zones.AddText(t.Context(), "plan.json", planOf(resource("aws_ses_domain_mail_from", "this", []string{"update"}, before, c.after, c.unknown))); err != nil {
			t.Fatal(err)
		}
		ids := zones.Changes().Identities()
		if got := fmt.Sprintf("%q, open %v", ids[0].MailFrom, ids[0].MailFromOpen); len(ids) != 1 || got != c.want {
			t.Errorf("%v: %s, want %s", c.after, got, c.want)
		}
	}
}

// TestZoneless: a record in a zone that the plan does not name may be one of every
// zone; one that stays is in DNS.
func TestZoneless(t *testing.T) {
	t.Parallel()
	plan := planOf(
		resource("aws_route53_record", "mx", []string{"create"}, nil, object{"zone_id": "Z9", "name": "Bounce", "type": "MX", "records": []string{"10 a"}}, object{}),
		resource("aws_route53_record", "apex", []string{"create"}, nil, object{"zone_id": "Z9", "name": "", "type": "TXT", "records": []string{"x"}}, object{}),
		resource("aws_route53_record", "kept", []string{"no-op"}, nil, object{"zone_id": "Z9", "name": "kept", "type": "TXT", "records": []string{"x"}}, object{}))
	zones := &source.Zones{}
	if err := zones.AddText(t.Context(), "plan.json", plan); err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{
		"MX bounce.example.com": "aws_route53_record.mx", "MX bounce.sub.example.com": "aws_route53_record.mx", "TXT example.co.uk": "aws_route53_record.apex",
		"TXT bounce.example.com": "", "MX bounce.com": "", "MX x.bounce.example.com": "", "TXT www.example.com": "", "TXT kept.example.com": "",
	} {
		typ, name, _ := strings.Cut(question, " ")
		of, _ := record.ParseType(typ)
		p, ok := zones.Changes().Zoneless(record.Question{Name: record.MustName(name), Type: of})
		if p.Address != want || ok != (want != "") {
			t.Errorf("%s: %s, want %s", question, p.Address, want)
		}
	}
}

// TestCanaries: plans and states hold secrets. What is not named is in nothing that
// comes out.
func TestCanaries(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "terraform", "first-apply", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	var plan any
	if err := json.Unmarshal(text, &plan); err != nil {
		t.Fatal(err)
	}
	planted := 0
	var plant func(v any) any
	plant = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k := range v {
				v[k] = plant(v[k])
			}
			for _, k := range []string{"domain_signing_private_key", "password", "secret", "description", "comment", "tags", "user_data"} {
				planted++
				v[k] = fmt.Sprintf("canary%d", planted)
			}
		case []any:
			for i := range v {
				v[i] = plant(v[i])
			}
		}
		return v
	}
	planted = 0
	text, err = json.Marshal(plant(plan))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"plan.json": string(text), "cut.json": string(text[:len(text)-10])} {
		path := write(t, t.TempDir(), name, text)
		zones := &source.Zones{}
		err := zones.AddPlans(t.Context(), path)
		c := zones.Changes()
		all, _ := json.Marshal([]any{c.Promises(), c.Identities(), c.Hosted()})
		out := fmt.Sprintf("%v %s %s", err, all, shown(zones))
		if err == nil && !strings.Contains(out, "dkim_signing_attributes[0].tokens") {
			t.Errorf("%s: what is to be read is not: %s", name, out)
		}
		if planted < 100 || strings.Contains(out, "canary") {
			t.Errorf("%s: %d planted: %s", name, planted, out)
		}
	}
}

// set is an RRset of the generated ones.
type set struct {
	name, typ string
	values    []string // of zone files
}

// generated are RRsets of example.com.
func generated(r *rand.Rand) (all []set) {
	for i := range 1 + r.IntN(12) {
		name := []string{"", "bounce", "x._domainkey", "_dmarc", "*", "a.b"}[r.IntN(6)]
		if i > 5 {
			name = fmt.Sprintf("n%d", i)
		}
		s := set{name: name}
		switch r.IntN(3) {
		case 0:
			s.typ = "MX"
			for j := range 1 + r.IntN(3) {
				s.values = append(s.values, fmt.Sprintf("%d h%d.example.net.", 10*r.IntN(3), j))
			}
		case 1:
			s.typ = "TXT"
			for j := range 1 + r.IntN(3) {
				s.values = append(s.values, fmt.Sprintf("%q", fmt.Sprintf("v=%d; a=%s", j, strings.Repeat("x", r.IntN(300))))) //nolint:gocritic
			}
		default:
			s.typ = "A"
			s.values = append(s.values, fmt.Sprintf("192.0.2.%d", r.IntN(250)))
		}
		if !slices.ContainsFunc(all, func(o set) bool { return o.name == s.name && o.typ == s.typ }) {
			all = append(all, s)
		}
	}
	return all
}

// TestSameRecords: a zone file, octoDNS's file, a listing, a plan and a state of
// the same records give the same records.
func TestSameRecords(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		all := generated(rand.New(rand.NewPCG(seed, 1)))
		want := ofZone(t, "example.com.zone", zoneText(all))
		for name, got := range map[string]string{
			"octoDNS": ofZone(t, "example.com.yaml", octoText(all)),
			"listing": ofZone(t, "zone.json", listingText(all)),
			"plan":    ofPlan(t, planOf(changesOf(all)...)),
			"state":   ofPlan(t, stateOf(changesOf(all))),
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, %s: want -, got +\n%s", seed, name, diff)
			}
		}
	}
}

func lines(all []source.Record) string {
	var lines []string
	for _, r := range all {
		if r.Data.Type != record.SOA {
			lines = append(lines, fmt.Sprintf("%s %d %s %s", r.Owner, r.TTL, r.Data.Type, r.Data))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func ofZone(t *testing.T, name, text string) string {
	t.Helper()
	zones, err := source.ReadZones(t.Context(), write(t, t.TempDir(), name, text))
	if err != nil {
		t.Fatal(err)
	}
	return lines(zones.All()[0].Records)
}

func ofPlan(t *testing.T, text string) string {
	t.Helper()
	zones := &source.Zones{}
	if err := zones.AddPlans(t.Context(), write(t, t.TempDir(), "plan.json", text)); err != nil {
		t.Fatal(err)
	}
	var all []source.Record
	for _, q := range zones.Changes().Sets() {
		all = append(all, zones.Changes().At(q).Records...)
	}
	return lines(all)
}

// unquoted is a text without the quotes of a zone file, cut as DNS has it.
func unquoted(value string) string { return strings.Trim(value, `"`) }

func zoneText(all []set) string {
	var b strings.Builder
	b.WriteString("$ORIGIN example.com.\n@ 300 IN SOA ns1 h 1 1 1 1 1\n")
	for _, s := range all {
		for _, v := range s.values {
			if len(v) > 257 {
				v = v[:256] + `" "` + v[256:]
			}
			fmt.Fprintf(&b, "%s 300 IN %s %s\n", strings.ReplaceAll("@"+s.name, "@"+s.name, map[bool]string{true: "@", false: s.name}[s.name == ""]), s.typ, v)
		}
	}
	return b.String()
}

func octoText(all []set) string {
	byName := map[string][]object{}
	for _, s := range all {
		var values []any
		for _, v := range s.values {
			preference, host, isMX := strings.Cut(v, " ")
			switch {
			case s.typ == "MX" && isMX:
				values = append(values, object{"exchange": host, "preference": preference})
			case s.typ == "TXT":
				values = append(values, strings.ReplaceAll(unquoted(v), ";", `\;`))
			default:
				values = append(values, v)
			}
		}
		byName[s.name] = append(byName[s.name], object{"type": s.typ, "ttl": 300, "values": values})
	}
	text, _ := json.Marshal(byName) // which is YAML too
	return "---\n" + string(text)
}

func listingText(all []set) string {
	sets := []object{{"Name": "example.com.", "Type": "SOA", "TTL": 300, "ResourceRecords": []object{{"Value": "ns1. h. 1 1 1 1 1"}}}}
	for _, s := range all {
		var values []object
		for _, v := range s.values {
			if len(v) > 257 {
				v = v[:256] + `" "` + v[256:]
			}
			values = append(values, object{"Value": v})
		}
		name := strings.ReplaceAll(strings.TrimPrefix(s.name+".example.com.", "."), "*", `\052`)
		sets = append(sets, object{"Name": name, "Type": s.typ, "TTL": 300, "ResourceRecords": values})
	}
	text, _ := json.Marshal(object{"ResourceRecordSets": sets})
	return string(text)
}

func changesOf(all []set) (changes []object) {
	for i, s := range all {
		var values []string
		for _, v := range s.values {
			if v = strings.TrimSuffix(v, "."); s.typ == "TXT" {
				v = unquoted(v)
				if len(v) > 255 {
					v = v[:255] + `" "` + v[255:]
				}
			}
			values = append(values, v)
		}
		changes = append(changes, resource("aws_route53_record", fmt.Sprint("r", i), []string{"create"}, nil,
			object{"zone_id": "Z1", "name": s.name, "type": s.typ, "ttl": 300, "records": values}, object{"id": true, "fqdn": true}))
	}
	return changes
}

// stateOf is the state when a plan was applied.
func stateOf(changes []object) string {
	resources := []object{{"address": "aws_route53_zone.z", "mode": "managed", "type": "aws_route53_zone", "name": "z", "values": object{"zone_id": "Z1", "name": "example.com"}}}
	for _, c := range changes {
		resources = append(resources, object{"address": c["address"], "mode": "managed", "type": c["type"], "name": c["name"], "values": c["change"].(object)["after"]})
	}
	text, _ := json.Marshal(object{"format_version": "1.0", "values": object{"root_module": object{"child_modules": []object{{"address": "module.dns", "resources": resources}}}}})
	return string(text)
}

// TestPrivateZone: records of private zones, made or deleted, are not in public DNS.
func TestPrivateZone(t *testing.T) {
	t.Parallel()
	const want = "skipped: 1 %s, in plan.json: its zone is private, so it is not in public DNS"
	r53, google := object{"zone_id": "Z7", "name": "b.example.com", "type": "TXT", "records": []string{"x"}}, object{"managed_zone": "inner", "name": "b.example.com.", "type": "TXT", "rrdatas": []string{"x"}}
	for name, c := range map[string]struct {
		typ, zone     string
		values        object
		before, after object
		private       bool
	}{
		"Route 53":         {"aws_route53_record", "aws_route53_zone", object{"id": "Z7", "zone_id": "Z7", "name": "example.com", "vpc": []object{{"vpc_id": "v"}}}, nil, r53, true},
		"Route 53, gone":   {"aws_route53_record", "aws_route53_zone", object{"id": "Z7", "zone_id": "Z7", "name": "example.com", "vpc": []object{{"vpc_id": "v"}}}, r53, nil, true},
		"Route 53, data":   {"aws_route53_record", "aws_route53_zone", object{"id": "Z7", "zone_id": "Z7", "name": "example.com", "private_zone": true}, nil, r53, true},
		"Route 53, public": {"aws_route53_record", "aws_route53_zone", object{"id": "Z7", "zone_id": "Z7", "name": "example.com", "vpc": []object{}, "private_zone": false}, nil, r53, false},
		"Google":           {"google_dns_record_set", "google_dns_managed_zone", object{"id": "p/inner", "name": "inner", "dns_name": "example.com.", "visibility": "private"}, nil, google, true},
		"Google, public":   {"google_dns_record_set", "google_dns_managed_zone", object{"id": "p/inner", "name": "inner", "dns_name": "example.com.", "visibility": "public"}, nil, google, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			action := "create"
			if c.after == nil {
				action = "delete"
			}
			got := readPlan(t, "plan.json", planOf(resource(c.zone, "inner", []string{"no-op"}, c.values, c.values, nil), resource(c.typ, "r", []string{action}, c.before, c.after, nil)))
			if private := got == fmt.Sprintf(want, c.typ); private != c.private {
				t.Error(got)
			}
		})
	}
}

// TestForgotten: of a resource that is created and forgotten, the new record is made
// and the old one stays.
func TestForgotten(t *testing.T) {
	t.Parallel()
	txt := func(s string) object {
		return object{"zone_id": "c1", "name": "t", "type": "TXT", "content": s}
	}
	got := readPlan(t, "plan.json", planOf(resource("cloudflare_dns_record", "t", []string{"create", "forget"}, txt("old"), txt("new"), nil)))
	if want := "TXT t.example.com some\n  \"new\""; got != want {
		t.Error(got)
	}
}

// TestPulumiSteps: a record that is imported in place of another is made, and one
// that is retained stays.
func TestPulumiSteps(t *testing.T) {
	t.Parallel()
	const state = `{"type": "aws:route53/record:Record", %s"inputs": {"name": "t.example.com", "type": "TXT", "records": ["x"]}}`
	const step = `{"steps": [{"op": %q, "urn": "urn:pulumi:p::p::aws:route53/record:Record::t", %q: %s}]}`
	for name, c := range map[string]struct{ text, want string }{
		"import-replacement": {fmt.Sprintf(step, "import-replacement", "newState", fmt.Sprintf(state, "")), "TXT t.example.com whole\n  \"x\""},
		"delete":             {fmt.Sprintf(step, "delete", "oldState", fmt.Sprintf(state, "")), "TXT t.example.com whole\n  gone \"x\""},
		"retained":           {fmt.Sprintf(step, "delete", "oldState", fmt.Sprintf(state, `"retainOnDelete": true, `)), ""},
	} {
		if got := readPlan(t, "preview.json", c.text); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestPublicAndPrivate: of zones that are public and private, records are skipped
// only if theirs is private for sure.
func TestPublicAndPrivate(t *testing.T) {
	t.Parallel()
	google := func(name, project, visibility string) object {
		v := object{"id": project + "/inner", "name": "inner", "dns_name": "example.com.", "visibility": visibility}
		return resource("google_dns_managed_zone", name, []string{"no-op"}, v, v, nil)
	}
	aws := func(id string, vpc ...object) object {
		v := object{"id": id, "zone_id": id, "name": "example.com", "vpc": vpc}
		return resource("aws_route53_zone", strings.ToLower(id), []string{"no-op"}, v, v, nil)
	}
	each := func(index string, vpc ...object) object {
		r := resource("aws_route53_zone", "z", []string{"create"}, nil, object{"name": "example.com", "vpc": vpc}, object{"zone_id": true})
		r["address"], r["index"] = `aws_route53_zone.z["`+index+`"]`, index
		return r
	}
	mx := func(zone string) object {
		return object{"managed_zone": zone, "name": "b.example.com.", "type": "MX", "rrdatas": []string{"10 a."}}
	}
	txt := func(zone string) object {
		return object{"zone_id": zone, "name": "b.example.com", "type": "TXT", "records": []string{"x"}}
	}
	vpc := object{"vpc_id": "v"}
	const skipped = "skipped: 1 %s, in plan.json: its zone is private, so it is not in public DNS"
	for name, c := range map[string]struct {
		zones         []object
		typ, ref      string
		before, after object
		want          string
	}{
		"one name, public first": {[]object{google("a", "p", "public"), google("b", "q", "private")}, "google_dns_record_set", "", nil, mx("inner"), "MX b.example.com whole\n  10 a."},
		"one name, public last":  {[]object{google("a", "p", "private"), google("b", "q", "public")}, "google_dns_record_set", "", nil, mx("inner"), "MX b.example.com whole\n  10 a."},
		"one name, both private": {[]object{google("a", "p", "private"), google("b", "q", "private")}, "google_dns_record_set", "", nil, mx("inner"), fmt.Sprintf(skipped, "google_dns_record_set")},
		"one name, a reference":  {[]object{google("a", "p", "public"), google("b", "q", "private")}, "google_dns_record_set", "google_dns_managed_zone.b.name", nil, mx("inner"), fmt.Sprintf(skipped, "google_dns_record_set")},
		"to a private zone":      {[]object{aws("ZA"), aws("ZB", vpc)}, "aws_route53_record", "", txt("ZA"), txt("ZB"), "TXT b.example.com whole\n  gone \"x\"\n" + fmt.Sprintf(skipped, "aws_route53_record")},
		"to a public zone":       {[]object{aws("ZA"), aws("ZB", vpc)}, "aws_route53_record", "", txt("ZB"), txt("ZA"), "TXT b.example.com whole\n  \"x\""},
		"between private zones":  {[]object{aws("ZB", vpc)}, "aws_route53_record", "", txt("ZC"), txt("ZB"), fmt.Sprintf(skipped, "aws_route53_record")},
		"a private instance":     {[]object{each("public"), each("of.one", vpc)}, "aws_route53_record", `aws_route53_zone.z["of.one"].zone_id`, nil, txt(""), fmt.Sprintf(skipped, "aws_route53_record")},
		"a public instance":      {[]object{each("public"), each("of.one", vpc)}, "aws_route53_record", `aws_route53_zone.z["public"].zone_id`, nil, txt(""), "TXT b.example.com whole\n  \"x\""},
		"one of the instances":   {[]object{each("public"), each("of.one", vpc)}, "aws_route53_record", "aws_route53_zone.z", nil, txt(""), "TXT b.example.com whole\n  \"x\""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			actions := []string{"delete", "create"}
			if c.before == nil {
				actions = actions[1:]
			}
			var doc object
			if err := json.Unmarshal([]byte(planOf(append(c.zones, resource(c.typ, "r", actions, c.before, c.after, nil))...)), &doc); err != nil {
				t.Fatal(err)
			}
			if c.ref != "" {
				ref := object{"references": []string{c.ref}}
				doc["configuration"] = object{"root_module": object{"resources": []object{
					{"address": c.typ + ".r", "mode": "managed", "type": c.typ, "name": "r", "expressions": object{"zone_id": ref, "managed_zone": ref}},
				}}}
			}
			text, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(readPlan(t, "plan.json", string(text))); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// TestOneNameOfTwoZones: two zones of Google may have one name, in two projects. The
// zone of a record is then that of its reference.
func TestOneNameOfTwoZones(t *testing.T) {
	t.Parallel()
	zone := func(name, dns string) object {
		v := object{"id": name + "/inner", "name": "inner", "dns_name": dns}
		return resource("google_dns_managed_zone", name, []string{"no-op"}, v, v, nil)
	}
	r := resource("google_dns_record_set", "r", []string{"create"}, nil, object{"managed_zone": "inner", "type": "CNAME"}, object{"name": true, "rrdatas": true})
	for ref, want := range map[string]record.Name{"google_dns_managed_zone.a.name": "example.com", "google_dns_managed_zone.b.name": "example.org", "var.zone": ""} {
		var doc object
		if err := json.Unmarshal([]byte(planOf(zone("a", "example.com."), zone("b", "example.org."), r)), &doc); err != nil {
			t.Fatal(err)
		}
		doc["configuration"] = object{"root_module": object{"resources": []object{
			{"address": "google_dns_record_set.r", "mode": "managed", "type": "google_dns_record_set", "name": "r", "expressions": object{"managed_zone": object{"references": []string{ref}}}},
		}}}
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		zones := &source.Zones{}
		if err := zones.AddText(t.Context(), "plan.json", string(text)); err != nil {
			t.Fatal(err)
		}
		if all := zones.Changes().Promises(); len(all) != 1 || all[0].Zone != want {
			t.Errorf("%s: %+v, want %s", ref, all, want)
		}
	}
}

package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/source"
)

// octo is a zone in octoDNS YAML, as people and as octoDNS write it.
const octo = `---
'':
  - type: MX
    ttl: 300
    values:
      - exchange: mx1.example.net.
        preference: 10
      - {value: mx2.example.net., priority: 20}
  - type: TXT
    values:
      - v=spf1 include:amazonses.com ~all
      - "v=DMARC1\\; p=none; rua=mailto:a@example.com"
      - '"v=one" "two"'
  - {type: ALIAS, value: lb.example.net.}
'*.w':
  {type: CNAME, value: t.example.net.}
dkim._domainkey:
  type: CNAME
  octodns: {cloudflare: {proxied: true}}
  value: dkim.amazonses.com.
dyn:
  {type: A, value: 192.0.2.1, dynamic: {pools: {}}}
old:
  {type: URLFWD, values: []}
müll:
  {type: A, values: [192.0.2.1, 192.0.2.2]}
srv:
  {type: SRV, value: {port: 1}}
`

// TestWholeZones: zones of other forms than zone files are read as those are.
func TestWholeZones(t *testing.T) {
	t.Parallel()
	listing := `{"ResourceRecordSets": [
 {"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns-1.awsdns-1.org. h.amazon.com. 7 7200 900 1209600 86400"}]},
 {"Name": "\\052.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "lb.example.net.", "EvaluateTargetHealth": false}},
 {"Name": "a.example.com.", "Type": "TXT", "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "t.example.com."}},
 {"Name": "t.example.com.", "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": "\"v=spf1 \\053\" \" -all\""}]},
 {"Name": "m.example.com.", "Type": "MX", "SetIdentifier": "one", "Weight": 1, "TTL": 300, "ResourceRecords": [{"Value": "10 a.example.net"}]},
 {"Name": "m.example.com.", "Type": "MX", "SetIdentifier": "two", "Weight": 1, "TTL": 300, "ResourceRecords": [
   {"Value": "20 b.example.net"}]},
 {"Name": "m.example.com.", "Type": "MX", "SetIdentifier": "off", "Weight": 0, "TTL": 300, "ResourceRecords": [{"Value": "30 c.example.net"}]}]}`
	ir := `{"registrars": [], "dns_providers": [], "domains": [{"name": "example.com", "records": [
 {"type": "MX", "name": "@", "target": "foo.example.net.", "ttl": 300, "filepos": "[line:2:5]"},
 {"type": "MX", "name": "b", "target": "@", "mxpreference": 15, "ttl": 300},
 {"type": "TXT", "name": "@", "target": "v=spf1 \"quoted\" -all"},
 {"type": "TXT", "name": "parts", "target": "ab", "txtstrings": ["a", "b"]},
 {"type": "CNAME", "name": "w", "target": "x", "meta": {"cloudflare_proxy": "on"}},
 {"type": "R53_ALIAS", "name": "al", "target": "foo.com.", "r53_alias": {"type": "MX"}}]}]}`
	for name, c := range map[string]reading{
		"octoDNS": {"example.com.yaml", octo, `
example.com
6 example.com MX 10 mx1.example.net.
8 example.com MX 20 mx2.example.net.
11 example.com TXT "v=spf1 include:amazonses.com ~all"
12 example.com TXT "v=DMARC1; p=none; rua=mailto:a@example.com"
13 example.com TXT "v=onetwo"
14 example.com computed A
16 *.w.example.com CNAME t.example.net.
20 dkim._domainkey.example.com proxied dkim.amazonses.com.
22 dyn.example.com computed A
24 old.example.com computed A
26 xn--mll-hoa.example.com A 192.0.2.1
26 xn--mll-hoa.example.com A 192.0.2.2
28 srv.example.com TYPE33 .
skipped: 1 ALIAS record, in example.com.yaml line 14: DNS has no such type
skipped: 1 URLFWD record, in example.com.yaml line 24: DNS has no such type`},
		"octoDNS, in Unicode":   {"müll.example.yml", "www: {type: A, value: 192.0.2.1}\n", "xn--mll-hoa.example\n1 www.xn--mll-hoa.example A 192.0.2.1"},
		"octoDNS, with anchors": {"example.com.yaml", "a: &x {type: A, value: 192.0.2.1}\nb: *x\nc: {<<: *x, value: 192.0.2.2}\n", "example.com\n1 a.example.com A 192.0.2.1\n1 b.example.com A 192.0.2.1\n3 c.example.com A 192.0.2.2"},
		"octoDNS, nameless":     {"zone.yaml", "a: {type: A, value: 192.0.2.1}\n", "zone.yaml: it does not say which zone it is: octoDNS names the file after the zone, such as example.com.yaml"},
		"octoDNS, mistakes":     {"example.com.yaml", "a: {type: MXX, value: 1}\nb:\n  type: MX\n  values:\n  - {exchange: a., preference: many}\nc: {type: TXT}\nd: [{value: 1}]\ne: {type: TXT, value: null}\n", "example.com.yaml:1: DNS has no such type of records; did you mean MX?\nexample.com.yaml:5: the data of this MX record is not a preference and a host name\nexample.com.yaml:6: a record without a value (and in 1 more)\nexample.com.yaml:7: a record without a type"},
		"octoDNS, included":     {"example.com.yaml", "a: {type: A, value: 192.0.2.1}\nb: !include b.yaml\n", "example.com.yaml:2: !include is not read: put the records into this file"},
		"octoDNS, twice":        {"example.com.yaml", "a: {type: A, value: 192.0.2.1}\na: {type: TXT, value: x}\n", "example.com.yaml:2: this key is in the mapping already; keep one"},
		"octoDNS, overridden":   {"example.com.yaml", "a: &x {type: A, value: 192.0.2.1}\nb: {<<: *x, value: 192.0.2.2}\n", "example.com\n1 a.example.com A 192.0.2.1\n2 b.example.com A 192.0.2.2"},
		"two documents":         {"example.com.yaml", "---\na: {type: A, value: 192.0.2.1}\n---\nb: {type: A, value: 192.0.2.1}\n", "example.com.yaml:3: a second YAML document begins here; put it into its own file"},
		"an empty document":     {"example.com.yaml", "---\na: {type: A, value: 192.0.2.1}\n---\n", "example.com\n2 a.example.com A 192.0.2.1"},
		"no YAML":               {"example.com.yaml", "a: [\n", "example.com.yaml:1: this is not YAML"},
		"nothing":               {"example.com.yaml", "---\n{}\n", "example.com.yaml: there is no record in it"},
		"other YAML":            {"example.com.yaml", "apiVersion: v1\n", "example.com.yaml: it seems to be something else; zone files, octoDNS YAML, dnscontrol print-ir and aws route53 list-resource-record-sets are read"},
		"a template":            {"t.yaml", "Resources:\n  A: {Type: AWS::Route53::RecordSet}\n", "t.yaml: it seems to be a CloudFormation template, which is a change, not a whole zone: use --plan"},
		"listing": {"zone.json", listing, `
example.com
2 example.com SOA
3 *.example.com computed A
4 a.example.com TXT "v=spf1 +" " -all"
5 t.example.com TXT "v=spf1 +" " -all"
6 m.example.com MX 10 a.example.net.
8 m.example.com MX 20 b.example.net.`},
		"part of a listing":   {"zone.json", `{"ResourceRecordSets": [], "NextToken": "abc"}`, "zone.json: it is incomplete: list the zone without --max-items"},
		"listing without SOA": {"zone.json", `[{"Name": "a.example.com.", "Type": "A", "ResourceRecords": [{"Value": "192.0.2.1"}]}]`, "zone.json: it has no SOA record, so it is not a whole zone; use the output of `aws route53 list-resource-record-sets` without --query"},
		"listing, no quotes":  {"zone.json", `[{"Name": "a.example.", "Type": "SOA", "ResourceRecords": [{"Value": "a b 1 2 3 4 5"}]}, {"Name": "a.example.", "Type": "TXT", "ResourceRecords": [{"Value": "v=spf1 -all"}]}]`, "zone.json:1: the text of this TXT record must be in quotes"},
		"gcloud":              {"example.com.yaml", "---\nkind: dns#resourceRecordSet\nname: example.com.\n---\nkind: dns#resourceRecordSet\n", "example.com.yaml: it seems to be a listing of Google Cloud DNS; use the zone file that `gcloud dns record-sets export FILE --zone ZONE --zone-file-format` writes; zone files, octoDNS YAML, dnscontrol print-ir and aws route53 list-resource-record-sets are read"},
		"gcloud, Windows":     {"zone.yml", "---\r\nkind: dns#resourceRecordSet\r\nname: example.com.\r\n", "zone.yml: it seems to be a listing of Google Cloud DNS; use the zone file that `gcloud dns record-sets export FILE --zone ZONE --zone-file-format` writes; zone files, octoDNS YAML, dnscontrol print-ir and aws route53 list-resource-record-sets are read"},
		"gcloud, JSON":        {"zone.json", `[{"kind": "dns#resourceRecordSet", "name": "example.com."}]`, "zone.json: it seems to be a listing of Google Cloud DNS; use the zone file that `gcloud dns record-sets export FILE --zone ZONE --zone-file-format` writes; zone files, octoDNS YAML, dnscontrol print-ir and aws route53 list-resource-record-sets are read"},
		"DNSControl": {"ir.json", ir, `
example.com
2 example.com MX 0 foo.example.net.
3 b.example.com MX 15 example.com.
4 example.com TXT "v=spf1 \"quoted\" -all"
5 parts.example.com TXT "a" "b"
6 w.example.com proxied x.example.com.
7 al.example.com computed MX
skipped: 1 R53_ALIAS record, in ir.json line 7: DNS has no such type`},
		"DNSControl, views": {"ir.json", `{"registrars": [], "domains": [{"name": "example.com!out", "records": [{"type": "A", "name": "@", "target": "192.0.2.1"}]},
 {"name": "example.com!in", "records": [{"type": "A", "name": "@", "target": "192.0.2.2"}]}]}`, "example.com\n1 example.com A 192.0.2.1\nskipped: 1 domain, in ir.json line 2: another view of the domain was read already"},
		"truncated":      {"zone.json", `{"ResourceRecordSets": [{"Name": "a.exa`, "zone.json: it ends in the middle; was it cut off?"},
		"a plan":         {"plan.json", `{"format_version": "1.2"}`, "plan.json: it seems to be a Terraform plan or state, which is a change, not a whole zone: use --plan"},
		"a saved plan":   {"tfplan", "PK\x03\x04xyz", "tfplan: it seems to be a saved plan of Terraform; use the output of `terraform show -json FILE`; zone files, octoDNS YAML, dnscontrol print-ir and aws route53 list-resource-record-sets are read"},
		"something else": {"package.json", `{"name": "x", "version": "1"}`, "package.json: it seems to be something else; zone files, octoDNS YAML, dnscontrol print-ir and aws route53 list-resource-record-sets are read"},
		"deep":           {"x.json", strings.Repeat(`{"domains":`, 200) + "1" + repeat("}", 200), "x.json: it seems to be something else; zone files, octoDNS YAML, dnscontrol print-ir and aws route53 list-resource-record-sets are read"},
		"deep YAML":      {"example.com.yaml", "a: {type: A, value: " + repeat("[", 200) + repeat("]", 200) + "}\n", "example.com.yaml: it is nested more than 100 levels deep"},
		"deep listing":   {"x.json", `{"ResourceRecordSets": ` + repeat("[", 200) + repeat("]", 200) + "}", "x.json: it is nested more than 100 levels deep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.hold(t)
		})
	}
}

// TestAliasesOfYAML: what aliases mean is counted where they lead.
func TestAliasesOfYAML(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a: &a {type: A, value: 192.0.2.1}\n")
	last := "a"
	for i := range 30 {
		next := "b" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		b.WriteString(next + ": &" + next + " [*" + last + ", *" + last + "]\n")
		last = next
	}
	reading{"example.com.yaml", b.String(), "example.com.yaml: it has more than 4000000 values"}.hold(t)
}

// TestSplitFolders: octoDNS may have a file a name, and the zone's own file beside
// the folder. Other YAML of a folder is not read.
func TestSplitFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, text := range map[string]string{
		"example.com./$example.com.yaml": "'': {type: TXT, value: apex}\n",
		"example.com./www.yaml":          "www: {type: A, value: 192.0.2.1}\n",
		"example.com.yaml":               "extra: {type: A, value: 192.0.2.2}\n",
		"split/$example.net.yaml":        "'*': {type: A, value: 192.0.2.1}\n",
		"split/mail.yaml":                "mail: {type: A, value: 192.0.2.3}\n",
		"config.yaml":                    "providers: {config: {class: octodns.provider.yaml.YamlProvider}}\n",
		"values.prod.yaml":               "replicas: 3\n",
		"package.json":                   "{}",
		"example.org.zone":               "@ TXT a\n",
	} {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	zones, err := source.ReadZones(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, z := range zones.All() {
		for _, r := range z.Records {
			rel, _ := filepath.Rel(dir, r.File)
			got[string(r.Owner)] = filepath.ToSlash(rel)
		}
	}
	want := map[string]string{
		"example.com": "example.com./$example.com.yaml", "www.example.com": "example.com./www.yaml", "extra.example.com": "example.com.yaml",
		"*.example.net": "split/$example.net.yaml", "mail.example.net": "split/mail.yaml", "example.org": "example.org.zone",
	}
	for owner, file := range want {
		if got[owner] != file {
			t.Errorf("%s is in %q, want %q", owner, got[owner], file)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
}

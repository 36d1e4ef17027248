package source_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// TestCloudFormation: templates say what is known without AWS, and what the rest
// is made of.
func TestCloudFormation(t *testing.T) {
	t.Parallel()
	const cdk = `{"Resources": {
 "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.com."}},
 "Identity": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "example.com",
  "MailFromAttributes": {"MailFromDomain": "bounce.example.com", "BehaviorOnMxFailure": "REJECT_MESSAGE"}}},
 "Dkim1": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneId": {"Ref": "Zone"}, "TTL": "1800", "Type": "CNAME",
  "Name": {"Fn::GetAtt": ["Identity", "DkimDNSTokenName1"]}, "ResourceRecords": [{"Fn::GetAtt": ["Identity", "DkimDNSTokenValue1"]}]}},
 "Mx": {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "MX", "Name": "bounce.example.com.",
  "ResourceRecords": [{"Fn::Join": ["", ["10 feedback-smtp.", "eu-west-1", ".amazonses.com"]]}]}},
 "Region": {"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "MX", "Name": "m.example.com.",
  "ResourceRecords": [{"Fn::Join": ["", ["10 feedback-smtp.", {"Ref": "AWS::Region"}, ".amazonses.com"]]}]}},
 "Group": {"Type": "AWS::Route53::RecordSetGroup", "Properties": {"HostedZoneName": "example.com.", "RecordSets": [
  {"Name": "example.com", "Type": "TXT", "ResourceRecords": ["\"v=spf1 include:amazonses.com ~all\""]},
  {"Name": "www.example.com", "Type": "A", "AliasTarget": {"DNSName": "lb.example.net"}},
  {"Name": "w.example.com", "Type": "MX", "ResourceRecords": ["feedback-smtp.eu-west-1.amazonses.com"]}]}}}}`
	const yaml = `AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Domain: {Type: String, Default: example.com}
  Secret: {Type: String, Default: hunter2, NoEcho: true}
Resources:
  Spf:
    Type: AWS::Route53::RecordSet
    Properties:
      Name: !Sub "bounce.${Domain}."
      Type: TXT
      ResourceRecords:
        - !Join ["", ['"v=spf1 ', !Sub ["include:${Host} -all", {Host: amazonses.com}], '"']]
  Hidden:
    Type: AWS::Route53::RecordSet
    Properties: {Name: !Ref Domain, Type: TXT, ResourceRecords: [!Ref Secret]}
  Literal:
    Type: AWS::Route53::RecordSet
    Properties: {Name: !Join [".", [l, !Ref Domain]], Type: TXT, ResourceRecords: [!Sub '"${!x}"']}
  Maybe:
    Type: AWS::Route53::RecordSet
    Condition: Production
    Properties: {Name: !Select [1, [a.example.com, b.example.com]], Type: A, ResourceRecords: [192.0.2.1]}
  Imported:
    Type: AWS::Route53::RecordSet
    Properties: {Name: !ImportValue Name, Type: A, ResourceRecords: [192.0.2.1]}
`
	for name, c := range map[string]struct{ file, text, want string }{
		"JSON of CDK": {"t.template.json", cdk, `MX bounce.example.com whole
  10 feedback-smtp.eu-west-1.amazonses.com.
MX m.example.com whole
MX w.example.com whole
  unreadable: its data is not a preference and a host name
TXT example.com whole
  "v=spf1 include:amazonses.com ~all"
A www.example.com whole
  computed
promised  CNAME: Identity.DkimDNSTokenName1, Identity.DkimDNSTokenValue1; of [example.com]
promised m.example.com MX: AWS::Region; of []
skipped: 1 MX record, in t.template.json line 14: its data is not a preference and a host name`},
		"YAML": {"t.yaml", yaml, `A b.example.com whole
TXT bounce.example.com whole
  "v=spf1 include:amazonses.com -all"
TXT example.com whole
TXT l.example.com whole
  "${x}"
promised example.com TXT: Secret; of []
promised b.example.com A: condition Production; of []
promised  A: ImportValue; of []`},
		"gcloud":         {"t.yaml", "kind: dns#resourceRecordSet\nname: example.com.\n---\nkind: dns#resourceRecordSet\n", "t.yaml: it seems to be a listing of Google Cloud DNS; use the zone file that `gcloud dns record-sets export FILE --zone ZONE --zone-file-format` writes; terraform show -json, CloudFormation templates, pulumi preview --json and Route 53 change batches are read"},
		"something else": {"t.json", `{"Resources": {"a": 1}}`, "t.json: it seems to be something else; terraform show -json, CloudFormation templates, pulumi preview --json and Route 53 change batches are read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readPlan(t, c.file, c.text)
			if diff := cmp.Diff(sortedSets(c.want), sortedSets(got)); diff != "" {
				t.Errorf("want -, got +\n%s\n%s", diff, got)
			}
		})
	}
	zones := &source.Zones{}
	if err := zones.AddPlans(t.Context(), write(t, t.TempDir(), "t.json", cdk)); err != nil {
		t.Fatal(err)
	}
	ids, hosted := zones.Changes().Identities(), zones.Changes().Hosted()
	if len(ids) != 1 || ids[0].Name != "example.com" || ids[0].MailFrom != "bounce.example.com" || ids[0].OnMXFailure != "REJECT_MESSAGE" || !ids[0].Promised || ids[0].Line != 3 {
		t.Errorf("%+v", ids)
	}
	if len(hosted) != 1 || hosted[0].Apex != "example.com" {
		t.Errorf("%+v", hosted)
	}
}

// sortedSets puts RRsets in an order that does not matter to the test.
func sortedSets(s string) []string {
	var all []string
	for line := range strings.SplitSeq(s, "\n") {
		if n := len(all); n > 0 && strings.HasPrefix(line, "  ") {
			all[n-1] += line
			continue
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}

// TestPulumi: a preview says what Terraform's plan of the same would.
func TestPulumi(t *testing.T) {
	t.Parallel()
	step := func(op, typ, name string, inputs, depends string) string {
		state := fmt.Sprintf(`{"type": %q, "inputs": %s, "propertyDependencies": %s}`, typ, inputs, depends)
		urn := "urn:pulumi:dev::proj::" + typ + "::" + name
		old, after := "null", state
		if op == "delete" {
			old, after = state, "null"
		}
		return fmt.Sprintf(`{"op": %q, "urn": %q, "oldState": %s, "newState": %s}`, op, urn, old, after)
	}
	const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	zone := step("create", "aws:route53/zone:Zone", "zone", `{"name": "example.com"}`, `{}`)
	id := step("create", "aws:sesv2/emailIdentity:EmailIdentity", "id", `{"emailIdentity": "example.com", "dkimSigningAttributes": {"domainSigningPrivateKey": "[secret]", "nextSigningKeyLength": "RSA_2048_BIT"}}`, `{}`)
	dkim := step("create", "aws:route53/record:Record", "dkim", `{"name": "`+unknown+`", "type": "CNAME", "records": ["`+unknown+`"], "zoneId": "`+unknown+`"}`,
		`{"name": ["urn:pulumi:dev::proj::aws:sesv2/emailIdentity:EmailIdentity::id"], "zoneId": ["urn:pulumi:dev::proj::aws:route53/zone:Zone::zone"]}`)
	mx := step("create", "my:component:Mail$aws:route53/record:Record", "mx", `{"name": "bounce", "type": "MX", "records": ["10 feedback-smtp.eu-west-1.amazonses.com"], "zoneId": "`+unknown+`"}`,
		`{"zoneId": ["urn:pulumi:dev::proj::aws:route53/zone:Zone::zone"]}`)
	gone := step("delete", "aws:route53/record:Record", "old", `{"name": "old.example.com", "type": "TXT", "records": ["x"], "zoneId": "Z1"}`, `{}`)
	cf := step("same", "cloudflare:index/dnsRecord:DnsRecord", "cf", `{"name": "t.example.com", "type": "TXT", "content": "v=spf1 -all", "zoneId": "c1"}`, `{}`)
	got := readPlan(t, "preview.json", `{"config": {"aws:secretKey": "x"}, "steps": [`+strings.Join([]string{zone, id, dkim, mx, gone, cf}, ",")+`]}`)
	want := `MX bounce.example.com whole
  10 feedback-smtp.eu-west-1.amazonses.com.
TXT old.example.com whole
  gone "x"
TXT t.example.com some, kept
  "v=spf1 -all"
promised  CNAME: aws:sesv2/emailIdentity:EmailIdentity::id; of [example.com]`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	for config, want := range map[string]string{`{"aws:region": "eu-west-1"}`: "eu-west-1", `{"aws:region": "[secret]"}`: "", `["x"]`: "", `{}`: ""} {
		zones := &source.Zones{}
		err := zones.AddText(t.Context(), "preview.json", `{"config": `+config+`, "steps": [`+id+`]}`)
		if all := zones.Changes().Identities(); err != nil || len(all) != 1 || all[0].Region != want {
			t.Errorf("%s: %+v, %v", config, all, err)
		}
	}
	for provider, want := range map[string]string{"default_6_1_0": "eu-west-1 false", "us": "us-east-1 false", "open": " true", "lost": " true"} {
		ref := func(name string) string { return "urn:pulumi:dev::proj::pulumi:providers:aws::" + name }
		made := func(name, inputs string) string {
			return fmt.Sprintf(`{"op": "same", "urn": %q, "newState": {"inputs": %s}}`, ref(name), inputs)
		}
		mail := fmt.Sprintf(`{"op": "delete", "urn": "urn:pulumi:dev::proj::aws:ses/mailFrom:MailFrom::m", "oldState": {"provider": %q, "inputs": {"domain": "example.com"}}}`, ref(provider)+"::id")
		zones := &source.Zones{}
		steps := []string{mail}
		switch provider {
		case "us":
			steps = append(steps, made("us", `{"region": "us-east-1"}`))
		case "open":
			steps = append(steps, made("open", `{"region": "[secret]"}`))
		}
		err := zones.AddText(t.Context(), "preview.json", `{"config": {"aws:region": "eu-west-1"}, "steps": [`+strings.Join(steps, ",")+`]}`)
		if all := zones.Changes().Identities(); err != nil || len(all) != 1 || fmt.Sprint(all[0].Region, " ", all[0].RegionOpen) != want {
			t.Errorf("%s: %+v, %v", provider, all, err)
		}
	}
	for name, c := range map[string]struct{ text, want string }{
		"failed":  {`{"steps": [], "diagnostics": [{"severity": "error", "message": "x"}]}`, "p.json: the preview failed, so it is incomplete; create it again"},
		"cut off": {`{"steps": [{"op": "create"`, "p.json: it ends in the middle; was it cut off?"},
		"odd":     {`{"steps": {"a": 1}}`, "p.json:1: this is not as Pulumi writes it"},
		"no URN":  {`{"steps": [{"op": "create", "urn": "x", "newState": {}}]}`, ""},
	} {
		if got := readPlan(t, "p.json", c.text); got != c.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// TestBatches: a change batch says what it creates, changes and deletes.
func TestBatches(t *testing.T) {
	t.Parallel()
	set := func(action, name, typ, more string) string {
		return fmt.Sprintf(`{"Action": %q, "ResourceRecordSet": {"Name": %q, "Type": %q, "TTL": 300, %s}}`, action, name, typ, more)
	}
	text := `{"HostedZoneId": "Z1", "ChangeBatch": {"Changes": [` + strings.Join([]string{
		set("UPSERT", "bounce.example.com", "MX", `"ResourceRecords": [{"Value": "10 a.example.net"}]`),
		set("DELETE", "example.com.", "TXT", `"ResourceRecords": [{"Value": "\"v=spf1 -all\""}]`),
		set("CREATE", "w.example.com.", "A", `"SetIdentifier": "one", "Weight": 1, "ResourceRecords": [{"Value": "192.0.2.1"}]`),
		set("CREATE", "b.example.com.", "MX", `"ResourceRecords": [{"Value": "feedback-smtp"}]`),
		set("CREATE", "b.example.com.", "TXT", `"ResourceRecords": [{"Value": "v=spf1 -all"}]`),
	}, ",\n") + `]}}`
	want := `MX b.example.com whole
  unreadable: the data of this MX record is not a preference and a host name
TXT b.example.com whole
  unreadable: the text of this TXT record must be in quotes
MX bounce.example.com whole
  10 a.example.net.
TXT example.com whole
  gone "v=spf1 -all"
A w.example.com some
  192.0.2.1
skipped: 1 MX record, in batch.json line 4: the data of this MX record is not a preference and a host name
skipped: 1 TXT record, in batch.json line 5: the text of this TXT record must be in quotes`
	if diff := cmp.Diff(want, readPlan(t, "batch.json", text)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if got, want := readPlan(t, "batch.json", `{"Changes": [`+set("MERGE", "a.", "A", `"ResourceRecords": [{"Value": "192.0.2.1"}]`)+`]}`), "batch.json:1: an action other than CREATE, UPSERT and DELETE"; got != want {
		t.Errorf("got %s", got)
	}
}

// TestWeights: every notation of a set says whether its weight is 0.
func TestWeights(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"batch": `{"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": "w.example.com.", "Type": "MX", "SetIdentifier": "one", "Weight": 0, "TTL": 300, "ResourceRecords": [{"Value": "10 a.example.net"}]}}]}`,
		"template": `{"Resources": {"W": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "example.com.", "Name": "w.example.com.", "Type": "MX", "SetIdentifier": "one", "Weight": 0, "TTL": "300",
			"ResourceRecords": ["10 a.example.net"]}}}}`,
		"plan":    planOf(resource("aws_route53_record", "w", []string{"create"}, nil, object{"name": "w.example.com", "type": "MX", "records": []string{"10 a.example.net"}, "set_identifier": "one", "weighted_routing_policy": []object{{"weight": 0}}}, object{})),
		"preview": `{"steps": [{"op": "create", "urn": "urn:pulumi:dev::proj::aws:route53/record:Record::w", "newState": {"inputs": {"name": "w.example.com", "type": "MX", "records": ["10 a.example.net"], "setIdentifier": "one", "weightedRoutingPolicies": [{"weight": 0}]}}}]}`,
	} {
		for weight, want := range map[string]bool{"0": true, "10": false} {
			text := strings.NewReplacer(`eight": 0`, `eight": `+weight, `eight":0`, `eight":`+weight).Replace(text)
			zones := &source.Zones{}
			if err := zones.AddText(t.Context(), name+".json", text); err != nil {
				t.Fatal(err)
			}
			set := zones.Changes().At(record.Question{Name: "w.example.com", Type: record.MX})
			if set == nil || len(set.Records) != 1 || set.Records[0].Set != "one" || set.Records[0].Weightless != want {
				t.Errorf("%s, weight %s: %+v", name, weight, set)
			}
		}
	}
}

// TestLoose: a record whose name is partly known may be that of a query if its type,
// its zone and the known parts of its name fit.
func TestLoose(t *testing.T) {
	t.Parallel()
	set := func(zone, name, typ, value string) string {
		return "{Type: AWS::Route53::RecordSet, Properties: {" + zone + "Name: " + name + ", Type: " + typ + ", ResourceRecords: [" + value + "]}}"
	}
	const zone, other, mx, spf = "HostedZoneName: example.com., ", "HostedZoneName: example.net., ", "10 a.example.net", `'"v=spf1 -all"'`
	for name, c := range map[string]struct {
		set, question string
		want          bool
	}{
		"a known label":              {set("", `!Sub "bounce.${D}"`, "MX", mx), "bounce.example.com MX", true},
		"another label":              {set("", `!Sub "bounce.${D}"`, "MX", mx), "mail.example.com MX", false},
		"a longer label":             {set("", `!Sub "bounce.${D}"`, "MX", mx), "a-bounce.example.com MX", false},
		"another type":               {set("", `!Sub "bounce.${D}"`, "MX", mx), "bounce.example.com TXT", false},
		"a known end":                {set("", `!Sub "${S}.example.com."`, "MX", mx), "bounce.example.com MX", true},
		"another end":                {set("", `!Sub "${S}.example.com."`, "MX", mx), "bounce.example.net MX", false},
		"both ends":                  {set("", `!Sub "b.${S}.com"`, "TXT", spf), "b.example.com TXT", true},
		"both ends, another":         {set("", `!Sub "b.${S}.com"`, "TXT", spf), "c.example.com TXT", false},
		"all unknown":                {set(zone, `!Ref D`, "MX", mx), "bounce.example.com MX", true},
		"all unknown, other zone":    {set(other, `!Ref D`, "MX", mx), "bounce.example.com MX", false},
		"SPF":                        {set(zone, `!Ref D`, "TXT", spf), "bounce.example.com TXT", true},
		"SPF, for DMARC":             {set(zone, `!Ref D`, "TXT", spf), "_dmarc.example.com TXT", false},
		"SPF, for a key":             {set(zone, `!Ref D`, "TXT", spf), "s._domainkey.example.com TXT", false},
		"another text":               {set(zone, `!Ref D`, "TXT", `'"x"'`), "bounce.example.com TXT", false},
		"DMARC":                      {set(zone, `!Ref D`, "TXT", `'"v=DMARC1; p=none"'`), "_dmarc.example.com TXT", true},
		"a token":                    {set(zone, `!Ref D`, "TXT", `!Ref S`), "_amazonses.example.com TXT", true},
		"a token, of a subdomain":    {set(zone, `!Ref D`, "TXT", `!Ref S`), "_amazonses.mail.example.com TXT", true},
		"a token, known text":        {set(zone, `!Ref D`, "TXT", spf), "_amazonses.example.com TXT", false},
		"a token, zone unknown":      {set("", `!Ref D`, "TXT", `!Ref S`), "_amazonses.example.com TXT", false},
		"a token, another zone":      {set(other, `!Ref D`, "TXT", `!Ref S`), "_amazonses.example.com TXT", false},
		"unknown, for SPF":           {set(zone, `!Ref D`, "TXT", `!Ref S`), "example.com TXT", false},
		"unknown, for DMARC":         {set(zone, `!Ref D`, "TXT", `!Ref S`), "_dmarc.example.com TXT", false},
		"unknown, for a key":         {set(zone, `!Ref D`, "TXT", `!Ref S`), "s._domainkey.example.com TXT", false},
		"of the identity":            {set("", `!GetAtt Id.A`, "MX", mx), "bounce.example.org MX", true},
		"of another identity":        {set("", `!GetAtt Id.A`, "MX", mx), "bounce.example.com MX", false},
		"a CNAME":                    {set("", `!Sub "click.${D}"`, "CNAME", "a.example.net"), "click.example.com CNAME", true},
		"a CNAME of an unknown name": {set(zone, `!Ref D`, "CNAME", "a.example.net"), "click.example.com CNAME", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zones := &source.Zones{}
			path := write(t, t.TempDir(), "t.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nParameters: {D: {Type: String}, S: {Type: String}}\nResources: {Id: {Type: AWS::SES::EmailIdentity, Properties: {EmailIdentity: example.org}}, R: "+c.set+"}\n")
			if err := zones.AddPlans(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			owner, word, _ := strings.Cut(c.question, " ")
			typ, _ := record.ParseType(word)
			if _, ok := zones.Changes().Loose(record.Question{Name: record.MustName(owner), Type: typ}); ok != c.want {
				t.Errorf("got %v", ok)
			}
		})
	}
}

// TestPrivateTemplate: records of a private zone are not in public DNS.
func TestPrivateTemplate(t *testing.T) {
	t.Parallel()
	const text = `{"Resources": {"Z": {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.com", "VPCs": [{"VPCId": "v"}]}},
 "R": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneId": {"Ref": "Z"}, "Name": "b.example.com", "Type": "TXT", "ResourceRecords": ["\"x\""]}}}}`
	if got, want := readPlan(t, "t.json", text), "skipped: 1 TXT record, in t.json line 2: its zone is private, so it is not in public DNS"; got != want {
		t.Error(got)
	}
}

// TestPrivatePreview: records of a private zone that a preview makes are not in
// public DNS.
func TestPrivatePreview(t *testing.T) {
	t.Parallel()
	const text = `{"steps": [
 {"op": "create", "urn": "urn:pulumi:a::b::aws:route53/zone:Zone::z", "newState": {"inputs": {"name": "example.com", "vpcs": [{"vpcId": "v"}]}}},
 {"op": "create", "urn": "urn:pulumi:a::b::aws:route53/record:Record::r", "newState": {"inputs": {"name": "b.example.com", "records": ["x"], "type": "TXT", "zoneId": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
  "propertyDependencies": {"zoneId": ["urn:pulumi:a::b::aws:route53/zone:Zone::z"]}}}]}`
	if got, want := readPlan(t, "p.json", text), "skipped: 1 aws_route53_record, in p.json: its zone is private, so it is not in public DNS"; got != want {
		t.Error(got)
	}
}

package source_test

import (
	"maps"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
)

// TestPlannedCuts: NS records of every form of change delegate their name, unless
// they are those of a zone itself.
func TestPlannedCuts(t *testing.T) {
	t.Parallel()
	const zone = "$ORIGIN example.com.\n@ 300 IN SOA ns1 h 1 3600 600 86400 60\nx.bounce 300 IN MX 10 a\n"
	template := func(zone, name string) string {
		return "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  R:\n    Type: AWS::Route53::RecordSet\n    Properties: {HostedZoneName: " + zone + ", Name: " + name + ", Type: NS, ResourceRecords: [ns1.else.example]}\n"
	}
	batch := func(action, name string) string {
		return `{"Changes": [{"Action": "` + action + `", "ResourceRecordSet": {"Name": "` + name + `", "Type": "NS", "ResourceRecords": [{"Value": "ns1.else.example"}]}}]}`
	}
	for name, c := range map[string]struct {
		file, text string
		cut        bool
	}{
		"template":               {"t.yaml", template("example.com.", "bounce.example.com."), true},
		"template, zone's own":   {"t.yaml", template("bounce.example.com.", "bounce.example.com."), false},
		"batch":                  {"b.json", batch("UPSERT", "bounce.example.com."), true},
		"batch, zone's own":      {"b.json", batch("UPSERT", "example.com."), false},
		"batch, deleted":         {"b.json", batch("DELETE", "bounce.example.com."), false},
		"batch, another name":    {"b.json", batch("UPSERT", "news.example.com."), false},
		"batch, below the names": {"b.json", batch("UPSERT", "y.x.bounce.example.com."), false},
	} {
		zones := &source.Zones{}
		for file, text := range map[string]string{"example.com.zone": zone, c.file: c.text} {
			if err := zones.AddText(t.Context(), file, text); err != nil {
				t.Fatal(name, err)
			}
		}
		const at record.Name = "x.bounce.example.com"
		_, cut := zones.Changes().Cut(at)
		if cut != c.cut || (zones.Of(at) == nil) != c.cut {
			t.Errorf("%s: delegated %v, of zone %v", name, cut, zones.Of(at))
		}
	}
}

// TestHolds: the records of names that a plan delegates, or that are in a deleted
// zone, are not those of a CNAME chain in an answer of today.
func TestHolds(t *testing.T) {
	t.Parallel()
	zones := &source.Zones{}
	if err := zones.AddText(t.Context(), "plan.json", `{"format_version": "1.2", "resource_changes": [
	 {"address": "aws_route53_zone.z", "mode": "managed", "type": "aws_route53_zone", "name": "z", "change": {"actions": ["delete"], "before": {"name": "example.net"}, "after": null}},
	 {"address": "azurerm_dns_ns_record.n", "mode": "managed", "type": "azurerm_dns_ns_record", "name": "n", "change": {"actions": ["create"], "before": null,
	  "after": {"zone_name": "example.com", "name": "bounce", "records": ["ns1.else.example."]}}}]}`); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[record.Name]bool{"a.example.net": true, "a.bounce.example.com": true, "a.example.com": false} {
		if got := zones.Changes().Holds(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestDeletedElsewhere: a deleted zone with other name servers than the zone file is
// another zone, which is skipped with a message.
func TestDeletedElsewhere(t *testing.T) {
	t.Parallel()
	for server, want := range map[string]string{
		"ns1.example.com":  "",
		"ns1.else.example": "1 deleted zone, in plan.json: the zones of --zones show that its name servers do not answer for it",
	} {
		zones := &source.Zones{}
		for file, text := range map[string]string{
			"example.com.zone": "$ORIGIN example.com.\n@ 300 IN SOA ns1 h 1 3600 600 86400 60\n@ 300 IN NS ns1\n",
			"plan.json": `{"format_version": "1.2", "resource_changes": [{"address": "aws_route53_zone.z", "mode": "managed", "type": "aws_route53_zone", "name": "z",
			 "change": {"actions": ["delete"], "before": {"name": "example.com", "name_servers": ["` + server + `"]}, "after": null}}]}`,
		} {
			if err := zones.AddText(t.Context(), file, text); err != nil {
				t.Fatal(err)
			}
		}
		got := ""
		for _, s := range zones.Skipped() {
			got += s.String()
		}
		if _, gone := zones.Changes().Deleted("a.example.com"); got != want || gone != (want == "") {
			t.Errorf("%s: %q, deleted %v", server, got, gone)
		}
	}
}

// TestDeletedBelow: a deleted zone that the zone above does not delegate is not asked.
func TestDeletedBelow(t *testing.T) {
	t.Parallel()
	const soa = "$ORIGIN example.com.\n@ 300 IN SOA ns1 h 1 3600 600 86400 60\n@ 300 IN NS ns1\n"
	plan := planOf(resource("aws_route53_zone", "old", []string{"delete"}, object{"name": "mail.example.com", "name_servers": []string{"ns-9.example.net"}}, nil, object{}))
	for zone, want := range map[string]bool{"bounce.mail 300 IN MX 10 a.example.net.\n": false, "mail 300 IN NS ns-9.example.net.\n": true} {
		zones := &source.Zones{}
		for file, text := range map[string]string{"example.com.zone": soa + zone, "plan.json": plan} {
			if err := zones.AddText(t.Context(), file, text); err != nil {
				t.Fatal(err)
			}
		}
		if _, gone := zones.Changes().Deleted("bounce.mail.example.com"); gone != want || want == (len(zones.Skipped()) > 0) {
			t.Errorf("%q: deleted %v, skipped %v", zone, gone, zones.Skipped())
		}
	}
}

// TestDeletedWithItsZone: that a record is deleted counts, unless all of its zone is.
func TestDeletedWithItsZone(t *testing.T) {
	t.Parallel()
	gone, kept, made := []string{"delete"}, []string{"no-op"}, []string{"delete", "create"}
	for name, c := range map[string]struct {
		zone, record string
		actions      []string
		of, is       object
		drops        bool
	}{
		"Route 53":                  {"aws_route53_zone", "aws_route53_record", gone, object{"id": "Z1", "zone_id": "Z1"}, object{"zone_id": "Z1", "records": []string{"x"}}, false},
		"the zone stays":            {"aws_route53_zone", "aws_route53_record", kept, object{"id": "Z1", "zone_id": "Z1"}, object{"zone_id": "Z1", "records": []string{"x"}}, true},
		"the zone is made anew":     {"aws_route53_zone", "aws_route53_record", made, object{"id": "Z1", "zone_id": "Z1"}, object{"zone_id": "Z1", "records": []string{"x"}}, true},
		"another zone":              {"aws_route53_zone", "aws_route53_record", gone, object{"id": "Z1", "zone_id": "Z1"}, object{"zone_id": "Z2", "records": []string{"x"}}, true},
		"Cloudflare":                {"cloudflare_zone", "cloudflare_dns_record", gone, object{"id": "c1"}, object{"zone_id": "c1", "content": "x"}, false},
		"Azure, by the name":        {"azurerm_dns_zone", "azurerm_dns_txt_record", gone, object{"id": "/a"}, object{"zone_name": "example.com", "name": "a", "record": []object{{"value": "x"}}}, false},
		"of another provider":       {"aws_route53_zone", "azurerm_dns_txt_record", gone, object{"id": "Z1", "zone_id": "Z1"}, object{"zone_name": "example.com", "name": "a", "record": []object{{"value": "x"}}}, true},
		"DigitalOcean, by the name": {"digitalocean_domain", "digitalocean_record", gone, object{"id": "example.com"}, object{"domain": "example.com", "name": "a", "value": "x"}, false},
	} {
		zone, entry := object{"name": "example.com", "name_servers": []string{"ns.old.example"}}, object{"name": "a.example.com", "type": "TXT"}
		maps.Copy(zone, c.of)
		maps.Copy(entry, c.is)
		after := zone
		if c.actions[0] == "delete" {
			after = nil
		}
		if len(c.actions) > 1 {
			after = object{"name": "example.com"}
		}
		zones := &source.Zones{}
		plan := planOf(resource(c.record, "a", gone, entry, nil, object{}), resource(c.zone, "z", c.actions, zone, after, object{}))
		if err := zones.AddText(t.Context(), "plan.json", plan); err != nil {
			t.Fatal(err)
		}
		set := zones.Changes().At(record.Question{Name: "a.example.com", Type: record.TXT})
		if drops := set != nil && len(set.Gone) > 0; drops != c.drops {
			t.Errorf("%s: the plan drops the record: %v", name, drops)
		}
	}
}

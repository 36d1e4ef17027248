package command

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// rrsets are the records of a zone: their data by "OWNER TYPE".
type rrsets map[string][]string

func (s rrsets) each(do func(owner, typ string, data []string)) {
	for _, key := range slices.Sorted(maps.Keys(s)) {
		owner, typ, _ := strings.Cut(key, " ")
		do(owner, typ, s[key])
	}
}

// candidates are records that are right, wrong or beside the point. Of each RRset,
// some are taken.
var candidates = []struct {
	key  string
	most int
	data []string
}{
	{"bounce MX", 2, []string{"10 feedback-smtp.eu-west-1.amazonses.com.", "10 feedback-smtp.us-east-1.amazonses.com.", "20 mail.example.net.", "10 inbound-smtp.eu-west-1.amazonaws.com."}},
	{"bounce TXT", 2, []string{"v=spf1 include:amazonses.com ~all", "v=spf1 -all", "v=spf1 include:amazonses.com ip4:x ~all", "site-verification=a;b"}},
	{"@ TXT", 2, []string{"v=spf1 include:amazonses.com ~all", "v=spf1 ip4:192.0.2.1 +all", "V=SPF1 include:amazonses.com", "v=spf1 " + strings.Repeat("ip4:192.0.2.1 ", 20) + "include:amazonses.com -all"}},
	{"_dmarc TXT", 2, []string{"v=DMARC1; p=reject", "v=DMARC1; p=none; rua=mailto:a@example.com", "v=DMARC1;p=quarantine;", "v=DMARC1 p=reject"}},
	{"_amazonses TXT", 2, []string{"token", "Token", "amazonses:token"}},
	{"toka._domainkey CNAME", 1, []string{"toka.dkim.amazonses.com.", "toka.dkim.eu-west-2.amazonses.com.", "tokb.dkim.amazonses.com."}},
	{"tokb._domainkey CNAME", 1, []string{"tokb.dkim.amazonses.com."}},
	{"tokc._domainkey TXT", 1, []string{"tokc.dkim.amazonses.com", "p=x"}},
	{"click CNAME", 1, []string{"r.eu-west-1.awstrack.me.", "r.us-east-1.awstrack.me."}},
	{"*.any TXT", 1, []string{"v=spf1 -all"}},
}

// someRecords are records of a domain, the same for the same seed. Every name has an
// address, or a CNAME's one below it, so that it exists in any case: whether a name
// exists that loses all its records, a plan does not say.
func someRecords(seed uint64) rrsets {
	r := rand.New(rand.NewPCG(seed, 15))
	all := rrsets{}
	for _, c := range candidates {
		owner, typ, _ := strings.Cut(c.key, " ")
		if typ == "CNAME" {
			all["x."+owner+" A"] = []string{"192.0.2.1"}
		} else {
			all[owner+" A"] = []string{"192.0.2.1"}
		}
		order := r.Perm(len(c.data))
		for _, i := range order[:r.IntN(c.most+1)] {
			all[c.key] = append(all[c.key], c.data[i])
		}
	}
	return all
}

const formZones = 200

func formZone(i int) string { return fmt.Sprintf("d%d.example", i) }

// fqdn is the name of an owner, with the final dot.
func fqdn(owner, zone string) string {
	return strings.TrimPrefix(owner+"."+zone+".", "@.")
}

// strings255 are the strings of a TXT record.
func strings255(text string) (all []string) {
	for ; len(text) > 255; text = text[255:] {
		all = append(all, text[:255])
	}
	return append(all, text)
}

func quotedStrings(text string) string {
	return `"` + strings.Join(strings255(text), `" "`) + `"`
}

func asZoneFile(s rrsets, zone string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "$ORIGIN %s.\n%s", zone, soa)
	s.each(func(owner, typ string, data []string) {
		for _, d := range data {
			if typ == "TXT" {
				d = quotedStrings(d)
			}
			fmt.Fprintf(&b, "%s 300 IN %s %s\n", owner, typ, d)
		}
	})
	return b.String()
}

func asOctoDNS(s rrsets, _ string) string {
	zone := map[string][]map[string]any{}
	s.each(func(owner, typ string, data []string) {
		one := map[string]any{"type": typ, "ttl": 300}
		values := make([]any, len(data))
		for i, d := range data {
			switch preference, host, _ := strings.Cut(d, " "); typ {
			case "MX":
				n, _ := strconv.Atoi(preference)
				values[i] = map[string]any{"preference": n, "exchange": host}
			case "TXT":
				values[i] = strings.ReplaceAll(d, ";", `\;`)
			default:
				values[i] = d
			}
		}
		if one["values"] = values; len(values) == 1 {
			delete(one, "values")
			one["value"] = values[0]
		}
		owner = strings.TrimPrefix(owner, "@")
		zone[owner] = append(zone[owner], one)
	})
	text, _ := yaml.Marshal(zone)
	return string(text)
}

func asListing(s rrsets, zone string) string {
	type object = map[string]any
	sets := []object{{"Name": zone + ".", "Type": "SOA", "TTL": 300, "ResourceRecords": []object{{"Value": "ns1. h. 1 3600 600 86400 60"}}}}
	s.each(func(owner, typ string, data []string) {
		var values []object
		for _, d := range data {
			if typ == "TXT" {
				d = quotedStrings(d)
			}
			values = append(values, object{"Value": d})
		}
		sets = append(sets, object{"Name": strings.ReplaceAll(fqdn(owner, zone), "*", `\052`), "Type": typ, "TTL": 300, "ResourceRecords": values})
	})
	text, _ := json.Marshal(object{"ResourceRecordSets": sets})
	return string(text)
}

// attributes are those of an aws_route53_record.
func attributes(owner, zone, typ string, data []string) map[string]any {
	if data == nil {
		return nil
	}
	values := make([]string, len(data))
	for i, d := range data {
		values[i] = strings.TrimSuffix(d, ".")
		if typ == "TXT" {
			values[i] = strings.Trim(quotedStrings(d), `"`)
		}
	}
	return map[string]any{"zone_id": "Z1", "name": strings.TrimSuffix(fqdn(owner, zone), "."), "type": typ, "ttl": 300, "records": values}
}

// planned are the changes that make an RRset of each of before that of after.
func planned(before, after rrsets, zone string) (changes []any) {
	keys := rrsets{}
	maps.Copy(keys, before)
	maps.Copy(keys, after)
	keys.each(func(owner, typ string, _ []string) {
		was, is := before[owner+" "+typ], after[owner+" "+typ]
		action := "update"
		switch {
		case was == nil:
			action = "create"
		case is == nil:
			action = "delete"
		case slices.Equal(was, is):
			action = "no-op"
		}
		name := fmt.Sprintf("r%d", len(changes))
		changes = append(changes, map[string]any{
			"address": "module." + strings.ReplaceAll(zone, ".", "_") + ".aws_route53_record." + name, "mode": "managed", "type": "aws_route53_record", "name": name,
			"change": map[string]any{"actions": []string{action}, "before": attributes(owner, zone, typ, was), "after": attributes(owner, zone, typ, is), "after_unknown": map[string]any{}},
		})
	})
	return changes
}

func asPlan(changes []any) string {
	text, _ := json.Marshal(map[string]any{"format_version": "1.2", "resource_changes": changes})
	return string(text)
}

// asState is the state when a plan was applied.
func asState(changes []any) string {
	var resources []any
	for _, c := range changes {
		c := c.(map[string]any)
		resources = append(resources, map[string]any{"address": c["address"], "mode": "managed", "type": c["type"], "name": c["name"], "values": c["change"].(map[string]any)["after"]})
	}
	text, _ := json.Marshal(map[string]any{"format_version": "1.0", "values": map[string]any{"root_module": map[string]any{"child_modules": []any{map[string]any{"address": "module.x", "resources": resources}}}}})
	return string(text)
}

// TestFormsAgree: the same records give the same findings, whichever form they are
// in: zone file, octoDNS, Route 53 listing, Terraform plan, and its state. A plan laid
// over a zone gives those of the zone that comes of it.
func TestFormsAgree(t *testing.T) {
	t.Chdir(t.TempDir())
	put := func(path, text string) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("common/amazonses.com.zone", "$ORIGIN amazonses.com.\n"+soa+"@ 300 IN TXT \"v=spf1 ip4:199.255.192.0/22 -all\"\n*.dkim 300 IN TXT \"p=\"\n")
	file := "version: 1\ndefaults: {region: eu-west-1, dkim: [toka, tokb, tokc], mail_from: bounce, spf: [amazonses.com], dmarc: reject, verification: token, tracking: click}\ndomains:\n"
	var created, changed []any
	for i := range formZones {
		zone, records, before := formZone(i), someRecords(uint64(i)), someRecords(uint64(i+formZones))
		file += "  " + zone + ": {}\n"
		put("zone/"+zone+".zone", asZoneFile(records, zone))
		put("before/"+zone+".zone", asZoneFile(before, zone))
		put("empty/"+zone+".zone", asZoneFile(nil, zone))
		put("octodns/"+zone+".yaml", asOctoDNS(records, zone))
		put("listing/"+zone+".json", asListing(records, zone))
		created = append(created, planned(nil, records, zone)...)
		changed = append(changed, planned(before, records, zone)...)
	}
	put("sescheck.yaml", file)
	put("created.json", asPlan(created))
	put("changed.json", asPlan(changed))
	put("state.json", asState(created))
	want := findingsWith(t, "--zones", "zone")
	if n := len(want); n < 5*formZones {
		t.Fatalf("only %d findings", n)
	}
	for name, args := range map[string][]string{
		"octoDNS":          {"--zones", "octodns"},
		"listing":          {"--zones", "listing"},
		"plan":             {"--zones", "empty", "--plan", "created.json"},
		"state":            {"--zones", "empty", "--plan", "state.json"},
		"plan over a zone": {"--zones", "before", "--plan", "changed.json"},
	} {
		if diff := cmp.Diff(want, findingsWith(t, args...)); diff != "" {
			t.Errorf("%s: zone file -, %s +\n%.4000s", name, name, diff)
		}
	}
}

// findingsWith are the findings of the program, without what is of the form: where a
// record is made, and how long an absence may be kept.
func findingsWith(t *testing.T, args ...string) (all []string) {
	t.Helper()
	out, errs, code := run(t, append([]string{"check", "--offline", "--zones", "common", "--format", "json"}, args...)...)
	if code != "1" || errs != "" && !strings.HasPrefix(errs, "FAILED") {
		t.Fatalf("exit %s: %s", code, errs)
	}
	var r struct {
		Findings []map[string]any
		Domains  []map[string]any
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Concat(r.Findings, r.Domains) {
		for _, of := range []string{"source", "evidence", "first_seen", "ses_until", "duration_ms"} {
			delete(f, of)
		}
		if f["check"] == "record-unclaimed" { // its place is that of the record
			delete(f, "location")
		}
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

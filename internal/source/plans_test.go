package source_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/source"
)

var update = flag.Bool("update", false, "write what plans say to testdata")

// TestRealPlans: plans and states of Terraform itself, with stand-ins for the
// providers, and templates of CDK (aws-cdk-lib 2.276.0, `node app.js`) say what they
// do, with the line of each resource. The resources of Terraform are all those that
// are read; next is the plan of a change to all.
func TestRealPlans(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"terraform/all/plan.json", "terraform/all/state.json", "terraform/next/plan.json", "cdk/Mail.template.json", "cdk/Fresh.template.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", filepath.FromSlash(name))
			zones := &source.Zones{}
			if err := zones.AddPlans(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			got := filepath.ToSlash(strings.ReplaceAll(said(zones), filepath.Dir(path)+string(filepath.Separator), ""))
			golden := strings.TrimSuffix(path, ".json") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// said is all that changes say.
func said(zones *source.Zones) string {
	c := zones.Changes()
	var places []string
	for _, q := range c.Sets() {
		for _, r := range slices.Concat(c.At(q).Records, c.At(q).Gone) {
			places = append(places, fmt.Sprintf("%s at %s to line %d", q, r.Place, r.End))
		}
	}
	for _, p := range c.Promises() {
		places = append(places, fmt.Sprintf("promised at %s to line %d: %+v, %+v in %s", p.Place, p.End, p.Name, p.Values, p.Zone))
	}
	for _, id := range c.Identities() {
		places = append(places, "identity at "+id.Place.String())
		id.Place = source.Place{}
		text, _ := json.Marshal(id)
		places = append(places, "  "+string(text))
	}
	for _, h := range c.Hosted() {
		places = append(places, fmt.Sprintf("zone %s at %s: %v, new %v", h.Apex, h.Place, h.NameServers, h.New))
	}
	return shown(zones) + "\n" + strings.Join(places, "\n") + "\n"
}

// FuzzPlan: whatever a change is, reading it does not panic, and every name that
// will exist has all names above it.
func FuzzPlan(f *testing.F) {
	for _, path := range []string{"all/plan.json", "next/plan.json", "first-apply/plan.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", "terraform", filepath.FromSlash(path)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add("plan.json", string(text))
	}
	f.Add("t.json", `{"Resources": {"A": {"Type": "AWS::Route53::RecordSet", "Properties": {"Name": {"Fn::Join": ["", ["a", {"Ref": "B"}]]}, "Type": "MX", "ResourceRecords": ["1 a"]}}}}`)
	f.Add("t.yaml", "Resources:\n  A: {Type: AWS::Route53::RecordSet, Properties: {Name: !Sub 'a.${B}', Type: TXT, ResourceRecords: [!GetAtt [C, D]]}}\n")
	f.Add("p.json", `{"steps": [{"op": "create", "urn": "urn:pulumi:a::b::aws:route53/record:Record::c", "newState": {"inputs": {"name": "a", "records": ["1 a"], "type": "MX", "zoneId": "z"}, "propertyDependencies": {"zoneId": ["x"]}}}]}`)
	f.Add("b.json", `{"Changes": [{"Action": "DELETE", "ResourceRecordSet": {"Name": "\\052.a.", "Type": "A", "ResourceRecords": [{"Value": "192.0.2.1"}]}}]}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		if filepath.Base(name) != name || strings.ContainsAny(name, "\x00/\\") || name == "." || name == ".." || name == "" || len(name) > 50 {
			return
		}
		zones := &source.Zones{}
		_ = zones.AddText(t.Context(), name, text)
		c := zones.Changes()
		for _, q := range c.Sets() {
			if s := c.At(q); s.Answers() && !c.Has(q.Name) {
				t.Fatalf("%s does not exist", q.Name)
			}
			if c.Has(q.Name) && q.Name.Labels() > 1 && !c.Has(q.Name.Parent()) {
				t.Fatalf("%s does not exist", q.Name.Parent())
			}
		}
		_ = said(zones)
	})
}

// FuzzZones: whatever a zone of another form is, reading it does not panic, and
// every record is in its zone.
func FuzzZones(f *testing.F) {
	f.Add("example.com.yaml", octo)
	f.Add("z.json", `{"ResourceRecordSets": [{"Name": "a.", "Type": "SOA", "ResourceRecords": [{"Value": "a b 1 1 1 1 1"}]}, {"Name": "b.a.", "Type": "TXT", "AliasTarget": {"DNSName": "a."}}]}`)
	f.Add("i.json", `{"registrars": [], "domains": [{"name": "a", "keepunknown": "true", "records": [{"type": "MX", "name": "@", "target": "b."}]}]}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		zones := &source.Zones{}
		_ = zones.AddElsewhere(t.Context(), []source.Elsewhere{{Path: filepath.Base(name), Open: reader(text)}}, true)
		for _, z := range zones.All() {
			for _, r := range z.Records {
				if !r.Owner.In(z.Apex) {
					t.Fatalf("%s is not in %s", r.Owner, z.Apex)
				}
			}
		}
	})
}

func reader(text string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

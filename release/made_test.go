package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"
)

// TestMadeComponents holds the lists of components that .ci/release made against
// the schemas of CycloneDX, which the tool's library brings, and looks for what users
// want to find: licences and serial numbers.
func TestMadeComponents(t *testing.T) {
	dist := os.Getenv("SESCHECK_DIST")
	if dist == "" {
		t.Skip("only .ci/release makes a release")
	}
	schemas, err := exec.Command("go", "-C", filepath.Join("..", tools), "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	loader := gojsonschema.NewSchemaLoader()
	load := func(name string) gojsonschema.JSONLoader {
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(schemas)), "schema", name))
		if err != nil {
			t.Fatal(err)
		}
		return gojsonschema.NewBytesLoader(text)
	}
	if err := loader.AddSchemas(load("jsf-0.82.schemax.json"), load("spdx.schema.json")); err != nil {
		t.Fatal(err)
	}
	schema, err := loader.Compile(load("bom-1.6.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	lists, err := filepath.Glob(filepath.Join(dist, "*.cdx.json"))
	if err != nil || len(lists) != len(platforms) {
		t.Fatalf("%d lists: %v", len(lists), err)
	}
	serials := map[string]bool{}
	for _, path := range lists {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		result, err := schema.Validate(gojsonschema.NewBytesLoader(text))
		if err != nil || !result.Valid() {
			t.Fatalf("%s: %v %v", path, err, result.Errors())
		}
		var list struct {
			SpecVersion, SerialNumber string
			Components                []struct {
				Name     string
				Licenses []any
				Evidence struct{ Licenses []any }
			}
		}
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatal(err)
		}
		serials[list.SerialNumber] = true
		for _, c := range list.Components {
			if len(c.Licenses)+len(c.Evidence.Licenses) == 0 && c.Name != "std" {
				t.Errorf("%s: %s has no licence", filepath.Base(path), c.Name)
			}
		}
		if list.SpecVersion != "1.6" || len(list.Components) < 20 {
			t.Errorf("%s: CycloneDX %s, %d components", path, list.SpecVersion, len(list.Components))
		}
	}
	if len(serials) != len(platforms) {
		t.Errorf("%d serial numbers for %d lists", len(serials), len(platforms))
	}
}

package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"
)

// reportSchema is docs/report.schema.json without permission for additional keys:
// the schema must have each written key.
func reportSchema(t *testing.T) *gojsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var closeAll func(any)
	closeAll = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, w := range v {
				closeAll(w)
			}
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok && v["type"] == "object" {
				v["additionalProperties"] = false
				for key, p := range properties {
					if p, ok := p.(map[string]any); ok && p["description"] == nil && p["$ref"] == nil {
						t.Errorf("%s has no description", key)
					}
				}
			}
			for _, w := range v {
				closeAll(w)
			}
		}
	}
	closeAll(root)
	schema, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(root))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validReport fails the test unless the schema has a report.
func validReport(t *testing.T, schema *gojsonschema.Schema, what, text string) {
	t.Helper()
	result, err := schema.Validate(gojsonschema.NewStringLoader(text))
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	for _, e := range result.Errors() {
		t.Errorf("%s: %s", what, e)
	}
}

// TestReportSchema: the JSON reports in the stories match docs/report.schema.json, as
// do those of a shard and with a baseline. TestNothingIsObeyed has a fresh one of
// every story.
func TestReportSchema(t *testing.T) {
	t.Parallel()
	schema := reportSchema(t)
	for _, dir := range scenarios(t) {
		if kept, err := os.ReadFile(filepath.Join(dir, "want.json")); err == nil {
			text, _, _ := strings.Cut(string(kept), "\nexit ")
			validReport(t, schema, dir, strings.ReplaceAll(text, `"TIME"`, `"2026-11-23T12:00:00Z"`))
		}
	}
	if out, errs, _ := offline(t, "--shard", "1/2", "--format", "json"); errs == "" {
		validReport(t, schema, "a shard", out)
	} else {
		t.Error(errs)
	}
	path := filepath.Join(t.TempDir(), "report.json")
	offline(t, "--write", "json="+path, "--check", "spf-*")
	out, _, _ := offline(t, "--baseline", path, "--format", "json", "--domain", "shop.example")
	validReport(t, schema, "with a baseline", out)
}

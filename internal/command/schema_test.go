package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xeipuuv/gojsonschema"
	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/docs"
	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/ses"
)

// inexpressible are the messages of mistakes that a JSON Schema cannot express.
// Each has a file in the testdata of package config.
var inexpressible = []string{
	`is not under `,                   // a MAIL FROM name and its domain
	`is the domain itself`,            // a MAIL FROM name and its domain
	`(is listed twice|appears twice)`, // written in two ways
	`needs? a region`,                 // defaults may have it
	`cannot be combined with the identities of defaults`, // defaults may have it
	`has a selector but no public_key`,                   // defaults may have it, and a sender needs none
	`is not a valid international domain name`,           //
	`is too long: the names of its records`,              //
	`is (not a valid glob|too long for a glob)`,          //
	`has brackets with characters that are not ASCII`,    //
	`there is no check`,                                  // that a glob matches
	`(public_key cannot be read|is an Ed25519 key)`,      //
	`<< is a mapping`,                                    // merge keys are gone when a schema looks
	`there is a control character`,                       // in a comment
}

// sample is a file on which decoder and schema must agree.
type sample struct{ name, text string }

// samples returns the files of stories, examples and documents, and the mistakes of
// package config.
func samples(t *testing.T) (all []sample) {
	t.Helper()
	const root = "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		switch {
		case err != nil:
		case strings.HasSuffix(path, ".md"):
			for _, m := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
				if strings.Contains("\n"+m[1], "\nversion: 1\n") {
					all = append(all, sample{path, m[1]})
				}
			}
		case strings.HasSuffix(path, ".yaml") && strings.Contains("\n"+string(text), "\nversion: 1\n"):
			all = append(all, sample{path, string(text)})
		case strings.HasPrefix(path, filepath.Join(root, "internal/config/testdata")) && strings.HasSuffix(path, ".txt"):
			for part := range strings.SplitSeq("\n"+string(text), "\n=== ") {
				name, rest, _ := strings.Cut(part, "\n")
				text, _, ok := strings.Cut(rest, ">>>\n")
				if ok {
					all = append(all, sample{path + ": " + name, shorthand.Replace(text)})
				}
			}
		}
		return err
	})
	if err != nil || len(all) < 700 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}

// shorthand is that of the stories of package config.
var shorthand = strings.NewReplacer(
	".domain\n", "version: 1\ndomains:\n  example.com:\n",
	".good\n", "version: 1\ndomains:\n  example.com: {region: eu-west-1}\n",
	"<TAB>", "\t", "<CR>", "\r", "<NUL>", "\x00", "<BOM>", "\ufeff", "<FF>", "\xff", "<LS>", "\u2028", "<RLO>", "\u202e", "<ESC>", "\x1b",
)

// instance converts a YAML node to JSON as editors do. ok is false for nodes
// without a JSON form, which a schema never sees.
func instance(n *yaml.Node, depth int) (v any, ok bool) {
	if depth > 100 {
		return nil, false
	}
	switch n.Kind {
	case yaml.AliasNode:
		return instance(n.Alias, depth+1)
	case yaml.DocumentNode:
		return instance(n.Content[0], depth+1)
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			v, ok := instance(c, depth+1)
			if !ok {
				return nil, false
			}
			list = append(list, v)
		}
		return list, true
	case yaml.MappingNode:
		m := map[string]any{}
		var merged []any
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			v, ok := instance(n.Content[i+1], depth+1)
			if key.Kind == yaml.AliasNode {
				key = key.Alias
			}
			if _, twice := m[key.Value]; !ok || twice || key.Kind != yaml.ScalarNode {
				return nil, false
			}
			if key.Tag == "!!merge" {
				merged = append(merged, v)
				continue
			}
			m[key.Value] = v
		}
		return merge(m, merged)
	}
	var f float64
	var b bool
	switch n.Tag {
	case "!!null":
		return nil, true
	case "!!int", "!!float":
		err := n.Decode(&f)
		_, asJSON := json.Marshal(f)
		return f, err == nil && asJSON == nil
	case "!!bool":
		err := n.Decode(&b)
		return b, err == nil
	case "!!str", "!!timestamp":
		return n.Value, true
	}
	return nil, false // another tag
}

// merge resolves merge keys into a mapping.
func merge(m map[string]any, from []any) (any, bool) {
	if len(from) > 1 {
		return nil, false
	}
	for _, f := range from {
		switch f := f.(type) {
		case []any:
			for _, one := range f {
				if _, ok := merge(m, []any{one}); !ok {
					return nil, false
				}
			}
		case map[string]any:
			for k, v := range f {
				if _, have := m[k]; !have {
					m[k] = v
				}
			}
		default:
			return nil, false
		}
	}
	return m, true
}

// TestSchemaAndDecoder: schema and decoder accept the same files, except for
// mistakes that a schema cannot express.
func TestSchemaAndDecoder(t *testing.T) {
	t.Parallel()
	schema, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(docs.FileSchema))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	taken, refused := 0, 0
	for _, s := range samples(t) {
		file, problems := config.Parse("f", []byte(s.text))
		if file != nil {
			problems = append(problems, config.UnknownChecks(file, app.CheckIDs())...)
		}
		var doc, more yaml.Node
		d := yaml.NewDecoder(strings.NewReader(strings.TrimPrefix(s.text, "\ufeff")))
		if d.Decode(&doc) != nil || !errors.Is(d.Decode(&more), io.EOF) {
			continue // editors report it without a schema
		}
		v, ok := instance(&doc, 0)
		if !ok {
			continue
		}
		result, err := schema.Validate(gojsonschema.NewGoLoader(v))
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		var messages []string
		for _, p := range problems {
			messages = append(messages, p.String())
		}
		switch {
		case len(messages) == 0 && result.Valid():
			taken++
		case len(messages) == 0:
			t.Errorf("%s: the schema refuses it: %v\n%s", s.name, result.Errors(), s.text)
		case !result.Valid():
			refused++
		default:
			for _, line := range messages {
				i := slices.IndexFunc(inexpressible, func(p string) bool { return regexp.MustCompile(p).MatchString(line) })
				if i < 0 {
					t.Errorf("%s: the schema takes it: %s", s.name, line)
					continue
				}
				seen[inexpressible[i]] = true
			}
		}
	}
	for _, p := range inexpressible {
		if !seen[p] {
			t.Errorf("the schema sees it: %s", p)
		}
	}
	if taken < 500 || refused < 120 {
		t.Errorf("%d were taken, and %d refused", taken, refused)
	}
	t.Logf("%d taken, %d refused", taken, refused)
}

// TestSchemaTables: the schema has the existing checks and regions.
func TestSchemaTables(t *testing.T) {
	t.Parallel()
	const path = "../../docs/sescheck.schema.json"
	var regions []string
	for _, r := range ses.Regions() {
		regions = append(regions, r.Name)
	}
	got := string(docs.FileSchema)
	for before, words := range map[string][]string{`"propertyNames": \{\s*"enum": `: app.CheckIDs(), `"regionName": \{\s*"anyOf": \[\s*\{\s*"enum": `: regions} {
		list := strings.ReplaceAll(fmt.Sprintf("%q", words), `" "`, `", "`)
		array := regexp.MustCompile(`(` + before + `)\[[^\]]*\]`)
		if !array.MatchString(got) {
			t.Fatalf("there is no %s", before)
		}
		got = array.ReplaceAllString(got, "${1}"+list)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(docs.FileSchema), got); diff != "" {
		t.Errorf("docs/sescheck.schema.json is not current; run go generate ./...: have -, want +\n%s", diff)
	}
}

// TestSchemaDescribes: every key has a description and examples, and the examples
// are right.
func TestSchemaDescribes(t *testing.T) {
	t.Parallel()
	var root map[string]any
	if err := json.Unmarshal(docs.FileSchema, &root); err != nil {
		t.Fatal(err)
	}
	keys := 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for i, w := range v {
				walk(fmt.Sprintf("%s/%d", at, i), w)
			}
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok && !strings.HasSuffix(at, "/properties") {
				for key, p := range properties {
					keys++
					tellsKey(t, root, at+"/properties/"+key, p.(map[string]any))
				}
			}
			for key, w := range v {
				if key != "examples" {
					walk(at+"/"+key, w)
				}
			}
		}
	}
	walk("#", root)
	if keys < 45 {
		t.Errorf("only %d keys were found", keys)
	}
}

func tellsKey(t *testing.T, root map[string]any, at string, p map[string]any) {
	t.Helper()
	definitions := root["definitions"].(map[string]any)
	definition := p
	if ref, ok := p["$ref"].(string); ok {
		definition = definitions[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
	}
	description, _ := definition["description"].(string)
	examples, _ := definition["examples"].([]any)
	if len(description) < 10 || len(examples) == 0 {
		t.Errorf("%s has no description, or no examples", at)
	}
	one := map[string]any{"definitions": definitions, "allOf": []any{definition}}
	schema, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(one))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if result, err := schema.Validate(gojsonschema.NewGoLoader(e)); err != nil || !result.Valid() {
			t.Errorf("%s: example %v: %v", at, e, err)
		}
	}
}

// TestSchemaCommand: the command prints the schema, and its id is a URL of the
// schema.
func TestSchemaCommand(t *testing.T) {
	t.Parallel()
	out, errs, code := run(t, "schema")
	if code != "0" || errs != "" || out != string(docs.FileSchema) {
		t.Errorf("exit %s: %s", code, errs)
	}
	if !strings.Contains(out, `"$id": "https://raw.githubusercontent.com/sescheck/sescheck/main/docs/sescheck.schema.json"`) {
		t.Error("another $id")
	}
}

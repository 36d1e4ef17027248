package config

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// section is a part of docs/config.md.
type section struct {
	title string
	rows  [][]string // of its table, without the head
	yaml  []string
	plain []string // blocks that are not YAML
}

// manual reads docs/config.md.
func manual(t *testing.T) (all []section) {
	t.Helper()
	text, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	for part := range strings.SplitSeq("\n"+string(text), "\n#") {
		title, body, _ := strings.Cut(part, "\n")
		s := section{title: strings.Trim(title, "# `")}
		for _, m := range block.FindAllStringSubmatch(body, -1) {
			if m[1] == "yaml" {
				s.yaml = append(s.yaml, m[2])
			} else {
				s.plain = append(s.plain, m[2])
			}
		}
		for line := range strings.SplitSeq(block.ReplaceAllString(body, ""), "\n") {
			if row, ok := strings.CutPrefix(line, "| "); ok {
				s.rows = append(s.rows, strings.Split(strings.TrimSuffix(row, " |"), " | "))
			}
		}
		if len(s.rows) > 0 {
			s.rows = s.rows[1:]
		}
		all = append(all, s)
	}
	return all
}

// Update is set where goldens and generated documents are written anew.
var Update = flag.Bool("update", false, "rewrite testdata and the generated parts of docs")

// manualTables are the tables of keys in docs/config.md by their section.
var manualTables = map[string]*level{
	"Top of the file": topLevel, "Keys of a domain": domainLevel, "dkim": dkimLevel, "mail_from": mailFromLevel,
	"receiving": receivingLevel, "tracking": trackingLevel, "spf": spfLevel, "dmarc": dmarcLevel, "ignore": ignoreLevel,
}

// TestManualTables: the tables of keys in the manual are those of the code, and
// each key of the top of the file and of a domain has a section.
func TestManualTables(t *testing.T) {
	rewritten(t, "../../docs/config.md", func(text string) string {
		for title, l := range manualTables {
			heading := regexp.MustCompile("(?m)^#+ `?" + regexp.QuoteMeta(title) + "`?$").FindStringIndex(text)
			if heading == nil {
				t.Fatalf("the manual has no section %s", title)
			}
			table := regexp.MustCompile(`(?m)^\|---\|---\|---\|---\|\n((?:\|.*\n)*)`).FindStringSubmatchIndex(text[heading[1]:])
			var rows strings.Builder
			for _, r := range l.rows {
				fmt.Fprintf(&rows, "| `%s` | %s | %s| %s |\n", r.name, r.kind, strings.TrimPrefix(r.standard+" ", " "), r.about)
			}
			text = text[:heading[1]+table[2]] + rows.String() + text[heading[1]+table[3]:]
		}
		return text
	})
	for _, key := range append(slices.Clone(domainLevel.keys), "defaults", "domains", "checks", "ignore") {
		if !slices.ContainsFunc(manual(t), func(s section) bool { return s.title == key }) {
			t.Errorf("the manual has no section for %s", key)
		}
	}
}

// TestSchemaProperties: the properties in the JSON Schema are those of the tables.
func TestSchemaProperties(t *testing.T) {
	rewritten(t, "../../docs/sescheck.schema.json", func(text string) string {
		for definition, l := range map[string]*level{
			"domainKeys": domainLevel, "identity": identityLevel, "dkimFields": dkimLevel, "mailFromFields": mailFromLevel,
			"receiving": receivingLevel, "tracking": trackingLevel, "spfFields": spfLevel, "dmarcFields": dmarcLevel, "ignore": ignoreLevel,
		} {
			var properties []string
			for _, r := range l.rows {
				properties = append(properties, fmt.Sprintf("%q: {\n%s\n}", r.name, indented(r.schema)))
			}
			text = replaceMembers(t, text, properties, "\"properties\": {", "\n  \"definitions\": {\n", "\n    \""+definition+"\": {\n")
		}
		var required []string
		for _, key := range identityLevel.keys {
			required = append(required, fmt.Sprintf("{\n  \"required\": [%q]\n}", key))
		}
		return replaceMembers(t, text, required, "\"anyOf\": [", "\"dependencies\": {\n")
	})
}

// replaceMembers replaces the text between brackets that open at the end of a
// line, the first ones after other texts.
func replaceMembers(t *testing.T, text string, members []string, open string, after ...string) string {
	t.Helper()
	from := 0
	for _, a := range after {
		i := strings.Index(text[from:], a)
		if i < 0 {
			t.Fatalf("there is no %q", a)
		}
		from += i + len(a) - 1 // the line end may begin the next text
	}
	found := regexp.MustCompile(`(?m)^( *)` + regexp.QuoteMeta(open) + `\n`).FindStringSubmatchIndex(text[from:])
	if found == nil {
		t.Fatalf("there is no %q after %q", open, after)
	}
	margin, start := text[from+found[2]:from+found[3]], from+found[1]
	end := start + strings.Index(text[start:], "\n"+margin+closers[open[len(open)-1]])
	inside := margin + "  " + strings.ReplaceAll(strings.Join(members, ",\n"), "\n", "\n"+margin+"  ")
	return text[:start] + inside + text[end:]
}

var closers = map[byte]string{'{': "}", '[': "]"}

func indented(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

// rewritten holds a file against its text with the generated parts written anew.
func rewritten(t *testing.T, path string, generate func(string) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := generate(string(text))
	if *Update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s is not current; run go generate ./...: have -, want +\n%s", path, diff)
	}
}

// TestManualExamples: what the manual shows is right, or as wrong as it says.
func TestManualExamples(t *testing.T) {
	examples := 0
	for _, s := range manual(t) {
		for _, text := range s.yaml {
			if !strings.HasPrefix(text, "version:") {
				text = "version: 1\ndefaults: {region: eu-west-1}\ndomains:\n  example.com:\n    " + strings.ReplaceAll(text, "\n", "\n    ")
			}
			examples++
			if _, ps := Parse("f", []byte(text)); len(ps) > 0 {
				t.Errorf("%s: %v\n%s", s.title, ps, text)
			}
		}
		if s.title == "What is wrong" {
			_, ps := Parse("sescheck.yaml", []byte("version: 1\ndomains:\n  example.com:\n    region: Europe (Ireland)\n    mailfrom: bounce\n"))
			var listed strings.Builder
			for _, p := range ps {
				fmt.Fprintln(&listed, p)
			}
			if diff := cmp.Diff([]string{listed.String()}, s.plain); diff != "" {
				t.Error(diff)
			}
		}
	}
	if examples < 10 {
		t.Errorf("only %d examples were found", examples)
	}
}

func TestManualBounds(t *testing.T) {
	want := []string{
		fmt.Sprint(MaxFileSize>>20) + " MiB", fmt.Sprint(MaxSize>>20) + " MiB", fmt.Sprint(untrusted.MaxFiles), fmt.Sprint(untrusted.MaxEntries), fmt.Sprint(untrusted.MaxLevels),
		fmt.Sprint(MaxDomains), fmt.Sprint(MaxIdentities), fmt.Sprint(MaxTokens), fmt.Sprint(MaxIncludes),
		fmt.Sprint(MaxIgnores), fmt.Sprint(MaxGlobs), fmt.Sprint(yamltext.MaxValues), fmt.Sprint(MaxCopies), fmt.Sprint(MaxDepth), fmt.Sprint(maxProblems),
	}
	var got []string
	for _, s := range manual(t) {
		if s.title == "Limits" {
			for _, row := range s.rows {
				got = append(got, row[1])
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

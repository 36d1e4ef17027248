package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// FuzzParse: no file makes Parse panic or take long; every problem is one line
// that commands nobody and has a place in the file; reading in pieces makes no
// difference; and no key of an accepted file is ignored.
func FuzzParse(f *testing.F) {
	stories, _ := filepath.Glob("testdata/*.txt")
	for _, path := range stories {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for part := range strings.SplitSeq(string(data), "\n=== ") {
			text, _, _ := strings.Cut(part, "\n>>>\n")
			_, text, _ = strings.Cut(text, "\n")
			f.Add(strings.Replace(text, ".domain\n", "version: 1\ndomains:\n  example.com:\n", 1) + "\n")
		}
	}
	files, _ := filepath.Glob("testdata/files/*.yaml")
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		began := time.Now()
		_, ps := Parse("f", []byte(text))
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("took %s", took)
		}
		lines := strings.Count(text, "\n") + 1
		for _, p := range ps {
			s := p.String()
			if strings.ContainsAny(s, "\n\r\x1b\x00") || strings.Contains(s, "##[") || !strings.HasPrefix(s, "f:") {
				t.Errorf("unsafe: %q", s)
			}
			if p.Line > lines || p.Line < 0 || p.Column < 0 {
				t.Errorf("no such place: %s", s)
			}
			for _, slip := range []string{"yaml.", "%!"} {
				if strings.Contains(s, slip) && !strings.Contains(text, slip) {
					t.Errorf("not for people: %s", s)
				}
			}
		}
		if _, what := newText([]byte(strings.TrimPrefix(text, byteOrderMark))).unreadable(); what == "" {
			inPieces(t, []byte(text))
		}
		if len(ps) == 0 {
			noKeyIgnored(t, text)
		}
	})
}

// noKeyIgnored renames each key of an accepted file in turn, which must make a
// problem. The names of domains and checks are free.
func noKeyIgnored(t *testing.T, text string) {
	text = strings.TrimPrefix(text, byteOrderMark)
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	var keys []*yaml.Node
	plain := true
	var collect func(n *yaml.Node, free bool)
	collect = func(n *yaml.Node, free bool) {
		plain = plain && n.Kind != yaml.AliasNode && n.Anchor == ""
		for i, c := range n.Content {
			key := n.Kind == yaml.MappingNode && i%2 == 0
			if key && !free {
				keys = append(keys, c)
			}
			under := n.Kind == yaml.MappingNode && i%2 == 1 && n == doc.Content[0] && (n.Content[i-1].Value == "domains" || n.Content[i-1].Value == "checks")
			collect(c, under)
		}
	}
	collect(doc.Content[0], false)
	if !plain || len(keys) > 200 {
		return
	}
	lines := strings.SplitAfter(text, "\n")
	for _, k := range keys {
		line := []rune(lines[k.Line-1])
		at := k.Column - 1
		if line[at] == '"' || line[at] == '\'' {
			at++
		}
		if k.Style&(yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
			continue
		}
		changed := append([]string{}, lines...)
		changed[k.Line-1] = string(line[:at]) + "zz" + string(line[at:])
		if _, ps := Parse("f", []byte(strings.Join(changed, ""))); len(ps) == 0 {
			t.Errorf("key %q in line %d column %d is ignored\n%s", k.Value, k.Line, k.Column, text)
		}
	}
}

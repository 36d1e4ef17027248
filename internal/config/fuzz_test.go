package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config/configtest"
	"github.com/sescheck/sescheck/internal/config/yamltext"
)

// FuzzParse: no file makes Parse panic or take long; every problem is one line
// that commands nobody and has a place in the file; reading in pieces makes no
// difference; and nothing in an accepted file is ignored.
func FuzzParse(f *testing.F) {
	for _, text := range configtest.Texts(f, "testdata") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		began := time.Now()
		_, ps := Parse("f", []byte(text))
		if took := time.Since(began); took > time.Minute {
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
		if _, what := yamltext.New([]byte(text)).Unreadable(); what == "" {
			inPieces(t, []byte(text))
		}
		if len(ps) == 0 {
			nothingIgnored(t, text)
		}
	})
}

// nothingIgnored misspells each key of an accepted file in turn, and puts a
// mapping of its own in place of each value. Either must make a problem, or
// there is something that nobody reads. The names of domains and checks are
// free.
func nothingIgnored(t *testing.T, text string) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	problems := func() []Problem {
		text, err := yaml.Marshal(&doc)
		if err != nil {
			return []Problem{{Message: err.Error()}}
		}
		_, ps := Parse("f", text)
		return ps
	}
	if len(text) > 4096 || len(problems()) > 0 { // not every text comes back from yaml.v3 as it went in
		return
	}
	try := func(n *yaml.Node, what string, instead yaml.Node) {
		was := *n
		*n = instead
		if len(problems()) == 0 {
			t.Errorf("%s in line %d column %d is ignored\n%s", what, was.Line, was.Column, text)
		}
		*n = was
	}
	nonsense := yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Value: "zz"}, {Kind: yaml.ScalarNode, Value: "zz"},
	}}
	var walk func(n *yaml.Node, free bool)
	walk = func(n *yaml.Node, free bool) {
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 {
				if !free {
					try(c, "the key "+c.Value, yaml.Node{Kind: yaml.ScalarNode, Value: "zz" + c.Value})
				}
				continue
			}
			try(c, "the value "+c.Value, nonsense)
			walk(c, n == doc.Content[0] && slices.Contains([]string{"domains", "checks"}, n.Content[max(i-1, 0)].Value))
		}
	}
	walk(doc.Content[0], false)
}

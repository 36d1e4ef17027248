package yamltext

import (
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/hostile"
)

// FuzzWord: a text comes back from YAML as it was written, wherever a word can be,
// and no runner or terminal obeys it.
func FuzzWord(f *testing.F) {
	for _, s := range hostile.Words() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // YAML has no way to say it
		}
		w := Word(s)
		key := w
		if len(w) > 1024 { // no key on one line can be longer (YAML 1.2 section 7.4.3), and none of ours is
			key = Word("key")
		}
		text := "? " + w + "\n: - " + w + "\n  - [" + w + ", " + w + "]\n  - {" + key + ": " + w + "}\n"
		if found := hostile.Commands(text); len(found) > 0 {
			t.Errorf("the runner would obey %q", found)
		}
		if found := hostile.Characters(text); len(found) > 0 {
			t.Errorf("characters %q", found)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%q: %v in\n%s", s, err, text)
		}
		scalars := 0
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			if n.Kind == yaml.ScalarNode {
				scalars++
				if n.Value != s && (n.Value != "key" || key == w) {
					t.Errorf("%q came back as %q of\n%s", s, n.Value, text)
				}
			}
			for _, c := range n.Content {
				walk(c)
			}
		}
		walk(&doc)
		if scalars != 6 {
			t.Errorf("%q makes %d scalars of\n%s", s, scalars, text)
		}
	})
}

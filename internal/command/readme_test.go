package command

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPictures: what documents show is what their commands print about the
// examples, run offline.
func TestPictures(t *testing.T) {
	t.Parallel()
	const root = "../../"
	file := root + "examples/sescheck.yaml"
	for _, p := range []struct {
		document, shown, code string
		args                  []string
	}{
		{"README.md", "sescheck check", "1", []string{"check", "--domain", "shop.example", "--domain", "news.example", file}},
		{"docs/inspect.md", "sescheck inspect --mail-from bounce news.example", "1", []string{"inspect", "--mail-from", "bounce", "news.example"}},
	} {
		out, errs, code := run(t, append([]string{p.args[0], "--zones", root + "examples/zones", "--offline"}, p.args[1:]...)...)
		if errs != "" || code != p.code {
			t.Fatalf("%s: exit %s: %s", p.shown, code, errs)
		}
		got := strings.NewReplacer(root+"examples/", "", " (TIME)", "").Replace(still(out, "no folder", "no server"))
		text, err := os.ReadFile(root + p.document)
		if err != nil {
			t.Fatal(err)
		}
		const fence = "```\n"
		before, rest, ok := strings.Cut(string(text), fence+"$ "+p.shown+"\n")
		want, after, ok2 := strings.Cut(rest, fence)
		if !ok || !ok2 {
			t.Fatalf("%s has no picture of %s", p.document, p.shown)
		}
		if *update {
			if err := os.WriteFile(root+p.document, []byte(before+fence+"$ "+p.shown+"\n"+got+fence+after), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the picture of %s in %s is not what the command prints; run go generate ./...: want -, got +\n%s", p.shown, p.document, diff)
		}
	}
}

package command

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadmePicture: the picture in the README is what its first command
// prints about two of the domains.
func TestReadmePicture(t *testing.T) {
	t.Parallel()
	const root, fence = "../../", "```\n"
	out, errs, code := run(t, "check", "--zones", root+"examples/zones", "--offline", "--domain", "shop.example", "--domain", "news.example", root+"examples/sescheck.yaml")
	if errs != "" || code != "1" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	got := "$ sescheck check\n" + strings.NewReplacer(root+"examples/", "", " (TIME)", "").Replace(still(out, "no folder", "no server"))
	text, err := os.ReadFile(root + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), fence)
	want, after, ok2 := strings.Cut(rest, fence)
	if !ok || !ok2 {
		t.Fatal("README.md has no picture")
	}
	if *update {
		if err := os.WriteFile(root+"README.md", []byte(before+fence+got+fence+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the picture in README.md is not what the command prints; run go test ./internal/command -run Readme -update: want -, got +\n%s", diff)
	}
}

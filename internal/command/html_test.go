package command

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/sescheck/sescheck/internal/hostile"
)

// TestPage checks the HTML page of the examples; TestCounts those of every story.
// .ci/page tests it in a browser.
func TestPage(t *testing.T) {
	t.Parallel()
	out, _, _ := run(t, "check", "--offline", "--zones", "../../examples/zones", "--format", "html", "../../examples/sescheck.yaml")
	holdPage(t, out)
	for _, word := range []string{"data-state=\"error\"", "class=\"copy\"", "class=\"lacks\"", "class=\"extra\""} {
		if !strings.Contains(out, word) {
			t.Errorf("nothing with %s", word)
		}
	}
}

// holdPage checks the promises of a page: it loads nothing, its policy allows only
// its own style and script, its links lead somewhere within the page, and each id
// is unique.
func holdPage(t *testing.T, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, links, policy := map[string]bool{}, []string{}, ""
	var own []string // hashes of the page's style and script
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "img", "iframe", "link", "object", "embed", "base", "form", "svg", "video", "audio":
			t.Errorf("there is a %s", n.Data)
		case "style", "script":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			own = append(own, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("id %s twice", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "srcset":
				t.Errorf("%s has %s=%s", n.Data, a.Key, a.Val)
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				links = append(links, a.Val[1:])
			case a.Key == "href" && !strings.HasPrefix(a.Val, "https://github.com/sescheck/sescheck/"):
				t.Errorf("a link to %s", a.Val)
			case a.Key == "content" && strings.HasPrefix(a.Val, "default-src"):
				policy = a.Val
			}
		}
	}
	for _, l := range links {
		if l != "" && !ids[l] {
			t.Errorf("a link to #%s, which is not there", l)
		}
	}
	want := "default-src 'none'; style-src " + own[0] + "; script-src " + own[len(own)-1] + "; base-uri 'none'; form-action 'none'"
	if len(own) != 2 || policy != want {
		t.Errorf("%d styles and scripts, policy %s, want %s", len(own), policy, want)
	}
}

// TestPageIsNoCommand: a runner obeys no line of the style or the script if the
// page is printed.
func TestPageIsNoCommand(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../report/page/*")
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if c := hostile.Commands(string(text)); len(c) > 0 || strings.Contains(string(text), "</") {
			t.Errorf("%s: %q", f, c)
		}
	}
}

package command

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// TestPictures: documents show the current output of their commands on the
// examples, offline.
func TestPictures(t *testing.T) {
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
		showBetween(t, root+p.document, "```\n$ "+p.shown+"\n", "```\n", got)
	}
}

// TestFailingPullRequest: README.md shows the annotation and the job summary of a
// finding about the examples, with DNS on loopback.
func TestFailingPullRequest(t *testing.T) {
	const root = "../../"
	server := zonetest.Start(t, root+"examples/zones").Addr
	check := func(format string) string {
		out, errs, code := run(t, "check", "--resolver", server, "--domain", "shop.example", "--domain", "news.example",
			"--check", "mail-from-mx-multiple", "--format", format, root+"examples/sescheck.yaml")
		if code != "1" {
			t.Fatalf("exit %s: %s%s", code, out, errs)
		}
		return strings.ReplaceAll(out, root+"examples/", "")
	}
	m := regexp.MustCompile(`(?m)^::error (?:col=\d+,)?file=(.*),line=(\d+),title=(.*)::(.*)$`).FindStringSubmatch(check("github"))
	if m == nil {
		t.Fatal("there is no annotation")
	}
	annotation := fmt.Sprintf("[!CAUTION]\n**%s** (%s, line %s)\\\n%s\n", m[3], m[1], m[2], strings.ReplaceAll(m[4], "%0A", "\\\n"))
	showBetween(t, root+"README.md", "<!-- annotation -->\n", "<!-- end -->\n", quoted(annotation))
	// Headings in a quotation would be in the README's table of contents.
	summary := regexp.MustCompile(`(?m)^#+ (.*)$`).ReplaceAllString(strings.TrimSpace(check("markdown")), "**$1**")
	summary, _, _ = strings.Cut(summary, "\n\n<details>")
	showBetween(t, root+"README.md", "<!-- summary -->\n", "<!-- end -->\n", quoted(summary+"\n"))
}

// quoted returns Markdown as a quotation.
func quoted(markdown string) string {
	var b strings.Builder
	for line := range strings.Lines(markdown) {
		b.WriteString(strings.TrimRight("> "+line, " \n") + "\n")
	}
	return b.String()
}

// showBetween requires a text between two markers of a document, and inserts it
// with -update.
func showBetween(t *testing.T, document, start, end, text string) {
	t.Helper()
	content := readFile(t, document)
	before, rest, ok := strings.Cut(content, start)
	shown, after, ok2 := strings.Cut(rest, end)
	switch {
	case !ok || !ok2:
		t.Fatalf("%s has no part between %q and %q", document, start, end)
	case *update:
		if err := os.WriteFile(document, []byte(before+start+text+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		if diff := cmp.Diff(shown, text); diff != "" {
			t.Errorf("%s shows something else behind %q; run go generate ./...: want -, got +\n%s", document, start, diff)
		}
	}
}

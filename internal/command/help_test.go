package command

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand returns all visible commands, and those of completion.
func everyCommand() (all []*cobra.Command) {
	root := newRoot(&Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: vars{}.get})
	var collect func(c *cobra.Command)
	collect = func(c *cobra.Command) {
		if c.Hidden {
			return
		}
		all = append(all, c)
		for _, sub := range c.Commands() {
			collect(sub)
		}
	}
	collect(root)
	return all
}

// helpAt returns the help of a command on a terminal with so many columns; 0 for a
// pipe.
func helpAt(t *testing.T, c *cobra.Command, width int) string {
	t.Helper()
	var out bytes.Buffer
	args := append(strings.Fields(c.CommandPath())[1:], "-h")
	env := Env{Version: "test", Stdout: &out, Stderr: &out, Getenv: vars{}.get, StdoutTerminal: width > 0, StdoutWidth: width}
	if code := Main(t.Context(), args, env); code != exitPass {
		t.Fatalf("%q: exit %d\n%s", args, code, &out)
	}
	return out.String()
}

var flagLine = regexp.MustCompile(`(?m)^  (?:-\w, )?--([a-z-]+)(?: |$)`)

// TestHelpFits: help fits terminals of any width, shows no types of Go, and has
// each flag once.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	types := regexp.MustCompile(`\b(stringArray|strings|string|duration|int|uint16|bool)\b`)
	for _, c := range everyCommand() {
		flags := map[string]bool{}
		c.InitDefaultHelpFlag()
		c.Flags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = !f.Hidden })
		for _, width := range []int{0, 30, 60, 80, 200} {
			text := helpAt(t, c, width)
			most := map[bool]int{true: usualWidth, false: min(width, mostWidth)}[width == 0]
			_, examples, _ := strings.Cut(text, "\nExamples:\n")
			examples, _, _ = strings.Cut(examples, "\n\n")
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				asWritten := strings.Contains(examples, line) || strings.HasPrefix(line, "\t") || strings.Contains(c.Long, line) || strings.HasPrefix(line, "  sescheck ")
				if utf8.RuneCountInString(line) > most && !asWritten && len(strings.Fields(line)) > 1 && width > 30 {
					t.Errorf("%s at %d columns: %q", c.CommandPath(), width, line)
				}
			}
			if found := types.FindString(text); found != "" {
				t.Errorf("%s: a type of Go: %s", c.CommandPath(), found)
			}
			shown := map[string]int{}
			for _, m := range flagLine.FindAllStringSubmatch(text, -1) {
				shown[m[1]]++
			}
			for name, visible := range flags {
				switch {
				case !visible && shown[name] > 0, shown[name] > 1:
					t.Errorf("%s shows --%s %d times", c.CommandPath(), name, shown[name])
				case visible && shown[name] == 0 && c != c.Root():
					t.Errorf("%s does not show --%s", c.CommandPath(), name)
				}
			}
		}
	}
}

// TestHelpOrder: common commands and flags come first.
func TestHelpOrder(t *testing.T) {
	t.Parallel()
	root := everyCommand()[0]
	inOrder := func(text string, words ...string) {
		t.Helper()
		at := 0
		for _, w := range words {
			i := strings.Index(text[at:], w)
			if i < 0 {
				t.Fatalf("%q is not behind what should come before it:\n%s", w, text)
			}
			at += i
		}
	}
	inOrder(helpAt(t, root, 0), "\nCommands:\n", "  init ", "  check ", "  lint ", "  completion ", "\nUsed every day:\n", "  --resolver SERVER ", "  --format FORMAT ", "\nHelp:\n", "`sescheck check -h`")
	for _, name := range []string{"check", "import"} {
		i := slices.IndexFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
		text := helpAt(t, root.Commands()[i], 0)
		if name == "check" {
			inOrder(text, "\nUsage:\n  sescheck check ", "\nUsed every day:\n", "  --zones PATH ", "  --domain GLOB ", "\nScope:\n", "\nWhat fails the run:\n", "\nOutput:\n", "\nDNS queries:\n", "--timeout TIME ", "\nHelp:\n")
		} else {
			inOrder(text, "\nFlags:\n  --into FILE ", "  --domain GLOB ", "\nUsed every day:\n", "\nDNS queries:\n")
		}
	}
	if text := helpAt(t, root, 0); strings.Contains(text, "--concurrency") || strings.Contains(text, "  action ") {
		t.Errorf("the first help is long:\n%s", text)
	}
}

func TestWrapped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 10, ""}, {"a b", 10, "a b"}, {"aaaa bbbb cc", 9, "aaaa bbbb|cc"}, {"aaaa bbbb", 8, "aaaa|bbbb"}, {"aaaaaaaa b", 3, "aaaaaaaa|b"}, {"ä ö ü", 3, "ä ö|ü"}, {"a", -3, "a"},
	} {
		if got := strings.Join(wrapped(c.text, c.width), "|"); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

package command

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGuides follows every guide in docs/guides as a new user would, from an
// empty folder: a fenced block whose language is followed by a file's name is
// saved under that name, and in a block of `console` each command is typed in,
// and must print what stands below it.
func TestGuides(t *testing.T) { // each in a folder of its own, so not side by side
	guides, err := filepath.Glob("../../docs/guides/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatal(guides, err)
	}
	for _, path := range guides {
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".md"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			got, typed := followGuide(t, string(text))
			if typed == 0 {
				t.Error("there is nothing to type in")
			}
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(text), got); diff != "" {
				t.Errorf("what is printed is not what stands there; run go test ./internal/command -run Guides -update: want -, got +\n%s", diff)
			}
		})
	}
}

var fenced = regexp.MustCompile("(?ms)^```(\\w+)(?: ([\\w./-]+))?\n(.*?)^```$")

// followGuide does what a guide says and returns it with what was really
// printed, and how many commands there were.
func followGuide(t *testing.T, text string) (got string, typed int) {
	t.Helper()
	code := 0
	got = fenced.ReplaceAllStringFunc(text, func(block string) string {
		m := fenced.FindStringSubmatch(block)
		language, file, body := m[1], m[2], m[3]
		if file != "" {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if language != "console" {
			return block
		}
		var b strings.Builder
		b.WriteString("```console\n")
		for line := range strings.Lines(body) {
			command, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "$ ")
			if !ok {
				continue
			}
			typed++
			b.WriteString(line)
			var out string
			out, code = typeIn(t, command, code)
			b.WriteString(out)
		}
		b.WriteString("```")
		return b.String()
	})
	return got, typed
}

// typeIn does what a shell makes of the few forms of commands that guides use:
// `sescheck …`, perhaps with `> FILE` behind it or `cat FILE |` before it, and
// `echo $?`.
func typeIn(t *testing.T, command string, before int) (printed string, code int) {
	t.Helper()
	if command == "echo $?" {
		return fmt.Sprintln(before), 0
	}
	command, into, _ := strings.Cut(command, " > ")
	var in []byte
	if first, rest, ok := strings.Cut(command, " | "); ok {
		var err error
		if in, err = os.ReadFile(strings.TrimPrefix(first, "cat ")); err != nil {
			t.Fatal(err)
		}
		command = rest
	}
	words, ok := strings.CutPrefix(command, "sescheck ")
	if !ok {
		t.Fatalf("nobody here knows how to %s", command)
	}
	var args []string
	for w := range strings.FieldsSeq(words) {
		args = append(args, strings.Trim(w, `'"`))
	}
	var out, errs bytes.Buffer
	code = Main(t.Context(), args, Env{
		Version: "test", Stdin: bytes.NewReader(in), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
	})
	if into != "" {
		if err := os.WriteFile(into, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		out.Reset()
	}
	printed = errs.String() + out.String()
	for _, m := range passing {
		printed = m.pattern.ReplaceAllString(printed, m.still)
	}
	return printed, code
}

// passing is what a guide shows otherwise than it is printed: times, and days.
var passing = []struct {
	pattern *regexp.Regexp
	still   string
}{
	{regexp.MustCompile(` \(\d+(\.\d+)?m?s\)`), ""},
	{regexp.MustCompile(`first seen \d{4}-\d\d-\d\d \d\d:\d\d`), "first seen 2026-11-24 05:17"},
	{regexp.MustCompile(`standing since \d{4}-\d\d-\d\d`), "standing since 2026-11-24"},
}

// TestGuidesAreListed: the README leads to every guide.
func TestGuidesAreListed(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	guides, err := filepath.Glob("../../docs/guides/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range guides {
		if link := "(docs/guides/" + filepath.Base(g) + ")"; strings.Count(string(readme), link) != 1 {
			t.Errorf("the README has %s %s times", link, strconv.Itoa(strings.Count(string(readme), link)))
		}
	}
}

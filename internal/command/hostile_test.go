package command

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// runnerCommands finds what GitHub's runner would obey in the output of a step.
// It has two parsers (actions/runner, ActionCommand.cs, TryParseV2 and
// TryParse): `::name properties::message` where a line begins so after blanks,
// and the older `##[name properties]message` anywhere in a line.
func runnerCommands(output string) (commands []string) {
	for line := range strings.FieldsFuncSeq(output, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if trimmed := strings.TrimLeftFunc(line, unicode.IsSpace); strings.HasPrefix(trimmed, "::") {
			if head, _, ok := strings.Cut(trimmed[2:], "::"); ok {
				commands = append(commands, head)
				continue
			}
		}
		if _, rest, ok := strings.Cut(line, "##["); ok && strings.Contains(rest, "]") {
			commands = append(commands, "##["+rest)
		}
	}
	return commands
}

func TestRunnerCommands(t *testing.T) {
	for in, want := range map[string]int{
		"::error file=a::x": 1, "  \u00a0::add-mask::x": 1, "a ##[error]x": 1, "a\r::x::y": 1,
		"a ::error::x": 0, "::no end": 0, "#\\035[error]x": 0, "## [error]x": 0, "##[no end": 0,
	} {
		if got := runnerCommands(in); len(got) != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// ours are the only commands that we print: annotations, with a check or the
// closing line as their title.
var ours = regexp.MustCompile(`^(error|warning|notice) ([a-zA-Z]+=[^,]*,)*title=[a-z -]+$`)

// TestNothingIsObeyed feeds what is printed in every format about every story
// to the runner's parsers. Hostile stories are among them.
func TestNothingIsObeyed(t *testing.T) {
	t.Parallel()
	for _, dir := range scenarios(t) {
		t.Run(strings.TrimPrefix(dir, testdata+"/"), func(t *testing.T) {
			t.Parallel()
			s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
			for _, format := range report.OfCheck.Names() {
				out, errs, _ := run(t, "check", "--resolver", s.Addr, "--timeout", "100ms", "--retries", "0", "--verbose", "--format", format, filepath.Join(dir, "sescheck.yaml"))
				harmless(t, format, out+"\n"+errs)
			}
		})
	}
}

// harmless fails where a runner, a terminal or a browser would act on output.
func harmless(t *testing.T, format, output string) {
	t.Helper()
	for _, c := range runnerCommands(output) {
		if format != "github" || !ours.MatchString(c) {
			t.Errorf("%s: the runner would obey %q", format, c)
		}
	}
	if strings.ContainsFunc(output, func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }) {
		t.Errorf("%s: control characters", format)
	}
	if (format == "markdown" || format == "html") && hostileTag.MatchString(output) {
		t.Errorf("%s: a raw < from DNS: %s", format, hostileTag.FindString(output))
	}
}

// hostileTag is what the stories try to get into Markdown and HTML.
var hostileTag = regexp.MustCompile(`(?i)<\s*(script|img|svg|iframe|b>|!--)[^>]{0,40}pwn`)

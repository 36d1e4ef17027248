package command

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/net/html"

	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// ours are the only commands in the output: annotations titled with a check or the
// closing line.
var ours = regexp.MustCompile(`^(error|warning|notice) ([a-zA-Z]+=[^,]*,)*title=[a-z -]+$`)

// TestNothingIsObeyed feeds every format of every story, also of hostile ones, to
// the runner's parsers and to a reader of the format. All formats have the same
// counts, and the JSON matches its schema.
func TestNothingIsObeyed(t *testing.T) {
	t.Parallel()
	schema := reportSchema(t)
	for _, dir := range scenarios(t) {
		t.Run(strings.TrimPrefix(dir, testdata+"/"), func(t *testing.T) {
			t.Parallel()
			s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
			args := []string{"check", "--resolver", s.Addr, "--timeout", "100ms", "--retries", "0", "--verbose", "--format", "github", filepath.Join(dir, "sescheck.yaml")}
			reports := t.TempDir()
			for _, format := range report.OfCheck().Names() {
				args = append(args, "--write", format+"="+filepath.Join(reports, format))
			}
			out, errs, code := run(t, args...)
			harmless(t, "github", out+"\n"+errs)
			if code == "2" {
				return // the file is wrong
			}
			texts := map[string]string{}
			for _, format := range report.OfCheck().Names() {
				text := readFile(t, filepath.Join(reports, format))
				texts[format] = text
				harmless(t, format, text)
				if reader := readers[format]; reader != nil {
					if err := reader(text); err != nil {
						t.Errorf("%s: %v", format, err)
					}
				}
			}
			sameCounts(t, texts)
			validReport(t, schema, "json", texts["json"])
		})
	}
}

// matched is a line that problem matchers of other actions may act on.
var matched = regexp.MustCompile(`(?m)^\s*[^\s:]+:\d+(:\d+)?: `)

// harmless fails the test if the runner would obey the output (except annotations
// in the github format), if a problem matcher would act on it, or if a terminal
// would do more than print it.
func harmless(t *testing.T, what, printed string) {
	t.Helper()
	for _, c := range hostile.Commands(printed) {
		if what != "github" || !ours.MatchString(c) {
			t.Errorf("%s: the runner would obey %q", what, c)
		}
	}
	if what == "github" {
		if line := matched.FindString(printed); line != "" {
			t.Errorf("%s: a problem matcher would act on %q", what, line)
		}
	}
	if (what == "markdown" || what == "html") && hostileTag.MatchString(printed) {
		t.Errorf("%s: a raw < from DNS: %s", what, hostileTag.FindString(printed))
	}
	if found := hostile.Characters(printed); len(found) > 0 {
		t.Errorf("%s: prints %U", what, found)
	}
}

// readers parse a report as its users do, and look for effects of foreign text.
var readers = map[string]func(report string) error{
	"json": wellFormedJSON, "sarif": wellFormedJSON, "gitlab": wellFormedJSON, "openmetrics": onlyOurMetrics, "junit": wellFormedXML, "html": onlyOurElements, "markdown": onlyOurMarks,
}

func wellFormedJSON(report string) error {
	if !json.Valid([]byte(report)) {
		return errors.New("this is no JSON")
	}
	return nil
}

func wellFormedXML(report string) error {
	d := xml.NewDecoder(strings.NewReader(report))
	d.Entity = map[string]string{}
	elements := []string{"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out", "properties", "property"}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if !slices.Contains(elements, token.Name.Local) {
				return fmt.Errorf("element %s", token.Name.Local)
			}
		case xml.Comment, xml.Directive:
			return fmt.Errorf("%T %q", token, token)
		}
	}
}

// loading are attributes that load something, or could.
var loading = []string{"href", "src", "srcset", "style", "action", "formaction", "data", "poster", "background", "ping"}

// onlyOurElements reads HTML as a browser does.
func onlyOurElements(report string) error {
	z := html.NewTokenizer(strings.NewReader(report))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if errors.Is(z.Err(), io.EOF) {
				return nil
			}
			return z.Err()
		case html.CommentToken:
			return fmt.Errorf("a comment: %q", z.Raw())
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if token.Data == "script" && len(token.Attr) == 0 {
				z.Next()
				if ours, err := os.ReadFile("../report/page/script.js"); err != nil || strings.TrimSpace(string(z.Raw())) != strings.TrimSpace(string(ours)) {
					return fmt.Errorf("a script: %q", z.Raw())
				}
				continue
			}
			if slices.Contains([]string{"script", "img", "svg", "iframe", "object", "form", "link", "base"}, token.Data) {
				return fmt.Errorf("an element: %s", token)
			}
			for _, a := range token.Attr {
				href := token.Data == "a" && a.Key == "href" && (strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "https://github.com/sescheck/sescheck/"))
				plain := !strings.HasPrefix(a.Key, "on") && !slices.Contains(loading, a.Key) && !strings.Contains(a.Val, "pwn")
				if !href && !plain {
					return fmt.Errorf("an attribute: %s", token)
				}
			}
		}
	}
}

var (
	codeBlocks = regexp.MustCompile("(?ms)^```\n.*?^```\n")
	codeSpans  = regexp.MustCompile("`[^`\n]*`")
	ourMarks   = regexp.MustCompile(`</?(details|summary)>|<br>|\]\(https://github\.com/sescheck/sescheck/[^)<>\s]*\)`)
	theirMarks = regexp.MustCompile("[<`@]|://|www\\.|\\]\\(|!\\[|\\$\\$|(?i)(fix(es)?|close[sd]?) +#[0-9]")
)

// onlyOurMarks requires that Markdown outside of code has only our own tags, links,
// images and mentions.
func onlyOurMarks(report string) error {
	text := codeSpans.ReplaceAllString(codeBlocks.ReplaceAllString(report, ""), "")
	if found := theirMarks.FindString(ourMarks.ReplaceAllString(text, "")); found != "" {
		return fmt.Errorf("outside of code: %q", found)
	}
	return nil
}

// hostileTag is the tag that the stories try to get into Markdown and HTML.
var hostileTag = regexp.MustCompile(`(?i)<\s*(script|img|svg|iframe|b>|!--)[^>]{0,40}pwn`)

// TestArgumentsAreNotObeyed gives the payloads to every flag and argument of every
// command, and prints all help texts.
func TestArgumentsAreNotObeyed(t *testing.T) {
	t.Parallel()
	s := zonetest.Start(t, filepath.Join(testdata, "common"))
	dir := t.TempDir()
	root := newRoot(&Env{Getenv: vars{}.get, Stdout: io.Discard, Stderr: io.Discard})
	for _, c := range root.Commands() { // the root is check
		name := c.Name()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, _ := run(t, name, "--help")
			harmless(t, name+" --help", out+errs)
			quiet := []string{name}
			for flag, value := range map[string]string{"resolver": s.Addr, "timeout": "50ms", "retries": "0", "deadline": "1s"} {
				if c.Flags().Lookup(flag) != nil {
					quiet = append(quiet, "--"+flag, value)
				}
			}
			var flags []string
			c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
			for _, p := range hostile.Payloads {
				args := map[string][]string{
					"a flag": {name, "--" + p}, "a file": append(quiet, "--", p), "a file below": append(quiet, "--", filepath.Join(dir, p, "*.yaml")),
				}
				for _, f := range flags {
					if f != "resolver" { // the server's name would be looked up
						args["--"+f] = append(quiet, "--"+f+"="+p)
					}
				}
				for what, args := range args {
					if what == "--write" || what == "--trace" || what == "--output" {
						continue // the file would be written
					}
					out, errs, _ := run(t, args...)
					harmless(t, fmt.Sprintf("%s: %s %q", name, what, p), out+errs)
				}
			}
		})
	}
	t.Run("no command", func(t *testing.T) {
		t.Parallel()
		for _, p := range hostile.Payloads {
			out, errs, _ := run(t, p)
			harmless(t, fmt.Sprintf("command %q", p), out+errs)
		}
	})
}

// TestFilesAreNotObeyed writes files with payloads in their names, and in an ignore
// that ends within a week, which every report mentions.
func TestFilesAreNotObeyed(t *testing.T) {
	t.Parallel()
	s := zonetest.Start(t, filepath.Join(testdata, "common"))
	soon := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	for _, p := range hostile.Payloads {
		t.Run(strconv.Quote(p), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), strings.ReplaceAll(p, "\x00", "")+".yaml")
			text := fmt.Sprintf("version: 1\ndomains: {example.com: {spf: [a.example]}}\nignore:\n  - {check: domain-not-found, until: %s, reason: %q, owner: %[2]q}\n", soon, p)
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Skip("no file can have this name here:", err)
			}
			for _, format := range report.OfCheck().Names() {
				out, errs, code := run(t, "check", "--resolver", s.Addr, "--format", format, "--", file)
				if code != "0" && !strings.Contains(p, "\x00") {
					t.Errorf("%s: exit %s\n%s%s", format, code, out, errs)
				}
				harmless(t, format, out+"\n"+errs)
			}
		})
	}
}

// TestInputsAreNotObeyed gives the payloads to every input of the action.
func TestInputsAreNotObeyed(t *testing.T) {
	names := []string{"files"}
	for _, in := range traits {
		if in.input != noInput {
			names = append(names, in.flag)
		}
	}
	t.Chdir(t.TempDir())
	for _, name := range names {
		if name == "write" || name == "resolver" {
			continue // tested where the input is valid
		}
		for _, p := range hostile.Payloads {
			var out, errs strings.Builder
			env := vars{"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "/nowhere/" + p, "INPUT_" + strings.ToUpper(name): p, "INPUT_ZONES": "zones"}
			env["INPUT_"+strings.ToUpper(name)] = p
			Main(t.Context(), []string{"action"}, Env{Stdout: &out, Stderr: &errs, Getenv: env.get})
			if out.Len() == 0 {
				t.Errorf("input %s %q: nothing is reported", name, p)
			}
			harmless(t, "github", out.String()+errs.String())
		}
	}
}

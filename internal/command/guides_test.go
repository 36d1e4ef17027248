package command

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/scripttest"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// TestGuides follows every guide in docs/guides as a new user would, from an empty
// folder: it saves a fenced block with a file name, and runs each command of a
// `console` block, which must print the lines below it.
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
			s := &shell{}
			keepTrue(t, path, string(text), s.follow(t, string(text)))
			if s.typed == 0 {
				t.Error("there is nothing to type in")
			}
		})
	}
}

func keepTrue(t *testing.T, path, text, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(text, got); diff != "" {
		t.Errorf("what is printed is not what the document shows; run go generate ./...: want -, got +\n%s", diff)
	}
}

// byHand are the commands that are not run, with the reason.
var byHand = map[string]string{
	"sescheck check --resolver authoritative": "it begins at the servers of the root",
}

// loose is a command without its output.
var loose = regexp.MustCompile(`(?m)^(?:    )?(sescheck (?:check|inspect|import|records|lock|lint|merge|explain|schema)\b[^\[…\n]*?)(?: \|.*)?$`)

// TestDocuments runs the `console` blocks of the other pages, in a folder with the
// examples and with DNS on loopback. Other commands only have to parse.
func TestDocuments(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, path := range pages {
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		text := readFile(t, path)
		t.Run(strings.TrimSuffix(filepath.Base(path), ".md"), func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.CopyFS(".", os.DirFS(examples)); err != nil {
				t.Fatal(err)
			}
			s := &shell{server: zonetest.Start(t, "zones").Addr}
			keepTrue(t, path, text, s.follow(t, text))
			for _, m := range loose.FindAllStringSubmatch(fenced.ReplaceAllStringFunc(text, shownAlone), -1) {
				shown[m[1]] = true
				if byHand[m[1]] != "" {
					continue
				}
				if out, code := s.typeIn(t, m[1]); code == exitUsage || code == exitBroken {
					t.Errorf("%s: exit %d\n%s", m[1], code, out)
				}
			}
		})
	}
	if len(shown) < 8 {
		t.Errorf("only these are shown: %v", shown)
	}
	for command := range byHand {
		if !shown[command] {
			t.Errorf("%s is shown nowhere", command)
		}
	}
}

// shownAlone removes files and the blocks of commands with output.
func shownAlone(block string) string {
	if strings.HasPrefix(block, "```sh\n") {
		return block
	}
	return ""
}

// inSentence is a command in the text of a page.
var inSentence = regexp.MustCompile("`sescheck ([a-z][^`\n]*)`")

// TestCommandsInSentences: every command and flag that a page names exists. The
// commands are not run.
func TestCommandsInSentences(t *testing.T) {
	t.Parallel()
	named := 0
	for _, pattern := range []string{"../../README.md", "../../docs/*.md", "../../docs/guides/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			for _, m := range inSentence.FindAllStringSubmatch(readFile(t, page), -1) {
				command, _, _ := strings.Cut(m[1], " > ")
				args := strings.Fields(command)
				if strings.HasPrefix(args[len(args)-1], "--") {
					args = append(args, "a-value")
				}
				named++
				var out, errs bytes.Buffer
				code := Main(t.Context(), append(args, "-h"), Env{Version: "test", Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }})
				if code != 0 || !strings.Contains(out.String(), "sescheck "+args[0]) {
					t.Errorf("%s: sescheck %s: exit %d\n%s", filepath.Base(page), m[1], code, errs.String())
				}
			}
		}
	}
	if named < 30 {
		t.Errorf("only %d commands are named", named)
	}
}

// TestPagesLead: files of this repository that the pages name exist.
func TestPagesLead(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range append(pages, "../../README.md") {
		for _, m := range regexp.MustCompile(`raw\.githubusercontent\.com/sescheck/sescheck/[^/ ]+/([\w./-]+)`).FindAllStringSubmatch(readFile(t, path), -1) {
			if found++; !exists("../../" + m[1]) {
				t.Errorf("%s leads to %s, and there is none", path, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("nothing is fetched")
	}
}

// TestImportLoop runs the loop of docs/import.md over all domains of a region,
// with a stand-in for AWS's CLI.
func TestImportLoop(t *testing.T) {
	t.Parallel()
	tools(t, "bash", "jq")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(readFile(t, "../../docs/import.md"), "```sh\nregion=")
	script, _, ok := strings.Cut(script, "```\n")
	if !ok {
		t.Fatal("there is no loop")
	}
	bin := t.TempDir()
	for name, text := range map[string]string{
		"sescheck": "SESCHECK_TEST_PROGRAM=1 exec '" + program + "' \"$@\"\n",
		"aws": `case "$*" in
'sesv2 list-email-identities --region eu-west-1 --query EmailIdentities['*'].IdentityName --output text') printf 'a.example\tb.example\n' ;;
'sesv2 get-email-identity --region eu-west-1 --email-identity '?.example) echo '{"DkimAttributes": {"Status": "SUCCESS", "Tokens": ["t1", "t2", "t3"]}}' ;;
*) echo "no such call: $*" >&2; exit 1 ;;
esac
`,
	} {
		scripttest.Write(t, filepath.Join(bin, name), "#!/bin/sh\n"+text)
	}
	out, code := bash(t, bin, "region="+script, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, want := range []string{"found 2 identities of 2 domains", "\n  a.example:\n", "\n  b.example:\n", "region: eu-west-1\n", "dkim: [t1, t2, t3]\n"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Fatalf("exit %d, without %q:\n%s", code, want, out)
		}
	}
}

// TestWholeAccount runs the loops of docs/import.md over the zones and identities
// of an account, with a stand-in for AWS's CLI.
func TestWholeAccount(t *testing.T) {
	t.Parallel()
	tools(t, "bash")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(readFile(t, "../../docs/import.md"), "```sh\nmkdir -p route53\n")
	script, _, ok := strings.Cut(script, "```\n")
	if !ok {
		t.Fatal("there are no loops")
	}
	dir, bin := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"sescheck": "SESCHECK_TEST_PROGRAM=1 exec '" + program + "' \"$@\"\n",
		"aws": `case "$*" in
'route53 list-hosted-zones --query HostedZones['*'].[Id,Name] --output text') printf '/hostedzone/Z1\ta.example.\n/hostedzone/Z2\tb.example.\n' ;;
'route53 list-resource-record-sets --hosted-zone-id /hostedzone/Z1') echo '{"ResourceRecordSets": [{"Name": "a.example.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns. h. 1 1 1 1 1"}]},
	{"Name": "bounce.a.example.", "Type": "MX", "TTL": 300, "ResourceRecords": [{"Value": "10 feedback-smtp.us-east-1.amazonses.com"}]}]}' ;;
'route53 list-resource-record-sets --hosted-zone-id /hostedzone/Z2') echo '{"ResourceRecordSets": [{"Name": "b.example.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns. h. 1 1 1 1 1"}]}]}' ;;
'sesv2 list-email-identities --region eu-west-1 --query EmailIdentities['*'].IdentityName --output text') echo a.example ;;
'sesv2 list-email-identities --region us-east-1 --query EmailIdentities['*'].IdentityName --output text') ;;
'sesv2 get-email-identity --region eu-west-1 --email-identity a.example') echo '{"IdentityType": "DOMAIN", "DkimAttributes": {"Status": "SUCCESS", "Tokens": ["t1", "t2", "t3"]}, "MailFromAttributes": {"MailFromDomain": "bounce.a.example", "MailFromDomainStatus": "FAILED"}}' ;;
*) echo "no such call: $*" >&2; exit 1 ;;
esac
`,
	} {
		scripttest.Write(t, filepath.Join(bin, name), "#!/bin/sh\n"+text)
	}
	out, code := bash(t, dir, "mkdir -p route53\n"+script, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	if code != 0 || !strings.Contains(out, "left out: 1 zone without SES records (--all includes them): b.example") || !exists(filepath.Join(dir, app.WorkflowPath)) {
		t.Fatalf("exit %d\n%s", code, out)
	}
	if file := readFile(t, filepath.Join(dir, "sescheck.yaml")); !strings.Contains(file, "  a.example:\n    region: eu-west-1\n    dkim: [t1, t2, t3]\n    mail_from: bounce\n") || strings.Contains(file, "b.example") {
		t.Errorf("the file is\n%s", file)
	}
}

var fenced = regexp.MustCompile("(?ms)^```(\\w+)(?: ([\\w./-]+))?\n(.*?)^```$")

// shell does what a page says.
type shell struct {
	server string // DNS server for commands without one; "" for none
	typed  int    // commands
	code   int    // the last one's
}

// follow follows a page and returns it with the actual output.
func (s *shell) follow(t *testing.T, text string) string {
	t.Helper()
	return fenced.ReplaceAllStringFunc(text, func(block string) string {
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
			b.WriteString(line)
			var out string
			out, s.code = s.typeIn(t, command)
			b.WriteString(out)
		}
		b.WriteString("```")
		return b.String()
	})
}

// typeIn runs a command as a shell does, for the few forms that pages use:
// `sescheck …`, perhaps with `> FILE` after it or `cat FILE |` before it, and `echo
// $?`. Addresses of public resolvers are replaced by the shell's server.
func (s *shell) typeIn(t *testing.T, command string) (printed string, code int) {
	t.Helper()
	s.typed++
	if command == "echo $?" {
		return fmt.Sprintln(s.code), 0
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
	var out, errs bytes.Buffer
	code = Main(t.Context(), s.args(t, words), Env{
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

// args are the words of a command, with its patterns expanded.
func (s *shell) args(t *testing.T, words string) (args []string) {
	t.Helper()
	for w := range strings.FieldsSeq(words) {
		if files, _ := filepath.Glob(w); strings.Contains(w, "*") && len(files) > 0 {
			args = append(args, files...)
			continue
		}
		args = append(args, strings.Trim(w, `'"`))
	}
	if s.server == "" || slices.Contains(args, "--offline") {
		return args
	}
	for i, a := range args {
		if i > 0 && args[i-1] == "--resolver" {
			if _, err := netip.ParseAddr(a); err != nil {
				t.Fatalf("%s is not on loopback", a)
			}
			args[i] = s.server
		}
	}
	if asks := []string{"check", "inspect", "lock"}; slices.Contains(asks, args[0]) && !slices.Contains(args, "--resolver") {
		args = append(args, "--resolver", s.server)
	}
	return args
}

// passing replaces times and days, which differ in a guide.
var passing = []struct {
	pattern *regexp.Regexp
	still   string
}{
	{regexp.MustCompile(` \(\d+(\.\d+)?m?s\)`), ""},
	{regexp.MustCompile(`first seen \d{4}-\d\d-\d\d \d\d:\d\d`), "first seen 2026-11-24 05:17"},
	{regexp.MustCompile(`first seen \d{4}-\d\d-\d\d`), "first seen 2026-11-24"},
}

package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/ses"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/wanted"
	"github.com/sescheck/sescheck/internal/zonetest"
)

var update = flag.Bool("update", false, "rewrite the want files")

const testdata = "../../testdata"

// scenarios returns the stories: the folders CHECK/STORY with a sescheck.yaml. The
// folder of a check has stories in which it fires, and stories in which it nearly
// does.
func scenarios(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testdata, "*", "*", "sescheck.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no scenarios")
	}
	for i, f := range files {
		files[i] = filepath.ToSlash(filepath.Dir(f)) // as reports have it
	}
	return files
}

// TestScenarios runs the program on every story, against a real server on
// loopback, and compares what it prints. Beside sescheck.yaml a story has
//
//	*.zone      what DNS holds; amazonses.com is there if the story has none
//	faults      what goes wrong; see zonetest
//	args        more arguments, one a line; $DIR is the story's folder, $SERVER
//	            and $PORT the server's; without a --resolver, that is asked
//	second/     what another server holds, $SECOND
//	hints       for --root-hints
//	want.txt    the text report, stderr and the exit code
//	want.FORMAT the same in another format
//
// The page, as plain Go, says the same as the text and JSON, if it can express the
// story.
func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, dir := range scenarios(t) {
		t.Run(strings.TrimPrefix(dir, testdata+"/"), func(t *testing.T) {
			t.Parallel()
			s := webCheck(t, dir)
			hold(t, dir, func(t *testing.T, dir, format string) string {
				if format == "txt" && s.lacks == "" {
					return s.compare(t, plainPage).still(dir)
				}
				return runScenario(t, dir, format)
			})
		})
	}
}

// hold compares the output of a story in each format with its want files.
func hold(t *testing.T, dir string, runStory func(t *testing.T, dir, format string) string) {
	t.Helper()
	for _, want := range wants(t, dir) {
		got := runStory(t, dir, strings.TrimPrefix(filepath.Ext(want), "."))
		if *update {
			if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text, err := os.ReadFile(want)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), got); diff != "" {
			t.Errorf("%s: want -, got +\n%s", filepath.Base(want), diff)
		}
	}
}

// wants returns the want files of a story, always with want.txt. An unused file is
// an error.
func wants(t *testing.T, dir string) []string {
	t.Helper()
	paths := []string{filepath.Join(dir, "want.txt")}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case name == "want.txt", name == "sescheck.yaml", name == "faults", name == "args", name == "hints", name == config.LockName, filepath.Ext(name) == ".zone", e.IsDir():
		case strings.HasPrefix(name, "want."):
			paths = append(paths, filepath.Join(dir, name))
		default:
			t.Errorf("%s is read by nobody", name)
		}
	}
	return paths
}

func runScenario(t *testing.T, dir, format string) string {
	t.Helper()
	s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
	if format == "txt" {
		format = "text"
	}
	_, port, _ := strings.Cut(s.Addr, ":")
	words := []string{"$SERVER", s.Addr, "$PORT", port}
	second := ""
	if more := filepath.Join(dir, "second"); isFolder(more) {
		second = zonetest.Start(t, filepath.Join(testdata, "common"), more).Addr
		words = append(words, "$SECOND", second)
	}
	args := append([]string{"check", "--timeout", patience(t, dir), "--format", format}, storyArgs(t, dir, words...)...)
	if !slices.Contains(args, "--resolver") {
		args = append(args, "--resolver", s.Addr)
	}
	got := runProgram(t, dir, s.Addr, append(args, filepath.Join(dir, "sescheck.yaml")))
	if second != "" {
		got = strings.ReplaceAll(got, second, "SECOND")
	}
	return got
}

// outcome is what the program printed, its exit code, and the server that it asked.
type outcome struct{ out, errs, code, addr string }

// still is the outcome of a story as a want file has it.
func (o outcome) still(dir string) string {
	got := o.out
	if o.errs != "" {
		got += "stderr:\n" + o.errs
	}
	got += "exit " + o.code + "\n"
	return uncounted(still(got, dir, o.addr), dir)
}

// runProgram returns the output of the program and its exit code.
func runProgram(t *testing.T, dir, addr string, args []string) string {
	t.Helper()
	out, errs, code := run(t, args...)
	return outcome{out, errs, code, addr}.still(dir)
}

// storyArgs returns the arguments of a story, with words such as $SERVER replaced.
func storyArgs(t *testing.T, dir string, words ...string) (args []string) {
	t.Helper()
	more, err := os.ReadFile(filepath.Join(dir, "args"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(more)) {
		args = append(args, strings.NewReplacer(append(words, "$DIR", dir)...).Replace(strings.TrimSpace(line)))
	}
	return args
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

const usualPatience = "20s"

var unanswering = regexp.MustCompile(`DROP|GARBAGE|STRANGER`)

// patience is the value of --timeout: short only if the story has queries without
// an answer, so that a busy machine does not change the output.
func patience(t *testing.T, dir string) string {
	t.Helper()
	faults, err := os.ReadFile(filepath.Join(dir, "faults"))
	if err == nil && unanswering.Match(faults) {
		return "1s"
	}
	return usualPatience
}

// run runs the program.
func run(t *testing.T, args ...string) (stdout, stderr, code string) {
	t.Helper()
	if slices.Contains(args, "--resolver") && !slices.Contains(args, "--timeout") {
		// On a busy machine a good server may be slow: no test is about that by chance.
		args = slices.Insert(slices.Clone(args), 1, "--timeout", "20s")
	}
	var out, errs bytes.Buffer
	env := Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
	n := Main(t.Context(), args, env)
	return out.String(), errs.String(), strconv.Itoa(n)
}

// replacement is what is in a want file for what a pattern matches. Each match
// has a word in it, so that texts without it need no search.
type replacement struct {
	pattern     *regexp.Regexp
	still, word string
}

// replaced makes replacements.
func replaced(s string, all []replacement) string {
	for _, m := range all {
		if strings.Contains(s, m.word) {
			s = m.pattern.ReplaceAllString(s, m.still)
		}
	}
	return s
}

var moving = []replacement{
	{regexp.MustCompile(`\(\d+(\.\d+)?m?s\)`), "(TIME)", "s)"},
	{regexp.MustCompile(`"(started_at|first_seen|ses_until|unlisted_since)": "[^"]*"`), `"$1": "TIME"`, `": "`},
	{regexp.MustCompile(`<time>[^<]*</time>`), "<time>TIME</time>", "<time>"},
	{regexp.MustCompile(`"duration_ms": \d+`), `"duration_ms": 0`, `"duration_ms": `},
	{regexp.MustCompile(` time="\d+\.\d+"`), ` time="TIME"`, ` time="`},
	{regexp.MustCompile(`(?m)^(sescheck_run_\w+_seconds) [\d.]+$`), "$1 TIME", "sescheck_run_"},
	{regexp.MustCompile(`(?sm)^<(style|script)>.*?</(style|script)>$`), "<$1></$1>", "</s"},
	{regexp.MustCompile(`'sha256-[^']*'`), "'sha256-HASH'", "'sha256-"},
}

// uncounted removes the numbers of passed checks and the lists of all checks from a
// report, so that a new check changes only the two stories about these.
func uncounted(s, dir string) string {
	switch filepath.Base(dir) {
	case "nothing-found", "one-of-each":
		return s
	}
	return replaced(s, passed)
}

var passed = []replacement{
	{regexp.MustCompile(`\d+ checks? passed`), "N checks passed", " passed"},
	{regexp.MustCompile(`"passed": \d+`), `"passed": 0`, `"passed": `},
	{regexp.MustCompile(`(?m)^sescheck_passed_checks \d+$`), "sescheck_passed_checks N", "sescheck_passed_checks "},
	{regexp.MustCompile(`(?sm)^ "scopes": \[$.*?^ \]`), ` "scopes": []`, `"scopes"`},
	{regexp.MustCompile(`(?m)^(\| .* \| [^ |]+ (?:pass|fail|inconclusive)) \| \d+ \|`), "$1 | N |", "| "},
}

// still removes everything that differs from run to run.
func still(s, dir, addr string) string {
	s = strings.ReplaceAll(s, dir+"/", "")
	s = strings.ReplaceAll(s, addr, "SERVER")
	return replaced(s, moving)
}

// TestEveryCheckHasScenarios: each check has a story in which it fires and one in
// which it does not, and every folder belongs to a check.
func TestEveryCheckHasScenarios(t *testing.T) {
	t.Parallel()
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, dir := range scenarios(t) {
		id := filepath.Base(filepath.Dir(dir))
		text, err := os.ReadFile(filepath.Join(dir, "want.txt"))
		if err != nil {
			t.Error(err)
			continue
		}
		if regexp.MustCompile(`(?m)^  \w+ +` + id + `  `).Match(text) {
			fires[id] = true
		} else {
			quiet[id] = true
		}
	}
	for _, c := range check.All() {
		if !fires[c.ID] {
			t.Errorf("testdata/%s has no story in which the check fires", c.ID)
		}
		if !quiet[c.ID] {
			t.Errorf("testdata/%s has no story in which the check does not fire", c.ID)
		}
	}
	entries, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatal(err)
	}
	others := []string{"common", "config", "dns", "formats", "import", "inspect", "zones"}
	for _, e := range entries {
		if _, ok := check.Lookup(e.Name()); !ok && !slices.Contains(others, e.Name()) {
			t.Errorf("testdata/%s is named after no check", e.Name())
		}
	}
}

// TestEveryCheckIsCounted: each check is counted for a file with all keys, and
// without answers only checks without queries pass.
func TestEveryCheckIsCounted(t *testing.T) {
	t.Parallel()
	// These checks replace others, or are about more than one record;
	// report/baseline.go knows what happens to them.
	uncounted := func(c *finding.Check) bool {
		return c.Part() == wanted.Every || c.Part() == wanted.SES || c == spf.UpstreamChanged
	}
	dir := put(t, map[string]string{"sescheck.yaml": `version: 1
domains:
  a.example:
    region: eu-west-1
    verification: [token]
    dkim: [t1, t2, t3]
    mail_from: bounce
    receiving: true
    tracking: click
    spf: {includes: [b.example], all: "-all"}
    dmarc: {policy: reject, subdomain_policy: reject}
    require: [gmail]
  b.example:
    dkim: {selector: s1, public_key: ` + ownKey + `}
    spf: none
`})
	out, errs, _ := run(t, "check", "--zones", zones(t, map[string]string{"other.test": ""}), "--offline", "--verbose", "--format", "json", filepath.Join(dir, "sescheck.yaml"))
	var r struct {
		Domains []struct {
			Checks []struct{ Check, Status string }
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err, errs)
	}
	counted := map[string]bool{}
	for _, d := range r.Domains {
		for _, c := range d.Checks {
			counted[c.Check] = true
			if c.Status != "inconclusive" && c.Check != "region-unknown" && c.Check != "receiving-region" {
				t.Errorf("%s is %s, and nothing was answered: name it where the judge says what is unknown", c.Check, c.Status)
			}
		}
	}
	for _, c := range check.All() {
		if counted[c.ID] == uncounted(c) {
			t.Errorf("%s is counted: %v; what is counted is in the scope of its part", c.ID, counted[c.ID])
		}
	}
}

// TestEveryCheckOfSESIsCounted: each check of SES is counted if the state of SES is
// complete, and those that need DNS do not pass without an answer.
func TestEveryCheckOfSESIsCounted(t *testing.T) {
	t.Parallel()
	dir := put(t, map[string]string{
		"sescheck.yaml": `version: 1
domains:
  a.example: {region: eu-west-1, dkim: [t1, t2, t3], mail_from: {name: bounce, on_mx_failure: reject}, tracking: click}
  b.example: {region: eu-west-1, dkim: [t1, t2, t3], mail_from: bounce}
`,
		"ses/eu-west-1/all.json": `{"EmailIdentities": [{"IdentityName": "a.example"}, {"IdentityName": "b.example"}]}
{"EmailIdentity": "a.example", "VerificationStatus": "SUCCESS", "DkimAttributes": {"Status": "SUCCESS", "SigningEnabled": true, "Tokens": ["t1", "t2", "t3"]},
 "MailFromAttributes": {"MailFromDomain": "bounce.a.example", "MailFromDomainStatus": "SUCCESS", "BehaviorOnMxFailure": "REJECT_MESSAGE"}, "VerificationInfo": {"SOARecord": {"PrimaryNameServer": "ns1.a.example"}}}
{"EmailIdentity": "b.example", "MailFromAttributes": {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}}
{"ConfigurationSetName": "main", "TrackingOptions": {"CustomRedirectDomain": "click.a.example", "HttpsPolicy": "OPTIONAL"}}
{"Recommendations": [{"ResourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/a.example", "Type": "DKIM", "Status": "FIXED"}]}`,
	})
	out, errs, _ := run(t, "check", "--zones", zones(t, map[string]string{"other.test": ""}), "--offline", "--verbose", "--format", "json",
		"--ses", filepath.Join(dir, "ses"), filepath.Join(dir, "sescheck.yaml"))
	var r struct {
		Domains []struct {
			Name   string
			Checks []struct{ Check, Status string }
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err, errs)
	}
	counted := map[string]string{}
	for _, d := range r.Domains {
		for _, c := range d.Checks {
			counted[d.Name+" "+c.Check] = c.Status
		}
	}
	for _, c := range check.All() {
		want := "pass"
		if c == ses.OtherServers {
			want = "inconclusive"
		}
		if got := counted["a.example "+c.ID]; c.Part() == wanted.SES && got != want {
			t.Errorf("%s is %q, not %q", c, got, want)
		}
	}
	if got := counted["b.example ses-mail-from-unset"]; got != "inconclusive" {
		t.Errorf("ses-mail-from-unset without an answer of DNS is %q", got)
	}
}

// TestNoMissingWithoutAnswers: if a server does not answer properly, nothing is
// missing, and the run is inconclusive. The stories have findings if the server
// answers.
func TestNoMissingWithoutAnswers(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"SERVFAIL * *", "REFUSED * *", "BOGUS * *", "EMPTY * *", "GARBAGE * *", "DROP * *", "STRANGER * *"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			for _, story := range []string{"mail-from-mx-missing/lost-in-migration", "verification-missing/deleted", "dmarc-missing/never-there"} {
				dir := filepath.Join(testdata, story)
				if _, err := os.Stat(dir); err != nil {
					t.Fatal(err)
				}
				s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
				s.Fault(t, fault)
				out, errs, code := run(t, "check", "--resolver", s.Addr, "--timeout", "50ms", "--retries", "0", filepath.Join(dir, "sescheck.yaml"))
				if code != "3" || errs != "" || strings.Contains(out, "  error ") {
					t.Errorf("%s: exit %s\n%s%s", story, code, out, errs)
				}
			}
		})
	}
}

package command

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	runtimedebug "runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/scripttest"
)

// The tests of this file run the scripts of docs/workflows. They need bash, curl
// and jq, as GitHub's runners have them, and are skipped without those; .ci/run
// installs them.

// TestMain is the program itself if a script calls it. Most stories wait for
// answers that do not come, so more tests run in parallel than there are CPUs,
// unless -parallel is set. Garbage is collected later than usual, as little memory is
// in use at a time.
func TestMain(m *testing.M) {
	if os.Getenv("SESCHECK_TEST_PROGRAM") == "" {
		flag.Parse()
		if cpus := strconv.Itoa(runtime.GOMAXPROCS(0)); flag.Lookup("test.parallel").Value.String() == cpus {
			_ = flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0)))
		}
		if os.Getenv("GOGC") == "" {
			runtimedebug.SetGCPercent(400)
		}
		os.Exit(m.Run())
	}
	os.Exit(Main(context.Background(), os.Args[1:], Env{Version: "test", Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}))
}

// tools skips tests of scripts without their tools. They start hundreds of
// programs: .ci/workflows installs the tools, and runs these tests.
func tools(t *testing.T, names ...string) {
	t.Helper()
	if os.Getenv("SESCHECK_TOOLS") != "required" {
		t.Skip("the test of a script: .ci/workflows runs it")
	}
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatal(err)
		}
	}
}

// job is a job of a workflow, with the keys that the tests need.
type job struct {
	Steps []struct {
		Name, Uses, Run, If, Shell string
		Env                        map[string]string
		With                       map[string]string
	}
	Strategy struct {
		Matrix map[string][]string
	}
}

func workflow(t *testing.T, name string) map[string]job {
	t.Helper()
	var w struct{ Jobs map[string]job }
	if err := yaml.Unmarshal([]byte(readFile(t, "../../docs/workflows/"+name)), &w); err != nil {
		t.Fatal(err)
	}
	return w.Jobs
}

// script returns the script of a step.
func (j job) script(t *testing.T, step string) string {
	t.Helper()
	for _, s := range j.Steps {
		if s.Name == step {
			return s.Run
		}
	}
	t.Fatalf("there is no step %q", step)
	return ""
}

// bash runs a script in a folder as the runner does. The script must leave no
// temporary files.
func bash(t *testing.T, dir, script string, env ...string) (output string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	c.Dir = dir
	temp := t.TempDir()
	c.Env = append(os.Environ(), append(env, "TMPDIR="+temp)...)
	out, err := c.CombinedOutput()
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(out), e.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

// tracker has the part of GitHub's API of issues that the drift workflow needs.
type tracker struct {
	mu     sync.Mutex
	issues []*issue
	broken string // a method that fails
	calls  []string
}

type issue struct {
	Number   int       `json:"number"`
	Title    string    `json:"title"`
	Body     *string   `json:"body"`
	State    string    `json:"state"`
	PR       *struct{} `json:"pull_request,omitempty"`
	creator  string
	comments []string
}

const bot = "github-actions[bot]"

func (tr *tracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	path, ok := strings.CutPrefix(r.URL.Path, "/api/repos/o/r/issues")
	tr.calls = append(tr.calls, r.Method+" "+path)
	if !ok || r.Header.Get("Authorization") != "Bearer secret" || r.Method == tr.broken {
		http.Error(w, `{"message": "##[error]no\n::error::no"}`, http.StatusForbidden)
		return
	}
	var in struct {
		Title, Body, State *string
	}
	if r.Method != http.MethodGet {
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &in); err != nil || in.Body != nil && len([]rune(*in.Body)) > 65536 {
			http.Error(w, "validation failed", http.StatusUnprocessableEntity)
			return
		}
	}
	number, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	n, _ := strconv.Atoi(number)
	switch {
	case r.Method == http.MethodGet && path == "":
		q := r.URL.Query()
		page, _ := strconv.Atoi(q.Get("page"))
		size, _ := strconv.Atoi(q.Get("per_page"))
		list := []*issue{}
		for _, i := range tr.issues {
			if i.State == q.Get("state") && i.creator == q.Get("creator") {
				list = append(list, i)
			}
		}
		_ = json.NewEncoder(w).Encode(list[min((page-1)*size, len(list)):min(page*size, len(list))])
	case r.Method == http.MethodPost && path == "":
		i := &issue{Number: len(tr.issues) + 1, Title: *in.Title, Body: in.Body, State: "open", creator: bot}
		tr.issues = append(tr.issues, i)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(i)
	case n < 1 || n > len(tr.issues):
		http.NotFound(w, r)
	case r.Method == http.MethodPost && rest == "comments":
		tr.issues[n-1].comments = append(tr.issues[n-1].comments, *in.Body)
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPatch && rest == "":
		if in.Body != nil {
			tr.issues[n-1].Body = in.Body
		}
		if in.State != nil {
			tr.issues[n-1].State = *in.State
		}
	default:
		http.NotFound(w, r)
	}
}

// drift is a repository whose DNS is checked every day.
type drift struct {
	*tracker
	dir, script string
	api         string
	runs        int
}

func newDrift(t *testing.T) *drift {
	t.Helper()
	tools(t, "bash", "curl", "jq", "awk", "sha256sum")
	d := &drift{tracker: &tracker{}, dir: t.TempDir(), script: workflow(t, "schedule.yml")["dns"].script(t, "Open, update or close the issue")}
	s := httptest.NewServer(d.tracker)
	t.Cleanup(s.Close)
	d.api = s.URL + "/api"
	return d
}

// day runs check on the zone files with the report of the day before as the
// baseline, then the script, and returns the script's output and exit code.
func (d *drift) day(t *testing.T, zones string, yaml string) (string, int) {
	t.Helper()
	d.runs++
	report, summary, file := filepath.Join(d.dir, "report.json"), filepath.Join(d.dir, "summary.md"), filepath.Join(d.dir, "sescheck.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"check", "--zones", zones, "--offline", "--write", "json=" + report, "--write", "markdown=" + summary}
	if _, err := os.Stat(report); err == nil {
		args = append(args, "--baseline", report)
	}
	if _, errs, code := run(t, append(args, file)...); errs != "" {
		t.Fatalf("exit %s: %s", code, errs)
	}
	return d.runScript(t, report, summary)
}

// runScript runs the script on a report and its summary.
func (d *drift) runScript(t *testing.T, report, summary string) (string, int) {
	t.Helper()
	return bash(t, d.dir, d.script, "GH_TOKEN=secret", "GITHUB_API_URL="+d.api, "GITHUB_SERVER_URL=https://github.example", "GITHUB_REPOSITORY=o/r",
		fmt.Sprintf("GITHUB_RUN_ID=%d", d.runs), "REPORT="+report, "SUMMARY="+summary, "TITLE=DNS is not as sescheck.yaml says")
}

// age sets back the first-seen times of the last report.
func (d *drift) age(t *testing.T, by time.Duration) {
	t.Helper()
	path := filepath.Join(d.dir, "report.json")
	then := time.Now().Add(-by).UTC().Format("2006-01-02T15:04:05Z")
	text := regexp.MustCompile(`"first_seen": "[^"]*"`).ReplaceAllString(readFile(t, path), `"first_seen": "`+then+`"`)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// zones writes zone files.
func zones(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name+".zone"), []byte("$ORIGIN "+name+".\n$TTL 300\n@ SOA ns1.example. host.example. 1 1 1 1 1\n"+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	driftFile = "version: 1\ndomains:\n  a.example: {verification: [token], spf: {includes: [], all: \"-all\"}, dmarc: none}\n  b.example: {verification: [token]}\n"
	goodA     = "_amazonses TXT token\n@ TXT \"v=spf1 -all\"\n_dmarc TXT \"v=DMARC1; p=none\"\n"
	goodB     = "_amazonses TXT token\n"
)

// TestDriftIssue follows an issue from its opening to its closing.
func TestDriftIssue(t *testing.T) {
	t.Parallel()
	d := newDrift(t)
	good := zones(t, map[string]string{"a.example": goodA, "b.example": goodB})
	bad := zones(t, map[string]string{"a.example": strings.Replace(goodA, "_amazonses", "other", 1), "b.example": goodB})
	worse := zones(t, map[string]string{"a.example": strings.Replace(goodA, "_amazonses", "other", 1), "b.example": "other TXT x\n"})
	unknown := zones(t, map[string]string{"b.example": goodB})
	foreign := "<!-- sescheck-drift 0000 -->\nanybody can write this"
	d.issues = []*issue{{Number: 1, State: "open", Body: &foreign, creator: "mallory"}, {Number: 2, State: "open", Body: nil, creator: bot}, {Number: 3, State: "open", Body: &foreign, PR: &struct{}{}, creator: bot}}
	step := func(what, zones, want string) *issue {
		t.Helper()
		out, code := d.day(t, zones, driftFile)
		if code != 0 || !strings.Contains(out, want) {
			t.Fatalf("%s: exit %d, want %q\n%s", what, code, want, out)
		}
		if len(d.issues) > 4 {
			t.Fatalf("%s: there are %d issues", what, len(d.issues)-3)
		}
		if len(d.issues) == 4 {
			return d.issues[3]
		}
		return &issue{}
	}
	step("all is well", good, "no issue is open")
	step("nothing is known", unknown, "stays as it is")
	i := step("first failure", bad, "Opened issue 4.")
	if i.Title != "DNS is not as sescheck.yaml says" || !strings.Contains(*i.Body, "| `a.example` | verification-missing | ") || !strings.Contains(*i.Body, ": 71 hours are left |") && !strings.Contains(*i.Body, ": 72 hours are left |") {
		t.Errorf("%s\n%s", i.Title, *i.Body)
	}
	first := *i.Body
	d.age(t, 30*time.Hour)
	step("still so", bad, "Updated issue 4.")
	if *i.Body == first || !strings.Contains(*i.Body, ": 41 hours are left |") && !strings.Contains(*i.Body, ": 42 hours are left |") {
		t.Errorf("the clock stands still:\n%s", *i.Body)
	}
	if len(i.comments) > 0 {
		t.Errorf("a comment though nothing changed: %q", i.comments)
	}
	before := *i.Body
	step("nothing is known of it", unknown, "stays as it is")
	if *i.Body != before || i.State != "open" || len(i.comments) > 0 {
		t.Errorf("an inconclusive run touched the issue:\n%s", *i.Body)
	}
	step("one more", worse, "Updated issue 4.")
	if len(i.comments) != 1 || !strings.Contains(i.comments[0], "- new: verification-missing of `b.example`") || strings.Contains(i.comments[0], "a.example") {
		t.Errorf("comments: %q", i.comments)
	}
	if strings.Count(*i.Body, "hours are left |") != 2 || !strings.Contains(*i.Body, ": 41 hours are left |") && !strings.Contains(*i.Body, ": 42 hours are left |") {
		t.Errorf("the clock was lost in the inconclusive run:\n%s", *i.Body)
	}
	d.age(t, 80*time.Hour)
	step("one less, and too late", bad, "Updated issue 4.")
	if len(i.comments) != 2 || !strings.Contains(i.comments[1], "- fixed: verification-missing of `b.example`") {
		t.Errorf("comments: %q", i.comments)
	}
	if !strings.Contains(*i.Body, "72 hours are over: fix the record, then start its setup in SES again") || strings.Contains(*i.Body, "PASSED") || !strings.Contains(*i.Body, " standing |") {
		t.Errorf("the advice stays:\n%s", *i.Body)
	}
	step("repaired", good, "Closed issue 4.")
	if i.State != "closed" || len(i.comments) != 3 || !strings.Contains(i.comments[2], "as the file says again") {
		t.Errorf("%s %q", i.State, i.comments)
	}
	step("all is well again", good, "no issue is open")
	if out, code := d.day(t, bad, driftFile); code != 0 || !strings.Contains(out, "Opened issue 5.") {
		t.Errorf("exit %d\n%s", code, out)
	}
	for n, i := range d.issues[:3] {
		if len(i.comments) > 0 || i.State != "open" || i.Body != nil && *i.Body != foreign {
			t.Errorf("issue %d is somebody else's and was touched", n+1)
		}
	}
}

// TestDriftIsNotFixed: a finding that a run cannot judge is not fixed, and keeps
// its first-seen time.
func TestDriftIsNotFixed(t *testing.T) {
	t.Parallel()
	d := newDrift(t)
	const file = "version: 1\ndomains:\n  a.example: {verification: token, spf: [x.example]}\n"
	const off, gone = file + "checks: {verification-missing: off}\n", "version: 1\ndomains:\n  a.example: {dmarc: none}\n"
	other := "x.example"
	at := func(spf string) string {
		return zones(t, map[string]string{"a.example": spf + "_dmarc TXT \"v=DMARC1; p=none\"\n", other: "@ TXT \"v=spf1 -all\"\n"})
	}
	step := func(what, zones, yaml, want string) *issue {
		t.Helper()
		if out, code := d.day(t, zones, yaml); code != 0 || !strings.Contains(out, want) {
			t.Fatalf("%s: exit %d, want %q\n%s", what, code, want, out)
		}
		return d.issues[0]
	}
	missing, twice := at("@ TXT \"v=spf1 -all\"\n"), at("@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 ~all\"\n")
	step("two errors", missing, file, "Opened issue 1.")
	d.age(t, 30*time.Hour)
	i := step("a second record hides one", twice, file, "Updated issue 1.")
	if len(i.comments) != 1 || !strings.Contains(i.comments[0], "- new: spf-duplicate of `a.example`") || strings.Contains(i.comments[0], "fixed") {
		t.Errorf("comments: %q", i.comments)
	}
	if !strings.Contains(*i.Body, "| `a.example` | spf-include-missing, not known while there is spf-duplicate | ") {
		t.Errorf("what is hidden is not reported:\n%s", *i.Body)
	}
	i = step("it is gone", missing, file, "Updated issue 1.")
	if len(i.comments) != 2 || strings.Contains(i.comments[1], "- new") || !strings.Contains(i.comments[1], "- fixed: spf-duplicate of `a.example`") {
		t.Errorf("comments: %q", i.comments)
	}
	if !strings.Contains(*i.Body, ": 41 hours are left |") && !strings.Contains(*i.Body, ": 42 hours are left |") {
		t.Errorf("the clock began again:\n%s", *i.Body)
	}
	i = step("a check is off", missing, off, "Updated issue 1.")
	if len(i.comments) != 3 || strings.Contains(i.comments[2], "fixed") || !strings.Contains(i.comments[2], "- not looked at: verification-missing of `a.example`, the check is off") {
		t.Errorf("comments: %q", i.comments)
	}
	i = step("all is out of the file", missing, gone, "Closed issue 1.")
	if last := i.comments[len(i.comments)-1]; i.State != "closed" || !strings.Contains(last, "- not looked at: spf-include-missing of `a.example`, the file no longer asks for it") || strings.Contains(last, "fixed") {
		t.Errorf("%s %q", i.State, i.comments)
	}
	// An error that another one hides keeps the issue open.
	step("again", missing, file, "Opened issue 2.")
	step("hidden by what is off", twice, file+"checks: {spf-duplicate: off, verification-missing: off}\n", "the issue stays as it is")
}

// TestDriftManyIssues: the script finds its issue after a hundred issues of the
// same author.
func TestDriftManyIssues(t *testing.T) {
	t.Parallel()
	d := newDrift(t)
	other := "something else <!-- sescheck-drift 12 -->"
	for n := range 130 {
		d.issues = append(d.issues, &issue{Number: n + 1, State: "open", Body: &other, creator: bot})
	}
	bad := zones(t, map[string]string{"a.example": "x TXT x\n", "b.example": goodB})
	for _, want := range []string{"Opened issue 131.", "Updated issue 131."} {
		if out, code := d.day(t, bad, driftFile); code != 0 || !strings.Contains(out, want) {
			t.Fatalf("exit %d, want %q\n%s", code, want, out)
		}
	}
}

// TestDriftAPIErrors: an API error ends the step, and its text is not obeyed.
func TestDriftAPIErrors(t *testing.T) {
	t.Parallel()
	bad := zones(t, map[string]string{"a.example": "x TXT x\n", "b.example": goodB})
	good := zones(t, map[string]string{"a.example": goodA, "b.example": goodB})
	for _, c := range []struct {
		method string
		days   []string
	}{{"GET", []string{good}}, {"POST", []string{bad}}, {"PATCH", []string{bad, bad}}, {"POST", []string{bad, good}}, {"PATCH", []string{bad, good}}} {
		d := newDrift(t)
		for _, zones := range c.days[:len(c.days)-1] {
			if out, code := d.day(t, zones, driftFile); code != 0 {
				t.Fatalf("exit %d\n%s", code, out)
			}
		}
		d.broken = c.method
		out, code := d.day(t, c.days[len(c.days)-1], driftFile)
		if code == 0 || !strings.Contains(out, "::error title=sescheck::GitHub's API refused "+c.method+" /repos/o/r/issues") {
			t.Errorf("%s %d: exit %d\n%s", c.method, len(c.days), code, out)
		}
		if n := len(hostile.Commands(out)); n != 1 {
			t.Errorf("%s: the runner would obey %q", c.method, hostile.Commands(out))
		}
	}
}

// TestDriftHostile: texts from DNS and the file mention nobody in the issue and do
// not end its marker. Summaries over 65,536 characters are cut.
func TestDriftHostile(t *testing.T) {
	t.Parallel()
	d := newDrift(t)
	var file strings.Builder
	file.WriteString("version: 1\nignore:\n  - {check: spf-all, reason: \"@octocat fixes #1 GH-2 --> ``` <script>\"}\ndomains:\n")
	files := map[string]string{}
	for n := range 300 {
		name := fmt.Sprintf("d%03d.example", n)
		fmt.Fprintf(&file, "  %s: {verification: [token], spf: {includes: [x%03d.example], all: \"-all\"}}\n", name, n)
		files[name] = fmt.Sprintf("_amazonses TXT \"@octocat closes #%d --> \\`\\`\\`\" \n@ TXT \"v=spf1 @octocat/team fixes:#12 GH-3 ?all\"\nother TXT x\n", n)
	}
	out, code := d.day(t, zones(t, files), file.String())
	if code != 0 || !strings.Contains(out, "Opened issue 1.") || len(hostile.Commands(out)) > 0 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	body := *d.issues[0].Body
	if !strings.Contains(body, "The summary of the run has more.") || !strings.Contains(body, "\nand ") {
		t.Error("nothing was cut")
	}
	if n := strings.Count(body, "\n```"); n%2 != 0 {
		t.Errorf("a block of code is open: %d fences", n)
	}
	if !regexp.MustCompile(`^<!-- sescheck-drift [0-9a-f]{16} -->\n`).MatchString(body) {
		t.Error("the mark does not end where it should")
	}
	text := regexp.MustCompile("(?s)```.*?```|`[^`\n]*`").ReplaceAllString(body, "")
	text = html.UnescapeString(text) // GitHub looks for mentions in this form
	for _, m := range []string{`@[A-Za-z0-9]`, `#[0-9]`, `\bGH-[0-9]`, `https?://[^g]`} {
		if found := regexp.MustCompile(m).FindString(text); found != "" {
			t.Errorf("%q is a mention or a tag", found)
		}
	}
}

// TestDriftCut: a cut summary leaves no code block open, for any length of its
// fence.
func TestDriftCut(t *testing.T) {
	t.Parallel()
	d := newDrift(t)
	bad := zones(t, map[string]string{"a.example": "x TXT x\n", "b.example": goodB})
	if out, code := d.day(t, bad, driftFile); code != 0 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	summary, long := filepath.Join(d.dir, "long.md"), strings.Repeat(strings.Repeat("x", 99)+"\n", 600)
	for head, tail := range map[string]string{
		"":                                       "x\n",
		"```\n":                                  "x\n```\n",
		"````text\n```\n":                        "x\n````\n",
		"```\ny\n```\n":                          "x\n",
		"````\ny\n`````\n":                       "x\n",
		"<details><summary>y</summary>\n\n":      "x\n\n</details>\n",
		"<details>\n\n````\n```\n</details>\n":   "x\n````\n\n</details>\n",
		"<details>\n\n```\ny\n```\n</details>\n": "x\n",
	} {
		if err := os.WriteFile(summary, []byte("## sescheck: FAILED\n"+head+long), 0o644); err != nil {
			t.Fatal(err)
		}
		out, code := d.runScript(t, filepath.Join(d.dir, "report.json"), summary)
		if body := *d.issues[0].Body; code != 0 || !strings.HasSuffix(body, tail+"\nThe summary of the run has more.\n") {
			t.Errorf("%q: exit %d\n%s%s", head, code, out, body[max(len(body)-200, 0):])
		}
	}
}

// TestFleetWorkflow runs the jobs of docs/workflows/fleet.yml: a shard for every
// item of the matrix, each in its own folder, then the verdict with their reports.
func TestFleetWorkflow(t *testing.T) {
	t.Parallel()
	tools(t, "bash")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	jobs := workflow(t, "fleet.yml")
	shard, verdict := jobs["shard"], jobs["verdict"]
	matrix := shard.Strategy.Matrix["shard"]
	dir := fleet(t)
	script := strings.Replace(shard.script(t, "Check this shard"), "--resolver 1.1.1.1 --resolver 8.8.8.8", "--offline --zones zones", 1)
	bin := t.TempDir()
	scripttest.Write(t, filepath.Join(bin, "sescheck"), "#!/bin/sh\nSESCHECK_TEST_PROGRAM=1 exec '"+program+"' \"$@\"\n")
	env := []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "GITHUB_ACTIONS=true"}
	for name, c := range map[string]struct {
		missing string // a shard whose runner failed
		code    int
		want    string
	}{
		"all":      {"", 1, "title=mail-from-mx-missing::"},
		"one lost": {"2", 1, "shard 2 of 3 is missing: "},
		"all lost": {"1 2 3", 2, "::error title=sescheck::\"shards/*/shard.json\": no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			workspace, files := t.TempDir(), t.TempDir()
			for _, i := range matrix {
				if strings.Contains(c.missing, i) {
					continue
				}
				checkout := t.TempDir()
				if err := os.CopyFS(checkout, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				out, code := bash(t, checkout, script, append(env, fmt.Sprintf("SHARD=%s/%d", i, len(matrix)))...)
				if code != 0 || !strings.Contains(out, "shard "+i+" of 3") || len(hostile.Commands(out)) > 0 {
					t.Fatalf("shard %s: exit %d\n%s", i, code, out)
				}
				artifact := filepath.Join(workspace, "shards", "sescheck-shard-"+i)
				if err := errors.Join(os.MkdirAll(artifact, 0o755), os.Rename(filepath.Join(checkout, "shard.json"), filepath.Join(artifact, "shard.json"))); err != nil {
					t.Fatal(err)
				}
			}
			out, code := bash(t, workspace, verdict.script(t, "Merge the reports"), append(env, "GITHUB_WORKSPACE="+workspace,
				"GITHUB_OUTPUT="+filepath.Join(files, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(files, "summary"))...)
			if code != c.code || !strings.Contains(out, c.want) {
				t.Errorf("exit %d, want %d and %q\n%s", code, c.code, c.want, out)
			}
			if c.code == 1 && (!strings.Contains(readFile(t, filepath.Join(files, "summary")), "## sescheck: FAILED") || readOutputs(t, filepath.Join(files, "output"))["result"] != "fail") {
				t.Error("no summary, or no outputs")
			}
		})
	}
}

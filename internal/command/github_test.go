package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// vars is the environment of a step.
type vars map[string]string

func (v vars) get(name string) string { return v[name] }

func TestActionArgs(t *testing.T) {
	t.Parallel()
	workspace := t.TempDir()
	for name, tt := range map[string]struct {
		inputs vars
		want   []string
		err    string
	}{
		"nothing":        {nil, []string{"--"}, ""},
		"empty":          {vars{"INPUT_FILES": "", "INPUT_RESOLVER": " \n ", "INPUT_STRICT": "", "INPUT_ZONES": ""}, []string{"--"}, ""},
		"one a line":     {vars{"INPUT_RESOLVER": "1.1.1.1\n\n  tls://dns.example \r\n"}, []string{"--resolver=1.1.1.1", "--resolver=tls://dns.example", "--"}, ""},
		"writes":         {vars{"INPUT_WRITE": "sarif=a b.sarif\nhtml=x.html"}, []string{"--write=sarif=a b.sarif", "--write=html=x.html", "--"}, ""},
		"files":          {vars{"INPUT_FILES": "./a.yaml\n-b.yaml\nmail/*.yaml\n"}, []string{"--", "a.yaml", "-b.yaml", "mail/*.yaml"}, ""},
		"absolute files": {vars{"INPUT_FILES": filepath.Join(workspace, "dns", "a.yaml")}, []string{"--", "dns/a.yaml"}, ""},
		"strict":         {vars{"INPUT_STRICT": "True"}, []string{"--strict", "--"}, ""},
		"not strict":     {vars{"INPUT_STRICT": "false"}, []string{"--"}, ""},
		"all the others": {
			vars{"INPUT_ZONES": "zones", "INPUT_FAIL-ON": "warning", "INPUT_INCONCLUSIVE": "warn", "INPUT_BASELINE": "old.json", "INPUT_CHANGED-ONLY": "HEAD~1", "INPUT_WAIT": "5m"},
			[]string{"--zones=zones", "--fail-on=warning", "--inconclusive=warn", "--baseline=old.json", "--changed-only=HEAD~1", "--wait=5m", "--"}, "",
		},
		"zones and plans":       {vars{"INPUT_ZONES": "a\nb", "INPUT_PLAN": "p.json\nq.json"}, []string{"--zones=a", "--zones=b", "--plan=p.json", "--plan=q.json", "--"}, ""},
		"a flag in a value":     {vars{"INPUT_ZONES": "--trace=/etc/passwd"}, []string{"--zones=--trace=/etc/passwd", "--"}, ""},
		"not ours":              {vars{"INPUT_TRACE": "x", "INPUT_OFFLINE": "true"}, []string{"--"}, ""},
		"no boolean":            {vars{"INPUT_STRICT": "maybe"}, nil, `input strict is "maybe"; write true or false`},
		"two values where one":  {vars{"INPUT_BASELINE": "a\nb"}, nil, "input baseline has 2 lines; write one value"},
		"all that is wrong":     {vars{"INPUT_WAIT": "1\n2\n3", "INPUT_STRICT": "1"}, nil, "input wait has 3 lines; write one value\ninput strict is \"1\"; write true or false"},
		"resolvers in a line":   {vars{"INPUT_RESOLVER": "1.1.1.1, 8.8.8.8"}, nil, "input resolver: \"1.1.1.1, 8.8.8.8\" looks like several values; write one per line, below `resolver: |`"},
		"resolvers and spaces":  {vars{"INPUT_RESOLVER": "1.1.1.1 8.8.8.8"}, nil, "input resolver: \"1.1.1.1 8.8.8.8\" looks like several values; write one per line, below `resolver: |`"},
		"files in a line":       {vars{"INPUT_FILES": "a.yaml,b.yaml"}, nil, "input files: \"a.yaml,b.yaml\" looks like several values; write one per line, below `files: |`"},
		"files and spaces":      {vars{"INPUT_FILES": "mail/*.yaml dns/*.yaml"}, nil, "input files: \"mail/*.yaml dns/*.yaml\" looks like several values; write one per line, below `files: |`"},
		"a glob with a comma":   {vars{"INPUT_FILES": "mail/{a,b}.yaml"}, []string{"--", "mail/{a,b}.yaml"}, ""},
		"zones in a line":       {vars{"INPUT_ZONES": "a; b, c"}, nil, "input zones: \"a; b, c\" looks like several values; write one per line, below `zones: |`"},
		"plans in a line":       {vars{"INPUT_PLAN": "a.json b.json"}, nil, "input plan: \"a.json b.json\" looks like several values; write one per line, below `plan: |`"},
		"writes in a line":      {vars{"INPUT_WRITE": "json=a.json, html=b.html"}, nil, "input write: \"json=a.json, html=b.html\" looks like several values; write one per line, below `write: |`"},
		"write outside":         {vars{"INPUT_WRITE": "json=/tmp/r.json"}, nil, "input write: \"/tmp/r.json\" is outside the workspace, where later steps cannot see it; write a path in the workspace, such as \"r.json\""},
		"write above":           {vars{"INPUT_WRITE": "json=../r.json"}, nil, "input write: \"../r.json\" is outside the workspace, where later steps cannot see it; write a path in the workspace, such as \"r.json\""},
		"write inside":          {vars{"INPUT_WRITE": "json=" + filepath.Join(workspace, "out", "r.json")}, []string{"--write=json=" + filepath.Join(workspace, "out", "r.json"), "--"}, ""},
		"a command in an input": {vars{"INPUT_STRICT": "x##[error]y"}, nil, `input strict is "x#\x23[error]y"; write true or false`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := vars{"GITHUB_WORKSPACE": workspace}
			maps.Copy(env, tt.inputs)
			got, err := actionArgs(env.get, workspace)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Fatalf("error %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{"--format=github"}, tt.want...), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestActionElsewhere: a path outside the workspace stays as it is.
func TestActionElsewhere(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.yaml")
	got, err := actionArgs(vars{"GITHUB_WORKSPACE": filepath.Dir(file), "INPUT_FILES": file}.get, t.TempDir())
	if err != nil || got[len(got)-1] != file {
		t.Errorf("%q %v", got, err)
	}
}

func TestWorkspacePath(t *testing.T) {
	t.Parallel()
	workspace := t.TempDir()
	outside := filepath.Join(filepath.Dir(workspace), "other", "a.yaml")
	for path, want := range map[string]string{
		"a.yaml":                             "a.yaml",
		"./dns//a.yaml":                      "dns/a.yaml",
		filepath.Join("dns", "a.yaml"):       "dns/a.yaml",
		filepath.Join(workspace, "a.yaml"):   "a.yaml",
		filepath.Join(workspace, "d", "*.y"): "d/*.y",
		workspace:                            ".",
		outside:                              filepath.ToSlash(outside),
	} {
		if got := workspacePath(workspace, path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// TestActionMetadata compares action.yml with the inputs and outputs of the
// program.
func TestActionMetadata(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	section := func(head string) (names []string) {
		_, rest, ok := strings.Cut(string(text), "\n"+head+":\n")
		if !ok {
			t.Fatalf("action.yml has no %s", head)
		}
		rest, _, _ = strings.Cut(rest, "\n\n")
		for _, m := range regexp.MustCompile(`(?m)^  ([a-z-]+):$`).FindAllStringSubmatch(rest, -1) {
			names = append(names, m[1])
		}
		slices.Sort(names)
		return names
	}
	read := []string{"files"}
	for _, in := range traits {
		if in.input != noInput {
			read = append(read, in.flag)
		}
	}
	flags := newCheck(&Env{}).Flags()
	for _, name := range read[1:] {
		if flags.Lookup(name) == nil {
			t.Errorf("input %s is no flag of check", name)
		}
	}
	slices.Sort(read)
	if diff := cmp.Diff(read, section("inputs")); diff != "" {
		t.Errorf("inputs: read -, in action.yml +\n%s", diff)
	}

	path := filepath.Join(t.TempDir(), "output")
	env := &Env{Getenv: vars{"GITHUB_WORKSPACE": t.TempDir(), "GITHUB_OUTPUT": path}.get}
	if err := finishStep(env, &report.Report{Result: finding.Pass}); err != nil {
		t.Fatal(err)
	}
	var set []string
	for name := range readOutputs(t, path) {
		set = append(set, name)
	}
	slices.Sort(set)
	if diff := cmp.Diff(set, section("outputs")); diff != "" {
		t.Errorf("outputs: set -, in action.yml +\n%s", diff)
	}
}

// readOutputs reads the file of GITHUB_OUTPUT as the runner does
// (actions/runner, FileCommandManager.cs).
func readOutputs(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{}
	rest := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
	for len(rest) > 0 {
		name, delimiter, ok := strings.Cut(rest[0], "<<")
		end := slices.Index(rest[1:], delimiter)
		if !ok || end < 0 {
			t.Fatalf("the runner would not understand %q", rest)
		}
		outputs[name] = strings.Join(rest[1:1+end], "\n")
		rest = rest[end+2:]
	}
	return outputs
}

// action runs the action in a workspace with the files of a story.
func action(t *testing.T, story string, env vars) (stdout, stderr string, code int) {
	t.Helper()
	dir := filepath.Join(testdata, story)
	s := zonetest.Start(t, filepath.Join(testdata, "common"), dir)
	text, err := os.ReadFile(filepath.Join(dir, "sescheck.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	workspace := t.TempDir()
	if err := os.WriteFile(filepath.Join(workspace, "sescheck.yaml"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(workspace)
	env["GITHUB_ACTIONS"], env["GITHUB_WORKSPACE"], env["INPUT_RESOLVER"] = "true", workspace, s.Addr
	var out, errs bytes.Buffer
	code = Main(t.Context(), []string{"action"}, Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: env.get})
	return out.String(), errs.String(), code
}

const twoMX = "mail-from-mx-multiple/second-provider"

func TestAction(t *testing.T) {
	files := t.TempDir()
	env := vars{"GITHUB_OUTPUT": filepath.Join(files, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(files, "summary"), "INPUT_WRITE": "sarif=out/x.sarif"}
	out, errs, code := action(t, twoMX, env)
	if code != exitFindings || errs != "" {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
	if !regexp.MustCompile(`(?m)^::error col=\d+,file=sescheck\.yaml,line=\d+,title=mail-from-mx-multiple::`).MatchString(out) {
		t.Errorf("no annotation:\n%s", out)
	}
	want := map[string]string{
		"result": "fail", "errors": "1", "warnings": "0", "inconclusive": "0",
		"report": ".sescheck/report.json", "summary": ".sescheck/summary.md",
	}
	outputs := readOutputs(t, env["GITHUB_OUTPUT"])
	if diff := cmp.Diff(want, outputs); diff != "" {
		t.Error(diff)
	}
	var r struct{ Result string }
	text := readFile(t, outputs["report"])
	if err := json.Unmarshal([]byte(text), &r); err != nil || r.Result != "fail" {
		t.Errorf("report: %v %s", err, text)
	}
	summary := readFile(t, outputs["summary"])
	if !strings.Contains(summary, "mail-from-mx-multiple") || strings.TrimSpace(readFile(t, env["GITHUB_STEP_SUMMARY"])) != strings.TrimSpace(summary) {
		t.Errorf("summary:\n%s", summary)
	}
	if got := readFile(t, ".sescheck/.gitignore"); got != "*\n" {
		t.Errorf(".gitignore is %q", got)
	}
	if got := readFile(t, "out/x.sarif"); !strings.Contains(got, "2.1.0") {
		t.Errorf("sarif: %q", got)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestActionWithoutRunner: without a runner the action writes only the reports, and
// succeeds.
func TestActionWithoutRunner(t *testing.T) {
	if out, errs, code := action(t, twoMX, vars{}); code != exitFindings || errs != "" || !strings.Contains(out, "::error ") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// TestActionCannotWrite: if the runner's files cannot be written, everything else
// is still done.
func TestActionCannotWrite(t *testing.T) {
	for _, variable := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		t.Run(variable, func(t *testing.T) {
			files := t.TempDir()
			env := vars{"GITHUB_OUTPUT": filepath.Join(files, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(files, "summary")}
			env[variable] = filepath.Join(files, "nowhere", "file")
			out, errs, code := action(t, twoMX, env)
			if code != exitBroken || errs != "" {
				t.Errorf("exit %d, stderr %q", code, errs)
			}
			for _, want := range []string{"title=mail-from-mx-multiple::", "::error title=sescheck::write the file of " + variable + ": open "} {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			for other, path := range env {
				if strings.HasPrefix(path, files) && other != variable && readFile(t, path) == "" {
					t.Errorf("%s got nothing", other)
				}
			}
		})
	}
}

func TestToRunner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outputs := []output{{"result", "pass"}}
	paths := map[string]string{"a missing folder": filepath.Join(dir, "nowhere", "output"), "a folder": dir}
	if _, err := os.Stat("/dev/full"); err == nil {
		paths["a full disk"] = "/dev/full"
	}
	for name, path := range paths {
		err := setOutputs(vars{"GITHUB_OUTPUT": path}.get, outputs)
		if err == nil || !strings.Contains(err.Error(), "GITHUB_OUTPUT") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := setOutputs(vars{}.get, outputs); err != nil {
		t.Errorf("without a runner: %v", err)
	}
	path := filepath.Join(dir, "output")
	for _, value := range []string{"a\nresult=pass", "a\r", "a\x1b[2J", "a\u0085b"} {
		if err := setOutputs(vars{"GITHUB_OUTPUT": path}.get, []output{{"errors", "0"}, {"result", value}}); err == nil {
			t.Errorf("%q is an output", value)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Errorf("outputs were set beside one that was refused: %q", readFile(t, path))
	}
}

// TestSummaryFits: the summary stays below 1 MiB, beyond which the runner shows
// nothing.
func TestSummaryFits(t *testing.T) {
	t.Parallel()
	var r report.Report
	for i := range 20_000 {
		name := record.Name(fmt.Sprintf("d%d.example.com", i))
		r.Domains = append(r.Domains, check.Domain{Name: name, Findings: []finding.Finding{{
			Check: mailfrom.MXMissing, Severity: finding.Error, Status: finding.Fail, Domain: name,
			Message: string(name) + " has no MX record", Place: config.Place{File: "sescheck.yaml", Line: i + 1},
		}}})
	}
	path := filepath.Join(t.TempDir(), "summary")
	if err := addSummary(vars{"GITHUB_STEP_SUMMARY": path}.get, func(w io.Writer) error { return report.Markdown(w, &r) }); err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(readFile(t, path))
	if len(text) > 1<<20 || len(text) < 512<<10 {
		t.Errorf("the summary has %d octets", len(text))
	}
	if last := text[strings.LastIndex(text, "\n")+1:]; !strings.Contains(last, "left out") {
		t.Errorf("it ends with %q", last)
	}
}

// TestLeaveReports: a fork may have put any file at the place of the reports.
func TestLeaveReports(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(outside, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		prepare func(folder string) error
		err     string
	}{
		"nothing": {func(string) error { return nil }, ""},
		"an earlier run": {func(folder string) error {
			return writeReports(filepath.Dir(folder), &report.Report{Result: finding.Fail})
		}, ""},
		"a link at a report": {func(folder string) error {
			return errors.Join(os.Mkdir(folder, 0o755), os.Symlink(outside, filepath.Join(folder, "report.json")))
		}, ""},
		"a link at the folder": {func(folder string) error { return os.Symlink(filepath.Dir(outside), folder) }, ".sescheck exists, but is not a folder"},
		"a file at the folder": {func(folder string) error { return os.WriteFile(folder, nil, 0o644) }, ".sescheck exists, but is not a folder"},
		"a folder at a report": {func(folder string) error { return os.MkdirAll(filepath.Join(folder, "report.json", "x"), 0o755) }, "report.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspace := t.TempDir()
			if err := tt.prepare(filepath.Join(workspace, reportFolder)); err != nil {
				t.Skipf("prepare: %v", err)
			}
			err := writeReports(workspace, &report.Report{Result: finding.Pass})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %s", err, tt.err)
				}
			} else if err != nil {
				t.Error(err)
			} else if text := readFile(t, filepath.Join(workspace, reportFolder, "report.json")); !strings.Contains(text, `"result": "pass"`) {
				t.Errorf("report: %s", text)
			}
			if got := readFile(t, outside); got != "precious" {
				t.Errorf("a link was followed: %q", got)
			}
			if entries, _ := os.ReadDir(filepath.Dir(outside)); len(entries) != 1 {
				t.Errorf("a link was followed: %v", entries)
			}
		})
	}
	if err := writeReports(filepath.Join(filepath.Dir(outside), "nowhere"), &report.Report{}); err == nil {
		t.Error("a workspace that is not there is none to write to")
	}
}

// TestActionWrongFile: mistakes in the file are annotated at their line, and no
// line matches problem matchers.
func TestActionWrongFile(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "version: 1\ndomains:\n  example.com:\n    regoin: eu-west-1\n    \"##[error]\": x\n"
	for i := range 20 {
		text += fmt.Sprintf("    k%d: x\n", i)
	}
	if err := os.WriteFile("sescheck.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := Main(t.Context(), []string{"action"}, Env{Stdout: &out, Stderr: &errs, Getenv: vars{"GITHUB_ACTIONS": "true"}.get})
	if code != exitUsage || errs.Len() > 0 {
		t.Errorf("exit %d, stderr %q", code, errs.String())
	}
	if !strings.HasPrefix(out.String(), "::error col=5,file=sescheck.yaml,line=4,title=sescheck::") {
		t.Errorf("no annotation at the line:\n%s", out.String())
	}
	commands := hostile.Commands(out.String())
	for _, c := range commands {
		if !ours.MatchString(c) {
			t.Errorf("the runner would obey %q", c)
		}
	}
	if len(commands) != maxErrors || !strings.Contains(out.String(), "::error title=and more::13 more of these") {
		t.Errorf("%d annotations:\n%s", len(commands), out.String())
	}
	if !strings.Contains(out.String(), "\nsescheck.yaml line 25: ") {
		t.Errorf("the last problem is not reported:\n%s", out.String())
	}
	if matched := regexp.MustCompile(`(?m)^\S+:\d+:\d+: `).FindString(out.String()); matched != "" {
		t.Errorf("a problem matcher would act on %q", matched)
	}
}

func TestAnnotateError(t *testing.T) {
	t.Parallel()
	ten := errors.New(strings.TrimSpace(strings.Repeat("x\n", 10)))
	for name, tt := range map[string]struct {
		err  error
		want string
		code int
	}{
		"findings":             {&exit{code: exitFindings}, "", exitFindings},
		"usage":                {errors.New("--wait: 5 of what?"), "::error title=sescheck::--wait: 5 of what?\n", exitUsage},
		"ours":                 {broken(errors.New("write the report: disk full")), "::error title=sescheck::write the report: disk full\n", exitBroken},
		"an address, no place": {errors.New("ask 127.0.0.1:53: refused"), "::error title=sescheck::ask 127.0.0.1:53: refused\n", exitUsage},
		"no such file":         {errors.New("gone.yaml:3:5: what"), "::error title=sescheck::gone.yaml:3:5: what\n", exitUsage},
		"a place":              {errors.New("github.go:3: what"), "::error file=github.go,line=3,title=sescheck::what\n", exitUsage},
		"as many as fit":       {ten, strings.Repeat("::error title=sescheck::x\n", 10), exitUsage},
		"escapes":              {errors.New("100% ::error::x\rover"), "::error title=sescheck::100%25 ::error::x\\rover\n", exitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			err := annotateError(&b, tt.err, report.Repository{})
			var e *exit
			if !errors.As(err, &e) || e.code != tt.code || e.err != nil {
				t.Errorf("%#v", err)
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
	if err := annotateError(io.Discard, nil, report.Repository{}); err != nil {
		t.Error(err)
	}
	var e *exit
	if err := annotateError(shut{}, ten, report.Repository{}); !errors.As(err, &e) || e.code != exitBroken {
		t.Errorf("with stdout shut: %v", err)
	}
}

// shut is a stdout that fails.
type shut struct{}

func (shut) Write([]byte) (int, error) { return 0, errors.New("closed") }

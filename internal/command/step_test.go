package command

import (
	"bytes"
	"maps"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/hostile"
)

// step is the result of a run in a step of a workflow.
type step struct {
	out, errs string
	code      int
	outputs   map[string]string
	summary   string
}

// inStep runs the program in a folder of a workspace with some files.
func inStep(t *testing.T, files map[string]string, folder string, env vars, args ...string) step {
	t.Helper()
	workspace, runner := put(t, files), t.TempDir()
	t.Chdir(filepath.Join(workspace, folder))
	all := vars{"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": workspace, "GITHUB_OUTPUT": filepath.Join(runner, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(runner, "summary")}
	maps.Copy(all, env)
	var out, errs bytes.Buffer
	s := step{code: Main(t.Context(), args, Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: all.get})}
	s.out, s.errs = out.String(), errs.String()
	harmless(t, "github", s.out+s.errs)
	if exists(all["GITHUB_OUTPUT"]) {
		s.outputs = readOutputs(t, all["GITHUB_OUTPUT"])
	}
	if exists(all["GITHUB_STEP_SUMMARY"]) {
		s.summary = strings.ReplaceAll(readFile(t, all["GITHUB_STEP_SUMMARY"]), "\r\n", "\n")
		if err := onlyOurMarks(strings.ReplaceAll(s.summary, "```yaml", "```")); err != nil {
			t.Error(err)
		}
		harmless(t, "markdown", s.summary)
	}
	return s
}

// annotations returns the commands that the runner would obey.
func (s step) annotations() []string { return hostile.Commands(s.out + "\n" + s.errs) }

// wrongOutputs are those of a step without a report.
var wrongOutputs = map[string]string{"result": "", "errors": "0", "warnings": "0", "inconclusive": "0", "report": "", "summary": ".sescheck/summary.md"}

// TestStepWithoutFile: a run without a file, often the first one, has one
// annotation, and a summary with a file to paste or the names of files in
// subfolders.
func TestStepWithoutFile(t *testing.T) {
	for _, command := range []string{"action", "check"} {
		s := inStep(t, map[string]string{"README.md": "x"}, "", nil, command)
		if got := s.annotations(); s.code != exitUsage || len(got) != 1 || s.errs != "" || !strings.HasPrefix(s.out, "::error title=sescheck::there is no sescheck.yaml, ") {
			t.Errorf("%s: exit %d, %q\n%s%s", command, s.code, got, s.out, s.errs)
		}
		if diff := cmp.Diff(wrongOutputs, s.outputs); diff != "" {
			t.Errorf("%s: %s", command, diff)
		}
		_, rest, _ := strings.Cut(s.summary, "```yaml\n")
		example, _, ok := strings.Cut(rest, "```\n")
		if _, problems := config.Parse("f", []byte(example)); !ok || len(problems) > 0 || strings.Count(example, "\n") < 5 {
			t.Errorf("%s: the example cannot be pasted: %v\n%s", command, problems, s.summary)
		}
		for _, want := range []string{"`sescheck init`", "`sescheck import`", "checked out"} {
			if !strings.Contains(s.summary, want) {
				t.Errorf("%s: no %s in\n%s", command, want, s.summary)
			}
		}
		if got := readFile(t, ".sescheck/summary.md"); strings.TrimSpace(got) != strings.TrimSpace(s.summary) {
			t.Errorf("%s: the output summary leads to\n%s", command, got)
		}
	}
	s := inStep(t, map[string]string{"dns/sescheck.yaml": forked, "mail/eu/sescheck.yml": forked}, "", nil, "action")
	if got := s.annotations(); s.code != exitUsage || len(got) != 1 || !strings.Contains(s.out, `but there are "dns/sescheck.yaml", "mail/eu/sescheck.yml": `) {
		t.Errorf("exit %d, %q\n%s", s.code, got, s.out)
	}
	if want := "          files: |\n            dns/sescheck.yaml\n            mail/eu/sescheck.yml\n```"; !strings.Contains(s.summary, want) {
		t.Errorf("the summary is\n%s", s.summary)
	}
}

// TestFurtherDown: on a terminal, too, check and lint name files in subfolders.
func TestFurtherDown(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"one":            {map[string]string{"a/b/sescheck.yaml": forked}, `, but there is "a/b/sescheck.yaml": name it` + "\n"},
		"two":            {map[string]string{"a/sescheck.yaml": forked, "b/sescheck.yml": forked}, `, but there are "a/sescheck.yaml", "b/sescheck.yml": name the ones to check, or all of them as '**/sescheck.y*ml'` + "\n"},
		"many":           {map[string]string{"a/sescheck.yaml": "", "b/sescheck.yaml": "", "c/sescheck.yaml": "", "d/sescheck.yaml": "", "e/sescheck.yaml": "", "f/sescheck.yaml": ""}, `"e/sescheck.yaml" and 1 more: name`},
		"other names":    {map[string]string{"a/dns.yaml": forked}, "`sescheck init`"},
		"hidden":         {map[string]string{".cache/sescheck.yaml": forked, "node_modules/x/sescheck.yaml": forked, "vendor/sescheck.yaml": forked}, "`sescheck init`"},
		"too far":        {map[string]string{"a/b/c/d/e/f/g/h/sescheck.yaml": forked}, "`sescheck init`"},
		"a hostile name": {map[string]string{"##[error]x/sescheck.yaml": forked}, `"#\x23[error]x/sescheck.yaml"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(put(t, c.files))
			for _, args := range [][]string{{}, {"check"}, {"lint"}, {"records"}} {
				if out, errs, code := run(t, args...); code != "2" || out != "" || !strings.Contains(errs, c.want) {
					t.Errorf("%q: exit %s\n%s%s", args, code, out, errs)
				}
			}
		})
	}
}

// TestStepUsage: a step that ends with 2 has a summary with the reason, and
// outputs.
func TestStepUsage(t *testing.T) {
	wrong := map[string]string{"sescheck.yaml": "version: 1\ndomains:\n  a.example:\n    regoin: eu-west-1\n    spf: [1, \"<b>##[error]x\"]\n"}
	for name, c := range map[string]struct {
		files map[string]string
		env   vars
		args  []string
		says  string
	}{
		"a wrong file":          {wrong, nil, []string{"action"}, "\n- sescheck.yaml line 4: a domain has no key"},
		"a wrong file, alone":   {wrong, nil, []string{"check"}, "\n- sescheck.yaml line 4: a domain has no key"},
		"a wrong input":         {nil, vars{"INPUT_STRICT": "maybe"}, []string{"action"}, "write true or false"},
		"a wrong value":         {nil, vars{"INPUT_WAIT": "5"}, []string{"action"}, "--wait"},
		"a wrong flag":          {nil, nil, []string{"check", "--foo"}, "there is no flag --foo"},
		"a wrong flag of merge": {nil, nil, []string{"merge", "--foo"}, "there is no flag --foo"},
		"no report to merge":    {nil, nil, []string{"merge", "gone.json"}, "gone.json"},
		"for programs":          {wrong, nil, []string{"check", "--format", "json"}, "\n- sescheck.yaml line 4: a domain has no key"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inStep(t, c.files, "", c.env, c.args...)
			if s.code != exitUsage || len(s.annotations()) == 0 {
				t.Errorf("exit %d\n%s%s", s.code, s.out, s.errs)
			}
			if name == "for programs" && s.out != "" {
				t.Errorf("stdout is a report, and has %s", s.out)
			}
			if diff := cmp.Diff(wrongOutputs, s.outputs); diff != "" {
				t.Error(diff)
			}
			if !strings.HasPrefix(s.summary, "## sescheck: nothing was checked\n") || !strings.Contains(s.summary, c.says) {
				t.Errorf("the summary is\n%s", s.summary)
			}
		})
	}
}

const (
	stepFile = "version: 1\ndomains:\n  example.com:\n    region: eu-west-1\n    mail_from: bounce\n"
	stepZone = "$ORIGIN example.com.\n@ 300 IN SOA ns1 hostmaster 1 3600 600 86400 300\nbounce 300 IN MX 10 feedback-smtp.us-east-1.amazonses.com.\nbounce 300 IN TXT \"v=spf1 ip4:199.255.192.0/22 ~all\"\n"
)

// TestCheckInStep: with setup, check writes the outputs and the summary of the
// action in any format; for shards, merge does.
func TestCheckInStep(t *testing.T) {
	files := map[string]string{"sescheck.yaml": stepFile, "zones/example.com.zone": stepZone}
	args := []string{"check", "--zones", "zones", "--offline"}
	for _, format := range []string{"github", "json", "text"} {
		s := inStep(t, files, "", nil, append(args, "--format", format)...)
		if s.code != exitFindings || s.outputs["result"] != "fail" || s.outputs["report"] != ".sescheck/report.json" || !exists(s.outputs["report"]) || !exists(s.outputs["summary"]) {
			t.Errorf("%s: exit %d, outputs %v\n%s%s", format, s.code, s.outputs, s.out, s.errs)
		}
		if !strings.Contains(s.summary, "mail-from-mx-wrong") {
			t.Errorf("%s: the summary is\n%s", format, s.summary)
		}
	}
	s := inStep(t, files, "", nil, append(args, "--shard", "1/2")...)
	if s.outputs != nil || s.summary != "" || exists(".sescheck") {
		t.Errorf("a shard has outputs %v and a summary %s", s.outputs, s.summary)
	}
}

// TestDebug: with debug logging, the log has the settings and the trace in groups,
// and no text from outside is obeyed in them.
func TestDebug(t *testing.T) {
	zone := stepZone + "_dmarc 300 IN TXT \"::error::pwn ##[error]pwn\"\n"
	files := map[string]string{"sescheck.yaml": stepFile + "    dmarc: reject\n", "zones/example.com.zone": zone}
	args := []string{"check", "--zones", "zones", "--offline"}
	debug := vars{"RUNNER_DEBUG": "1"}
	groups := regexp.MustCompile(`(?s)::group::sescheck: settings\nversion: test\n.*\n::endgroup::\n.*::group::sescheck: DNS queries and answers\n\{"time".*bounce\.example\.com.*\}\n::endgroup::\n$`)
	s := debugged(t, files, debug, args...)
	if s.code != exitFindings || !groups.MatchString(s.out) || !strings.Contains(s.out, "pwn") {
		t.Errorf("exit %d\n%s%s", s.code, s.out, s.errs)
	}
	for _, quiet := range []struct {
		env  vars
		args []string
	}{{nil, args}, {debug, append(args[:4:4], "--format", "json")}} {
		if s := debugged(t, files, quiet.env, quiet.args...); strings.Contains(s.out+s.errs, "::group::") {
			t.Errorf("%v %q: groups\n%s", quiet.env, quiet.args, s.out)
		}
	}
	if s := debugged(t, files, debug, append(args[:4:4], "--trace", "trace.json")...); !groups.MatchString(s.out) || strings.Count(readFile(t, "trace.json"), "\n") < 3 {
		t.Errorf("beside a trace in a file:\n%s", s.out)
	}
}

// debugged is inStep without the groups, which harmless does not accept.
func debugged(t *testing.T, files map[string]string, env vars, args ...string) step {
	t.Helper()
	workspace := put(t, files)
	t.Chdir(workspace)
	all := vars{"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": workspace}
	maps.Copy(all, env)
	var out, errs bytes.Buffer
	s := step{code: Main(t.Context(), args, Env{Version: "test", Stdout: &out, Stderr: &errs, Getenv: all.get})}
	s.out, s.errs = out.String(), errs.String()
	harmless(t, "github", regexp.MustCompile(`(?m)^::(group::sescheck: [A-Za-z ]+|endgroup::)$`).ReplaceAllString(s.out, "")+s.errs)
	return s
}

// TestCutter: the beginning of a long trace is shown, and the size of the rest.
func TestCutter(t *testing.T) {
	t.Parallel()
	var c cutter
	for range 3 {
		if _, err := c.Write(make([]byte, mostTraced/2)); err != nil {
			t.Fatal(err)
		}
	}
	if c.Len() != mostTraced || c.left != 1 {
		t.Errorf("%d octets, %d left out", c.Len(), c.left)
	}
}

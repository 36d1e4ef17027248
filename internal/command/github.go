package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"unicode"

	"github.com/sethvargo/go-githubactions"
	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/report"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// newAction is `check` as the GitHub Action calls it: flags come from the
// action's inputs, and the outcome goes to the step's outputs and summary, too.
func newAction(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:    "action",
		Short:  "What the GitHub Action runs: check, with the action's inputs",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := os.Getwd()
			if err != nil {
				return broken(err)
			}
			step := *env
			step.step = true
			args, err := actionArgs(env.Getenv, dir)
			if err == nil {
				check := newCheck(&step)
				check.SilenceErrors, check.SilenceUsage = true, true
				check.SetArgs(args)
				err = check.ExecuteContext(cmd.Context())
			}
			return step.failed(env.Stdout, err)
		},
	}
}

// actionArgs turns the action's inputs, which the runner gives as INPUT_*, into
// arguments of `check`. An input that is empty is one that was not given. It is
// started in the folder dir.
func actionArgs(getenv func(string) string, dir string) ([]string, error) {
	action := githubactions.New(githubactions.WithGetenv(getenv), githubactions.WithWriter(io.Discard))
	args := []string{"--format=github"}
	var errs []error
	for _, t := range traits {
		input := action.GetInput(t.flag)
		switch values := lines(input); {
		case t.input == noInput:
		case t.input == onOff:
			on, err := switched(t.flag, input)
			errs = append(errs, err)
			if on {
				args = append(args, "--"+t.flag)
			}
		case t.input == oneValue && len(values) > 1:
			errs = append(errs, fmt.Errorf("input %s has %d lines; write one value", t.flag, len(values)))
		default:
			for _, v := range values {
				errs = append(errs, wrongInput(t.flag, v, getenv("GITHUB_WORKSPACE")))
				args = append(args, "--"+t.flag+"="+v)
			}
		}
	}
	args = append(args, "--")
	for _, file := range lines(action.GetInput("files")) {
		errs = append(errs, wrongInput("files", file, ""))
		if dir == getenv("GITHUB_WORKSPACE") {
			file = workspacePath(dir, file)
		}
		args = append(args, file)
	}
	return args, errors.Join(errs...)
}

// switched reads an input that is true or false.
func switched(name, input string) (on bool, err error) {
	switch strings.ToLower(input) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, fmt.Errorf("input %s is %s; write true or false", name, untrusted.Quote(input))
}

// severalWrites are writes in one line.
var severalWrites = regexp.MustCompile(`[\s,]+[a-z]+=`)

// wrongInput finds several values in one line, and a report that nobody would see:
// of what the action's container writes, the workspace alone is left.
func wrongInput(name, value, workspace string) error {
	several := false
	switch name {
	case "resolver":
		several = strings.ContainsAny(value, ", \t")
	case "files", "zones", "plan", "ses":
		_, err := untrusted.IsFolder(value)
		parts := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
		several = errors.Is(err, fs.ErrNotExist) && len(parts) > 1 && !strings.Contains(value, "{")
	case "write":
		_, path, _ := strings.Cut(value, "=")
		if several = severalWrites.MatchString(path); !several && outside(workspace, path) {
			return fmt.Errorf("input write: %s is outside the workspace, where later steps cannot see it; write a path in the workspace, such as %s", untrusted.Quote(path), untrusted.Quote(filepath.Base(path)))
		}
	}
	if several {
		return fmt.Errorf("input %s: %s looks like several values; write one per line, below `%[1]s: |`", name, untrusted.Quote(value))
	}
	return nil
}

// outside reports whether a path leads out of a folder.
func outside(folder, path string) bool {
	if folder != "" && filepath.IsAbs(path) {
		rel, err := filepath.Rel(folder, path)
		return err != nil || !filepath.IsLocal(rel)
	}
	return !filepath.IsLocal(path)
}

// lines are the lines of s that are not blank, without the blanks around them.
func lines(s string) (all []string) {
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// workspacePath is a path as annotations need it: relative to the workspace and
// with forward slashes. A path that leads out of the workspace is none that an
// annotation could have, and stays.
func workspacePath(workspace, path string) string {
	if filepath.IsAbs(path) {
		if rel, err := filepath.Rel(workspace, path); err == nil && filepath.IsLocal(rel) {
			path = rel
		}
	}
	return filepath.ToSlash(filepath.Clean(path))
}

// failed ends a run on GitHub that has no report, if it is one: it leaves the step's
// outputs and a summary that says what is wrong, and annotates that.
func (env *Env) failed(w io.Writer, err error) error {
	if wrong := usage(err); wrong != nil && env.step {
		if e := noReport(env.Getenv, wrong, env.repository()); e != nil {
			err = errors.Join(err, e)
		}
	}
	return annotateError(w, err, env.repository())
}

// usage is what is wrong with the file or the command line; nil where something
// else ended the run.
func usage(err error) error {
	if e, ok := errors.AsType[*exit](err); ok {
		if e.code != exitUsage && e.code != exitInconclusive {
			return nil
		}
		return e.err
	}
	return err
}

// noReport is what finishStep does, where there is no report.
func noReport(getenv func(string) string, wrong error, in report.Repository) error {
	summary := func(w io.Writer) error {
		if none, ok := errors.AsType[*config.NoFile](wrong); ok {
			return report.NoFile(w, none)
		}
		return report.Wrong(w, mistakes(wrong, in), in)
	}
	return errors.Join(
		leave(getenv("GITHUB_WORKSPACE"), []left{{"summary.md", summary}}),
		setOutputs(getenv, []output{{"result", ""}, {"errors", "0"}, {"warnings", "0"}, {"inconclusive", "0"}, {"report", ""}, {"summary", reportFolder + "/summary.md"}}),
		addSummary(getenv, summary))
}

// mistakes are the lines of an error, each with its place.
func mistakes(wrong error, in report.Repository) (all []report.Mistake) {
	for _, line := range lines(wrong.Error()) {
		fields, what := placed(untrusted.Line(line), in)
		n, _ := strconv.Atoi(fields["line"]) // 0 without a place
		all = append(all, report.Mistake{Place: config.Place{File: fields["file"], Line: n}, Text: what})
	}
	return all
}

// maxErrors is how many errors of a step the runner keeps; the rest is dropped
// without a word (actions/runner, ExecutionContext.cs).
const maxErrors = 10

// annotateError writes what ends the run as annotations, so that it is seen
// without opening the log, and returns the exit code alone. What is wrong in a
// file stands at its line. What is too much for annotations is printed, but not
// as `file:line:col:`, which problem matchers of other actions act on.
func annotateError(w io.Writer, err error, in report.Repository) error {
	if err == nil {
		return nil
	}
	code := exitUsage
	if e, ok := errors.AsType[*exit](err); ok {
		code, err = e.code, e.err
	}
	if err == nil {
		return &exit{code: code}
	}
	var b strings.Builder // the library panics where it cannot write
	action := githubactions.New(githubactions.WithWriter(&b))
	told := lines(err.Error())
	if none, ok := errors.AsType[*config.NoFile](err); ok { // the example is in the summary
		told = []string{none.Short()}
	}
	for i, line := range told {
		fields, what := placed(untrusted.Line(line), in)
		if i < maxErrors-1 || len(told) == maxErrors {
			action.WithFieldsMap(fields).Errorf("%s", what)
			continue
		}
		if i == maxErrors-1 {
			action.WithFieldsMap(map[string]string{"title": "and more"}).Errorf("%d more of these are in the log", len(told)-i)
		}
		if m := place.FindStringSubmatch(untrusted.Line(line)); m != nil && (fields["file"] != "" || m[3] != "") {
			what = fmt.Sprintf("%s line %s: %s", filepath.ToSlash(m[1]), m[2], m[4])
		}
		b.WriteString(untrusted.Line(what) + "\n")
	}
	// The library ends lines as the system does; what is written is the same
	// everywhere.
	if _, err := io.WriteString(w, strings.ReplaceAll(b.String(), githubactions.EOF, "\n")); err != nil {
		return broken(err)
	}
	return &exit{code: code}
}

var place = regexp.MustCompile(`^(.+?):(\d+):(?:(\d+):)? (.+)$`)

// placed takes the place off the front of an error, where one stands there and
// the file is there too: `127.0.0.1:53: …` is no place.
func placed(line string, in report.Repository) (fields map[string]string, what string) {
	fields = map[string]string{"title": "sescheck"}
	m := place.FindStringSubmatch(line)
	if m == nil {
		return fields, line
	}
	if folder, err := untrusted.IsFolder(m[1]); err != nil || folder {
		return fields, line
	}
	fields["file"], fields["line"] = filepath.ToSlash(m[1]), m[2]
	if in.Path != nil {
		fields["file"], _ = in.Path(m[1])
	}
	if m[3] != "" {
		fields["col"] = m[3]
	}
	return fields, m[4]
}

// reportFolder is where the action leaves its reports, in the workspace: a path
// there is right in the container and, relative to the workspace, on the host.
const reportFolder = ".sescheck"

// finishStep writes the reports that later steps may use, the step's outputs
// and the job summary. All of it is done before the exit code says how it went,
// and each of it is tried even if another failed.
func finishStep(env *Env, r *report.Report) error {
	return errors.Join(
		leaveReports(env.Getenv("GITHUB_WORKSPACE"), r),
		setOutputs(env.Getenv, []output{
			{"result", string(r.Result)},
			{"errors", strconv.Itoa(r.Counts.Errors)},
			{"warnings", strconv.Itoa(r.Counts.Warnings)},
			{"inconclusive", strconv.Itoa(r.Counts.Inconclusive)},
			{"report", reportFolder + "/report.json"},
			{"summary", reportFolder + "/summary.md"},
		}),
		addSummary(env.Getenv, func(w io.Writer) error { return report.OfCheck()["markdown"](w, r) }))
}

// leaveReports writes the reports into their folder.
func leaveReports(workspace string, r *report.Report) error {
	return leave(workspace, []left{
		{"report.json", func(w io.Writer) error { return report.OfCheck()["json"](w, r) }},
		{"summary.md", func(w io.Writer) error { return report.OfCheck()["markdown"](w, r) }},
	})
}

// left is a file that a step leaves for later ones.
type left struct {
	name  string
	write func(io.Writer) error
}

// leave writes files into the folder of the reports. What is in the workspace
// may come from a fork, and the action runs as root: a link that somebody put
// there is replaced or refused, never followed. A git of its own ignores the
// folder, so that a later `git add` does not take it.
func leave(workspace string, files []left) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the reports: %w", err)
		}
	}()
	if workspace == "" {
		workspace = "."
	}
	root, err := os.OpenRoot(workspace)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Mkdir(reportFolder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := root.Lstat(reportFolder); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s exists, but is not a folder", reportFolder)
	}
	ignore := left{".gitignore", func(w io.Writer) error { _, err := io.WriteString(w, "*\n"); return err }}
	for _, f := range append([]left{ignore}, files...) {
		name := filepath.Join(reportFolder, f.name)
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := writeNew(root, name, f.write); err != nil {
			return err
		}
	}
	disown(root, reportFolder)
	return nil
}

func writeNew(root *os.Root, name string, write func(io.Writer) error) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// output is a step output. Its value is a number, a word or a path of ours,
// never text from DNS: the library's delimiter for values is known to all.
type output struct{ name, value string }

func setOutputs(getenv func(string) string, outputs []output) error {
	for _, o := range outputs {
		if strings.ContainsFunc(o.value, unicode.IsControl) {
			return fmt.Errorf("set output %s: its value has a control character", o.name)
		}
	}
	return toRunner(getenv, "GITHUB_OUTPUT", func(action *githubactions.Action) {
		for _, o := range outputs {
			action.SetOutput(o.name, o.value)
		}
	})
}

// addSummary adds the job summary. Markdown keeps below the 1 MiB past which
// the runner shows nothing at all.
func addSummary(getenv func(string) string, summary func(io.Writer) error) error {
	var b strings.Builder
	if err := summary(&b); err != nil {
		return err
	}
	return toRunner(getenv, "GITHUB_STEP_SUMMARY", func(action *githubactions.Action) { action.AddStepSummary(b.String()) })
}

// toRunner lets write add to the file that a variable of the runner names;
// without the variable there is no runner to tell, and no mistakes. The
// library panics where it cannot write: that is an error like others here.
func toRunner(getenv func(string) string, variable string, write func(*githubactions.Action)) (err error) {
	if getenv(variable) == "" {
		return nil
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error: // a bug, not the library's word
			panic(p)
		case error:
			if cause, ok := errors.AsType[*fs.PathError](p); ok {
				p = cause
			}
			err = fmt.Errorf("write the file of %s: %w", variable, p)
		default:
			panic(p)
		}
	}()
	write(githubactions.New(githubactions.WithGetenv(getenv), githubactions.WithWriter(io.Discard)))
	return nil
}

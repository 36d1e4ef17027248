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

// newAction is `check` for the GitHub Action: flags are inputs of the action, and
// the results are also outputs and a summary of the step.
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

// actionArgs converts the action's inputs, INPUT_* in the environment, to arguments
// of `check`. An empty input counts as absent. Relative paths start at dir.
func actionArgs(getenv func(string) string, dir string) ([]string, error) {
	action := githubactions.New(githubactions.WithGetenv(getenv), githubactions.WithWriter(io.Discard))
	args := []string{"--format=github"}
	var errs []error
	for _, t := range traits {
		input := action.GetInput(t.flag)
		switch values := lines(input); {
		case t.input == noInput:
		case t.input == onOff:
			on, err := parseBool(t.flag, input)
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

// parseBool parses an input that is true or false.
func parseBool(name, input string) (on bool, err error) {
	switch strings.ToLower(input) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, fmt.Errorf("input %s is %s; write true or false", name, untrusted.Quote(input))
}

// severalWrites matches several values of --write in one line.
var severalWrites = regexp.MustCompile(`[\s,]+[a-z]+=`)

// wrongInput rejects several values in one line, and a report outside the
// workspace: later steps see only the workspace of the action's container.
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

// lines returns the lines of s without empty ones and without space around them.
func lines(s string) (all []string) {
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// workspacePath returns a path for annotations: relative to the workspace, with
// forward slashes. Annotations cannot have a path outside the workspace, so it
// stays as it is.
func workspacePath(workspace, path string) string {
	if filepath.IsAbs(path) {
		if rel, err := filepath.Rel(workspace, path); err == nil && filepath.IsLocal(rel) {
			path = rel
		}
	}
	return filepath.ToSlash(filepath.Clean(path))
}

// failed ends a run on GitHub without a report: it annotates the error, and writes
// the outputs and a summary of the step.
func (env *Env) failed(w io.Writer, err error) error {
	if wrong := usage(err); wrong != nil && env.step {
		if e := noReport(env.Getenv, wrong, env.repository()); e != nil {
			err = errors.Join(err, e)
		}
	}
	return annotateError(w, err, env.repository())
}

// usage returns an error of the file or the command line; nil for any other error.
func usage(err error) error {
	if e, ok := errors.AsType[*exit](err); ok {
		if e.code != exitUsage && e.code != exitInconclusive {
			return nil
		}
		return e.err
	}
	return err
}

// noReport writes the outputs and summary of a step without a report.
func noReport(getenv func(string) string, wrong error, in report.Repository) error {
	summary := func(w io.Writer) error {
		if none, ok := errors.AsType[*config.NoFile](wrong); ok {
			return report.NoFile(w, none)
		}
		return report.Wrong(w, mistakes(wrong, in), in)
	}
	return errors.Join(
		writeFolder(getenv("GITHUB_WORKSPACE"), []reportFile{{"summary.md", summary}}),
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

// maxErrors is the number of errors that the runner keeps for a step. It drops the
// rest silently (actions/runner, ExecutionContext.cs).
const maxErrors = 10

// annotateError writes an error as annotations, so that people see it without
// opening the log, and returns the exit code. Errors in a file are annotated at
// their line. Lines beyond maxErrors are printed, but not as `file:line:col:`,
// which problem matchers of other actions obey.
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
	var b strings.Builder // the library panics if writing fails
	action := githubactions.New(githubactions.WithWriter(&b))
	messages := lines(err.Error())
	if none, ok := errors.AsType[*config.NoFile](err); ok { // the summary has the example
		messages = []string{none.Short()}
	}
	for i, line := range messages {
		fields, what := placed(untrusted.Line(line), in)
		if i < maxErrors-1 || len(messages) == maxErrors {
			action.WithFieldsMap(fields).Errorf("%s", what)
			continue
		}
		if i == maxErrors-1 {
			action.WithFieldsMap(map[string]string{"title": "and more"}).Errorf("%d more of these are in the log", len(messages)-i)
		}
		if m := place.FindStringSubmatch(untrusted.Line(line)); m != nil && (fields["file"] != "" || m[3] != "") {
			what = fmt.Sprintf("%s line %s: %s", filepath.ToSlash(m[1]), m[2], m[4])
		}
		b.WriteString(untrusted.Line(what) + "\n")
	}
	// The library writes the line ending of the system.
	if _, err := io.WriteString(w, strings.ReplaceAll(b.String(), githubactions.EOF, "\n")); err != nil {
		return broken(err)
	}
	return &exit{code: code}
}

var place = regexp.MustCompile(`^(.+?):(\d+):(?:(\d+):)? (.+)$`)

// placed cuts the place off the front of an error, if its file exists:
// `127.0.0.1:53: …` is not a place.
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

// reportFolder is the folder for the action's reports. It is in the workspace and
// relative to it, so the path is right in the container and on the host.
const reportFolder = ".sescheck"

// finishStep writes the reports for later steps, the outputs of the step and the
// job summary. A failure of one does not stop the others.
func finishStep(env *Env, r *report.Report) error {
	return errors.Join(
		writeReports(env.Getenv("GITHUB_WORKSPACE"), r),
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

// writeReports writes the JSON report and the summary for later steps.
func writeReports(workspace string, r *report.Report) error {
	return writeFolder(workspace, []reportFile{
		{"report.json", func(w io.Writer) error { return report.OfCheck()["json"](w, r) }},
		{"summary.md", func(w io.Writer) error { return report.OfCheck()["markdown"](w, r) }},
	})
}

// reportFile is a file for later steps.
type reportFile struct {
	name  string
	write func(io.Writer) error
}

// writeFolder writes files to the folder for reports. A fork may control the workspace,
// and the action runs as root, so leave replaces or refuses links and follows none.
// A .gitignore in the folder keeps it out of commits.
func writeFolder(workspace string, files []reportFile) (err error) {
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
	ignore := reportFile{".gitignore", func(w io.Writer) error { _, err := io.WriteString(w, "*\n"); return err }}
	for _, f := range append([]reportFile{ignore}, files...) {
		name := filepath.Join(reportFolder, f.name)
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := writeNew(root, name, f.write); err != nil {
			return err
		}
	}
	chownToWorkspace(root, reportFolder)
	return nil
}

func writeNew(root *os.Root, name string, write func(io.Writer) error) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// output is a step output. Its value is a number, a word or a path of ours, never
// text from DNS, because the library's delimiter is well known.
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

// addSummary writes the job summary. The Markdown stays below 1 MiB, beyond which
// the runner shows nothing.
func addSummary(getenv func(string) string, summary func(io.Writer) error) error {
	var b strings.Builder
	if err := summary(&b); err != nil {
		return err
	}
	return toRunner(getenv, "GITHUB_STEP_SUMMARY", func(action *githubactions.Action) { action.AddStepSummary(b.String()) })
}

// toRunner lets write append to the file that a variable of the runner names;
// without the variable it does nothing. It turns the library's panics about failed
// writes into errors.
func toRunner(getenv func(string) string, variable string, write func(*githubactions.Action)) (err error) {
	if getenv(variable) == "" {
		return nil
	}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error: // a bug
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

package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sethvargo/go-githubactions"
	"github.com/spf13/cobra"

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
			args, err := actionArgs(env.Getenv)
			if err != nil {
				return err
			}
			step := *env
			step.step = true
			check := newCheck(&step)
			check.SilenceErrors, check.SilenceUsage = true, true
			check.SetArgs(args)
			return check.ExecuteContext(cmd.Context())
		},
	}
}

// inputs are the action's inputs that become flags of the same name; with many,
// each line is one.
var inputs = []struct {
	name string
	many bool
}{
	{"resolver", true}, {"zones", false}, {"fail-on", false}, {"inconclusive", false}, {"write", true},
	{"baseline", false}, {"changed-only", false}, {"wait", false},
}

// actionArgs turns the action's inputs, which the runner gives as INPUT_*, into
// arguments of `check`. An input that is empty is one that was not given.
func actionArgs(getenv func(string) string) ([]string, error) {
	action := githubactions.New(githubactions.WithGetenv(getenv), githubactions.WithWriter(io.Discard))
	args := []string{"--format", "github"}
	for _, in := range inputs {
		values := []string{action.GetInput(in.name)}
		if in.many {
			values = strings.Split(values[0], "\n")
		}
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" {
				args = append(args, "--"+in.name+"="+v)
			}
		}
	}
	switch strict := strings.TrimSpace(action.GetInput("strict")); strings.ToLower(strict) {
	case "", "false":
	case "true":
		args = append(args, "--strict")
	default:
		return nil, fmt.Errorf("input strict: give true or false, not %s", untrusted.Quote(strict))
	}
	args = append(args, "--")
	for file := range strings.SplitSeq(action.GetInput("files"), "\n") {
		if file = strings.TrimSpace(file); file != "" {
			args = append(args, file)
		}
	}
	return args, nil
}

// reportFolder is where the action leaves its reports, in the workspace: a path
// there is right in the container and, relative to the workspace, on the host.
const reportFolder = ".sescheck"

// finishStep writes the reports that later steps may use, the step's outputs
// and the job summary. All of it is done before the exit code says how it went.
func finishStep(env *Env, r *report.Report) error {
	folder := filepath.Join(env.Getenv("GITHUB_WORKSPACE"), reportFolder)
	files := []struct {
		name  string
		write func(io.Writer) error
	}{
		{".gitignore", func(w io.Writer) error { _, err := io.WriteString(w, "*\n"); return err }},
		{"report.json", func(w io.Writer) error { return report.JSON(w, r) }},
		{"summary.md", func(w io.Writer) error { return report.Markdown(w, r) }},
	}
	var errs []error
	for _, f := range files {
		errs = append(errs, writeFile(filepath.Join(folder, f.name), f.write))
	}
	errs = append(errs, setOutputs(env, []output{
		{"result", string(r.Result)},
		{"errors", strconv.Itoa(r.Counts.Errors)},
		{"warnings", strconv.Itoa(r.Counts.Warnings)},
		{"inconclusive", strconv.Itoa(r.Counts.Inconclusive)},
		{"report", reportFolder + "/report.json"},
		{"summary", reportFolder + "/summary.md"},
	}), addSummary(env, r))
	return errors.Join(errs...)
}

// output is a step output. Its value is a number, a word or a path of ours,
// never text from DNS: the library's delimiter for values is known to all.
type output struct{ name, value string }

func setOutputs(env *Env, outputs []output) error {
	if ok, err := writable(env, "GITHUB_OUTPUT"); !ok {
		return err
	}
	action := githubactions.New(githubactions.WithGetenv(env.Getenv), githubactions.WithWriter(io.Discard))
	for _, o := range outputs {
		action.SetOutput(o.name, o.value)
	}
	return nil
}

func addSummary(env *Env, r *report.Report) error {
	if ok, err := writable(env, "GITHUB_STEP_SUMMARY"); !ok {
		return err
	}
	var b strings.Builder
	if err := report.Markdown(&b, r); err != nil {
		return err
	}
	githubactions.New(githubactions.WithGetenv(env.Getenv), githubactions.WithWriter(io.Discard)).AddStepSummary(b.String())
	return nil
}

// writable reports whether the file that a variable of the runner names can be
// written to; without the variable there is nothing to write and nothing wrong.
// The library panics where it cannot open the file, so it is tried first.
func writable(env *Env, variable string) (bool, error) {
	path := env.Getenv(variable)
	if path == "" {
		return false, nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return false, fmt.Errorf("write the file of %s: %w", variable, err)
	}
	return true, f.Close()
}

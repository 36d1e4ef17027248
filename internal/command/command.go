// Package command is the command line: one file for each subcommand, and the inputs
// and outputs of the GitHub Action.
//
// It parses flags, opens files and chooses exit codes. Other packages decide what
// to check and how to write it.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/app"
)

// The exit codes of commands without a run are those of a run.
const (
	exitPass         = app.ExitPass
	exitFindings     = app.ExitFindings
	exitUsage        = app.ExitUsage
	exitInconclusive = app.ExitInconclusive
	exitBroken       = app.ExitBroken
	exitInterrupted  = app.ExitInterrupted
)

// Env is the environment of a command.
type Env struct {
	Version        string
	Stdin          io.Reader // nil for none
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	StdinTerminal  bool
	StdoutTerminal bool
	StdoutWidth    int // in columns; 0 if stdout is not a terminal, or its width is unknown
	StderrTerminal bool
	Checkout       string // root of the checkout around the working directory; "" for none

	step bool // a step of the GitHub Action
}

// now is the time for comparisons of days. Tests replace it.
var now = time.Now

// exit is an error with an exit code. Its text, if any, goes to stderr.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// broken returns an error that neither the file nor the command line caused.
func broken(err error) error { return &exit{exitBroken, err} }

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, args []string, env Env) int {
	root := newRoot(&env)
	root.SetArgs(args)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) { // cobra keeps what is registered for ever
		complete(root)
	}
	c, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitPass
	}
	if env.onGitHub() && (c == root || c.Name() == "check" || c.Name() == "merge") { // stdout may be a report
		env.step = true
		err = env.failed(env.Stderr, err)
	}
	code := exitUsage
	if e, ok := errors.AsType[*exit](err); ok {
		code, err = e.code, e.err
	}
	if err != nil {
		env.fail(err)
	}
	return code
}

// onGitHub reports whether the command runs in a step of a GitHub workflow.
func (env *Env) onGitHub() bool { return env.Getenv("GITHUB_ACTIONS") == "true" }

// fail writes an error to stderr.
func (env *Env) fail(err error) { env.say(err.Error()) }

// say writes to stderr, so that no CI runner obeys a line as a command.
func (env *Env) say(text string) { _, _ = io.WriteString(env.Stderr, app.Safe(text)) }

func newRoot(env *Env) *cobra.Command {
	root := newCheck(env)
	root.Use = "sescheck [command] [flags] [files…]"
	root.Short = "Check the DNS records of Amazon SES domains against a file"
	root.Long = `sescheck compares DNS with a YAML file that lists your Amazon SES domains, MAIL
FROM domains and SPF includes, and fails when they differ. The default command is
check.`
	root.Version = env.Version
	root.SilenceErrors = true
	root.SilenceUsage = true
	root.AddCommand(
		newCheck(env), newLint(env), newImport(env), newRecords(env), newInspect(env),
		newExplain(env), newSchema(env), newLock(env), newMerge(env), newInit(env), newVersion(env), newAction(env),
	)
	root.SetOut(env.Stdout) // before the completion commands, which keep the writer
	root.SetErr(env.Stderr)
	setMessages(root)
	setHelp(root, env)
	return root
}

// Tree returns the commands, for the manual pages and completions of a release.
func Tree() *cobra.Command { return newRoot(&Env{Getenv: func(string) string { return "" }}) }

// newVersion returns the command `version`, which is the same as --version.
func newVersion(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  sescheck version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if _, err := fmt.Fprintf(env.Stdout, "sescheck version %s\n", env.Version); err != nil {
				return broken(err)
			}
			return nil
		},
	}
}

// Package command is the command line: one file a subcommand, and the inputs
// and outputs of the GitHub Action.
//
// It reads flags, opens files and decides exit codes. What is checked, and how
// it is written, is decided below it.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/app"
)

// The exit codes, with those of a run.
const (
	exitPass         = app.ExitPass
	exitFindings     = app.ExitFindings
	exitUsage        = app.ExitUsage
	exitInconclusive = app.ExitInconclusive
	exitBroken       = app.ExitBroken
	exitInterrupted  = app.ExitInterrupted
)

// Env is what a command knows of the world.
type Env struct {
	Version        string
	Stdin          io.Reader // nil where there is none
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	StdinTerminal  bool
	StdoutTerminal bool
	StdoutWidth    int // of the terminal; 0 if there is none, or it does not say
	StderrTerminal bool
	Checkout       string // the root of the checkout that the working directory lies in; "" for none

	step bool // this is a step of the GitHub Action
}

// now is what days are held against. Tests stop it.
var now = time.Now

// exit is an error that ends the program with a code. Its text, if any, goes
// to stderr.
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

// broken is an error of our own or of the machine's, not of the user's.
func broken(err error) error { return &exit{exitBroken, err} }

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, args []string, env Env) int {
	root := newRoot(&env)
	root.SetArgs(args)
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

// onGitHub reports whether this is a step of a GitHub workflow.
func (env *Env) onGitHub() bool { return env.Getenv("GITHUB_ACTIONS") == "true" }

// fail writes an error to stderr, a line for each line of it.
func (env *Env) fail(err error) { env.say(err.Error()) }

// say writes to stderr, so that no CI runner takes a line for a command.
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
	root.SetOut(env.Stdout) // before completions are made, which keep it
	root.SetErr(env.Stderr)
	speak(root)
	setHelp(root, env)
	return root
}

// Tree is the tree of commands, for the manual pages and the completions of a
// release.
func Tree() *cobra.Command { return newRoot(&Env{Getenv: func(string) string { return "" }}) }

// newVersion is --version as a command.
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

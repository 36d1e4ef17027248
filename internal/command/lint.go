package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
)

func newLint(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "lint [files…]",
		Short: "Check the file alone, without DNS",
		Long: `Finds all mistakes in the files, and warns about entries that make no sense, such
as an unknown region. It does not use DNS.

Exit codes: 0 no mistakes; 2 mistakes.`,
		Example: `  sescheck lint
  sescheck lint mail/*.yaml`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var file *config.File
			err := endable(cmd.Context(), func(context.Context) (err error) {
				if file, err = load(args); err == nil {
					err = file.ReadLocks()
				}
				return err
			})
			if err != nil {
				return err
			}
			if err := lint(env.Stdout, file); err != nil {
				return broken(err)
			}
			return nil
		},
	}
}

// lint writes what can be said of a file without DNS: a line for each warning and
// note, and how many there are.
func lint(w io.Writer, file *config.File) error {
	var b strings.Builder
	n := map[finding.Severity]int{}
	for _, f := range check.Lint(file, time.Now()) {
		n[f.Severity]++
		p := config.Problem{File: f.Place.File, Line: f.Place.Line, Column: f.Place.Column, Message: fmt.Sprintf("%s: %s (%s)", f.Severity, f.Message, f.Check)}
		fmt.Fprintln(&b, p)
	}
	told := "no mistakes"
	if len(n) > 0 {
		told = count(n[finding.Warning], "warning", "warnings") + ", " + count(n[finding.Note], "note", "notes")
	}
	fmt.Fprintf(&b, "%s, %s\n", count(len(file.Domains), "domain", "domains"), told)
	_, err := io.WriteString(w, b.String())
	return err
}

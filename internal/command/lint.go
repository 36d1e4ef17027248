package command

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/app"
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
			err := interruptible(cmd.Context(), func(context.Context) (err error) {
				if file, err = load(args); err == nil {
					err = file.ReadLocks()
				}
				return err
			})
			if err != nil {
				return err
			}
			if _, err := io.WriteString(env.Stdout, app.Lint(file, now()).String()); err != nil {
				return broken(err)
			}
			return nil
		},
	}
}

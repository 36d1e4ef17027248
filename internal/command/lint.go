package command

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newLint(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "lint [files…]",
		Short: "Check the file alone, without DNS",
		Long:  "Reads the files and tells everything that is wrong with them. No question is asked.",
		Example: `  sescheck lint
  sescheck lint mail/*.yaml`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := load(args)
			if err != nil {
				return err
			}
			if err := file.ReadLocks(); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(env.Stdout, "%s, nothing wrong\n", count(len(file.Domains), "domain", "domains")); err != nil {
				return broken(err)
			}
			return nil
		},
	}
}

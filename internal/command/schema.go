package command

import (
	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/docs"
)

func newSchema(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the file",
		Long: `Prints the JSON Schema of the file, for editors and for programs that write it.
An editor also finds it by a comment in the first line of the file; see
docs/editor.md.`,
		Example: `  sescheck schema > sescheck.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if _, err := env.Stdout.Write(docs.FileSchema); err != nil {
				return broken(err)
			}
			return nil
		},
	}
}

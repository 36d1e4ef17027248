package command

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// complete registers the completion of arguments and flags, for c and all its commands.
func complete(c *cobra.Command) {
	for _, sub := range c.Commands() {
		complete(sub)
	}
	if c.ValidArgsFunction == nil && (c == c.Root() || c.Name() == "check" || c.Name() == "lint" || c.Name() == "records") {
		c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		}
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		t := traitOf(f.Name)
		if t.offer == nil && t.files == 0 {
			return
		}
		how := t.files
		if how == 0 {
			how = cobra.ShellCompDirectiveNoFileComp
		}
		var offer []string
		if t.offer != nil {
			offer = t.offer(f)
		}
		_ = c.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(offer, how))
	})
}

// inUsage returns the formats that the usage of --format lists.
func inUsage(usage string) []string {
	usage = strings.TrimPrefix(usage, "format of stdout: ")
	usage, _, _ = strings.Cut(usage, " (")
	return strings.FieldsFunc(strings.ReplaceAll(usage, " or ", ","), func(r rune) bool { return r == ',' || r == ' ' })
}

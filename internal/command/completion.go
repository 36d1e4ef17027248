package command

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// values are what a shell offers behind a flag, wherever it stands.
var values = map[string][]string{
	"fail-on":      {"error", "warning", "note", "never"},
	"inconclusive": {"fail", "warn"},
	"color":        {"auto", "always", "never"},
	"provider":     {"route53", "cloudflare"},
	"resolver":     {"system", "authoritative", "1.1.1.1", "8.8.8.8", "9.9.9.9"},
	"changed-only": {"base"},
}

// complete tells the shell what can stand in a command line.
func complete(c *cobra.Command) {
	if c.ValidArgsFunction == nil && (c == c.Root() || c.Name() == "check" || c.Name() == "lint" || c.Name() == "records") {
		c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		}
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		offer, how := values[f.Name], cobra.ShellCompDirectiveNoFileComp
		switch f.Name {
		case "zones", "dir":
			how = cobra.ShellCompDirectiveFilterDirs
		case "check":
			offer = checkIDs()
		case "format":
			offer = inUsage(f.Usage)
		case "baseline":
			offer, how = []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
		default:
			if offer == nil {
				return
			}
		}
		_ = c.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(offer, how))
	})
}

// inUsage are the formats that the usage of a --format lists.
func inUsage(usage string) []string {
	usage = strings.TrimPrefix(usage, "format of stdout: ")
	usage, _, _ = strings.Cut(usage, " (")
	return strings.FieldsFunc(strings.ReplaceAll(usage, " or ", ","), func(r rune) bool { return r == ',' || r == ' ' })
}

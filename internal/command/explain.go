package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sescheck/sescheck/internal/app"
	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/untrusted"
)

func newExplain(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [check]",
		Short: "Explain a check: what it means, why it matters, and how to fix it",
		Example: `  sescheck explain
  sescheck explain 'spf-*'
  sescheck explain mail-from-mx-multiple`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return app.CheckIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			var b strings.Builder
			if len(args) == 0 {
				listChecks(&b, "*")
			} else {
				c, ok := check.Lookup(args[0])
				switch {
				case ok:
					explain(&b, c)
				case !listChecks(&b, args[0]):
					return noSuchCheck(args[0])
				}
			}
			if _, err := io.WriteString(env.Stdout, b.String()); err != nil {
				return broken(err)
			}
			return nil
		},
	}
}

// listChecks lists the checks that match a glob, or that belong to a part. It
// reports whether there are any.
func listChecks(b *strings.Builder, pattern string) (any bool) {
	match := matching(pattern)
	for _, p := range check.Parts() {
		written := false
		for _, c := range p.Checks {
			if !match(c.ID) && !strings.EqualFold(pattern, string(p.Name)) {
				continue
			}
			if !written {
				fmt.Fprintf(b, "%s\n", p.Name)
			}
			written, any = true, true
			fmt.Fprintf(b, "  %-26s %-8s %s\n", c.ID, c.Severity, c.Title)
		}
	}
	return any
}

func explain(b *strings.Builder, c *finding.Check) {
	fmt.Fprintf(b, "%s (%s)\n%s.\n\n", c.ID, c.Severity, c.Title)
	for _, section := range []struct{ head, text string }{
		{"What it finds", c.Means}, {"What happens to mail", sentence(c.Matters)}, {"How to fix it", c.Fix},
	} {
		fmt.Fprintf(b, "%s\n%s\n\n", section.head, wrap(section.text, "  ", 78))
	}
	for _, s := range c.Sources {
		fmt.Fprintf(b, "See %s\n", s)
	}
}

// sentence turns a clause into a sentence.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// wrap breaks text into lines of at most width characters.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			b.WriteString(indent)
			n = len(indent)
		case n+1+len(word) > width:
			b.WriteString("\n" + indent)
			n = len(indent)
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += len(word)
	}
	return b.String()
}

func noSuchCheck(id string) error {
	near, all := suggestion(id, app.CheckIDs()), "`sescheck explain` lists them"
	if part := "*" + id + "*"; near == "" && matching(part)(app.CheckIDs()...) {
		all = fmt.Sprintf("`sescheck explain '%s'` lists those that have it in their name", part)
	}
	return fmt.Errorf("no check %s%s; %s", untrusted.Quote(id), near, all)
}

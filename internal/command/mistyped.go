package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file has the messages about a mistyped command line.

// setMessages sets the error messages and completions of all commands.
func setMessages(root *cobra.Command) {
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelp(root))
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" { // cobra's command shows help and succeeds
			c.Args, c.RunE = nil, noShell
		}
		c.DisableFlagsInUseLine = true
		if wrong := c.Args; wrong != nil {
			c.Args = func(c *cobra.Command, args []string) error {
				if wrong(c, args) == nil {
					return nil
				}
				what := c.Use[strings.LastIndexByte(c.Use, ' ')+1:] + " is missing"
				if len(args) > 0 {
					what = untrusted.Quote(args[len(args)-1]) + " is one argument too many"
				}
				return fmt.Errorf("%s; the usage is `sescheck %s`, and `%s -h` has examples", what, c.Use, c.CommandPath())
			}
		}
	}
}

func noShell(c *cobra.Command, args []string) error {
	what := "the shell is missing"
	if len(args) > 0 {
		what = "there are no completions for " + untrusted.Quote(args[0])
	}
	return fmt.Errorf("%s; choose bash, fish, powershell or zsh; `%s -h` says more", what, c.CommandPath())
}

// newHelp returns a help command that fails for unknown commands, unlike cobra's.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [command]",
		Short:   "Explain a command, with its flags and examples",
		Example: "  sescheck help check",
		Args:    cobra.ArbitraryArgs,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c := root
			for _, name := range args {
				i := slices.IndexFunc(c.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
				if i < 0 {
					return fmt.Errorf("there is no command %s%s", untrusted.Quote(name), suggestion(name, commandNames(c)))
				}
				c = c.Commands()[i]
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

func commandNames(c *cobra.Command) (names []string) {
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	return names
}

// flagError explains a wrong flag, with a suggestion.
func flagError(c *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, "--"+f.Name)
			}
		})
		name, all := "--"+unknown.GetSpecifiedName(), c.CommandPath()
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			name = "-" + letters
			names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, "-"+name) })
			if len(names) == 1 {
				name, names = name+" (did you mean "+names[0]+"?)", nil
			}
		}
		if !c.HasParent() {
			all += " check" // the help of the root omits most flags
		}
		return fmt.Errorf("there is no flag %s%s; `%s -h` lists them", untrusted.Line(name), suggestion(name, names), all)
	}
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s needs a value: %s", bare.GetFlag().Name, bare.GetFlag().Usage)
	}
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		want := "write another value"
		switch bad.GetFlag().Value.Type() {
		case "duration":
			want = "write a time with its unit, such as 500ms, 5s or 2m"
		case "int":
			want = "write a whole number"
		case "bool":
			want = "write no value, or true or false"
		}
		return fmt.Errorf("--%s %s: %s", bad.GetFlag().Name, untrusted.Quote(bad.GetValue()), want)
	}
	return err
}

// sortedLetters returns the letters of a word in alphabetical order.
func sortedLetters(word string) string {
	return string(slices.Sorted(slices.Values([]byte(word))))
}

// suggestion returns the most similar word as a question, or "". A word with the
// same letters counts as one typo.
func suggestion(word string, words []string) string {
	best, least := "", 1+max(2, len(word)/3)
	for _, w := range words {
		d := levenshtein.ComputeDistance(word, w)
		if strings.HasPrefix(w, word) && len(word) > 3 || sortedLetters(w) == sortedLetters(word) {
			d = 1
		}
		if d < least {
			best, least = w, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}

// suggestCommand adds to a missing-file error the other possible meanings of the
// first argument: a command or a domain.
func suggestCommand(c *cobra.Command, args []string, err error) error {
	if err == nil || len(args) == 0 || !strings.HasPrefix(err.Error(), "there is no file") {
		return err
	}
	first := args[0]
	if c == c.Root() {
		if hint := suggestion(first, commandNames(c)); hint != "" {
			return fmt.Errorf("%w, and no such command%s", err, hint)
		}
	}
	if strings.Contains(first, ".") && !strings.HasSuffix(first, ".yaml") && !strings.HasSuffix(first, ".yml") {
		return fmt.Errorf("%w; to check a domain without a file: `sescheck inspect %s`; to select one in the file: --domain %s", err, untrusted.Line(first), untrusted.Line(first))
	}
	return err
}

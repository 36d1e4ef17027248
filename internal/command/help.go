package command

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// This file formats help: wrapped at the terminal's width, common flags first.

// valueNames has the placeholders for values of flags. Other flags show their type.
var valueNames = map[string]string{
	"baseline": "REPORT.json", "byodkim": "SELECTOR", "changed-only": "REV", "check": "GLOB", "color": "WHEN", "dir": "FOLDER", "dkim": "TOKEN", "domain": "GLOB",
	"fail-on": "SEVERITY", "format": "FORMAT", "identity": "DOMAIN", "inconclusive": "fail|warn", "into": "FILE", "ip": "ADDRESS", "mail-from": "NAME", "output": "FILE",
	"plan": "PATH", "provider": "PROVIDER", "region": "REGION", "resolver": "SERVER", "selector": "SELECTOR", "sender": "ADDRESS", "ses": "PATH", "shard": "I/N",
	"trace": "FILE", "write": "FORMAT=PATH", "zones": "PATH",
}

// flagGroups has the flags that several commands share, common ones first. Flags in
// no group belong to one command and precede the groups.
var flagGroups = []struct {
	title string
	names []string
}{
	{"Used every day", []string{"resolver", "zones", "plan", "ses", "offline", "domain", "fail-on", "format", "write"}},
	{"Scope", []string{"check", "changed-only", "shard"}},
	{"What fails the run", []string{"inconclusive", "strict", "baseline", "wait"}},
	{"Output", []string{"quiet", "verbose", "color"}},
	{"DNS queries", []string{"timeout", "retries", "deadline", "concurrency", "rate", "trace"}},
	{"Help", []string{"help", "version"}},
}

// The width of help without a terminal, and the maximum: long lines are hard to
// read.
const (
	usualWidth = 80
	mostWidth  = 100
)

// helper formats help.
type helper struct {
	strings.Builder
	width int
}

// setHelp sets the help of all commands.
func setHelp(root *cobra.Command, env *Env) {
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		h := &helper{width: usualWidth}
		if env.StdoutWidth > 0 {
			h.width = min(env.StdoutWidth, mostWidth)
		}
		h.command(c)
		_, _ = io.WriteString(c.OutOrStdout(), h.String())
	})
}

func (h *helper) command(c *cobra.Command) {
	about := c.Long
	if about == "" {
		about = c.Short
	}
	h.text(about)
	fmt.Fprintf(h, "\nUsage:\n  %s\n", usageOf(c))
	if c.Example != "" {
		fmt.Fprintf(h, "\nExamples:\n%s\n", strings.TrimRight(c.Example, "\n"))
	}
	h.commands(c)
	h.flags(c)
	if c == c.Root() {
		h.WriteString("\n")
		h.text("Without a command sescheck runs check; `sescheck check -h` lists all its flags. `sescheck COMMAND -h` is the help of a command.")
	}
}

// usageOf returns the usage line of a command. Cobra adds a subcommand's name only
// when it runs.
func usageOf(c *cobra.Command) string {
	if c == c.Root() {
		return c.Use
	}
	return c.Parent().CommandPath() + " " + c.Use
}

// commonCommands has the common commands in the order of help. Other commands follow.
var commonCommands = []string{"init", "check", "lint", "import", "records", "inspect", "explain"}

func (h *helper) commands(c *cobra.Command) {
	var rows [][2]string
	subs := slices.DeleteFunc(slices.Clone(c.Commands()), func(sub *cobra.Command) bool { return sub.Hidden })
	rank := func(sub *cobra.Command) int {
		if i := slices.Index(commonCommands, sub.Name()); i >= 0 {
			return i
		}
		return len(commonCommands)
	}
	slices.SortStableFunc(subs, func(a, b *cobra.Command) int { return rank(a) - rank(b) })
	for _, sub := range subs {
		rows = append(rows, [2]string{sub.Name(), sub.Short})
	}
	h.rows("Commands", rows)
}

func (h *helper) flags(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	grouped := map[string]bool{}
	for _, g := range flagGroups {
		for _, name := range g.names {
			grouped[name] = true
		}
	}
	grouped["domain"] = c.Flags().Lookup("check") != nil // in import and init it is among their own flags
	var own [][2]string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !grouped[f.Name] && !f.Hidden {
			own = append(own, flagRow(f))
		}
	})
	h.rows("Flags", own)
	for i, g := range flagGroups {
		if c == c.Root() && i > 0 && g.title != "Help" {
			continue
		}
		var rows [][2]string
		for _, name := range g.names {
			if f := c.Flags().Lookup(name); f != nil && !f.Hidden && grouped[name] {
				rows = append(rows, flagRow(f))
			}
		}
		h.rows(g.title, rows)
	}
}

// flagRow returns a flag with its placeholder, and its description.
func flagRow(f *pflag.Flag) [2]string {
	head := "--" + f.Name
	if f.Shorthand != "" {
		head = "-" + f.Shorthand + ", " + head
	}
	if f.Value.Type() != "bool" {
		head += " " + valueName(f)
	}
	usage := f.Usage
	if usual := strings.Trim(f.DefValue, "[]"); !strings.Contains(usage, "(default") && !slices.Contains([]string{"", "0", "0s", "false"}, usual) {
		usage += " (default " + usual + ")"
	}
	return [2]string{head, usage}
}

func valueName(f *pflag.Flag) string {
	if name := valueNames[f.Name]; name != "" {
		return name
	}
	switch f.Value.Type() {
	case "duration":
		return "TIME"
	case "int", "uint16":
		return "N"
	}
	return "VALUE"
}

// rows writes two columns below a title. The second column is wrapped; it starts on
// a line of its own if the first is too long or the terminal too narrow.
func (h *helper) rows(title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	const longest = 24
	column := 0
	for _, r := range rows {
		if n := utf8.RuneCountInString(r[0]); n <= longest {
			column = max(column, n)
		}
	}
	if h.width < 2*longest {
		column = 4
	}
	fmt.Fprintf(h, "\n%s:\n", title)
	margin := strings.Repeat(" ", column+4)
	for _, r := range rows {
		lines := wrapped(r[1], h.width-len(margin))
		if utf8.RuneCountInString(r[0]) > column {
			fmt.Fprintf(h, "  %s\n", r[0])
		} else {
			fmt.Fprintf(h, "  %-*s  %s\n", column, r[0], lines[0])
			lines = lines[1:]
		}
		for _, l := range lines {
			fmt.Fprintf(h, "%s%s\n", margin, l)
		}
	}
}

// text rewraps paragraphs. Indented lines stay as they are.
func (h *helper) text(s string) {
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			for _, l := range wrapped(strings.Join(paragraph, " "), h.width) {
				h.WriteString(l + "\n")
			}
		}
		paragraph = nil
	}
	for line := range strings.SplitSeq(strings.Trim(s, "\n"), "\n") {
		if line != "" && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
			paragraph = append(paragraph, line)
			continue
		}
		flush()
		h.WriteString(line + "\n")
	}
	flush()
}

// wrapped breaks a sentence into lines. A word longer than a line gets its own.
func wrapped(s string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

package command

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sescheck/sescheck/internal/app"
)

// trait is what a flag is besides its value. A flag has a row in traits if it is an
// input of the GitHub Action, decides what a run reports, or can be completed.
// Commands define the flags.
type trait struct {
	flag  string
	input inputKind // input of the action
	// shards means that all shards of a run must have the same value, because it
	// decides which domains and findings the run has.
	shards bool
	// offer returns values for completion; nil for none.
	offer func(*pflag.Flag) []string
	// files selects the files for completion; the zero value is none.
	files cobra.ShellCompDirective
}

// inputKind is how an input of the action becomes a flag.
type inputKind uint8

const (
	noInput    inputKind = iota
	oneValue             // the input is the value
	manyValues           // each line is a value
	onOff                // true or false
)

var traits = []trait{
	{flag: "resolver", input: manyValues, offer: words("system", "authoritative", "1.1.1.1", "8.8.8.8", "9.9.9.9")},
	{flag: "zones", input: manyValues, files: cobra.ShellCompDirectiveFilterDirs},
	{flag: "plan", input: manyValues},
	{flag: "ses", input: manyValues},
	{flag: "fail-on", input: oneValue, offer: words("error", "warning", "note", "never")},
	{flag: "inconclusive", input: oneValue, offer: words("fail", "warn")},
	{flag: "write", input: manyValues},
	{flag: "baseline", input: oneValue, offer: words("json"), files: cobra.ShellCompDirectiveFilterFileExt},
	{flag: "changed-only", input: oneValue, shards: true, offer: words("base")},
	{flag: "wait", input: oneValue},
	{flag: "verbose", shards: true},
	{flag: "strict", input: onOff, shards: true},
	{flag: "check", shards: true, offer: func(*pflag.Flag) []string { return app.CheckIDs() }},
	{flag: "format", offer: func(f *pflag.Flag) []string { return inUsage(f.Usage) }},
	{flag: "color", offer: words("auto", "always", "never")},
	{flag: "provider", offer: words("route53", "cloudflare")},
	{flag: "dir", files: cobra.ShellCompDirectiveFilterDirs},
}

func words(all ...string) func(*pflag.Flag) []string {
	return func(*pflag.Flag) []string { return all }
}

// traitOf returns the row of a flag; the zero trait without a row.
func traitOf(flag string) trait {
	if i := slices.IndexFunc(traits, func(t trait) bool { return t.flag == flag }); i >= 0 {
		return traits[i]
	}
	return trait{}
}

// shardValues returns the values of the flags that all shards share: single values
// first, then lists.
func shardValues(flags *pflag.FlagSet) [][]string {
	all := [][]string{nil}
	for _, t := range slices.Backward(traits) { // the order of earlier releases, which hashes depend on
		if !t.shards {
			continue
		}
		value := flags.Lookup(t.flag).Value
		if list, ok := value.(pflag.SliceValue); ok {
			all = append(all, list.GetSlice())
		} else {
			all[0] = append(all[0], value.String())
		}
	}
	return all
}

package command

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestTraits: each row is about one flag of some command, and check has the flags
// that are inputs or shared by shards.
func TestTraits(t *testing.T) {
	env := &Env{Getenv: vars{}.get}
	flags := map[string]bool{}
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRoot(env))
	of, seen := newCheck(env).Flags(), map[string]bool{}
	for _, row := range traits {
		if !flags[row.flag] || seen[row.flag] {
			t.Errorf("no command has --%s, or it has two rows", row.flag)
		}
		seen[row.flag] = true
		if (row.input != noInput || row.shards) && of.Lookup(row.flag) == nil {
			t.Errorf("check has no --%s", row.flag)
		}
	}
}

// TestShardValues: a run's name depends on the flags that decide what it reports,
// and on no other flag.
func TestShardValues(t *testing.T) {
	values := func(args ...string) [][]string {
		flags := newCheck(&Env{Getenv: vars{}.get}).Flags()
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		return shardValues(flags)
	}
	if diff := cmp.Diff([][]string{{"true", "false", "base"}, {"spf-*", "dkim-*"}},
		values("--strict", "--changed-only=base", "--check=spf-*", "--check=dkim-*", "--shard=1/8", "--wait=5m", "--format=json")); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/yamltext"
)

func repeat(n int, f func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(f(i))
	}
	return b.String()
}

// TestBounds: at a bound all is well, and beyond it a problem says so, quickly.
func TestBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("the files are large")
	}
	const head = "version: 1\ndomains:\n"
	token := func(i int) string { return fmt.Sprintf("t%d,", i) }
	name := func(i int) string { return fmt.Sprintf("n%d.example,", i) }
	identity := func(int) string { return "{region: eu-west-1}," }
	ignore := func(int) string { return "- {check: a, reason: b}\n" }
	domain := func(i int) string { return fmt.Sprintf("  d%d.example: {spf: none}\n", i) }
	lolMerge := func(levels int) string { // each merges the one before it twice
		s := head + "  d.example: &m0 {region: eu-west-1}\n"
		for i := range levels {
			s += fmt.Sprintf("  d%d.example: &m%d {<<: [*m%d, *m%d]}\n", i, i+1, i, i)
		}
		return s
	}
	lolList := head + "  d.example: {dkim: &l0 [a, b, c], region: eu-west-1}\n" +
		repeat(30, func(i int) string {
			return fmt.Sprintf("  d%d.example: {region: eu-west-1, dkim: &l%d [*l%d, *l%d]}\n", i, i+1, i, i)
		})
	sharedDefaults := func(domains int) string {
		return "version: 1\ndefaults: {spf: [" + repeat(config.MaxIncludes, name) + "]}\ndomains:\n" +
			repeat(domains, func(i int) string { return fmt.Sprintf("  d%d.example:\n", i) })
	}
	for _, c := range []struct{ what, text, want string }{
		{"tokens", head + "  a.example: {verification: [" + repeat(config.MaxTokens, token) + "]}", ""},
		{"more tokens", head + "  a.example: {verification: [" + repeat(config.MaxTokens+1, token) + "]}", "3:29: verification has 101 items, and the limit is 100"},
		{"more DKIM tokens", head + "  a.example: {dkim: [" + repeat(config.MaxTokens+1, token) + "]}", "3:21: dkim has 101 items, and the limit is 100"},
		{"includes", head + "  a.example: {spf: [" + repeat(config.MaxIncludes, name) + "]}", ""},
		{"more includes", head + "  a.example: {spf: [" + repeat(config.MaxIncludes+1, name) + "]}", "3:20: the list of includes has 501 items, and the limit is 500"},
		{"identities", head + "  a.example: {identities: [" + repeat(config.MaxIdentities, identity) + "]}", ""},
		{"more identities", head + "  a.example: {identities: [" + repeat(config.MaxIdentities+1, identity) + "]}", "3:27: identities has 101 items, and the limit is 100"},
		{"ignores", head + "  a.example: {spf: none}\nignore:\n" + repeat(config.MaxIgnores, ignore), ""},
		{"more ignores", head + "  a.example: {spf: none}\nignore:\n" + repeat(config.MaxIgnores+1, ignore), "5:1: there are more than 10000 items of ignore; remove those that match nothing"},
		{"domains", head + repeat(config.MaxDomains, domain), ""},
		{"more domains", head + repeat(config.MaxDomains+1, domain), "100003:3: there are more than 100000 domains"},
		{"the file", head + "  a.example: {spf: none}\n" + strings.Repeat("#\n", config.MaxFileSize/2), "the file is larger than 64 MiB"},
		{"values", "[" + strings.Repeat("a,", yamltext.MaxValues) + "]", "the file has more than 3000000 values"},
		{"brackets", strings.Repeat("[", 1<<20), "1:1: this is nested too deep"},
		{"brackets in a value", head + "  a.example: {spf: " + strings.Repeat("[", 1<<20), "3:3: this is nested too deep"},
		{"blocks", strings.Repeat("- ", 1<<19) + "a", "1:1: this is nested too deep"},
		{"brackets that are closed", head + "  a.example: {spf: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", "3:21: include: an item is a list"},
		{"merged twice, 15 times", lolMerge(15), ""},
		{"merged twice, 40 times", lolMerge(40), "aliases and defaults add more than 3000000 values"},
		{"lists of lists by aliases", lolList, "4:46: DKIM token: an item is a list"},
		{"defaults", sharedDefaults(100), ""},
		{"shared defaults", sharedDefaults(7_000), "aliases and defaults add more than 3000000 values"},
		{"problems", head + repeat(20_000, func(i int) string { return fmt.Sprintf("  d%d.example: {sfp: none}\n", i) }), "f: and 19000 more problems"},
	} {
		began := time.Now()
		_, ps := config.Parse("f", []byte(c.text))
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s took %s", c.what, took)
		}
		switch {
		case c.want == "" && len(ps) > 0:
			t.Errorf("%s: %.300s", c.what, reported(ps))
		case c.want != "" && !slices.ContainsFunc(ps, func(p config.Problem) bool { return strings.Contains(p.String(), c.want) }):
			t.Errorf("%s: %q is not in %.300s", c.what, c.want, reported(ps))
		}
	}
}

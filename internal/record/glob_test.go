package record_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/sescheck/sescheck/internal/record"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 250)
	for _, c := range []struct{ glob, matches, not string }{
		{"*", "example.com a a/b", ""},
		{"**", "example.com a", ""},
		{"", "", "a"},
		{"example.com", "example.com", "example.comx xexample.com a.example.com"},
		{"Example.COM.", "example.com", "example.com."},
		{"*.example.com", "a.example.com a.b.example.com", "example.com"},
		{"*example.com", "example.com a.example.com xexample.com", "example.org"},
		{"a*b*c", "abc aXbXc abbcc abcbc", "ab ac abcd xabc"},
		{"s?.example", "s1.example", "s.example s12.example"},
		{"s[12].example", "s1.example s2.example", "s3.example s12.example"},
		{"s[a-c1-2-].example", "sa.example s1.example s-.example", "sd.example s3.example"},
		{"s[!a-c].example", "sd.example s1.example sä.example", "sa.example"},
		{"s[^1].example", "s2.example", "s1.example"},
		{`s[\]a].example`, "s].example sa.example", `s\.example`},
		{`a\*b`, "a*b", "aXb"},
		{"{a,b}.example", "a.example b.example", "c.example {a,b}.example"},
		{"x{,y{1,2}}.example", "x.example xy1.example xy2.example", "xy.example"},
		{"{*.a,b*}", "x.a b bc", "a c"},
		{`{a\,b,[,]}`, "a,b ,", "a b"},
		{"bücher.*", "bücher.example", "bucher.example"},
		{"b?cher.{ä,ö}*", "bücher.ä bücher.öx", "bücher.a"},
		{long + "*b" + long, long + "b" + long + " " + long + "xbxb" + long, long + "a" + long},
	} {
		g, err := record.ParseGlob(c.glob)
		if err != nil {
			t.Errorf("%s: %v", c.glob, err)
			continue
		}
		for want, names := range map[bool]string{true: c.matches, false: c.not} {
			for name := range strings.FieldsSeq(names) {
				if got := g.Match(name); got != want {
					t.Errorf("%s and %s: %v", c.glob, name, got)
				}
			}
		}
	}
}

func TestGlobWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ glob, want string }{
		{"[", "not a valid glob"}, {"[]", "not a valid glob"}, {"[!]", "not a valid glob"}, {"[a", "not a valid glob"}, {"{a", "not a valid glob"}, {"a}", "not a valid glob"}, {`a\`, "not a valid glob"}, {`a\.`, "not a valid glob"}, {"\xff", "not a valid glob"},
		{"[ä-ö]", "ASCII"},
		{strings.Repeat("a", record.MaxGlob+1), "too long"},
		{strings.Repeat("{a,b}", 40), "too long"},
		{strings.Repeat("{", 3000) + strings.Repeat("}", 3000), "too long"},
		{"{" + strings.Repeat(",", record.MaxGlob) + "}*", "too long"},
	} {
		if _, err := record.ParseGlob(c.glob); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40s: %v, want %s", c.glob, err, c.want)
		}
	}
}

// TestGlobLikePaths: what a glob means is what it means for the names of files,
// where no slash is in the name. Alternatives are left out: doublestar does not find
// that .*ä[^b]*{a*,} matches .aäbbä*.
func TestGlobLikePaths(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "*", "?", "[ab]", "[!a]", "[^b]", "[a-b]", `\*`, "ä", "."}
	for range 20_000 {
		var glob, name strings.Builder
		for range r.IntN(7) {
			glob.WriteString(pieces[r.IntN(len(pieces))])
		}
		for range r.IntN(8) {
			name.WriteString([]string{"a", "b", "*", "ä", "."}[r.IntN(5)])
		}
		pattern := strings.TrimRight(glob.String(), ".")
		g, err := record.ParseGlob(pattern)
		want, wrong := doublestar.Match(pattern, name.String())
		if (err == nil) != (wrong == nil) {
			t.Fatalf("%s: %v, %v", pattern, err, wrong)
		}
		if got := err == nil && g.Match(name.String()); got != want {
			t.Fatalf("%s and %s: %v", pattern, name.String(), got)
		}
	}
}

// TestGlobIsLinear: stars and alternatives multiply the ways to match, and not
// the work.
func TestGlobIsLinear(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("a", 253)
	for _, glob := range []string{
		strings.Repeat("*a", 120) + "b", strings.Repeat("*", 250) + "b", strings.Repeat("{*a*,*}", 5) + "b", "*" + strings.Repeat("a", 120) + "b*", strings.Repeat("[!b]*", 50) + "b", strings.Repeat("?*", 120) + "b",
	} {
		g, err := record.ParseGlob(glob)
		if err != nil {
			t.Fatal(glob, err)
		}
		for range 1000 {
			if g.Match(name) {
				t.Fatal(glob)
			}
		}
	}
}

// TestGlobs: which globs match is the same for them together as for each alone.
func TestGlobs(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"a", "b", "*", "?", "[!a]", "{a,b*}", "{ä,}", "ä", "ö"}
	for range 500 {
		var globs []record.Glob
		for range r.IntN(40) {
			var glob strings.Builder
			for range r.IntN(7) {
				glob.WriteString(pieces[r.IntN(len(pieces))])
			}
			g, err := record.ParseGlob(glob.String())
			if err != nil {
				t.Fatal(glob.String(), err)
			}
			globs = append(globs, g)
		}
		together := record.NewGlobs(globs)
		for range 20 {
			var name strings.Builder
			for range r.IntN(8) {
				name.WriteString([]string{"a", "b", "c", "ä", "ö", "ü"}[r.IntN(6)])
			}
			matched := make([]bool, len(globs))
			together.Match(name.String(), matched)
			for i, g := range globs {
				if g.Match(name.String()) != matched[i] {
					t.Fatalf("%d of %d and %s: %v", i, len(globs), name.String(), matched[i])
				}
			}
		}
	}
}

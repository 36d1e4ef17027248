package check

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

func ignoring(check, domain, rec string) config.Ignore {
	return config.Ignore{Check: config.At[string]{Value: check}, Domain: config.At[string]{Value: domain}, Record: config.At[string]{Value: rec}}
}

func inForce(config.Ignore) bool { return true }

// TestIgnores: an item accepts a finding where each of its globs matches. Of
// several the last one gives the reason, and all are used.
func TestIgnores(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	domains := []string{"a.example", "b.example", "xn--4ca.example"}
	written := map[string]string{"xn--4ca.example": "Ä.example"}
	match := func(glob string, names ...string) bool {
		g, err := record.ParseGlob(glob)
		if err != nil {
			t.Fatal(glob, err)
		}
		return slices.ContainsFunc(names, g.Match)
	}
	for range 200 {
		var all []config.Ignore
		for range r.IntN(12) {
			all = append(all, ignoring(
				one("*", "spf-*", "spf-missing", "SPF-missing", "dmarc-missing", "{spf,dmarc}-missing"),
				one("*", "*.example", "a.example", "A.Example.", "[ab].example", "b*", "ä.example", "xn--*", "?.example"),
				one("*", "*.example", "a.example", "x.*", "b.example", "{x,y}.a.*")))
		}
		igs := newIgnores(all, inForce)
		used := make([]bool, len(all))
		for range 10 {
			d := config.Domain{Name: record.Name(domains[r.IntN(len(domains))])}
			d.Written = string(d.Name)
			if w := written[d.Written]; w != "" {
				d.Written = w
			}
			c, _ := Lookup(one("spf-missing", "dmarc-missing", "spf-all"))
			f := finding.Finding{Check: c, Record: record.Question{Name: record.Name(one("x.", "y.", "") + string(d.Name))}}
			want := -1
			for i, ig := range all {
				if match(ig.Check.Value, f.Check.ID) && match(ig.Domain.Value, string(d.Name), strings.ToLower(d.Written)) && match(ig.Record.Value, string(f.Record.Name)) {
					want, used[i] = i, true
				}
			}
			if got, ok := igs.of(&f, &d); ok != (want >= 0) || ok && got != want {
				t.Fatalf("%s of %s at %s: item %d, want %d of %v", f.Check, d.Name, f.Record.Name, got, want, all)
			}
		}
		for i := range all {
			if igs.used(i) != used[i] {
				t.Fatalf("item %d is used: %v, want %v of %v", i, igs.used(i), used[i], all)
			}
		}
	}
}

// TestIgnoresOfAStranger: neither the stars of globs nor how many items there are
// multiply what a finding costs. If they do, this does not end.
func TestIgnoresOfAStranger(t *testing.T) {
	t.Parallel()
	var all []config.Ignore
	for range 24 {
		all = append(all, ignoring("*", strings.Repeat("*a", 50)+fmt.Sprint("b", len(all)), "*"+strings.Repeat("{*a,*b}", 3)+fmt.Sprint("c", len(all))))
	}
	for i := range config.MaxIgnores - len(all) {
		all = append(all, ignoring("*", fmt.Sprintf("x%d.example", i), "*"))
	}
	igs := newIgnores(all, inForce)
	label := strings.Repeat("a", 60) + "."
	for i := range 2000 {
		d := config.Domain{Name: record.Name(strings.Repeat(label, 3) + fmt.Sprint("x", i, ".example"))}
		f := finding.Finding{Check: spf.Missing, Record: record.Question{Name: d.Name}}
		if item, ok := igs.of(&f, &d); ok {
			t.Fatalf("item %d accepts it", item)
		}
	}
}

package edit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Entry is a domain to be written, with notes for the reader of the file. Places
// do not matter.
type Entry struct {
	Domain config.Domain
	Notes  []string // sentences, one line each
}

// header is where every file begins that is written anew.
const header = "# yaml-language-server: $schema=" + SchemaURL + "\nversion: 1\n"

// SchemaURL is where editors find the JSON Schema of the file.
const SchemaURL = "https://raw.githubusercontent.com/sescheck/sescheck/main/docs/sescheck.schema.json"

// Write writes a whole file: sorted by name, in the shortest form that says it
// all. A value that most of the domains share is in defaults, if all domains
// have its key.
func Write(entries []Entry) []byte {
	entries = sortedEntries(entries)
	shared := sharedBy(entries)
	var b strings.Builder
	b.WriteString(header)
	if len(shared) > 0 {
		b.WriteString("\ndefaults:\n" + yamltext.Term{Pairs: shared}.Block(2, 2))
	}
	b.WriteString("\ndomains:\n")
	for i, e := range entries {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(e.block(without(e.Domain.Pairs(), shared), 2, 2))
	}
	return []byte(b.String())
}

// ReadBack returns an error unless a written file says the same of each domain as
// its entry.
func ReadBack(text []byte, entries []Entry) error {
	file, problems := config.Parse("import", text)
	if len(problems) > 0 {
		return &Wrong{problems}
	}
	for i, e := range sortedEntries(entries) {
		if i >= len(file.Domains) || file.Domains[i].Name != e.Domain.Name || said(&file.Domains[i]) != said(&e.Domain) {
			return fmt.Errorf("the entry for %s cannot be written in a form that reads back the same", e.Domain.Name)
		}
	}
	return nil
}

func sortedEntries(entries []Entry) []Entry {
	return slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return cmp.Compare(a.Domain.Name, b.Domain.Name) })
}

// block writes the entry's part of a file, of which pairs are the keys.
func (e Entry) block(pairs []yamltext.Pair, indent, step int) string {
	var b strings.Builder
	margin := strings.Repeat(" ", indent)
	for _, n := range e.Notes {
		b.WriteString(margin + "# " + untrusted.Line(n) + "\n")
	}
	b.WriteString(margin + yamltext.Word(string(e.Domain.Name)) + ":\n" + yamltext.Term{Pairs: pairs}.Block(indent+step, step))
	return b.String()
}

// sharedBy returns region and dmarc as more than half of the domains have them,
// where every domain has one: a default reaches all that say nothing.
func sharedBy(entries []Entry) (shared []yamltext.Pair) {
	for _, key := range []string{"region", "dmarc"} {
		counts := map[string]int{}
		var most yamltext.Pair
		whole := len(entries) > 1
		for _, e := range entries {
			values := valuesOf(e.Domain, key)
			whole = whole && len(values) > 0
			for _, p := range values {
				whole = whole && p.Value.Flow() != `""`
				if counts[p.Flow()]++; counts[p.Flow()] > counts[most.Flow()] || most.Key == "" {
					most = p
				}
			}
		}
		if n := counts[most.Flow()]; whole && n > 1 && 2*n > len(entries) {
			shared = append(shared, most)
		}
	}
	return shared
}

// valuesOf returns the values of a domain's key, one for each identity.
func valuesOf(d config.Domain, key string) (all []yamltext.Pair) {
	if key == "region" {
		for _, id := range d.Identities {
			all = append(all, yamltext.Pair{Key: key, Value: yamltext.Term{Word: id.Region.Value}})
		}
		return all
	}
	for _, p := range d.Pairs() {
		if p.Key == key {
			all = append(all, p)
		}
	}
	return all
}

// without removes keys that defaults have with the same value, in each identity
// as well.
func without(pairs, defaults []yamltext.Pair) []yamltext.Pair {
	said := func(p yamltext.Pair) bool {
		return slices.ContainsFunc(defaults, func(d yamltext.Pair) bool { return d.Flow() == p.Flow() })
	}
	left := []yamltext.Pair{}
	for _, p := range pairs {
		if p.Key == "identities" {
			all := yamltext.Term{List: []yamltext.Term{}}
			for _, id := range p.Value.List {
				all.List = append(all.List, yamltext.Term{Pairs: without(id.Pairs, defaults)})
			}
			p.Value = all
		}
		if !said(p) {
			left = append(left, p)
		}
	}
	return left
}

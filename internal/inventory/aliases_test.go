package inventory

import (
	"fmt"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
)

// TestAliasesWithoutEnd: CNAMEs in a circle end, and many CNAMEs to a name with many
// records add a few records each.
func TestAliasesWithoutEnd(t *testing.T) {
	inv := New(Options{})
	add := func(name string, r record.Record) { inv.Record("a.example", record.Name(name+".a.example"), r) }
	cname := func(target string) record.Record {
		return record.Record{Type: record.CNAME, Host: record.Name(target + ".a.example")}
	}
	add("x", cname("y"))
	add("y", cname("x"))
	add("_amazonses.z", cname("x"))
	const n = 1000
	for i := range n {
		add("end", record.Record{Type: record.MX, Preference: uint16(i), Host: "feedback-smtp.eu-west-1.amazonses.com"})
		add(fmt.Sprintf("m%d", i), cname("end"))
	}
	inv.readAliases(t.Context(), zone{})
	if got := len(inv.seen); got != n*maxBehind {
		t.Errorf("%d records, want %d", got, n*maxBehind)
	}
}

package inventory

import (
	"context"
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
	if failed := inv.readAliases(t.Context(), zone{}); len(failed) > 0 {
		t.Error(failed)
	}
	if got := len(inv.seen); got != n*maxBehind {
		t.Errorf("%d records, want %d", got, n*maxBehind)
	}
}

// silent is DNS that does not answer.
type silent struct{}

func (silent) Ask(_ context.Context, q record.Question) record.Answer {
	return record.Answer{Question: q, Status: record.Unknown, Failure: &record.Failure{Question: q, Fault: record.Timeout}}
}

// TestVerificationBehindAliases: a verification token behind a CNAME that is not found,
// or not known, is reported.
func TestVerificationBehindAliases(t *testing.T) {
	const target, owner = "v.a.example", "_amazonses.a.example"
	for name, c := range map[string]struct {
		ask                 record.Asker
		skipped, unanswered int
	}{
		"a token":   {zone{{Name: owner, Type: record.TXT}: {record.NewTXT("pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=")}}, 0, 0},
		"no token":  {zone{}, 1, 0},
		"other":     {zone{{Name: owner, Type: record.TXT}: {record.NewTXT("v=spf1 -all")}}, 1, 0},
		"no answer": {silent{}, 0, 1},
	} {
		inv := New(Options{})
		inv.Record("a.example", owner, record.Record{Type: record.CNAME, Host: target})
		r := inv.Result(t.Context(), c.ask)
		if len(r.Skipped) != c.skipped || len(r.Unanswered) != c.unanswered || (len(r.Entries) == 1) != (name == "a token") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

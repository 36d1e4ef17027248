package dkim

import (
	"fmt"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
)

// TestDoubt: what a second answer denies is not known: of a record that is missing
// that one, of a key all that have none.
func TestDoubt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		check *finding.Check
		at    record.Name
		want  string // which are not known then
	}{
		{Missing, "a._domainkey.a.test", "[true false false]"},
		{Missing, "x._domainkey.a.test", "[false false false]"},
		{KeyMissing, "_domainkey.a.test", "[true false true]"},
		{KeyPartial, "b._domainkey.a.test", "[true true true]"},
		{WrongTarget, "a._domainkey.a.test", "[false false false]"},
	} {
		p := &snapshot.Snapshot{DKIM: []snapshot.DKIM{
			{Name: "a._domainkey.a.test", State: snapshot.Missing}, {Name: "b._domainkey.a.test", Key: "rsa, 2048 bits", State: snapshot.Right}, {Name: "c._domainkey.a.test", State: snapshot.Wrong},
		}}
		doubt(finding.Finding{Check: c.check, Record: record.Question{Name: c.at}}, p)
		var got []bool
		for _, k := range p.DKIM {
			got = append(got, k.State == snapshot.Unknown)
		}
		if s := fmt.Sprint(got); s != c.want {
			t.Errorf("%s at %s: %s, want %s", c.check, c.at, s, c.want)
		}
	}
}

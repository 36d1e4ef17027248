package finding

import (
	"testing"

	"github.com/sescheck/sescheck/internal/record"
)

// TestOriginOf: of the records at a name, the one that has to go is pointed to.
func TestOriginOf(t *testing.T) {
	t.Parallel()
	mx := func(host record.Name) record.Record {
		return record.Record{Type: record.MX, Preference: 10, Host: host}
	}
	right, wrong := mx("feedback-smtp.eu-west-1.amazonses.com"), mx("mail.example.net")
	q := record.Question{Name: "bounce.example.com", Type: record.MX}
	rr := func(d record.Record) record.RR { return record.RR{Owner: q.Name, TTL: 60, Data: d} }
	made := func(asked record.Question) []Made {
		if asked != q {
			return nil
		}
		return []Made{{Data: right, Origin: Origin{File: "a.tf", Line: 1}}, {Data: wrong, Origin: Origin{File: "b.tf", Line: 2}}, {Data: right, Origin: Origin{File: "c.tf", Line: 3, Deletes: true}}}
	}
	for name, c := range map[string]struct {
		f    Finding
		want string
	}{
		"one has to go":        {Finding{Record: q, Publish: []record.RR{rr(right)}, Drop: []record.RR{rr(right), rr(wrong)}}, "b.tf"},
		"no change is certain": {Finding{Record: q, Actual: []string{wrong.String()}}, "b.tf"},
		"it is not there":      {Finding{Record: q, Publish: []record.RR{rr(right)}}, "c.tf"},
		"of another name":      {Finding{Record: record.Question{Name: "example.com", Type: record.MX}}, ""},
	} {
		if got := c.f.OriginOf(made); got.File != c.want {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

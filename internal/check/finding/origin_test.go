package finding

import (
	"testing"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
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

// TestOriginOfDeleted: a finding about SPF leads to the change that deletes an SPF
// record, at its own name or that of an include, but not to that of another TXT
// record.
func TestOriginOfDeleted(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "example.com", Type: record.TXT}
	include := record.Question{Name: "_spf.example.com", Type: record.TXT}
	txt := func(s, file string, deletes bool) Made {
		return Made{Data: record.NewTXT(s), Origin: Origin{File: file, Deletes: deletes}}
	}
	absent := []record.Answer{{Question: include, Status: record.NoData}}
	for name, c := range map[string]struct {
		rests    []record.Answer
		at, then []Made
		want     string
	}{
		"include deleted":    {absent, []Made{txt("v=spf1 include:_spf.example.com -all", "a", false)}, []Made{txt("v=spf1 -all", "b", true)}, "b"},
		"include kept":       {[]record.Answer{{Question: include, Status: record.Found}}, []Made{txt("v=spf1 -all", "a", false)}, []Made{txt("v=spf1 -all", "b", true)}, "a"},
		"value removed":      {nil, []Made{txt("x", "a", false), txt("v=spf1 -all", "a", true)}, nil, "a"},
		"another one":        {nil, []Made{txt("x", "a", false), txt("y", "a", true)}, nil, ""},
		"all of a zone gone": {nil, []Made{{Data: record.Record{Type: record.TXT}, Broken: true, Origin: Origin{File: "z", Deletes: true}}}, nil, "z"},
	} {
		f := Finding{Part: wanted.SPFRecord, Record: q, Rests: c.rests}
		got := f.OriginOf(func(asked record.Question) []Made {
			if asked == include {
				return c.then
			}
			return c.at
		})
		if got.File != c.want {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
	}
}

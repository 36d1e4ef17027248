package check

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// TestTouched: a domain changed where a record did that it asks for: under its own
// names, behind a CNAME, of those that are shared, and all over the SPF tree.
func TestTouched(t *testing.T) {
	t.Parallel()
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		return judgetest.Live(t, `@ TXT "v=spf1 include:inner.example.com a:host.example.com -all"
			inner TXT "v=spf1 mx:mail.example.com -all"
			mail MX 10 mx
			click CNAME target
			target CNAME end
			`).Ask(t.Context(), q)
	}}
	for _, c := range []struct {
		changed record.Question
		want    bool
	}{
		{record.Question{Name: "own.example.com", Type: record.TXT}, true},
		{record.Question{Name: "own.example.com", Type: record.MX}, false},
		{record.Question{Name: "shared.example.com", Type: record.TXT}, true},
		{record.Question{Name: "target.example.com", Type: record.TXT}, true},
		{record.Question{Name: "end.example.com", Type: record.TXT}, true},
		{record.Question{Name: "example.com", Type: record.TXT}, true},
		{record.Question{Name: "inner.example.com", Type: record.TXT}, true},
		{record.Question{Name: "mail.example.com", Type: record.MX}, true},
		{record.Question{Name: "mx.example.com", Type: record.A}, true},
		{record.Question{Name: "host.example.com", Type: record.AAAA}, true},
		{record.Question{Name: "host.example.com", Type: record.MX}, false},
		{record.Question{Name: "", Type: record.TXT}, false},
	} {
		r := &run{shared: part.NewRunCache(w), options: Options{
			Unchanged: map[record.Name]bool{"example.com": true},
			Touched:   func(q record.Question) bool { return q == c.changed },
		}}
		own := part.NewCache(w)
		var a part.Asker
		noted := r.note(&config.Domain{Name: "example.com"}, &a)
		a.Shared.Ask(t.Context(), record.Question{Name: "shared.example.com", Type: record.TXT})
		own.Ask(t.Context(), record.Question{Name: "own.example.com", Type: record.TXT})
		own.Ask(t.Context(), record.Question{Name: "click.example.com", Type: record.TXT})
		tree := spf.NewForest(t.Context(), w).Walk(t.Context(), w, "example.com")
		if got := r.touched(own, noted, []part.Verdict{{}, {Trees: []*spf.Tree{tree}}}); got != c.want {
			t.Errorf("%s: %v", c.changed, got)
		}
		if r.touched(own, nil, []part.Verdict{{Trees: []*spf.Tree{tree}}}) {
			t.Errorf("%s: of a domain that nobody calls unchanged", c.changed)
		}
		if n := r.note(&config.Domain{Name: "example.org"}, &a); n != nil {
			t.Error("a domain that did change notes what it asks")
		}
		r.options.Touched = func(record.Question) bool { return true }
		if r.leadsToChange(record.Answer{}) {
			t.Error("an answer to no question leads to a change")
		}
		r.options.Touched = nil
		if n := r.note(&config.Domain{Name: "example.com"}, &a); n != nil {
			t.Error("where no records changed it is noted what is asked")
		}
	}
}

package check

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/record"
)

// TestJudgeZone: a given zone is not the live one where DNS has other servers for
// it, and no one of its own.
func TestJudgeZone(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "a.example", Type: record.NS}
	served := func(hosts ...record.Name) record.Answer {
		a := record.Answer{Question: q, Status: record.Found}
		for _, h := range hosts {
			a.Records = append(a.Records, record.Record{Type: record.NS, Host: h})
		}
		return a
	}
	for name, c := range map[string]struct {
		live  record.Answer
		found string
		open  int
	}{
		"the same servers": {served("ns1.a.example", "ns2.a.example"), "", 0},
		"one of them":      {served("ns9.a.example", "ns2.a.example"), "", 0},
		"others": {served("ns8.a.example", "ns9.a.example"),
			"the given zone a.example lists the name servers ns2.a.example, ns1.a.example, but DNS delegates the zone to ns8.a.example, ns9.a.example", 0},
		"not delegated": {judgetest.Absent(q, record.NoName), "", 0},
		"not answered":  {judgetest.Failing(q), "", 1},
	} {
		found, open := judgeZone(GivenZone{Apex: "a.example", Servers: []record.Name{"ns2.a.example", "ns1.a.example"}}, c.live)
		says := ""
		for _, f := range found {
			says += f.Message
			if len(f.Expected) != 2 || f.Expected[0] != "ns1.a.example." || f.Check != ZoneNotLive || f.Record != q {
				t.Errorf("%s: %s at %s expects %v", name, f.Check, f.Record, f.Expected)
			}
		}
		if says != c.found || len(open) != c.open || c.open > 0 && (open[0].About != q || len(open[0].Checks) != 1) {
			t.Errorf("%s: %q, open %v", name, says, open)
		}
	}
}

// TestJudgeReplacedZone holds that a zone that a plan replaces is not live while DNS
// has a name server of the old zone.
func TestJudgeReplacedZone(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "a.example", Type: record.NS}
	for server, want := range map[string]int{"ns1.old.example": 1, "ns1.other.example": 0} {
		live := record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.NS, Host: record.Name(server)}}}
		found, open := judgeZone(GivenZone{Apex: "a.example", Replaced: []record.Name{"ns1.old.example", "ns2.old.example"}}, live)
		if len(found) != want || len(open) != 0 {
			t.Errorf("%s: %v %v", server, found, open)
		}
	}
}

// TestZonesLive: only zones of the file's domains that name their servers are
// asked for, and only where DNS may be asked.
func TestZonesLive(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  mail.a.example: {dmarc: none}\n")
	ns := []record.Name{"ns1.test"}
	given := []GivenZone{{Apex: "a.example", Servers: ns}, {Apex: "b.example", Servers: ns}, {Apex: "example"}, {Apex: "mail.a.example", Servers: ns}, {Apex: "x.mail.a.example", Servers: ns}}
	for _, ask := range []bool{true, false} {
		live := &world{answer: func(q record.Question, _ bool) record.Answer {
			if q.Name == "mail.a.example" {
				return judgetest.Failing(q)
			}
			return record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.NS, Host: "ns2.test"}}}
		}}
		o := Options{Given: given}
		if ask {
			o.Live = live
		}
		w := newWorkers()
		defer w.close()
		r := &run{options: o, workers: w}
		found, open := r.zonesLive(t.Context(), f)
		want := 1
		if !ask {
			want = 0
		}
		if len(found) != want || len(open) != want || int(live.asked.Load()) != 2*want {
			t.Errorf("asked %d times, %d findings, %d open", live.asked.Load(), len(found), len(open))
		}
	}
}

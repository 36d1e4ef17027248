package check

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/dmarc"
	"github.com/sescheck/sescheck/internal/check/part/domain"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/receiving"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

const everything = `version: 1
domains:
  example.com:
    spf: {includes: [_spf.mailer.example], all: "-all"}
    dmarc: {policy: reject, aspf: r, rua: ["mailto:d@elsewhere.test"]}
    identities:
      - region: eu-west-1
        verification: pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=
        dkim: [tokena, tokenb, tokenc]
        mail_from: bounce
        receiving: true
        tracking: click
      - region: us-east-1
        dkim: none
        mail_from: {name: mail, spf: {includes: [_spf.mailer.example]}}
  example.org:
    spf: none
`

// world answers from a function, and counts.
type world struct {
	answer func(q record.Question, again bool) record.Answer
	asked  atomic.Int64
}

func (w *world) Ask(_ context.Context, q record.Question) record.Answer {
	w.asked.Add(1)
	return w.answer(q, false)
}

type askerFunc func(context.Context, record.Question) record.Answer

func (f askerFunc) Ask(ctx context.Context, q record.Question) record.Answer { return f(ctx, q) }

func (w *world) Resolvers() []record.Asker {
	return []record.Asker{askerFunc(func(_ context.Context, q record.Question) record.Answer { return w.answer(q, true) })}
}

// TestNothingFollowsFromFailures: with every question failed, no judge finds
// anything, and every check is reported as open.
func TestNothingFollowsFromFailures(t *testing.T) {
	t.Parallel()
	w := &world{answer: func(q record.Question, _ bool) record.Answer { return judgetest.Failing(q) }}
	f := judgetest.Parse(t, everything)
	out := Run(t.Context(), f, w, Options{Window: 4, Verbose: true})
	if out.Answered {
		t.Error("something was answered")
	}
	for _, d := range out.Domains {
		var open []*finding.Check
		for _, found := range d.Findings {
			if found.Status != finding.Inconclusive {
				t.Errorf("%s: %s is %s", d.Name, found.Check, found.Status)
			}
			open = append(open, found.Undecided...)
		}
		for _, row := range d.Rows {
			if row.Check == domain.RegionUnknown || row.Check == receiving.Region {
				continue // the file alone decides that
			}
			if row.Status != finding.Inconclusive || !slices.Contains(open, row.Check) {
				t.Errorf("%s: %s of %s is %s", d.Name, row.Check, row.Record, row.Status)
			}
		}
	}
}

// TestNoMixtureIsMissing: whichever single question fails, nothing is found that
// is not found when all are answered.
func TestNoMixtureIsMissing(t *testing.T) {
	t.Parallel()
	healthy := func(q record.Question) record.Answer {
		a := record.Answer{Question: q, Status: record.Found, Server: "192.0.2.53:53"}
		text := func(s string) record.Answer {
			a.Records = []record.Record{{Type: record.TXT, Strings: []untrusted.Text{untrusted.New(s)}}}
			return a
		}
		switch {
		case q.Name == "_amazonses.example.com":
			return text("pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=")
		case q.Name == "bounce.example.com" && q.Type == record.MX:
			a.Records = []record.Record{{Type: record.MX, Preference: 10, Host: "feedback-smtp.eu-west-1.amazonses.com"}}
			return a
		case q.Name == "bounce.example.com":
			return text("v=spf1 include:amazonses.com -all")
		case q.Name == "amazonses.com":
			return text("v=spf1 ip4:192.0.2.0/24 -all")
		case q.Name.Below("_domainkey.example.com"):
			a.Chain = []record.Name{record.Name(q.Name.FirstLabel() + ".dkim.amazonses.com")}
			return text("p=MIGf")
		case q.Name == "_dmarc.example.com":
			return text("v=DMARC1; p=reject")
		}
		return judgetest.Absent(q, record.NoName)
	}
	f := judgetest.Parse(t, `version: 1
domains:
  example.com:
    region: eu-west-1
    verification: pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=
    dkim: [tokena, tokenb, tokenc]
    mail_from: bounce
    dmarc: reject
`)
	recorded := &recorder{world: &world{answer: func(q record.Question, _ bool) record.Answer { return healthy(q) }}}
	out := Run(t.Context(), f, recorded, Options{Window: 1})
	if n := len(out.Domains[0].Findings); n > 0 {
		t.Fatalf("the healthy domain has findings: %+v", out.Domains[0].Findings)
	}
	if n := len(recorded.questions); n < 7 {
		t.Fatalf("only %d questions", n)
	}
	for _, bad := range recorded.questions {
		w := &world{answer: func(q record.Question, _ bool) record.Answer {
			if q == bad {
				return judgetest.Failing(q)
			}
			return healthy(q)
		}}
		for _, found := range Run(t.Context(), f, w, Options{Window: 1}).Domains[0].Findings {
			if found.Status != finding.Inconclusive {
				t.Errorf("with %s failed: %s: %s", bad, found.Check, found.Message)
			}
		}
	}
}

type recorder struct {
	*world
	mu        sync.Mutex
	questions []record.Question
}

func (r *recorder) Ask(ctx context.Context, q record.Question) record.Answer {
	r.mu.Lock()
	r.questions = append(r.questions, q)
	r.mu.Unlock()
	return r.world.Ask(ctx, q)
}

// TestBelieved: a finding that rests on an answer nobody gave is dropped,
// whatever a judge says.
func TestBelieved(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "example.com", Type: record.MX}
	var v part.Verdict
	v.Add(finding.Finding{Check: mailfrom.MXMissing, Record: q}, record.Answer{Question: q})
	v.Add(finding.Finding{Check: mailfrom.CNAME, Record: q}, judgetest.Absent(q, record.NoData), judgetest.Failing(q))
	v.Add(finding.Finding{Check: mailfrom.MXWrong, Record: q}, record.Answer{Question: q, Status: record.Found})
	if got := v.Believed(); len(got) != 1 || got[0].Check != mailfrom.MXWrong {
		t.Errorf("believed: %+v", got)
	}
}

// TestConfirm: an absence is asked for again; what the second answer denies is
// inconclusive, and where there is none the first is unconfirmed.
func TestConfirm(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com:\n    dmarc: none\n")
	for name, c := range map[string]struct {
		second    func(record.Question) record.Answer
		status    finding.Status
		confirmed bool
	}{
		"the same": {func(q record.Question) record.Answer { return judgetest.Absent(q, record.NoName) }, finding.Fail, true},
		"none":     {judgetest.Failing, finding.Fail, false},
		"otherwise": {func(q record.Question) record.Answer {
			return record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.TXT, Strings: []untrusted.Text{untrusted.New("v=DMARC1; p=none")}}}}
		}, finding.Inconclusive, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{answer: func(q record.Question, again bool) record.Answer {
				switch {
				case q.Type == record.SOA:
					return judgetest.Absent(q, record.NoData)
				case again && q.Name == "_dmarc.example.com":
					return c.second(q)
				}
				return judgetest.Absent(q, record.NoName)
			}}
			found := Run(t.Context(), f, w, Options{Window: 1}).Domains[0].Findings
			i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.Check == dmarc.Missing })
			if i < 0 {
				t.Fatalf("no dmarc-missing: %+v", found)
			}
			if got := found[i]; got.Status != c.status || got.Evidence.Confirmed == nil || *got.Evidence.Confirmed != c.confirmed {
				t.Errorf("%s, confirmed %v", got.Status, got.Evidence.Confirmed)
			}
		})
	}
}

func TestLasting(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[uint32]string{
		0: "0 seconds", 59: "59 seconds", 60: "1 minute", 89: "1 minute", 90: "2 minutes", 3599: "60 minutes", 3600: "1 hour", 5400: "2 hours", 86400: "1 day", 129600: "2 days",
	} {
		if got := lasting(seconds); got != want {
			t.Errorf("%d seconds are %s, not %s", seconds, got, want)
		}
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &world{answer: func(q record.Question, _ bool) record.Answer { return judgetest.Failing(q) }}
	for _, d := range Run(ctx, judgetest.Parse(t, everything), w, Options{Window: 1}).Domains {
		if len(d.Findings) != 1 || d.Findings[0].Status != finding.Inconclusive || len(d.Findings[0].Undecided) == 0 {
			t.Errorf("%s: %+v", d.Name, d.Findings)
		}
	}
	if w.asked.Load() > 0 {
		t.Error("questions were asked")
	}
}

// BenchmarkRun is a fleet whose questions all fail at once: what a domain costs
// beside its questions.
func BenchmarkRun(b *testing.B) {
	text := "version: 1\ndomains:\n"
	for i := range 1000 {
		text += fmt.Sprintf("  d%d.test:\n    region: eu-west-1\n    dkim: [a, b, c]\n    mail_from: bounce\n    spf: [a.test]\n    dmarc: none\n", i)
	}
	f := judgetest.Parse(b, text)
	w := &world{answer: func(q record.Question, _ bool) record.Answer { return judgetest.Absent(q, record.NoData) }}
	for b.Loop() {
		Run(b.Context(), f, w, Options{Window: 40, Now: time.Unix(0, 0)})
	}
}

// TestHousekeeping: an ignore that is over or matches nothing is a finding, and
// one that ends within a week is named.
func TestHousekeeping(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, `version: 1
domains:
  example.com: {dmarc: none}
ignore:
  - {check: dmarc-missing, reason: over, until: 2026-11-20}
  - {check: dmarc-missing, reason: soon, until: 2026-11-27}
  - {check: dmarc-invalid, reason: never}
`)
	w := &world{answer: func(q record.Question, _ bool) record.Answer {
		if q.Type == record.SOA {
			return judgetest.Absent(q, record.NoData)
		}
		return judgetest.Absent(q, record.NoName)
	}}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	out := Run(t.Context(), f, w, Options{Window: 1, Now: now})
	var all []*finding.Check
	for _, found := range out.Findings {
		all = append(all, found.Check)
	}
	if !slices.Equal(all, []*finding.Check{IgnoreExpired, IgnoreUnused}) {
		t.Errorf("%s", all)
	}
	if len(out.Ending) != 1 || out.Ending[0].Reason.Value != "soon" {
		t.Errorf("%+v", out.Ending)
	}
	if got := out.Domains[0].Findings[0].Status; got != finding.Ignored {
		t.Errorf("dmarc-missing is %s", got)
	}
	strict := Run(t.Context(), f, w, Options{Window: 1, Now: now, Strict: true})
	if strict.Domains[0].Findings[0].Status != finding.Fail || len(strict.Findings) > 0 {
		t.Error("the file silences in spite of Strict")
	}
}

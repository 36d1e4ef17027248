package verification

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// TestShow: which tokens are shown under _amazonses, and which at the domain
// itself: there, those with the prefix, and those that the file lists.
func TestShow(t *testing.T) {
	t.Parallel()
	at := func(name record.Name, texts ...string) record.Answer {
		a := record.Answer{Question: record.Question{Name: name, Type: record.TXT}, Status: record.NoData}
		for _, s := range texts {
			a.Status, a.Records = record.Found, append(a.Records, record.NewTXT(s))
		}
		return a
	}
	const under, apex = "_amazonses.example.com", "example.com"
	w := want{tokens: []config.At[string]{{Value: "mine"}}}
	for name, c := range map[string]struct {
		under, apex record.Answer
		want        string
	}{
		"nothing":              {at(under), at(apex), "missing, missing"},
		"a token":              {at(under, "b", "a"), at(apex), `ok "a" "b", missing`},
		"another text":         {at(under, "no token"), at(apex), "missing and 1 other, missing"},
		"both":                 {at(under, "a", "no token", ""), at(apex, "v=spf1 -all"), `ok "a" and 2 other, missing`},
		"at the domain":        {at(under), at(apex, "amazonses:a", "b", "mine"), `missing, ok "amazonses:a" "mine"`},
		"others at the domain": {at(under), at(apex, "b", "no token"), "missing, missing"},
		"not answered":         {record.Answer{Question: at(under).Question}, at(apex), "unknown, missing"},
	} {
		var p snapshot.Snapshot
		show(w, seen{under: c.under, apex: c.apex}, &p)
		var all []string
		for _, v := range p.Verification {
			s := strings.TrimSpace(string(v.State) + " " + strings.Join(v.Tokens, " "))
			if v.Others > 0 {
				s += fmt.Sprintf(" and %d other", v.Others)
			}
			all = append(all, s)
		}
		if got := strings.Join(all, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestAsManyTokens: that there are more is said only where there are.
func TestAsManyTokens(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {verification: listed}\n")
	for n, more := range map[int]string{finding.MaxAlike - 1: "", finding.MaxAlike: "", finding.MaxAlike + 1: "1 more tokens"} {
		live := "_amazonses TXT listed\n"
		for i := range n {
			live += fmt.Sprintf("_amazonses TXT token%dA=\n", i)
		}
		found := judgetest.Verdict(t, &Part, f, judgetest.Live(t, live)).Believed()
		last := found[len(found)-1].Text()
		if len(found) != min(n, finding.MaxAlike) || strings.Contains(last, "more tokens") != (more != "") || !strings.Contains(last, more) {
			t.Errorf("%d: %d findings, the last %s", n, len(found), last)
		}
	}
}

// TestInspected: where no token is wanted, only a question that failed is reported.
func TestInspected(t *testing.T) {
	t.Parallel()
	q := record.Question{Name: "_amazonses.example.com", Type: record.TXT}
	for _, c := range []struct {
		under, apex record.Answer
		open        int
	}{
		{judgetest.Absent(q, record.NoName), judgetest.Absent(q, record.NoData), 0},
		{judgetest.Failing(q), judgetest.Absent(q, record.NoData), 1},
		{judgetest.Absent(q, record.NoName), judgetest.Failing(q), 0},
	} {
		if v := judge(want{}, seen{under: c.under, apex: c.apex}); len(v.Findings) > 0 || len(v.Undecided) != c.open {
			t.Errorf("%+v", v)
		}
	}
}

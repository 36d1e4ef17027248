package verification

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/record"
)

// TestManyTokens: a name that is full of tokens is no report of as many findings.
func TestManyTokens(t *testing.T) {
	t.Parallel()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {verification: listed}\n")
	dns := judgetest.Answers(func(q record.Question) record.Answer {
		if q.Name != "_amazonses.example.com" {
			return judgetest.Absent(q, record.NoData)
		}
		a := record.Answer{Question: q, Status: record.Found}
		a.Records = append(a.Records, record.NewTXT("listed"))
		for i := range 3000 {
			a.Records = append(a.Records, record.NewTXT(fmt.Sprintf("token%dA=", i)))
		}
		return a
	})
	found := judgetest.Verdict(t, &Part, f, dns).Believed()
	last := found[len(found)-1]
	if len(found) != finding.MaxAlike || !strings.Contains(last.Text(), fmt.Sprintf("%d more", 3000-finding.MaxAlike)) {
		t.Errorf("%d findings, the last %s", len(found), last.Text())
	}
}

// TestObserve: other names are queried only if both answers lack the token.
func TestObserve(t *testing.T) {
	t.Parallel()
	each := func(n int, do func(int)) {
		for i := range n {
			do(i)
		}
	}
	for live, further := range map[string]bool{
		"@ A 192.0.2.1":                true,
		"@ TXT other":                  true,
		"_amazonses TXT listed":        false,
		"_amazonses TXT other":         false,
		"@ TXT amazonses:listed":       false,
		"@ TXT TIMEOUT":                false,
		"_amazonses TXT TIMEOUT":       false,
		"_amazonses CNAME _x\n@ TXT x": true,
	} {
		dns := judgetest.Live(t, live)
		asked := 0
		count := judgetest.Answers(func(q record.Question) record.Answer {
			asked++
			return dns.Ask(t.Context(), q)
		})
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {verification: listed}\n")
		observe(t.Context(), part.Asker{Each: each, Own: part.NewCache(count), Shared: count}, wants(&f.Domains[0])[0])
		if (asked > 2) != further {
			t.Errorf("%s: %d queries", live, asked)
		}
	}
}

// TestTokenOfAnotherDomain: a token that another domain of the file lists is not called
// unlisted.
func TestTokenOfAnotherDomain(t *testing.T) {
	t.Parallel()
	for live, want := range map[string]string{
		"_amazonses TXT listed\n_amazonses TXT theirs":  `token "theirs" at _amazonses.example.com is that of mail.example.com in the file, and does nothing here`,
		"@ TXT amazonses:theirs\n@ TXT listed":          `is that of mail.example.com in the file`,
		"_amazonses TXT listed\n_amazonses TXT nobodys": "not listed in the file",
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {verification: listed}\n  mail.example.com: {verification: theirs}\n  z.example.com: {verification: theirs}\n")
		found := judgetest.Verdict(t, &Part, f, judgetest.Live(t, live)).Believed()
		if len(found) != 1 || found[0].Check != Unexpected || !strings.Contains(found[0].Message, want) {
			t.Errorf("%q: %v", live, found)
		}
	}
}

package verification

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/check/finding"
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

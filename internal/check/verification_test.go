package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sescheck/sescheck/internal/record"
)

// TestManyTokens: a name that is full of tokens is no report of as many findings.
func TestManyTokens(t *testing.T) {
	t.Parallel()
	f := parse(t, "version: 1\ndomains:\n  example.com: {verification: listed}\n")
	dns := answers(func(q record.Question) record.Answer {
		if q.Name != "_amazonses.example.com" {
			return absent(q, record.NoData)
		}
		a := record.Answer{Question: q, Status: record.Found}
		a.Records = append(a.Records, record.NewTXT("listed"))
		for i := range 3000 {
			a.Records = append(a.Records, record.NewTXT(fmt.Sprintf("token%dA=", i)))
		}
		return a
	})
	found := verdictOn(t, &verificationPart, f, dns).believed()
	last := found[len(found)-1]
	if len(found) != maxAlike || !strings.Contains(last.text(), fmt.Sprintf("%d more", 3000-maxAlike)) {
		t.Errorf("%d findings, the last %s", len(found), last.text())
	}
}

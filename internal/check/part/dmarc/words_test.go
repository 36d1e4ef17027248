package dmarc

import (
	"testing"

	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
)

// TestAsNoneWords: why a record counts as p=none: of its faults, those of the
// policies.
func TestAsNoneWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"v=DMARC1; rua=mailto:a@b.test":                         "there is no p tag",
		"v=DMARC1; p=reject; adkim=x; rua=mailto:a@b.test":      "there is no p tag",
		"v=DMARC1; p=rejekt; rua=mailto:a@b.test":               `p is "rejekt", which is not a policy; reject is meant`,
		"v=DMARC1; p=reject; sp=qarantine; rua=mailto:a@b.test": `sp is "qarantine", which is not a policy; quarantine is meant`,
		"v=DMARC1; p=reject; np=rejekt; rua=mailto:a@b.test":    `np is "rejekt", which is not a policy; reject is meant`,
	} {
		q := record.Question{Name: "_dmarc.example.com", Type: record.TXT}
		if got := asNoneWords(record.Answer{Question: q, Status: record.Found, Records: []record.Record{record.NewTXT(text)}}); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestSatisfied: a policy has to be as strict as the file asks, for the domain as
// it is, and where that is not known, whether it exists or not.
func TestSatisfied(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		policy, at, text string
		exists           record.Status
		want             bool
	}{
		{"quarantine", "_dmarc.a.example.com", "p=quarantine", record.Unknown, true},
		{"quarantine", "_dmarc.a.example.com", "p=none", record.Unknown, false},
		{"quarantine", "_dmarc.a.example.com", "p=reject", record.Found, true},
		{"quarantine", "_dmarc.example.com", "p=quarantine; np=none", record.Found, true},
		{"quarantine", "_dmarc.example.com", "p=quarantine; np=none", record.NoData, true},
		{"quarantine", "_dmarc.example.com", "p=quarantine; np=none", record.NoName, false},
		{"quarantine", "_dmarc.example.com", "p=quarantine; np=none", record.Unknown, false},
		{"quarantine", "_dmarc.example.com", "p=none; sp=none; np=quarantine", record.NoName, true},
		{"quarantine", "_dmarc.example.com", "p=none; sp=none; np=quarantine", record.Unknown, false},
		{"quarantine", "_dmarc.example.com", "p=none; sp=quarantine", record.Unknown, true},
		{"none", "", "", record.Found, false},
	} {
		dns := judgetest.Answers(func(q record.Question) record.Answer {
			if string(q.Name) == c.at && q.Type == record.TXT {
				return record.Answer{Question: q, Status: record.Found, Records: []record.Record{record.NewTXT("v=DMARC1; " + c.text)}}
			}
			return judgetest.Absent(q, record.NoName)
		})
		d := dmarc.Discover(t.Context(), dmarc.Askers{Own: dns}, "a.example.com")
		w := want{DMARC: &config.DMARC{Policy: &config.At[string]{Value: c.policy}}, domain: "a.example.com"}
		if got := w.satisfied(d, record.Answer{Status: c.exists}); got != c.want {
			t.Errorf("%s of %q at %s, exists %s: %v", c.policy, c.text, c.at, c.exists, got)
		}
	}
}

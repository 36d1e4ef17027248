package part

import "github.com/sescheck/sescheck/internal/record"

// probe is an unused label. An answer for it comes from a wildcard.
const probe = "sescheck-wildcard-probe"

// ProbeBeside is the same query for the probe next to a name.
func ProbeBeside(q record.Question) record.Question {
	return record.Question{Name: q.Name.Parent().Child(probe), Type: q.Type}
}

// SameRecord reports whether two names have the same record: the same CNAME,
// otherwise the same answer.
func SameRecord(a, b record.Answer) bool {
	if len(a.Chain) > 0 && len(b.Chain) > 0 {
		return a.Chain[0] == b.Chain[0]
	}
	return a.Status == record.Found && a.Same(b)
}

package part

import "github.com/sescheck/sescheck/internal/record"

// probe is a label that nobody has. What answers at it is a wildcard.
const probe = "sescheck-wildcard-probe"

// ProbeBeside asks for the same beside a name.
func ProbeBeside(q record.Question) record.Question {
	return record.Question{Name: q.Name.Parent().Child(probe), Type: q.Type}
}

// SameRecord reports whether two names got the same record: the same CNAME, or
// else the same answer.
func SameRecord(a, b record.Answer) bool {
	if len(a.Chain) > 0 && len(b.Chain) > 0 {
		return a.Chain[0] == b.Chain[0]
	}
	return a.Status == record.Found && a.Same(b)
}

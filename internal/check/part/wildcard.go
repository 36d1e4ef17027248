package part

import (
	"context"

	"github.com/sescheck/sescheck/internal/record"
)

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

// FromWildcard reports whether the CNAME that answers at a name is that of a
// wildcard. Then the name has no CNAME itself, and can have other records (RFC 4592).
func FromWildcard(ctx context.Context, own record.Asker, a record.Answer) bool {
	if len(a.Chain) == 0 || !a.Question.Name.Below(a.Question.Name.Registrable()) {
		return false
	}
	probe := own.Ask(ctx, ProbeBeside(a.Question))
	return len(probe.Chain) > 0 && SameRecord(probe, a)
}

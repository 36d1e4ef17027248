package part

import (
	"context"
	"slices"

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

// FromWildcard reports whether the answer for a name comes from a wildcard. Then the
// name has no records itself, and can have any (RFC 4592).
func FromWildcard(ctx context.Context, dns record.Asker, a record.Answer) bool {
	if a.Status != record.Found && len(a.Chain) == 0 || a.Status == record.Unknown || !a.Question.Name.Below(a.Question.Name.Registrable()) {
		return false
	}
	return SameRecord(dns.Ask(ctx, ProbeBeside(a.Question)), a)
}

// Explicit sends queries as All does, without the answers of wildcards.
func (a Asker) Explicit(ctx context.Context, qs ...record.Question) []record.Answer {
	return slices.DeleteFunc(a.All(ctx, qs...), func(got record.Answer) bool { return FromWildcard(ctx, a.Own, got) })
}

package dmarc

import (
	"context"

	"github.com/sescheck/sescheck/internal/record"
)

// Askers are asked for the records of a walk. A domain's own name is its own
// business; the names above it, up to `_dmarc.com`, are the same for many
// domains, so their Asker had better remember for the whole run.
type Askers struct {
	Own   record.Asker
	Upper record.Asker // nil: Own
}

// Step is one name of a walk, what was answered there and the DMARC records
// among it.
type Step struct {
	Domain  record.Name // without the `_dmarc` label; the question's name has it
	Answer  record.Answer
	Records []*Record
}

// Outcome is how the search for a policy ended.
type Outcome uint8

const (
	// Open is the zero Outcome: a question on the way failed, so nothing may be
	// said about the policy.
	Open Outcome = iota
	// Applies means that there is a record and it takes effect.
	Applies
	// Missing means that no name of the walk holds a record.
	Missing
	// Duplicate means that a name holds several records.
	Duplicate
	// Invalid means that the record to apply cannot be applied.
	Invalid
)

// Discovery is how a domain's policy was looked for, and what was found.
type Discovery struct {
	Domain         record.Name
	Steps          []Step // in the order they were asked
	Outcome        Outcome
	Record         *Record     // the record of Applies and Invalid
	PolicyDomain   record.Name // where Record, or the duplicate, was found; "" for Missing and Open
	Organizational record.Name // "" where the walk ended before that was certain
	Failure        *record.Failure
}

// Discover looks for the record that applies to domain (RFC 9989 section
// 4.10.1), one question at a time: a domain with its own record costs one.
func Discover(ctx context.Context, ask Askers, domain record.Name) Discovery {
	return Discovery{Domain: domain}
}

// Organization is a domain's Organizational Domain and how it was found.
type Organization struct {
	Domain  record.Name // "" if Failure is set
	Steps   []Step
	Failure *record.Failure
}

// OrganizationalDomain walks the tree from domain to the top (RFC 9989
// section 4.10.2). It asks anew for what Discover has asked already: its Askers
// are expected to remember.
func OrganizationalDomain(ctx context.Context, ask Askers, domain record.Name) Organization {
	return Organization{}
}

// Effect is the policy that receivers apply to a domain and where it is from.
type Effect struct {
	Policy    Policy
	Published Policy // before t=y
	Tag       string // the tag that decides: p, sp or np; p also where it is not there
	Inherited bool   // from a record above the domain
}

// Effective returns the policy that takes effect for the domain of d, whose
// Outcome must be Applies. Whether the domain exists, that is, whether a
// question for it is answered otherwise than by NXDOMAIN (RFC 9989 section
// 3.2.13), is the caller's to know; it matters for an inherited np only.
func (d Discovery) Effective(exists bool) Effect { return Effect{} }

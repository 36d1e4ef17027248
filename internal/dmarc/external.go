package dmarc

import (
	"github.com/sescheck/sescheck/internal/record"
)

// Organizer returns a name's Organizational Domain, or the failure that leaves it
// unknown. See OrganizationalDomain.
type Organizer func(record.Name) (record.Name, *record.Failure)

// External reports whether reports about the record at policyDomain leave the
// organization if they go to host. Then host must agree to receive them (RFC 9990
// section 4; RFC 9991 for ruf). With a Failure the answer is unknown.
//
// External calls org only if the names do not decide: see sameOrganization.
func External(policyDomain, host record.Name, org Organizer) (bool, *record.Failure) {
	same, failure := sameOrganization(policyDomain, host, org)
	return !same && failure == nil, failure
}

// sameOrganization compares the Organizational Domains of two names. It avoids
// the tree walks in two cases:
//
// A name and a name below it share theirs, unless psd=n lies between them or
// psd=y is at the upper one. That does not happen to names that send mail, and
// excluding it would cost every healthy domain a walk.
//
// Names that share no more than a top-level domain do not share one: that domain
// would have to be the Organizational Domain of all names below it.
func sameOrganization(a, b record.Name, org Organizer) (bool, *record.Failure) {
	if a.In(b) || b.In(a) {
		return true, nil
	}
	if last(a, 2) != last(b, 2) {
		return false, nil
	}
	orgA, failure := org(a)
	if failure != nil {
		return false, failure
	}
	orgB, failure := org(b)
	if failure != nil {
		return false, failure
	}
	return orgA == orgB, nil
}

// ReportName is the name at which host agrees to receive reports about the record
// at policyDomain (RFC 9990 section 4). ok is false if the name is too long for
// DNS: then host cannot agree.
func ReportName(policyDomain, host record.Name) (record.Name, bool) {
	n, err := record.ParseName(string(host.Child("_report._dmarc").Child(string(policyDomain))))
	return n, err == nil
}

// Authorizes reports whether an answer at ReportName has the agreement: a TXT
// record that begins with v=DMARC1. Check the answer's Status first.
func Authorizes(a record.Answer) bool {
	for _, r := range a.Records {
		if Is(r.Text()) {
			return true
		}
	}
	return false
}

package dmarc

import (
	"github.com/sescheck/sescheck/internal/record"
)

// Organizer tells a name's Organizational Domain, or which failure keeps it
// from knowing. See OrganizationalDomain.
type Organizer func(record.Name) (record.Name, *record.Failure)

// External reports whether reports about the record at policyDomain that go to
// host leave the organization, so that host must have agreed to them (RFC 9990
// section 4; RFC 9991 does the same for ruf). It is unknown if there is a
// Failure.
//
// Where the names alone decide, org is not called: see sameOrganization.
func External(policyDomain, host record.Name, org Organizer) (bool, *record.Failure) {
	same, failure := sameOrganization(policyDomain, host, org)
	return !same && failure == nil, failure
}

// sameOrganization compares the Organizational Domains of two names, and spares
// the walks where they could only tell what the names do:
//
// A name and one below it share theirs, unless psd=n stands between them or
// psd=y at the upper one. Nobody does that to a name that they send from, and
// to rule it out would cost every healthy domain a walk.
//
// Names that have no more in common than a top-level domain do not share it:
// that domain would have to be the Organizational Domain of all below it.
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

// ReportName is the name at which host agrees to receive reports about the
// record at policyDomain. It is false if the name is too long for DNS: then
// host cannot agree, and no question need be asked (RFC 9990 section 4).
func ReportName(policyDomain, host record.Name) (record.Name, bool) {
	n, err := record.ParseName(string(host.Child("_report._dmarc").Child(string(policyDomain))))
	return n, err == nil
}

// Authorizes reports whether an answer at ReportName holds the agreement: a
// TXT that starts with v=DMARC1. Of an answer that failed it tells nothing; ask
// for its Status first.
func Authorizes(a record.Answer) bool {
	for _, r := range a.Records {
		if Is(r.Text()) {
			return true
		}
	}
	return false
}

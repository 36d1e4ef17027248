package dmarc

import (
	"github.com/sescheck/sescheck/internal/record"
)

// Organizer tells a name's Organizational Domain, or why it cannot.
type Organizer func(record.Name) (record.Name, *record.Failure)

// Aligned reports whether mail authenticated for a aligns with Author Domain b.
func Aligned(a, b record.Name, mode Mode, org Organizer) (bool, *record.Failure) {
	return false, nil
}

// External reports whether reports about the record at policyDomain that go to
// host leave the organization, so that host must have agreed (RFC 9990 section
// 4).
func External(policyDomain, host record.Name, org Organizer) (bool, *record.Failure) {
	return false, nil
}

// ReportName is the name at which host agrees to receive reports about the
// record at policyDomain. It is false if the name would be too long for DNS;
// host cannot agree then.
func ReportName(policyDomain, host record.Name) (record.Name, bool) {
	return "", false
}

// Authorizes reports whether an answer at ReportName holds the agreement: a
// TXT that starts with v=DMARC1. An answer that failed tells nothing; ask its
// Status first.
func Authorizes(a record.Answer) bool { return false }

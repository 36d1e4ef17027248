package ses

import "github.com/sescheck/sescheck/internal/record"

// Why the verification of an identity failed, in the words of SES:
// VerificationInfo.ErrorType of the SESv2 API.
const (
	HostNotFound = "HOST_NOT_FOUND"
	TypeNotFound = "TYPE_NOT_FOUND"
	InvalidValue = "INVALID_VALUE"
	ServerError  = "DNS_SERVER_ERROR"
)

// Absence is the word for a record that is not there.
func Absence(a record.Answer) string {
	if a.Status == record.NoName {
		return HostNotFound
	}
	return TypeNotFound
}

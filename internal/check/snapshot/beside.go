package snapshot

import "github.com/sescheck/sescheck/internal/record"

// Beside are further records that matter to mail of SES.
type Beside struct {
	BIMI   Published // the logo that mail programs show
	TLSRPT Published // destinations of TLS reports; for domains that receive mail
	MTASTS Published // the MTA-STS policy; for domains that receive mail
	CAA    Published // allowed issuers of S/MIME certificates
	DNSSEC Published // whether the resolver validated an answer of the domain
}

// Published is a record that no check judges. The zero value was not queried.
type Published struct {
	At      record.Name // its name; "" for none
	State   State
	Records []string // in presentation form
	Says    []string // its meaning, or mistakes
}

package snapshot

import "github.com/sescheck/sescheck/internal/record"

// Beside are records beside those of SES that matter to its mail.
type Beside struct {
	BIMI   Published // the logo that mail programs show
	TLSRPT Published // where reports about TLS go; looked at where the domain receives
	MTASTS Published // that mail to the domain needs TLS; likewise
	CAA    Published // who may issue certificates for S/MIME
}

// Published is a record that is read, and not judged by a check. Its zero value was
// not looked at.
type Published struct {
	At      record.Name // where it stands; "" where there is none
	State   State
	Records []string // in presentation form
	Says    []string // what it means, or what is wrong with it
}

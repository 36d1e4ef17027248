package dmarc

import (
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// URI is one destination of `rua` or `ruf`.
type URI struct {
	Text   untrusted.Text // as published, without blanks and without the size
	Scheme string         // lower case; "" if there is none
	Host   record.Name    // where a mailto: sends, or the authority of another scheme; "" if there is none
	Size   string         // the obsolete `!10m` without its `!`; ignored by receivers
	Offset int            // in octets from the start of the record
	Wrong  string         // why it is no valid URI, in our own words; "" if it is one
}

// ParseURI reads one reporting URI, as it stands in a record or in a file.
func ParseURI(t untrusted.Text) URI { return URI{Text: t, Wrong: "not implemented"} }

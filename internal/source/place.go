package source

import (
	"fmt"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Place is where a record is made.
type Place struct {
	File    string // the path; "" where it is not known
	Line    int    // 0 where it is not known
	End     int    // the last line of the source; 0 if unknown
	Address string // of the resource, such as module.ses.aws_route53_record.mx
}

// Known reports whether there is anything to say.
func (p Place) Known() bool { return p.File != "" || p.Address != "" }

// String says where that is in a few words, which are harmless: dns/main.tf line
// 12 (aws_route53_record.mx).
func (p Place) String() string {
	address := untrusted.Line(p.Address)
	switch {
	case p.File == "":
		return address
	case p.Line > 0 && p.Address != "":
		return fmt.Sprintf("%s line %d (%s)", untrusted.Line(p.File), p.Line, address)
	case p.Line > 0:
		return fmt.Sprintf("%s line %d", untrusted.Line(p.File), p.Line)
	case p.Address != "":
		return fmt.Sprintf("%s (%s)", untrusted.Line(p.File), address)
	}
	return untrusted.Line(p.File)
}

package finding

import (
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Promise is a record of a plan that is partly known only after the apply. Checks
// that depend on it neither pass nor fail.
type Promise struct {
	Record record.Question // for records whose names are unknown, the name above them
	Count  int             // number of records
	Part   wanted.Part
	From   string // the source, such as the address of a Terraform resource
	Checks []*Check
}

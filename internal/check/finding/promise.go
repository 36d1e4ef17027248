package finding

import (
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Promise is a record that a plan makes, and of which something is known only
// after the apply. What depends on it neither passes nor fails.
type Promise struct {
	Record record.Question // of several that have no name yet, the name above them
	Count  int             // how many records
	Part   wanted.Part
	From   string // what it is made of, such as the address of a Terraform resource
	Checks []*Check
}

package part

import (
	"fmt"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// CnameWords says that a name is a CNAME, and what to do first, as a sentence.
// reached says whether a record behind the CNAME can be changed. Both are ""
// without a CNAME.
func CnameWords(a record.Answer, reached bool) (fact, first string) {
	if len(a.Chain) == 0 {
		return "", ""
	}
	name, target := a.Question.Name, a.Chain[0]
	fact = fmt.Sprintf("%s is a CNAME to %s, and no other record can share its name", name, target)
	org := target.Registrable()
	if reached {
		org = a.Owner().Registrable()
	}
	switch {
	case ses.IsAmazon(org), !target.Plain(): // nobody publishes there on request
	case org != name.Registrable() && reached:
		return fact, fmt.Sprintf("Ask the owner of %s to change the record at %s, or delete the CNAME at %s first.", org, a.Owner(), name)
	case org != name.Registrable():
		return fact, fmt.Sprintf("Ask the owner of %s to publish a record at %s, or delete the CNAME at %s first.", org, target, name)
	case reached:
		return fact, fmt.Sprintf("Change the record at %s, or delete the CNAME at %s first.", a.Owner(), name)
	}
	return fact, fmt.Sprintf("First delete the CNAME at %s, which points to %s.", name, target)
}

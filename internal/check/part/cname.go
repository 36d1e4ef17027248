package part

import (
	"context"
	"fmt"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/spf"
)

// Unregistered is the domain without an owner that a CNAME leads to; "" for none, or
// if it is not known.
func (a Asker) Unregistered(ctx context.Context, got record.Answer) record.Name {
	target := got.Owner()
	switch {
	case len(got.Chain) > 0 && got.Status != record.NoName:
		return ""
	case len(got.Chain) > 0:
	case got.Question.Type == record.CNAME && got.Status == record.Found:
		target = got.Records[0].Host
	default:
		return ""
	}
	org := target.Registered()
	if org == got.Question.Name.Registered() || ses.IsAmazon(org) || org.IsSuffix() || !target.Plain() || spf.Impossible(target) {
		return ""
	}
	if a.Shared.Ask(ctx, record.Question{Name: org, Type: record.SOA}).Status != record.NoName {
		return ""
	}
	return org
}

// Takeover says that anybody can take over a name, because its CNAME leads to a
// domain that nobody has registered.
func Takeover(name, unregistered record.Name) string {
	return fmt.Sprintf("nobody has registered %s: anybody can register it and take over %s", unregistered, name)
}

// CnameWords says that a name is a CNAME, and what to do first, as a sentence.
// reached says whether a record behind the CNAME can be changed, and unregistered is
// the domain without an owner that it leads to. Both results are "" without a CNAME.
func CnameWords(a record.Answer, reached bool, unregistered record.Name) (fact, first string) {
	if len(a.Chain) == 0 {
		return "", ""
	}
	name, target := a.Question.Name, a.Chain[0]
	fact = fmt.Sprintf("%s is a CNAME to %s, and no other record can share its name", name, target)
	if unregistered != "" {
		return fact + "; " + Takeover(name, unregistered), fmt.Sprintf("Replace the CNAME at %s today, with the record that belongs there.", name)
	}
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

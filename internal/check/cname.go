package check

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/wanted"
)

// besideCNAMEs says of findings whose records come by a CNAME at their name that
// it is one, and what to do first: no other record can be beside it (RFC 1034
// section 3.6.2). What a wildcard answers is no CNAME at the name.
func (v *verdict) besideCNAMEs() {
	for i := range v.findings {
		f := &v.findings[i]
		if f.cname != "" {
			f.note("%s", f.cname)
			continue
		}
		at := slices.IndexFunc(f.rests, func(a record.Answer) bool {
			return len(a.Chain) > 0 && (f.isAt(a.Question.Name) || f.Part == wanted.Verification)
		})
		wildcard := slices.ContainsFunc(v.findings, func(o Finding) bool { return o.Check == WildcardAnswer && o.Record.Name == f.Record.Name })
		if at < 0 || wildcard || f.Record.Type == record.CNAME || f.Check == MailFromCNAME {
			continue
		}
		fact, first := cnameWords(f.rests[at], f.rests[at].Status == record.Found)
		if !f.saysCNAME {
			f.note("%s", fact)
		}
		if f.Check.deniesPart() && f.isAt(f.rests[at].Question.Name) && f.Advice == "" && len(f.drop) == 0 {
			f.Advice = first
		}
	}
}

// isAt reports whether a finding is about the records at a name, or has one to
// publish there.
func (f *Finding) isAt(name record.Name) bool {
	return (f.Part == wanted.SPFRecord || f.Part == wanted.MailFrom) && f.Record.Name == name || slices.ContainsFunc(f.fix, func(r record.RR) bool { return r.Owner == name })
}

// cnameWords say that a name is a CNAME, and as a sentence what to do first.
// reached is whether there is a record behind it to change. They are "" if it is
// none.
func cnameWords(a record.Answer, reached bool) (fact, first string) {
	if len(a.Chain) == 0 {
		return "", ""
	}
	name, target := a.Question.Name, a.Chain[0]
	fact = fmt.Sprintf("%s is a CNAME to %s, beside which no other record can stand", name, target)
	switch org := target.Registrable(); {
	case org == ses.SPFInclude: // Amazon publishes nothing there for others
	case org != name.Registrable() && reached:
		return fact, fmt.Sprintf("Ask those who run %s to change the record at %s, or delete the CNAME at %s first.", org, a.Owner(), name)
	case org != name.Registrable():
		return fact, fmt.Sprintf("Ask those who run %s to publish a record at %s, or delete the CNAME at %s first.", org, target, name)
	case reached:
		return fact, fmt.Sprintf("Change the record at %s, or delete the CNAME at %s first.", a.Owner(), name)
	}
	return fact, fmt.Sprintf("Delete the CNAME at %s first, which leads to %s.", name, target)
}

package check

import (
	"slices"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// besideCNAMEs says of findings whose records come by a CNAME at their name that
// it is one, and what to do first: no other record can be beside it (RFC 1034
// section 3.6.2). What a wildcard answers is no CNAME at the name.
func besideCNAMEs(v *verdict) {
	for i := range v.findings {
		f := &v.findings[i]
		if f.cname != "" {
			f.note("%s", f.cname)
			continue
		}
		at := slices.IndexFunc(f.rests, func(a record.Answer) bool {
			return len(a.Chain) > 0 && (isAt(f, a.Question.Name) || f.Part == wanted.Verification)
		})
		wildcard := slices.ContainsFunc(v.findings, func(o Finding) bool { return o.Check == WildcardAnswer && o.Record.Name == f.Record.Name })
		if at < 0 || wildcard || f.Record.Type == record.CNAME || f.Check == MailFromCNAME {
			continue
		}
		fact, first := cnameWords(f.rests[at], f.rests[at].Status == record.Found)
		if !f.saysCNAME {
			f.note("%s", fact)
		}
		if f.Check.deniesPart() && isAt(f, f.rests[at].Question.Name) && f.Advice == "" && len(f.drop) == 0 {
			f.Advice = first
		}
	}
}

// isAt reports whether a finding is about the records at a name, or has one to
// publish there.
func isAt(f *Finding, name record.Name) bool {
	return (f.Part == wanted.SPFRecord || f.Part == wanted.MailFrom) && f.Record.Name == name || slices.ContainsFunc(f.fix, func(r record.RR) bool { return r.Owner == name })
}

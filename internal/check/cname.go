package check

import (
	"context"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// besideCNAMEs adds to findings at a name with a CNAME that the CNAME must go
// first: it excludes all other records (RFC 1034 section 3.6.2). The CNAME of a
// wildcard does not count.
func besideCNAMEs(ctx context.Context, a part.Asker, v *part.Verdict) {
	for i := range v.Findings {
		f := &v.Findings[i]
		if f.CNAME != "" {
			f.Notef("%s", f.CNAME)
			continue
		}
		at := slices.IndexFunc(f.Rests, func(a record.Answer) bool {
			return len(a.Chain) > 0 && (isAt(f, a.Question.Name) || f.Part == wanted.Verification)
		})
		wildcard := slices.ContainsFunc(v.Findings, func(o finding.Finding) bool { return o.Check == WildcardAnswer && o.Record.Name == f.Record.Name })
		if at < 0 || wildcard || f.Record.Type == record.CNAME || f.Check == mailfrom.CNAME {
			continue
		}
		fact, first := part.CnameWords(f.Rests[at], f.Rests[at].Status == record.Found, a.Unregistered(ctx, f.Rests[at]))
		if !f.SaysCNAME {
			f.Notef("%s", fact)
		}
		if f.Check.DeniesPart() && isAt(f, f.Rests[at].Question.Name) && f.Advice == "" && len(f.Drop) == 0 {
			f.Advice = first
		}
	}
}

// isAt reports whether a finding is about records at a name, or publishes one
// there.
func isAt(f *finding.Finding, name record.Name) bool {
	about := f.Part == wanted.SPFRecord || f.Part == wanted.MailFrom || f.Part == wanted.OwnKey && f.Check.DeniesPart()
	return about && f.Record.Name == name || slices.ContainsFunc(f.Publish, func(r record.RR) bool { return r.Owner == name })
}

package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/check/part/verification"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// WildcardAnswer is the check of this file.
var WildcardAnswer = &finding.Check{
	ID: "wildcard-answer", Severity: finding.Note, Since: "1.0.0", StandsIn: true,
	Title:   "A wildcard answers instead of the record",
	Means:   "The record differs, and a random name next to it gets the same answer. So a wildcard of the zone answers, and the record itself does not exist.",
	Matters: "the wildcard hides that the record is missing",
	Fix:     "Publish the record itself; it takes precedence over the wildcard.",
	Sources: []string{"https://www.rfc-editor.org/rfc/rfc4592"},
}

// wildcards notes in findings that a wrong record comes from a wildcard: an
// unused name next to it has the same answer. Without findings it sends no
// queries.
func (r *run) wildcards(ctx context.Context, a part.Asker, own *part.Cache, d *config.Domain, v *part.Verdict) {
	var about []finding.Finding
	for _, f := range v.Findings {
		if covered(f, d.Name) && !slices.ContainsFunc(about, func(o finding.Finding) bool { return o.Record.Name == f.Record.Name }) {
			about = append(about, f)
		}
	}
	probes := make([]record.Question, len(about))
	for i, f := range about {
		probes[i] = part.ProbeBeside(answered(f).Question)
	}
	for i, got := range a.All(ctx, probes...) {
		f := about[i]
		switch {
		case got.Status == record.Unknown:
			v.Unknown(got, f.Record, f.Place, WildcardAnswer)
		case part.SameRecord(got, answered(f)):
			note := finding.Finding{
				Check:   WildcardAnswer,
				Part:    f.Part,
				Record:  f.Record,
				Place:   f.Place,
				Actual:  shown(answered(f)),
				Message: fmt.Sprintf("what answers at %s is a wildcard: %s gets the same answer", f.Record.Name, got.Question.Name),
			}
			if unwanted(v.Findings, f.Record.Name) {
				note.Impact = "the wildcard gives its record to all names without records of their own"
				note.Advice = "Change the wildcard, or describe the record in the file."
			}
			v.Add(note, answered(f))
			overWildcard(v, own, answered(f).Question.Name)
		}
	}
}

// unwanted reports whether all findings about a name are about records that the file
// does not ask for.
func unwanted(findings []finding.Finding, name record.Name) bool {
	return !slices.ContainsFunc(findings, func(f finding.Finding) bool {
		return f.Record.Name == name && f.Check != spf.Unwanted && f.Check != verification.Unexpected
	})
}

// covered reports whether a finding's record may be a wildcard's: there is an
// answer, below the registrable domain.
func covered(f finding.Finding, domain record.Name) bool {
	return answered(f).Question.Name.Below(domain.Registrable())
}

// answered is the first answer of a finding with a record or a CNAME.
func answered(f finding.Finding) record.Answer {
	for _, a := range f.Rests {
		if a.Status == record.Found || len(a.Chain) > 0 && a.Status != record.Unknown {
			return a
		}
	}
	return record.Answer{}
}

// shown are the records of an answer, or its CNAME.
func shown(a record.Answer) []string {
	if len(a.Chain) > 0 {
		return []string{a.Chain[0].FQDN()}
	}
	return finding.Data(a)
}

// overWildcard corrects changes at a name with a wildcard's answer: its records
// cannot be removed there, and once the name exists, the wildcard no longer
// answers for its further types (RFC 4592 section 2.2.1), so these are added.
func overWildcard(v *part.Verdict, own *part.Cache, name record.Name) {
	for i := range v.Findings {
		f := &v.Findings[i]
		if f.Record.Name == name && f.Check != WildcardAnswer {
			f.Advice, f.CNAME, f.Unamended = "", "", ""
		}
		f.Drop = slices.DeleteFunc(f.Drop, func(r record.RR) bool { return r.Owner == name })
		if !slices.ContainsFunc(f.Publish, func(r record.RR) bool { return r.Owner == name && r.Data.Type != record.CNAME }) {
			continue
		}
		for _, t := range []record.Type{record.MX, record.TXT} {
			if slices.ContainsFunc(f.Publish, func(r record.RR) bool { return r.Data.Type == t }) {
				continue
			}
			f.Publish = append(f.Publish, keptAt(v.Findings, own, record.Question{Name: name, Type: t})...)
		}
	}
}

// keptAt are the records that a name with a wildcard's answer needs of a further
// type: the corrected ones of another finding, or else the wildcard's.
func keptAt(findings []finding.Finding, own *part.Cache, q record.Question) (all []record.RR) {
	for _, f := range findings {
		for _, r := range f.Publish {
			if r.Owner == q.Name && r.Data.Type == q.Type {
				all = append(all, r)
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	for _, r := range own.Known(q).Records {
		all = append(all, finding.ToPublish(q.Name, r))
	}
	return all
}

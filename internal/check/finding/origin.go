package finding

import (
	"slices"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Origin is where a record is made before it is live. The zero value is nowhere
// that is known.
type Origin struct {
	File    string // the path; "" where it is not known, or not in the repository
	Line    int    // 0 where it is not known
	EndLine int    // the last line of what makes it; 0 where it is not known
	Address string // of the resource that makes it, such as module.ses.aws_route53_record.mx
	Deletes bool   // it takes the record away
}

// Made is a record with its origin.
type Made struct {
	Data record.Record
	Origin
	Broken bool // Data is not all of its type, so that no record can be made of it
}

// OriginOf is where the record is made that a finding is about: one that has to
// go, else one that was found, else the change that takes the record away or makes
// one that cannot be, else the only one at its name.
func (f *Finding) OriginOf(made func(record.Question) []Made) Origin {
	for _, rr := range f.Drop {
		if slices.ContainsFunc(f.Publish, rr.Same) {
			continue
		}
		for _, m := range made(record.Question{Name: rr.Owner, Type: rr.Data.Type}) {
			if !m.Deletes && !m.Broken && rr.Same(record.RR{Owner: rr.Owner, Data: m.Data}) {
				return m.Origin
			}
		}
	}
	at := []record.Question{f.Record}
	for _, a := range f.Rests {
		at = append(at, a.Question)
	}
	for _, q := range at {
		for _, m := range made(q) {
			if !m.Deletes && !m.Broken && slices.Contains(f.Actual, m.Data.String()) {
				return m.Origin
			}
		}
	}
	var here []Made
	for _, m := range made(f.Record) {
		switch {
		case m.Deletes, m.Broken:
			return m.Origin
		case f.Part != wanted.SPFRecord || spf.Is(m.Data.Text()):
			here = append(here, m)
		}
	}
	if len(here) == 1 { // it leads to what was found
		return here[0].Origin
	}
	return Origin{}
}

package finding

import (
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Origin is the place of a record's source. The zero value is unknown.
type Origin struct {
	File    string // the path; "" if unknown or outside the repository
	Line    int    // 0 if unknown
	EndLine int    // the last line of the source; 0 if unknown
	Address string // of a resource, such as module.ses.aws_route53_record.mx
	Deletes bool   // it deletes the record
}

// OriginAt is the origin of what is made at a place by a resource, or by none.
func OriginAt(at config.Place, address string) Origin {
	return Origin{File: at.File, Line: at.Line, EndLine: at.EndLine, Address: address}
}

// Made is a record with its origin.
type Made struct {
	Data record.Record
	Origin
	Broken bool // a part of Data is unknown, so no record can be made of it
}

// OriginOf finds the source of a finding's record: of a record to remove,
// otherwise of one that was found, of a change that deletes or breaks the record,
// or of the only record at its name.
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
	for _, a := range f.Rests { // such as that of an include
		if !a.Absent() {
			continue
		}
		if o := f.brokenBy(made(a.Question)); o != (Origin{}) {
			return o
		}
	}
	here := made(f.Record)
	if o := f.brokenBy(here); o != (Origin{}) {
		return o
	}
	here = slices.DeleteFunc(here, func(m Made) bool { return !f.mayBe(m) })
	if len(here) == 1 { // the source leads to the record found
		return here[0].Origin
	}
	return Origin{}
}

// mayBe reports whether a record may be the finding's: one of SPF, if it is about
// SPF.
func (f *Finding) mayBe(m Made) bool {
	return m.Broken || f.Part != wanted.SPFRecord || spf.Is(m.Data.Text())
}

// brokenBy finds the change that deletes or breaks a finding's record.
func (f *Finding) brokenBy(all []Made) Origin {
	for _, m := range all {
		if (m.Deletes || m.Broken) && f.mayBe(m) {
			return m.Origin
		}
	}
	return Origin{}
}

package check

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// amend puts into a finding the one DMARC record to publish in place of the
// domain's own, whatever the file asks more of it: fixes do not undo each other.
func (w dmarcWant) amend(f *Finding, s dmarcSeen) {
	if text := w.amended(s); text.Len() > 0 {
		f.amended = record.NewTXT(text.Raw())
		f.fix = []record.RR{toPublish(w.record().Name, f.amended)}
		at, _ := s.At()
		f.drop = liveDMARC(at.Answer)
	}
}

// liveDMARC are the DMARC records of an answer.
func liveDMARC(a record.Answer) []record.RR {
	return liveRecords(a, slices.DeleteFunc(slices.Clone(a.Records), func(r record.Record) bool { return !dmarc.Is(r.Text()) })...)
}

// amended is that record; there is none where an inherited one applies, or where
// it cannot be built exactly.
func (w dmarcWant) amended(s dmarcSeen) (none untrusted.Text) {
	r := s.Record
	at, _ := s.At()
	wrong := func(p dmarc.Problem) bool { return p.Weight != dmarc.Note }
	if s.PolicyDomain != w.domain || len(at.Answer.Chain) > 0 || r.AsNone || slices.ContainsFunc(r.Problems, wrong) {
		return none
	}
	tags := slices.Clone(r.Tags)
	set := func(name, value string) {
		t := dmarc.Tag{Name: untrusted.New(name), Value: untrusted.New(value)}
		if i := slices.IndexFunc(tags, named(name)); i >= 0 {
			tags[i] = t
		} else {
			tags = append(tags, t)
		}
	}
	if w.Policy != nil {
		if want, ok := dmarc.ParsePolicy(w.Policy.Value); ok && s.Effective(true).Policy < want {
			set("p", max(want, r.P).String())
			tags = slices.DeleteFunc(tags, named("t")) // t=y lowers it by a step
		}
	}
	for _, tag := range w.tags() {
		if tag.name != "rua" && tag.live(r) != tag.want.Value {
			set(tag.name, tag.want.Value)
		}
	}
	for _, uri := range w.RUA {
		want := dmarc.ParseURI(untrusted.New(uri.Value))
		if slices.ContainsFunc(r.RUA, want.Same) {
			continue
		}
		list := want.Text.Raw()
		if i := slices.IndexFunc(tags, named("rua")); i >= 0 {
			list = tags[i].Value.Raw() + "," + list
		}
		set("rua", list)
	}
	parts := make([]string, len(tags))
	for i, t := range tags {
		parts[i] = t.Name.Raw() + "=" + t.Value.Raw()
	}
	text := untrusted.New(strings.Join(parts, "; "))
	if !text.Plain() {
		return none
	}
	return text
}

// named reports whether a tag has a name.
func named(name string) func(dmarc.Tag) bool {
	return func(t dmarc.Tag) bool { return strings.EqualFold(t.Name.Raw(), name) }
}

package app

import (
	"slices"
	"strings"
	"sync"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/wanted"
)

// fitting returns a function that reports whether a record of which a plan does not
// know the name yet may be one that the file asks for. A name of which the beginning
// is known may be another one, such as the target of an include.
func fitting(file *config.File) func(record.Question, source.Promise) bool {
	asked := sync.OnceValue(func() map[record.Question][]wanted.Record { return askedBy(file) })
	return func(q record.Question, p source.Promise) bool {
		all := asked()[q]
		if len(all) == 0 || len(p.Values) == 0 {
			return !p.Opens() || len(all) > 0
		}
		return slices.ContainsFunc(all, func(r wanted.Record) bool {
			return slices.ContainsFunc(p.Values, func(v source.Pattern) bool { return mayServe(v, r) })
		})
	}
}

// askedBy are the records that a file asks for, or asks to be absent.
func askedBy(file *config.File) map[record.Question][]wanted.Record {
	asked := map[record.Question][]wanted.Record{}
	ask := func(r wanted.Record) {
		q := record.Question{Name: r.Owner, Type: r.Data.Type}
		asked[q] = append(asked[q], r)
	}
	for i := range file.Domains {
		d := &file.Domains[i]
		records, _ := wanted.Records(d)
		for _, r := range records {
			ask(r)
		}
		for _, name := range withoutSPF(d) {
			ask(wanted.Record{Owner: name, Data: record.Record{Type: record.TXT}})
		}
	}
	return asked
}

// withoutSPF are the names of a domain that must have no SPF record.
func withoutSPF(d *config.Domain) (names []record.Name) {
	if d.SPF != nil && d.SPF.None {
		names = append(names, d.Name)
	}
	for _, id := range d.Identities {
		if m := id.MailFrom; m != nil && m.SPF != nil && m.SPF.None {
			names = append(names, m.Name.Value)
		}
	}
	return names
}

// mayServe reports whether planned data may be right for a wanted record: an MX host
// is of the same kind, and an SPF record has the includes. Unknown data and macros
// may be.
func mayServe(data source.Pattern, want wanted.Record) bool {
	text := strings.NewReplacer(`" "`, "", `"`, "").Replace(strings.ToLower(stars(data)))
	if strings.ContainsAny(text, "*%") {
		return true
	}
	switch {
	case want.Data.Type == record.MX:
		words := strings.Fields(text)
		return len(words) == 0 || strings.HasPrefix(words[len(words)-1], want.Data.Host.FirstLabel()+".")
	case want.Part == wanted.SPFRecord && !strings.Contains(text, "redirect="):
		return !slices.ContainsFunc(strings.Fields(strings.ToLower(want.Data.Text().Raw())), func(term string) bool {
			return strings.HasPrefix(term, "include:") && !strings.Contains(text, includes(term))
		})
	}
	return true
}

// includes is the least that an SPF record has for an include. Another include, or
// copied ranges, may be those of SES.
func includes(term string) string {
	if term == "include:"+string(ses.SPFInclude) {
		return ":"
	}
	return term
}

package finding

import (
	"slices"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/spf"
)

// Change is what to do about live records, as lines of a zone file: first those
// to remove, then those to add. It resolves the finding.
type Change struct {
	Add    []string
	Remove []string
}

// Empty reports whether there is no certain change.
func (c Change) Empty() bool { return len(c.Add)+len(c.Remove) == 0 }

// SuggestedTTL is the TTL of records to publish, in seconds.
const SuggestedTTL = 3600

// ToPublish is a record to publish at a name.
func ToPublish(owner record.Name, data record.Record) record.RR {
	return record.RR{Owner: owner, TTL: SuggestedTTL, Data: data}
}

// LiveRecords are records of an answer with their owner in DNS, at the end of
// CNAMEs.
func LiveRecords(a record.Answer, rs ...record.Record) (all []record.RR) {
	for _, r := range rs {
		all = append(all, record.RR{Owner: a.Owner(), TTL: a.OwnTTL, Data: r})
	}
	return all
}

// LiveCNAME is the CNAME at the name of the query, if the answer came by one.
func LiveCNAME(a record.Answer) []record.RR {
	if len(a.Chain) == 0 {
		return nil
	}
	return []record.RR{{Owner: a.Question.Name, TTL: a.AliasTTL, Data: record.Record{Type: record.CNAME, Host: a.Chain[0]}}}
}

// LiveSPF are the SPF records of an answer.
func LiveSPF(a record.Answer) []record.RR {
	return LiveRecords(a, slices.DeleteFunc(slices.Clone(a.Records), func(r record.Record) bool { return !spf.Is(r.Text()) })...)
}

// Prescribe sets the records to have in the end, and the change from the live
// ones. There is no change if another decision comes first.
func (f *Finding) Prescribe() {
	f.Fix, f.Change = nil, Change{}
	if f.Advice != "" {
		return
	}
	for _, r := range f.Publish {
		f.Fix = append(f.Fix, r.String())
		if !f.isLive(r) {
			f.Change.Add = append(f.Change.Add, r.String())
		}
	}
	for _, r := range f.Drop {
		if !slices.ContainsFunc(f.Publish, r.Same) {
			f.Change.Remove = append(f.Change.Remove, r.String())
		}
	}
}

// isLive reports whether an answer of the finding has a record.
func (f *Finding) isLive(r record.RR) bool {
	return slices.ContainsFunc(f.Rests, func(a record.Answer) bool {
		return a.Owner() == r.Owner && slices.ContainsFunc(a.Records, func(data record.Record) bool { return record.RR{Owner: r.Owner, Data: data}.Same(r) })
	})
}

package wanted

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
)

// Set is the RRset that the file asks for: the records of one type at one name.
type Set struct {
	record.Question
	Records []Record
	Live    []record.Record // further live records to keep
}

// All is the data of the wanted records, and of those to keep.
func (s Set) All() []record.Record {
	var all []record.Record
	for _, r := range s.Records {
		all = append(all, r.Data)
	}
	return append(all, s.Live...)
}

// Sets are the RRsets that the domains ask for, in the order of the file, with
// notes.
func Sets(domains []config.Domain) (sets []Set, notes []Note) {
	at := map[record.Question]int{}
	for i := range domains {
		records, more := Records(&domains[i])
		notes = append(notes, more...)
		for _, r := range records {
			q := record.Question{Name: r.Owner, Type: r.Data.Type}
			n, ok := at[q]
			if !ok {
				n = len(sets)
				at[q] = n
				sets = append(sets, Set{Question: q})
			}
			sets[n].add(r)
		}
	}
	return sets, notes
}

// add adds a record, unless another domain has asked for the same.
func (s *Set) add(r Record) {
	same := func(o Record) bool { return o.Data.String() == r.Data.String() }
	if !slices.ContainsFunc(s.Records, same) {
		s.Records = append(s.Records, r)
	}
}

// Conflicts finds records that cannot be in DNS together, although alternatives
// would satisfy both entries: an alias in place of a CNAME, or one SPF record
// with both lists. Entries without an alternative are Contradictions.
func Conflicts(sets []Set) []config.Problem {
	var ps []config.Problem
	first := map[record.Name]Record{}
	for _, s := range sets {
		for i, r := range s.Records {
			switch other, taken := first[r.Owner]; {
			case i > 0 && (r.Sole() && r.Part == s.Records[0].Part || r.Part == MailFrom || s.Records[0].Part == MailFrom):
				ps = append(ps, conflict(r, s.Records[0]))
			case i == 0 && taken && (other.Data.Type == record.CNAME || r.Data.Type == record.CNAME):
				ps = append(ps, conflict(r, other))
			case !taken:
				first[r.Owner] = r
			}
		}
	}
	return ps
}

func conflict(r, other Record) config.Problem {
	return config.Problem{
		File: r.Place.File, Line: r.Place.Line, Column: r.Place.Column,
		Message: fmt.Sprintf("%s cannot have both %s %.80s (%s, line %d) and %s %.80s (%s); rename one of them",
			r.Owner, other.Data.Type, other.Data, other.Purpose, other.Place.Line, r.Data.Type, r.Data, r.Purpose),
	}
}

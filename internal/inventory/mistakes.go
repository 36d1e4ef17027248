package inventory

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
)

// mistake is a mistake in records of a domain.
type mistake struct {
	what    string
	records []string // the first few
	more    int
}

func (m mistake) String() string {
	records := strings.Join(m.records, ", ")
	if m.more > 0 {
		records += fmt.Sprintf(" and %d more", m.more)
	}
	return fmt.Sprintf("Published %s: %s.", m.what, records)
}

// mistaken notes the mistakes in a record of the domain.
func (d *domain) mistaken(s sighting) {
	for _, how := range s.is.Wrongly(s.record.Type) {
		d.wrong(how, s.String())
	}
	if s.doubled {
		d.wrong("at a name with the domain twice", s.String())
	}
}

// String names the record.
func (s sighting) String() string { return s.record.Type.String() + " " + string(s.owner) }

// wrong adds a record with a mistake.
func (d *domain) wrong(what, record string) {
	i := slices.IndexFunc(d.mistakes, func(m mistake) bool { return m.what == what })
	if i < 0 {
		i = len(d.mistakes)
		d.mistakes = append(d.mistakes, mistake{what: what})
	}
	const most = 3
	switch m := &d.mistakes[i]; {
	case slices.Contains(m.records, record):
	case len(m.records) < most:
		m.records = append(m.records, record)
	default:
		m.more++
	}
}

// intended is the right name of a record, without a zone that a DNS provider
// appended. ok is false if the record belongs to a third party's domain.
func (inv *Inventory) intended(s *sighting, name record.Name) (_ record.Name, ok bool) {
	n := name.Undoubled(s.apex)
	s.doubled = s.doubled || n != name
	of, foreign := inv.foreign(s.apex, n)
	switch {
	case !foreign:
		return n, true
	case inv.ownRegistered[of]:
		s.is.Mistakes |= ses.WrongName
		rest, _ := strings.CutSuffix(string(n), "."+string(s.apex))
		return record.Name(rest), true
	}
	if s.is.Use != ses.NoUse {
		e := inv.elsewhere[misplaced{of, s.apex}]
		e.first, e.n = cmp.Or(e.first, s.String()), e.n+1
		inv.elsewhere[misplaced{of, s.apex}] = e
	}
	return "", false
}

// misplaced is a domain whose records were entered in the zone of another one.
type misplaced struct{ of, zone record.Name }

// elsewhere is misplaced records: the first, and their count.
type elsewhere struct {
	first string
	n     int
}

// reportElsewhere reports records that were entered in a wrong zone.
func (inv *Inventory) reportElsewhere() {
	byZone := func(a, b misplaced) int { return cmp.Or(cmp.Compare(a.zone, b.zone), cmp.Compare(a.of, b.of)) }
	for _, m := range slices.SortedFunc(maps.Keys(inv.elsewhere), byZone) {
		e := inv.elsewhere[m]
		more := ""
		if e.n > 1 {
			more = fmt.Sprintf(" and %d more", e.n-1)
		}
		inv.skip(fmt.Sprintf("%s.%s looks like %s in the zone of %s, where nobody looks for its records: %s%s", m.of, m.zone, m.of, m.zone, e.first, more))
	}
}

// foreign finds the domain in whose zone a record belongs. A name that may also
// be a subdomain counts only if that domain is the user's.
func (inv *Inventory) foreign(apex, name record.Name) (of record.Name, ok bool) {
	of, sure, ok := name.Foreign(apex)
	if !ok || !sure && !inv.ownRegistered[of] {
		return "", false
	}
	for n := name; n != apex; n = n.Parent() {
		if d := inv.domains[n]; d != nil && d.given {
			return "", false
		}
	}
	return of, true
}

package check

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/ses"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// clean makes words of the file safe to print, and nil an empty list.
func clean(words []string) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = untrusted.Line(w)
	}
	return all
}

// intern returns one shared copy of equal lists, which many domains have.
func (s *settling) intern(checks []*finding.Check) []*finding.Check {
	key := strings.Join(finding.IDs(checks), " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if have, ok := s.lists[key]; ok {
		return have
	}
	s.lists[key] = checks
	return checks
}

// kept lists the checks that belong to no part of a domain and were decided:
// those that stand in for a part's check, and those about the file and the zone
// files, without those whose query failed.
func (s *settling) kept(failed []part.Undecided) (all []Looked) {
	if s.options.Looked == nil {
		return nil
	}
	var shared []*finding.Check
	for _, c := range []*finding.Check{part.NameDoubled, part.ValueGarbled, WildcardAnswer, IgnoreExpired, IgnoreUnused} {
		if silences := c == IgnoreExpired || c == IgnoreUnused; s.wanted(c) && (!silences || !s.options.Strict) && (c != IgnoreUnused || !s.options.Partial) {
			shared = append(shared, c)
		}
	}
	all = append(all, Looked{Checks: shared}, Looked{Checks: []*finding.Check{ses.IdentityUnlisted}, Subjects: s.listed()})
	zones := map[record.Name]bool{}
	for _, p := range s.options.Published {
		if !zones[p.Zone] && s.wanted(RecordUnclaimed) {
			zones[p.Zone] = true
			all = append(all, Looked{Record: record.Question{Name: p.Zone, Type: record.SOA}, Checks: []*finding.Check{RecordUnclaimed}})
		}
	}
	open := map[record.Question]bool{}
	for _, u := range failed {
		open[u.About] = true
	}
	for _, z := range s.options.Given {
		q := record.Question{Name: z.Apex, Type: record.NS}
		if s.options.Live != nil && s.wanted(ZoneNotLive) && !open[q] {
			all = append(all, Looked{Record: q, Checks: []*finding.Check{ZoneNotLive}})
		}
	}
	return all
}

// listed are the regions in which all identities of SES were compared with the
// file; "" for all regions. The result is never nil.
func (s *settling) listed() []string {
	regions := []string{}
	if s.options.SES.Empty() || s.options.Some || !s.wanted(ses.IdentityUnlisted) {
		return regions
	}
	for _, l := range s.options.SES.Lists {
		if l.Whole {
			regions = append(regions, l.Region)
		}
	}
	return regions
}

// count counts the checks of one record that passed and, with --verbose, adds a
// row for each. It returns the decided checks.
func (s *settling) count(out *Domain, sc part.Scope, v part.Verdict) Looked {
	l := Looked{Record: sc.Record}
	if s.all && !s.options.Verbose && len(out.Findings)+len(v.Undecided)+len(v.Promises) == 0 {
		out.Passed += len(sc.Checks)
		l.Checks = sc.Checks
		return l
	}
	for _, c := range sc.Checks {
		if !s.wanted(c) {
			continue
		}
		row := Row{Check: c, Record: sc.Record, Status: finding.Pass}
		var by *finding.Check
		if len(v.Findings)+len(v.Undecided)+len(v.Promises) > 0 {
			row.Status, by = rowStatus(row, v, out.Findings)
		}
		if row.Status == finding.Pass {
			out.Passed++
		}
		if s.options.Verbose {
			out.Rows = append(out.Rows, row)
		}
		l.add(row, by)
	}
	return l
}

// add adds the result of a check, and the check that hides it.
func (l *Looked) add(row Row, by *finding.Check) {
	if row.Status == finding.Inconclusive || row.Status == finding.Promised {
		return
	}
	if by != nil {
		if l.Skipped == nil {
			l.Skipped = map[*finding.Check][]*finding.Check{}
		}
		l.Skipped[by] = append(l.Skipped[by], row.Check)
	}
	if row.Status != finding.Skipped {
		l.Checks = append(l.Checks, row.Check)
	}
}

// stillOpen are the failed queries, without the checks that failed anyway: more
// lookups than allowed stay too many, whatever the missing answer is. A finding
// about one subject, such as a host, leaves the check open for the others. If all
// checks of a query failed anyway, it keeps them.
func stillOpen(v part.Verdict) []part.Undecided {
	all := slices.Clone(v.Undecided)
	for i := range all {
		u := &all[i]
		open := slices.DeleteFunc(slices.Clone(u.Checks), func(c *finding.Check) bool {
			return slices.ContainsFunc(v.Findings, func(f finding.Finding) bool {
				return f.Record == u.About && f.Subject == "" && f.Status == "" && (f.Check == c || f.Check.Settles == c)
			})
		})
		if len(open) > 0 {
			u.Checks = open
		}
	}
	return all
}

// rowStatus is the result of one check of one record, and the check that hides
// all or some of its findings.
func rowStatus(row Row, v part.Verdict, findings []finding.Finding) (_ finding.Status, by *finding.Check) {
	by = hides(v, row)
	promised := false
	for _, f := range findings {
		if f.Record == row.Record && f.Check == row.Check {
			return f.Status, by
		}
	}
	for _, u := range v.Undecided {
		if slices.Contains(u.Checks, row.Check) && (u.About == row.Record || u.About == record.Question{}) {
			if !u.Promised() {
				return finding.Inconclusive, nil
			}
			promised = true
		}
	}
	promised = promised || slices.ContainsFunc(v.Promises, func(p finding.Promise) bool { return p.Record == row.Record && slices.Contains(p.Checks, row.Check) })
	if promised {
		return finding.Promised, nil
	}
	if by != nil {
		return finding.Skipped, by
	}
	return finding.Pass, nil
}

// hides returns the check whose finding hides the findings of another check at
// its record, or nil. Checks that the file turns off hide as well.
func hides(v part.Verdict, row Row) *finding.Check {
	for _, f := range v.Findings {
		if f.Check != row.Check && (f.Check.ReplacesAll || f.Record == row.Record && f.Check.Ends) {
			return f.Check
		}
	}
	for _, h := range v.Hidden {
		if h.Record == row.Record && slices.Contains(h.Checks, row.Check) {
			return h.By
		}
	}
	return nil
}

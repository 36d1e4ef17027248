package check

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// settling turns verdicts into what is reported: failed questions become
// findings, the file silences what it may, and all is put in order.
type settling struct {
	file    *config.File
	options Options
	ignores *ignores
	all     bool // every check is wanted

	mu    sync.Mutex
	lists map[string][]*Check // each once
}

func newSettling(file *config.File, o Options) *settling {
	s := &settling{file: file, options: o, lists: map[string][]*Check{}}
	s.ignores = newIgnores(file.Ignores, s.inForce)
	s.all = o.Selected == nil && len(s.off()) == 0
	return s
}

// settle finishes the findings of one domain and counts its checks.
func (s *settling) settle(d *config.Domain, exams []examined, v verdict) Domain {
	out := Domain{Name: d.Name, Written: d.Written, Parts: make([]wanted.Part, len(exams))}
	if unlookedDKIM(d) {
		out.Unlooked = []wanted.Part{wanted.DKIM}
	}
	open := stillOpen(v)
	out.Promises = s.promises(v.promises, open)
	open = slices.DeleteFunc(open, undecided.promised)
	for _, f := range append(v.findings, unavailable(open)...) {
		if s.complete(d, &f, v.unchanged) {
			out.Findings = append(out.Findings, f)
		}
	}
	Sort(out.Findings)
	keep := s.options.Looked != nil && s.options.Looked(d.Name)
	for i, l := range exams {
		out.Parts[i] = l.table().Name
		var subjects [][]string
		if keep {
			subjects = l.subjects()
		}
		for j, sc := range l.scopes() {
			looked := s.count(&out, sc, v)
			if !keep {
				continue
			}
			looked.Checks = s.intern(looked.Checks)
			for by, hidden := range looked.Skipped {
				looked.Skipped[by] = s.intern(hidden)
			}
			if subjects != nil {
				looked.Subjects = clean(subjects[j])
			}
			out.Looked = append(out.Looked, looked)
		}
	}
	if keep && s.options.Authority && len(v.undecided) == 0 {
		out.Looked = append(out.Looked, Looked{Record: record.Question{Name: d.Name.Registrable(), Type: record.NS}, Checks: []*Check{NameserverLame}})
	}
	return out
}

// clean makes words of the file fit to print, and empty lists lists.
func clean(words []string) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = untrusted.Line(w)
	}
	return all
}

// intern keeps one copy of a list that many domains have.
func (s *settling) intern(checks []*Check) []*Check {
	key := strings.Join(IDs(checks), " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if have, ok := s.lists[key]; ok {
		return have
	}
	s.lists[key] = checks
	return checks
}

// kept is which checks were looked at that belong to no part of a domain: those
// that stand in for the finding of one, and those about the file and the zone
// files, but for those whose question failed.
func (s *settling) kept(failed []undecided) (all []Looked) {
	if s.options.Looked == nil {
		return nil
	}
	var shared []*Check
	for _, c := range []*Check{NameDoubled, ValueGarbled, WildcardAnswer, IgnoreExpired, IgnoreUnused} {
		if silences := c == IgnoreExpired || c == IgnoreUnused; s.wanted(c) && (!silences || !s.options.Strict) && (c != IgnoreUnused || !s.options.Partial) {
			shared = append(shared, c)
		}
	}
	all = append(all, Looked{Checks: shared})
	zones := map[record.Name]bool{}
	for _, p := range s.options.Published {
		if !zones[p.Zone] && s.wanted(RecordUnclaimed) {
			zones[p.Zone] = true
			all = append(all, Looked{Record: record.Question{Name: p.Zone, Type: record.SOA}, Checks: []*Check{RecordUnclaimed}})
		}
	}
	open := map[record.Question]bool{}
	for _, u := range failed {
		open[u.about] = true
	}
	for _, z := range s.options.Given {
		q := record.Question{Name: z.Apex, Type: record.NS}
		if s.options.Live != nil && s.wanted(ZoneNotLive) && !open[q] {
			all = append(all, Looked{Record: q, Checks: []*Check{ZoneNotLive}})
		}
	}
	return all
}

// count counts the checks of one record that passed and, with --verbose, notes
// what came of each. It returns which were decided.
func (s *settling) count(out *Domain, sc scope, v verdict) Looked {
	l := Looked{Record: sc.record}
	if s.all && !s.options.Verbose && len(out.Findings)+len(v.undecided)+len(v.promises) == 0 {
		out.Passed += len(sc.checks)
		l.Checks = sc.checks
		return l
	}
	for _, c := range sc.checks {
		if !s.wanted(c) {
			continue
		}
		row := Row{Check: c, Record: sc.record, Status: Pass}
		var by *Check
		if len(v.findings)+len(v.undecided)+len(v.promises) > 0 {
			row.Status, by = rowStatus(row, v, out.Findings)
		}
		if row.Status == Pass {
			out.Passed++
		}
		if s.options.Verbose {
			out.Rows = append(out.Rows, row)
		}
		l.add(row, by)
	}
	return l
}

// add notes what came of a check, and which other one hides what it would find.
func (l *Looked) add(row Row, by *Check) {
	if row.Status == Inconclusive || row.Status == Promised {
		return
	}
	if by != nil {
		if l.Skipped == nil {
			l.Skipped = map[*Check][]*Check{}
		}
		l.Skipped[by] = append(l.Skipped[by], row.Check)
	}
	if row.Status != Skipped {
		l.Checks = append(l.Checks, row.Check)
	}
}

// complete fills in what follows from the check and the file. It reports false
// where the finding is not wanted at all.
func (s *settling) complete(d *config.Domain, f *Finding, unchanged bool) bool {
	if s.severity(f.Check) == 0 || len(f.Undecided) == 0 && !s.selected(f.Check) {
		return false
	}
	f.Domain = d.Name
	f.Subject = untrusted.Line(f.Subject) // some are words of the file
	sender := senderOf(d, f)
	f.Severity = s.severityFor(f.Check, sender)
	if f.Status == "" {
		f.Status = Fail
	}
	if len(f.Undecided) > 0 {
		all := s.selected(f.Check)
		f.Undecided = slices.DeleteFunc(f.Undecided, func(c *Check) bool { return s.severity(c) == 0 || !all && !s.selected(c) })
		if len(f.Undecided) == 0 {
			return false // nothing that is undecided is wanted
		}
		f.Severity = 0
		for _, c := range f.Undecided {
			f.Severity = max(f.Severity, s.severity(c))
		}
	}
	if f.Impact == "" {
		f.Impact = f.Check.Matters
	}
	f.Message, f.notes = f.text(), nil
	if s.options.Made != nil && f.Origin == (Origin{}) {
		f.Origin = f.originOf(s.options.Made)
	}
	f.prescribe()
	if sender != nil {
		forCustomer(f, sender)
	}
	f.bound()
	if len(f.rests) > 0 && f.Evidence.Server == "" {
		f.Evidence.of(f.rests[0])
	}
	s.silence(d, f, unchanged)
	return true
}

// silence lowers a finding whose domain did not change or is pending, and one
// that the file ignores.
func (s *settling) silence(d *config.Domain, f *Finding, unchanged bool) {
	if unchanged && f.Severity > Warning {
		f.Severity = Warning
		f.Silence = Silence{Kind: Unchanged}
	}
	pending := d.PendingUntil != nil && s.options.Now.Before(d.PendingUntil.Value)
	if pending && f.Severity > Note && !s.options.Strict {
		f.Severity = Note
		f.Silence = Silence{Kind: Pending, Until: d.PendingUntil.Value}
	}
	if unchanged && f.Status == Inconclusive {
		f.Silence = Silence{Kind: UnchangedOpen}
	}
	if s.options.Strict {
		return
	}
	if i, ok := s.ignores.of(f, d); ok {
		f.Status = Ignored
		f.Silence = Silence{Kind: Accepted, Reason: untrusted.Quote(s.file.Ignores[i].Reason.Value)}
	}
}

// wanted reports whether a check is neither turned off nor left out by --check.
func (s *settling) wanted(c *Check) bool {
	return s.selected(c) && s.severity(c) > 0
}

// selected reports whether --check leaves a check in. An inconclusive finding is
// in by itself or by any check that it leaves open.
func (s *settling) selected(c *Check) bool {
	return s.options.Selected == nil || s.options.Selected(c)
}

// severity is the check's own, unless the file has another; 0 is off.
func (s *settling) severity(c *Check) Severity {
	if level, ok := s.file.Checks[c.ID]; ok && !s.options.Strict {
		v, _ := ParseSeverity(string(level.Value))
		return v
	}
	return c.Severity
}

// lowered lists the checks whose severity the file lowers without turning them
// off, sorted.
func (s *settling) lowered() []string {
	var ids []string
	for id := range s.file.Checks {
		if v := s.severity(known[id]); v > 0 && v < known[id].Severity {
			ids = append(ids, fmt.Sprintf("%s (%s)", id, v))
		}
	}
	slices.Sort(ids)
	return ids
}

// off lists the checks that the file turns off, sorted.
func (s *settling) off() []string {
	var ids []string
	for id, level := range s.file.Checks {
		if level.Value == config.LevelOff && !s.options.Strict {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (s *settling) inForce(ig config.Ignore) bool {
	return ig.Until == nil || s.options.Now.Before(ig.Until.Value)
}

// stillOpen are the failed questions without the checks that failed all the
// same: more lookups than allowed are too many, whatever else there may be.
func stillOpen(v verdict) []undecided {
	all := slices.Clone(v.undecided)
	for i := range all {
		u := &all[i]
		u.checks = slices.DeleteFunc(slices.Clone(u.checks), func(c *Check) bool {
			return slices.ContainsFunc(v.findings, func(f Finding) bool {
				return f.Record == u.about && f.Status == "" && (f.Check == c || f.Check.Settles == c)
			})
		})
	}
	return all
}

// rowStatus says what came of one check of one record, and which other check
// hides what it would find: all of that, or some.
func rowStatus(row Row, v verdict, findings []Finding) (_ Status, by *Check) {
	by = hides(v, row)
	promised := false
	for _, f := range findings {
		if f.Record == row.Record && f.Check == row.Check {
			return f.Status, by
		}
	}
	for _, u := range v.undecided {
		if slices.Contains(u.checks, row.Check) && (u.about == row.Record || u.about == record.Question{}) {
			if !u.promised() {
				return Inconclusive, nil
			}
			promised = true
		}
	}
	promised = promised || slices.ContainsFunc(v.promises, func(p Promise) bool { return p.Record == row.Record && slices.Contains(p.Checks, row.Check) })
	if promised {
		return Promised, nil
	}
	if by != nil {
		return Skipped, by
	}
	return Pass, nil
}

// hides is the check whose finding hides what another would find at its record;
// nil if none does. Those that are not told hide it, too.
func hides(v verdict, row Row) *Check {
	for _, f := range v.findings {
		if f.Check != row.Check && (f.Check.ReplacesAll || f.Record == row.Record && f.Check.Ends) {
			return f.Check
		}
	}
	for _, h := range v.hidden {
		if h.record == row.Record && slices.Contains(h.checks, row.Check) {
			return h.by
		}
	}
	return nil
}

// ending reports whether an ignore is in force for a week at most.
func (s *settling) ending(ig config.Ignore) bool {
	return ig.Until != nil && s.inForce(ig) && ig.Until.Value.Sub(s.options.Now) <= week
}

// week is how long before its end an ignore is named.
const week = 7 * 24 * time.Hour

// housekeeping is what can be said only when every domain is done: about the
// items of `ignore`, about zones that were given, and about records of SES that no
// domain asked for.
func (s *settling) housekeeping(zones []Finding) (found []Finding, ending []config.Ignore) {
	if !s.options.Strict {
		for i, ig := range s.file.Ignores {
			f := Finding{Subject: ig.Check.Value + " " + ig.Domain.Value + " " + ig.Record.Value, Place: ig.Place}
			switch {
			case !s.inForce(ig):
				f.Check = IgnoreExpired
				f.Message = fmt.Sprintf("the ignore of %s ended on %s", untrusted.Quote(ig.Check.Value), ig.Until.Value.Format(time.DateOnly))
			case !s.ignores.used(i) && !s.options.Partial:
				f.Check = IgnoreUnused
				f.Message = fmt.Sprintf("the ignore of %s matches no finding", untrusted.Quote(ig.Check.Value))
			}
			if f.Check != nil {
				found = append(found, f)
			}
			// A shard cannot tell whether another one needs the ignore.
			if s.ending(ig) && (f.Check == nil || f.Check == IgnoreUnused && s.options.Shard != nil) {
				ending = append(ending, ig)
			}
		}
	}
	found = append(found, zones...)
	found = append(found, unclaimed(s.file, s.options.Published)...)
	none := &config.Domain{}
	var wanted []Finding
	for _, f := range found {
		domain := f.Domain
		if s.complete(none, &f, false) {
			f.Domain = domain
			wanted = append(wanted, f)
		}
	}
	return wanted, ending
}

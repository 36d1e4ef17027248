package check

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/receiver"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// settling turns verdicts into reported findings: it adds findings of failed
// queries, applies the silences of the file, and sorts.
type settling struct {
	file    *config.File
	options Options
	ignores *ignores
	all     bool // all checks are wanted

	mu    sync.Mutex
	lists map[string][]*finding.Check // interned lists
}

func newSettling(file *config.File, o Options) *settling {
	s := &settling{file: file, options: o, lists: map[string][]*finding.Check{}}
	s.ignores = newIgnores(file.Ignores, s.inForce)
	s.all = o.Selected == nil && len(s.off()) == 0
	return s
}

// settle finishes the findings of one domain, and counts its checks. unchanged
// says that neither its part of the file nor its records changed.
func (s *settling) settle(d *config.Domain, exams []part.Examined, v part.Verdict, unchanged bool) Domain {
	out := Domain{Name: d.Name, Written: d.Written, Parts: make([]wanted.Part, len(exams))}
	if dkim.Unlooked(d) {
		out.Unlooked = []wanted.Part{wanted.DKIM}
	}
	open := stillOpen(v)
	out.Promises = s.promises(v.Promises, open)
	open = slices.DeleteFunc(open, part.Undecided.Promised)
	for _, f := range append(v.Findings, unavailable(open)...) {
		if s.complete(d, &f, unchanged) {
			out.Findings = append(out.Findings, f)
		}
	}
	finding.Sort(out.Findings)
	keep := s.options.Looked != nil && s.options.Looked(d.Name)
	for i, l := range exams {
		out.Parts[i] = l.Table().Name
		var subjects [][]string
		if keep {
			subjects = l.Subjects()
		}
		for j, sc := range l.Scopes() {
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
	if keep && s.options.Authority && len(v.Undecided) == 0 {
		out.Looked = append(out.Looked, Looked{Record: record.Question{Name: d.Name.Registrable(), Type: record.NS}, Checks: []*finding.Check{NameserverLame}})
	}
	return out
}

// complete fills in the fields that follow from the check and the file. It
// returns false for an unwanted finding.
func (s *settling) complete(d *config.Domain, f *finding.Finding, unchanged bool) bool {
	if s.severity(f.Check) == 0 || len(f.Undecided) == 0 && !s.selected(f.Check) {
		return false
	}
	f.Domain = d.Name
	f.Subject = untrusted.Line(f.Subject) // subjects may be words of the file
	sender := senderOf(d, f)
	f.Severity = s.severityFor(f.Check, sender)
	if f.AtMost > 0 && !s.given(f.Check) {
		f.Severity = min(f.Severity, f.AtMost)
	}
	if receiver.Due(f.Review, s.options.Now) {
		f.Severity = min(f.Severity, finding.Note)
		f.Notef("the rule was due for review by %s, and may have changed", f.Review)
	}
	if f.Status == "" {
		f.Status = finding.Fail
	}
	if len(f.Undecided) > 0 {
		all := s.selected(f.Check)
		f.Undecided = slices.DeleteFunc(f.Undecided, func(c *finding.Check) bool { return s.severity(c) == 0 || !all && !s.selected(c) })
		if len(f.Undecided) == 0 {
			return false // no wanted check is left open
		}
		f.Severity = 0
		for _, c := range f.Undecided {
			f.Severity = max(f.Severity, s.severity(c))
		}
	}
	if f.Impact == "" {
		f.Impact = f.Check.Matters
	}
	f.Message, f.Notes = f.Text(), nil
	if s.options.Made != nil && f.Origin == (finding.Origin{}) {
		f.Origin = f.OriginOf(s.options.Made)
	}
	f.Prescribe()
	if sender != nil {
		forCustomer(f, sender)
	}
	f.Bound()
	if len(f.Rests) > 0 && f.Evidence.Server == "" {
		f.Evidence.Of(f.Rests[0])
	}
	s.silence(d, f, unchanged)
	return true
}

// silence lowers findings of unchanged and pending domains, and those that the
// file ignores.
func (s *settling) silence(d *config.Domain, f *finding.Finding, unchanged bool) {
	if unchanged && f.Severity > finding.Warning {
		f.Severity = finding.Warning
		f.Silence = finding.Silence{Kind: finding.Unchanged}
	}
	pending := d.PendingUntil != nil && s.options.Now.Before(d.PendingUntil.Value)
	if pending && f.Severity > finding.Note && !s.options.Strict {
		f.Severity = finding.Note
		f.Silence = finding.Silence{Kind: finding.Pending, Until: d.PendingUntil.Value}
	}
	if unchanged && f.Status == finding.Inconclusive {
		f.Silence = finding.Silence{Kind: finding.UnchangedOpen}
	}
	if s.options.Strict {
		return
	}
	if i, ok := s.ignores.of(f, d); ok {
		f.Status = finding.Ignored
		f.Silence = finding.Silence{Kind: finding.Accepted, Reason: untrusted.Quote(s.file.Ignores[i].Reason.Value)}
	}
}

// wanted reports whether a check is neither off nor left out by --check.
func (s *settling) wanted(c *finding.Check) bool {
	return s.selected(c) && s.severity(c) > 0
}

// selected reports whether --check includes a check. An inconclusive finding is
// included by its own check, or by one that it leaves open.
func (s *settling) selected(c *finding.Check) bool {
	return s.options.Selected == nil || s.options.Selected(c)
}

// severity is that of the file, otherwise the check's own; 0 is off.
func (s *settling) severity(c *finding.Check) finding.Severity {
	if s.given(c) {
		v, _ := finding.ParseSeverity(string(s.file.Checks[c.ID].Value))
		return v
	}
	return c.Severity
}

// given reports whether the file has a severity for a check, which counts.
func (s *settling) given(c *finding.Check) bool {
	_, ok := s.file.Checks[c.ID]
	return ok && !s.options.Strict
}

// lowered lists checks whose severity the file lowers without turning them off,
// sorted.
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

// ending reports whether an ignore ends within a week.
func (s *settling) ending(ig config.Ignore) bool {
	return ig.Until != nil && s.inForce(ig) && ig.Until.Value.Sub(s.options.Now) <= week
}

// week is how long before its end an ignore is reported.
const week = 7 * 24 * time.Hour

// housekeeping returns the findings that need all domains: about items of
// `ignore`, and the given ones, about zones and records of SES.
func (s *settling) housekeeping(about []finding.Finding) (found []finding.Finding, ending []config.Ignore) {
	if !s.options.Strict {
		for i, ig := range s.file.Ignores {
			f := finding.Finding{Subject: ig.Check.Value + " " + ig.Domain.Value + " " + ig.Record.Value, Place: ig.Place}
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
			// Another shard may need the ignore.
			if s.ending(ig) && (f.Check == nil || f.Check == IgnoreUnused && s.options.Shard != nil) {
				ending = append(ending, ig)
			}
		}
	}
	found = append(found, about...)
	none := &config.Domain{}
	var wanted []finding.Finding
	for _, f := range found {
		domain := f.Domain
		if s.complete(none, &f, false) {
			f.Domain = domain
			wanted = append(wanted, f)
		}
	}
	return wanted, ending
}

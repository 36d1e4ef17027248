package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/sescheck/sescheck/internal/check"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Baseline is the findings of an earlier JSON report, by fingerprint.
type Baseline struct {
	findings map[string]Earlier
	domains  map[record.Name]bool
}

// Earlier is a finding of an earlier report.
type Earlier struct {
	Check       string           `json:"check"`
	Severity    finding.Severity `json:"severity"`
	Domain      record.Name      `json:"domain"`
	Record      jsonQuestion     `json:"record"`
	Subject     string           `json:"subject,omitempty"`
	Fingerprint string           `json:"fingerprint"`
	FirstSeen   time.Time        `json:"first_seen"`
	SESUntil    *time.Time       `json:"ses_until,omitempty"`
	Why         Why              `json:"why,omitempty"`    // why it is carried
	Behind      string           `json:"behind,omitempty"` // the check whose finding hides it
	Unlisted    *time.Time       `json:"unlisted_since,omitempty"`

	of      *finding.Check
	carried bool // it was carried in the earlier report as well
}

// Why is why a finding of an earlier report is carried: it is not known to be
// fixed.
type Why string

// The reasons, in the order of reports.
const (
	Hidden     Why = "hidden"     // another finding hides it
	Unanswered Why = "unanswered" // DNS did not answer, or servers differ
	Off        Why = "off"        // the file turns the check off
	Silenced   Why = "ignored"    // the file ignores it
	Unlisted   Why = "unlisted"   // the file no longer asks for it
	LeftOut    Why = "left-out"   // this run checked only a part of the domains or checks
)

// remembered is how long a finding is carried after the file stops asking for it.
const remembered = 90 * 24 * time.Hour

type reason struct {
	why   Why
	words string
}

var whys = []reason{
	{Hidden, "hidden by another finding"},
	{Unanswered, "not answered"},
	{Off, "the check is off"},
	{Silenced, "ignored by the file"},
	{Unlisted, "no longer in the file"},
	{LeftOut, "not checked in this run"},
}

// jsonBaseline is the part of a jsonReport that a baseline needs. The whole
// report of a large fleet would take far more memory.
type jsonBaseline struct {
	SchemaVersion int `json:"schema_version"`
	Findings      []struct {
		Earlier
		Status finding.Status `json:"status"`
	} `json:"findings"`
	Carried []Earlier `json:"carried"`
}

// ReadBaseline reads a JSON report. It skips inconclusive and ignored findings.
// It trusts nothing: names are parsed, checks looked up, and texts escaped.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	var in jsonBaseline
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return nil, fmt.Errorf("this is not a JSON report of sescheck: %w", err)
	}
	if in.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("this is not a JSON report of schema version %d", SchemaVersion)
	}
	b := &Baseline{findings: map[string]Earlier{}, domains: map[record.Name]bool{}}
	for _, e := range in.Carried {
		b.add(e, true)
	}
	for _, f := range in.Findings {
		if f.Status == finding.Fail {
			b.add(f.Earlier, false)
		}
	}
	return b, nil
}

// add adds an earlier finding, if it is valid.
func (b *Baseline) add(e Earlier, carried bool) {
	if e.clean() {
		e.carried = carried
		b.findings[e.Fingerprint] = e
		b.domains[e.Domain] = true
	}
}

// clean makes a finding of a report safe to print and to compare. It returns
// false if the finding is invalid.
func (e *Earlier) clean() bool {
	name, err := record.ParseName(string(e.Domain))
	of, ours := check.Lookup(e.Check)
	if !ours || err != nil && e.Domain != "" {
		return false
	}
	e.of, e.Severity = of, cmp.Or(e.Severity, of.Severity)
	e.Domain, e.Fingerprint, e.Subject = name, untrusted.Line(e.Fingerprint), clean(e.Subject)
	if q, err := e.Record.question(); err != nil || q.Name == "" {
		e.Record = jsonQuestion{}
	}
	e.Why, e.Behind, e.SESUntil = "", "", nil
	return true
}

// Has reports whether the earlier report had a finding of a domain.
func (b *Baseline) Has(domain record.Name) bool { return b != nil && b.domains[domain] }

// hold marks the findings of r as standing or new, and sorts the rest of the
// baseline into fixed and carried. A nil Baseline does nothing.
func (b *Baseline) hold(r *Report) {
	if b == nil {
		for f := range r.Findings() {
			if f.FirstSeen.IsZero() {
				f.FirstSeen = r.Started
			}
		}
		return
	}
	r.Compared = true
	seen := b.mark(r)
	l := newLooking(r)
	for print, old := range b.findings {
		switch seen[print] {
		case finding.Fail:
			continue
		case finding.Ignored:
			old.Why = Silenced
		case finding.Inconclusive:
			old.Why = Unanswered
		default:
			old.Why, old.Behind = l.at(old)
		}
		if old.sinceUnlisted(r.Started); old.forgotten(r.Started) {
			continue
		}
		if old.Why == "" {
			r.Fixed = append(r.Fixed, old)
			continue
		}
		old.SESUntil = sesUntil(old.of, old.FirstSeen)
		r.Carried = append(r.Carried, old)
	}
	for _, list := range [][]Earlier{r.Fixed, r.Carried} {
		slices.SortFunc(list, func(x, y Earlier) int {
			return cmp.Or(cmp.Compare(x.Domain, y.Domain), cmp.Compare(x.Check, y.Check), cmp.Compare(x.Fingerprint, y.Fingerprint))
		})
	}
}

// sinceUnlisted sets the day since which the file does not ask for a finding.
func (e *Earlier) sinceUnlisted(now time.Time) {
	switch {
	case e.Why != Unlisted && e.Why != LeftOut:
		e.Unlisted = nil
	case e.Why == Unlisted && e.Unlisted == nil:
		e.Unlisted = new(now.UTC().Truncate(24 * time.Hour))
	}
}

// forgotten reports whether the file stopped asking for a finding so long ago
// that it is no longer carried.
func (e *Earlier) forgotten(now time.Time) bool {
	return e.Why == Unlisted && now.Sub(*e.Unlisted) > remembered
}

// mark sets when each finding was first seen, and whether it lasts: a finding
// with a higher severity than before is new. It returns the status of each.
func (b *Baseline) mark(r *Report) (seen map[string]finding.Status) {
	seen = map[string]finding.Status{}
	for f := range r.Findings() {
		print := f.Fingerprint()
		seen[print] = f.Status
		f.FirstSeen, f.Standing = r.Started, false
		if old, ok := b.findings[print]; ok {
			f.Standing = f.Severity <= old.Severity
			if !old.FirstSeen.IsZero() {
				f.FirstSeen = old.FirstSeen
			}
		}
	}
	return seen
}

// looking is what a run decided, to distinguish fixed findings from those it did not
// look at.
type looking struct {
	*Report
	domains map[record.Name]*check.Domain
	shared  []*finding.Check         // decided checks of no part of a domain
	zones   map[record.Question]bool // decided records of zones
	regions []string                 // regions whose identities in SES were compared; "" for all
}

func newLooking(r *Report) *looking {
	l := &looking{Report: r, domains: map[record.Name]*check.Domain{}, zones: map[record.Question]bool{}}
	for i := range r.Domains {
		l.domains[r.Domains[i].Name] = &r.Domains[i]
	}
	for _, at := range r.Looked {
		if at.Record.Name == "" {
			l.regions = append(l.regions, at.Subjects...)
			l.shared = append(l.shared, at.Checks...)
		} else {
			l.zones[at.Record] = true
		}
	}
	return l
}

// at says why an earlier finding that this run does not have may not be fixed; ""
// if it is fixed.
func (l *looking) at(old Earlier) (why Why, behind string) {
	d := l.domains[old.Domain]
	switch {
	case slices.Contains(l.Off, old.Check):
		return Off, ""
	case old.of == check.IgnoreExpired, old.of == check.IgnoreUnused:
		return l.left(slices.Contains(l.shared, old.of)), ""
	case old.of == check.RecordUnclaimed, old.of == check.ZoneNotLive:
		return l.left(l.zones[record.Question{Name: old.Domain, Type: zoneQuestion[old.of]}]), ""
	case d == nil && !old.of.StandsIn && slices.Contains(l.shared, old.of): // ses-identity-unlisted
		return l.left(slices.Contains(l.regions, old.Subject) || slices.Contains(l.regions, "")), ""
	case d == nil && !l.Partial:
		return Unlisted, ""
	case d == nil || d.Looked == nil:
		return LeftOut, ""
	}
	return l.of(d, old)
}

// zoneQuestion is the query type in Looked for a check of a zone.
var zoneQuestion = map[*finding.Check]record.Type{check.RecordUnclaimed: record.SOA, check.ZoneNotLive: record.NS}

// left is the reason for a check of no domain.
func (l *looking) left(looked bool) Why {
	if looked {
		return ""
	}
	return LeftOut
}

// of finds the reason for an earlier finding of a domain of the file.
func (l *looking) of(d *check.Domain, old Earlier) (why Why, behind string) {
	there, decided, listed := false, false, old.Subject == ""
	for i := range d.Looked {
		at := &d.Looked[i]
		if !about(old, at) {
			continue
		}
		there = true
		decided = decided || slices.Contains(at.Checks, old.of) || old.of.StandsIn && slices.Contains(l.shared, old.of)
		listed = listed || at.Subjects == nil || slices.Contains(at.Subjects, old.Subject)
		if by := hiding(at, old.of); by != nil && l.hides(d, by, old) {
			behind = by.ID
		}
	}
	switch {
	case !there && old.of == check.NameserverLame: // the zones' own servers were not queried
		return LeftOut, ""
	case !there && old.of.Part() == wanted.SES && (!slices.Contains(d.Parts, wanted.SES) || slices.Contains(d.Unlooked, wanted.SES)): // --ses does not have it
		return LeftOut, ""
	case !there, old.of.Listed && !listed:
		return Unlisted, ""
	case behind != "":
		return Hidden, behind
	case l.replaced(d, old) != "":
		return Hidden, l.replaced(d, old)
	case decided && !old.of.StandsIn && old.Record != jsonQuestion{}:
		return "", ""
	case isOpen(d, old.of):
		return Unanswered, ""
	case decided:
		return "", ""
	case l.Partial:
		return LeftOut, ""
	}
	return Unlisted, ""
}

// about reports whether a decided record is that of an earlier finding. Lame name
// servers are decided for all zones of the domain together.
func about(old Earlier, at *check.Looked) bool {
	return old.Record == question(at.Record) || old.Record == jsonQuestion{} || old.of == check.NameserverLame && slices.Contains(at.Checks, old.of)
}

// hiding is the check whose finding hides a check at a record. A check that
// stands in for others is hidden if any of them is.
func hiding(at *check.Looked, of *finding.Check) *finding.Check {
	for _, by := range slices.SortedFunc(maps.Keys(at.Skipped), byID) {
		if of.StandsIn || slices.Contains(at.Skipped[by], of) {
			return by
		}
	}
	return nil
}

func byID(a, b *finding.Check) int { return cmp.Compare(a.ID, b.ID) }

// hides reports whether a finding of the check by may hide the earlier one. A
// finding that the earlier report had as well does not.
func (l *looking) hides(d *check.Domain, by *finding.Check, old Earlier) bool {
	beside := false
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Check != by {
			continue
		}
		if !f.Standing || old.carried {
			return true
		}
		beside = true
	}
	return !beside // the file turns it off
}

// replaced is the check of a finding that replaced the earlier one; "" for none.
func (l *looking) replaced(d *check.Domain, old Earlier) string {
	for i := range d.Findings {
		f := &d.Findings[i]
		same := question(f.Record) == old.Record && f.Subject == old.Subject
		if same && f.Check != old.of && f.Status != finding.Inconclusive && (old.of.StandsIn || old.of.ReplacedBy == f.Check) {
			return f.Check.ID
		}
	}
	return ""
}

// isOpen reports whether a failed query leaves a check of a domain open.
func isOpen(d *check.Domain, c *finding.Check) bool {
	return slices.ContainsFunc(d.Findings, func(f finding.Finding) bool {
		return slices.Contains(f.Undecided, c)
	})
}

// carriedLines lists carried findings, a line for each reason.
func (r *Report) carriedLines() (lines []string) {
	for _, w := range whys {
		var all []string
		for _, old := range r.Carried {
			if old.Why == w.why {
				all = append(all, old.named())
			}
		}
		if len(all) > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s", w.words, shorten.List(all, 10)))
		}
	}
	return lines
}

// named describes an earlier finding in a few words.
func (e Earlier) named() string {
	s := e.Check
	if e.Domain != "" {
		s += " of " + string(e.Domain)
	}
	if e.Behind != "" {
		s += " (" + e.Behind + ")"
	}
	return s
}

// patience is how long SES looks for a missing record before its setup must be
// started again (developer guide, "Custom MAIL FROM domain setup states" and
// "Troubleshooting DKIM problems").
const patience = 72 * time.Hour

// sesUntil is the time until SES looks for a missing record; nil for checks
// without a Clock.
func sesUntil(c *finding.Check, firstSeen time.Time) *time.Time {
	if !c.Clock || firstSeen.IsZero() {
		return nil
	}
	return new(firstSeen.Add(patience))
}

// clock says how much time of SES's patience is left for a finding that an
// earlier run has; "" otherwise.
func (r *Report) clock(f *finding.Finding) string {
	if !f.Check.Clock || f.Status != finding.Fail || !f.Standing && !f.FirstSeen.Before(r.Started) {
		return ""
	}
	left := f.FirstSeen.Add(patience).Sub(r.Started)
	since := f.FirstSeen.UTC().Format("2006-01-02 15:04 UTC")
	if left <= 0 {
		return fmt.Sprintf("first seen %s, more than 72 hours ago: SES may have stopped looking. When the record is right again, start its setup in %s again", since, cmp.Or(f.Sender, "SES"))
	}
	return fmt.Sprintf("first seen %s: SES looks for about %d more hours of 72; after that, you must start the setup again", since, int(left.Hours()))
}

// standing counts the findings that would fail the run if an earlier report did
// not have them.
func (r *Report) standing(fs ...*finding.Finding) (n int) {
	for _, f := range fs {
		if f.Standing && f.Status == finding.Fail && r.FailOn > 0 && f.Severity >= r.FailOn {
			n++
		}
	}
	return n
}

// result is a domain's result for people: with standing failures it is not
// "pass".
func (r *Report) result(d *check.Domain) string {
	result := d.Result(r.FailOn)
	for i := range d.Findings {
		if result == finding.Pass && r.standing(&d.Findings[i]) > 0 {
			return "standing"
		}
	}
	return string(result)
}

// age says whether a finding is new, and since when it lasts.
func (r *Report) age(f *finding.Finding) string {
	switch {
	case !r.Compared || f.Status != finding.Fail:
		return ""
	case f.Standing:
		return "first seen " + f.FirstSeen.UTC().Format(time.DateOnly)
	case f.FirstSeen.Before(r.Started):
		return fmt.Sprintf("new: seen since %s, and now %s", f.FirstSeen.UTC().Format(time.DateOnly), article(f.Severity))
	}
	return "new"
}

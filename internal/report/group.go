package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/shorten"
)

// group is findings that are shown as one: they have one cause and one severity.
type group struct {
	findings []*finding.Finding
	line     bool // they have one check and one line of the file instead of one cause
}

// groups groups and ranks the findings, without ignored ones.
func (r *Report) groups() []group {
	var all []*finding.Finding
	for f := range r.Findings() {
		if f.Status != finding.Ignored {
			all = append(all, f)
		}
	}
	groups := groupsOf(all)
	rank(groups)
	return groups
}

// groupsOf groups findings with the same cause, and findings that say the same
// about several records of a line of the file, such as the three tokens of an
// identity.
func groupsOf(fs []*finding.Finding) (all []group) {
	type one struct {
		kind
		alike alike
	}
	at := map[one]int{}
	for _, f := range fs {
		k := one{kind: kind{cause: f.Cause, weight: weight(f)}}
		if f.Cause == "" {
			k.alike = alikeOf(f)
		}
		i, ok := at[k]
		if !ok {
			i = len(all)
			at[k] = i
			all = append(all, group{})
		}
		all[i].findings = append(all[i].findings, f)
		all[i].line = f.Cause == "" && len(all[i].findings) > 1
	}
	return all
}

// alike is the common part of findings that say the same about several records.
type alike struct {
	check  *finding.Check
	domain record.Name
	place  config.Place
	origin finding.Origin
	says   string // the message with a star for the record
	alone  record.Question
}

// alikeOf returns the common part of a finding. A finding without a place, or
// whose message does not name its record, is not grouped.
func alikeOf(f *finding.Finding) alike {
	a := alike{check: f.Check, domain: f.Domain, place: f.Place, origin: f.Origin}
	a.place.Column = 0 // items of one line
	a.says = strings.ReplaceAll(f.Message, string(f.Record.Name), "*")
	if a.says == f.Message || f.Place.Line == 0 {
		a.alone, a.says = f.Record, f.Message+f.Subject
	}
	return a
}

// weight ranks findings: errors, inconclusive ones, warnings, notes; in each, new
// ones before standing ones.
func weight(f *finding.Finding) int {
	w := int(f.Severity) * 2
	if f.Status == finding.Inconclusive {
		w = int(finding.Error)*2 - 1
	}
	w *= 2
	if !f.Standing {
		w++
	}
	return w
}

// kind is a set of groups with the same check and status. A cause of several
// findings is a kind of its own.
type kind struct {
	cause  string         // of several findings
	check  *finding.Check // otherwise
	weight int
}

func (g group) kind() kind {
	f := g.findings[0]
	if len(g.findings) > 1 && !g.line {
		return kind{cause: f.Cause, weight: weight(f)}
	}
	return kind{check: f.Check, weight: weight(f)}
}

// maxAnnotations is how many annotations of one severity the runner takes of a step.
// It drops more silently (actions/runner, ExecutionContext.cs).
const maxAnnotations = 10

// rank sorts groups: the worst first, then the causes of many findings. If each
// kind has several groups, the first of every kind comes before the second of
// any, the largest kind first. So the five biggest causes are the first five,
// even if one check has a cause for each of hundreds of domains.
func rank(all []group) {
	slices.SortStableFunc(all, func(a, b group) int {
		return cmp.Or(cmp.Compare(weight(b.findings[0]), weight(a.findings[0])), cmp.Compare(len(b.findings), len(a.findings)))
	})
	for i := 0; i < len(all); {
		w := weight(all[i].findings[0])
		end := i + 1
		for end < len(all) && weight(all[end].findings[0]) == w {
			end++
		}
		if end-i > maxAnnotations {
			rankKinds(all[i:end])
		}
		i = end
	}
}

func rankKinds(all []group) {
	size := map[kind]int{}
	for _, g := range all {
		size[g.kind()] += len(g.findings)
	}
	first := map[*finding.Finding]int{}
	for _, g := range all {
		k := g.kind()
		first[g.findings[0]], size[k] = size[k], 0
	}
	slices.SortStableFunc(all, func(a, b group) int {
		return cmp.Compare(first[b.findings[0]], first[a.findings[0]])
	})
}

// byLine merges single findings of one check at one line of the file, such as the
// three tokens of a DKIM list.
func byLine(all []group) []group {
	type line struct {
		check  *finding.Check
		file   string
		line   int
		domain record.Name
	}
	var out []group
	seen := map[line]int{}
	for _, g := range all {
		f := g.findings[0]
		at := pointed(f)
		if len(g.findings) > 1 || at.Line == 0 {
			out = append(out, g)
			continue
		}
		l := line{f.Check, at.File, at.Line, f.Domain}
		if i, ok := seen[l]; ok {
			out[i].findings = append(out[i].findings, f)
			out[i].line = true
			continue
		}
		seen[l] = len(out)
		out = append(out, group{findings: []*finding.Finding{f}})
	}
	return out
}

// tally counts the findings of groups by check, the most first.
func tally(all []group) string {
	n := map[*finding.Check]int{}
	var found []*finding.Check
	for _, g := range all {
		c := g.findings[0].Check
		if n[c] == 0 {
			found = append(found, c)
		}
		n[c] += len(g.findings)
	}
	slices.SortStableFunc(found, func(a, b *finding.Check) int { return cmp.Compare(n[b], n[a]) })
	counts := make([]string, len(found))
	for i, c := range found {
		counts[i] = fmt.Sprintf("%d %s", n[c], c)
	}
	return shorten.List(counts, 10)
}

// size is the number of findings in groups.
func size(all []group) (n int) {
	for _, g := range all {
		n += len(g.findings)
	}
	return n
}

// domains are the names of a group's domains, each once. Findings about the file
// have none.
func (g group) domains() []string {
	var names []string
	seen := map[record.Name]bool{}
	for _, f := range g.findings {
		if f.Domain != "" && !seen[f.Domain] {
			seen[f.Domain] = true
			names = append(names, string(f.Domain))
		}
	}
	return names
}

// open are the checks that a group's findings leave undecided.
func (g group) open() []*finding.Check {
	return collect(g, func(f *finding.Finding) []*finding.Check { return f.Undecided })
}

// sides are the expected and actual values, unless the steps of the group show
// both.
func (g group) sides() (expected, actual []string) {
	f := g.findings[0]
	if g.line && len(g.steps(mostSteps)) > 0 {
		return nil, nil
	}
	return f.Expected, f.Actual
}

// mostSteps bounds the steps of one cause.
const mostSteps = 50

// collect returns values of a group's findings, each once.
func collect[T comparable](g group, says func(*finding.Finding) []T) (all []T) {
	for _, f := range g.findings {
		for _, s := range says(f) {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// records are the records of a group's findings, each once.
func (g group) records() []string {
	var all []string
	seen := map[record.Question]bool{}
	for _, f := range g.findings {
		if f.Record.Name != "" && !seen[f.Record] {
			seen[f.Record] = true
			all = append(all, f.Record.String())
		}
	}
	return all
}

// news says what is new against an earlier report and for a pull request, a line
// each.
func (r *Report) news() (lines []string) {
	fresh, standing, unchanged, open := 0, 0, 0, 0
	for f := range r.Findings() {
		switch f.Silence.Kind {
		case finding.Unchanged:
			unchanged++
		case finding.UnchangedOpen:
			open++
		}
		switch {
		case f.Status != finding.Fail:
		case f.Standing:
			standing++
		default:
			fresh++
		}
	}
	if r.Compared {
		carried := ""
		if n := len(r.Carried); n > 0 {
			carried = fmt.Sprintf(", %d carried (not known to be fixed)", n)
		}
		lines = append(lines, fmt.Sprintf("Since the baseline: %d new, %d standing, %d fixed%s.", fresh, standing, len(r.Fixed), carried))
	}
	if unchanged > 0 {
		lines = append(lines, fmt.Sprintf("%s in domains that this change does not affect: only warnings.", shorten.Count(unchanged, "finding")))
	}
	if open > 0 {
		lines = append(lines, fmt.Sprintf("%d inconclusive in domains that this change does not affect: these fail nothing.", open))
	}
	return lines
}

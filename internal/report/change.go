package report

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
)

// step is one action at a DNS provider: remove a record, add one, or replace one.
type step struct {
	remove, add string // lines of a zone file; one of them may be ""
}

// steps orders a change: removals, then replacements, then additions. At each
// name and type, the last removal and the first addition become one replacement.
func steps(c finding.Change) []step {
	var removes, replaces []step
	left, first := map[[2]string]int{}, map[[2]string]int{}
	for _, l := range c.Remove {
		left[set(l)]++
	}
	for i, l := range slices.Backward(c.Add) {
		first[set(l)] = i
	}
	replaced := map[int]bool{}
	for _, old := range c.Remove {
		of := set(old)
		left[of]--
		if at, ok := first[of]; ok && left[of] == 0 {
			replaces = append(replaces, step{old, c.Add[at]})
			replaced[at] = true
		} else {
			removes = append(removes, step{remove: old})
		}
	}
	all := append(removes, replaces...)
	for i, l := range c.Add {
		if !replaced[i] {
			all = append(all, step{add: l})
		}
	}
	return all
}

// set is the RRset that a line of a zone file belongs to: its owner and type.
func set(line string) [2]string {
	if f := strings.SplitN(line, " ", 5); len(f) > 3 {
		return [2]string{f[0], f[3]}
	}
	return [2]string{line}
}

// labelled is a line with its action.
type labelled struct{ label, line string }

// instructions are steps for people, a label and a record each.
func instructions(all []step) (lines []labelled) {
	for _, s := range all {
		switch {
		case s.add == "":
			lines = append(lines, labelled{"remove", s.remove})
		case s.remove == "":
			lines = append(lines, labelled{"add", s.add})
		default:
			lines = append(lines, labelled{"replace", s.remove}, labelled{"by", s.add})
		}
	}
	return lines
}

// block is lines under one label.
type block struct {
	label string
	lines []string
}

// blocks groups consecutive lines with the same label.
func blocks(all []step) (out []block) {
	for _, l := range instructions(all) {
		if n := len(out); n == 0 || out[n-1].label != l.label {
			out = append(out, block{label: l.label})
		}
		last := &out[len(out)-1]
		last.lines = append(last.lines, l.line)
	}
	return out
}

// howToFix is the advice for a group whose steps are shown; if it has too many of
// them to be shown, how to print them.
func (g group) howToFix(shown []step) string {
	f := g.findings[0]
	if s := howToFix(f); s != "" || len(shown) > 0 || f.Change.Empty() {
		return s
	}
	return "These are too many records to show here. Run `sescheck records --merge --only-missing` with the same files, --zones and --resolver to print the records to publish; the JSON report has the change of each finding."
}

// steps are those of a group's findings, each once. Beyond most it returns none:
// a report is no place for so many.
func (g group) steps(most int) (all []step) {
	seen := map[step]bool{}
	for _, f := range g.findings {
		for _, s := range steps(f.Change) {
			if !seen[s] {
				seen[s] = true
				all = append(all, s)
			}
		}
		if len(all) > most {
			return nil
		}
	}
	return all
}

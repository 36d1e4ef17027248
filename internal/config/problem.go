package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Problem is a mistake in a file, with its place and its cure.
type Problem struct {
	File    string
	Line    int // from 1; 0 if the problem has no line
	Column  int // in characters, from 1; 0 if only the line is known
	Message string
}

// String returns the problem as `file:line:col: message`. It is safe to print
// on a line of its own for any file name.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(untrusted.Line(p.File))
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
		if p.Column > 0 {
			fmt.Fprintf(&b, ":%d", p.Column)
		}
	}
	b.WriteString(": ")
	b.WriteString(p.Message)
	s := b.String()
	if t := strings.TrimLeft(s, " "); strings.HasPrefix(t, "::") {
		return `\x3a` + t[1:] // a file called ":" would begin a workflow command
	}
	return s
}

// problems collects the problems of one file.
type problems struct {
	name     string // of the file
	list     []Problem
	more     int // beyond maxProblems
	reported map[report]bool
}

// report is a message about a node. A node that an alias or defaults bring to many
// places is wrong in all of them, and reported at the first.
type report struct {
	node   *yaml.Node
	format string // "" if nothing more is to be said of it
}

func (ps *problems) problem(at Place, format string, args ...any) {
	if ps.full() {
		ps.more++
		return
	}
	ps.list = append(ps.list, Problem{ps.name, at.Line, at.Column, fmt.Sprintf(format, args...)})
}

// untold reports whether a message about a node is new.
func (ps *problems) untold(n *yaml.Node, format string) bool {
	what := report{n, format}
	if ps.reported[what] || ps.reported[report{n, ""}] {
		return false
	}
	if ps.reported == nil {
		ps.reported = map[report]bool{}
	}
	if !ps.full() {
		ps.reported[what] = true
	}
	return true
}

// bad reports a problem of a value, and where it is written if that is elsewhere.
func (r *reader) bad(v value, format string, args ...any) {
	if !r.untold(v.node, format) {
		return
	}
	at := r.place(v)
	if v.node.Line != at.Line {
		format, args = format+" (this is from line %d)", append(args, v.node.Line)
	}
	r.problem(at, format, args...)
}

// badKey reports a problem of a key.
func (r *reader) badKey(p pair, format string, args ...any) {
	if r.untold(p.value.node, format) {
		r.problem(p.at, format, args...)
	}
}

// lineOf names a place for a message about another one.
func (ps *problems) lineOf(at Place) string {
	if at.File == ps.name {
		return fmt.Sprintf("line %d", at.Line)
	}
	return fmt.Sprintf("%s line %d", quote(at.File), at.Line)
}

func (ps *problems) count() int { return len(ps.list) + ps.more }

// full reports whether no more problems are reported: the meant key need not be
// found then.
func (ps *problems) full() bool { return len(ps.list) >= maxProblems }

// sorted returns the problems in the order of the file.
func (ps *problems) sorted() []Problem {
	slices.SortStableFunc(ps.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if ps.more > 0 {
		ps.list = append(ps.list, Problem{File: ps.name, Message: fmt.Sprintf("and %d more problems", ps.more)})
	}
	return ps.list
}

// quote makes a word of the file fit for a message.
func quote(s string) string { return yamltext.Quote(s) }

package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// file is a Go file with the mutants that can be made of it.
type file struct {
	path, pkg string
	text      string
	fset      *token.FileSet
	mutants   []*mutant
}

// mutant is one change. It is written around the code that it is about, so that
// several can be in a file, one within another.
type mutant struct {
	id         int
	file       string
	line, last int    // the last one of the function that it is in
	what       string // the kind of change
	text       string // the code that it is about
	start, end int    // where that is
	before     string // what is put before it, with id for the id
	behind     string
	op         int    // where an operator is put in place of another; 0 for nowhere
	opText     string // it
	opWas      string
}

// candidates reads the package in a folder, as it is built here, without tests.
func candidates(dir string, only *regexp.Regexp) (files []*file, err error) {
	p, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	for _, name := range p.GoFiles {
		f := &file{path: filepath.Join(dir, name), pkg: p.Name, fset: token.NewFileSet()}
		text, err := os.ReadFile(f.path)
		if err != nil {
			return nil, err
		}
		f.text = string(text)
		if only.MatchString(name) {
			tree, err := parser.ParseFile(f.fset, f.path, text, 0)
			if err != nil {
				return nil, err
			}
			for _, d := range tree.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
					f.function(fn)
				}
			}
		}
		files = append(files, f)
	}
	return files, nil
}

// function finds the mutants of a function.
func (f *file) function(fn *ast.FuncDecl) {
	last := f.fset.Position(fn.End()).Line
	add := func(n ast.Node, m mutant) {
		m.file, m.last = f.path, last
		at := f.fset.Position(n.Pos())
		m.line, m.start, m.end = at.Line, at.Offset, f.fset.Position(n.End()).Offset
		m.text, _, _ = strings.Cut(f.text[m.start:m.end], "\n")
		f.mutants = append(f.mutants, &m)
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			add(n.Cond, negated)
			f.drops(n.Body.List, add)
			if b, ok := n.Else.(*ast.BlockStmt); ok {
				f.drops(b.List, add)
			}
		case *ast.ForStmt:
			if n.Cond != nil {
				add(n.Cond, negated)
			}
			f.drops(n.Body.List, add)
		case *ast.RangeStmt:
			f.drops(n.Body.List, add)
		case *ast.SwitchStmt:
			f.cases(n, add)
		case *ast.TypeSwitchStmt:
			for _, c := range n.Body.List {
				f.drops(c.(*ast.CaseClause).Body, add)
			}
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				if b, ok := e.(*ast.BinaryExpr); ok && isCondition(b.Op) {
					add(e, negated)
				} else if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.NOT {
					add(e, negated)
				}
			}
		case *ast.AssignStmt:
			if n.Tok == token.ASSIGN && isAppend(n) {
				add(n, dropped("append"))
			}
		case *ast.BinaryExpr:
			f.binary(n, add)
		case *ast.CallExpr:
			f.call(n, add)
		}
		return true
	})
}

// id is where the id of a mutant is put.
const id = "\x00"

var negated = mutant{what: "negated", before: "(mutates(" + id + ") != (", behind: "))"}

func dropped(what string) mutant {
	return mutant{what: what + " dropped", before: "if !mutates(" + id + ") { ", behind: " }"}
}

func isCondition(op token.Token) bool {
	return slices.Contains([]token.Token{token.LAND, token.LOR, token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ}, op)
}

// isAppend reports whether an assignment appends to what it assigns to.
func isAppend(n *ast.AssignStmt) bool {
	call, ok := n.Rhs[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, ok := call.Fun.(*ast.Ident)
	return ok && fn.Name == "append"
}

// drops drops the jumps of a block within a function.
func (f *file) drops(list []ast.Stmt, add func(ast.Node, mutant)) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ReturnStmt:
			add(s, dropped("return"))
		case *ast.BranchStmt:
			if s.Tok == token.BREAK || s.Tok == token.CONTINUE {
				add(s, dropped(s.Tok.String()))
			}
		}
	}
}

// cases mutates what a switch decides by: its conditions, or the texts that it
// compares with.
func (f *file) cases(n *ast.SwitchStmt, add func(ast.Node, mutant)) {
	for _, s := range n.Body.List {
		c := s.(*ast.CaseClause)
		f.drops(c.Body, add)
		for _, e := range c.List {
			if n.Tag == nil {
				add(e, negated)
			} else if isText(e) {
				add(e, mutant{what: "emptied", before: "mutantText(" + id + ", " + f.source(n.Tag) + ", ", behind: ")"})
			}
		}
	}
}

// near are the operators that a comparison or a condition is mutated to.
var near = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND,
}

func (f *file) binary(n *ast.BinaryExpr, add func(ast.Node, mutant)) {
	a, b := f.source(n.X), f.source(n.Y)
	op, mutates := near[n.Op]
	other := fmt.Sprintf("((%s) %s (%s))", a, op, b)
	what := fmt.Sprintf("%s is %s", n.Op, op)
	switch {
	case mutates:
		add(n, mutant{what: what, before: "(mutates(" + id + ") && " + other + " || !mutates(" + id + ") && (", behind: "))"})
	case n.Op == token.EQL || n.Op == token.NEQ:
		for _, e := range []ast.Expr{n.X, n.Y} {
			if isText(e) && f.source(e) != `""` {
				emptied := strings.Replace(f.source(n), f.source(e), `""`, 1)
				add(n, mutant{what: "emptied " + f.source(e), before: "(mutates(" + id + ") && (" + emptied + ") || !mutates(" + id + ") && (", behind: "))"})
			}
		}
	case (n.Op == token.ADD || n.Op == token.SUB) && (isNumber(n.X) || isNumber(n.Y)):
		name, to := "mutantSum", token.SUB
		if n.Op == token.SUB {
			name, to = "mutantDifference", token.ADD
		}
		m := mutant{what: fmt.Sprintf("%s is %s", n.Op, to), before: name + "(" + id + ", ", behind: ")"}
		m.op, m.opText, m.opWas = f.fset.Position(n.OpPos).Offset, ",", n.Op.String()
		add(n, m)
	}
}

// call empties the texts that functions of package strings decide by.
func (f *file) call(n *ast.CallExpr, add func(ast.Node, mutant)) {
	fn, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	pkg, ok := fn.X.(*ast.Ident)
	if !ok || pkg.Name != "strings" || strings.HasPrefix(fn.Sel.Name, "New") || fn.Sel.Name == "Join" {
		return
	}
	for _, e := range n.Args {
		if isText(e) && f.source(e) != `""` {
			add(e, mutant{what: "emptied", before: "mutantText(" + id + `, "", `, behind: ")"})
		}
	}
}

func isText(e ast.Expr) bool {
	l, ok := e.(*ast.BasicLit)
	return ok && l.Kind == token.STRING
}

func isNumber(e ast.Expr) bool {
	l, ok := e.(*ast.BasicLit)
	return ok && l.Kind == token.INT
}

func (f *file) source(n ast.Node) string {
	return f.text[f.fset.Position(n.Pos()).Offset:f.fset.Position(n.End()).Offset]
}

// edit is text that is put into a file.
type edit struct {
	at, skip int
	text     string
	rank     []int // order at one place
}

// with is the file with the mutants of it that are chosen. Lines stay where they
// are.
func (f *file) with(chosen []*mutant) string {
	var edits []edit
	for i, m := range chosen {
		if m.file != f.path {
			continue
		}
		// Behind what ends at a place comes what begins there; the outer one of two
		// begins first and ends last.
		edits = append(edits,
			edit{at: m.start, text: strings.NewReplacer(id, strconv.Itoa(m.id), "\n", " ").Replace(m.before), rank: []int{1, -m.end, i}},
			edit{at: m.end, text: m.behind, rank: []int{0, -m.start, -i}})
		if m.op > 0 {
			edits = append(edits, edit{at: m.op, skip: len(m.opWas), text: m.opText, rank: []int{2}})
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.at, b.at), slices.Compare(a.rank, b.rank))
	})
	var out strings.Builder
	last := 0
	for _, e := range edits {
		out.WriteString(f.text[last:e.at])
		out.WriteString(e.text)
		last = e.at + e.skip
	}
	out.WriteString(f.text[last:])
	return out.String()
}

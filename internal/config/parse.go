package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
)

// Parse reads one file and reports all that is wrong with it, in the order of its
// lines. With problems the File is not to be used.
func Parse(name string, data []byte) (*File, []Problem) {
	l := newLoading()
	l.add(name, data)
	return l.finish()
}

// reader reads one file. A key that it does not know is a problem, so that no part
// of a file is silently ignored.
type reader struct {
	problems
	text      *yamltext.Text
	all       *loading
	file      *File                  // of the files so far
	seen      map[record.Name]Place  // their domains
	targets   map[string]record.Name // of includes, each once: they repeat in thousands of domains
	words     map[string]string      // each once: they repeat in thousands of domains
	defaults  fields
	strayed   bool // the last key among the domains was none
	overspent bool
	overlong  bool // so are the globs of ignore
}

func newReader(name string, data []byte, all *loading) *reader {
	return &reader{
		problems: problems{name: name},
		text:     yamltext.New(data),
		all:      all,
		file:     all.file,
		seen:     all.seen,
		targets:  map[string]record.Name{},
		words:    map[string]string{},
	}
}

// intern keeps one copy of a word that many domains have.
func (r *reader) intern(s string) string {
	if t, ok := r.words[s]; ok {
		return t
	}
	r.words[s] = s
	return s
}

// read reads the file, in pieces if it is large and of a shape that allows it.
func (r *reader) read() {
	if len(r.text.Data) > MaxFileSize {
		r.problem(Place{}, "the file is larger than %d MiB; split it", MaxFileSize>>20)
		return
	}
	if at, what := r.text.Unreadable(); what != "" {
		r.problem(placeAt(at), "%s", what)
		return
	}
	if len(r.text.Data) < splitSize || !r.readPieces(pieceSize) {
		r.readWhole()
	}
}

func (r *reader) readWhole() {
	if root := r.decode(r.text.Data); root != nil {
		r.top(root, func(p pair) { r.domains(p.value) })
	}
}

// top reads the root of the file; domains reads the value of that key. Defaults
// are read first, wherever they are.
func (r *reader) top(root *yaml.Node, domains func(pair)) {
	v := value{node: root, next: r.text.End()}
	switch {
	case v.list():
		r.wrong(v, "the file", "version: 1 and domains:")
		return
	case !ours(root):
		r.problem(r.place(v), "%s", notOurs)
		return
	}
	f := r.fields(v, topLevel)
	for _, p := range f {
		if slices.Contains(domainLevel.keys, p.key) {
			r.defaults = append(r.defaults, p) // it is at the wrong place; do not ask for it as well
		}
	}
	if p, ok := f.get("version"); ok {
		if s, ok := r.word(p.value, "version", "1"); ok && s != "1" {
			r.bad(p.value, "version is %s, but this sescheck reads version 1; write version: 1", quote(s))
		}
	} else if f.lacks("version") {
		r.bad(v, "version is missing; begin the file with version: 1")
	}
	if p, ok := f.get("defaults"); ok {
		r.readDefaults(p.value)
	}
	if p, ok := f.get("domains"); ok {
		domains(p)
	}
	if p, ok := f.get("checks"); ok {
		r.checks(p.value)
	}
	if p, ok := f.get("ignore"); ok {
		r.ignores(p.value)
	}
}

// notOurs is said of a file that seems to be another one. Its words are not
// repeated: a path or link may lead to a file with secrets in it.
const notOurs = "this is not a sescheck file; that begins with version: 1 and domains:"

// ours reports whether the file has a key that belongs to the top of one, or to a
// domain, or that is a domain.
func ours(root *yaml.Node) bool {
	if root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i < len(root.Content); i += 2 {
		key := root.Content[i]
		if key.Kind != yaml.ScalarNode || i > 2*maxProblems {
			continue
		}
		if near, _ := nearest(fold(key.Value), topLevel.keys); near != "" {
			return true
		}
		if _, err := DomainName(key.Value); err == nil || slices.Contains(domainLevel.keys, fold(key.Value)) {
			return true
		}
	}
	return len(root.Content) == 0
}

// oursAt finds a key of the top of a file where the file cannot be read as YAML.
var oursAt = regexp.MustCompile(`(?m)^[{ ]*["']?(?:` + strings.Join(topLevel.keys, "|") + `)["']?[ \t]*:`)

// syntax reports an error of yaml.v3.
func (r *reader) syntax(err error) {
	at, what := r.text.Explain(err)
	if line, bad := r.text.BadAlias(err); bad && !oursAt.Match(r.text.Data) {
		at, what = line, notOurs
	}
	r.problem(placeAt(at), "%s", what)
}

func placeAt(p yamltext.Position) Place { return Place{Line: p.Line, Column: p.Column} }

const emptyFile = "the file is empty; it needs at least version: 1 and a domain under domains:"

// decode returns the root of the only document, or nil if it cannot be read.
func (r *reader) decode(data []byte) *yaml.Node {
	if !yamltext.Bounded(data) {
		r.problem(Place{}, "the file has more than %d values; split it", yamltext.MaxValues)
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := yamltext.Decode(d, &doc); {
	case errors.Is(err, io.EOF):
		r.problem(Place{Line: 1, Column: 1}, emptyFile)
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	root := doc.Content[0]
	switch err := yamltext.Decode(d, &second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(err)
	default:
		r.problem(Place{Line: second.Line, Column: second.Column}, "a second YAML document begins here; put it into its own file, or join the two")
	}
	if (value{node: root}).null() {
		r.problem(Place{Line: 1, Column: 1}, emptyFile)
		return nil
	}
	return root
}

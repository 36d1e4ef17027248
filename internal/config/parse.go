package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Parse reads one file and tells everything that is wrong with it, in the
// order of its lines. With problems the File is not to be used.
func Parse(name string, data []byte) (*File, []Problem) {
	p := &parser{file: name}
	f := p.parse(data)
	slices.SortStableFunc(p.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	p.problems = slices.Compact(p.problems)
	if n := len(p.problems); n > MaxProblems {
		last := p.problems[MaxProblems]
		last.Message = fmt.Sprintf("and %d more problems from here on", n-MaxProblems)
		p.problems = append(p.problems[:MaxProblems], last)
	}
	return f, p.problems
}

func (p *parser) parse(data []byte) *File {
	f := &File{Checks: map[string]At[Level]{}}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > MaxFile {
		p.at(1, 0, "the file is larger than %d MiB", MaxFile>>20)
		return f
	}
	if !utf8.Valid(data) {
		p.at(lineOf(data, invalidUTF8(data)), 0, "the file is not UTF-8")
		return f
	}
	var doc yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		p.at(1, 0, "the file is empty; a smallest one has version: 1 and a domain under domains")
		return f
	case err != nil:
		p.syntax(data, err)
		return f
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		p.second(data, err)
		return f
	}
	p.top(doc.Content[0], f)
	return f
}

// at notes a problem at a line of the text.
func (p *parser) at(line, column int, format string, args ...any) {
	p.problems = append(p.problems, Problem{p.file, line, column, fmt.Sprintf(format, args...)})
}

func (p *parser) second(data []byte, err error) {
	if err != nil {
		p.syntax(data, err)
		return
	}
	line := 0
	for i, l := range strings.Split(string(data), "\n") {
		if i > 0 && strings.HasPrefix(l, "---") {
			line = i + 1
		}
	}
	p.at(max(line, 1), 1, "a second YAML document begins; put everything into one, or into files of their own")
}

// top reads the file itself. Domains come last, so that the defaults are known.
func (p *parser) top(n *yaml.Node, f *File) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		p.at(1, 0, "the file is empty; a smallest one has version: 1 and a domain under domains")
		return
	}
	var version, domains *entry
	var defaults []entry
	p.fields(n, "the file", map[string]reader{
		"version":  func(e entry) { version = &e; p.version(e) },
		"defaults": func(e entry) { defaults = p.defaults(e) },
		"domains":  func(e entry) { domains = &e },
		"checks":   func(e entry) { p.checks(e, f) },
		"ignore":   func(e entry) { p.ignores(e, f) },
	})
	if n.Kind != yaml.MappingNode {
		return
	}
	if version == nil && !p.told("version") {
		p.bad(n, "version is missing; begin the file with version: 1")
	}
	switch {
	case domains != nil:
		p.domains(*domains, defaults, f)
	case !p.told("domains"):
		p.bad(n, "domains is missing; list at least one domain under it")
	}
}

// told reports whether a top-level key that is missing was told already: as
// empty, or as a misspelt one.
func (p *parser) told(key string) bool {
	return slices.ContainsFunc(p.problems, func(x Problem) bool {
		return strings.HasPrefix(x.Message, key+" is empty") || strings.HasSuffix(x.Message, "(did you mean "+key+"?)")
	})
}

func (p *parser) version(e entry) {
	if v, ok := p.text(e); ok && v.Value != "1" {
		p.bad(e.value, "version %s: this release reads version 1", untrusted.Quote(v.Value))
	}
}

// defaults returns the entries of the defaults if nothing is wrong with them.
// They are read again for each domain.
func (p *parser) defaults(e entry) []entry {
	before := len(p.problems)
	d := Domain{Name: anyDomain}
	readers := p.domainReaders(&d)
	var id Identity
	for k, r := range p.identityReaders(anyDomain, &id) {
		readers[k] = r
	}
	all := p.entries(e.value, "defaults")
	p.read(all, "defaults", readers)
	if len(p.problems) > before {
		return nil
	}
	return all
}

func (p *parser) domains(e entry, defaults []entry, f *File) {
	m := p.deref(e.value)
	if m.Kind == yaml.SequenceNode {
		p.bad(e.value, "domains takes keys and values, not a list: write `example.com:` and its keys below it")
		return
	}
	all := p.entries(e.value, "domains")
	m.Content = nil // the entries hold what is still needed
	switch {
	case m.Kind != yaml.MappingNode:
		return
	case len(all) == 0:
		p.bad(e.key, "there are no domains; list at least one")
		return
	case len(all) > MaxDomains:
		p.bad(e.key, "%d domains are more than one file may have, which is %d; use several files", len(all), MaxDomains)
		return
	}
	f.Domains = make([]Domain, 0, len(all))
	lines := make(map[record.Name]int, len(all))
	for i, d := range all {
		all[i] = entry{} // let the nodes go as they are read
		name, err := domainName(d.key.Value)
		if err != nil {
			p.bad(d.key, "%s", err)
			continue
		}
		if line, ok := lines[name]; ok {
			p.bad(d.key, "domain %s stands twice, first in line %d", name, line)
			continue
		}
		lines[name] = d.key.Line
		f.Domains = append(f.Domains, p.domain(name, d.key, d.value, defaults))
	}
}

func (p *parser) checks(e entry, f *File) {
	for _, c := range p.entries(e.value, "checks") {
		if w, ok := p.word(c, string(LevelError), string(LevelWarning), string(LevelNote), string(LevelOff)); ok {
			f.Checks[c.key.Value] = At[Level]{Level(w.Value), w.Place}
		}
	}
}

func (p *parser) ignores(e entry, f *File) {
	list := p.deref(e.value)
	if list.Kind != yaml.SequenceNode {
		p.bad(e.value, "ignore takes a list; each item has a check and a reason")
		return
	}
	if len(list.Content) > MaxItems*10 {
		p.bad(e.key, "ignore has %d items; at most %d are read", len(list.Content), MaxItems*10)
		return
	}
	for _, n := range list.Content {
		f.Ignores = append(f.Ignores, p.ignore(n))
	}
}

func (p *parser) ignore(n *yaml.Node) Ignore {
	at := p.place(n)
	at.EndLine = lastLine(n)
	ig := Ignore{Place: at, Domain: At[string]{"*", at}, Record: At[string]{"*", at}}
	pattern := func(to *At[string]) reader {
		return func(e entry) {
			v, ok := p.text(e)
			if ok && !doublestar.ValidatePattern(v.Value) {
				p.bad(e.value, "%s: %s is no pattern; * stands for any characters", e.key.Value, untrusted.Quote(v.Value))
			}
			*to = v
		}
	}
	p.fields(n, "an item of ignore", map[string]reader{
		"check":  pattern(&ig.Check),
		"domain": pattern(&ig.Domain),
		"record": pattern(&ig.Record),
		"reason": func(e entry) { ig.Reason, _ = p.text(e) },
		"owner": func(e entry) {
			if v, ok := p.text(e); ok {
				ig.Owner = v.Value
			}
		},
		"until": func(e entry) {
			if t, ok := p.date(e); ok {
				ig.Until = &t
			}
		},
	})
	if ig.Check.Value == "" {
		p.bad(n, "an item of ignore needs a check, such as check: dkim-not-cname")
	}
	if strings.TrimSpace(ig.Reason.Value) == "" {
		p.bad(n, "an item of ignore needs a reason")
	}
	return ig
}

// UnknownChecks tells the checks of a file that there are none of.
func UnknownChecks(f *File, ids []string) (problems []Problem) {
	tell := func(at Place, id, where string) {
		hint := "; `sescheck explain` lists them"
		if near := nearest(id, ids); near != "" {
			hint = " (did you mean " + near + "?)"
		}
		problems = append(problems, Problem{at.File, at.Line, at.Column, fmt.Sprintf("unknown check %s in %s%s", untrusted.Quote(id), where, hint)})
	}
	for id, at := range f.Checks {
		if !slices.Contains(ids, id) {
			tell(at.Place, id, "checks")
		}
	}
	for _, ig := range f.Ignores {
		if !slices.ContainsFunc(ids, func(id string) bool { ok, _ := doublestar.Match(ig.Check.Value, id); return ok }) {
			tell(ig.Check.Place, ig.Check.Value, "ignore")
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	return problems
}

var yamlError = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line (\d+): )?(.*)$`)

// syntax tells an error of the YAML parser, in people's words and at the line
// where the mistake is: for what is never closed, yaml.v3 names the first line.
func (p *parser) syntax(data []byte, err error) {
	m := yamlError.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	line, what := 0, err.Error()
	if m != nil {
		line, _ = strconv.Atoi(m[1])
		what = m[2]
	}
	if l, c, open := unclosed(data); open != "" {
		p.at(l, c, "%s is never closed", open)
		return
	}
	line = max(line, 1)
	column := 0
	switch {
	case strings.Contains(what, "cannot start any token") && tabbed(data, &line, &column):
		what = "a tab indents this line; YAML takes blanks only"
	case strings.Contains(what, "mapping values are not allowed"):
		what = "a colon too many: put a text that holds `: ` into quotes, or check the indentation"
	case strings.Contains(what, "did not find expected key"), strings.Contains(what, "could not find expected ':'"):
		what = "a key with its colon was expected about here; check the indentation of this line and the one before"
	case strings.Contains(what, "did not find expected '-' indicator"):
		what = "an item of the list was expected about here; check the indentation"
	case strings.Contains(what, "unknown anchor"):
		what = "an alias (*name) without its anchor (&name)"
	case strings.Contains(what, "control characters are not allowed"):
		what = "a control character is in the file"
		line = lineOf(data, bytes.IndexFunc(data, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' }))
	default:
		what = "this is no YAML: " + untrusted.Line(what)
	}
	p.at(line, column, "%s", what)
}

// tabbed finds the first line that a tab indents.
func tabbed(data []byte, line, column *int) bool {
	for i, l := range bytes.Split(data, []byte("\n")) {
		lead := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]
		if at := bytes.IndexByte(lead, '\t'); at >= 0 && len(lead) < len(l) {
			*line, *column = i+1, at+1
			return true
		}
	}
	return false
}

// unclosed finds a bracket, brace or quote that is opened in a value and never
// closed. It reads flow style only; block scalars and comments are left out.
func unclosed(data []byte) (line, column int, what string) {
	type opening struct {
		c         byte
		line, col int
	}
	var open []opening
	for i, l := range strings.Split(string(data), "\n") {
		var quote byte
		start := 0
		for j := 0; j < len(l); j++ {
			c := l[j]
			before := byte(' ')
			if j > 0 {
				before = l[j-1]
			}
			switch {
			case quote == '"' && c == '\\':
				j++
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case (c == '"' || c == '\'') && strings.IndexByte(" [{,:", before) >= 0:
				quote, start = c, j
			case c == '#' && (before == ' ' || before == '\t'):
				j = len(l)
			case (c == '[' || c == '{') && (len(open) > 0 || strings.IndexByte(" -:", before) >= 0):
				open = append(open, opening{c, i + 1, j + 1})
			case (c == ']' || c == '}') && len(open) > 0:
				open = open[:len(open)-1]
			}
		}
		if quote != 0 && len(open) == 0 && strings.Count(string(data), string(quote))%2 == 1 {
			return i + 1, start + 1, "the quote that opens here"
		}
	}
	if len(open) == 0 {
		return 0, 0, ""
	}
	last := open[len(open)-1]
	return last.line, last.col, map[byte]string{'[': "the bracket [ that opens here", '{': "the brace { that opens here"}[last.c]
}

func lineOf(data []byte, offset int) int {
	if offset < 0 {
		return 1
	}
	return bytes.Count(data[:offset], []byte("\n")) + 1
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

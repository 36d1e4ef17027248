package edit

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/config/yamltext"
	"github.com/sescheck/sescheck/internal/record"
)

// editor collects insertions into a text.
type editor struct {
	text     *yamltext.Text
	eol      string
	old      map[record.Name]*config.Domain
	nodes    map[record.Name]config.Node // of the domains in the file
	defaults func(record.Name) config.Domain
	inserts  []insert
	indent   int // of the keys of a domain, against the domain
}

type insert struct {
	at   int
	text string
}

// insert puts text before the octet at an offset. Its lines get the file's
// line ends.
func (e *editor) insert(at int, text string) {
	e.inserts = append(e.inserts, insert{at, strings.ReplaceAll(text, "\n", e.eol)})
}

// insertLines puts whole lines behind line n.
func (e *editor) insertLines(n int, text string) {
	if n < e.text.Lines() {
		e.insert(e.text.Start(n+1), text)
		return
	}
	if end := len(e.text.Data); end > 0 && e.text.Data[end-1] != '\n' { // the last line has no end, and keeps none
		e.insert(end, "\n"+strings.TrimSuffix(text, "\n"))
		return
	}
	e.insert(len(e.text.Data), text)
}

func (e *editor) apply() []byte {
	slices.SortStableFunc(e.inserts, func(a, b insert) int { return cmp.Compare(a.at, b.at) })
	var b bytes.Buffer
	from := 0
	for _, in := range e.inserts {
		b.Write(e.text.Data[from:in.at])
		b.WriteString(in.text)
		from = in.at
	}
	b.Write(e.text.Data[from:])
	return b.Bytes()
}

func (e *editor) defaultsAt(n record.Name) *config.Domain {
	d := e.defaults(n)
	return &d
}

// entries writes domains as lines, parted by blank lines if spaced.
func (e *editor) entries(fresh []Entry, indent, step int, spaced bool) string {
	var b strings.Builder
	for i, f := range fresh {
		if spaced && (i > 0 || len(e.old) > 0) {
			b.WriteString("\n")
		}
		b.WriteString(f.block(without(f.Domain.Pairs(), e.defaultsAt(f.Domain.Name).Pairs()), indent, step))
	}
	return b.String()
}

// indentation is how far the line is indented that n begins; ok is false where n
// does not begin its line.
func (e *editor) indentation(n *yaml.Node) (int, bool) {
	line := e.text.Line(n.Line)
	indent := len(line) - len(strings.TrimLeft(line, " "))
	return indent, indent == n.Column-1
}

// step is by how much the file indents the keys of a domain.
func (e *editor) step(domains *yaml.Node) int {
	for i := 1; i < len(domains.Content); i += 2 {
		v := domains.Content[i]
		if v.Kind == yaml.MappingNode && v.Style&yaml.FlowStyle == 0 && len(v.Content) > 0 && v.Content[0].Column > domains.Content[0].Column {
			return v.Content[0].Column - domains.Content[0].Column
		}
	}
	return 2
}

// spaced reports whether the file has blank lines between its domains: where
// it has one domain only, there might be.
func (e *editor) spaced(domains *yaml.Node) bool {
	blank, all := 0, 0
	for i := 2; i < len(domains.Content); i += 2 {
		n := domains.Content[i].Line - 1
		for strings.HasPrefix(strings.TrimLeft(e.text.Line(n), " "), "#") {
			n--
		}
		if all++; strings.TrimSpace(e.text.Line(n)) == "" {
			blank++
		}
	}
	return 2*blank >= all
}

// comments goes on from line n over comments that are indented like column at
// least: they belong to the lines above them.
func (e *editor) comments(n, column int) int {
	for {
		line := e.text.Line(n + 1)
		content := strings.TrimLeft(line, " ")
		if !strings.HasPrefix(content, "#") || len(line)-len(content) < column {
			return n
		}
		n++
	}
}

// intoBraces puts items behind the last one in braces or brackets.
func (e *editor) intoBraces(n *yaml.Node, items []string) error {
	from := e.text.Offset(n.Line, n.Column)
	last, ok := e.text.LastInBraces(from)
	if !ok {
		return errors.New("the end of its braces is not clear; run without --into and add the output by hand")
	}
	text := strings.Join(items, ", ")
	switch e.text.Data[last] {
	case '{', '[':
		if last != from {
			text = ", " + text
		}
	case ',':
		text = " " + text
	default:
		text = ", " + text
	}
	e.insert(last+1, text)
	return nil
}

package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Addition is a file with more in it than before. Every byte that it had is
// still there, in its order.
type Addition struct {
	Data        []byte
	Added       []record.Name // domains
	Filled      []Filled
	Differences []Difference
}

// Filled are keys that an existing domain was given.
type Filled struct {
	Domain record.Name
	Keys   []string
	Place  Place // of the domain in the file as it was
}

// Difference is something that the file says in another way than what was to
// be added, or that could not be added. The file stays as it is there.
type Difference struct {
	Domain record.Name
	Place  Place
	What   string // fit to print
}

// Add adds domains to a file, and keys that its domains do not have. It edits
// the text: comments, order, anchors, quotes and line ends are not touched.
//
// What it returns was read back: it says what the file said before and what was
// to be added, and nothing else. Where that cannot be had, the error says why.
func Add(name string, data []byte, entries []Entry) (*Addition, error) {
	bare := bytes.TrimPrefix(data, []byte(byteOrderMark))
	before := newLoading()
	r := newReader(name, data, before.file, before.seen)
	r.read()
	e := &editor{reader: newReader(name, data, &File{}, map[record.Name]Place{}), eol: "\n", old: map[record.Name]*Domain{}}
	if bytes.Contains(bare, []byte("\r\n")) {
		e.eol = "\r\n"
	}
	root, kind := e.domainsNode()
	if problems := r.sorted(); len(problems) > 0 && kind == someDomains {
		return nil, &Wrong{problems}
	}
	for i := range before.file.Domains {
		e.old[before.file.Domains[i].Name] = &before.file.Domains[i]
	}
	e.defaults = r.defaultsOf
	a := &Addition{}
	want := map[record.Name]string{}
	for n, d := range e.old {
		want[n] = said(d)
	}
	if kind == someDomains {
		e.pairs = e.domainPairs(root)
		e.indent = e.step(root.value.node)
	}
	var fresh []Entry
	for _, entry := range sortedEntries(entries) {
		d := &entry.Domain
		have := e.old[d.Name]
		if have == nil {
			fresh = append(fresh, entry)
			want[d.Name] = said(filled(*d, r.defaultsOf(d.Name)))
			a.Added = append(a.Added, d.Name)
			continue
		}
		merged, keys := e.fill(have, d, a)
		if len(keys) > 0 {
			want[d.Name] = said(merged)
			a.Filled = append(a.Filled, Filled{d.Name, keys, have.Place})
		}
	}
	if len(fresh) > 0 {
		if err := e.append(root, kind, fresh); err != nil {
			return nil, fmt.Errorf("add to %s: %w", untrusted.Quote(name), err)
		}
	}
	a.Data = slices.Concat(data[:len(data)-len(bare)], e.apply())
	return a, verify(name, a.Data, before.file, want)
}

// Wrong is a file that cannot be added to before it is mended.
type Wrong struct{ Problems []Problem }

func (w *Wrong) Error() string {
	lines := make([]string, len(w.Problems))
	for i, p := range w.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// verify reads what was written, and holds it against what it should say.
func verify(name string, data []byte, before *File, want map[record.Name]string) error {
	after, problems := Parse(name, data)
	if len(problems) > 0 {
		return fmt.Errorf("add to %s: the result would not be right, so nothing was written; add by hand what is printed without --into\n%w", untrusted.Quote(name), &Wrong{problems})
	}
	same := len(after.Domains) == len(want) && len(after.Ignores) == len(before.Ignores) && len(after.Checks) == len(before.Checks)
	for i := range after.Domains {
		d := &after.Domains[i]
		if said(d) != want[d.Name] {
			return fmt.Errorf("add to %s: what the file says of %s would change in another way than it should, so nothing was written; add by hand what is printed without --into", untrusted.Quote(name), d.Name)
		}
	}
	for i, ig := range before.Ignores {
		same = same && ig.Reason.Value == after.Ignores[i].Reason.Value && ig.Owner == after.Ignores[i].Owner
	}
	if !same {
		return fmt.Errorf("add to %s: what else the file says would change, so nothing was written; add by hand what is printed without --into", untrusted.Quote(name))
	}
	return nil
}

// said is all that a domain asks for, written in one way.
func said(d *Domain) string {
	return term{pairs: pairsOf(d)}.flow()
}

// defaultsOf is what the defaults say of a domain that says nothing itself.
func (r *reader) defaultsOf(n record.Name) Domain {
	d := Domain{Name: n}
	quiet := newReader(r.name, nil, &File{}, map[record.Name]Place{})
	all := fields(nil).with(r.defaults, domainLevel, Place{})
	quiet.expect(&d, nil, all)
	return d
}

// editor collects what is inserted into a text.
type editor struct {
	*reader
	eol      string
	old      map[record.Name]*Domain
	pairs    map[record.Name]pair // of the domains in the file
	defaults func(record.Name) Domain
	inserts  []insert
	indent   int // of what stands under a domain, against the domain
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
	if n < len(e.text.starts) {
		e.insert(e.text.starts[n], text)
		return
	}
	if end := len(e.text.data); end > 0 && e.text.data[end-1] != '\n' { // the last line has no end, and keeps none
		e.insert(end, "\n"+strings.TrimSuffix(text, "\n"))
		return
	}
	e.insert(len(e.text.data), text)
}

func (e *editor) apply() []byte {
	slices.SortStableFunc(e.inserts, func(a, b insert) int { return cmp.Compare(a.at, b.at) })
	var b bytes.Buffer
	from := 0
	for _, in := range e.inserts {
		b.Write(e.text.data[from:in.at])
		b.WriteString(in.text)
		from = in.at
	}
	b.Write(e.text.data[from:])
	return b.Bytes()
}

// kinds of files, by what stands under `domains`.
type domainsKind uint8

const (
	someDomains domainsKind = iota
	noDomains               // the key has no value
	noKey
	emptyText
)

// domainsNode finds the value of `domains`; behind it is where the next key
// begins.
func (e *editor) domainsNode() (pair, domainsKind) {
	if _, what := e.text.unreadable(); what != "" || len(e.text.data) > MaxFileSize {
		return pair{}, someDomains // what is wrong is told already
	}
	quiet := newReader(e.name, e.text.data, &File{}, map[record.Name]Place{})
	root := quiet.decode(e.text.data)
	if root == nil {
		if len(quiet.list) == 1 && quiet.list[0].Message == emptyFile {
			return pair{}, emptyText
		}
		return pair{}, someDomains
	}
	v := value{node: root, next: e.text.end()}
	if !v.mapping() {
		return pair{}, someDomains
	}
	for _, p := range e.reader.pairs(v) {
		if p.key != "domains" {
			continue
		}
		if p.value.null() && p.value.node.Value == "" && p.value.fixed == nil && p.value.node.Anchor == "" {
			return p, noDomains
		}
		return p, someDomains
	}
	return pair{value: v}, noKey
}

// domainPairs are the entries of the file by name.
func (e *editor) domainPairs(domains pair) map[record.Name]pair {
	all := map[record.Name]pair{}
	for _, p := range e.reader.pairs(domains.value) {
		if n, err := domainName(p.key); err == nil {
			all[n] = p
		}
	}
	return all
}

var (
	errAlias    = errors.New("its domains come by an alias or a merge key; add by hand what is printed without --into")
	errFlowRoot = errors.New("the whole file is in braces; give domains: a line of its own")
	errNull     = errors.New("domains: has a value that says nothing; take the value out")
)

// append puts new domains behind those that are there.
func (e *editor) append(domains pair, kind domainsKind, fresh []Entry) error {
	v := domains.value
	switch kind {
	case emptyText:
		text := string(Write(fresh))
		if bytes.Contains(e.text.data, []byte("$schema=")) {
			_, text, _ = strings.Cut(text, "\n")
		}
		e.insertLines(len(e.text.starts)+1, text)
		return nil
	case noKey:
		if v.node.Style&yaml.FlowStyle != 0 || v.node.Column != 1 {
			return errFlowRoot
		}
		e.insertLines(e.text.lastBefore(e.text.end()), "\ndomains:\n"+e.entries(fresh, 2, 2, true))
		return nil
	case noDomains:
		e.insertLines(e.comments(domains.at.Line, domains.at.Column), e.entries(fresh, domains.at.Column+1, 2, true))
		return nil
	}
	switch {
	case v.fixed != nil:
		return errAlias
	case !v.mapping():
		return errNull
	case v.node.Style&yaml.FlowStyle != 0:
		var pairs []string
		for _, f := range fresh {
			own := without(pairsOf(&f.Domain), pairsOf(e.defaultsAt(f.Domain.Name)))
			pairs = append(pairs, keyed{string(f.Domain.Name), term{pairs: own}}.flow())
		}
		return e.intoBraces(v.node, pairs)
	case len(v.node.Content) == 0:
		return errNull
	}
	first := v.node.Content[0]
	indent, ok := e.indentation(first)
	if !ok {
		return errAlias
	}
	e.insertLines(e.comments(domains.at.EndLine, indent+1), e.entries(fresh, indent, e.indent, e.spaced(v.node)))
	return nil
}

func (e *editor) defaultsAt(n record.Name) *Domain {
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
		b.WriteString(f.block(without(pairsOf(&f.Domain), pairsOf(e.defaultsAt(f.Domain.Name))), indent, step))
	}
	return b.String()
}

// indentation is how far the line is indented that n begins; ok is false where
// something else stands before it.
func (e *editor) indentation(n *yaml.Node) (int, bool) {
	line := e.text.line(n.Line)
	indent := len(line) - len(strings.TrimLeft(line, " "))
	return indent, indent == n.Column-1
}

// step is by how much the file indents what is under a domain.
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
		for strings.HasPrefix(strings.TrimLeft(e.text.line(n), " "), "#") {
			n--
		}
		if all++; strings.TrimSpace(e.text.line(n)) == "" {
			blank++
		}
	}
	return 2*blank >= all
}

// comments goes on from line n over comments that are indented like column at
// least: they belong to what stands above them.
func (e *editor) comments(n, column int) int {
	for {
		line := e.text.line(n + 1)
		content := strings.TrimLeft(line, " ")
		if !strings.HasPrefix(content, "#") || len(line)-len(content) < column {
			return n
		}
		n++
	}
}

// intoBraces puts items behind the last one in braces or brackets.
func (e *editor) intoBraces(n *yaml.Node, items []string) error {
	from := e.text.offset(n.Line, n.Column)
	last, ok := e.text.lastInBraces(from)
	if !ok {
		return errors.New("its braces cannot be followed to their end; add by hand what is printed without --into")
	}
	text := strings.Join(items, ", ")
	switch e.text.data[last] {
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

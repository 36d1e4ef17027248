package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// markdown reads and renders the documents. Raw HTML stays off. A style attribute
// would be against the policy of the pages, so cells are aligned by an attribute.
var markdown = goldmark.New(goldmark.WithExtensions(
	extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
	extension.Linkify, extension.Strikethrough))

//go:embed docs.html
var layoutText string

var layout = template.Must(template.New("docs.html").Parse(layoutText))

// document is a Markdown file of docs/.
type document struct {
	path, out   string // docs/guides/cdk.md, docs/guides/cdk.html
	source      []byte
	title, body ast.Node
	ids         map[string]bool // of its headings

	Title, Lead string    // the heading, and the first sentence
	Label       string    // its name in the README
	Sections    []section // its headings of level 2
}

// Path is where the page is, below docs/ of the site.
func (d *document) Path() string { return strings.TrimPrefix(d.out, "docs/") }

type section struct{ ID, Text string }

// group is a line of the list of documents.
type group struct {
	Name      string
	Documents []*document
}

// library is the documents of a repository, and where links to its other files lead.
type library struct {
	repo      fs.FS
	ref       string // the tag of the release, or main
	version   string
	documents map[string]*document
	groups    []group
	pictures  map[string]bool // that the documents show
}

// writeDocs renders docs/**/*.md of a repository to dir/docs, with an index. A link
// that leads nowhere is an error.
func writeDocs(repo fs.FS, dir, version string) error {
	l := &library{repo: repo, ref: "v" + version, version: version, documents: map[string]*document{}, pictures: map[string]bool{}}
	if version == "devel" {
		l.ref = "main"
	}
	if err := l.read(); err != nil {
		return err
	}
	pages, err := l.render()
	if err != nil {
		return err
	}
	for name := range l.pictures {
		if pages[name], err = fs.ReadFile(repo, name); err != nil {
			return err
		}
	}
	for name, content := range pages {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// read reads all documents, and their order in the README.
func (l *library) read() error {
	var wrong []error
	err := fs.WalkDir(l.repo, "docs", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".md" {
			return err
		}
		source, err := fs.ReadFile(l.repo, name)
		if err != nil {
			return err
		}
		d, err := readDocument(name, source)
		l.documents[name] = d
		wrong = append(wrong, err)
		return nil
	})
	if err := errors.Join(append(wrong, err)...); err != nil {
		return err
	}
	return l.readOrder()
}

// parse reads Markdown.
func parse(name string, source []byte) *document {
	return &document{path: name, out: strings.TrimSuffix(name, ".md") + ".html", source: source, body: markdown.Parser().Parse(text.NewReader(source))}
}

// readDocument parses a document, and gives its headings ids.
func readDocument(name string, source []byte) (*document, error) {
	d := parse(name, source)
	if err := d.withoutHTML(); err != nil {
		return nil, err
	}
	d.identify()
	d.nameFiles()
	d.keepWhole()
	h, ok := d.body.FirstChild().(*ast.Heading)
	if !ok || h.Level != 1 {
		return nil, fmt.Errorf("%s: the first line is not its title (# …)", name)
	}
	d.title, d.Title = h, d.plain(h)
	d.body.RemoveChild(d.body, h)
	for n := d.body.FirstChild(); n != nil && n.Kind() != ast.KindHeading; n = n.NextSibling() {
		if n.Kind() == ast.KindParagraph {
			d.Lead = firstSentence(d.plain(n))
			break
		}
	}
	if d.Lead == "" {
		return nil, fmt.Errorf("%s: there is no sentence before the first section, for the list of all pages", name)
	}
	return d, nil
}

// withoutHTML removes comments. Other HTML would not be shown, so it is an error.
func (d *document) withoutHTML() error {
	var comments []ast.Node
	err := ast.Walk(d.body, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		var tag string
		switch n := n.(type) {
		case *ast.HTMLBlock:
			if n.HTMLBlockType == ast.HTMLBlockType2 {
				comments = append(comments, n)
				return ast.WalkContinue, nil
			}
			tag = string(n.Lines().Value(d.source))
		case *ast.RawHTML:
			tag = string(n.Segments.Value(d.source))
		default:
			return ast.WalkContinue, nil
		}
		return ast.WalkStop, fmt.Errorf("%s: HTML is not shown: %s", d.path, strings.TrimSpace(tag))
	})
	for _, n := range comments {
		n.Parent().RemoveChild(n.Parent(), n)
	}
	return err
}

// identify gives each heading the id that GitHub gives it.
func (d *document) identify() {
	d.ids = map[string]bool{}
	_ = ast.Walk(d.body, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		h, ok := n.(*ast.Heading)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		words := d.plain(h)
		first := headingID(words)
		id := first
		for i := 1; d.ids[id]; i++ {
			id = fmt.Sprintf("%s-%d", first, i)
		}
		d.ids[id] = true
		h.SetAttributeString("id", []byte(id))
		if h.Level == 2 {
			d.Sections = append(d.Sections, section{id, words})
		}
		return ast.WalkSkipChildren, nil
	})
}

// nameFiles puts the name of a file above its text, from the line that opens the block:
// the language and then the name.
func (d *document) nameFiles() {
	var blocks []*ast.FencedCodeBlock
	_ = ast.Walk(d.body, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if b, ok := n.(*ast.FencedCodeBlock); ok && entering && b.Info != nil {
			blocks = append(blocks, b)
		}
		return ast.WalkContinue, nil
	})
	for _, b := range blocks {
		_, name, _ := strings.Cut(string(b.Info.Value(d.source)), " ")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		p := ast.NewParagraph()
		p.SetAttributeString("class", []byte("file"))
		p.AppendChild(p, verbatim(name))
		b.Parent().InsertBefore(b.Parent(), b, p)
	}
}

// keepWhole marks short code, so that no line ends within a flag such as --resolver.
func (d *document) keepWhole() {
	_ = ast.Walk(d.body, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Kind() == ast.KindCodeSpan && entering && utf8.RuneCountInString(d.plain(n)) <= 20 {
			n.SetAttributeString("class", []byte("short"))
		}
		return ast.WalkContinue, nil
	})
}

// verbatim is a text in which nothing is Markdown.
func verbatim(s string) ast.Node {
	n := ast.NewString([]byte(s))
	n.SetRaw(true)
	return n
}

// headingID is GitHub's id of a heading: in lower case, without punctuation but for
// - and _, and with - for each space.
func headingID(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Pc):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

var tags = regexp.MustCompile(`<[^>]*>`)

// plain is the text of a node.
func (d *document) plain(n ast.Node) string {
	return html.UnescapeString(tags.ReplaceAllString(strings.TrimSpace(string(d.rendered(n))), ""))
}

// rendered is a node as HTML.
func (d *document) rendered(n ast.Node) []byte {
	var b bytes.Buffer
	_ = markdown.Renderer().Render(&b, d.source, n) // a buffer takes everything
	return b.Bytes()
}

var sentenceEnd = regexp.MustCompile(`[.?!](\s|$)`)

// firstSentence is the first sentence of a paragraph, or nothing.
func firstSentence(paragraph string) string {
	if at := sentenceEnd.FindStringIndex(paragraph); at != nil {
		return strings.Join(strings.Fields(paragraph[:at[0]+1]), " ")
	}
	return ""
}

// readOrder reads the groups and the order of the documents from the list below the
// heading Documentation of the README. Each document must be in it once.
func (l *library) readOrder() error {
	source, err := fs.ReadFile(l.repo, "README.md")
	if err != nil {
		return err
	}
	readme := parse("README.md", source)
	var wrong []error
	listed := map[string]bool{}
	for item := readme.listBelow("Documentation"); item != nil; item = item.NextSibling() {
		g, err := l.readGroup(readme, item, listed)
		wrong = append(wrong, err)
		l.groups = append(l.groups, g)
	}
	for _, name := range slices.Sorted(maps.Keys(l.documents)) {
		if !listed[name] {
			wrong = append(wrong, fmt.Errorf("README.md: %s is not listed below Documentation", name))
		}
	}
	return errors.Join(wrong...)
}

// listBelow is the first item of the list below a heading.
func (d *document) listBelow(heading string) ast.Node {
	below := false
	for n := d.body.FirstChild(); n != nil; n = n.NextSibling() {
		switch n.Kind() {
		case ast.KindHeading:
			below = d.plain(n) == heading
		case ast.KindList:
			if below {
				return n.FirstChild()
			}
		}
	}
	return nil
}

// readGroup reads an item of the list: **its name**, and links to its documents.
func (l *library) readGroup(readme *document, item ast.Node, listed map[string]bool) (g group, err error) {
	err = ast.Walk(item, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Emphasis:
			if g.Name == "" {
				g.Name = readme.plain(n)
			}
		case *ast.Link:
			name := string(n.Destination)
			d := l.documents[name]
			if d == nil {
				break
			}
			if listed[name] {
				return ast.WalkStop, fmt.Errorf("README.md: %s is listed twice below Documentation", name)
			}
			listed[name] = true
			d.setLabel(readme.plain(n))
			g.Documents = append(g.Documents, d)
		}
		return ast.WalkContinue, nil
	})
	if err == nil && (g.Name == "" || len(g.Documents) == 0) {
		err = fmt.Errorf("README.md: this group below Documentation has no **name** or no page: %s", readme.plain(item))
	}
	return g, err
}

// setLabel gives the document its name in lists. A name such as octoDNS keeps its
// small letter.
func (d *document) setLabel(label string) {
	d.Label = label
	if label != d.Title {
		r := []rune(label)
		d.Label = string(unicode.ToUpper(r[0])) + string(r[1:])
	}
}

// view is what the layout shows.
type view struct {
	*document
	Root    string // from the page to the root of the site
	Header  template.HTML
	Heading template.HTML
	Body    template.HTML
	Groups  []group
	Source  string // of the page in the repository
	Version string
}

// Here reports whether a group has the page that is shown.
func (v view) Here(g group) bool { return slices.Contains(g.Documents, v.document) }

// render renders all documents and the index, by their names.
func (l *library) render() (map[string][]byte, error) {
	front, err := fs.ReadFile(l.repo, "web/index.html")
	if err != nil {
		return nil, err
	}
	index := view{document: &document{out: "docs/index.html", Title: "Documentation", Lead: "Guides and reference for sescheck, which compares the DNS records of Amazon SES domains with a file."}}
	index.Source = "tree/" + l.ref + "/docs"
	views := []view{index}
	var wrong []error
	for _, g := range l.groups {
		for _, d := range g.Documents {
			wrong = append(wrong, l.resolveLinks(d))
			body := scrolling.Replace(string(d.rendered(d.body)))
			views = append(views, view{document: d, Heading: template.HTML(d.rendered(d.title)), Body: template.HTML(body), Source: "blob/" + l.ref + "/" + d.path})
		}
	}
	pages := map[string][]byte{}
	for _, v := range views {
		v.Root = strings.Repeat("../", strings.Count(v.out, "/"))
		v.Groups, v.Version = l.groups, l.version
		if v.Header, err = headerOf(string(front), v.Root); err != nil {
			return nil, err
		}
		var b bytes.Buffer
		wrong = append(wrong, layout.Execute(&b, v))
		pages[v.out] = b.Bytes()
	}
	return pages, errors.Join(wrong...)
}

// scrolling lets wide tables and code scroll inside themselves, by keys too. Text
// cannot contain these tags, because raw HTML is off.
var scrolling = strings.NewReplacer("<table>", `<div class="wide" role="group" aria-label="Table" tabindex="0"><table>`, "</table>", "</table></div>", "<pre>", `<pre tabindex="0">`)

// headerOf is the header of the checker for a page of the documentation.
func headerOf(front, root string) (template.HTML, error) {
	_, header, _ := strings.Cut(front, "<body class=\"app\">\n")
	header, _, ok := strings.Cut(header, "<main>")
	if !ok || !strings.Contains(header, `href="docs/"`) {
		return "", errors.New("web/index.html: the header with a link to docs/ was not found")
	}
	return template.HTML(strings.NewReplacer(`href="#`, `href="`+root+`#`, `href="docs/"`, `href="`+root+`docs/" aria-current="true"`).Replace(header)), nil
}

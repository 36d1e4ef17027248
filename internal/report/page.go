package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the style and the script
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/record"
)

// The style and the script of every page. The page loads nothing, and its security
// policy permits only these two.
var (
	//go:embed page/style.css
	pageStyle string
	//go:embed page/script.js
	pageScript string
)

// page writes HTML.
type page struct {
	*bufio.Writer
	drawn map[record.Name]bool // SPF trees
	cards int                  // findings written so far
	level int                  // of the headings of findings
}

func newPage(w io.Writer, level int) *page {
	return &page{Writer: bufio.NewWriterSize(w, 1<<16), drawn: map[record.Name]bool{}, level: level}
}

// content is the content of a page.
type content struct {
	title, heading string
	level          int // of the headings of findings
	main           func(*page, *Report)
}

// write writes the whole page.
func (c content) write(w io.Writer, r *Report) error {
	h := newPage(w, c.level)
	h.open(c.title)
	h.header(r, c.heading)
	h.printf("<main>\n")
	c.main(h, r)
	return h.close()
}

// parts returns the header and the main part of a page.
func (c content) parts(r *Report) (header, main string) {
	var b strings.Builder
	h := newPage(&b, c.level)
	h.header(r, c.heading)
	_ = h.Flush() // strings.Builder takes all
	header = b.String()
	b.Reset()
	c.main(h, r)
	_ = h.Flush()
	return header, b.String()
}

// markup is HTML of our own, which printf does not escape.
type markup string

// printf writes HTML and escapes every argument that is not markup.
func (h *page) printf(format string, args ...any) {
	for i, a := range args {
		switch a := a.(type) {
		case int, markup:
		case string:
			args[i] = html.EscapeString(a)
		default:
			args[i] = html.EscapeString(fmt.Sprint(a))
		}
	}
	_, _ = fmt.Fprintf(h, format, args...)
}

// open writes a page up to its header.
func (h *page) open(title string) {
	h.printf("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	h.printf("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'\">\n",
		markup(source(pageStyle)), markup(source(pageScript)))
	h.printf("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n", title, markup(pageStyle))
}

// close ends and flushes the page.
func (h *page) close() error {
	h.printf("</main>\n<p class=\"spoken\" id=\"copied\" role=\"status\"></p>\n<script>%s</script>\n</body>\n</html>\n", markup(pageScript))
	return h.Flush()
}

// source returns the hash of an inline style or script for a Content Security
// Policy.
func source(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// sides writes expected and actual values next to each other. It marks lines that
// are on one side only. Without expected values, the actual ones are alone.
func (h *page) sides(expected, actual []string) {
	if len(expected)+len(actual) == 0 {
		return
	}
	h.printf("<div class=\"sides\">")
	if len(expected) > 0 {
		h.side("expected", expected, actual, "lacks")
	}
	h.side("found", actual, expected, "extra")
	h.printf("</div>\n")
}

func (h *page) side(head string, items, others []string, alone string) {
	h.printf("<div><span class=\"faint\">%s</span><ul>", head)
	if len(items) == 0 {
		h.printf("<li class=\"faint\">nothing")
	}
	for _, item := range items {
		class := alone
		if slices.Contains(others, item) {
			class = "both"
		}
		h.printf("<li class=\"%s\">%s", class, item)
	}
	h.printf("</ul></div>")
}

// publish shows records with a button to copy them. Its id is unique on the page.
func (h *page) change(id string, all []step) {
	for i, block := range blocks(all) {
		at := fmt.Sprintf("%s-%d", id, i+1)
		h.printf("<div class=\"head\"><span class=\"faint\">%s</span><button class=\"copy\" type=\"button\" value=\"%s\">Copy</button></div><pre id=\"%s\">%s</pre>\n",
			block.label, at, at, strings.Join(block.lines, "\n"))
	}
}

// tree draws an SPF tree. Each tree is drawn once.
func (h *page) tree(all map[record.Name]*snapshot.SPFRecord, root record.Name) {
	if h.drawn[root] {
		return
	}
	h.drawn[root] = true
	h.printf("<details open><summary>SPF of %s</summary>%s</details>\n", root, markup(spfTree(all, root)))
}

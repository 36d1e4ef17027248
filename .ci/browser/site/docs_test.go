package site

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDocs: all pages of the documentation, on a light phone and a dark desk: nothing
// is beyond the edge, axe finds nothing, and every link on the site leads somewhere.
func TestDocs(t *testing.T) {
	at := serve(t, *site, false)
	pages := docsPages(t)
	script := axeScript(t)
	followed, fetched := 0, map[string]string{}
	for _, l := range []look{{375, "light"}, {1280, "dark"}} {
		p := newTab(t, at, l)
		for _, name := range pages {
			p.do(chromedp.Navigate(at + name))
			state := fmt.Sprintf("%s, %d px, %s", name, l.width, l.scheme)
			if beyond := p.number(`document.documentElement.scrollWidth - innerWidth`); beyond > 0 {
				t.Errorf("%s: %v px are beyond the edge", state, beyond)
			}
			if n := p.number(`[...document.styleSheets].filter((s) => s.cssRules.length > 0).length`); n != 3 {
				t.Errorf("%s: %v of 3 styles are there", state, n)
			}
			if v := p.text(`violations`); v != "" {
				t.Errorf("%s: against the policy: %s", state, v)
			}
			p.picture(fmt.Sprintf("%s-%d-%s", strings.ReplaceAll(strings.TrimSuffix(name, ".html"), "/", "-"), l.width, l.scheme))
			// Each page once: some as a phone shows them, the rest on a dark desk.
			guide := strings.Contains(name, "guides/")
			if script != "" && guide == (l.width == 375) {
				axed(p, script, state)
			}
			if l.width == 375 {
				continue
			}
			for _, link := range p.links() {
				if strings.HasPrefix(link, at) {
					followed++
					follow(t, link, fetched)
				}
			}
		}
		p.onlyAsked()
	}
	if len(pages) < 2 || followed < len(pages) {
		t.Errorf("there are only %d pages with %d links", len(pages), followed)
	}
	t.Logf("%d pages, %d links", len(pages), followed)
}

// docsPages are the pages of the documentation in the folder of the site.
func docsPages(t *testing.T) (names []string) {
	t.Helper()
	documents := 0
	count := func(dir, ext string, found func(string)) {
		err := fs.WalkDir(os.DirFS(dir), "docs", func(name string, _ fs.DirEntry, err error) error {
			if path.Ext(name) == ext {
				found(name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count(*site, ".html", func(name string) { names = append(names, name) })
	count(root, ".md", func(string) { documents++ })
	if len(names) != documents+1 {
		t.Errorf("there are %d pages of %d documents and the index", len(names), documents)
	}
	return names
}

// links are where the links of the page lead.
func (p *tab) links() (to []string) {
	p.t.Helper()
	p.do(chromedp.Evaluate(`[...document.links].map((a) => a.href)`, &to))
	return to
}

// follow follows a link on the site. It keeps the texts that it fetches.
func follow(t *testing.T, link string, fetched map[string]string) {
	t.Helper()
	to, id, _ := strings.Cut(link, "#")
	text, ok := fetched[to]
	if !ok {
		response, err := http.Get(to)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, %v", link, response.Status, err)
		}
		text = string(body)
		fetched[to] = text
	}
	id, err := url.PathUnescape(id)
	if err != nil || id != "" && !strings.Contains(text, ` id="`+id+`"`) && !strings.Contains(text, ` data-room="`+id+`"`) {
		t.Errorf("%s: there is no such place", link)
	}
}

package site

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var (
	site     = flag.String("site", "", "folder of the built page")
	chromium = flag.String("chromium", "", "the browser")
	axe      = flag.String("axe", "", "axe.min.js of axe-core")
	pictures = flag.String("pictures", "", "folder for pictures; none without it")
)

var browserCtx context.Context

func TestMain(m *testing.M) {
	flag.Parse()
	if *site == "" || *chromium == "" {
		fmt.Fprintln(os.Stderr, "run .ci/web-page: these tests need -site and -chromium")
		os.Exit(2)
	}
	through := httptest.NewServer(seen)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(*chromium), chromedp.NoSandbox, chromedp.WSURLReadTimeout(time.Minute),
		chromedp.ProxyServer(through.URL), chromedp.Flag("proxy-bypass-list", "<-loopback>")) // not even loopback bypasses it
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithBrowserOption(chromedp.WithDialTimeout(time.Minute)))
	browserCtx = ctx
	if err := chromedp.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	cancel()
	stop()
	os.Exit(code)
}

// tab is a page in the browser.
type tab struct {
	t      *testing.T
	ctx    context.Context
	wrong  []string // errors in the console, exceptions, and violations of the policy
	origin string
	before int // requests of the browser before this page
}

// asked are the requests of the page and its worker so far.
func (p *tab) asked() []string { return seen.since(p.before) }

// onlyAsked fails if there were requests but for the page's own files, and questions
// at the addresses.
func (p *tab) onlyAsked(addresses ...string) {
	p.t.Helper()
	for _, request := range p.asked() {
		own := strings.HasPrefix(request, "GET "+p.origin) && !strings.Contains(request, "?")
		question := slices.ContainsFunc(addresses, func(a string) bool {
			rest, ok := strings.CutPrefix(request, "GET "+a+"?dns=")
			return ok && !strings.ContainsAny(rest, "&=")
		})
		if !own && !question {
			p.t.Errorf("the page asked for %s", request)
		}
	}
}

// look is how a page is seen.
type look struct {
	width  int64
	scheme string
}

var desk = look{1280, "light"}

// open opens an address of the checker in a tab of its own, and waits for the engine.
func open(t *testing.T, origin, hash string, l look) *tab {
	t.Helper()
	p := newTab(t, origin, l)
	p.do(chromedp.Navigate(origin + hash))
	p.until(`document.documentElement.dataset.ready`)
	return p
}

// newTab is an empty tab. What goes wrong on its pages fails the test at the end.
func newTab(t *testing.T, origin string, l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browserCtx)
	ctx, stop := context.WithTimeout(ctx, 10*time.Minute)
	p := &tab{t: t, ctx: ctx, origin: origin, before: len(seen.since(0))}
	t.Cleanup(func() {
		stop()
		cancel()
		for _, w := range p.wrong {
			t.Error(w)
		}
	})
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			p.wrong = append(p.wrong, "exception: "+e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			p.wrong = append(p.wrong, fmt.Sprintf("console: %s %s", e.Type, e.Args[0].Value))
		case *log.EventEntryAdded:
			// The browser itself reports each request that fails.
			if e.Entry.Source != log.SourceNetwork && !strings.Contains(e.Entry.Text, "CORS policy") {
				p.wrong = append(p.wrong, fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
			}
		}
	})
	p.do(log.Enable(), runtime.Enable(),
		emulation.SetDeviceMetricsOverride(l.width, 900, 1, l.width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}),
		chromedp.ActionFunc(func(ctx context.Context) error {
			_, err := page.AddScriptToEvaluateOnNewDocument(watch).Do(ctx)
			return err
		}))
	return p
}

// watch counts layout shifts that no click or key brought about, and violations
// of the policy.
const watch = `globalThis.shifted = 0; globalThis.shifts = []; globalThis.violations = [];
new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) {
  shifted += e.value;
  for (const s of e.sources) shifts.push(e.value.toFixed(4) + ' ' + s.node?.nodeName + '.' + s.node?.className + ' y ' + s.previousRect.y + ' to ' + s.currentRect.y);
} }).observe({type: 'layout-shift', buffered: true});
addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective + ' ' + e.blockedURI));`

func (p *tab) do(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// text evaluates JavaScript to a string.
func (p *tab) text(js string) (s string) {
	p.t.Helper()
	p.do(chromedp.Evaluate("String(("+js+") ?? '')", &s))
	return s
}

func (p *tab) number(js string) (n float64) {
	p.t.Helper()
	p.do(chromedp.Evaluate("Number("+js+")", &n))
	return n
}

// until waits until JavaScript is true.
func (p *tab) until(js string) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, chromedp.Poll("!!("+js+")", nil, chromedp.WithPollingTimeout(90*time.Second))); err != nil {
		p.t.Fatalf("waiting for %s: %v; the page says: %s", js, err, p.text(`document.body.innerText`))
	}
}

// want fails unless the text has a part.
func (p *tab) want(in string, parts ...string) {
	p.t.Helper()
	for _, part := range parts {
		if !strings.Contains(in, part) {
			p.t.Errorf("%q is missing in:\n%s", part, in)
		}
	}
}

func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).click()`, selector), nil))
}

// fill sets a field, as typing does.
func (p *tab) fill(selector, value string) {
	p.t.Helper()
	p.do(chromedp.Evaluate(fmt.Sprintf(`{const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true}))}`, selector, value), nil))
}

// give hands files to an input of type file.
func (p *tab) give(selector string, files ...string) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		root, err := dom.GetDocument().Do(ctx)
		if err != nil {
			return err
		}
		id, err := dom.QuerySelector(root.NodeID, selector).Do(ctx)
		if err != nil || id == cdp.NodeID(0) {
			return errors.Join(err, fmt.Errorf("there is no %s", selector))
		}
		return dom.SetFileInputFiles(files).WithNodeID(id).Do(ctx)
	}))
}

// resolverIs chooses a resolver of one's own in the room with this prefix of ids.
func (p *tab) resolverIs(prefix, url string) {
	p.t.Helper()
	p.click("#" + prefix + "-resolver-2")
	p.fill("#"+prefix+"-address", url)
}

// result waits for a result, and returns its words.
func (p *tab) result() string {
	p.t.Helper()
	p.until(`document.querySelector('.result h2')`)
	return p.text(`document.querySelector('.result').innerText`)
}

// picture writes a picture of the whole page.
func (p *tab) picture(name string) {
	p.t.Helper()
	if *pictures == "" {
		return
	}
	var png []byte
	p.do(chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// allowClipboard lets the page write to the clipboard.
func (p *tab) allowClipboard() {
	p.do(browser.GrantPermissions([]browser.PermissionType{browser.PermissionTypeClipboardReadWrite, browser.PermissionTypeClipboardSanitizedWrite}).WithOrigin(strings.TrimSuffix(p.origin, "/")))
}

// awaited waits for a promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// downloadTo says where the browser saves files.
func (p *tab) downloadTo(dir string) {
	p.do(browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir))
}

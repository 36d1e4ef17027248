// Package site drives the page of web/ in headless Chromium, as a visitor would,
// with resolvers on loopback that answer, refuse, hang and lie. See .ci/web-page.
package site

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/sescheck/sescheck/internal/hostile"
	"github.com/sescheck/sescheck/internal/zonetest"
)

const root = "../../../"

func examples(t *testing.T) *resolver {
	return newResolver(t, zonetest.Start(t, root+"examples/zones"))
}

// documented are the headers that docs/page.md says to send.
func documented(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile(root + "docs/page.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "<!-- headers -->\n```\n")
	block, _, ok := strings.Cut(block, "```")
	if !ok {
		t.Fatal("docs/page.md has no headers")
	}
	headers := map[string]string{}
	for line := range strings.Lines(block) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		headers[name] = value
	}
	return headers
}

func inspect(p *tab, r *resolver, kind, domain string) string {
	p.t.Helper()
	p.fill("#d-name", domain)
	p.resolverIs("d", r.URL+"/"+kind)
	p.click("[data-room=domain] .primary")
	return p.result()
}

func example(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(root + "examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestInteractive prints how long the page takes until its engine is ready.
func TestInteractive(t *testing.T) {
	at := serve(t, *site, false)
	var took []float64
	for range 5 {
		took = append(took, open(t, at, "", desk).number(`document.documentElement.dataset.ready`))
	}
	slices.Sort(took)
	t.Logf("from navigation to a ready engine: %.0f ms (the median of %v)", took[len(took)/2], took)
}

// TestPolicy: the policy in the page is that of docs/page.md, but for what counts
// only in a header.
func TestPolicy(t *testing.T) {
	p := open(t, serve(t, *site, false), "", desk)
	header := strings.Replace(documented(t)["Content-Security-Policy"], " frame-ancestors 'none';", "", 1)
	if meta := p.text(`document.querySelector('meta[http-equiv]').content`); meta != header {
		t.Errorf("the page has\n%s\nbut docs/page.md has\n%s", meta, header)
	}
}

// TestWalls: neither inline script nor HTML from elsewhere gets into the page.
func TestWalls(t *testing.T) {
	p := open(t, serve(t, *site, false), "", desk)
	if got := p.text(`(() => { try { document.body.innerHTML = '<b>x</b>'; return 'let in' } catch (e) { return e.name } })()`); got != "TypeError" {
		t.Errorf("HTML in the page: %s", got)
	}
	p.do(chromedp.Evaluate(`{
		const b = document.createElement('button'); document.body.append(b);
		try { b.setAttribute('onclick', 'globalThis.pwned = 1') } catch {}
		b.click();
		const i = new Image(); i.src = 'https://evil.example/x.png';
		const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = 'https://evil.example/x.css'; document.head.append(l);
	}`, nil))
	p.until(`violations.length >= 3`)
	if got := p.text(`globalThis.pwned`); got != "" {
		t.Error("an inline handler ran")
	}
	p.wrong = nil // the browser reports what it stopped
}

// TestDomain: a domain with mistakes, from the question to the file in hand.
func TestDomain(t *testing.T) {
	for _, headers := range []bool{false, true} {
		r := examples(t)
		p := open(t, serve(t, *site, headers), "", desk)
		p.allowClipboard()
		got := inspect(p, r, "right", "news.example")
		p.want(got, "FAILED: there is something to fix", "news.example has 2 SPF records", "bounce.news.example has 2 MX records", "1 of 10 lookups")
		p.want(p.text(`location.hash`), "#domain=news.example&resolver=http%3A%2F%2F127.0.0.1")
		if focus := p.text(`document.activeElement.id`); focus != "r-title" {
			t.Errorf("the focus is on %q", focus)
		}
		p.click(`.fragment .copy`)
		p.until(`document.getElementById('copied').textContent === 'Copied'`)
		p.click(`.made button`)
		p.until(`document.querySelector('#m-workflow')`)
		p.want(p.text(`document.querySelector('#m-file').textContent`), "version: 1", "news.example:", "mail_from: bounce", "_spf.mailer.example")
		p.want(p.text(`document.querySelector('#m-workflow').textContent`), "uses: sescheck/sescheck@v1")
		p.want(p.text(`document.querySelector('.path').textContent`), ".github/workflows/sescheck.yml")
		p.click(`.edit`)
		p.until(`document.querySelector('[data-room=file]')`)
		p.want(p.text(`document.querySelector('#f-text').value`), "news.example:")
		p.until(`document.querySelector('#f-state').textContent === 'No mistakes.'`)
		p.onlyAsked(r.URL + "/right")
		if n := r.asked.Load(); n == 0 || int(n) != countPrefix(p.asked(), "GET "+r.URL) {
			t.Errorf("%d questions came, and the page asked %d", n, countPrefix(p.asked(), "GET "+r.URL))
		}
		if v := p.text(`violations`); v != "" {
			t.Error(v)
		}
	}
}

func countPrefix(all []string, prefix string) (n int) {
	for _, s := range all {
		if strings.HasPrefix(s, prefix) {
			n++
		}
	}
	return n
}

// TestTokens: what the visitor says of the domain is asked for, and is in the file.
func TestTokens(t *testing.T) {
	p := open(t, serve(t, *site, false), "", desk)
	const tokens = "k3vq2m5xw4zt6ynb2l7c3d5e4f6g7h2a m5xw4zt6ynb2l7c3d5e4f6g7h2ak3vq2 w4zt6ynb2l7c3d5e4f6g7h2ak3vq2m5x"
	p.fill("#d-token", tokens)
	p.fill("#d-region", "eu-west-1")
	p.fill("#d-mail-from", "bounce")
	inspect(p, examples(t), "right", "shop.example")
	p.want(p.text(`location.hash`), "token=k3vq", "token=m5xw", "region=eu-west-1", "mail-from=bounce")
	p.click(`.made button`)
	p.until(`document.querySelector('#m-file')`)
	p.want(p.text(`document.querySelector('#m-file').textContent`), "k3vq2m5xw4zt6ynb2l7c3d5e4f6g7h2a", "region: eu-west-1", "mail_from:")
}

// TestFailures: whatever keeps a resolver from answering, nothing is called
// missing, and the result is inconclusive.
func TestFailures(t *testing.T) {
	at := serve(t, *site, false)
	const unread = "no answer could be read: the resolver is not reachable, or does not allow web pages (CORS)"
	for kind, words := range map[string]string{
		"blind":   unread,
		"busy":    "HTTP status 429 Too Many Requests; it asks to wait 2m0s",
		"broken":  "HTTP status 500 Internal Server Error",
		"short":   "truncated over HTTPS",
		"liar":    "it answers another question",
		"garbage": "it answers another question",
		"moved":   unread,
		"refuse":  "REFUSED",
		"hang":    "timeout",
	} {
		t.Run(kind, func(t *testing.T) {
			p := open(t, at, "", desk)
			got := inspect(p, examples(t), kind, "shop.example")
			p.want(got, "INCONCLUSIVE", notAbsent, "CORS", words)
			never(t, got)
			t.Log(firstLine(got), "|", p.text(`document.querySelector('.fragment .card.inconclusive')?.innerText.replaceAll('\n', ' | ')`))
		})
	}
	t.Run("unreachable", func(t *testing.T) {
		r := examples(t)
		p := open(t, at, "", desk)
		r.Close()
		got := inspect(p, r, "right", "shop.example")
		p.want(got, "INCONCLUSIVE", "CORS")
		never(t, got)
	})
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

var absent = regexp.MustCompile(`\b(is missing|[Nn]o record|not found|[Nn]o (SPF|DMARC|MX|CNAME|TXT|DKIM|CAA)\b[^.]* record|does not exist|PASSED)`)

const notAbsent = "This does not mean that a record is missing."

// never fails where a page says that something is not there. It may say notAbsent.
func never(t *testing.T, got string) {
	t.Helper()
	got = strings.NewReplacer(notAbsent, "", "not found: a DKIM key of a sender on SES", "").Replace(got)
	if m := absent.FindString(got); m != "" {
		t.Errorf("the page says %q:\n%s", m, got)
	}
}

// TestLink: a link with a well-known resolver starts at once. One with another
// resolver waits for the visitor.
func TestLink(t *testing.T) {
	at := serve(t, *site, false)
	r := examples(t)
	p := open(t, at, "#domain=shop.example&resolver="+url.QueryEscape(r.URL+"/right")+"&mail-from=bounce", desk)
	p.want(p.text(`document.querySelector('.result').innerText`), "This link names a resolver of its own", r.URL)
	if n := r.asked.Load(); n > 0 {
		t.Errorf("%d questions went out before the visitor agreed", n)
	}
	p.click("[data-room=domain] .primary")
	p.want(p.result(), "bounce.shop.example")
	p.want(p.text(`document.querySelector('#d-mail-from').value`), "bounce")

	for _, name := range []string{"cloudflare", "google"} {
		p := open(t, at, "#domain=shop.example&resolver="+name, desk)
		p.result()
		host := map[string]string{"cloudflare": "cloudflare-dns.com", "google": "dns.google"}[name]
		asked := slices.Compact(slices.DeleteFunc(p.asked(), func(a string) bool { return strings.HasPrefix(a, "GET "+at) }))
		if want := []string{"CONNECT //" + host + ":443"}; !slices.Equal(asked, want) {
			t.Errorf("asked for %q, want %q", asked, want)
		}
	}
	for _, hash := range []string{"#domain=%3Cimg%20src%3Dx%20onerror%3Dpwn%3E&resolver=javascript%3Aalert(1)", "#domain=a.example&resolver=http%3A%2F%2Fevil.example%2F", "#constructor", "#domain=%E0%A4%A", "#toString=1"} {
		p := open(t, at, hash, desk)
		p.until(`document.querySelector('#d-name')`)
		p.click("[data-room=domain] .primary")
		if n := p.number(`document.querySelectorAll('main img, main script').length`); n > 0 {
			t.Errorf("%s became %v elements", hash, n)
		}
	}
}

// TestAddresses: what is wrong with an address is said next to it.
func TestAddresses(t *testing.T) {
	p := open(t, serve(t, *site, false), "", desk)
	p.click("[data-room=domain] .primary")
	p.want(p.text(`document.querySelector('#d-name-error').textContent`), "Type a domain")
	p.fill("#d-name", "shop.example")
	for address, want := range map[string]string{
		"":                               "Type the address of a resolver",
		"dns.example":                    "This is not an address",
		"http://dns.example/dns-query":   "Only https is allowed",
		"http://127.0.0.1.evil.example/": "Only https is allowed",
		"ftp://dns.example/":             "Only https is allowed",
		"https://u:p@dns.example/":       "without a user name",
	} {
		p.resolverIs("d", address)
		p.click("[data-room=domain] .primary")
		p.want(p.text(`document.querySelector('#d-address-error').textContent`), want)
		if got := p.text(`document.activeElement.id`); got != "d-address" {
			t.Errorf("%q: the focus is on %s", address, got)
		}
	}
	p.click("#d-resolver-0")
	p.fill("#d-region", "nowhere")
	p.click("[data-room=domain] .primary")
	p.until(`document.querySelector('#d-region-error').textContent`)
	p.fill("#d-region", "")
	p.fill("#d-name", "not a domain!")
	p.click("[data-room=domain] .primary")
	p.until(`document.querySelector('#d-name-error').textContent`)
}

// TestFile: mistakes as one types, a click that leads to one, a check, progress and
// its end.
func TestFile(t *testing.T) {
	r := examples(t)
	p := open(t, serve(t, *site, false), "#file", desk)
	p.fill("#f-text", "version: 1\ndomains:\n  shop.example:\n    regin: eu-west-1\n    spf: 4\n")
	p.until(`document.querySelectorAll('.problems li').length === 2`)
	p.want(p.text(`document.querySelector('.problems').innerText`), "line 4, column 5", `no key "regin"`)
	p.click(".jump")
	p.want(p.text(`document.activeElement.id + ' ' + document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)`), "f-text regin: eu-west-1")
	p.want(p.text(`document.querySelectorAll('.gutter .error').length`), "2")

	p.fill("#f-text", example(t, "sescheck.yaml"))
	p.until(`document.querySelector('#f-state').textContent === 'No mistakes.'`)
	p.resolverIs("f", r.URL+"/right")
	p.click("[data-room=file] .primary")
	p.want(p.result(), "FAILED: DNS is not as the file says", "mail-from-mx-multiple", "sescheck.yaml line 18")
	p.fill(".find input", "shop")
	p.until(`document.querySelector('#shown').textContent === '1 of 3'`)

	p.resolverIs("f", r.URL+"/hang")
	p.click("[data-room=file] .primary")
	p.until(`document.querySelector('.wait.on progress')`)
	p.click("[data-room=file] .cancel")
	p.want(p.result(), "INCONCLUSIVE")

	p.click("#f-offline")
	p.click("[data-room=file] .primary")
	p.want(p.text(`document.querySelector('#f-error').textContent`), "add zone files")
	zones, err := filepath.Glob(root + "examples/zones/*.zone")
	if err != nil {
		t.Fatal(err)
	}
	for i, z := range zones {
		if zones[i], err = filepath.Abs(z); err != nil {
			t.Fatal(err)
		}
	}
	asked := r.asked.Load()
	p.give("[data-kind=zones] input", zones...)
	p.until(`document.querySelectorAll('[data-kind=zones] .files li').length === ` + fmt.Sprint(len(zones)))
	p.click("[data-room=file] .primary")
	p.want(p.result(), "FAILED: DNS is not as the file says", "3 domains, 172 checks passed")
	if r.asked.Load() != asked {
		t.Error("DNS was asked")
	}
}

// TestImport: files become the YAML and the workflow, without a network.
func TestImport(t *testing.T) {
	p := open(t, serve(t, *site, false), "#import", desk)
	p.do(network.EmulateNetworkConditions(true, 0, -1, -1))
	before := len(p.asked())
	zone, err := filepath.Abs(root + "examples/zones/shop.example.zone")
	if err != nil {
		t.Fatal(err)
	}
	p.give("[data-room=import] input[type=file]", zone)
	p.until(`document.querySelector('.result h2[tabindex]')`) // not that of the empty room
	p.want(p.result(), "Your sescheck.yaml", "found 1 identity of 1 domain")
	p.want(p.text(`document.querySelector('#m-file').textContent`), "shop.example:", "dkim: [")
	p.fill("#i-name", "pasted.example")
	p.fill("#i-text", "@ TXT \"v=spf1 include:_spf.google.com ~all\"\nbounce MX 10 feedback-smtp.eu-west-1.amazonses.com.\n")
	p.click("[data-room=import] details button")
	p.until(`document.querySelector('#m-file')?.textContent.includes('pasted.example')`)
	p.fill("#i-name", "broken")
	p.fill("#i-text", "{\"no\": [\n")
	p.click("[data-room=import] details button")
	p.until(`document.querySelector('.result').innerText.includes('broken.json')`)
	for range 3 {
		p.do(chromedp.Evaluate(`document.querySelector('.files button')?.click()`, nil))
	}
	p.until(`!document.querySelector('.result h2[id=i-title]')`)

	// Files that are removed while the workflow is written leave no result.
	p.do(chromedp.Evaluate(`{const post = Worker.prototype.postMessage; Worker.prototype.postMessage = function (message) {
		post.call(this, message);
		if (message.call !== 'workflow') return;
		for (const b of document.querySelectorAll('[data-room=import] .files button')) b.click();
		this.addEventListener('message', ({data}) => { if (data.id === message.id) setTimeout(() => document.body.classList.add('late')); });
	}}`, nil))
	p.give("[data-room=import] input[type=file]", zone)
	p.until(`document.body.classList.contains('late')`)
	p.want(p.text(`document.querySelectorAll('.result h2[id=i-title]').length`), "0")
	for _, asked := range p.asked()[before:] {
		t.Errorf("the page asked for %s", asked)
	}
}

// TestHostile: texts of strangers, in DNS, in files and in their names, are text.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	payloads := append(slices.Clone(hostile.Payloads), `<img src=x onerror="globalThis.pwned=1">`, `"><svg onload=globalThis.pwned=1>`, `</pre></main><script>globalThis.pwned=1</script>`, `javascript:globalThis.pwned=1`)
	for i, text := range payloads {
		zone := "@ TXT " + hostile.TXT(text) + "\n@ TXT " + hostile.TXT("v=spf1 include:amazonses.com "+text+" include:"+text+".b.example ~all") +
			"\n_dmarc TXT " + hostile.TXT("v=DMARC1; p=none; rua=mailto:"+text+"@evil.example; "+text+"=1") +
			"\n_amazonses TXT " + hostile.TXT(text) + "\nbounce MX 10 " + hostile.Label(text) + ".b.example.\nbounce MX 20 feedback-smtp.eu-west-1.amazonses.com.\nbounce TXT " + hostile.TXT("v=spf1 include:amazonses.com a:"+text+" ~all") +
			"\ns1._domainkey TXT " + hostile.TXT("v=DKIM1; n="+text+"; p="+text) + "\n"
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("w%d.example.zone", i)), []byte(zone), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := newResolver(t, zonetest.Start(t, dir))
	p := open(t, serve(t, *site, false), "", desk)
	elements := func() {
		t.Helper()
		if got := p.text(`[...document.querySelectorAll('.result *')].map((e) => e.localName).filter((n) => ['img', 'script', 'svg', 'iframe', 'object', 'embed', 'form', 'base', 'link', 'style', 'meta', 'input'].includes(n) && !document.querySelector('.find')?.contains(document.querySelector(n)))`); got != "" {
			t.Error("elements that the page does not have: " + got)
		}
		if got := p.text(`[...document.querySelectorAll('.result *')].flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith('on') || a.name === 'style' || a.name === 'src' || a.name === 'href' && !/^(https:\/\/|#)/.test(a.value)).map((a) => a.name + '=' + a.value)`); got != "" {
			t.Error("attributes that the page does not have: " + got)
		}
		if got := p.text(`globalThis.pwned ?? violations`); got != "" {
			t.Error(got)
		}
		if found := hostile.Characters(p.text(`document.querySelector('.result').innerText`)); len(found) > 0 {
			t.Errorf("characters that do more than show themselves: %q", found)
		}
	}
	p.fill("#d-selector", "s1")
	p.fill("#d-mail-from", "bounce")
	through := 0
	for i := range payloads {
		got := inspect(p, r, "right", fmt.Sprintf("w%d.example", i))
		elements()
		if strings.Contains(got, "pwn") {
			through++
		}
		p.do(chromedp.Evaluate(`document.querySelector('.result').replaceChildren()`, nil))
	}
	if through < len(payloads)*3/4 {
		t.Errorf("only %d of %d texts came through", through, len(payloads))
	}
	for i, text := range payloads {
		p.fill("#d-name", text)
		p.click("[data-room=domain] .primary")
		p.until(`document.querySelector('.result h2, [aria-invalid]')`)
		elements()
		if i%8 != 0 {
			continue
		}
		name := strings.NewReplacer("/", "", "\x00", "").Replace(text)
		file := filepath.Join(dir, name[:min(len(name), 20)]+".json")
		if os.WriteFile(file, []byte(text), 0o600) != nil || strings.ToValidUTF8(file, "") != file {
			continue
		}
		p.click("[href='#import']")
		p.until(`document.querySelector('[data-room=import]')`)
		p.give("[data-room=import] input[type=file]", file)
		p.until(`document.querySelector('.result h2[tabindex]')`)
		elements()
		p.click("[href='#domain']")
		p.until(`document.querySelector('[data-room=domain]')`)
	}
}

// TestKeyboard: the way to a result with keys only, and nothing moves on it that
// the visitor did not move.
func TestKeyboard(t *testing.T) {
	r := examples(t)
	p := open(t, serve(t, *site, false), "", desk)
	key := func(keys string) { t.Helper(); p.do(chromedp.KeyEvent(keys)) }
	focus := func() string { return p.text(`document.activeElement.id || document.activeElement.textContent.trim()`) }
	var way []string
	for range 40 {
		key(kb.Tab)
		at := focus()
		way = append(way, at)
		switch at {
		case "d-name":
			p.do(chromedp.ActionFunc(func(ctx context.Context) error { return input.InsertText("news.example").Do(ctx) }))
		case "d-resolver-0":
			key(kb.ArrowRight)
			key(kb.ArrowRight)
		case "d-address":
			p.do(chromedp.ActionFunc(func(ctx context.Context) error { return input.InsertText(r.URL + "/right").Do(ctx) }))
			key(kb.Enter)
		}
		if at == "d-address" {
			break
		}
	}
	if !slices.Contains(way, "d-address") {
		t.Fatalf("the Tab key leads to %q", way)
	}
	p.result()
	if focus() != "r-title" {
		t.Errorf("after a run the focus is on %q", focus())
	}
	for range 60 {
		key(kb.Tab)
		if focus() == "Write the file" {
			key(kb.Enter)
			p.until(`document.querySelector('#m-file')`)
			if got := p.number(`shifted`); got > 0.001 {
				t.Errorf("the page moved by itself: %v: %s", got, p.text(`shifts.join('; ')`))
			}
			return
		}
	}
	t.Error("the Tab key does not lead to the next step")
}

// TestLooks: all rooms, empty and with a result, at all widths, light and dark:
// nothing is beyond the edge, and axe finds nothing.
func TestLooks(t *testing.T) {
	r := examples(t)
	at := serve(t, *site, false)
	script := axeScript(t)
	zone, err := filepath.Abs(root + "examples/zones/news.example.zone")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []look{{375, "light"}, {768, "light"}, {1280, "light"}, {375, "dark"}, {768, "dark"}, {1280, "dark"}} {
		p := open(t, at, "", l)
		seen := 0
		see := func(state string) {
			t.Helper()
			seen++
			if beyond := p.number(`document.documentElement.scrollWidth - innerWidth`); beyond > 0 {
				t.Errorf("%s, %d px: %v px are beyond the edge", state, l.width, beyond)
			}
			p.picture(fmt.Sprintf("%s-%d-%s", state, l.width, l.scheme))
			if script != "" && (l == look{375, "light"} || l == look{1280, "dark"}) {
				axed(p, script, fmt.Sprintf("%s, %d px, %s", state, l.width, l.scheme))
			}
		}
		see("domain-empty")
		p.click(".more > summary")
		p.click("[data-room=domain] .primary")
		see("domain-wrong")
		p.click(".more > summary")
		inspect(p, r, "right", "news.example")
		see("domain-result")
		p.click(".made button")
		p.until(`document.querySelector('#m-file')`)
		see("domain-next")
		p.do(chromedp.Evaluate(`document.querySelector('.result').replaceChildren()`, nil))
		inspect(p, r, "broken", "news.example")
		see("domain-inconclusive")
		p.click("[href='#file']")
		p.until(`document.querySelector('[data-room=file]')`)
		see("file-empty")
		p.fill("#f-text", "version: 1\ndomains:\n  shop.example:\n    regin: eu-west-1\n    spf: 4\n")
		p.until(`document.querySelectorAll('.problems li').length === 2`)
		p.click("[data-room=file] .more > summary")
		see("file-problems")
		p.fill("#f-text", example(t, "sescheck.yaml"))
		p.resolverIs("f", r.URL+"/right")
		p.click("[data-room=file] .primary")
		p.result()
		p.until(`document.querySelector('#m-workflow')`)
		see("file-result")
		p.click("[href='#import']")
		p.until(`document.querySelector('[data-room=import]')`)
		see("import-empty")
		p.give("[data-room=import] input[type=file]", zone)
		p.until(`document.querySelector('#m-file')`)
		see("import-result")
		t.Logf("%d px, %s: looked at %d states", l.width, l.scheme, seen)
	}
}

// axeScript is axe-core, or nothing where it is not installed.
func axeScript(t *testing.T) string {
	t.Helper()
	if *axe == "" {
		return ""
	}
	text, err := os.ReadFile(*axe)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// axed lets axe-core look at the page as it is.
func axed(p *tab, script, state string) {
	p.t.Helper()
	var found string
	err := chromedp.Run(p.ctx, chromedp.Evaluate(script+"\n;0", nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ['violations', 'incomplete']}).then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html.slice(0, 160) + ' ' + n.any.concat(n.all, n.none).map((c) => c.message).join('; '))])))`,
			&found, chromedp.EvalAsValue, awaited))
	if err != nil {
		p.t.Fatalf("%s: axe: %v", state, err)
	}
	var findings [][]any
	if err := json.Unmarshal([]byte(found), &findings); err != nil {
		p.t.Fatal(err)
	}
	for _, f := range findings {
		p.t.Errorf("%s: axe: %v", state, f)
	}
}

// TestWalk: the way of a visitor with nothing but a browser, from a domain to both
// files saved, and how long the page takes for it.
func TestWalk(t *testing.T) {
	r := examples(t)
	downloads := t.TempDir()
	started := time.Now()
	p := open(t, serve(t, *site, false), "", desk)
	p.downloadTo(downloads)
	opened := time.Since(started)
	inspect(p, r, "right", "news.example")
	inspected := time.Since(started)
	p.click(".made button")
	p.until(`document.querySelector('#m-file')`)
	p.click(".save-file")
	p.until(`true`)
	p.click(".save-workflow")
	for _, name := range []string{"sescheck.yaml", "sescheck.yml"} {
		for deadline := time.Now().Add(20 * time.Second); ; {
			if info, err := os.Stat(filepath.Join(downloads, name)); err == nil && info.Size() > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s was not saved", name)
			}
			<-time.After(20 * time.Millisecond)
		}
	}
	t.Logf("open %d ms, report after %d ms, both files saved after %d ms", opened.Milliseconds(), inspected.Milliseconds(), time.Since(started).Milliseconds())
}

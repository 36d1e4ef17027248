// Browser opens HTML reports in headless Chromium, as a person would, at the
// widths of a phone, a tablet and a desk, light and dark, and reports what is not right:
// errors in the console, requests, text beyond the edge, a filter that does not
// filter, a button that does not copy. It is in a module of its own, so that
// the program does not depend on what drives a browser.
//
//	browser [-screenshots DIR] CHROMIUM PAGE.html…
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func main() {
	screenshots := flag.String("screenshots", "", "folder for pictures of all pages")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "usage: browser [-screenshots DIR] CHROMIUM PAGE.html…")
		os.Exit(2)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(flag.Arg(0)), chromedp.NoSandbox)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	failed := false
	for _, page := range flag.Args()[1:] {
		for _, width := range []int64{375, 768, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				err := look(ctx, page, width, scheme, *screenshots)
				if err != nil {
					failed = true
					fmt.Printf("FAIL %s, %d px, %s: %v\n", filepath.Base(page), width, scheme, err)
				}
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}

// look opens a page in a tab of its own.
func look(ctx context.Context, page string, width int64, scheme, screenshots string) error {
	ctx, cancel := chromedp.NewContext(ctx)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	path, err := filepath.Abs(page)
	if err != nil {
		return err
	}
	var wrong []error
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *cdp.EventExceptionThrown:
			wrong = append(wrong, fmt.Errorf("exception: %s", e.ExceptionDetails.Error()))
		case *cdp.EventConsoleAPICalled:
			wrong = append(wrong, fmt.Errorf("console: %s", e.Type))
		case *log.EventEntryAdded:
			wrong = append(wrong, fmt.Errorf("log: %s", e.Entry.Text))
		case *network.EventRequestWillBeSent:
			if e.Request.URL != "file://"+path && !strings.HasPrefix(e.Request.URL, "file://"+path+"#") {
				wrong = append(wrong, fmt.Errorf("request: %s", e.Request.URL))
			}
		}
	})
	var beyond, took int
	var tested string
	err = chromedp.Run(ctx,
		network.Enable(), log.Enable(), cdp.Enable(),
		emulation.SetDeviceMetricsOverride(width, 900, 1, width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Navigate("file://"+path),
		chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &beyond),
		chromedp.Evaluate(`Math.round(performance.getEntriesByType('navigation')[0].loadEventEnd)`, &took),
		picture(filepath.Join(screenshots, fmt.Sprintf("%s-%d-%s.png", strings.TrimSuffix(filepath.Base(page), ".html"), width, scheme)), screenshots != ""),
		chromedp.ActionFunc(func(ctx context.Context) (err error) { tested, err = use(ctx); return err }),
	)
	if beyond > 0 {
		wrong = append(wrong, fmt.Errorf("%d px are beyond the edge", beyond))
	}
	if err := errors.Join(append(wrong, err)...); err != nil {
		return err
	}
	fmt.Printf("ok   %s, %d px, %s: loaded in %d ms; %s\n", filepath.Base(page), width, scheme, took, tested)
	return nil
}

func picture(file string, wanted bool) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		if !wanted {
			return nil
		}
		var png []byte
		if err := chromedp.CaptureScreenshot(&png).Do(ctx); err != nil {
			return err
		}
		return os.WriteFile(file, png, 0o644)
	})
}

// click clicks on the first element that the selector finds.
func click(selector string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).click()`, selector), nil)
}

// use does with a page what a person does, where the page has what for: it
// searches, narrows down, walks through the rows, and copies.
func use(ctx context.Context) (tested string, err error) {
	number := func(js string) (n int) {
		if err == nil {
			err = chromedp.Evaluate(js, &n).Do(ctx)
		}
		return n
	}
	do := func(a chromedp.Action) {
		if err == nil {
			err = a.Do(ctx)
		}
	}
	want := func(what string, got, wanted int) {
		if err == nil && got != wanted {
			err = fmt.Errorf("%s: %d, want %d", what, got, wanted)
		}
	}
	const rows, cards = `[...document.querySelectorAll('.fleet tbody tr')].filter(r => r.offsetParent).length`, `[...document.querySelectorAll('.card[data-rows]')].filter(c => !c.hidden).length`
	// The library sends the character of a key even where the page took the key.
	slash := chromedp.Tasks{input.DispatchKeyEvent(input.KeyRawDown).WithKey("/"), input.DispatchKeyEvent(input.KeyUp).WithKey("/")}
	wait := chromedp.Sleep(200 * time.Millisecond)
	all, allCards := number(rows), number(cards)
	if all > 1 {
		var last string
		do(chromedp.Evaluate(`[...document.querySelectorAll('.fleet tbody tr')].at(-1).dataset.name`, &last))
		do(slash)
		do(input.InsertText(last))
		do(wait)
		want("rows with the name of one", number(rows), 1)
		want("cards with that name", number(cards), number(`[...document.querySelectorAll('.card[data-rows]')].filter(c => c.dataset.rows.split(' ').includes(String(document.querySelectorAll('.fleet tbody tr').length - 1))).length`))
		do(chromedp.KeyEvent(kb.Escape))
		want("rows after Escape", number(rows), all)
		want("cards after Escape", number(cards), allCards)
		do(click(`.find button[value=error]`))
		want("rows with errors", number(rows), number(`document.querySelectorAll('.fleet tr[data-state=error]').length`))
		do(chromedp.KeyEvent(kb.Escape))
		do(slash)
		do(chromedp.KeyEvent(kb.ArrowDown))
		do(chromedp.KeyEvent(kb.ArrowDown))
		want("row with the focus", number(`[...document.querySelectorAll('.fleet tbody tr')].indexOf(document.activeElement.closest('tr'))`), 1)
		do(chromedp.KeyEvent(kb.Enter))
		want("rows after Enter", number(rows), 1)
		do(chromedp.KeyEvent(kb.Escape))
		tested = fmt.Sprintf("searched %d rows; ", all)
		const first, bottomRow = `document.querySelector('.fleet tbody tr').dataset.name`, `[...document.querySelectorAll('.fleet tbody tr')].at(-1).dataset.name`
		var top, bottom, sorted string
		do(chromedp.Evaluate(`[...document.querySelectorAll('.fleet tbody tr')].map(r => r.dataset.name).sort()[0]`, &sorted))
		do(click(`.fleet thead th`))
		do(chromedp.Evaluate(first, &top))
		do(click(`.fleet thead th`))
		do(chromedp.Evaluate(bottomRow, &bottom))
		if err == nil && (top != sorted || bottom != sorted) {
			err = fmt.Errorf("sorted by name, %s is first and then %s last, want %s", top, bottom, sorted)
		}
		do(click(`.fleet thead th.n:last-child`))
		want("most findings at the top", number(`+document.querySelector('.fleet tbody tr td:last-child').textContent`), number(`Math.max(...[...document.querySelectorAll('.fleet tbody td:last-child')].map(c => +c.textContent))`))
		tested += "sorted them; "
	}
	if number(`document.querySelectorAll('.tallies li').length`) > 0 {
		do(slash)
		do(input.InsertText("d3."))
		do(wait)
		want("findings in the tallies that are left", number(`[...document.querySelectorAll('.tallies li')].filter(t => !t.hidden).reduce((n, t) => n + +t.querySelector('b').textContent, 0)`),
			number(`[...document.querySelectorAll('.fleet tbody tr')].filter(r => !r.hidden).reduce((n, r) => n + +r.lastElementChild.textContent, 0)`))
		do(click(`.tallies li:not([hidden]) a`))
		want("a card of the tally has the focus", number(`+(document.activeElement.dataset.kind === document.querySelector('.tallies li:not([hidden])').dataset.kind)`), 1)
		do(chromedp.KeyEvent(kb.Escape))
		tested += "counted and followed the tallies; "
	}
	if number(`document.querySelectorAll('.copy').length`) > 0 {
		do(click(`.copy`))
		do(wait)
		want("buttons that copied", number(`[...document.querySelectorAll('.copy')].filter(b => ['Copied', 'Selected'].includes(b.textContent)).length`), 1)
		tested += "copied a fix; "
	}
	want("elements that nobody meant", number(`document.querySelectorAll('img,iframe,svg,object,embed,form,base,link,[onload],[onerror],[onclick],script[src]').length`), 0)
	want("scripts beyond our own", number(`Math.max(0, document.scripts.length - 1)`), 0)
	if number(`document.querySelectorAll('.spf details[open] > ul').length`) > 0 {
		want("a branch's leaves, shut and open again", number(`(() => {
			const leaves = document.querySelector('.spf details[open] > ul'), branch = leaves.parentElement
			const seen = [leaves.checkVisibility()]
			branch.open = false
			seen.push(leaves.checkVisibility())
			branch.open = true
			return +(seen + leaves.checkVisibility() === 'true,falsetrue')
		})()`), 1)
		want("strips without colour", number(`[...document.querySelectorAll('.strip i[class]')].filter(i => getComputedStyle(i).backgroundColor === 'rgba(0, 0, 0, 0)').length`), 0)
		tested += "shut a branch; "
	}
	want("details that are closed", number(`(dispatchEvent(new Event('beforeprint')), document.querySelectorAll('details:not([open])').length)`), 0)
	return tested + "opened all for print", err
}

package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Browser is one browser for many tests: each has tabs with cookies of their own.
type Browser struct{ ctx context.Context }

// NewBrowser starts a browser. Where there is none the test is skipped, or fails if
// STAGEDOOR_REQUIRE contains "chromium".
func NewBrowser(t *testing.T) *Browser {
	t.Helper()
	ctx := StartBrowser(t)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return &Browser{ctx}
}

// Tab is a page of a lab's app as a person sees it: what is to be pressed and filled in is
// known by its words.
type Tab struct {
	window
	key webauthn.AuthenticatorID
	// Axe is the script of axe-core, with which [Tab.Look] judges pages; empty is none.
	Axe string
}

// Tab opens an empty page of some width in pixels, which knows no cookies.
func (b *Browser) Tab(t *testing.T, l *Lab, width int64) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	l.T = t
	// The first that is asked of a tab opens it, for as long as that context lasts.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return TabOf(ctx, l)
}

// TabOf is a tab of a browser that the test has started itself, open in a context.
func TabOf(ctx context.Context, l *Lab) *Tab {
	tab := &Tab{window: window{Lab: l, ctx: ctx}}
	go tab.listen(chromedp.Console(ctx))
	return tab
}

// Key gives the tab a virtual authenticator (WebAuthn, section 11) that answers for the person,
// until it is told not to: see [Tab.Touch].
func (w *Tab) Key() {
	w.T.Helper()
	if err := chromedp.Do(w.ctx, Authenticator(true, &w.key)); err != nil {
		w.T.Fatal(err)
	}
}

// Touch says whether the person touches the authenticator as soon as it asks. Who does signs in
// as soon as the page has a field that passkeys are offered in.
func (w *Tab) Touch(touches bool) {
	w.T.Helper()
	_, err := chromedp.Call(w.ctx, webauthn.SetAutomaticPresenceSimulation, webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: w.key, Enabled: touches})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Open opens a path of the server and waits for its page.
func (w *Tab) Open(path string) {
	w.T.Helper()
	w.Do("open "+path, chromedp.Navigate(w.Config.Origin()+path), Until(`document.body?.dataset.ready`))
}

// found are functions of the page that find what is seen, in front first: in a dialog that is
// open, else anywhere.
const found = `(() => {
	const root = document.querySelector('dialog[open]') ?? document;
	const said = (e) => (e.getAttribute('aria-label') ?? e.innerText ?? '').replace(/\s+/g, ' ').trim();
	const seen = (e) => e.getClientRects().length > 0;
	const busy = root === document && document.getElementById('main')?.hasAttribute('aria-busy');
	const press = (text, near) => busy ? undefined : [...root.querySelectorAll('button, a[href]')].filter((e) => seen(e) && said(e) === text
		&& (!near || e.closest('li, section')?.innerText.includes(near)) && e.getAttribute('aria-disabled') !== 'true')[0];
	const field = (text) => busy ? undefined : [...root.querySelectorAll('label')].filter((l) => seen(l) && said(l).replace(/ optional$/, '') === text).map((l) => l.control)[0];
	const mark = (e) => { document.querySelector('[data-here]')?.removeAttribute('data-here'); e?.setAttribute('data-here', ''); return Boolean(e); };
	return %s;
})()`

// Press presses the button or the link that says the text. If near is given, it is the one in
// the line that says that, too.
func (w *Tab) Press(text string, near ...string) {
	w.T.Helper()
	at := strings.Join(near, "")
	w.Do(fmt.Sprintf("press %q %s", text, at), reached(fmt.Sprintf(`mark(press(%s, %s))`, quoted(text), quoted(at)), Click(`[data-here]`)))
}

// reached takes a step with what an expression has found and marked. A page that is made anew in
// between has it no longer: then it is looked for again.
func reached(expression string, step Step) Step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for {
			if done, err := Until(fmt.Sprintf(found, expression))(ctx, t); err != nil {
				return done, err
			}
			soon, cancel := context.WithTimeout(ctx, time.Second)
			done, err := step(soon, t)
			cancel()
			if err == nil || ctx.Err() != nil {
				return done, err
			}
		}
	}
}

// Fill types a value into the field with the label, over what is in it.
func (w *Tab) Fill(label, value string) {
	w.T.Helper()
	here := fmt.Sprintf(`(f => (f?.focus(), f?.select(), mark(f)))(field(%s))`, quoted(label))
	// Typing is no part of what is tried again: a form that sends itself may take the field away
	// before a slow machine has told of the last key.
	w.Do(fmt.Sprintf("fill in %q", label), reached(here, chromedp.Focus(chromedp.CSS(`[data-here]`))), chromedp.KeyEvent(value))
}

// Holds waits until the field with the label has the value.
func (w *Tab) Holds(label, value string) {
	w.T.Helper()
	w.Do(fmt.Sprintf("%q holds %q", label, value), Until(fmt.Sprintf(found, fmt.Sprintf(`field(%s)?.value === %s`, quoted(label), quoted(value)))))
}

// Focus waits until the field with the label has the focus.
func (w *Tab) Focus(label string) {
	w.T.Helper()
	w.Do(fmt.Sprintf("the focus is on %q", label), Until(fmt.Sprintf(found, fmt.Sprintf(`document.activeElement === field(%s)`, quoted(label)))))
}

// Check ticks the box with the label, or takes the tick off.
func (w *Tab) Check(label string) {
	w.T.Helper()
	w.Do(fmt.Sprintf("tick %q", label), reached(fmt.Sprintf(`mark(field(%s))`, quoted(label)), Click(`[data-here]`)))
}

// Sees waits until the page says the text.
func (w *Tab) Sees(text string) {
	w.T.Helper()
	w.Do(fmt.Sprintf("see %q", text), Until(fmt.Sprintf(`document.body?.innerText.replace(/\s+/g, ' ').includes(%s)`, quoted(text))))
}

// Misses waits until the page no longer says the text.
func (w *Tab) Misses(text string) {
	w.T.Helper()
	w.Do(fmt.Sprintf("no longer see %q", text), Until(fmt.Sprintf(`document.body && !document.body.innerText.replace(/\s+/g, ' ').includes(%s)`, quoted(text))))
}

// Complains waits until the field with the label says what is wrong with it, to those who do
// not see it, too, and has the focus.
func (w *Tab) Complains(label, text string) {
	w.T.Helper()
	w.Do(fmt.Sprintf("%q complains of %q", label, text), Until(fmt.Sprintf(found, fmt.Sprintf(`(f => f?.getAttribute('aria-invalid') === 'true' && document.activeElement === f
		&& f.getAttribute('aria-describedby').split(' ').some((id) => document.getElementById(id)?.innerText.includes(%s)))(field(%s))`, quoted(text), quoted(label)))))
}

// At waits until the page has the path and the heading.
func (w *Tab) At(path, heading string) {
	w.T.Helper()
	w.Do(fmt.Sprintf("be at %s, %q", path, heading), Until(fmt.Sprintf(`location.pathname === %s && document.querySelector('h1')?.innerText === %s
		&& document.title.startsWith(%[2]s) && !document.getElementById('main').hasAttribute('aria-busy')`, quoted(path), quoted(heading))))
}

// Ask evaluates an expression in the page into a value.
func (w *Tab) Ask(expression string, into any) {
	w.T.Helper()
	if err := json.Unmarshal([]byte(w.window.Ask(expression)), into); err != nil {
		w.T.Fatalf("%s: %v", expression, err)
	}
}

// Back goes back as the browser's button does.
func (w *Tab) Back() {
	w.T.Helper()
	w.Do("go back", chromedp.Evaluate[chromedp.Void](`history.back()`))
}

// Reload loads the page anew.
func (w *Tab) Reload() {
	w.T.Helper()
	w.Do("load the page anew", chromedp.Evaluate[chromedp.Void](`delete document.body.dataset.ready`), chromedp.Reload(), Until(`document.body?.dataset.ready`))
}

// Look judges the page as it is, in light and in dark: nothing is wider than the window,
// everything has a name, and axe-core, where it is there, finds nothing. Where STAGEDOOR_LOOK
// names a folder, pictures of it are left there.
func (w *Tab) Look(name string) {
	w.T.Helper()
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		if err != nil {
			w.T.Fatal(err)
		}
		w.picture(fmt.Sprintf("%s.%d.%s.png", name, ask[int](&w.window, `innerWidth`), scheme))
		w.accessible(name + " in " + scheme)
	}
	w.fits(name)
	nameless := ask[[]string](&w.window, `[...document.querySelectorAll('input:not([hidden]), button, a')]
		.filter((e) => !(e.labels?.length || e.textContent.trim() || e.ariaLabel || e.querySelector('img[alt]'))).map((e) => e.outerHTML)`)
	if len(nameless) > 0 {
		w.T.Errorf("%s: nobody can tell what these are: %q", name, nameless)
	}
}

// fits checks that nothing is wider than the window, nor than one of the least or the greatest
// width that the app is made for.
func (w *Tab) fits(name string) {
	w.T.Helper()
	width, height := ask[int64](&w.window, `innerWidth`), ask[int64](&w.window, `innerHeight`)
	other := int64(1600)
	if width < 600 {
		other = 320
	}
	for _, at := range []int64{other, width} {
		w.Do("the window is resized", chromedp.EmulateViewport(at, height))
		if over := ask[int](&w.window, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			w.T.Errorf("at a width of %d %s is %d pixels too wide", at, name, over)
		}
	}
}

// picture leaves a picture of the whole page.
func (w *Tab) picture(name string) {
	w.T.Helper()
	dir := os.Getenv("STAGEDOOR_LOOK")
	if dir == "" {
		return
	}
	time.Sleep(150 * time.Millisecond) // for colours that fade
	png, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), png, 0o644)
	}
	if err != nil {
		w.T.Fatal(err)
	}
}

// accessible has axe-core look at the page, with all its rules.
func (w *Tab) accessible(what string) {
	w.T.Helper()
	if w.Axe == "" {
		return
	}
	if !ask[bool](&w.window, `Boolean(globalThis.axe)`) {
		ask[any](&w.window, w.Axe+"; null")
	}
	var found struct {
		Passes     int
		Violations []struct {
			ID, Help string
			Nodes    []string
		}
	}
	w.Ask(`axe.run(document, {preload: false}).then(({passes, violations}) => ({passes: passes.length, violations: violations.map(({id, help, nodes}) =>
		({id, help, nodes: nodes.map((n) => n.html + ': ' + n.failureSummary)}))}))`, &found)
	if found.Passes < 5 {
		w.T.Errorf("%s: axe has looked at %d rules only", what, found.Passes)
	}
	for _, v := range found.Violations {
		w.T.Errorf("%s: axe: %s (%s): %q", what, v.Help, v.ID, v.Nodes)
	}
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(b)
}

// Listen has whatever the browser tells of the tab's requests told.
func (w *Tab) Listen(told func(event any)) {
	w.T.Helper()
	if err := chromedp.Listen(w.ctx, told); err != nil {
		w.T.Fatal(err)
	}
	if _, err := chromedp.Call(w.ctx, network.Enable, network.EnableParams{}); err != nil {
		w.T.Fatal(err)
	}
}

// SetSession gives the tab the cookie of a session.
func (w *Tab) SetSession(token string) {
	w.T.Helper()
	_, err := chromedp.Call(w.ctx, network.SetCookie, network.SetCookieParams{Name: "sessionid", Value: token, URL: w.Config.Origin(), Path: "/"})
	if err != nil {
		w.T.Fatal(err)
	}
}

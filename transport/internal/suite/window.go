package suite

import (
	"context"
	"iter"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// Development gives a lab the mailbox and the page.
func Development(c *config.Config, o *server.Options) {
	c.Dev.Enabled, c.Mail.Supplied, o.Mail = true, false, nil
	c.Headless.FrontendURLs = config.FrontendURLs{}
}

// window is a browser window on the page of a lab.
type window struct {
	*Lab
	ctx context.Context

	mu sync.Mutex
	// faults are what the page did that it should not.
	faults []string
}

// NewWindow starts a browser. Where there is none the test is skipped, or fails if
// STAGEDOOR_REQUIRE contains "chromium".
func NewWindow(t *testing.T, l *Lab) *window {
	t.Helper()
	ctx := StartBrowser(t)
	w := &window{Lab: l, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 1000)); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	go w.listen(chromedp.Console(ctx))
	return w
}

// listen notes whatever the page writes to the console, until the browser ends.
func (w *window) listen(console iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range console {
		if err != nil {
			return
		}
		// The contract answers 401 to a client that is not signed in, and browsers log that, as they do
		// that they have cleared what a sign-out has them clear.
		if m.Source == "network" && strings.Contains(m.Text, "status of 40") || strings.HasPrefix(m.Text, "Clear-Site-Data header on ") {
			continue
		}
		w.mu.Lock()
		w.faults = append(w.faults, m.String())
		w.mu.Unlock()
	}
}

// StartBrowser makes a context in which a browser starts with the first that is asked of it, and
// ends with the test. Where there is none the test is skipped, or fails if STAGEDOOR_REQUIRE
// contains "chromium".
func StartBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	return ctx
}

// chromium finds a browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "chromium") {
		t.Fatal("chromium is required and not on PATH; install the package chromium")
	}
	t.Skip("no chromium on PATH: the page is not looked at in a browser")
	return ""
}

// Step is something a person does, or waits for.
type Step = chromedp.Action[chromedp.Void]

// Do carries out a step, and fails where the page made a fault of its own by then.
func (w *window) Do(what string, steps ...Step) {
	w.T.Helper()
	w.Within(Patience, what, steps...)
}

// Within takes steps that may take longer.
func (w *window) Within(d time.Duration, what string, steps ...Step) {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, d)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		shown, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.querySelector('main').innerText`))
		w.T.Fatalf("%s: %v; the page shows:\n%s", what, err, shown)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.faults) > 0 {
		w.T.Fatalf("%s, but the page is at fault:\n%s", what, strings.Join(w.faults, "\n"))
	}
}

// Whole checks what must hold in any state: nothing is wider than the screen of a
// telephone or a desk, and everything to fill in or to press has a name.
func (w *window) Whole() {
	w.T.Helper()
	for _, width := range []int64{390, 1280} {
		w.Do("the window is resized", chromedp.EmulateViewport(width, 900))
		if over := ask[int](w, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			w.T.Errorf("at a width of %d the page is %d too wide", width, over)
		}
	}
	nameless := ask[[]string](w, `[...document.querySelectorAll('input, button, a, iframe')]
		.filter((e) => !(e.labels?.length || e.textContent.trim() || e.title || e.ariaLabel)).map((e) => e.outerHTML)`)
	if len(nameless) > 0 {
		w.T.Errorf("nobody can tell what these are: %q", nameless)
	}
}

// ask evaluates an expression in the page.
func ask[T any](w *window, expression string) T {
	w.T.Helper()
	got, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.T.Fatalf("%s: %v", expression, err)
	}
	return got
}

// Ask evaluates an expression in the page, waits for a promise that it comes to, and returns the
// value as JSON.
func (w *window) Ask(expression string) string {
	w.T.Helper()
	got, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`Promise.resolve(`+expression+`).then(JSON.stringify)`, chromedp.EvalAwaitPromise))
	if err != nil {
		w.T.Fatalf("%s: %v", expression, err)
	}
	return got
}

// Before has every page that is opened from now on run a script before its own.
func (w *window) Before(script string) {
	w.T.Helper()
	if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		w.T.Fatal(err)
	}
}

// Picture saves what is seen to the file that STAGEDOOR_SCREENSHOT names, if it does:
//
//	STAGEDOOR_SCREENSHOT=$PWD/testdata/screenshot.png go test -run InspectorInABrowser ./transport/internal/devpage
func (w *window) Picture() {
	w.T.Helper()
	file := os.Getenv("STAGEDOOR_SCREENSHOT")
	if file == "" {
		return
	}
	// A frame of its own process is painted a moment after it was loaded.
	w.Do("the window is made ready", chromedp.EmulateViewport(1280, 860),
		chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0)`), chromedp.Sleep(2*time.Second))
	png, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.T.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		w.T.Fatal(err)
	}
}

// Until waits for a condition, a JavaScript expression. Chromium forgets what it waits for
// when the page is left, as one that has just loaded may be: it then waits on the new one.
func Until(condition string) Step {
	poll := chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(Patience))
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for {
			done, err := poll(ctx, t)
			if err == nil || ctx.Err() != nil || !left(err) {
				return done, err
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// left reports whether the page was left while something was asked of it.
func left(err error) bool {
	text := err.Error()
	return strings.Contains(text, "Cannot find context") || strings.Contains(text, "context was destroyed") || strings.Contains(text, "target navigated")
}

// Shown waits until an element can be seen.
func Shown(selector string) Step { return chromedp.WaitVisible(chromedp.CSS(selector)) }

// Click clicks on an element once it can be seen.
func Click(selector string) Step { return chromedp.Click(chromedp.CSS(selector)) }

// Period is how long a TOTP code is shown.
const Period = 30 * time.Second

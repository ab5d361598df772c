package server

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
)

// TestPageInABrowser walks the journey on the page in headless Chromium: sign up, open
// the link from the mailbox, log in, set up TOTP, log in with a code.
func TestPageInABrowser(t *testing.T) {
	t.Chdir(t.TempDir())
	w := newWindow(t, newLab(t, development, func(c *config.Config, o *Options) { c.DataDir, o.Now = "stagedoor-data/dev", time.Now }))
	w.do("the page opens", chromedp.Navigate(w.url), ready())
	w.whole()

	w.do("an empty form is refused", press("Sign up"), see("email", "Enter your e-mail address."))
	w.do("a sign-up waits", enter("email", "ann@example.org"), enter("password", "violet harbour 7"), press("Sign up"), see("journey", "verify_email"))
	w.do("the letter arrives", see("letters", "ann@example.org"), click(`#letters summary`), shown(`#letters iframe`))
	w.whole()
	w.picture()
	w.do("its link leads to a page of this server", follow("#letters a.button"), see("journey", "confirms ann@example.org"))
	w.do("which confirms the address", press("Confirm"), see("journey", "Log in now"))
	w.do("a wrong password is refused", enter("password", "wrong"), press("Log in"), see("password", "or the password is wrong"))
	w.do("the right one signs in", enter("password", "violet harbour 7"), press("Log in"), see("journey", "Signed in as"), see("who", "signed in as ann"))

	w.do("TOTP is offered with a QR code", press("Set up TOTP"), shown("svg.qr"))
	w.do("a wrong code is refused", enter("code", "12"), press("Activate"), see("code", "This code is wrong"))
	w.whole()
	w.do("the page's own code activates it", code(), see("journey", "TOTP is set up"), see("journey", "Remove TOTP"))
	w.do("recovery codes are shown", press("Show recovery codes"), shown("ul.codes li"), press("Back"), see("journey", "Remove TOTP"))
	w.do("signing out", press("Sign out"), see("who", "not signed in"))

	w.do("from now on a code is asked for", enter("password", "violet harbour 7"), press("Log in"), see("journey", "mfa_authenticate"))
	w.do("where the run waits is marked", until(`document.querySelector('[data-flow="login"] .here[data-wire="mfa_authenticate"]')`))
	w.do("in the picture, too", click(`[data-flow="login"] summary`), until(`(img => img.complete && img.naturalWidth > 500 && img.src.endsWith('login.svg?wire=mfa_authenticate'))(document.querySelector('[data-flow="login"] img'))`))
	w.within(period+patience, "the next code signs in", code(), see("journey", "Signed in as"), see("journey", "mfa (totp)"))
	w.do("nothing is marked any more", until(`document.querySelector('[data-flow="login"] img').getAttribute('src') === '/dev/graph/login.svg'`))
	w.do("the journey is done", shown(`#progress li.done:nth-child(5)`))
	w.do("the run is explained, and can be saved", until(`document.querySelector('#runs summary')?.textContent.includes('login ended at session')`),
		click("#runs summary"), see("runs", "mfa_authenticate left by ok"), shown(`#runs a[download="login.yaml"]`))
	w.do("the mailbox can be emptied", click("#empty"), see("nothing", "appear here"))
	w.whole()
}

// TestPageWithAProvider goes to the third party of a development server and comes back.
func TestPageWithAProvider(t *testing.T) {
	w := newWindow(t, newLab(t, development, func(c *config.Config, _ *Options) {
		c.SocialAccount.Providers = []config.Provider{{Provider: "dummy", Name: "Dummy"}}
	}))
	w.do("the page offers it", chromedp.Navigate(w.url), ready(), press("Continue with dummy"), shown("input[name=email_verified]"))
	w.do("who one wants to be", chromedp.SendKeys(chromedp.CSS("input[name=email]"), "zoe@example.org"), click("input[name=email_verified]"))
	w.do("it leads back, signed in", click("button"), ready(), see("who", "signed in as zoe"), see("journey", "Set up TOTP"))
	w.whole()
}

// TestPageWithACode takes the code of a letter by its button.
func TestPageWithACode(t *testing.T) {
	w := newWindow(t, newLab(t, development, byCode))
	w.do("a sign-up waits", chromedp.Navigate(w.url), ready(),
		enter("email", "ann@example.org"), enter("password", "violet harbour 7"), press("Sign up"), see("journey", "verify_email"))
	w.do("the code can be sent again", press("Send again"), see("journey", "on its way"), shown("#letters li:nth-child(2)"))
	w.do("or elsewhere", press("Send it elsewhere"), enter("email", "anne@example.org"), press("Change"), see("letters", "to anne@example.org"))
	w.do("the button enters it", click("#letters li:first-child button"), see("journey", "Signed in as"))
	w.do("signing out cancels all", press("Sign out"), see("who", "not signed in"))
}

// development gives a lab the mailbox and the page.
func development(c *config.Config, o *Options) {
	c.Dev.Enabled, c.Mail.Supplied, o.Mail = true, false, nil
	c.Headless.FrontendURLs = config.FrontendURLs{}
}

// window is a browser window on the page of a lab.
type window struct {
	*lab
	ctx context.Context

	mu sync.Mutex
	// faults are what the page did that it should not.
	faults []string
}

// newWindow starts a browser. Where there is none the test is skipped, or fails if
// STAGEDOOR_REQUIRE contains "chromium".
func newWindow(t *testing.T, l *lab) *window {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	w := &window{lab: l, ctx: ctx}
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
		// The contract answers 401 to who is not signed in, and browsers log that.
		if m.Source == "network" && strings.Contains(m.Text, "status of 40") {
			continue
		}
		w.mu.Lock()
		w.faults = append(w.faults, m.String())
		w.mu.Unlock()
	}
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

// step is something a person does, or waits for.
type step = chromedp.Action[chromedp.Void]

// do carries out a step, and fails where the page made a fault of its own by then.
func (w *window) do(what string, steps ...step) {
	w.t.Helper()
	w.within(patience, what, steps...)
}

// within takes steps that may take longer.
func (w *window) within(d time.Duration, what string, steps ...step) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, d)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		shown, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.querySelector('main').innerText`))
		w.t.Fatalf("%s: %v; the page shows:\n%s", what, err, shown)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.faults) > 0 {
		w.t.Fatalf("%s, but the page is at fault:\n%s", what, strings.Join(w.faults, "\n"))
	}
}

// whole checks what must hold in any state: nothing is wider than the screen of a
// telephone or a desk, and everything to fill in or to press has a name.
func (w *window) whole() {
	w.t.Helper()
	for _, width := range []int64{390, 1280} {
		w.do("the window is resized", chromedp.EmulateViewport(width, 900))
		if over := ask[int](w, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			w.t.Errorf("at a width of %d the page is %d too wide", width, over)
		}
	}
	nameless := ask[[]string](w, `[...document.querySelectorAll('input, button, a, iframe')]
		.filter((e) => !(e.labels?.length || e.textContent.trim() || e.title)).map((e) => e.outerHTML)`)
	if len(nameless) > 0 {
		w.t.Errorf("nobody can tell what these are: %q", nameless)
	}
}

// ask evaluates an expression in the page.
func ask[T any](w *window, expression string) T {
	w.t.Helper()
	got, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// picture saves what is seen to the file that STAGEDOOR_SCREENSHOT names, if it does:
//
//	STAGEDOOR_SCREENSHOT=$PWD/testdata/screenshot.png go test -run InABrowser ./transport/server
func (w *window) picture() {
	w.t.Helper()
	file := os.Getenv("STAGEDOOR_SCREENSHOT")
	if file == "" {
		return
	}
	// A frame of its own process is painted a moment after it was loaded.
	w.do("the window is made ready", chromedp.EmulateViewport(1280, 860),
		chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0)`), chromedp.Sleep(2*time.Second))
	png, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// ready waits until the page has asked who is signed in.
func ready() step { return chromedp.WaitReady(chromedp.CSS(`#journey[data-ready]`)) }

// until waits for a condition, a JavaScript expression.
func until(condition string) step {
	return chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(patience))
}

// see waits until the element, or the row of the field of that name, shows the text.
func see(id, text string) step {
	return until(fmt.Sprintf(`(document.getElementById(%[1]q) ?? document.querySelector('.row:has([name=%[1]s])'))
		?.textContent.replace(/\s+/g, ' ').includes(%[2]q)`, id, text))
}

// shown waits until an element can be seen.
func shown(selector string) step { return chromedp.WaitVisible(chromedp.CSS(selector)) }

// click clicks on an element once it can be seen.
func click(selector string) step { return chromedp.Click(chromedp.CSS(selector)) }

// enter types a value into a field of the form, over what is in it.
func enter(name, value string) step {
	field := fmt.Sprintf(`#stage input[name=%s]`, name)
	return chromedp.Steps(
		shown(field), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).select()`, field)),
		chromedp.SendKeys(chromedp.CSS(field), value),
	)
}

// press presses the last button of the journey with that text: the tabs come first.
func press(text string) step {
	return chromedp.Click(chromedp.Search(fmt.Sprintf(`(//section[@id='journey']//button[normalize-space()=%q])[last()]`, text)))
}

// period is how long a TOTP code is shown.
const period = 30 * time.Second

// code presses the button of the page's own authenticator, which waits for a code that was
// not entered yet.
func code() step {
	next := chromedp.Poll[chromedp.Void](`(b => b?.textContent.length === 6 && !b.disabled)(document.querySelector('[data-totp]'))`,
		chromedp.WithPollingTimeout(period+patience))
	return chromedp.Steps(next, click(`[data-totp]`))
}

// follow opens a link and waits for the page behind it.
func follow(link string) step {
	return chromedp.Steps(chromedp.Evaluate[chromedp.Void](`delete document.getElementById('journey').dataset.ready`), click(link), ready())
}

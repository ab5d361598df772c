package devpage_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// in is an expression about what is inside the inspector's panel.
func in(selector string) string {
	return fmt.Sprintf(`(document.querySelector('stagedoor-inspector')?.shadowRoot?.querySelector(%q))`, selector)
}

// click presses what is inside the panel, once it is there. see waits until it says something.
func click(selector string) suite.Step {
	return suite.Until(fmt.Sprintf(`((e) => e && !e.click())(%s)`, in(selector)))
}

func see(selector, text string) suite.Step {
	return suite.Until(fmt.Sprintf(`%s?.textContent.includes(%q)`, in(selector), text))
}

// button is the one of the app that says so and can be pressed.
func button(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('#main button, #main a, dialog button')].find((e) => e.textContent.trim() === %q && !e.disabled && e.getClientRects().length > 0)`, text)
}

// press presses a button of the app, once nothing lies over it. shows waits until the app says something.
func press(text string) suite.Step {
	return suite.Until(fmt.Sprintf(`((e) => {
		e?.scrollIntoView({ block: 'center' });
		const at = e?.getBoundingClientRect();
		return e?.contains(document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2)) && !e.click();
	})(%s)`, button(text)))
}

func shows(text string) suite.Step {
	return suite.Until(fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
}

// next presses what the inspector offers to do now.
func next(id string) suite.Step { return click("[data-next=" + id + "]") }

// open waits for a page with its inspector.
func open(url string) suite.Step {
	return chromedp.Steps(chromedp.Navigate(url), suite.Until(`document.querySelector('stagedoor-inspector')?.dataset.ready`))
}

// TestFromNothingToTwoFactors: from an empty browser to an account with a passkey and an
// authenticator app, signed in, in at most nine steps, none of which needs reading: what is to be
// filled in is there, and the inspector has the rest as buttons.
func TestFromNothingToTwoFactors(t *testing.T) {
	for _, wide := range []int64{1280, 390} {
		t.Run(fmt.Sprint(wide), func(t *testing.T) { fromNothing(t, wide) })
	}
}

func fromNothing(t *testing.T, wide int64) {
	l := suite.NewLab(t, development)
	w := suite.NewWindow(t, l)
	w.Do("the window", chromedp.EmulateViewport(wide, 844))
	steps := 0
	step := func(what string, s suite.Step) {
		t.Helper()
		steps++
		w.Do(what, s)
	}
	w.Do("the page opens", open(l.Config.Origin()+"/"), suite.Until(`document.querySelector('input[name=email]')?.value`))
	step("an account", press("Create account"))
	w.Do("the run waits in the picture", suite.Until(in("svg [data-node=verify_email] .draw-here")), see(".where", "Waits at verify_email"), see(".steps", "email due"))
	w.Whole()
	w.Do("the window", chromedp.EmulateViewport(wide, 844))
	step("the letter's link", next("link"))
	w.Do("which confirms the address", shows("is confirmed"))
	step("signing in", press("Sign in"))
	step("a passkey", press("Make a passkey"))
	step("it is still them", press("Continue"))
	w.Do("is there", see("#view-passkeys .keys", "for localhost"))
	w.Do("and the server has it", shows("Done"))
	step("an authenticator app", press("Set it up"))
	step("its code", next("totp"))
	step("on", press("Go on"))
	if steps > 9 {
		t.Errorf("it takes %d steps, want at most 9", steps)
	}
	w.Do("both are there", suite.Until(`!document.querySelector('#main')?.innerText.includes('Secure your account')`))
	if got := w.Ask(`fetch('/_allauth/browser/v1/account/authenticators').then((r) => r.json()).then((r) => r.data.map((a) => a.type).sort())`); got != `["recovery_codes","totp","webauthn"]` {
		t.Errorf("authenticators %s", got)
	}
	if got := w.Ask(`fetch('/_allauth/browser/v1/auth/session').then((r) => r.status)`); got != "200" {
		t.Errorf("signed in: %s", got)
	}
}

// signOut ends the session behind the app's back.
const signOut = `fetch('/_allauth/browser/v1/auth/session', {method: 'DELETE', headers: {'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1]}}).then((r) => r.status)`

// TestInspectorSignsIn with what was set up a moment ago: the passkey out of the form's autofill, then
// the password and the next code of the authenticator, for which the clock is put ahead.
func TestInspectorSignsIn(t *testing.T) {
	l := suite.NewLab(t, development)
	w := suite.NewWindow(t, l)
	w.Do("an account", open(l.Config.Origin()+"/"), suite.Until(`document.querySelector('input[name=email]')?.value`), press("Create account"),
		next("link"), shows("is confirmed"), press("Sign in"), press("Make a passkey"), press("Continue"), shows("Done"), press("Set it up"), next("totp"), press("Go on"))
	w.Do("its recovery codes", shows("Recovery codes"))
	if got := w.Ask(signOut); got != "401" {
		t.Fatalf("signed out: %s", got)
	}
	w.Do("the passkey is offered", open(l.Config.Origin()+"/account/login"), next("passkey"))
	w.Do("and signs in", shows("What belongs to your account"), see("#view-passkeys .keys", "used once"))
	if got := w.Ask(signOut); got != "401" {
		t.Fatalf("signed out: %s", got)
	}
	w.Do("time passes", open(l.Config.Origin()+"/account/login"), click("#tab-clock"), click("#view-clock .buttons button"), see(".ahead", "+1 min"))
	w.Do("the passkey as the second factor", press("Sign in"), shows("One more step"), next("passkey"), shows("Trust this browser?"))
	if got := w.Ask(signOut); got != "401" {
		t.Fatalf("given up: %s", got)
	}
	w.Do("the password", open(l.Config.Origin()+"/account/login"), press("Sign in"), suite.Until(in("[data-next=passkey]")+`?.textContent.includes('Use the passkey')`), press("Use an authenticator app"))
	w.Do("the passkey is offered no more", suite.Until(in("[data-next=totp]")), suite.Until(`!`+in("[data-next=passkey]")))
	w.Do("the code of now", next("totp"), shows("Trust this browser?"))
	w.Do("signed in", press("Not now"), shows("What belongs to your account"))
	w.Do("until that is over", click("#tab-clock"), click("#view-clock .buttons button:nth-child(6)"), see(".ahead", "+30 d"), suite.Until(`!document.body.innerText.includes('What belongs to your account')`), shows("Sign in"))
	w.Do("the passkey is removed", click("#tab-passkeys"), click(".keys button"), see("#view-passkeys", "It has no passkey yet"))
}

// TestVirtualChoice: of several keys one is picked in a dialog of the inspector.
func TestVirtualChoice(t *testing.T) {
	l := suite.NewLab(t, development)
	w := suite.NewWindow(t, l)
	w.Do("two keys", open(l.Config.Origin()+"/"), chromedp.Evaluate[chromedp.Void](`(async () => {
		for (const n of [1, 2]) await navigator.credentials.create({publicKey: {challenge: new Uint8Array(32), rp: {name: 'x'}, user: {id: new Uint8Array([n]), name: 'ann' + n, displayName: 'Ann'}, pubKeyCredParams: []}});
		globalThis.picked = navigator.credentials.get({publicKey: {challenge: new Uint8Array(32)}}).then((c) => c.response.userHandle, (e) => e.name);
	})()`))
	w.Do("one is picked", click("dialog .main:nth-child(2)"), suite.Until(`picked.then((handle) => new Uint8Array(handle)[0] === 1)`))
	w.Do("or none", chromedp.Evaluate[chromedp.Void](`globalThis.picked = navigator.credentials.get({publicKey: {challenge: new Uint8Array(32)}}).catch((e) => e.name); undefined`),
		click("dialog button:not(.main)"), suite.Until(`picked.then((name) => name === 'NotAllowedError')`))
}

// development is what the command dev runs.
func development(c *config.Config, o *server.Options) {
	listen := c.Listen
	data := c.DataDir
	*c = config.Dev()
	c.Listen, c.DataDir, o.Mail, o.Now = listen, data, nil, nil
}

// TestInspectorInABrowser looks into its tabs.
func TestInspectorInABrowser(t *testing.T) {
	var ahead atomic.Int64
	l := suite.NewLab(t, development, func(_ *config.Config, o *server.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	w := suite.NewWindow(t, l)
	w.Do("the page opens", open(l.Config.Origin()+"/"), suite.Until(`document.querySelector('input[name=email]')?.value`))
	w.Do("which flow comes next", suite.Until(in("svg [data-node=signup_form]")))
	w.Do("an account", press("Create account"), see("#tab-mail .badge", "1"))
	w.Do("all tabs have room", suite.Until(`((bar) => bar.scrollWidth <= bar.clientWidth)(`+in(".tabs")+`)`))
	w.Do("the run waits in the picture", suite.Until(in("svg [data-node=verify_email] .draw-here")))
	w.Picture()
	w.Do("the reasons stand above it", suite.Until(in(".reason")+`.getBoundingClientRect().bottom <= `+in(".picture")+`.getBoundingClientRect().top`))
	w.Do("all of it fits", click(".tools button:nth-child(2)"), suite.Until(`((f) => f.scrollHeight <= f.clientHeight + 1 && f.scrollWidth <= f.clientWidth + 1)(`+in(".picture")+`)`))
	w.Do("the mailbox", click("#tab-mail"), suite.Until(in("#tab-mail .badge")+`.hidden`), click(".letter summary"),
		suite.Until(in(".letter iframe")), see(".letter", "Open the link"))
	w.Whole()
	w.Do("the requests", click("#tab-requests"), see(".call", "auth/signup"), chromedp.Evaluate[chromedp.Void](in(".call details")+`.open = true`), see(".call", "••••••••"))
	if got := w.Ask(in("#view-requests") + `.textContent.includes(document.querySelector('input[type=password]')?.value || 'violet harbour')`); got != "false" {
		t.Error("a password is shown")
	}
	w.Do("no passkey yet", click("#tab-passkeys"), see("#view-passkeys", "It has no passkey yet"), suite.Until(in("#virtual")+`.checked`))
	w.Do("no session is bound", click("#tab-devices"), see("#view-devices", "session.device_bound is offer. Apps that show proofs bind their sessions"),
		suite.Until(`fetch('/_allauth/app/v1/config', { headers: { 'Secure-Session-Skipped': 'unreachable' } }).then((r) => r.ok)`),
		see("#view-devices li", "This browser has come without a new cookie"), see("#view-devices li", "it could not reach the server"))
	w.Do("what another configuration asks", click("#tab-diff"), click("#view-diff .main"), see(".result", "weaker"), suite.Until(`!`+in(".result details")+`.open`))
	w.Do("what runs", click("#tab-about"), see("#view-about", "SQLite"))
	w.Do("the clock", click("#tab-clock"), click("#view-clock .buttons button:nth-child(4)"), see(".ahead", "+1 d"))
	w.Do("an app whose proofs are of today follows", suite.Until(`Promise.all([import('/_stagedoor/v1/stagedoor.js'), import('/_stagedoor/v1/stagedoor-dpop.js')]).then(([{ createAuth }, { createDPoP }]) =>
		createAuth({ client: 'app', dpop: createDPoP() }).signIn.password({ email: 'nobody@example.org', password: 'violet harbour 7' }).catch((e) => e.code === 'email_password_mismatch'))`),
		click("#tab-devices"), see("#view-devices", "This browser was refused: a nonce was wanted"), see("#view-devices", "This browser has shown its key"))
	w.Do("what waited is over", click("#tab-flow"), see(".where", "until its time was over"))
	w.Do("tabs go by arrows", chromedp.Evaluate[chromedp.Void](in("#tab-flow")+`.focus()`), chromedp.Evaluate[chromedp.Void](in("#tab-flow")+`.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))`),
		suite.Until(in("#tab-mail")+`.getAttribute('aria-selected') === 'true'`))
	w.Do("it is folded away", click(".fold"), suite.Until(in(".body")+`.hidden && document.documentElement.classList.contains('insp-folded')`))
	w.Whole()
	w.Do("and stays so", open(l.Config.Origin()+"/account/login"), suite.Until(in(".body")+`.hidden`))
	w.Do("until it is wanted", click(".fold"), suite.Until(`!`+in(".body")+`.hidden`))
	if got := w.Ask(`getComputedStyle(document.documentElement).paddingRight`); got == `"0px"` {
		t.Error("the app has no room beside the inspector")
	}
	w.Do("a run is kept as a story", click("#tab-flow"), see("#view-flow", "Save as fixture"),
		click("#view-flow .buttons button"), see("#view-flow .said", "Saved as "))
}

// TestInspectorAtACode: the code of a letter is filled in by its button, also into a dialog, in front of
// which all else is inert.
func TestInspectorAtACode(t *testing.T) {
	l := suite.NewLab(t, development, suite.ByCode)
	w := suite.NewWindow(t, l)
	w.Do("a sign-up waits", open(l.Config.Origin()+"/"), suite.Until(`document.querySelector('input[name=email]')?.value`), press("Create account"), shows("code"))
	w.Do("the button fills it in", next("code"), shows("Secure your account"))
	w.Do("a proof by a code", press("Make a passkey"), suite.Until(`[...document.querySelectorAll('dialog:modal button')].some((e) => e.textContent.includes('Send a code'))`),
		chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll('dialog:modal button')].find((e) => e.textContent.includes('Send a code')).click()`))
	w.Do("is filled in by hand of the mouse", suite.Until(in("[data-next=code]")), clickAt("[data-next=code]"), see("#view-passkeys .keys", "for localhost"))
	w.Do("and the panel is back", suite.Until(`document.querySelector('stagedoor-inspector').parentNode === document.body`))
}

// clickAt clicks with the mouse, which inert parts of a page do not notice.
func clickAt(selector string) suite.Step {
	return chromedp.Click(chromedp.JSPath("document.querySelector('stagedoor-inspector').shadowRoot.querySelector('" + selector + "')"))
}

// TestProviderOfDevelopment goes to the third party of a development server and comes back.
func TestProviderOfDevelopment(t *testing.T) {
	l := suite.NewLab(t, development)
	w := suite.NewWindow(t, l)
	w.Do("the page offers it", open(l.Config.Origin()+"/"), press("Continue with Dummy"), suite.Shown("input[name=email_verified]"))
	w.Do("who one wants to be", chromedp.SendKeys(chromedp.CSS("input[name=email]"), "zoe@example.org"), suite.Click("input[name=email_verified]"))
	w.Do("it leads back, signed in", suite.Click("button"), shows("zoe@example.org"))
	somebody := func(id, email string) suite.Step {
		if got := w.Ask(signOut); got != "401" {
			t.Fatalf("signed out: %s", got)
		}
		return chromedp.Steps(open(l.Config.Origin()+"/account/login"), press("Continue with Dummy"), suite.Shown("input[name=email]"),

			chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`Object.entries({id: %q, email: %q}).forEach(([name, value]) => { document.querySelector('input[name=' + name + ']').value = value; })`, id, email)), suite.Click("button"))
	}
	w.Do("an address that is to be confirmed, which nobody typed here", somebody("2", "kim@example.org"), see("[data-next=link]", "kim@example.org"))
	w.Do("no address: the page asks for it", somebody("3", ""), suite.Until(`document.querySelector('#main input[name=email]')`), see(".where", "begins a run of its own"))
}

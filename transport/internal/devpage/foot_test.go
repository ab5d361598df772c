package devpage_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/internal/suite"
)

// above is true where the foot of an element is above the inspector's bar.
func above(element string) string {
	return fmt.Sprintf(`((e, bar) => e && bar.height > 30 && e.getBoundingClientRect().bottom <= bar.top && e.getBoundingClientRect().top >= 0)(%s, document.querySelector('stagedoor-inspector').getBoundingClientRect())`, element)
}

// TestInspectorHidesNothing: on a telephone what the app says at the foot stands above the
// inspector, folded or not, and so does what gets the focus.
func TestInspectorHidesNothing(t *testing.T) {
	l := suite.NewLab(t, development)
	w := suite.NewWindow(t, l)
	w.Do("an account", chromedp.EmulateViewport(390, 844), open(l.Config.Origin()+"/"), suite.Until(`document.querySelector('input[name=email]')?.value`),
		press("Create account"), next("link"), shows("is confirmed"), press("Sign in"), shows("Secure your account"))
	last := `[...document.querySelectorAll('#main button, #main a, #main input')].filter((e) => e.getClientRects().length > 0).at(-1)`
	for _, folded := range []string{"true", "false"} {
		w.Do("the panel", suite.Until(fmt.Sprintf(`%s.hidden === %s || %s.click()`, in(".body"), folded, in(".fold"))))
		w.Do("the last control", chromedp.Navigate(l.Config.Origin()+"/account/email"), suite.Until(`document.querySelector('stagedoor-inspector')?.dataset.ready`), shows("Addresses"),
			suite.Until(above(`((e) => { e?.blur(); scrollTo(0, 0); e?.focus(); return e; })(`+last+`)`)))
		w.Do("what has happened", suite.Click("#who button"), suite.Until(above(`document.querySelector('#told .notice')`)))
		w.Do("again in", open(l.Config.Origin()+"/account/login"), press("Sign in"), shows("What belongs to your account"))
	}
}

// TestInspectorOffersTheRightLetter: each of two browsers is offered its own letter, also after a
// reload, until the link was used: by the button, by hand, or in another tab.
func TestInspectorOffersTheRightLetter(t *testing.T) {
	l := suite.NewLab(t, development)
	b := suite.NewBrowser(t)
	signUp := func(tab *suite.Tab, email string) {
		t.Helper()
		tab.Do("an account for "+email, open(l.Config.Origin()+"/account/signup"), suite.Until(`document.querySelector('input[name=email]')?.value`),
			suite.Until(`((e) => { e.value = '`+email+`'; e.dispatchEvent(new Event('input', { bubbles: true })); return true; })(document.querySelector('input[name=email]'))`),
			press("Create account"), see("[data-next=link]", email))
	}
	ann, bob := b.Tab(t, l, 1280), b.Tab(t, l, 1280)
	signUp(ann, "ann@example.org")
	signUp(bob, "bob@example.org")
	for range 2 {
		ann.Do("Ann's letter", click("#tab-mail"), see(".letters", "bob@example.org"), see("[data-next=link]", "ann@example.org"))
		ann.Do("also after a reload", open(l.Config.Origin()+"/account/step"))
	}
	ann.Do("and while Bob's link is used", see("[data-next=link]", "ann@example.org"))
	bob.Do("by Bob", next("link"), shows("is confirmed"), suite.Until(`!`+in("[data-next=link]")))
	bob.Do("marked in the mailbox", click("#tab-mail"), suite.Until(`getComputedStyle(`+in(".letter:first-child .spent")+`).display !== 'none'`),
		suite.Until(`getComputedStyle(`+in(".letter:last-child .spent")+`).display === 'none'`))
	bob.Do("Bob is in", press("Sign in"), shows("Secure your account"), open(l.Config.Origin()+"/account/email"), see(".letters", "ann@example.org"), suite.Until(`!`+in("[data-next=link]")))

	var link string
	ann.Ask(`fetch('/dev/mailbox.json').then((r) => r.json()).then((r) => r.letters.find((l) => l.to === 'ann@example.org').url)`, &link)
	ann.Do("Ann opens hers by hand", chromedp.Evaluate[chromedp.Void](`location.assign(`+strconv.Quote(link)+`); undefined`), shows("is confirmed"), see(".letters", "ann@example.org"), suite.Until(`!`+in("[data-next=link]")))
	ann.Do("and signs in", press("Sign in"), shows("Secure your account"), suite.Until(`!`+in("[data-next=link]")))
	ann.Do("another address is named", open(l.Config.Origin()+"/account/email"), suite.Until(`document.querySelector('#main input[name=email]')`),
		suite.Until(`((e) => { e.value = 'anna@example.org'; e.dispatchEvent(new Event('input', { bubbles: true })); return true; })(document.querySelector('#main input[name=email]'))`),
		press("Add"), see("[data-next=link]", "anna@example.org"))
}

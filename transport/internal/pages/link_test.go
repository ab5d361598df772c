package pages_test

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestBrokenLinks: a link that a mail program has mangled leads to the page that says so.
func TestBrokenLinks(t *testing.T) {
	tab := suite.NewBrowser(t).Tab(t, suite.NewLab(t, suite.Hosted), 800)
	for _, key := range []string{"%FF", "a%2F%2Fb", "<img src=x onerror=alert(1)>"} {
		tab.Open("/account/verify-email/" + key)
		tab.At("/account/verify-email", "This link does not work")
		tab.Open("/account/password/reset/key/" + key)
		tab.At("/account/password/reset/key", "This link does not work")
	}
}

// TestBackFromAway: who comes back from another site by the back button can press its button again.
func TestBackFromAway(t *testing.T) {
	tab := suite.NewBrowser(t).Tab(t, suite.NewLab(t, suite.Hosted, suite.Dummies), 800)
	tab.Open("/account/login")
	const busy = `document.querySelector('button[aria-disabled=true]') !== null`
	tab.Do("stay here", suite.Until(`Boolean(HTMLFormElement.prototype.submit = () => {})`))
	tab.Press("Continue with Dummy")
	tab.Do("the button is busy", suite.Until(busy))
	tab.Do("come back", suite.Until(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`), suite.Until("!("+busy+")"))
}

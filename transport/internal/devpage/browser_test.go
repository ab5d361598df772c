package devpage_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestPageInABrowser walks the journey on the page in headless Chromium: sign up, open
// the link from the mailbox, log in, set up TOTP, log in with a code.
func TestPageInABrowser(t *testing.T) {
	t.Chdir(t.TempDir())
	// The page's clock is the browser's; both go ahead together, so that nobody waits for the
	// next code.
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	w := suite.NewWindow(t, suite.NewLab(t, suite.Development, func(c *config.Config, o *server.Options) { c.DataDir, o.Now = "stagedoor-data/dev", now }))
	w.Do("the page opens", chromedp.Navigate(w.URL), suite.Ready())
	w.Whole()

	w.Do("an empty form is refused", suite.Press("Sign up"), suite.See("email", "Enter your e-mail address."))
	w.Do("a sign-up waits", suite.Enter("email", "ann@example.org"), suite.Enter("password", "violet harbour 7"), suite.Press("Sign up"), suite.See("journey", "verify_email"))
	w.Do("the letter arrives", suite.See("letters", "ann@example.org"), suite.Click(`#letters summary`), suite.Shown(`#letters iframe`))
	w.Whole()
	w.Picture()
	w.Do("its link leads to a page of this server", suite.Follow("#letters a.button"), suite.See("journey", "confirms ann@example.org"))
	w.Do("which confirms the address", suite.Press("Confirm"), suite.See("journey", "Log in now"))
	w.Do("a wrong password is refused", suite.Enter("password", "wrong"), suite.Press("Log in"), suite.See("password", "or the password is wrong"))
	w.Do("the right one signs in", suite.Enter("password", "violet harbour 7"), suite.Press("Log in"), suite.See("journey", "Signed in as"), suite.See("who", "signed in as ann"))

	w.Do("the password is asked for once more", suite.Press("Set up TOTP"), suite.See("journey", "reauthenticate"))
	w.Do("or a code, by mail", suite.Press("enter a code that is sent"), suite.Press("Send a code to ann@example.org"), suite.See("journey", "that was sent to"))
	w.Do("which may be wrong", suite.Enter("code", "AAAA-AAAA"), suite.Press("Confirm"), suite.See("code", "This code is wrong"), suite.Press("Back"))
	w.Do("TOTP is offered with a QR code", suite.Press("Set up TOTP"), suite.Enter("password", "violet harbour 7"), suite.Press("give the password again"), suite.Shown("svg.qr"))
	w.Do("a wrong code is refused", suite.Enter("code", "12"), suite.Press("Activate"), suite.See("code", "This code is wrong"))
	w.Whole()
	w.Do("the page's own code activates it", suite.Code(), suite.See("journey", "TOTP is set up"), suite.See("journey", "Remove TOTP"))
	w.Do("recovery codes are shown", suite.Press("Show recovery codes"), suite.Shown("ul.codes li"), suite.Press("Back"), suite.See("journey", "Remove TOTP"))
	w.Do("signing out", suite.Press("Sign out"), suite.See("who", "not signed in"))

	w.Do("from now on a code is asked for", suite.Enter("password", "violet harbour 7"), suite.Press("Log in"), suite.See("journey", "mfa_authenticate"))
	w.Do("where the run waits is marked", suite.Until(`document.querySelector('[data-flow="login"] .here[data-wire="mfa_authenticate"]')`))
	w.Do("in the picture, too", suite.Click(`[data-flow="login"] summary`), suite.Until(`(img => img.complete && img.naturalWidth > 500 && img.src.endsWith('login.svg?wire=mfa_authenticate'))(document.querySelector('[data-flow="login"] img'))`))
	ahead.Store(int64(suite.Period))
	w.Within(suite.Period+suite.Patience, "the next code signs in", suite.Later(suite.Period), suite.Code(), suite.See("journey", "Signed in as"), suite.See("journey", "mfa (totp)"))
	w.Do("nothing is marked any more", suite.Until(`document.querySelector('[data-flow="login"] img').getAttribute('src') === '/dev/graph/login.svg'`))
	w.Do("the journey is done", suite.Shown(`#progress li.done:nth-child(5)`))
	w.Do("the run is explained, and can be saved", suite.Until(`document.querySelector('#runs summary')?.textContent.includes('login ended at session')`),
		suite.Click("#runs summary"), suite.See("runs", "mfa_authenticate left by ok"), suite.Shown(`#runs a[download="login.yaml"]`))
	w.Do("the mailbox can be emptied", suite.Click("#empty"), suite.See("nothing", "appear here"))
	w.Whole()
}

// TestPageWithAProvider goes to the third party of a development server and comes back.
func TestPageWithAProvider(t *testing.T) {
	w := suite.NewWindow(t, suite.NewLab(t, suite.Development, func(c *config.Config, _ *server.Options) {
		c.SocialAccount.Providers = []config.Provider{{Provider: "dummy", Name: "Dummy"}}
	}))
	w.Do("the page offers it", chromedp.Navigate(w.URL), suite.Ready(), suite.Press("Continue with dummy"), suite.Shown("input[name=email_verified]"))
	w.Do("who one wants to be", chromedp.SendKeys(chromedp.CSS("input[name=email]"), "zoe@example.org"), suite.Click("input[name=email_verified]"))
	w.Do("it leads back, signed in", suite.Click("button"), suite.Ready(), suite.See("who", "signed in as zoe"), suite.See("journey", "Set up TOTP"))
	w.Whole()
}

// TestPageWithACode takes the code of a letter by its button.
func TestPageWithACode(t *testing.T) {
	w := suite.NewWindow(t, suite.NewLab(t, suite.Development, suite.ByCode))
	w.Do("a sign-up waits", chromedp.Navigate(w.URL), suite.Ready(),
		suite.Enter("email", "ann@example.org"), suite.Enter("password", "violet harbour 7"), suite.Press("Sign up"), suite.See("journey", "verify_email"))
	w.Do("the code can be sent again", suite.Press("Send again"), suite.See("journey", "on its way"), suite.Shown("#letters li:nth-child(2)"))
	w.Do("or elsewhere", suite.Press("Send it elsewhere"), suite.Enter("email", "anne@example.org"), suite.Press("Change"), suite.See("letters", "to anne@example.org"))
	w.Do("the button enters it", suite.Click("#letters li:first-child button"), suite.See("journey", "Signed in as"))
	w.Do("signing out cancels all", suite.Press("Sign out"), suite.See("who", "not signed in"))
}

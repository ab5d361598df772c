package appjourneys

import (
	"fmt"
	"strconv"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// halfSecured sets an authenticator app up, proved before there is anything to scan, and leaves
// the rest for later: the recovery codes are shown nevertheless. An address can no longer be
// added then, and the page says so.
func halfSecured(w *walker) {
	w.Key()
	w.Touch(false)
	w.account()
	w.signIn()
	w.At("/account/", "Hello, ann")
	w.Open("/account/secure")
	w.Press("Set it up")
	w.Sees("Is it still you?")
	w.Misses("Scan this")
	w.prove()
	w.Sees("Scan this")
	w.Fill("Code of 6 digits", "12")
	w.Press("Turn it on")
	w.Complains("Code of 6 digits", "A code has 6 digits.")
	w.Fill("Code of 6 digits", w.TOTP(w.secret()))
	w.Sees("The authenticator app is on.")
	w.Press("Do it later")
	w.At("/account/security/codes", "Recovery codes")
	w.Press("I have saved them")
	w.At("/account/security", "Security")
	w.Press("Addresses")
	w.At("/account/email", "Addresses")
	w.Sees("no address can be added")
	w.Look("email-blocked")
	w.Press("Security", "Remove those")
	w.At("/account/security", "Security")
}

// unconfirmed signs in to an account whose address is not confirmed, again and again: that a
// letter was sent before is said, and when there is another one.
func unconfirmed(w *walker) {
	w.signUp(ann)
	w.At("/account/step", "Confirm your address")
	w.Sees("We sent a link to " + ann)
	w.Press("Start over")
	w.At("/account/login", "Sign in")
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	w.At("/account/step", "Confirm your address")
	w.Sees("You have not confirmed " + ann + " yet.")
	w.Sees("Sign in again a little later, and we send another one.")
	w.Look("verify-not-yet")
}

// offered has the server offer some ways to prove oneself, and no others.
func (w *walker) offered(ways string) {
	w.T.Helper()
	answer := strconv.Quote(`{"status":200,"data":{"required":true,"flows":[` + ways + `]}}`)
	w.Do("the server offers "+ways, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
		const plain = globalThis.plain ??= fetch;
		globalThis.fetch = (to, init) => String(to.url ?? to).includes('reauthenticate?for=')
			? Promise.resolve(new Response(%s, {headers: {'Content-Type': 'application/json'}})) : plain(to, init);
	})()`, answer)))
}

// proofsAlone is offered each way to prove oneself alone: there is always something to press or
// to fill in, or it says that there is nothing.
func proofsAlone(w *walker) {
	w.member()
	w.Open("/account/security")
	for ways, shows := range map[string]string{
		`{"id":"reauthenticate"}`: "Password", `{"id":"mfa_reauthenticate","types":["totp"]}`: "Enter a code of your authenticator app",
		`{"id":"mfa_reauthenticate","types":["recovery_codes"]}`: "or a recovery code", `{"id":"mfa_reauthenticate","types":["webauthn"]}`: "Use a passkey",
		`{"id":"reauthenticate_by_code","recipients":[{"email":"ann@example.org"}]}`: "Send a code to ann@example.org",
		`{"id":"reauthenticate_by_code","recipients":[{"phone":"+12025550123"}]}`:    "Send a code to +12025550123",
		`{"id":"provider_redirect","providers":["acme"],"process":"reauthenticate"}`: "Continue with acme",
		``: "There is nothing to prove it with", `{"id":"unheard_of"}`: "There is nothing to prove it with",
	} {
		w.offered(ways)
		w.Press("Set up")
		w.Sees("Is it still you?")
		w.Do("the dialog shows "+shows, suite.Until(`document.querySelector('dialog').innerText.includes(`+strconv.Quote(shows)+`)`))
		w.Press("Cancel")
		w.Misses("Is it still you?")
		w.At("/account/security", "Security")
	}
	w.offered(`{"id":"reauthenticate_by_code","recipients":[{"email":"ann@example.org"}]}`)
	w.Press("Set up")
	w.Look("prove-code-alone")
}

// toDummy goes to the other site and comes back as Ann, whose address that site knows, or has
// verified.
func (w *walker) toDummy(verified bool) {
	w.T.Helper()
	w.Press("Continue with Dummy")
	steps := []suite.Step{suite.Shown("input[name=email_verified]"), chromedp.SetValue(chromedp.CSS("input[name=email]"), ann)}
	if verified {
		steps = append(steps, suite.Click("input[name=email_verified]"))
	}
	w.Do("the other site asks", append(steps, suite.Click("button[value=login]"))...)
}

func noPassword(c *config.Config, _ *server.Options) { c.SocialAccount.AutoSignup = true }

// bySiteAlone signs up by another site: after the letter it points back there, since there is no
// password to fill in; and a code of a letter is all that proves who it is.
func bySiteAlone(w *walker) {
	w.Key()
	w.Touch(false)
	w.Open("/account/login")
	w.toDummy(false)
	w.At("/account/step", "Confirm your address")
	w.Look("verify-provider")
	w.Open("/account/verify-email/" + w.Code(ann))
	w.Press("Confirm " + ann) // the page was not told which address waits
	w.At("/account/login", "Sign in")
	w.Sees("Go on the way that you signed up.")
	w.Do("the focus is on the other site", suite.Until(`document.activeElement.innerText === 'Continue with Dummy'`))
	w.Look("login-elsewhere")
	w.toDummy(false)
	w.At("/account/", "Hello, ann")
	w.Press("Secure it")
	w.At("/account/secure", "Secure your account")
	w.Touch(true)
	w.Press("Make a passkey")
	w.Sees("Is it still you?")
	w.Look("prove-code")
	w.Press("Send a code to " + ann)
	w.Sees("Enter the code that we sent to " + ann)
	w.Fill("Code", w.Code(ann))
	w.Sees("Done")
	w.Look("secure-half")
}

func bySite(c *config.Config, _ *server.Options) {
	c.Account.ReauthenticationMethods = []string{"socialaccount"}
}

// siteProves has the other site alone prove who it is: one leaves for it, and is back with the proof.
func siteProves(w *walker) {
	w.Key()
	w.Touch(false)
	w.Open("/account/login")
	w.toDummy(true)
	w.At("/account/", "Hello, ann")
	w.Press("Secure it")
	w.At("/account/secure", "Secure your account")
	w.Press("Make a passkey")
	w.Sees("Is it still you?")
	w.toDummy(true)
	w.At("/account/secure", "Secure your account")
	w.Touch(true)
	w.Press("Make a passkey")
	w.Sees("Done")
}

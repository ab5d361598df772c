package appjourneys

import (
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

func passkeySignups(c *config.Config, _ *server.Options) { c.MFA.PasskeySignupEnabled = true }

func upgrading(c *config.Config, _ *server.Options) { c.MFA.PasskeyUpgradeEnabled = true }

// silentPasskey has the browser make a passkey after a sign-in with a password, while the page
// goes on: nothing is asked. A browser does so only for what its own password manager has filled
// in, which none does here, so that the page is told that this one does.
func silentPasskey(w *walker) {
	w.Key()
	w.account()
	w.Open("/account/login")
	var told bool
	w.Ask(`(() => {
		PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: true });
		const create = navigator.credentials.create.bind(navigator.credentials);
		navigator.credentials.create = ({ mediation, ...options }) => { window.mediation = mediation; return create(options); };
		return true;
	})()`, &told)
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	w.At("/account/", "Hello, ann")
	w.Eventually("a passkey is made", func() bool { return w.Count(`SELECT count(*) FROM authenticators WHERE type = 'webauthn'`) == 1 })
	var mediation string
	if w.Ask(`window.mediation`, &mediation); mediation != "conditional" {
		w.T.Errorf("the browser was asked with mediation %q", mediation)
	}
	w.Misses("Is it still you?")
	w.Touch(false)
	w.Press("Sign out")
	w.At("/account/login", "Sign in")
	w.Press("Sign in with a passkey")
	w.Touch(true) // only now: a device at hand answers the field before the button can be pressed
	w.At("/account/", "Hello, ann")
}

// signUpByPasskey makes an account without a password, and signs in to it.
func signUpByPasskey(w *walker) {
	w.Key()
	w.Open("/account/signup")
	w.Press("Use a passkey instead of a password")
	w.Misses("At least 8 characters")
	w.Look("signup-passkey")
	w.Back()
	w.Sees("At least 8 characters")
	w.Press("Use a passkey instead of a password")
	w.Fill("E-mail address", ann)
	w.Press("Create account")
	w.At("/account/step", "Confirm your address")
	w.Fill("Code", w.Code(ann))
	w.At("/account/step", "Make your passkey")
	w.Look("make-passkey")
	w.Fill("Name of the passkey", "Laptop")
	w.Press("Make a passkey")
	w.At("/account/secure", "Secure your account")
	w.Sees("Done")
	w.Press("Do it later")
	w.At("/account/", "Hello, ann")
	w.Press("Password")
	w.At("/account/password", "Password")
	w.Sees("You sign in without a password.")
	w.Look("password-none")
	w.Press("Sign out")
	w.At("/account/", "Hello, ann")
}

// signInByCode takes a code of a letter, after a wrong one.
func signInByCode(w *walker) {
	w.account()
	w.Open("/account/login")
	w.Press("Send me a code instead")
	w.At("/account/code", "Sign in with a code")
	w.Look("code")
	w.Back()
	w.At("/account/login", "Sign in")
	w.Fill("E-mail address", ann)
	w.Press("Forgot your password?")
	w.At("/account/password/reset", "Forgot your password?")
	w.Holds("E-mail address", ann)
	w.Back()
	w.At("/account/login", "Sign in")
	w.Press("Send me a code instead")
	w.At("/account/code", "Sign in with a code")
	w.Holds("E-mail address", ann)
	w.Press("Send a code")
	w.At("/account/step", "Enter your code")
	w.Focus("Code")
	w.Fill("Code", "AB")
	w.Press("Continue")
	w.Complains("Code", "A code has 8 characters.")
	w.Sees("We sent a code to " + ann)
	w.Look("code-sent")
	w.Code(ann)
	w.Press("Send it again")
	w.Sees("Sent once more.")
	w.Back()
	w.At("/account/code", "Sign in with a code")
	w.Open("/")
	w.At("/account/step", "Enter your code")
	w.Open("/account/security") // another tab of the same browser
	w.At("/account/step", "Enter your code")
	w.Fill("Code", w.Code(ann))
	w.At("/account/security", "Security")
	w.Press("Sign out")
	w.Sees("You are signed out.")

	w.At("/account/login", "Sign in")
	w.Press("Send me a code instead")
	w.Fill("E-mail address", ann)
	w.Press("Send a code")
	w.At("/account/step", "Enter your code")
	w.Press("Start over")
	w.At("/account/login", "Sign in")
}

// forgottenByLink sets a new password by the link of a letter.
func forgottenByLink(w *walker) {
	w.account()
	w.Open("/account/login")
	w.Press("Forgot your password?")
	w.At("/account/password/reset", "Forgot your password?")
	w.Look("forgot")
	w.Fill("E-mail address", ann)
	w.Press("Send a link")
	w.Sees("If there is an account of " + ann)
	w.Look("forgot-sent")
	key := w.Code(ann)
	w.Open("/account/password/reset/key/" + key)
	w.At("/account/password/reset/key", "Choose a new password")
	w.Reload()
	w.Sees("for " + ann)
	w.Look("reset")
	w.Fill("New password", "12345678")
	w.Press("Set the password")
	w.Complains("New password", "password")
	w.Fill("New password", "amber lantern 9")
	w.Press("Set the password")
	w.At("/account/login", "Sign in")
	w.Sees("Your password is changed")
	w.Fill("Password", "amber lantern 9")
	w.Press("Sign in")
	w.At("/account/", "Hello, ann")
	w.Open("/account/password/reset/key/" + key)
	w.Sees("This link does not work")
	w.Look("reset-bad")
}

func resetsByCode(c *config.Config, _ *server.Options) { c.Account.PasswordResetByCodeEnabled = true }

// forgottenByCode sets a new password by a code.
func forgottenByCode(w *walker) {
	w.account()
	w.Open("/account/password/reset")
	w.Fill("E-mail address", ann)
	w.Press("Send a code")
	w.At("/account/step", "Enter the code")
	w.Look("reset-code")
	w.Fill("New password", "amber lantern 9")
	w.Fill("Code", w.Code(ann))
	w.At("/account/login", "Sign in")
	w.Sees("Your password is changed")
	w.Fill("E-mail address", ann)
	w.Fill("Password", "amber lantern 9")
	w.Press("Sign in")
	w.At("/account/", "Hello, ann")
}

// secondFactor signs in by a recovery code, and trusts the browser, which is not asked again.
func secondFactor(w *walker) {
	c := w.account()
	c.Do("POST", "/auth/login", map[string]string{"email": ann, "password": pass}).Is(200)
	c.Do("POST", "/auth/reauthenticate", map[string]string{"password": pass}).Is(200)
	secret := c.Do("GET", "/account/authenticators/totp", nil).Is(404).Meta.Secret
	c.Do("POST", "/account/authenticators/totp", map[string]string{"code": w.TOTP(secret)}).Is(200)
	w.signIn()
	w.At("/account/step", "One more step")
	w.Press("Use a recovery code")
	w.Look("factor-recovery")
	w.Fill("Recovery code", recoveryCode(c))
	w.At("/account/step", "Trust this browser?")
	w.Press("Trust this browser")
	w.At("/account/", "Hello, ann")
	w.Press("Sign out")
	w.At("/account/login", "Sign in")
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	w.At("/account/", "Hello, ann")

	w.Clock.Pass(30 * time.Second)
	w.Open("/account/security")
	w.Sees("9 of 10 left")
	w.Press("Remove", "On since")
	w.Sees("Remove the authenticator app?")
	w.Look("remove-totp")
	w.Press("Cancel")
	w.Misses("Remove the authenticator app?")
	w.Press("Show")
	w.Sees("Is it still you?")
	w.Press("Use a code of your app")
	w.Fill("Code", w.TOTP(secret))
	w.Press("Continue")
	w.At("/account/security/codes", "Recovery codes")
	w.Press("Make new codes")
	w.Sees("The ones you have now stop working.")
	w.Press("Make new codes")
	w.Sees("These are your new codes.")
	w.Press("I have saved them")
	w.Sees("10 of 10 left")
	w.Press("Remove", "On since")
	w.Press("Remove")
	w.Sees("The authenticator app is removed.")
	w.Press("Set up")
	w.At("/account/security/totp", "Set up an authenticator app")
	w.Look("totp")
}

package appjourneys

import (
	"encoding/json"
	"strings"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// addresses adds an address, makes it the main one and removes the other, and changes the
// password.
func addresses(w *walker) {
	w.member()
	w.Look("overview-new")
	w.Press("Addresses")
	w.At("/account/email", "Addresses")
	w.Look("email")
	w.Press("Add")
	w.Complains("E-mail address", "Fill this in.")
	w.Fill("E-mail address", "anne@example.org")
	w.Press("Add")
	w.Sees("We have written to anne@example.org.")
	w.Look("email-two")
	w.Code("anne@example.org")
	w.Press("Send the letter again", "anne@example.org")
	w.Sees("A letter to anne@example.org is on its way.")
	w.Open("/account/verify-email/" + w.Code("anne@example.org"))
	w.At("/account/verify-email", "Confirm your address")
	w.Look("verify-link")
	w.Press("Confirm anne@example.org")
	w.Sees("Thank you. anne@example.org is confirmed.")
	w.Press("Addresses")
	w.Press("Make it the main one")
	w.Sees("anne@example.org is the main address now.")
	w.Press("Remove", "ann@example.org")
	w.Sees("Remove ann@example.org?")
	w.Look("email-remove")
	w.Press("Remove")
	w.Sees("ann@example.org is removed.")

	w.Press("Password")
	w.At("/account/password", "Password")
	w.Look("password")
	w.Fill("Current password", "wrong")
	w.Fill("New password", "amber lantern 9")
	w.Press("Change password")
	w.Complains("Current password", "The current password is wrong.")
	w.Fill("Current password", pass)
	w.Press("Change password")
	w.Sees("Your password is changed.")
}

// numbers has phone numbers, whose codes are sent as letters are.
func numbers(c *config.Config, o *server.Options) {
	c.Account.SignupFields = []string{"email*", "password1*", "phone"}
	c.Account.LoginMethods = []string{"email", "phone"}
	o.SMS, c.SMS.Supplied = o.Mail, true
}

// number adds a number, by a code.
func number(w *walker) {
	w.account()
	w.Open("/account/login")
	w.Look("login-two-names")
	w.Fill("E-mail address or phone number", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	w.At("/account/", "Hello, ann")
	w.Press("Phone number")
	w.At("/account/phone", "Phone number")
	w.Look("phone-none")
	w.Fill("Phone number", "+1 (202) 555-0123")
	w.Press("Send a code")
	w.Sees("Enter the code that we sent to +12025550123.")
	w.Look("phone-code")
	w.Fill("Code", "BBBBBBBB")
	w.Complains("Code", "This code is wrong")
	w.Fill("Code", w.Code("+12025550123"))
	w.Sees("Your number is confirmed.")
	w.Look("phone")
}

// passkeys adds, renames and removes passkeys.
func passkeys(w *walker) {
	w.Key()
	w.Touch(false)
	w.member()
	w.Touch(true)
	w.Press("Security")
	w.At("/account/security", "Security")
	w.Look("security-none")
	w.Press("Add a passkey")
	w.Sees("Is it still you?")
	w.Press("Cancel")
	w.Misses("Is it still you?")
	w.Press("Add a passkey")
	w.prove()
	w.Sees("Your passkey is ready.")
	w.Press("Rename")
	w.Look("passkey-rename")
	w.Fill("Name of the passkey", "Phone")
	w.Press("Save")
	w.Sees("Its name is “Phone” now.")
	w.Press("Remove", "Phone")
	w.Sees("Remove “Phone”?")
	w.Press("Remove")
	w.Sees("“Phone” is removed.")
	w.Sees("There is none yet.")
}

func binding(c *config.Config, _ *server.Options) {
	c.Headless.Extended, c.Session.DeviceBound = true, "offer"
}

// sessions ends those of other browsers, and says which are bound to their devices.
func sessions(w *walker) {
	c := w.account()
	other := w.Browser()
	for _, b := range []*suite.Client{c, other} {
		b.Do("POST", "/auth/login", map[string]string{"email": ann, "password": pass}).Is(200)
	}
	key := state.Binding{Kind: state.BoundDBSC, Thumbprint: strings.Repeat("k", 43), At: time.Unix(1_900_000_000, 0)}
	w.Count(`UPDATE sessions SET binding = ? WHERE id = (SELECT min(id) FROM sessions) RETURNING 1`, key.Encode())
	w.signIn()
	w.At("/account/", "Hello, ann")
	w.Sees("3 browsers and devices")
	w.Press("Sessions")
	w.At("/account/sessions", "Sessions")
	w.Sees("Chrome on Linux")
	w.Sees("Bound to its device")
	w.Look("sessions")
	w.Press("Sign out", "Go-http-client")
	w.Sees("That session is over.")
	w.Press("Sign out everywhere else")
	w.Sees("You stay signed in here.")
	w.Press("Sign out everywhere else")
	w.Sees("You are signed in here only.")
	var wrong bool
	if w.Ask(`document.body.innerText.includes('Bound to its device')`, &wrong); wrong {
		w.T.Error("what is not bound is said to be")
	}
	w.Look("sessions-alone")
	c.Unknown()
	other.Unknown()
}

func trusting(c *config.Config, _ *server.Options) {
	c.CSRFTrustedOrigins = []string{"https://app.example.com"}
}

// links opens pages by their addresses, goes back, and comes to where it was to go.
func links(w *walker) {
	w.account()
	w.Open("/account/security?x=1")
	w.At("/account/login", "Sign in")
	w.Press("Sign up")
	w.At("/account/signup", "Create your account")
	w.Back()
	w.At("/account/login", "Sign in")
	w.Reload()
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	w.At("/account/security", "Security")
	w.Press("Sessions")
	w.Press("Addresses")
	w.At("/account/email", "Addresses")
	w.Back()
	w.At("/account/sessions", "Sessions")
	w.Back()
	w.At("/account/security", "Security")
	w.Open("/account/login?next=//evil.example/")
	w.At("/account/", "Hello, ann")
	w.Open("/account/login?next=" + "https%3A%2F%2Fevil.example%2F")
	w.At("/account/", "Hello, ann")
	w.Open("/account/nothing")
	w.At("/account/nothing", "This page does not exist")
	w.Look("lost")
	w.Press("Go to the start")
	w.At("/account/", "Hello, ann")
	w.Open("/account/verify-email/nonsense")
	w.At("/account/verify-email", "This link does not work")
	w.Look("verify-bad")
	w.Press("Go to your account")
	w.At("/account/email", "Addresses")

	// The session ends elsewhere: the next that is asked for leads to the sign-in, and back.
	c := w.Browser()
	c.Do("POST", "/auth/login", map[string]string{"email": ann, "password": pass}).Is(200)
	var list []struct {
		ID      int64
		Current bool `json:"is_current"`
	}
	if err := json.Unmarshal(c.Do("GET", "/auth/sessions", nil).Is(200).Data, &list); err != nil {
		w.T.Fatal(err)
	}
	for _, s := range list {
		if !s.Current {
			c.Do("DELETE", "/auth/sessions", map[string]any{"sessions": []int64{s.ID}}).Is(200)
		}
	}
	w.Press("Sessions")
	w.At("/account/login", "Sign in")
	w.Sees("You were signed out.")
	w.Look("login-expired")
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	w.At("/account/sessions", "Sessions")
}

package appjourneys

import (
	"fmt"
	"testing"

	"stagedoor/transport/internal/suite"
)

// journey is a walk through the app.
type journey struct {
	name   string
	change []suite.SetUp
	walk   func(j *walker)
}

// walker is somebody with a tab of their own, at a server of their own.
type walker struct {
	*suite.Tab
}

// TestJourneys walks every journey at the width of a desk and of a telephone. Each page that is
// come to is looked at: see [suite.Tab.Look].
func TestJourneys(t *testing.T) {
	b := suite.NewBrowser(t)
	axe := axeCore(t)
	for _, j := range journeys() {
		for _, width := range []int64{1280, 390} {
			t.Run(fmt.Sprintf("%s/%d", j.name, width), func(t *testing.T) {
				t.Parallel()
				l := suite.NewLab(t, append([]suite.SetUp{suite.Hosted}, j.change...)...)
				tab := b.Tab(t, l, width)
				tab.Axe = axe
				j.walk(&walker{tab})
			})
		}
	}
}

func journeys() []journey {
	return []journey{
		{"sign-up by link", nil, signUpByLink},
		{"sign-up by code", []suite.SetUp{suite.ByCode}, signUpByCode},
		{"sign-up by passkey", []suite.SetUp{suite.ByCode, passkeySignups}, signUpByPasskey},
		{"sign-in by code", nil, signInByCode},
		{"forgotten, by link", nil, forgottenByLink},
		{"forgotten, by code", []suite.SetUp{resetsByCode}, forgottenByCode},
		{"second factor", nil, secondFactor},
		{"another site", []suite.SetUp{suite.Dummies, withoutPage}, anotherSite},
		{"a stage of a program's own", []suite.SetUp{withTerms}, ownStage},
		{"addresses and password", nil, addresses},
		{"only half secured", nil, halfSecured},
		{"not confirmed yet", nil, unconfirmed},
		{"proofs alone", nil, proofsAlone},
		{"by another site alone", []suite.SetUp{suite.Dummies, noPassword}, bySiteAlone},
		{"another site proves it", []suite.SetUp{suite.Dummies, noPassword, bySite}, siteProves},
		{"number", []suite.SetUp{numbers}, number},
		{"passkeys", nil, passkeys},
		{"a passkey that the browser makes", []suite.SetUp{upgrading}, silentPasskey},
		{"sessions", []suite.SetUp{binding}, sessions},
		{"where links lead", []suite.SetUp{trusting}, links},
	}
}

const (
	ann  = "ann@example.org"
	pass = "violet harbour 7"
)

// signUp fills the form in.
func (w *walker) signUp(email string) {
	w.Open("/account/signup")
	w.Fill("E-mail address", email)
	w.Fill("Password", pass)
	w.Press("Create account")
}

// member is somebody who is signed in, at the overview. The server verifies addresses by link.
func (w *walker) member() {
	w.T.Helper()
	w.account()
	w.signIn()
	w.At("/account/", "Hello, ann")
}

// account makes an account, by the contract.
func (w *walker) account() *suite.Client {
	w.T.Helper()
	c := w.Browser()
	c.Do("POST", "/auth/signup", map[string]string{"email": ann, "password": pass})
	c.Verify(w.Code(ann))
	return c
}

// signIn fills the form in.
func (w *walker) signIn() {
	w.T.Helper()
	w.Open("/account/login")
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
}

// prove gives the password where it is asked for.
func (w *walker) prove() {
	w.T.Helper()
	w.Sees("Is it still you?")
	w.Fill("Password", pass)
	w.Press("Continue")
}

// secret is the secret that the page shows for an authenticator app.
func (w *walker) secret() string {
	w.T.Helper()
	var s string
	w.Ask(`document.querySelector('.secret code').innerText.replaceAll(' ', '')`, &s)
	return s
}

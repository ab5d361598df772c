package stolen

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestRegistrationSwapped has a thief register a key of his own: with the session's cookie alone he
// is offered nothing; what was offered to him, or to the owner, is good for no other session and no
// second key; and what the owner has shown gives nobody else a cookie.
func TestRegistrationSwapped(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	if _, err := l.AddAccount(t.Context(), server.NewAccount{Email: "thief@stage.test", EmailVerified: true, Password: suite.Password}); err != nil {
		t.Fatal(err)
	}
	h := newBrowser(l)
	h.browser.Slow = true
	tr := h.tapped()
	h.web("GET", "/config", nil).is(200)
	h.web("POST", "/auth/login", password()).is(200)
	session := h.browser.Cookies.Value("sessionid")

	// A thief who has the session's cookie, at a browser that binds, and one of his own session.
	thief := newBrowser(l)
	thief.web("GET", "/config", nil).is(200)
	own := newBrowser(l)
	own.browser.Slow = true
	own.web("GET", "/config", nil).is(200)
	r := own.web("POST", "/auth/login", suite.M{"email": "thief@stage.test", "password": suite.Password}).is(200)
	his := device.Offers(r.header)
	if len(his) != 1 {
		t.Fatalf("no offer to whom it is due: %v", r.header)
	}
	thief.browser.Cookies.Copy(own.browser.Cookies) // his device cookie
	thief.browser.Cookies.Put(mustURL(t, site), "sessionid", session)
	for _, path := range reads() {
		thief.web("GET", path, nil)
	}
	if did := thief.did(); did != "" {
		t.Errorf("with the session's cookie the thief's browser did %q", did)
	}
	offers := h.browser.Unoffered()
	if len(offers) == 0 {
		t.Fatal("the owner was offered nothing")
	}
	due := offers[0]
	key, err := device.NewKey(device.ES256, entropy())
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]device.Offer{
		"his challenge":     {Challenge: his[0].Challenge, Authorization: due.Authorization},
		"his authorization": {Challenge: due.Challenge, Authorization: his[0].Authorization},
		"the session":       {Challenge: due.Challenge, Authorization: session},
		"nothing":           {Challenge: due.Challenge},
		"swapped":           {Challenge: due.Authorization, Authorization: due.Challenge},
	} {
		token, err := key.RegistrationToken(o.Challenge, o.Authorization)
		if err != nil {
			t.Fatal(err)
		}
		got := thief.send("POST", "/_stagedoor/dbsc/register", nil, "Secure-Session-Response", token)
		if got.status < 400 || strings.Contains(got.raw, "credentials") {
			t.Errorf("%s: %d %.200s", name, got.status, got.raw)
		}
	}

	// The owner registers; who has seen the offer comes too late with a key of his own.
	h.browser.Slow = false
	pass(l, time.Minute)
	h.works()
	h.does("registered")
	token, err := key.RegistrationToken(due.Challenge, due.Authorization)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got := newPlain(l).send("POST", "/_stagedoor/dbsc/register", nil, "Secure-Session-Response", token)
		if got.status < 400 || gives(&http.Response{Header: got.header}) {
			t.Errorf("a second key: %d %.200s", got.status, got.raw)
		}
		pass(l, 6*time.Minute)
	}
	for i, req := range tr.requests {
		if req.URL.Path == "/_stagedoor/dbsc/register" {
			if got := tr.again(t, l, i, "Cookie", ""); gives(got) {
				t.Errorf("the owner's registration, sent again after ten minutes, gives a cookie: %v", got.Header)
			}
		}
	}
	h.works()
}

// TestTransplanted puts what binds a thief's own session beside the owner's.
func TestTransplanted(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	if _, err := l.AddAccount(t.Context(), server.NewAccount{Email: "thief@stage.test", EmailVerified: true, Password: suite.Password}); err != nil {
		t.Fatal(err)
	}
	h := home(l)
	own := newBrowser(l)
	own.web("GET", "/config", nil).is(200)
	own.web("POST", "/auth/login", suite.M{"email": "thief@stage.test", "password": suite.Password}).is(200)
	own.does("registered")
	own.browser.Cookies.Put(mustURL(t, site), "sessionid", h.browser.Cookies.Value("sessionid"))
	own.fails()
	// Another session of the owner's: what binds one does not open the other.
	second := home(l)
	first := h.browser.Cookies.Value("sessionid")
	h.works()
	second.browser.Cookies.Put(mustURL(t, site), "sessionid", first)
	second.fails()
	h.works()
}

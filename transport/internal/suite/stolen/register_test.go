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

// unanswered is how soon a browser is offered once more what it has not taken up.
const unanswered = time.Minute

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
	pass(l, unanswered)
	for _, path := range reads() {
		thief.web("GET", path, nil)
	}
	if did := thief.did(); did != "" {
		t.Errorf("with the session's cookie the thief's browser did %q", did)
	}
	pass(l, unanswered)
	h.works() // who is offered it once more by now
	offers := h.browser.Unoffered()
	if len(offers) != 2 {
		t.Fatalf("the owner was offered to bind %d times", len(offers))
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

// TestFirstToBind is what is not promised: who has all cookies of a browser before that has bound
// its session can bind it. Then the session is his alone, of which the owner learns by being out; his
// next one is bound to his own key.
func TestFirstToBind(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	h := newBrowser(l)
	h.browser.Slow = true
	h.web("GET", "/config", nil).is(200)
	h.web("POST", "/auth/login", password()).is(200)
	thief := newBrowser(l)
	thief.browser.Cookies.Copy(h.browser.Cookies)
	pass(l, unanswered)
	thief.web("GET", "/auth/session", nil).is(200)
	thief.does("registered")
	h.browser.Register(t.Context())
	h.does("not registered: 409")
	pass(l, settles)
	h.web("GET", "/auth/session", nil).is(401)
	h.browser.Slow = false
	h.web("POST", "/auth/login", password()).is(200)
	h.does("registered")
	h.works()
	r := h.web("GET", "/auth/sessions", nil).is(200)
	if list, _ := r.body["data"].([]any); len(list) != 2 {
		t.Errorf("the owner does not see the other session: %.300s", r.raw)
	}
	pass(l, settles)
	thief.browser.Cookies.Put(mustURL(t, site), "sessionid", h.browser.Cookies.Value("sessionid"))
	thief.fails()
	h.works()
}

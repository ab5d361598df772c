package stolen

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// What a browser keeps besides its session.
const (
	boundCookie  = "__Host-stagedoor_bound"
	deviceCookie = "__Host-stagedoor_device"
	// boundAge is how long the first lives, overlap how long it is good after the next was fetched.
	boundAge, overlap = 10 * time.Minute, time.Minute
	// settles is how long requests are taken that were on their way while a session was bound.
	settles = 10 * time.Second
)

// reads are what a thief would like to see, and writes what he would like to do, as a browser.
func reads() []string {
	return []string{
		"/auth/session", "/auth/sessions", "/account/email", "/account/authenticators", "/account/authenticators/totp",
		"/account/authenticators/recovery-codes", "/account/providers",
	}
}

type move struct {
	method, path string
	body         any
}

func writes() []move {
	return []move{
		{"POST", "/account/email", suite.M{"email": "thief@stage.test"}},
		{"POST", "/account/password/change", suite.M{"current_password": suite.Password, "new_password": "thief-horse-8"}},
		{"POST", "/account/authenticators/totp", suite.M{"code": "123456"}},
		{"POST", "/account/authenticators/recovery-codes", nil},
		{"POST", "/auth/reauthenticate", suite.M{"password": suite.Password}},
		{"DELETE", "/account/email", suite.M{"email": owner}},
		{"DELETE", "/auth/sessions", suite.M{"sessions": []int{1}}},
	}
}

// fails has a thief try all there is, and none of it works: he is nobody to the server, and the
// owner's session is none the worse for it.
func (h *hand) fails() {
	h.t.Helper()
	for _, path := range reads() {
		if r := h.web("GET", path, nil); r.signedIn() {
			h.t.Errorf("the thief reads %s: %d %.300s", path, r.status, r.raw)
		}
	}
	for _, m := range writes() {
		if r := h.web(m.method, m.path, m.body); r.signedIn() {
			h.t.Errorf("the thief does %s %s: %d %.300s", m.method, m.path, r.status, r.raw)
		}
	}
}

// works fails the test unless the owner is who he was.
func (h *hand) works() {
	h.t.Helper()
	if r := h.web("GET", "/auth/session", nil); r.status != 200 || !strings.Contains(r.raw, owner) {
		h.t.Fatalf("the owner is out: %d %.300s; his browser did %q", r.status, r.raw, h.did())
	}
}

// TestCookieCopied has all cookies of a browser copied before it has bound its session, once it has,
// and once it has fetched another cookie: the copy is of no use once the browser has bound, as far
// as it lacks the short-lived cookie, and otherwise for as long as that is good.
func TestCookieCopied(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)

	h := newBrowser(l)
	h.browser.Slow = true
	h.web("GET", "/config", nil).is(200)
	h.web("POST", "/auth/login", password()).is(200)
	before := h.copied()
	h.browser.Slow = false
	h.browser.Register(t.Context())
	h.does("registered")
	before.without(deviceCookie).fails()
	pass(l, settles)
	before.fails()
	h.works()

	during := h.copied()
	if r := during.web("GET", "/auth/session", nil); r.status != 200 {
		t.Fatalf("a whole copy is as good as the browser for as long as its cookie: %d", r.status)
	}
	pass(l, boundAge-2*time.Minute)
	h.works() // the browser fetches the next one beside it
	h.does("refreshed")
	if r := during.web("GET", "/auth/session", nil); r.status != 200 {
		t.Fatalf("the cookie before is good for requests on their way: %d", r.status)
	}
	after := h.copied()
	pass(l, overlap+time.Second)
	during.fails()
	h.works()
	pass(l, boundAge)
	after.fails()
	h.works()
	h.does("refreshed")

	// Nobody fetches anything any more: the copy ends by itself.
	last := h.copied()
	pass(l, boundAge)
	last.fails()
	last.without(boundCookie).fails()
	last.without(boundCookie, deviceCookie).fails()
}

// TestCookieElsewhere shows what a thief has where another kind of client would show it, at the
// same server and at another.
func TestCookieElsewhere(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	two := beside(l, binding("offer"))
	h := home(l)
	session := h.browser.Cookies.Value("sessionid")
	for name, headers := range map[string][]string{
		"cookie alone":         {"Cookie", "sessionid=" + session},
		"twice":                {"Cookie", "sessionid=x; sessionid=" + session},
		"app":                  {"X-Session-Token", session},
		"bearer":               {"Authorization", "Bearer " + session},
		"DPoP":                 {"Authorization", "DPoP " + session},
		"cookie and app":       {"Cookie", "sessionid=" + session, "X-Session-Token", session},
		"cookie and no agent":  {"Cookie", "sessionid=" + session, "User-Agent", ""},
		"cookie, old header":   {"Cookie", "sessionid=" + session, "Sec-Session-Response", "x"},
		"cookie, empty bound":  {"Cookie", "sessionid=" + session + "; " + boundCookie + "="},
		"cookie, made up":      {"Cookie", "sessionid=" + session + "; " + boundCookie + "=AAAA"},
		"cookie, cross-site":   {"Cookie", "sessionid=" + session, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"},
		"cookie, another host": {"Cookie", "sessionid=" + session, "X-Forwarded-Host", "other.test", "X-Forwarded-Proto", "http"},
	} {
		for _, lab := range []*suite.Lab{l, two} {
			thief := newPlain(lab)
			for _, path := range []string{"/_allauth/browser/v1/auth/session", "/_allauth/app/v1/auth/session", "/auth/user/", "/auth/sessions/"} {
				if r := thief.send("GET", path, nil, headers...); r.signedIn() {
					t.Errorf("%s: %s: %d %.200s", name, path, r.status, r.raw)
				}
			}
		}
	}
	for _, lab := range []*suite.Lab{l, two} {
		thief := newApp(lab)
		if r := thief.send("GET", "/_allauth/browser/v1/auth/session", nil, "Cookie", "sessionid="+session); r.signedIn() {
			t.Errorf("with a key of his own: %d %.200s", r.status, r.raw)
		}
		if r := thief.send("GET", "/_allauth/app/v1/auth/session", nil, "X-Session-Token", session); r.signedIn() {
			t.Errorf("with a key of his own, as an app: %d %.200s", r.status, r.raw)
		}
		if u, err := lab.ValidateSessionToken(t.Context(), session); err == nil {
			t.Errorf("a program is told that it is good: %+v", u)
		}
		own := lab.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
		if got := ask(t, own, "GET", "/own", "Cookie", "sessionid="+session); got != http.StatusUnauthorized {
			t.Errorf("a program's own page: %d", got)
		}
		if got := ask(t, own, "GET", "/own", "Cookie", h.browser.Cookies.Header(mustURL(t, site))); got != http.StatusNoContent {
			t.Errorf("a program's own page, for the owner: %d", got)
		}
	}
	h.works()
}

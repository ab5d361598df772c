package stolen

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
)

// forget has the store of records lose all there is.
func forget(l *suite.Lab) {
	l.T.Helper()
	o, err := redis.ParseURL(string(l.Config.Redis.URL))
	if err != nil {
		l.T.Fatal(err)
	}
	c := redis.NewClient(o)
	defer c.Close()
	if err := c.FlushAll(l.T.Context()).Err(); err != nil {
		l.T.Fatal(err)
	}
}

// TestRecordsLost loses the records of bound sessions: read back from the database they are as
// bound as before, and their owners go on.
func TestRecordsLost(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	h := home(l)
	thief := h.copied().without(boundCookie)
	forget(l)
	thief.fails()
	thief.without(deviceCookie).fails()
	h.works()
	pass(l, boundAge)
	forget(l)
	h.works()
	h.does("refreshed")
	forget(l)
	pass(l, boundAge)
	thief.fails()
	h.works()
	h.does("refreshed")

	for _, k := range []kind{{name: "app"}, {name: "plain", plain: true}} {
		h := newApp(l)
		k.signIn(h).is(200)
		forget(l)
		for what, token := range h.tokens() {
			for door, headers := range doors(token) {
				for _, place := range places() {
					if r := newPlain(l).send("GET", place, nil, headers...); r.signedIn() {
						t.Errorf("%s: the %s token by %s at %s: %.200s", k.name, what, door, place, r.raw)
					}
				}
			}
		}
		k.works(h)
	}
}

// TestOfferAfterTheEnd: an offer that nobody has taken up is good for nothing once its session is
// over, or once it is old.
func TestOfferAfterTheEnd(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	key, err := device.NewKey(device.ES256, entropy())
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(*hand){
		"signed out": func(h *hand) { h.web("DELETE", "/auth/session", nil).is(401) },
		"old":        func(*hand) { pass(l, 6*time.Minute) },
	} {
		h := newBrowser(l)
		h.browser.Slow = true
		h.web("GET", "/config", nil).is(200)
		h.web("POST", "/auth/login", password()).is(200)
		offers := h.browser.Unoffered()
		if len(offers) != 1 {
			t.Fatalf("%d offers", len(offers))
		}
		end(h)
		token, err := key.RegistrationToken(offers[0].Challenge, offers[0].Authorization)
		if err != nil {
			t.Fatal(err)
		}
		if r := newPlain(l).send("POST", "/_stagedoor/dbsc/register", nil, "Secure-Session-Response", token); r.status < 400 {
			t.Errorf("%s: %d %.200s", name, r.status, r.raw)
		}
	}
}

// TestRequiredBrowsers: a browser that has bound before, by its cookie, must do so again in time:
// what it says of itself later changes nothing, and neither does what the records have lost.
func TestRequiredBrowsers(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("require"))
	member(l)
	never := newPlain(l)
	login := func(h *hand) {
		t.Helper()
		if h.jar == "" {
			r := h.web("GET", "/config", nil)
			h.keep(r)
		}
		r := h.web("POST", "/auth/login", password()).is(200)
		h.keep(r)
	}
	login(never)
	h := home(l)
	h.web("DELETE", "/auth/session", nil).is(401)
	downgraded := h.copied()
	login(downgraded)
	if r := downgraded.web("GET", "/auth/session", nil); r.status != 200 {
		t.Fatalf("at once: %d", r.status)
	}
	pass(l, 6*time.Minute)
	downgraded.fails()
	downgraded.without(deviceCookie).fails()
	forget(l)
	downgraded.without(deviceCookie).fails()
	if r := never.web("GET", "/auth/session", nil); r.status != 200 {
		t.Errorf("a browser that cannot bind is locked out: %d %.200s", r.status, r.raw)
	}
}

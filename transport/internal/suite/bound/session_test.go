package bound

import (
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestBound: a browser signs in, binds its session and goes on for days, refreshing by its key.
func TestBound(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	if n := l.Count(`SELECT count(*) FROM sessions WHERE binding IS NOT NULL`); n != 1 {
		t.Fatalf("%d sessions are bound", n)
	}
	b.session().Is(200)
	b.did()
	for range 3 {
		l.Clock.Pass(9 * time.Minute)
		b.session().Is(200)
		b.did("refreshed")
	}
	l.Clock.Pass(36 * time.Hour)
	b.Restart()
	b.session().Is(200)
	b.did("refreshed")
}

// TestCopy: who has all cookies of a bound browser is signed in for no longer than the bound
// cookie is good, and a minute after the browser has fetched another.
func TestCopy(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	early, late := b.thief(), b.thief()
	early.session().Is(200) // the copy is as good as the cookie
	l.Clock.Pass(8 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
	l.Clock.Pass(61 * time.Second)
	r := early.session().Is(401)
	if early.Cookies.Value("sessionid") == "" || early.Cookies.Value(cookie) != "" {
		t.Errorf("a bad bound cookie goes, the token stays: %v", r.Header["Set-Cookie"])
	}
	b.session().Is(200)
	l.Clock.Pass(10 * time.Minute)
	late.session().Is(401)
	late.send("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(401)
	late.send("DELETE", "/auth/session", nil).Is(401)
	b.session().Is(200)
	b.did("refreshed")
}

// TestOvertaken: what a page has asked for while its key was registered is answered, for ten
// seconds, to the browser that the session began in.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	early, thief := b.thief(), b.thief()
	early.Cookies.Drop(cookie)
	thief.Cookies.Drop(cookie)
	thief.Cookies.Drop(known)
	early.session().Is(200)
	thief.session().Is(401)
	l.Clock.Pass(9 * time.Second)
	early.session().Is(200)
	l.Clock.Pass(time.Second)
	early.session().Is(401)
	b.session().Is(200)
}

// TestTokenAlone: the token of a bound session is worth nothing by itself, and never leads to an
// offer.
func TestTokenAlone(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	other := newTab(l)
	other.Cookies.Copy(b.Cookies)
	other.Cookies.Drop(cookie)
	other.Cookies.Drop(known)
	r := other.session().Is(401)
	if r.Header.Get("Secure-Session-Registration") != "" {
		t.Error("a key is offered to a stranger")
	}
	b.session().Is(200)
}

// TestUnboundTokenIsOfferedNothing: of a session that is not bound yet, who has its token and not
// the browser's own cookie could register a key of his.
func TestUnboundTokenIsOfferedNothing(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := unbound(l)
	if got := b.session().Is(200).Header.Get("Secure-Session-Registration"); got != "" {
		t.Error("another key is asked for at once: browsers make few")
	}
	other := b.thief()
	other.Cookies.Drop(known)
	asks := func(b tab, headers ...string) *suite.Reply {
		l.Clock.Pass(time.Minute)
		return b.send("GET", "/auth/session", nil, headers...).Is(200)
	}
	if got := asks(b).Header.Get("Secure-Session-Registration"); got == "" {
		t.Error("the browser is not offered again what it has not taken up")
	}
	stranger := asks(other).Header
	if got := stranger.Get("Secure-Session-Registration"); got != "" {
		t.Errorf("a key is offered to a stranger: %s", got)
	}
	if strings.Contains(strings.Join(stranger["Set-Cookie"], " "), known) {
		t.Error("a stranger is given a device cookie")
	}
	if asks(b, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors").Header.Get("Secure-Session-Registration") != "" {
		t.Error("a page of another site, which can keep no bound cookie, is offered to bind")
	}
	if asks(b, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate").Header.Get("Secure-Session-Registration") == "" {
		t.Error("a browser that comes back from a provider is offered nothing")
	}
}

// TestOff: nothing is said, and what is said is not read.
func TestOff(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]suite.SetUp{
		"off":       func(c *config.Config, _ *server.Options) { c.Session.DeviceBound = "off" },
		"over http": func(c *config.Config, _ *server.Options) { c.PublicURL = "http://localhost:8080" },
	} {
		t.Run(name, func(t *testing.T) {
			l := lab(t, change)
			member(l)
			if name == "over http" {
				c := l.Browser()
				r := c.Login(ada).Is(200)
				if r.Header.Get("Secure-Session-Registration") != "" || c.Cookie(known) != "" {
					t.Errorf("over http: %v", r.Header)
				}
				return
			}
			b := newTab(l)
			r := b.login().Is(200)
			if r.Header.Get("Secure-Session-Registration") != "" || b.Cookies.Value(known) != "" {
				t.Errorf("%v", r.Header)
			}
			if got := b.post("/_stagedoor/dbsc/register"); got.StatusCode != 404 {
				t.Errorf("register: %d", got.StatusCode)
			}
		})
	}
}

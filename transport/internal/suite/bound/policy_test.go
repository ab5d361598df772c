package bound

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestSignOut ends the browser's side as well: its cookie goes, and what storage means is cleared.
func TestSignOut(t *testing.T) {
	t.Parallel()
	for setting, header := range map[string]string{"storage": `"storage"`, "cookies": `"cookies"`, "off": ""} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			b := signedIn(lab(t, func(c *config.Config, _ *server.Options) { c.Session.DeviceBoundClearSiteData = setting }))
			r := b.send("DELETE", "/auth/session", nil).Is(401)
			if got := r.Header.Get("Clear-Site-Data"); got != header {
				t.Errorf("Clear-Site-Data: %s", got)
			}
			if r.Header.Get("Secure-Session-Registration") != "" {
				t.Error("an answer that signs out offers to bind")
			}
			if b.Cookies.Value("sessionid") != "" || b.Cookies.Value(cookie) != "" {
				t.Errorf("cookies are left: %v", b.Cookies.All())
			}
			if setting != "off" {
				b.did("ended: cleared")
			}
			b.session().Is(401)
			// Who signs in anew has one session in the browser, not two.
			b.login().Is(200)
			if got := b.Bound(); len(got) != 1 {
				t.Errorf("%d sessions of the browser", len(got))
			}
			b.session().Is(200)
		})
	}
}

// TestUnboundSignOut clears nothing: there is nothing of ours.
func TestUnboundSignOut(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := unbound(l)
	if got := b.send("DELETE", "/auth/session", nil).Is(401).Header.Get("Clear-Site-Data"); got != "" {
		t.Errorf("%s", got)
	}
}

// TestEndedByItself: what else ends the session in its own browser clears the browser's side as a sign-out.
func TestEndedByItself(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b tab) *suite.Reply{
		"one of the list": func(b tab) *suite.Reply {
			var list []struct {
				ID int64 `json:"id"`
			}
			if err := json.Unmarshal(b.send("GET", "/auth/sessions", nil).Is(200).Data, &list); err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return b.send("DELETE", "/auth/sessions", map[string]any{"sessions": []int64{list[0].ID}})
		},
		"a changed password": func(b tab) *suite.Reply {
			return b.send("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := signedIn(lab(t, func(c *config.Config, _ *server.Options) { c.Account.LogoutOnPasswordChange = true }))
			if got := end(b).Is(401).Header.Get("Clear-Site-Data"); got != `"storage"` {
				t.Errorf("Clear-Site-Data: %s", got)
			}
			if b.Cookies.Value("sessionid") != "" || b.Cookies.Value(cookie) != "" {
				t.Errorf("cookies are left: %v", b.Cookies.All())
			}
			b.did("ended: cleared")
		})
	}
}

// TestEndedFromElsewhere clears the browser's side with the first answer after it.
func TestEndedFromElsewhere(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	app := l.App()
	app.Login(ada).Is(200)
	app.Do("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(200)
	l.Quiet()
	if got := b.session().Is(401).Header.Get("Clear-Site-Data"); got != `"storage"` {
		t.Errorf("Clear-Site-Data: %s", got)
	}
	b.did("ended: cleared")
}

// graceful is a server that lets browsers read for five minutes that say why they have no cookie.
func graceful(c *config.Config, _ *server.Options) {
	c.Session.DeviceBoundGrace = 300
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes"}
}

// TestGrace: a browser that says it could not fetch its cookie may read what is no secret, and
// change nothing; whoever says nothing may not, and nobody later.
func TestGrace(t *testing.T) {
	t.Parallel()
	l := lab(t, graceful)
	b := signedIn(l)
	l.Clock.Pass(10*time.Minute + time.Second)
	silent := b.thief()
	silent.session().Is(401)
	b.Skip("quota_exceeded")
	for _, path := range []string{"/auth/session", "/account/email", "/auth/sessions", "/account/providers", "/account/authenticators"} {
		b.send("GET", path, nil).Is(200)
	}
	for _, path := range []string{"/account/authenticators/totp", "/account/authenticators/recovery-codes", "/auth/reauthenticate"} {
		b.send("GET", path, nil).Is(401)
	}
	b.send("POST", "/account/email", map[string]string{"email": "eve@example.com"}).Is(409) // as to a stranger
	b.send("POST", "/auth/reauthenticate", map[string]string{"password": suite.Password}).Is(401)
	b.send("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(401)
	for name, want := range map[string]int{"user": 200, "recent": 401, "post": 401} {
		if got := b.program(name); got != want {
			t.Errorf("a program's route, %s: %d, want %d", name, got, want)
		}
	}
	l.Clock.Pass(5 * time.Minute)
	b.session().Is(401)
	b.Skip("")
	b.session().Is(200)
}

// program asks a route of a program's own: that of a user, of one who has proved lately, or one that
// changes something.
func (b tab) program(name string) int {
	b.T.Helper()
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
	method := "GET"
	switch name {
	case "recent":
		h = b.RequireRecent(time.Hour, h)
	case "post":
		method = "POST"
		h = b.RequireUser(h)
	default:
		h = b.RequireUser(h)
	}
	old := b.wire.to
	b.wire.to = h
	defer func() { b.wire.to = old }()
	req := httptest.NewRequest(method, site+"/own", nil)
	req.RequestURI = ""
	req.Header.Set("Origin", site)
	req.Header.Set("X-CSRFToken", b.Cookies.Value("csrftoken"))
	got, err := b.Browser.Client().Do(req)
	if err != nil {
		b.T.Fatal(err)
	}
	defer got.Body.Close()
	return got.StatusCode
}

// TestNoGrace: by default what the client says is worth nothing.
func TestNoGrace(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	l.Clock.Pass(10*time.Minute + time.Second)
	b.Skip("unreachable")
	b.session().Is(401)
	thief := b.thief()
	thief.send("GET", "/auth/session", nil, "Secure-Session-Skipped", `quota_exceeded;session_identifier="S"`).Is(401)
}

// TestRequire: a browser that has bound a session before and does not bind the next one is signed out
// after a time; one that never has is left alone, and so are its cookies.
func TestRequire(t *testing.T) {
	t.Parallel()
	l := lab(t, func(c *config.Config, _ *server.Options) { c.Session.DeviceBound = "require" })
	b := signedIn(l)
	b.send("DELETE", "/auth/session", nil).Is(401)
	b.Slow = true
	b.login().Is(200)
	l.Clock.Pass(4 * time.Minute)
	b.session().Is(200)
	thief := b.thief()
	thief.Cookies.Drop(known) // downgraded: it does not help
	l.Clock.Pass(61 * time.Second)
	b.session().Is(401)
	thief.session().Is(401)
	lose(l)
	thief.session().Is(401)
	b.Unoffered()
	b.Slow = false
	b.login().Is(200)
	l.Clock.Pass(9 * time.Minute)
	b.session().Is(200)

	never := newTab(l)
	never.Slow = true
	never.login().Is(200)
	l.Clock.Pass(time.Hour)
	never.session().Is(200)
}

// TestRequireNoMore: what was required is not where it is only offered.
func TestRequireNoMore(t *testing.T) {
	t.Parallel()
	secret := config.Secret(strings.Repeat("s", 32))
	l := lab(t, func(c *config.Config, _ *server.Options) { c.SecretKey, c.Session.DeviceBound = secret, "require" })
	b := signedIn(l)
	b.send("DELETE", "/auth/session", nil).Is(401)
	b.Slow = true
	b.login().Is(200)
	l.Clock.Pass(time.Hour)
	b.session().Is(401)
	for _, setting := range []string{"offer", "off"} {
		next := lab(t, func(c *config.Config, o *server.Options) {
			c.SecretKey, c.DataDir, c.Redis, c.Session.DeviceBound = secret, l.Config.DataDir, l.Config.Redis, setting
			o.Now, o.Mail = l.Clock.Read, l.Mails
		})
		b.wire.to = next.Server
		b.session().Is(200)
		b.token(next.Server, nil)
	}
	b.token(l.Server, server.ErrSessionBound)
}

// token fails the test unless a server says that of the browser's token alone.
func (b tab) token(at *server.Server, want error) {
	b.T.Helper()
	if _, err := at.ValidateSessionToken(b.T.Context(), b.Cookies.Value("sessionid")); !errors.Is(err, want) {
		b.T.Errorf("the token by itself: %v, want %v", err, want)
	}
}

// TestSwitchedOff: a server that binds no more asks no bound session for its cookie.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	secret := config.Secret(strings.Repeat("s", 32))
	l := lab(t, func(c *config.Config, _ *server.Options) { c.SecretKey = secret })
	b := signedIn(l)
	off := lab(t, func(c *config.Config, o *server.Options) {
		c.SecretKey, c.DataDir, c.Redis, c.Session.DeviceBound = secret, l.Config.DataDir, l.Config.Redis, "off"
		o.Now, o.Mail = l.Clock.Read, l.Mails
	})
	b.wire.to = off.Server
	l.Clock.Pass(time.Hour)
	b.session().Is(200)
	b.did("ended: 404")
	b.token(off.Server, nil)
	b.token(l.Server, server.ErrSessionBound)
}

// TestLostDevice: a browser that has lost its device cookie, and signs in while its session of before
// is alive, is rid of that one at its next refresh.
func TestLostDevice(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	b.Cookies.Drop("")
	b.login().Is(200)
	b.Told()
	if got := b.Bound(); len(got) != 2 {
		t.Fatalf("%d sessions of the browser", len(got))
	}
	l.Clock.Pass(11 * time.Minute)
	b.session()
	b.session().Is(200)
	if got := b.Bound(); len(got) != 1 {
		t.Errorf("%d sessions of the browser: %q", len(got), b.Told())
	}
}

package server_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestBoundSwitchedOff: where binding is switched off again, browsers go on with sessions that were
// bound, and apps whose tokens are bound sign in anew: no header says any more that they have the key.
func TestBoundSwitchedOff(t *testing.T) {
	t.Parallel()
	on := suite.NewLab(t, binding("offer"))
	off := suite.NewLab(t, binding("off"), func(c *config.Config, o *server.Options) {
		c.DataDir, c.Redis.URL, o.Now = on.Config.DataDir, on.Config.Redis.URL, on.Clock.Read
	})
	b := browser(on, inside{on.Server}, false)
	join(t, on, b, "ann@example.org")
	if len(b.Bound()) != 1 {
		t.Fatalf("the session is not bound: %q", b.Told())
	}
	on.Clock.Pass(20 * time.Second)
	b.HTTP = inside{off.Server}
	b.Cookies.Drop("__Host-stagedoor_bound")
	b.Skip("unreachable")
	if status, _ := send(t, off, b, "GET", headlessBrowser+"/auth/session", ""); status != http.StatusOK {
		t.Errorf("a browser whose session was bound is answered %d", status)
	}
	cookie := b.Cookies.Value("sessionid")
	if u, err := off.ValidateSessionToken(t.Context(), cookie); err != nil || u.Email != "ann@example.org" {
		t.Errorf("a program that asks about its cookie is answered %+v, %v", u, err)
	}
	if _, err := on.ValidateSessionToken(t.Context(), cookie); !errors.Is(err, server.ErrSessionBound) {
		t.Errorf("where sessions are bound a program is answered %v", err)
	}
	b.HTTP = inside{on.Server}
	if status, _ := send(t, on, b, "GET", headlessBrowser+"/auth/session", ""); status != http.StatusUnauthorized {
		t.Errorf("where sessions are bound it is answered %d", status)
	}
	holder := app(t, on)
	token := joinApp(t, on, holder, "bob@example.org")
	for _, l := range []*suite.Lab{on, off} {
		holder.HTTP = inside{l.Server}
		want := map[*suite.Lab]int{on: http.StatusOK, off: http.StatusUnauthorized}[l]
		if status, body := send(t, l, holder, "GET", headlessApp+"/auth/session", "", "X-Session-Token", token); status != want {
			t.Errorf("an app with a bound token is answered %d by %s: %s", status, l.Config.Session.DeviceBound, body)
		}
		if status, _ := send(t, l, inside{l.Server}, "GET", headlessApp+"/auth/session", "", "X-Session-Token", token); status != http.StatusUnauthorized {
			t.Errorf("whoever has its token is answered %d by %s", status, l.Config.Session.DeviceBound)
		}
	}
}

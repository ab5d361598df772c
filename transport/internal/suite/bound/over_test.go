package bound

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// over fails the test unless an answer has the browser forget its session.
func over(t *testing.T, got *http.Response) {
	t.Helper()
	raw, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != 200 || !strings.Contains(string(raw), `"continue":false`) {
		t.Errorf("%d %s (%v): the session goes on", got.StatusCode, raw, err)
	}
	if strings.Contains(strings.Join(got.Header["Set-Cookie"], ";"), cookie+"=A") {
		t.Errorf("a session that is over gets a cookie: %v", got.Header["Set-Cookie"])
	}
}

// TestRefreshAfterwards: once a session is over its browser is told so, whatever has ended it.
func TestRefreshAfterwards(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *byHand){
		"signed out": func(_ *testing.T, h *byHand) { h.send("DELETE", "/auth/session", nil).Is(401) },
		"ended from another session": func(_ *testing.T, h *byHand) {
			app := h.App()
			app.Login(ada).Is(200)
			var list []struct {
				ID      int64 `json:"id"`
				Current bool  `json:"is_current"`
			}
			if err := json.Unmarshal(app.Do("GET", "/auth/sessions", nil).Is(200).Data, &list); err != nil {
				t.Fatal(err)
			}
			var others []int64
			for _, s := range list {
				if !s.Current {
					others = append(others, s.ID)
				}
			}
			app.Do("DELETE", "/auth/sessions", map[string]any{"sessions": others}).Is(200)
		},
		"password changed elsewhere": func(_ *testing.T, h *byHand) {
			app := h.App()
			app.Login(ada).Is(200)
			app.Do("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(200)
		},
		"disabled": func(t *testing.T, h *byHand) {
			operator, err := server.OpenOperator(t.Context(), h.Config, server.Options{Now: h.Clock.Read})
			if err != nil {
				t.Fatal(err)
			}
			defer operator.Close()
			if _, err := operator.SetActive(t.Context(), ada, false); err != nil {
				t.Fatal(err)
			}
		},
		"expired": func(_ *testing.T, h *byHand) { h.Clock.Pass(15 * 24 * time.Hour) },
		"another session in its place": func(_ *testing.T, h *byHand) {
			other := newTab(h.Lab)
			other.Slow = true
			other.login().Is(200)
			h.Cookies.Copy(other.Cookies)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := bindByHand(lab(t))
			proof := h.proof()
			end(t, h)
			h.Quiet()
			over(t, h.post(h.path, "Secure-Session-Response", proof))
			over(t, h.post(h.path))
			got := h.take(h.post("/_stagedoor/dbsc/refresh/nonsense", "Sec-Secure-Session-Id", "S-1"), 200)
			if !strings.Contains(got, `"S-1"`) {
				t.Errorf("nobody knows it: %s", got)
			}
		})
	}
}

// TestPasswordChanged: the session goes on under a new token in the browser that changed the
// password, with the same key, and the copy of its cookies is worth nothing at once.
func TestPasswordChanged(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	thief := b.thief()
	b.send("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(200)
	thief.session().Is(401)
	b.session().Is(200)
	for range 2 {
		l.Clock.Pass(9 * time.Minute)
		b.session().Is(200)
		b.did("refreshed")
	}
	l.Clock.Pass(11 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
}

// TestStoresDown: while the stores cannot be asked nobody is refreshed or registered, and browsers
// keep what they have.
func TestStoresDown(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	l.Clock.Pass(11 * time.Minute)
	l.Gate.Watch(func(context.Context, string) error { return errors.New("gone") }, nil)
	b.session().Is(503, ":unavailable")
	b.did("skipped: server_error")
	l.Gate.Watch(nil, nil)
	b.session().Is(200)
	b.did("refreshed")
}

// lose empties the store of records.
func lose(l *suite.Lab) {
	l.T.Helper()
	o, err := redis.ParseURL(l.Config.Redis.URL.Reveal())
	if err != nil {
		l.T.Fatal(err)
	}
	r := redis.NewClient(o)
	defer r.Close()
	if err := r.FlushAll(l.T.Context()).Err(); err != nil {
		l.T.Fatal(err)
	}
}

// TestStoreLost: what the store of records has lost is read back from the database, the key as well.
func TestStoreLost(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	thief := b.thief()
	thief.Cookies.Drop(cookie)
	l.Clock.Pass(10 * time.Second)
	lose(l)
	thief.session().Is(401)
	b.session().Is(200)
	l.Clock.Pass(9 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
}

// TestServers: any server of a cluster registers, refreshes and knows what another has done.
func TestServers(t *testing.T) {
	t.Parallel()
	secret := config.Secret(strings.Repeat("s", 32))
	one := lab(t, func(c *config.Config, _ *server.Options) { c.SecretKey = secret })
	two := lab(t, func(c *config.Config, o *server.Options) {
		c.SecretKey, c.DataDir, c.Redis = secret, one.Config.DataDir, one.Config.Redis
		o.Now, o.Mail = one.Clock.Read, one.Mails
	})
	member(one)
	b := newTab(one)
	b.login().Is(200)
	b.did("registered")
	b.wire.to = two.Server
	b.session().Is(200)
	one.Clock.Pass(9 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
	b.wire.to = one.Server
	one.Clock.Pass(9 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
	thief := b.thief()
	thief.Cookies.Drop(cookie)
	for _, at := range []http.Handler{one.Server, two.Server} {
		thief.wire.to = at
		thief.session().Is(401)
	}
}

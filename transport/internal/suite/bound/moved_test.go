package bound

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// changed changes the password, which gives the session another token.
func (b tab) changed() {
	b.T.Helper()
	b.send("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(200)
}

// TestRefreshWithTheTokenBefore: a refresh that was sent before the browser had the session's new
// token ends nothing.
func TestRefreshWithTheTokenBefore(t *testing.T) {
	t.Parallel()
	h := bindByHand(lab(t))
	before := h.thief()
	proof := h.proof()
	h.changed()
	got := before.post(h.path, "Secure-Session-Response", proof)
	h.take(got, http.StatusOK)
	if !strings.Contains(strings.Join(got.Header["Set-Cookie"], ";"), cookie+"=A") {
		t.Errorf("it is given nothing: %v", got.Header)
	}
	h.session().Is(200)
	h.Clock.Pass(9 * time.Minute)
	h.take(h.refresh(), http.StatusOK)
	h.session().Is(200)
}

// TestTokenChangedMeanwhile: a session whose token changes while its browser refreshes goes on.
func TestTokenChangedMeanwhile(t *testing.T) {
	t.Parallel()
	h := bindByHand(lab(t))
	h.Quiet()
	var begun atomic.Bool
	h.Gate.Watch(func(_ context.Context, name string) error {
		if strings.HasPrefix(name, "eval") && begun.CompareAndSwap(false, true) {
			h.changed()
		}
		return nil
	}, nil)
	got := h.refresh()
	h.Gate.Watch(nil, nil)
	if !begun.Load() {
		t.Fatal("nothing has changed meanwhile")
	}
	h.take(got, http.StatusForbidden)
	h.take(h.refresh(), http.StatusOK)
	h.session().Is(200)
}

// TestBoundWithoutItsRecord: what the database says is so: the browser of a session whose record could
// not be told that it is bound has its cookie, and a thief has nothing a minute later.
func TestBoundWithoutItsRecord(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := unbound(l)
	l.Gate.Watch(func(context.Context, string) error {
		if l.Count(`SELECT count(*) FROM sessions WHERE binding IS NOT NULL`) > 0 {
			return errors.New("gone")
		}
		return nil
	}, nil)
	b.Register(t.Context())
	l.Gate.Watch(nil, nil)
	b.did("registered")
	b.session().Is(200)
	l.Clock.Pass(61 * time.Second)
	thief := b.thief()
	thief.Cookies.Drop(cookie)
	thief.session().Is(401)
	for range 2 {
		b.session().Is(200)
		l.Clock.Pass(9 * time.Minute)
	}
	b.session().Is(200)
	b.did("refreshed", "refreshed")
}

// TestAskedWithoutAProof: who asks for a challenge, or shows what is no proof, has the database asked
// for nothing.
func TestAskedWithoutAProof(t *testing.T) {
	t.Parallel()
	h := bindByHand(lab(t))
	seen := func() int { return h.Count(`SELECT max(last_seen) FROM sessions`) }
	before := seen()
	h.Clock.Pass(5 * time.Minute)
	for _, response := range []string{"", "a.b.c", h.proof() + "x"} {
		h.take(h.post(h.path, "Secure-Session-Response", response), http.StatusForbidden)
	}
	if got := seen(); got != before {
		t.Errorf("the database was asked to note %d", got-before)
	}
	h.take(h.refresh(), http.StatusOK)
	if seen() == before {
		t.Error("a refresh is not held against the database")
	}
}

// TestFormOfAnotherSite: a page of another site can have a browser post to where sessions are refreshed,
// and takes nothing from it: for each cookie that is gone a browser makes one of its few signatures.
func TestFormOfAnotherSite(t *testing.T) {
	t.Parallel()
	b := signedIn(lab(t))
	got := b.post("/_stagedoor/dbsc/refresh/nonsense", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate")
	if got.StatusCode != 200 || len(got.Header["Set-Cookie"]) > 0 {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
}

// TestClocksApart: requests that were on their way while a session was bound are answered at a
// server whose clock is behind.
func TestClocksApart(t *testing.T) {
	t.Parallel()
	secret := config.Secret(strings.Repeat("s", 32))
	one := lab(t, func(c *config.Config, _ *server.Options) { c.SecretKey = secret })
	two := lab(t, func(c *config.Config, o *server.Options) {
		c.SecretKey, c.DataDir, c.Redis = secret, one.Config.DataDir, one.Config.Redis
		o.Now, o.Mail = func() time.Time { return one.Clock.Read().Add(-3 * time.Second) }, one.Mails
	})
	b := signedIn(one)
	early, thief := b.thief(), b.thief()
	early.Cookies.Drop(cookie)
	thief.Cookies.Drop(cookie)
	thief.Cookies.Drop(known)
	for _, x := range []tab{b, early, thief} {
		x.wire.to = two.Server
	}
	early.session().Is(200)
	b.session().Is(200)
	thief.session().Is(401)
}

// TestGraceIsNoUse: who reads in the grace period is perhaps a thief, and is not noted as where the
// session was used.
func TestGraceIsNoUse(t *testing.T) {
	t.Parallel()
	l := lab(t, func(c *config.Config, _ *server.Options) {
		c.Session.DeviceBoundGrace, c.UserSessions.TrackActivity = 300, true
	})
	b := signedIn(l)
	thief := b.thief()
	for range 2 {
		l.Clock.Pass(9 * time.Minute)
		thief.Cookies.Drop(cookie)
		thief.send("GET", "/auth/session", nil, "Secure-Session-Skipped", "unreachable", "User-Agent", "eve's").Is(200)
		b.session().Is(200)
	}
	if r := b.send("GET", "/auth/sessions", nil).Is(200); strings.Contains(r.Raw, "eve's") {
		t.Errorf("%s", r.Raw)
	}
}

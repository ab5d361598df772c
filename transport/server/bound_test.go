package server_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// bind binds the sessions of a kind of client to a key that no request of the test shows. The record
// learns of it when the database is asked the next time, a minute later.
func bind(l *suite.Lab, client, kind string) {
	l.T.Helper()
	key := state.Binding{Kind: kind, Thumbprint: strings.Repeat("k", 43), At: l.Clock.Read()}
	if n := l.Count(`UPDATE sessions SET binding = ? WHERE client = ? RETURNING 1`, key.Encode(), client); n != 1 {
		l.T.Fatal("no session is bound")
	}
	l.Clock.Pass(61 * time.Second)
}

// TestAttemptIsToldOf: a request with the token of a bound session and without its key is anonymous, and
// an event; by setting the owner gets a letter. The session goes on.
func TestAttemptIsToldOf(t *testing.T) {
	h := new(suite.Heard)
	l := suite.NewLab(t, suite.Dev, h.Hears, func(c *config.Config, _ *server.Options) { c.Session.DeviceBoundMail = true })
	s := l.Insider("ada@example.com")
	id := s.Do("GET", "/user/", nil).User.ID
	h.Take(l, 3)
	l.Mails.Sent = nil
	bind(l, "rest", state.BoundDPoP)
	s.Send("GET", "/user/", nil).Is(401)
	h.Tells(l, server.SessionRefused)
	l.Clock.Pass(61 * time.Second)
	if mails := l.Mails.To("ada@example.com"); len(mails) != 0 {
		t.Errorf("from where she always is: sent %+v", mails)
	}
	for range 3 {
		s.Send("GET", "/user/", nil, "User-Agent", "eve's").Is(401)
	}
	if e := h.Tells(l, server.SessionRefused)[0]; e.Account != id || e.Client != "rest" || e.Binding != "dpop" || e.Why == "" || e.UserAgent != "eve's" || e.IP != "127.0.0.1" || e.At != l.Clock.Read() {
		t.Errorf("told %+v", e)
	}
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	mails := l.Mails.To("ada@example.com")
	if len(mails) != 1 || mails[0].Template != state.SessionRefusedTemplate || mails[0].Data["user_agent"] != "eve's" || mails[0].Data["ip"] != "127.0.0.1" {
		t.Errorf("sent %+v", mails)
	}
	l.Clock.Pass(20 * time.Minute)
	s.Send("GET", "/user/", nil, "User-Agent", "eve's").Is(401)
	h.Tells(l, server.SessionRefused)
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if mails := l.Mails.To("ada@example.com"); len(mails) != 1 {
		t.Errorf("sent %d letters in a day", len(mails))
	}
	if !strings.Contains(l.Log.String(), "a session was withheld from a request without its key") {
		t.Errorf("the log: %s", l.Log)
	}
	if u, err := l.ValidateSessionToken(t.Context(), s.Access); u != nil || !errors.Is(err, server.ErrSessionBound) {
		t.Errorf("the token alone: %+v, %v", u, err)
	}
	if n := l.Count(`SELECT count(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions go on", n)
	}
}

// TestBoundIsShown: lists, a program and an operator see which session is bound.
func TestBoundIsShown(t *testing.T) {
	for _, extended := range []bool{false, true} {
		l := suite.NewLab(t, suite.Dev, func(c *config.Config, _ *server.Options) { c.Headless.Extended = extended })
		s := l.Insider("ada@example.com")
		if raw := s.Send("GET", "/session/", nil).Is(200).Raw; !strings.Contains(raw, `"bound":false`) {
			t.Errorf("the plain contract: %s", raw)
		}
		id := s.Do("GET", "/user/", nil).User.ID
		bind(l, "rest", state.BoundDPoP)
		app := l.App()
		tok, err := l.CreateSessionToken(t.Context(), id, "app")
		if err != nil {
			t.Fatal(err)
		}
		app.Token = tok
		raw := app.Do("GET", "/auth/sessions", nil).Is(200).Raw
		if got := strings.Count(raw, `"bound":true`) == 1 && strings.Count(raw, `"bound":false`) == 1; got != extended {
			t.Errorf("extended %t: %s", extended, raw)
		}
		if u := sessionOf(l, tok); u == nil || u.Bound {
			t.Errorf("a program sees %+v", u)
		}
		p, err := server.OpenOperator(t.Context(), l.Config, server.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		var out bytes.Buffer
		if err := p.Show(t.Context(), "ada@example.com", &out); err != nil || strings.Count(out.String(), ", bound by dpop\n") != 1 || strings.Count(out.String(), "\nsession ") != 2 {
			t.Errorf("%s: %v", out.String(), err)
		}
	}
}

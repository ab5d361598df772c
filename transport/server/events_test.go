package server_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestEvents tells of everything that happens to an account, and of nothing that is
// secret.
func TestEvents(t *testing.T) {
	h := new(suite.Heard)
	l := suite.NewLab(t, suite.Dev, h.Hears)
	s := l.Somebody("ada@example.com")
	up := h.Tells(l, server.SignedUp, server.EmailVerified)
	id := up[0].Account
	if up[0].Email != "ada@example.com" || up[0].Flow != "signup" || up[0].Stage != "signup_form" || up[0].Run == "" || up[1].Account != id || id == "" {
		t.Errorf("told %+v", up)
	}
	s.Post("/login/", suite.M{"email": "ada@example.com", "password": "not the password"}).Is(400)
	if e := h.Tells(l, server.Failed)[0]; e.Account != "" || e.Client != "rest" || e.IP == "" || e.Stage != "password" || len(e.Errors) != 1 || e.Errors[0].Code != "email_password_mismatch" {
		t.Errorf("told %+v", e)
	}
	s.Do("POST", "/login/", suite.M{"email": "ada@example.com", "password": suite.Password})
	if e := h.Tells(l, server.SignedIn)[0]; e.Account != id || e.Flow != "login" || e.At.IsZero() {
		t.Errorf("told %+v", e)
	}
	s.Prove()
	h.Tells(l, server.Reauthenticated)
	secret := s.Post("/mfa/totp/add/", suite.M{}).Is(200).Secret
	s.Post("/mfa/totp/confirm/", suite.M{"secret": secret, "code": l.TOTP(secret)}).Is(200)
	added := h.Tells(l, server.AuthenticatorAdded, server.AuthenticatorAdded)
	if added[0].Authenticator != state.TOTP || added[1].Authenticator != state.RecoveryCodes || added[0].Account != id || added[0].IP == "" {
		t.Errorf("told %+v", added)
	}
	l.Clock.Pass(time.Minute)
	run := s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Waits("mfa_authenticate").FlowToken
	s.Post("/mfa/authenticate/", suite.M{"token": run, "code": "000000"}).Is(400)
	s.Post("/mfa/authenticate/", suite.M{"token": run, "code": l.TOTP(secret)}).Is(200)
	if used := h.Tells(l, server.Failed, server.AuthenticatorUsed, server.SignedIn); used[1].Authenticator != state.TOTP || used[0].Account != id {
		t.Errorf("told %+v", used)
	}
	s.Prove()
	h.Tells(l, server.Reauthenticated)
	s.Send("DELETE", "/mfa/totp/", nil).Is(200)
	if e := h.Tells(l, server.AuthenticatorRemoved)[0]; e.Authenticator != state.TOTP {
		t.Errorf("told %+v", e)
	}
	s.Post("/password/change/", suite.M{"current_password": suite.Password, "new_password": "amber lagoon 12"}).Is(200)
	h.Tells(l, server.PasswordChanged)
	s.Post("/logout/", suite.M{}).Is(200)
	h.Tells(l, server.SignedOut)
	if _, err := l.CreateSessionToken(t.Context(), id, "app"); err != nil {
		t.Fatal(err)
	}
	if e := h.Tells(l, server.SignedIn)[0]; e.Client != "app" || e.Flow != "" || e.Account != id {
		t.Errorf("told %+v", e)
	}
}

// TestEventsHideSecrets looks for what must not be in an event.
func TestEventsHideSecrets(t *testing.T) {
	h := new(suite.Heard)
	l := suite.NewLab(t, suite.Dev, h.Hears)
	s := l.Insider("ada@example.com")
	text, err := json.Marshal(h.Take(l, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{suite.Password, s.Access, "argon2"} {
		if secret == "" || strings.Contains(string(text), secret) {
			t.Errorf("%q is told: %s", secret, text)
		}
	}
}

// TestEventsOfAHookThatBreaks: a hook that panics, and one that hangs, take no answer from
// anybody.
func TestEventsOfAHookThatBreaks(t *testing.T) {
	hang := make(chan struct{})
	l := suite.NewLab(t, suite.Dev, func(_ *config.Config, o *server.Options) {
		o.Events = func(_ context.Context, e server.Event) {
			if e.Kind == server.SignedUp {
				panic("hooks do that")
			}
			<-hang
		}
	})
	defer close(hang)
	l.Insider("ada@example.com")
	if !strings.Contains(l.Log.String(), "the hook of events panicked") {
		t.Error("the log says nothing of the panic")
	}
}

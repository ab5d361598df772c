package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestAddAccount signs in to accounts that were made past the flows: what was given is
// there, and nothing else.
func TestAddAccount(t *testing.T) {
	l := suite.NewLab(t)
	ctx := t.Context()
	full, err := l.AddAccount(ctx, server.NewAccount{
		Email: "Ann@Example.com", EmailVerified: true, Password: suite.Password, TOTP: true, RecoveryCodes: true,
		Phone: "+31612345678", Attributes: map[string]string{"acme.terms": "3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if full.TOTPSecret == "" || len(full.RecoveryCodes) != 10 {
		t.Errorf("made %+v", full)
	}
	c := l.App()
	c.Login("ann@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
	c.Factor(l.TOTP(full.TOTPSecret)).Is(200)
	other := l.App()
	other.Login("ann@example.com").Is(401)
	other.Factor(full.RecoveryCodes[3]).Is(200)
	if got := other.Session().Is(200).User(); got.ID != full.ID || got.Email != "ann@example.com" {
		t.Errorf("signed in as %+v, made %s", got, full.ID)
	}
	a, err := l.Database().Account(ctx, full.ID)
	if err != nil {
		t.Fatal(err)
	}
	if a.Username != "ann" || a.Phone != "+31612345678" || a.PhoneVerified || a.Attributes["acme.terms"] != "3" {
		t.Errorf("stored: username %q, phone %q (verified: %v), attributes %v", a.Username, a.Phone, a.PhoneVerified, a.Attributes)
	}
	l.Quiet()
	if n := len(l.Mails.To("ann@example.com")); n > 0 {
		t.Errorf("%d mails were sent", n)
	}
}

func TestAddAccountUnverifiedAndDisabled(t *testing.T) {
	l := suite.NewLab(t)
	for _, n := range []server.NewAccount{
		{Email: "ann@example.com", Password: suite.Password},
		{Email: "bob@example.com", Password: suite.Password, EmailVerified: true, Disabled: true},
	} {
		if _, err := l.AddAccount(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	l.App().Login("ann@example.com").Is(401).Pending("verify_email")
	if r := l.App().Login("bob@example.com"); r.Status == 200 {
		t.Errorf("a disabled account signs in: %s", r.Raw)
	}
}

// TestAddAccountTaken makes no account of what is somebody else's, and finds usernames
// that are free.
func TestAddAccountTaken(t *testing.T) {
	l := suite.NewLab(t)
	key := func(name string) []server.NewCredential {
		// Two devices of one entropy make one id.
		keys := device.NewPasskeys(strings.NewReader(strings.Repeat("entropy", 100)))
		return []server.NewCredential{{Name: name, Passkey: true, Answer: func(options json.RawMessage) (json.RawMessage, error) {
			return keys.New(options, name, nil, l.Config.Origin())
		}}}
	}
	first, err := l.AddAccount(t.Context(), server.NewAccount{
		Email: "ann@example.com", EmailVerified: true, Providers: map[string]string{"mock": "7"}, Credentials: key("key"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for field, c := range map[string]struct {
		add  server.NewAccount
		says string
	}{
		"email":      {server.NewAccount{Email: "ann@example.com", EmailVerified: true}, "email ann@example.com"},
		"username":   {server.NewAccount{Username: "ANN"}, "username ANN"},
		"provider":   {server.NewAccount{Email: "bob@example.com", Providers: map[string]string{"mock": "7"}}, "provider 7 of mock"},
		"credential": {server.NewAccount{Email: "bob@example.com", Credentials: key("spare")}, `credential "spare" (id `},
	} {
		_, err := l.AddAccount(t.Context(), c.add)
		if conflict, ok := errors.AsType[*state.ConflictError](err); !ok || conflict.Field != field {
			t.Errorf("%s: %v", field, err)
			continue
		}
		if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), fmt.Sprintf("belongs to account %s", first.ID)) {
			t.Errorf("%s: it is not said what is whose: %v", field, err)
		}
	}
	second, err := l.AddAccount(t.Context(), server.NewAccount{Email: "ann@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := l.Database().Account(t.Context(), second.ID); err != nil || a.Username == "" || a.Username == "ann" {
		t.Errorf("the second ann: %v, %v", a, err)
	}
}

// TestAddAccountCredential hands creation options to a device that answers them, and keeps
// nothing of an answer that does not verify.
func TestAddAccountCredential(t *testing.T) {
	l := suite.NewLab(t)
	var options struct {
		PublicKey struct {
			Challenge string
			User      struct{ Name string }
		} `json:"publicKey"`
	}
	for _, answer := range []func(json.RawMessage) (json.RawMessage, error){
		func(o json.RawMessage) (json.RawMessage, error) {
			if err := json.Unmarshal(o, &options); err != nil {
				return nil, err
			}
			return json.RawMessage(`{"id": "x"}`), nil
		},
		func(json.RawMessage) (json.RawMessage, error) { return nil, errors.New("the key is lost") },
	} {
		_, err := l.AddAccount(t.Context(), server.NewAccount{Email: "ann@example.com", Credentials: []server.NewCredential{{Name: "key", Passkey: true, Answer: answer}}})
		if err == nil || !strings.HasPrefix(err.Error(), "credential key: ") {
			t.Errorf("a credential that is none: %v", err)
		}
	}
	if options.PublicKey.Challenge == "" || options.PublicKey.User.Name != "ann@example.com" {
		t.Errorf("the options are %+v", options)
	}
	if a, err := l.Database().Find(t.Context(), state.Key{Kind: "email", Value: "ann@example.com"}); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("stored all the same: %v, %v", a, err)
	}
}

// TestWaitIdle waits for mail that is on its way, and no longer than it is told to.
func TestWaitIdle(t *testing.T) {
	l := suite.NewLab(t)
	l.Mails.Held = make(chan struct{})
	l.App().Signup("ann@example.com").Is(401)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := l.WaitIdle(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("settled while a mail is on its way: %v", err)
	}
	close(l.Mails.Held)
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := l.Mails.To("ann@example.com")
	if !slices.ContainsFunc(got, func(m state.Message) bool { return m.Template == "email_confirmation_signup" || m.Data["key"] != "" }) {
		t.Errorf("settled, and there is no mail: %d", len(got))
	}
	if l.Count(`SELECT count(*) FROM outbox`) != 0 {
		t.Error("settled, and the outbox is not empty")
	}
}

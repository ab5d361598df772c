package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrimary(t *testing.T) {
	var a Account
	if p := a.Primary(); p != nil {
		t.Errorf("primary of nothing: %v", p)
	}
	a.Emails = []Email{{Address: "x"}, {Address: "y"}, {Address: "z"}}
	if p := a.Primary(); p != nil {
		t.Errorf("where none is primary or verified: %v, want none", p)
	}
	a.Emails[1].Verified = true
	if p := a.Primary(); p == nil || p.Address != "y" {
		t.Errorf("where none is primary: %v, want the verified one", p)
	}
	a.Emails[2].Primary = true
	if p := a.Primary(); p == nil || p.Address != "z" {
		t.Errorf("primary: %v, want z", p)
	}
	a.Primary().Verified = true
	if !a.Emails[2].Verified {
		t.Error("Primary returns a copy")
	}
}

func TestEmail(t *testing.T) {
	a := Account{Emails: []Email{{Address: "x"}}}
	if a.Email("y") != nil || a.Email("x") == nil {
		t.Error("Email finds what is not there, or not what is")
	}
	if a.HasVerifiedEmail() {
		t.Error("an unverified address counts as verified")
	}
	a.Emails = append(a.Emails, Email{Address: "y", Verified: true})
	if !a.HasVerifiedEmail() {
		t.Error("a verified address does not count")
	}
}

func TestHasSecondFactor(t *testing.T) {
	for _, c := range []struct {
		types []AuthenticatorType
		want  bool
	}{
		{nil, false},
		{[]AuthenticatorType{RecoveryCodes}, false},
		{[]AuthenticatorType{TOTP}, true},
		{[]AuthenticatorType{RecoveryCodes, WebAuthn}, true},
	} {
		var a Account
		for _, kind := range c.types {
			a.Authenticators = append(a.Authenticators, Authenticator{Type: kind})
		}
		if got := a.HasSecondFactor(); got != c.want {
			t.Errorf("%v: %t, want %t", c.types, got, c.want)
		}
		for _, kind := range c.types {
			if x := a.Authenticator(kind); x == nil || x.Type != kind {
				t.Errorf("%v: Authenticator(%s) is %v", c.types, kind, x)
			}
		}
	}
}

func TestSnapshot(t *testing.T) {
	a := Account{
		ID: "7", Revision: 9, Username: "ada", PasswordHash: "hash",
		Emails:         []Email{{Address: "x"}, {Address: "y", Primary: true}},
		Authenticators: []Authenticator{{Type: WebAuthn}, {Type: TOTP}, {Type: WebAuthn}, {Type: RecoveryCodes}},
	}
	want := Snapshot{
		Account: "7", Revision: 9, Username: "ada", Email: "y", HasPassword: true,
		SecondFactor: []AuthenticatorType{RecoveryCodes, TOTP, WebAuthn},
	}
	if diff := cmp.Diff(a.Snapshot(), want); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
	if diff := cmp.Diff((&Account{ID: "1"}).Snapshot(), Snapshot{Account: "1"}); diff != "" {
		t.Errorf("of almost nothing: got -, want +\n%s", diff)
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var back Snapshot
	if err := json.Unmarshal(text, &back); err != nil || !cmp.Equal(back, want) {
		t.Errorf("through JSON: %+v, %v", back, err)
	}
}

func TestDisplay(t *testing.T) {
	for _, c := range []struct {
		s    Snapshot
		want string
	}{
		{Snapshot{Username: "ada", Email: "x"}, "ada"},
		{Snapshot{Email: "x"}, "x"},
		{Snapshot{}, ""},
	} {
		if got := c.s.Display(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.s, got, c.want)
		}
	}
}

func TestTicket(t *testing.T) {
	s := Session{ID: 1, Account: "2", Epoch: 3, CreatedAt: at(1), LastSeen: at(2), ExpiresAt: at(3), Run: "r", TokenHash: []byte("h")}
	want := Ticket{Session: 1, Account: "2", Epoch: 3, CreatedAt: at(1), CheckedAt: at(2), ExpiresAt: at(3)}
	if diff := cmp.Diff(s.Ticket(), want); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
}

func TestConflictError(t *testing.T) {
	err := fmt.Errorf("commit: %w", &ConflictError{Field: "email"})
	var conflict *ConflictError
	if !errors.As(err, &conflict) || conflict.Field != "email" {
		t.Errorf("%v holds no conflict of email", err)
	}
	if want := "commit: email is taken"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

package accounts

import (
	"errors"
	"testing"

	"stagedoor/state"
)

// An account that has nothing but passkeys could delete the last of them, and was lost: what
// signs in alone, and what else signs in, decides.
func TestLastPasskeyStays(t *testing.T) {
	const pass, other, key, totp = 1, 2, 3, 4
	address := func(verified bool) []state.Email {
		return []state.Email{{Address: "x@x", Verified: verified, Primary: true}}
	}
	all := []state.Authenticator{
		{ID: pass, Type: state.WebAuthn}, {ID: other, Type: state.WebAuthn}, {ID: key, Type: state.WebAuthn}, {ID: totp, Type: state.TOTP},
	}
	has := func(ids ...int64) (out []state.Authenticator) {
		for _, id := range ids {
			out = append(out, all[id-1])
		}
		return out
	}
	for _, c := range []struct {
		name    string
		account state.Account
		codes   []string
		off     bool
		remove  []int64
		stays   bool
	}{
		{"the only one", state.Account{Authenticators: has(pass)}, nil, false, []int64{pass}, true},
		{"all of them", state.Account{Authenticators: has(pass, other)}, nil, false, []int64{pass, other}, true},
		{"all but one", state.Account{Authenticators: has(pass, other)}, nil, false, []int64{pass}, false},
		{"beside a key that does not sign in alone", state.Account{Authenticators: has(pass, key)}, nil, false, []int64{pass}, true},
		{"beside an authenticator app", state.Account{Authenticators: has(pass, totp)}, nil, false, []int64{pass}, true},
		{"a key", state.Account{Authenticators: has(pass, key)}, nil, false, []int64{key}, false},
		{"a key that is all there is", state.Account{Authenticators: has(key)}, nil, false, []int64{key}, false},
		{"an authenticator app", state.Account{Authenticators: has(pass, totp)}, nil, false, []int64{totp}, false},
		{"beside a password", state.Account{Authenticators: has(pass), PasswordHash: "x"}, nil, false, []int64{pass}, false},
		{"beside a third party", state.Account{Authenticators: has(pass), Providers: []state.ProviderAccount{{Provider: "p", UID: "1"}}}, nil, false, []int64{pass}, false},
		{"beside an address that gets codes", state.Account{Authenticators: has(pass), Emails: address(true)}, []string{state.KeyEmail}, false, []int64{pass}, false},
		{"beside an address that is not verified", state.Account{Authenticators: has(pass), Emails: address(false)}, []string{state.KeyEmail}, false, []int64{pass}, true},
		{"beside an address where no codes sign in", state.Account{Authenticators: has(pass), Emails: address(true)}, nil, false, []int64{pass}, true},
		{"beside a number that gets codes", state.Account{Authenticators: has(pass), Phone: "+31600000001", PhoneVerified: true}, []string{state.KeyPhone}, false, []int64{pass}, false},
		{"beside a number where codes go to addresses alone", state.Account{Authenticators: has(pass), Phone: "+31600000001", PhoneVerified: true}, []string{state.KeyEmail}, false, []int64{pass}, true},
		{"beside an address where codes go to numbers alone", state.Account{Authenticators: has(pass), Emails: address(true)}, []string{state.KeyPhone}, false, []int64{pass}, true},
		{"where passkeys do not sign in", state.Account{Authenticators: has(pass)}, nil, true, []int64{pass}, false},
	} {
		c.account.ID, c.account.Active, c.account.Revision = "1", true, 3
		store := &shelf{account: c.account.Clone()}
		s := &Service{Accounts: store, Ledger: store, CodesSignIn: c.codes, SignsInAlone: func(x *state.Authenticator) bool { return x.ID == pass || x.ID == other }}
		if c.off {
			s.SignsInAlone = nil
		}
		_, err := s.RemoveAuthenticators(t.Context(), Principal{Account: "1", Seed: same{}}, state.WebAuthn, c.remove...)
		var refused *RefusedError
		if errors.As(err, &refused) != c.stays || !c.stays && err != nil || c.stays && (refused.Code != "cannot_remove_last_passkey" || store.commits > 0) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Two requests at once, each for one of the last two: one of them is refused.
func TestLastPasskeyStaysInARace(t *testing.T) {
	store := &shelf{
		account: &state.Account{ID: "1", Active: true, Revision: 3, Authenticators: []state.Authenticator{{ID: 1, Type: state.WebAuthn}, {ID: 2, Type: state.WebAuthn}}},
		before:  []state.Write{state.RemoveAuthenticators{IDs: []int64{2}}},
	}
	s := &Service{Accounts: store, Ledger: store, SignsInAlone: func(*state.Authenticator) bool { return true }}
	_, err := s.RemoveAuthenticators(t.Context(), Principal{Account: "1", Seed: same{}}, state.WebAuthn, 1)
	var refused *RefusedError
	if !errors.As(err, &refused) || len(store.account.Authenticators) != 1 {
		t.Errorf("%v, and %d are left", err, len(store.account.Authenticators))
	}
}

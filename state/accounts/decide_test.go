package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"stagedoor/state"
)

// shelf holds one account. before is done in front of every commit, as if by another
// request.
type shelf struct {
	state.Accounts
	state.Ledger
	account *state.Account
	before  []state.Write
	commits int
}

func (s *shelf) Account(context.Context, state.AccountID) (*state.Account, error) {
	return s.account.Clone(), nil
}

func (s *shelf) apply(writes []state.Write) {
	for _, w := range writes {
		w.Apply(s.account)
	}
	s.account.Revision++
}

func (s *shelf) Commit(_ context.Context, b state.Batch) (state.Receipt, error) {
	s.commits++
	if len(s.before) > 0 {
		s.apply(s.before)
	}
	if b.Revision != 0 && b.Revision != s.account.Revision {
		return state.Receipt{}, state.ErrMoved
	}
	s.apply(b.Writes)
	return state.Receipt{Account: s.account.Clone()}, nil
}

// same is entropy that does not vary.
type same struct{}

func (same) Bytes(string, int) []byte { return make([]byte, 32) }
func (same) ID(string) int64          { return 7 }

// Whether something may go is asked of the account as it is when it goes: another request
// in between makes it be asked again, and then the answer is another.
func TestAskedWhereItIsWritten(t *testing.T) {
	x := state.Email{Address: "x@example.org", Verified: true, Primary: true}
	y := state.Email{Address: "y@example.org", Verified: true}
	z := state.Email{Address: "z@example.org"}
	p := func(name string) state.ProviderAccount { return state.ProviderAccount{Provider: name, UID: "1"} }
	totp := state.Authenticator{ID: 1, Type: state.TOTP}
	d := Principal{Account: "1", Now: time.Unix(1_800_000_000, 0), Seed: same{}}
	for _, c := range []struct {
		name      string
		start     state.Account
		meanwhile state.Write
		do        func(*Service) error
		code      string
	}{
		{"an address that becomes the primary one", state.Account{Emails: []state.Email{x, y}}, state.SetPrimaryEmail{Address: y.Address},
			func(s *Service) error { _, err := s.RemoveEmail(t.Context(), d, y.Address); return err }, "cannot_remove_primary_email"},
		{"an address that becomes the last one", state.Account{Emails: []state.Email{{Address: "x@example.org"}, y}}, state.RemoveEmail{Address: "x@example.org"},
			func(s *Service) error { _, err := s.RemoveEmail(t.Context(), d, y.Address); return err }, "cannot_remove_primary_email"},
		{"an address that goes", state.Account{Emails: []state.Email{x, y}}, state.RemoveEmail{Address: y.Address},
			func(s *Service) error { _, err := s.SetPrimaryEmail(t.Context(), d, y.Address); return err }, "unknown_email"},
		{"an unverified address beside one that is verified", state.Account{Emails: []state.Email{{Address: "x@example.org", Primary: true}, {Address: z.Address, Endorsement: state.OfSignup}}}, state.ProveContact{Email: "x@example.org", Own: true},
			func(s *Service) error { _, err := s.SetPrimaryEmail(t.Context(), d, z.Address); return err }, "unverified_primary_email"},
		{"a third-party account that becomes the last way in", state.Account{Providers: []state.ProviderAccount{p("a"), p("b")}}, state.DisconnectProvider{Provider: "b", UID: "1"},
			func(s *Service) error { _, err := s.Disconnect(t.Context(), d, "a", "1", "A"); return err }, "no_password"},
		{"recovery codes of a factor that goes", state.Account{Authenticators: []state.Authenticator{totp}}, state.RemoveAuthenticators{IDs: []int64{1}},
			func(s *Service) error { _, err := s.RenewRecoveryCodes(t.Context(), d); return err }, "cannot_generate_recovery_codes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.start.ID, c.start.Active, c.start.Revision = "1", true, 3
			keys, err := state.NewKeyring(rand.Reader, make([]byte, 32))
			if err != nil {
				t.Fatal(err)
			}
			mfa, err := NewMFA(MFAConfig{Period: 30 * time.Second, Digits: 6, RecoveryCount: 10, RecoveryDigits: 8}, keys)
			if err != nil {
				t.Fatal(err)
			}
			alone := &shelf{account: c.start.Clone()}
			if err := c.do(&Service{Accounts: alone, Ledger: alone, MFA: mfa, EmailOnly: true}); err != nil || alone.commits != 1 {
				t.Fatalf("alone: %v", err)
			}
			store := &shelf{account: c.start.Clone(), before: []state.Write{c.meanwhile}}
			err = c.do(&Service{Accounts: store, Ledger: store, MFA: mfa, EmailOnly: true})
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Code != c.code || store.commits != 1 {
				t.Errorf("got %v after %d commits, want %s", err, store.commits, c.code)
			}
		})
	}
}

// An account that never comes to rest is a conflict, not an endless loop.
func TestAskedTooOften(t *testing.T) {
	store := &shelf{account: &state.Account{ID: "1", Revision: 1, Emails: []state.Email{{Address: "x", Primary: true}, {Address: "y"}}}, before: []state.Write{state.NoteLogin{}}}
	s := &Service{Accounts: store, Ledger: store}
	_, err := s.RemoveEmail(t.Context(), Principal{Account: "1", Seed: same{}}, "y")
	if !errors.Is(err, state.ErrMoved) || !IsConflict(err) || store.commits != maxAsks || store.account.Email("y") == nil {
		t.Errorf("%v after %d commits", err, store.commits)
	}
}

package sqlstore

import (
	"errors"
	"testing"

	"stagedoor/state"
)

// TestDisabledByHand: an operator disables an account with a statement of their own,
// which ends no session. They must not go on all the same.
func TestDisabledByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		signUp(t, s, "1", "x@example.org")
		granted := mustCommit(t, s, login("1", 10)).Session
		if _, err := s.write.ExecContext(t.Context(), `UPDATE accounts SET active = FALSE`); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Session(t.Context(), granted.TokenHash, noon()); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("session: %v, want ErrNotFound", err)
		}
		if _, err := s.Touch(t.Context(), granted.ID, state.Seen{At: noon()}); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("touch: %v, want ErrNotFound", err)
		}
	})
}

// TestDeletedByHand: an account that is deleted takes all with it but its events.
func TestDeletedByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		mustCommit(t, s, victimBatch(1))
		mustCommit(t, s, state.Batch{Run: "r", Account: "1", Writes: []state.Write{
			state.SpendRecoveryCode{ID: 12, At: noon()}, state.Audit{Event: "e"},
			state.ConnectProvider{Account: state.ProviderAccount{Provider: "p", UID: "1"}},
		}})
		if _, err := s.write.ExecContext(t.Context(), `DELETE FROM accounts WHERE id = '1'`); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"emails", "authenticators", "spent_codes", "providers", "attributes", "sessions"} {
			if n := rows(t, s, table); n != 0 {
				t.Errorf("%d rows of %s are left", n, table)
			}
		}
		if n := rows(t, s, "audit"); n != 1 {
			t.Errorf("%d events are left, want 1", n)
		}
	})
}

package contract

import (
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// TestRecent judges how recent an authentication is, and which accounts can prove
// themselves again.
func TestRecent(t *testing.T) {
	now := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	at := func(ago time.Duration) []engine.Method {
		return []engine.Method{{Method: "password", At: now.Add(-ago).UnixMilli()}}
	}
	for _, c := range []struct {
		what    string
		account state.Snapshot
		log     []engine.Method
		want    bool
		ways    int
	}{
		{"nothing to prove with", state.Snapshot{}, nil, true, 0},
		{"a password, never used", state.Snapshot{HasPassword: true}, nil, false, 1},
		{"a password, just used", state.Snapshot{HasPassword: true}, at(time.Minute), true, 1},
		{"a password, used long ago", state.Snapshot{HasPassword: true}, at(5 * time.Minute), false, 1},
		{"two ways", state.Snapshot{HasPassword: true, SecondFactor: []state.AuthenticatorType{state.TOTP}}, at(0), true, 2},
	} {
		v := Visit{Account: c.account}
		v.Entry.Record.Methods = c.log
		if got := v.Recent(now, 5*time.Minute); got != c.want || len(accounts.Reauthentications(c.account)) != c.ways {
			t.Errorf("%s: recent %v, %d ways", c.what, got, len(accounts.Reauthentications(c.account)))
		}
	}
}

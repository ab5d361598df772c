package wire

import (
	"crypto/rand"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

func newKeys(t *testing.T) *state.Keyring {
	t.Helper()
	keys, err := state.NewKeyring(rand.Reader, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestTOTPSecretWaits keeps a secret sealed, for one account, for an hour.
func TestTOTPSecretWaits(t *testing.T) {
	keys, now := newKeys(t), time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	run, err := NewTOTPSecret(keys, 7, "GEZDGNBVGY3TQOJQ", now)
	if err != nil {
		t.Fatal(err)
	}
	var r engine.Record
	if got, err := WaitingTOTPSecret(keys, &r, 7, now); got != "" || err != nil {
		t.Errorf("nothing waits, and it is %q, %v", got, err)
	}
	r.Put(run)
	for _, c := range []struct {
		account int64
		after   time.Duration
		want    string
	}{{7, 0, "GEZDGNBVGY3TQOJQ"}, {7, 59 * time.Minute, "GEZDGNBVGY3TQOJQ"}, {8, 0, ""}, {7, time.Hour, ""}} {
		if got, err := WaitingTOTPSecret(keys, &r, c.account, now.Add(c.after)); got != c.want || err != nil {
			t.Errorf("account %d after %v: %q, %v", c.account, c.after, got, err)
		}
	}
	// What was sealed for one account opens for no other.
	run.Subject = 8
	r.Put(run)
	if got, err := WaitingTOTPSecret(keys, &r, 8, now); err == nil {
		t.Errorf("another's secret opens: %q", got)
	}
}

// TestSameSecret takes nothing for no secret.
func TestSameSecret(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{{"x", "x", true}, {"x", "y", false}, {"", "", false}, {"x", "", false}, {"", "x", false}} {
		if SameSecret(c.a, c.b) != c.same {
			t.Errorf("%q and %q: not %v", c.a, c.b, c.same)
		}
	}
}

// TestRecent tells how recent an authentication is, and who can be asked for one.
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
		provers int
	}{
		{"nothing to prove with", state.Snapshot{}, nil, true, 0},
		{"a password, never used", state.Snapshot{HasPassword: true}, nil, false, 1},
		{"a password, just used", state.Snapshot{HasPassword: true}, at(time.Minute), true, 1},
		{"a password, used long ago", state.Snapshot{HasPassword: true}, at(5 * time.Minute), false, 1},
		{"two ways", state.Snapshot{HasPassword: true, SecondFactor: []state.AuthenticatorType{state.TOTP}}, at(0), true, 2},
	} {
		v := Visit{Account: c.account}
		v.Entry.Record.Methods = c.log
		if got := v.Recent(now, 5*time.Minute); got != c.want || len(v.Provers()) != c.provers {
			t.Errorf("%s: recent %v, %d provers", c.what, got, len(v.Provers()))
		}
	}
}

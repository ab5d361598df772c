package contract

import (
	"crypto/rand"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/state/accounts"
)

// newCall is a call with a key to seal secrets with.
func newCall(t *testing.T, now time.Time) *Call {
	t.Helper()
	keys, err := state.NewKeyring(rand.Reader, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	mfa, err := accounts.NewMFA(accounts.MFAConfig{Period: 30 * time.Second, Digits: 6, RecoveryCount: 10, RecoveryDigits: 8}, keys)
	if err != nil {
		t.Fatal(err)
	}
	return &Call{Base: &Base{Accounts: &accounts.Service{MFA: mfa}}, Now: now}
}

// TestTOTPSecretWaits keeps a secret sealed, for one account, for an hour.
func TestTOTPSecretWaits(t *testing.T) {
	now := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	c := newCall(t, now)
	run, err := c.totpRun("7", "GEZDGNBVGY3TQOJQ")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.OfferedTOTP("7"); got != "" || err != nil {
		t.Errorf("nothing waits, and it is %q, %v", got, err)
	}
	c.Visit.Entry.Record.Put(run)
	for _, x := range []struct {
		account state.AccountID
		after   time.Duration
		want    string
	}{{"7", 0, "GEZDGNBVGY3TQOJQ"}, {"7", 59 * time.Minute, "GEZDGNBVGY3TQOJQ"}, {"8", 0, ""}, {"7", time.Hour, ""}} {
		c.Now = now.Add(x.after)
		if got, err := c.OfferedTOTP(x.account); got != x.want || err != nil {
			t.Errorf("account %s after %v: %q, %v", x.account, x.after, got, err)
		}
	}
	// What was sealed for one account opens for no other.
	run.Subject, c.Now = "8", now
	c.Visit.Entry.Record.Put(run)
	if got, err := c.OfferedTOTP("8"); err == nil {
		t.Errorf("another's secret opens: %q", got)
	}
}

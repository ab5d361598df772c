package accounts

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"stagedoor/state"
)

// typings are ways to type eight digits, and whether they are accepted.
var typings = []struct {
	typed func(code string) string
	right bool
}{
	{func(c string) string { return c }, true},
	{func(c string) string { return " " + c + "\t" }, true},
	{func(c string) string { return c[:4] + " " + c[4:] }, true},
	{func(c string) string { return c[:4] + "-" + c[4:] }, true},
	{func(c string) string { return c[:2] + " - " + c[2:4] + "\u00a0" + c[4:] + "." }, true},
	{func(c string) string { return c[:4] + "\u2013" + c[4:] }, true},
	{func(c string) string { return c[:4] + "x" + c[4:] }, false},
	{func(c string) string { return c + "0" }, false},
	{func(c string) string { return c[:7] }, false},
	{func(string) string { return " - " }, false},
	{func(string) string { return "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9" }, false},
	{foreignDigits, false},
}

// foreignDigits writes the digits in Arabic script.
func foreignDigits(c string) string {
	out := ""
	for _, r := range c {
		out += string('\u0660' + r - '0')
	}
	return out
}

// TestCodesAsTyped tries the ways to type a code of TOTP and a recovery code, and that the
// same code is spent however it is typed.
func TestCodesAsTyped(t *testing.T) {
	keys, err := state.NewKeyring(rand.Reader, []byte("a key of the test, long enough for it"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMFA(MFAConfig{Issuer: "t", Period: 30 * time.Second, Digits: 8, RecoveryCount: 3, RecoveryDigits: 8}, keys)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	secret := TOTPSecret(make([]byte, 20))
	app, err := m.NewTOTP(1, secret, now)
	if err != nil {
		t.Fatal(err)
	}
	set, err := m.NewRecoveryCodes(2, make([]byte, 32), now)
	if err != nil {
		t.Fatal(err)
	}
	account := &state.Account{ID: "1", Authenticators: []state.Authenticator{app, set}}
	code, err := totp.GenerateCodeCustom(secret, now, totp.ValidateOpts{Period: 30, Digits: 8})
	if err != nil {
		t.Fatal(err)
	}
	codes, err := m.RecoveryCodes(&set)
	if err != nil {
		t.Fatal(err)
	}
	step := now.Unix() / 30
	for _, c := range typings {
		said := c.typed(code)
		if _, ok := m.MatchTOTP(secret, said, now); ok != c.right {
			t.Errorf("set up with %q: %v", said, ok)
		}
		if _, w, err := m.Check(account, said, now); err != nil || (w == state.SpendTOTP{ID: 1, Step: step, At: now}) != c.right {
			t.Errorf("%q spends %+v, %v", said, w, err)
		}
		said = c.typed(codes[1])
		if _, w, err := m.Check(account, said, now); err != nil || (w == state.SpendRecoveryCode{ID: 2, Index: 1, At: now}) != c.right {
			t.Errorf("recovery code %q spends %+v, %v", said, w, err)
		}
	}
}

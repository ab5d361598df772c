package accounts

import (
	"crypto/rand"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
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

// TestLateCode: with a tolerance of one step, the default, a code that is typed half a second
// after its time is taken (RFC 6238, section 5.2), once, and not after one of a later step. It was
// refused.
func TestLateCode(t *testing.T) {
	keys, err := state.NewKeyring(rand.Reader, []byte("a key of the test, long enough for it"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMFA(MFAConfig{Issuer: "t", Period: 30 * time.Second, Digits: 6, Tolerance: 1, RecoveryCount: 3, RecoveryDigits: 8}, keys)
	if err != nil {
		t.Fatal(err)
	}
	secret := TOTPSecret(make([]byte, 20))
	begins := time.Unix(1_800_000_000, 0)
	app, err := m.NewTOTP(1, secret, begins)
	if err != nil {
		t.Fatal(err)
	}
	code := func(at time.Time) string {
		text, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	late := begins.Add(500 * time.Millisecond)
	old := code(begins.Add(-time.Second))
	for _, c := range []struct {
		last int64
		code string
		step int64
	}{
		{-1, old, begins.Unix()/30 - 1},
		{begins.Unix()/30 - 2, old, begins.Unix()/30 - 1},
		{begins.Unix() / 30, old, 0},
		{-1, code(begins.Add(30 * time.Second)), begins.Unix()/30 + 1},
		{-1, code(begins.Add(-31 * time.Second)), 0},
	} {
		app.LastStep = c.last
		_, w, err := m.Check(&state.Account{ID: "1", Authenticators: []state.Authenticator{app}}, c.code, late)
		if spent, _ := w.(state.SpendTOTP); err != nil || spent.Step != c.step {
			t.Errorf("last used step %d: spends %+v, %v; want step %d", c.last, w, err, c.step)
		}
	}
}

// TestTOTPURLEscapes: whoever reads the address by the rules of URLs, or takes + for a space as
// forms do, reads what was meant. Of the issuer "Smith & Sons" apps read "Smith " before.
func TestTOTPURLEscapes(t *testing.T) {
	keys, err := state.NewKeyring(rand.Reader, []byte("a key of the test, long enough for it"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"Smith & Sons", "ada@example.com"}, {"C++ = 100%?", "ada+tag@example.com"}, {"Zoë/#1", "a b"}, {"plain", "x:y"},
	} {
		m, err := NewMFA(MFAConfig{Issuer: c[0], Period: 60 * time.Second, Digits: 8, RecoveryCount: 3, RecoveryDigits: 8}, keys)
		if err != nil {
			t.Fatal(err)
		}
		secret := TOTPSecret([]byte("12345678901234567890"))
		raw, err := m.TOTPURL(secret, c[1])
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(raw)
		if err != nil || strings.ContainsAny(raw, "+ ") {
			t.Fatalf("%s: %v", raw, err)
		}
		want := url.Values{"secret": {secret}, "issuer": {c[0]}, "algorithm": {"SHA1"}, "digits": {"8"}, "period": {"60"}}
		if got := u.Query(); !reflect.DeepEqual(got, want) || u.Path != "/"+c[0]+":"+c[1] || strings.Count(raw, ":") != 2 {
			t.Errorf("%s\nhas the path %q and says %v, want %v", raw, u.Path, got, want)
		}
		key, err := otp.NewKeyFromURL(raw)
		if err != nil || key.Issuer() != c[0] || key.Secret() != secret || key.Period() != 60 || key.Digits() != 8 {
			t.Errorf("%s: the library reads %v, %v", raw, key, err)
		}
	}
	if _, err := (&MFA{}).TOTPURL("not base32!", "ada"); err == nil {
		t.Error("an address of no secret")
	}
}

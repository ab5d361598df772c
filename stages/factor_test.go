package stages_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// protect gives ann a TOTP and recovery codes; it returns the secret and the codes.
func (w *world) protect() (string, []string) {
	w.t.Helper()
	secret := accounts.TOTPSecret([]byte("twenty bytes of seed"))
	a, err := w.MFA.NewTOTP(11, secret, noon)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.MFA.NewRecoveryCodes(12, make([]byte, 32), noon)
	if err != nil {
		w.t.Fatal(err)
	}
	codes, err := w.MFA.RecoveryCodes(&r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.ann().Authenticators = []state.Authenticator{a, r}
	return secret, codes
}

func TestFactor(t *testing.T) {
	w := newWorld(t)
	secret, recovery := w.protect()
	code, err := totp.GenerateCode(secret, noon)
	if err != nil {
		t.Fatal(err)
	}
	step := noon.Unix() / 30
	try := func(code string) engine.Verdict {
		s := w.submission(engine.MapValues{"code": code})
		s.Run = &engine.Run{Subject: "7"}
		return w.submit("mfa_authenticate", s)
	}
	v := try(code)
	w.wantWrites("totp", v.Writes, state.SpendTOTP{ID: 11, Step: step, At: noon})
	w.wantErrors("used meanwhile", v.IfSpent, "code:incorrect_code")
	if v.Exit != engine.OK || v.Methods[0].Type != "totp" || v.Methods[0].ID != 11 || len(v.Refunds) != 2 || v.Refunds[0].All || !v.Refunds[1].All {
		t.Errorf("%+v", v)
	}
	v = try(recovery[2])
	w.wantWrites("recovery", v.Writes, state.SpendRecoveryCode{ID: 12, Index: 2, At: noon})
	if v.Exit != engine.OK || v.Methods[0].Type != "recovery_codes" {
		t.Errorf("%+v", v)
	}
	w.wantErrors("nothing", try("").Errors, "code:required")
	for _, bad := range []string{"000000", "12345678", code + "0", strings.Repeat("9", 99)} {
		w.wantErrors(bad, try(bad).Errors, "code:incorrect_code")
	}
	w.ann().Authenticators[0].LastStep = step + 1
	w.wantErrors("a step before the last", try(code).Errors, "code:incorrect_code")
	w.ann().Authenticators[0].LastStep = -1
	w.ann().Active = false
	w.wantErrors("disabled", try(code).Errors, "code:incorrect_code")
	s := w.submission(engine.MapValues{"code": code})
	s.Run = &engine.Run{Subject: "8"}
	w.wantErrors("of another account", w.submit("mfa_authenticate", s).Errors, "code:incorrect_code")
	w.down("mfa_authenticate", s)
}

// TestFactorLimits: tries are counted against the account, and signatures are not.
func TestFactorLimits(t *testing.T) {
	w := newWorld(t)
	l := w.Handlers()["mfa_authenticate"].(engine.Limiter)
	of := func(subject engine.AccountID, v engine.MapValues) []engine.Take {
		s := w.submission(v)
		s.Run = &engine.Run{Subject: subject}
		return l.Limits(s)
	}
	a, b := of("7", engine.MapValues{"code": "1"}), of("8", engine.MapValues{"code": "1"})
	if len(a) != 2 || a[1].Key == b[1].Key || a[0].Key != b[0].Key {
		t.Errorf("%+v and %+v", a, b)
	}
	if got := of("7", engine.MapValues{"credential": []byte("{}")}); got != nil {
		t.Errorf("%+v", got)
	}
	w.wantErrors("limited", l.Limited(engine.Submission{}), "code:too_many_login_attempts")
	run, _ := w.enter("mfa_authenticate", engine.Arrival{Person: engine.Person{SecondFactors: []string{"totp"}}})
	if got := w.Handlers()["mfa_authenticate"].(engine.Describer).Describe(run)["types"].([]string); len(got) != 1 || got[0] != "totp" {
		t.Errorf("described as %v", got)
	}
}

// trust lets ann's browser be trusted after the stages named, beside an older cookie.
func (w *world) trust(old string, passed ...engine.StageID) string {
	stage := map[engine.StageID]engine.ExitSpec{
		"mfa_authenticate": stages.MFAAuthenticate().Exits[engine.OK], "login_by_code": stages.LoginByCode(w.Settings).Exits[engine.OK],
		"login_code": stages.LoginCode(w.Settings).Exits[engine.OK], "passkey_login": stages.PasskeyLogin().Exits["verified"],
	}
	s := w.submission(engine.MapValues{"trust": true})
	s.Run, s.Client.Trust = &engine.Run{Subject: "7"}, old
	for _, id := range passed {
		s.Proved = append(s.Proved, stage[id].Proves)
	}
	v := w.submit("mfa_trust", s)
	if v.Exit != engine.OK || v.Values[stages.TrustValue] == "" {
		w.t.Fatalf("%+v", v)
	}
	return v.Values[stages.TrustValue]
}

// waives returns what a cookie waives for an account at a time: code, second.
func (w *world) waives(account engine.AccountID, cookie string, now time.Time) [2]bool {
	f, _, err := w.Facts(context.Background(), engine.FactQuery{Subject: account, Client: engine.Client{Trust: cookie}, Now: now})
	if err != nil {
		w.t.Fatal(err)
	}
	return [2]bool{f.TrustsCode, f.TrustsSecond}
}

func TestTrust(t *testing.T) {
	both := func(change func(*world)) (*world, string) {
		w := newWorld(t)
		w.OfferTrust, w.TrustCode = true, true
		w.protect()
		cookie := w.trust("", "login_by_code", "mfa_authenticate")
		change(w)
		return w, cookie
	}
	for name, c := range map[string]struct {
		change func(*world)
		after  time.Duration
		want   [2]bool
	}{
		"at once":                 {func(*world) {}, 0, [2]bool{true, true}},
		"to the end":              {func(*world) {}, 24 * time.Hour, [2]bool{true, true}},
		"too late":                {func(*world) {}, 24*time.Hour + time.Millisecond, [2]bool{}},
		"before it was made":      {func(*world) {}, -time.Millisecond, [2]bool{}},
		"after a password change": {func(w *world) { w.ann().PasswordHash = "other" }, 0, [2]bool{}},
		"with one factor less":    {func(w *world) { w.ann().Authenticators = w.ann().Authenticators[:1] }, 0, [2]bool{}},
		"with one factor more": {func(w *world) {
			w.ann().Authenticators = append(w.ann().Authenticators, state.Authenticator{ID: 13, Type: state.WebAuthn})
		}, 0, [2]bool{}},
		"with the factors in another order": {func(w *world) {
			x := w.ann().Authenticators
			x[0], x[1] = x[1], x[0]
		}, 0, [2]bool{true, true}},
		"code trust off":   {func(w *world) { w.TrustCode = false }, 0, [2]bool{false, true}},
		"second trust off": {func(w *world) { w.OfferTrust = false }, 0, [2]bool{true, false}},
		"all off":          {func(w *world) { w.OfferTrust, w.TrustCode = false, false }, 0, [2]bool{}},
	} {
		w, cookie := both(c.change)
		if got := w.waives("7", cookie, noon.Add(c.after)); got != c.want {
			t.Errorf("%s it waives (code, second) %v, want %v", name, got, c.want)
		}
		if got := w.waives("8", cookie, noon); got != [2]bool{} {
			t.Errorf("%s it waives %v for another account", name, got)
		}
	}
}

// TestTrustIsEarned: a cookie waives what its run has shown and nothing else.
func TestTrustIsEarned(t *testing.T) {
	w := newWorld(t)
	w.OfferTrust, w.TrustCode = true, true
	for _, c := range []struct {
		passed []engine.StageID
		want   [2]bool
	}{
		{nil, [2]bool{}}, {[]engine.StageID{"passkey_login"}, [2]bool{}},
		{[]engine.StageID{"mfa_authenticate"}, [2]bool{false, true}}, {[]engine.StageID{"login_by_code"}, [2]bool{true, false}},
		{[]engine.StageID{"login_code", "mfa_authenticate"}, [2]bool{true, true}},
	} {
		if got := w.waives("7", w.trust("", c.passed...), noon); got != c.want {
			t.Errorf("after %v it waives (code, second) %v, want %v", c.passed, got, c.want)
		}
	}
	s := w.submission(engine.MapValues{"trust": false})
	s.Run = &engine.Run{Subject: "7"}
	if v := w.submit("mfa_trust", s); v.Exit != engine.OK || v.Values != nil {
		t.Errorf("a browser that is not to be trusted: %+v", v)
	}
}

// TestTrustIsNotForged changes every letter of a cookie.
func TestTrustIsNotForged(t *testing.T) {
	w := newWorld(t)
	w.OfferTrust, w.TrustCode = true, true
	cookie := w.trust("", "login_by_code")
	for i := range cookie {
		forged := cookie[:i] + flip(cookie[i]) + cookie[i+1:]
		if got := w.waives("7", forged, noon); got != [2]bool{} {
			t.Errorf("letter %d changed: waives %v", i, got)
		}
	}
	for _, forged := range []string{"x", "~", cookie[:10], cookie + "AAAA", "!!!!"} {
		if got := w.waives("7", forged, noon); got != [2]bool{} {
			t.Errorf("%q waives %v", forged, got)
		}
	}
	// One browser can be trusted by several accounts, and an account replaces its own.
	if both := w.trust("junk~"+cookie, "mfa_authenticate"); w.waives("7", both, noon) != [2]bool{false, true} || strings.Contains(both, "~") {
		t.Errorf("%s", both)
	}
}

package journeys

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// TestRestLogin is the sequence login, user, and what a wrong input comes to.
func TestRestLogin(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Somebody("ada@example.com")
	s.Do("GET", "/user/", nil).Stranger()
	s.Post("/login/", suite.M{"email": "ada@example.com", "password": "wrong horse 1"}).Is(400, "password:email_password_mismatch")
	s.Post("/login/", suite.M{}).Is(400, "email:required", "password:required")
	s.Post("/login/", "{").Is(400, "__all__:malformed_body")
	r := s.Post("/login", suite.M{"email": "ada@example.com", "password": suite.Password}).Entered("ada@example.com")
	if r.ExpiresIn != 3600 {
		t.Errorf("expires_in %d, want the token_lifetime of 3600", r.ExpiresIn)
	}
	for _, path := range []string{"/user/", "/user", "/session/"} {
		if got := s.Do("GET", path, nil).Is(200); got.User.ID != r.User.ID {
			t.Errorf("%s tells of %+v", path, got.User)
		}
	}
	s.Do("GET", "/config/", nil).Is(200)
	s.Do("GET", "/login/", nil).Is(405)
	s.Do("GET", "/nowhere/", nil).Is(404)
	s.Post("/logout/", nil).Is(200)
	s.Do("GET", "/user/", nil).Stranger()
	s.Post("/logout/", nil).Stranger()
	// A stale token does not stand in the way of another.
	s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Entered("ada@example.com")
}

// TestRestSignup is the sequence signup, verify, by link and by code.
func TestRestSignup(t *testing.T) {
	t.Run("link", func(t *testing.T) {
		l := suite.NewLab(t, suite.Dev)
		s := l.Script()
		first := s.Post("/signup/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(200).Waits("verify_email")
		s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(401).Waits("verify_email")
		key := l.Code("ada@example.com")
		// The link works anywhere, without the run's token.
		s.Post("/email/verify/", suite.M{"key": key + "x"}).Is(400, "key:invalid_or_expired_key")
		if r := s.Post("/email/verify/", suite.M{"key": key}).Is(200); !r.Verified || r.Access != "" {
			t.Errorf("verified and signed in by a key alone: %s", r.Raw)
		}
		s.Post("/email/verify/", suite.M{"key": key}).Is(400, "key:invalid_or_expired_key")
		s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Entered("ada@example.com")
		again := l.Script().Post("/signup/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(200).Waits("verify_email")
		if len(again.Raw) != len(first.Raw) {
			t.Errorf("a taken address is answered otherwise:\n%s\n%s", first.Raw, again.Raw)
		}
		s.Post("/signup/", suite.M{"email": "nobody", "password": "short"}).Is(400, "email:invalid", "password:password_too_short")
	})
	t.Run("code", func(t *testing.T) {
		l := suite.NewLab(t, suite.Dev, suite.Codes)
		s := l.Script()
		run := s.Post("/signup/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(200).Waits("verify_email").FlowToken
		code := l.Code("ada@example.com")
		s.Post("/email/verify/", suite.M{"key": code}).Is(400, "token:required")
		s.Post("/email/verify/", suite.M{"key": "000000", "token": run}).Is(400, "key:incorrect_code")
		s.Post("/email/request/", suite.M{"token": run}).Is(200)
		s.Post("/email/verify/", suite.M{"key": code, "token": run}).Is(400, "key:incorrect_code")
		r := s.Post("/email/verify/", suite.M{"key": l.Code("ada@example.com"), "token": run}).Entered("ada@example.com")
		if !r.Verified {
			t.Errorf("no verified: %s", r.Raw)
		}
		s.Do("GET", "/user/", nil).Is(200)
	})
}

// TestRestVerifyAgain asks for another link without being signed in: known, verified and
// unknown addresses are answered alike.
func TestRestVerifyAgain(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Script()
	s.Post("/signup/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(200)
	l.Code("ada@example.com")
	known := s.Post("/email/request/", suite.M{"email": "ada@example.com"}).Is(200)
	unknown := s.Post("/email/request/", suite.M{"email": "bob@example.com"}).Is(200)
	if known.Raw != unknown.Raw {
		t.Errorf("answers tell who is known: %s, %s", known.Raw, unknown.Raw)
	}
	s.Post("/email/request/", suite.M{}).Is(400, "email:required")
	s.Post("/email/verify/", suite.M{"key": l.Code("ada@example.com")}).Is(200)
	l.Quiet()
	before := len(l.Mails.To("ada@example.com"))
	s.Post("/email/request/", suite.M{"email": "ada@example.com"}).Is(200)
	l.Quiet()
	if after := len(l.Mails.To("ada@example.com")); after != before {
		t.Error("a verified address was mailed another link")
	}
}

// TestRestFactor is the sequence of a login with a second factor.
func TestRestFactor(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Insider("ada@example.com")
	secret := s.TOTPOn()
	s.Post("/logout/", nil).Is(200)
	r := s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(401).Waits("mfa_authenticate")
	if r.MFAToken == "" || r.MFAToken != r.FlowToken {
		t.Fatalf("no mfa_token: %s", r.Raw)
	}
	// A flow token is never a bearer token.
	s.Access = r.MFAToken
	s.Do("GET", "/user/", nil).Stranger()
	s.Access = ""
	s.Post("/mfa/authenticate/", suite.M{"code": "123456"}).Is(400, "token:required")
	s.Post("/mfa/authenticate/", suite.M{"token": "made up", "code": "123456"}).Is(410)
	s.Post("/mfa/authenticate/", suite.M{"token": r.MFAToken, "code": "000000"}).Is(400, "code:incorrect_code")
	s.Post("/mfa/authenticate/", suite.M{"token": r.MFAToken}).Is(400, "code:required")
	s.Post("/code/confirm/", suite.M{"token": r.MFAToken, "code": "123456"}).Is(409)
	code := l.TOTP(secret)
	s.Post("/mfa/authenticate/", suite.M{"token": r.MFAToken, "code": code}).Entered("ada@example.com")
	s.Do("GET", "/user/", nil).Is(200)
	// Neither the code nor the token works twice, and an access token is no flow token.
	l.Script().Post("/mfa/authenticate/", suite.M{"token": r.MFAToken, "code": code}).Is(410)
	l.Script().Post("/mfa/authenticate/", suite.M{"token": s.Access, "code": code}).Is(410)
	again := l.Script().Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(401).Waits("mfa_authenticate")
	l.Script().Post("/stages/mfa_authenticate/", suite.M{"token": again.FlowToken, "code": code}).Is(400, "code:incorrect_code")
	l.Clock.Pass(30 * time.Second)
	l.Script().Post("/stages/mfa_authenticate/", suite.M{"token": again.FlowToken, "code": l.TOTP(secret)}).Entered("ada@example.com")
}

// TestRestTOTP is the sequence totp add, confirm, and what becomes of the account.
func TestRestTOTP(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Insider("ada@example.com")
	l.Script().Post("/mfa/totp/add/", nil).Stranger()
	s.Prove()
	first := s.Post("/mfa/totp/add/", nil).Is(200)
	r := s.Post("/mfa/totp/add/", nil).Is(200)
	if r.Secret == "" || r.Secret == first.Secret || !strings.HasPrefix(r.URL, "otpauth://totp/") || !strings.Contains(r.URL, r.Secret) {
		t.Fatalf("not a new secret: %s", r.Raw)
	}
	checkPicture(t, r.QR)
	s.Post("/mfa/totp/confirm/", suite.M{"secret": first.Secret, "code": l.TOTP(first.Secret)}).Is(400, "secret:invalid")
	s.Post("/mfa/totp/confirm/", suite.M{"secret": r.Secret, "code": "000000"}).Is(400, "code:incorrect_code")
	s.Post("/mfa/totp/confirm/", suite.M{"code": l.TOTP(r.Secret)}).Is(400, "secret:required")
	if got := s.Post("/mfa/totp/confirm/", suite.M{"secret": r.Secret, "code": l.TOTP(r.Secret)}).Is(200); !strings.Contains(got.Raw, `"type":"totp"`) {
		t.Errorf("not told of the authenticator: %s", got.Raw)
	}
	s.Post("/mfa/totp/confirm/", suite.M{"secret": r.Secret, "code": l.TOTP(r.Secret)}).Is(409)
	s.Post("/mfa/totp/add/", nil).Is(409)
	if got := s.Do("GET", "/mfa/authenticators/", nil).Is(200).Raw; !strings.Contains(got, "totp") || !strings.Contains(got, "recovery_codes") {
		t.Errorf("authenticators: %s", got)
	}
	old := s.Do("GET", "/mfa/recovery-codes/", nil).Is(200).Unused
	fresh := s.Post("/mfa/recovery-codes/", nil).Is(200).Unused
	if len(old) != 10 || len(fresh) != 10 || old[0] == fresh[0] {
		t.Errorf("recovery codes %q, then %q", old, fresh)
	}
	run := l.Script().Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(401).MFAToken
	l.Script().Post("/mfa/authenticate/", suite.M{"token": run, "code": old[0]}).Is(400, "code:incorrect_code")
	l.Script().Post("/mfa/authenticate/", suite.M{"token": run, "code": fresh[0]}).Entered("ada@example.com")

	// What matters asks for a recent proof.
	l.Clock.Pass(10 * time.Minute)
	late := s.Do("DELETE", "/mfa/totp/", nil).Is(401)
	if late.Flow == nil || *late.Flow != "reauthenticate" || len(late.Flows) != 3 {
		t.Fatalf("not asked to prove: %s", late.Raw)
	}
	s.Post("/stages/reauthenticate/", suite.M{"password": "wrong horse 1"}).Is(400, "password:incorrect_password")
	s.Post("/stages/reauthenticate/", suite.M{"password": suite.Password}).Is(200)
	s.Do("DELETE", "/mfa/totp/", nil).Is(200)
	s.Do("DELETE", "/mfa/totp/", nil).Is(200)
	l.Script().Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Entered("ada@example.com")
}

// checkPicture fails the test unless the text is a PNG with a white border.
func checkPicture(t *testing.T, text string) {
	t.Helper()
	raw, is := strings.CutPrefix(text, "data:image/png;base64,")
	b, err := base64.StdEncoding.DecodeString(raw)
	if !is || err != nil {
		t.Fatalf("qr_code is not a data URL: %.60s", text)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	dark := 0
	for x := range img.Bounds().Dx() {
		for y := range img.Bounds().Dy() {
			r, _, _, _ := img.At(x, y).RGBA()
			border := x < 24 || y < 24 || x >= img.Bounds().Dx()-24 || y >= img.Bounds().Dy()-24
			if r == 0 {
				dark++
			}
			if border && r != 0xffff {
				t.Fatalf("no quiet zone at %d,%d", x, y)
			}
		}
	}
	if dark < 1000 {
		t.Errorf("%d dark points are no code", dark)
	}
}

// TestRestPassword is the sequence reset, confirm, change, by link and by code.
func TestRestPassword(t *testing.T) {
	const second, third = "staple-battery-8", "another-battery-9"
	change := func(l *suite.Lab, s *suite.Script, email string) {
		t.Helper()
		s.Post("/login/", suite.M{"email": email, "password": second}).Entered(email)
		other := l.Script()
		other.Post("/login/", suite.M{"email": email, "password": second}).Entered(email)
		s.Post("/password/change/", suite.M{"new_password": third}).Is(400, "current_password:required")
		s.Post("/password/change/", suite.M{"current_password": suite.Password, "new_password": "12"}).
			Is(400, "current_password:enter_current_password", "new_password:password_too_short", "new_password:password_entirely_numeric")
		s.Post("/password/change/", suite.M{"current_password": second, "new_password": third}).Is(200)
		s.Do("GET", "/user/", nil).Is(200)
		other.Do("GET", "/user/", nil).Stranger()
		l.Script().Post("/login/", suite.M{"email": email, "password": second}).Is(400)
		l.Script().Post("/login/", suite.M{"email": email, "password": third}).Entered(email)
	}
	t.Run("link", func(t *testing.T) {
		l := suite.NewLab(t, suite.Dev)
		s := l.Insider("ada@example.com")
		known := s.Post("/password/reset/", suite.M{"email": "ada@example.com"}).Is(200)
		unknown := s.Post("/password/reset/", suite.M{"email": "bob@example.com"}).Is(200)
		if known.Raw != unknown.Raw {
			t.Errorf("answers tell who is known: %s, %s", known.Raw, unknown.Raw)
		}
		key := l.Code("ada@example.com")
		s.Post("/password/reset/confirm/", suite.M{"key": key, "password": "1"}).Is(400)
		s.Post("/password/reset/confirm/", suite.M{"key": key, "password": second}).Is(200)
		s.Post("/password/reset/confirm/", suite.M{"key": key, "password": third}).Is(400, "key:invalid_password_reset")
		s.Do("GET", "/user/", nil).Stranger()
		change(l, s, "ada@example.com")
	})
	t.Run("code", func(t *testing.T) {
		l := suite.NewLab(t, suite.Dev, suite.Codes)
		s := l.Somebody("ada@example.com")
		known := s.Post("/password/reset/", suite.M{"email": "ada@example.com"}).Is(200).Waits("password_reset_by_code")
		unknown := s.Post("/password/reset/", suite.M{"email": "bob@example.com"}).Is(200).Waits("password_reset_by_code")
		if len(known.Raw) != len(unknown.Raw) {
			t.Errorf("answers tell who is known: %s, %s", known.Raw, unknown.Raw)
		}
		code := l.Code("ada@example.com")
		s.Post("/password/reset/confirm/", suite.M{"key": code, "password": second}).Is(400, "token:required")
		s.Post("/password/reset/confirm/", suite.M{"key": code, "password": second, "token": unknown.FlowToken}).Is(400, "key:incorrect_code")
		s.Post("/password/reset/confirm/", suite.M{"key": code, "password": second, "token": known.FlowToken}).Is(200)
		s.Post("/password/reset/confirm/", suite.M{"key": code, "password": third, "token": known.FlowToken}).Is(409)
		change(l, s, "ada@example.com")
	})
}

// TestRestCode signs in with a mailed code.
func TestRestCode(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Somebody("ada@example.com")
	r := s.Post("/code/request/", suite.M{"email": "ada@example.com"}).Is(401).Waits("login_by_code")
	pretend := s.Post("/code/request/", suite.M{"email": "bob@example.com"}).Is(401).Waits("login_by_code")
	s.Post("/code/confirm/", suite.M{"token": r.FlowToken, "code": "WRONG1"}).Is(400, "code:incorrect_code")
	first := l.Code("ada@example.com")
	s.Post("/stages/login_by_code/resend/", suite.M{"token": r.FlowToken}).Is(200)
	s.Post("/code/confirm/", suite.M{"token": pretend.FlowToken, "code": first}).Is(400, "code:incorrect_code")
	s.Post("/code/confirm/", suite.M{"token": r.FlowToken, "code": l.Code("ada@example.com")}).Entered("ada@example.com")
	s.Do("GET", "/user/", nil).Is(200)
}

// TestRestLifetime holds access tokens to token_lifetime, which nothing extends.
func TestRestLifetime(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Insider("ada@example.com")
	for range 59 {
		l.Clock.Pass(time.Minute)
		s.Do("GET", "/user/", nil).Is(200)
	}
	l.Clock.Pass(2 * time.Minute)
	s.Do("GET", "/user/", nil).Stranger()
	if n := l.Count(`SELECT count(*) FROM sessions WHERE client = 'rest' AND expires_at - created_at <> 3600000000`); n != 0 {
		t.Errorf("%d sessions with another age", n)
	}
}

// TestRestJWT exchanges refresh tokens, each once, and signs out.
func TestRestJWT(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, suite.JWT)
	s := l.Somebody("ada@example.com")
	r := s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Entered("ada@example.com")
	if strings.Count(r.Access, ".") != 2 || r.Refresh == "" || r.ExpiresIn != 300 {
		t.Fatalf("not signed tokens: %s", r.Raw)
	}
	s.Do("GET", "/user/", nil).Is(200)
	l.Clock.Pass(301 * time.Second)
	s.Do("GET", "/user/", nil).Stranger()
	next := s.Post("/token/refresh/", suite.M{"refresh_token": r.Refresh}).Is(200)
	if next.Refresh == r.Refresh || next.Type != "Bearer" {
		t.Errorf("not exchanged: %s", next.Raw)
	}
	s.Do("GET", "/user/", nil).Is(200)
	s.Post("/token/refresh/", suite.M{"refresh_token": r.Refresh}).Is(400, "refresh_token:invalid")
	s.Post("/token/refresh/", suite.M{"refresh_token": s.Access}).Is(400, "refresh_token:invalid")
	s.Post("/token/refresh/", suite.M{}).Is(400, "refresh_token:required")
	s.Post("/password/change/", suite.M{"current_password": suite.Password, "new_password": "staple-battery-8"}).Is(200)
	s.Do("GET", "/user/", nil).Is(200)
	s.Post("/logout/", nil).Is(200)
	s.Do("GET", "/user/", nil).Stranger()
	s.Access = ""
	s.Post("/token/refresh/", suite.M{"refresh_token": next.Refresh}).Is(400, "refresh_token:invalid")
}

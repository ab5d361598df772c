package server

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"strings"
	"testing"
	"time"
)

// TestRestLogin is the sequence login, user, and what a wrong input comes to.
func TestRestLogin(t *testing.T) {
	l := newLab(t, dev)
	s := l.somebody("ada@example.com")
	s.do("GET", "/user/", nil).stranger()
	s.post("/login/", m{"email": "ada@example.com", "password": "wrong horse 1"}).is(400, "password:email_password_mismatch")
	s.post("/login/", m{}).is(400, "email:required", "password:required")
	s.post("/login/", "{").is(400, "__all__:malformed_body")
	r := s.post("/login", m{"email": "ada@example.com", "password": password}).entered("ada@example.com")
	if r.ExpiresIn != 3600 {
		t.Errorf("expires_in %d, want the token_lifetime of 3600", r.ExpiresIn)
	}
	for _, path := range []string{"/user/", "/user", "/session/"} {
		if got := s.do("GET", path, nil).is(200); got.User.ID != r.User.ID {
			t.Errorf("%s tells of %+v", path, got.User)
		}
	}
	s.do("GET", "/config/", nil).is(200)
	s.do("GET", "/login/", nil).is(405)
	s.do("GET", "/nowhere/", nil).is(404)
	s.post("/logout/", nil).is(200)
	s.do("GET", "/user/", nil).stranger()
	s.post("/logout/", nil).stranger()
	// A stale token does not stand in the way of another.
	s.post("/login/", m{"email": "ada@example.com", "password": password}).entered("ada@example.com")
}

// TestRestSignup is the sequence signup, verify, by link and by code.
func TestRestSignup(t *testing.T) {
	t.Run("link", func(t *testing.T) {
		l := newLab(t, dev)
		s := l.script()
		first := s.post("/signup/", m{"email": "ada@example.com", "password": password}).is(200).waits("verify_email")
		s.post("/login/", m{"email": "ada@example.com", "password": password}).is(401).waits("verify_email")
		key := l.code("ada@example.com")
		// The link works anywhere, without the run's token.
		s.post("/email/verify/", m{"key": key + "x"}).is(400, "key:invalid_or_expired_key")
		if r := s.post("/email/verify/", m{"key": key}).is(200); !r.Verified || r.Access != "" {
			t.Errorf("verified and signed in by a key alone: %s", r.Raw)
		}
		s.post("/email/verify/", m{"key": key}).is(400, "key:invalid_or_expired_key")
		s.post("/login/", m{"email": "ada@example.com", "password": password}).entered("ada@example.com")
		again := l.script().post("/signup/", m{"email": "ada@example.com", "password": password}).is(200).waits("verify_email")
		if len(again.Raw) != len(first.Raw) {
			t.Errorf("a taken address is answered otherwise:\n%s\n%s", first.Raw, again.Raw)
		}
		s.post("/signup/", m{"email": "nobody", "password": "short"}).is(400, "email:invalid", "password:password_too_short")
	})
	t.Run("code", func(t *testing.T) {
		l := newLab(t, dev, codes)
		s := l.script()
		run := s.post("/signup/", m{"email": "ada@example.com", "password": password}).is(200).waits("verify_email").FlowToken
		code := l.code("ada@example.com")
		s.post("/email/verify/", m{"key": code}).is(400, "token:required")
		s.post("/email/verify/", m{"key": "000000", "token": run}).is(400, "key:incorrect_code")
		s.post("/email/request/", m{"token": run}).is(200)
		s.post("/email/verify/", m{"key": code, "token": run}).is(400, "key:incorrect_code")
		r := s.post("/email/verify/", m{"key": l.code("ada@example.com"), "token": run}).entered("ada@example.com")
		if !r.Verified {
			t.Errorf("no verified: %s", r.Raw)
		}
		s.do("GET", "/user/", nil).is(200)
	})
}

// TestRestVerifyAgain asks for another link without being signed in: known, verified and
// unknown addresses are answered alike.
func TestRestVerifyAgain(t *testing.T) {
	l := newLab(t, dev)
	s := l.script()
	s.post("/signup/", m{"email": "ada@example.com", "password": password}).is(200)
	l.code("ada@example.com")
	known := s.post("/email/request/", m{"email": "ada@example.com"}).is(200)
	unknown := s.post("/email/request/", m{"email": "bob@example.com"}).is(200)
	if known.Raw != unknown.Raw {
		t.Errorf("answers tell who is known: %s, %s", known.Raw, unknown.Raw)
	}
	s.post("/email/request/", m{}).is(400, "email:required")
	s.post("/email/verify/", m{"key": l.code("ada@example.com")}).is(200)
	l.quiet()
	before := len(l.mails.to("ada@example.com"))
	s.post("/email/request/", m{"email": "ada@example.com"}).is(200)
	l.quiet()
	if after := len(l.mails.to("ada@example.com")); after != before {
		t.Error("a verified address was mailed another link")
	}
}

// TestRestFactor is the sequence of a login with a second factor.
func TestRestFactor(t *testing.T) {
	l := newLab(t, dev)
	s := l.insider("ada@example.com")
	secret := s.totpOn()
	s.post("/logout/", nil).is(200)
	r := s.post("/login/", m{"email": "ada@example.com", "password": password}).is(401).waits("mfa_authenticate")
	if r.MFAToken == "" || r.MFAToken != r.FlowToken {
		t.Fatalf("no mfa_token: %s", r.Raw)
	}
	// A flow token is never a bearer token.
	s.access = r.MFAToken
	s.do("GET", "/user/", nil).stranger()
	s.access = ""
	s.post("/mfa/authenticate/", m{"code": "123456"}).is(400, "token:required")
	s.post("/mfa/authenticate/", m{"token": "made up", "code": "123456"}).is(410)
	s.post("/mfa/authenticate/", m{"token": r.MFAToken, "code": "000000"}).is(400, "code:incorrect_code")
	s.post("/mfa/authenticate/", m{"token": r.MFAToken}).is(400, "code:required")
	s.post("/code/confirm/", m{"token": r.MFAToken, "code": "123456"}).is(409)
	code := l.totp(secret)
	s.post("/mfa/authenticate/", m{"token": r.MFAToken, "code": code}).entered("ada@example.com")
	s.do("GET", "/user/", nil).is(200)
	// Neither the code nor the token works twice, and an access token is no flow token.
	l.script().post("/mfa/authenticate/", m{"token": r.MFAToken, "code": code}).is(410)
	l.script().post("/mfa/authenticate/", m{"token": s.access, "code": code}).is(410)
	again := l.script().post("/login/", m{"email": "ada@example.com", "password": password}).is(401).waits("mfa_authenticate")
	l.script().post("/stages/mfa_authenticate/", m{"token": again.FlowToken, "code": code}).is(400, "code:incorrect_code")
	l.clock.pass(30 * time.Second)
	l.script().post("/stages/mfa_authenticate/", m{"token": again.FlowToken, "code": l.totp(secret)}).entered("ada@example.com")
}

// TestRestTOTP is the sequence totp add, confirm, and what becomes of the account.
func TestRestTOTP(t *testing.T) {
	l := newLab(t, dev)
	s := l.insider("ada@example.com")
	l.script().post("/mfa/totp/add/", nil).stranger()
	first := s.post("/mfa/totp/add/", nil).is(200)
	r := s.post("/mfa/totp/add/", nil).is(200)
	if r.Secret == "" || r.Secret == first.Secret || !strings.HasPrefix(r.URL, "otpauth://totp/") || !strings.Contains(r.URL, r.Secret) {
		t.Fatalf("not a new secret: %s", r.Raw)
	}
	checkPicture(t, r.QR)
	s.post("/mfa/totp/confirm/", m{"secret": first.Secret, "code": l.totp(first.Secret)}).is(400, "secret:invalid")
	s.post("/mfa/totp/confirm/", m{"secret": r.Secret, "code": "000000"}).is(400, "code:incorrect_code")
	s.post("/mfa/totp/confirm/", m{"code": l.totp(r.Secret)}).is(400, "secret:required")
	if got := s.post("/mfa/totp/confirm/", m{"secret": r.Secret, "code": l.totp(r.Secret)}).is(200); !strings.Contains(got.Raw, `"type":"totp"`) {
		t.Errorf("not told of the authenticator: %s", got.Raw)
	}
	s.post("/mfa/totp/confirm/", m{"secret": r.Secret, "code": l.totp(r.Secret)}).is(409)
	s.post("/mfa/totp/add/", nil).is(409)
	if got := s.do("GET", "/mfa/authenticators/", nil).is(200).Raw; !strings.Contains(got, "totp") || !strings.Contains(got, "recovery_codes") {
		t.Errorf("authenticators: %s", got)
	}
	old := s.do("GET", "/mfa/recovery-codes/", nil).is(200).Unused
	fresh := s.post("/mfa/recovery-codes/", nil).is(200).Unused
	if len(old) != 10 || len(fresh) != 10 || old[0] == fresh[0] {
		t.Errorf("recovery codes %q, then %q", old, fresh)
	}
	run := l.script().post("/login/", m{"email": "ada@example.com", "password": password}).is(401).MFAToken
	l.script().post("/mfa/authenticate/", m{"token": run, "code": old[0]}).is(400, "code:incorrect_code")
	l.script().post("/mfa/authenticate/", m{"token": run, "code": fresh[0]}).entered("ada@example.com")

	// What matters asks for a recent proof.
	l.clock.pass(10 * time.Minute)
	late := s.do("DELETE", "/mfa/totp/", nil).is(401)
	if late.Flow == nil || *late.Flow != "reauthenticate" || len(late.Flows) != 2 {
		t.Fatalf("not asked to prove: %s", late.Raw)
	}
	s.post("/stages/reauthenticate/", m{"password": "wrong horse 1"}).is(400, "password:incorrect_password")
	s.post("/stages/reauthenticate/", m{"password": password}).is(200)
	s.do("DELETE", "/mfa/totp/", nil).is(200)
	s.do("DELETE", "/mfa/totp/", nil).is(200)
	l.script().post("/login/", m{"email": "ada@example.com", "password": password}).entered("ada@example.com")
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
	change := func(l *lab, s *script, email string) {
		t.Helper()
		s.post("/login/", m{"email": email, "password": second}).entered(email)
		other := l.script()
		other.post("/login/", m{"email": email, "password": second}).entered(email)
		s.post("/password/change/", m{"new_password": third}).is(400, "current_password:required")
		s.post("/password/change/", m{"current_password": password, "new_password": "12"}).
			is(400, "current_password:enter_current_password", "new_password:password_too_short", "new_password:password_entirely_numeric")
		s.post("/password/change/", m{"current_password": second, "new_password": third}).is(200)
		s.do("GET", "/user/", nil).is(200)
		other.do("GET", "/user/", nil).stranger()
		l.script().post("/login/", m{"email": email, "password": second}).is(400)
		l.script().post("/login/", m{"email": email, "password": third}).entered(email)
	}
	t.Run("link", func(t *testing.T) {
		l := newLab(t, dev)
		s := l.insider("ada@example.com")
		known := s.post("/password/reset/", m{"email": "ada@example.com"}).is(200)
		unknown := s.post("/password/reset/", m{"email": "bob@example.com"}).is(200)
		if known.Raw != unknown.Raw {
			t.Errorf("answers tell who is known: %s, %s", known.Raw, unknown.Raw)
		}
		key := l.code("ada@example.com")
		s.post("/password/reset/confirm/", m{"key": key, "password": "1"}).is(400)
		s.post("/password/reset/confirm/", m{"key": key, "password": second}).is(200)
		s.post("/password/reset/confirm/", m{"key": key, "password": third}).is(400, "key:invalid_password_reset")
		s.do("GET", "/user/", nil).stranger()
		change(l, s, "ada@example.com")
	})
	t.Run("code", func(t *testing.T) {
		l := newLab(t, dev, codes)
		s := l.somebody("ada@example.com")
		known := s.post("/password/reset/", m{"email": "ada@example.com"}).is(200).waits("password_reset_by_code")
		unknown := s.post("/password/reset/", m{"email": "bob@example.com"}).is(200).waits("password_reset_by_code")
		if len(known.Raw) != len(unknown.Raw) {
			t.Errorf("answers tell who is known: %s, %s", known.Raw, unknown.Raw)
		}
		code := l.code("ada@example.com")
		s.post("/password/reset/confirm/", m{"key": code, "password": second}).is(400, "token:required")
		s.post("/password/reset/confirm/", m{"key": code, "password": second, "token": unknown.FlowToken}).is(400, "key:incorrect_code")
		s.post("/password/reset/confirm/", m{"key": code, "password": second, "token": known.FlowToken}).is(200)
		s.post("/password/reset/confirm/", m{"key": code, "password": third, "token": known.FlowToken}).is(409)
		change(l, s, "ada@example.com")
	})
}

// TestRestCode signs in with a mailed code.
func TestRestCode(t *testing.T) {
	l := newLab(t, dev)
	s := l.somebody("ada@example.com")
	r := s.post("/code/request/", m{"email": "ada@example.com"}).is(401).waits("login_by_code")
	pretend := s.post("/code/request/", m{"email": "bob@example.com"}).is(401).waits("login_by_code")
	s.post("/code/confirm/", m{"token": r.FlowToken, "code": "WRONG1"}).is(400, "code:incorrect_code")
	first := l.code("ada@example.com")
	s.post("/stages/login_by_code/resend/", m{"token": r.FlowToken}).is(200)
	s.post("/code/confirm/", m{"token": pretend.FlowToken, "code": first}).is(400, "code:incorrect_code")
	s.post("/code/confirm/", m{"token": r.FlowToken, "code": l.code("ada@example.com")}).entered("ada@example.com")
	s.do("GET", "/user/", nil).is(200)
}

// TestRestLifetime holds access tokens to token_lifetime, which nothing extends.
func TestRestLifetime(t *testing.T) {
	l := newLab(t, dev)
	s := l.insider("ada@example.com")
	for range 59 {
		l.clock.pass(time.Minute)
		s.do("GET", "/user/", nil).is(200)
	}
	l.clock.pass(2 * time.Minute)
	s.do("GET", "/user/", nil).stranger()
	if n := l.count(`SELECT count(*) FROM sessions WHERE client = 'rest' AND expires_at - created_at <> 3600000000`); n != 0 {
		t.Errorf("%d sessions with another age", n)
	}
}

// TestRestJWT exchanges refresh tokens, each once, and signs out.
func TestRestJWT(t *testing.T) {
	l := newLab(t, dev, jwt)
	s := l.somebody("ada@example.com")
	r := s.post("/login/", m{"email": "ada@example.com", "password": password}).entered("ada@example.com")
	if strings.Count(r.Access, ".") != 2 || r.Refresh == "" || r.ExpiresIn != 300 {
		t.Fatalf("not signed tokens: %s", r.Raw)
	}
	s.do("GET", "/user/", nil).is(200)
	l.clock.pass(301 * time.Second)
	s.do("GET", "/user/", nil).stranger()
	next := s.post("/token/refresh/", m{"refresh_token": r.Refresh}).is(200)
	if next.Refresh == r.Refresh || next.Type != "Bearer" {
		t.Errorf("not exchanged: %s", next.Raw)
	}
	s.do("GET", "/user/", nil).is(200)
	s.post("/token/refresh/", m{"refresh_token": r.Refresh}).is(400, "refresh_token:invalid")
	s.post("/token/refresh/", m{"refresh_token": s.access}).is(400, "refresh_token:invalid")
	s.post("/token/refresh/", m{}).is(400, "refresh_token:required")
	s.post("/password/change/", m{"current_password": password, "new_password": "staple-battery-8"}).is(200)
	s.do("GET", "/user/", nil).is(200)
	s.post("/logout/", nil).is(200)
	s.do("GET", "/user/", nil).stranger()
	s.access = ""
	s.post("/token/refresh/", m{"refresh_token": next.Refresh}).is(400, "refresh_token:invalid")
}

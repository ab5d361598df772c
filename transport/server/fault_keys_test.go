package server

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
)

// TestKeyExpires uses the key of a link on its last day and the day after.
func TestKeyExpires(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		c := l.client(kind)
		c.signup("ada@example.com").is(401)
		ada := l.code("ada@example.com")
		c.signup("bob@example.com").is(401)
		bob := l.code("bob@example.com")
		l.clock.pass(3 * 24 * time.Hour)
		fresh := l.client(kind)
		fresh.verify(ada).is(401).pending()
		l.clock.pass(time.Millisecond)
		fresh.verify(bob).is(400, "key:invalid_or_expired_key")
		fresh.login("ada@example.com").is(200)
		fresh.logout()
		fresh.login("bob@example.com").is(401).pending("verify_email")
		fresh.verify(l.code("bob@example.com")).is(401).pending()
		fresh.login("bob@example.com").is(200)
	})
}

// TestKeyOfAnother posts the key of one account in the client where another one waits:
// it verifies what it is for, ends the wait, and signs nobody in.
func TestKeyOfAnother(t *testing.T) {
	t.Parallel()
	signingIn := func(c *config.Config, _ *Options) { c.Account.LoginOnEmailConfirmation = true }
	for name, change := range map[string]setUp{"signed out": func(*config.Config, *Options) {}, "signing in": signingIn} {
		t.Run(name, func(t *testing.T) {
			kinds(t, func(t *testing.T, kind string) {
				l := newLab(t, change)
				ada, eve := l.client(kind), l.client(kind)
				ada.signup("ada@example.com").is(401)
				eve.signup("eve@example.com").is(401).pending("verify_email")
				key, own := l.code("ada@example.com"), l.code("eve@example.com")
				eve.verify(key).is(401).pending()
				eve.session().is(401).pending()
				ada.session().is(401).pending("verify_email")
				eve.login("eve@example.com").is(401).pending("verify_email")
				l.mail("eve@example.com")
				if r := eve.verify(own); name == "signing in" {
					if got := r.is(200).user(); got.Email != "eve@example.com" {
						t.Errorf("signed in as %+v", got)
					}
				} else {
					r.is(401).pending()
				}
				if n := l.count(`SELECT count(*) FROM emails WHERE verified`); n != 2 {
					t.Errorf("%d addresses are verified, want 2", n)
				}
			})
		})
	}
}

// TestForgedKeys changes each character of a key, and tries other things that are none.
func TestForgedKeys(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.app()
	c.signup("ada@example.com").is(401)
	key := l.code("ada@example.com")
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(key, "1."))
	if err != nil {
		t.Fatal(err)
	}
	bad := []string{"1.", "1", "2" + key[1:], key + "A", key[:len(key)-1], strings.Repeat("A", 3000), "1." + strings.Repeat("A", 43)}
	for i := range raw {
		flipped := append([]byte(nil), raw...)
		flipped[i] ^= 1
		bad = append(bad, "1."+base64.RawURLEncoding.EncodeToString(flipped))
	}
	for _, k := range bad {
		if r := l.app().verify(k); r.Status != 400 {
			t.Fatalf("the key %.60q: %d %s", k, r.Status, r.Raw)
		}
		c.do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", k).is(400, "key:invalid_or_expired_key")
	}
	c.session().is(401).pending("verify_email")
	c.verify(key).is(401).pending()
}

// TestCodeExpires uses a code in its last second and after it. The client is not stuck:
// it logs in again for another.
func TestCodeExpires(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, byCode)
		late, early := l.client(kind), l.client(kind)
		late.signup("ada@example.com").is(401)
		early.signup("bob@example.com").is(401)
		code := l.code("ada@example.com")
		l.clock.pass(900*time.Second - time.Millisecond)
		early.verify(l.code("bob@example.com")).is(200)
		l.clock.pass(time.Millisecond)
		late.verify(code).is(409)
		late.do("POST", "/auth/email/verify/resend", nil).is(409)
		late.session().is(401).pending()
		late.login("ada@example.com").is(401).pending("verify_email")
		late.verify(code).is(400, "key:incorrect_code")
		late.verify(l.code("ada@example.com")).is(200)
	})
}

// TestCodeOfAnother uses a code where it was not sent for: on another client of the same
// account, and on that of another account.
func TestCodeOfAnother(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	ada, again, eve := l.app(), l.app(), l.app()
	ada.signup("ada@example.com").is(401)
	first := l.code("ada@example.com")
	again.login("ada@example.com").is(401).pending("verify_email")
	second := l.code("ada@example.com")
	eve.signup("eve@example.com").is(401)
	eve.verify(first).is(400, "key:incorrect_code")
	again.verify(first).is(400, "key:incorrect_code")
	ada.verify(second).is(400, "key:incorrect_code")
	ada.verify(strings.ToLower(strings.ReplaceAll(first, "-", " "))).is(200)
	again.verify(second).is(200)
	eve.session().is(401).pending("verify_email")
}

// TestThreeWrongCodes ends the wait with the third wrong code, whatever is sent between.
func TestThreeWrongCodes(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, byCode)
		c := l.client(kind)
		c.signup("ada@example.com").is(401)
		l.mail("ada@example.com")
		c.verify("").is(400, "key:required")
		c.do("POST", "/auth/email/verify/resend", nil).is(200)
		c.do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", "BCDF-GHJK").is(400, "key:incorrect_code")
		c.session().is(401).pending("verify_email")
		c.verify("BCDF-GHJK").is(400, "key:incorrect_code")
		c.session().is(401).pending()
		c.verify(l.code("ada@example.com")).is(409)
		c.login("ada@example.com").is(401).pending("verify_email")
		c.verify(l.code("ada@example.com")).is(200)
	})
}

// TestLoginExpires lets a login wait for its second factor for too long.
func TestLoginExpires(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		c, secret := l.guarded(kind, "ada@example.com")
		l.clock.pass(900*time.Second - 2*time.Second)
		c.session().is(401).pending("mfa_authenticate recovery_codes totp")
		l.clock.pass(2 * time.Second)
		c.session().is(401).pending()
		c.factor(l.totp(secret)).is(401).pending()
		c.login("ada@example.com").is(401).pending("mfa_authenticate recovery_codes totp")
		c.factor(l.totp(secret)).is(200)
	})
}

// TestFactorTwice uses a TOTP code again: in a later login, after it has signed in, and
// after its time.
func TestFactorTwice(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		c, secret := l.guarded(kind, "ada@example.com")
		code := l.totp(secret)
		other := l.client(kind)
		other.login("ada@example.com").is(401)
		c.factor(code).is(200)
		other.factor(code).is(400, "code:incorrect_code")
		other.session().is(401).pending("mfa_authenticate recovery_codes totp")
		c.logout()
		c.login("ada@example.com").is(401)
		c.factor(code).is(400, "code:incorrect_code")
		l.clock.pass(30 * time.Second)
		c.factor(code).is(400, "code:incorrect_code")
		next := l.totp(secret)
		c.factor(next).is(200)
		other.factor(next).is(400, "code:incorrect_code")
		l.clock.pass(30 * time.Second)
		other.factor(l.totp(secret)).is(200)
	})
}

// TestSessionExpires lets a session come to its end, and an anonymous client's record.
func TestSessionExpires(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, func(c *config.Config, _ *Options) { c.Session.CookieAge = 3600 })
		in, waiting := l.member(kind, "ada@example.com"), l.client(kind)
		waiting.signup("bob@example.com").is(401)
		l.clock.pass(time.Hour - time.Second)
		in.twin().session().is(200)
		waiting.twin().session().is(401).pending()
		l.clock.pass(2 * time.Second)
		in.unknown()
		waiting.unknown()
	})
}

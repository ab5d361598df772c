package faults

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestKeyExpires uses the key of a link on its last day and the day after.
func TestKeyExpires(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		c := l.Client(kind)
		c.Signup("ada@example.com").Is(401)
		ada := l.Code("ada@example.com")
		c.Signup("bob@example.com").Is(401)
		bob := l.Code("bob@example.com")
		l.Clock.Pass(3 * 24 * time.Hour)
		fresh := l.Client(kind)
		fresh.Verify(ada).Is(401).Pending()
		l.Clock.Pass(time.Millisecond)
		fresh.Verify(bob).Is(400, "key:invalid_or_expired_key")
		fresh.Login("ada@example.com").Is(200)
		fresh.Logout()
		fresh.Login("bob@example.com").Is(401).Pending("verify_email")
		fresh.Verify(l.Code("bob@example.com")).Is(401).Pending()
		fresh.Login("bob@example.com").Is(200)
	})
}

// TestKeyOfAnother posts the key of one account in the client where another one waits:
// it verifies what it is for, ends the wait, and signs nobody in.
func TestKeyOfAnother(t *testing.T) {
	t.Parallel()
	signingIn := func(c *config.Config, _ *server.Options) { c.Account.LoginOnEmailConfirmation = true }
	for name, change := range map[string]suite.SetUp{"signed out": func(*config.Config, *server.Options) {}, "signing in": signingIn} {
		t.Run(name, func(t *testing.T) {
			suite.Kinds(t, func(t *testing.T, kind string) {
				l := suite.NewLab(t, change)
				ada, eve := l.Client(kind), l.Client(kind)
				ada.Signup("ada@example.com").Is(401)
				eve.Signup("eve@example.com").Is(401).Pending("verify_email")
				key, own := l.Code("ada@example.com"), l.Code("eve@example.com")
				eve.Verify(key).Is(401).Pending()
				eve.Session().Is(401).Pending()
				ada.Session().Is(401).Pending("verify_email")
				eve.Login("eve@example.com").Is(401).Pending("verify_email")
				l.Mail("eve@example.com")
				if r := eve.Verify(own); name == "signing in" {
					if got := r.Is(200).User(); got.Email != "eve@example.com" {
						t.Errorf("signed in as %+v", got)
					}
				} else {
					r.Is(401).Pending()
				}
				if n := l.Count(`SELECT count(*) FROM emails WHERE verified`); n != 2 {
					t.Errorf("%d addresses are verified, want 2", n)
				}
			})
		})
	}
}

// TestForgedKeys changes each character of a key, and tries other things that are none.
func TestForgedKeys(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	c := l.App()
	c.Signup("ada@example.com").Is(401)
	key := l.Code("ada@example.com")
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
		if r := l.App().Verify(k); r.Status != 400 {
			t.Fatalf("the key %.60q: %d %s", k, r.Status, r.Raw)
		}
		c.Do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", k).Is(400, "key:invalid_or_expired_key")
	}
	c.Session().Is(401).Pending("verify_email")
	c.Verify(key).Is(401).Pending()
}

// TestCodeExpires uses a code in its last second and after it. The client is not stuck:
// it logs in again for another.
func TestCodeExpires(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.ByCode)
		late, early := l.Client(kind), l.Client(kind)
		late.Signup("ada@example.com").Is(401)
		early.Signup("bob@example.com").Is(401)
		code := l.Code("ada@example.com")
		l.Clock.Pass(900*time.Second - time.Millisecond)
		early.Verify(l.Code("bob@example.com")).Is(200)
		l.Clock.Pass(time.Millisecond)
		late.Verify(code).Is(409)
		late.Do("POST", "/auth/email/verify/resend", nil).Is(409)
		late.Session().Is(401).Pending()
		late.Login("ada@example.com").Is(401).Pending("verify_email")
		late.Verify(code).Is(400, "key:incorrect_code")
		late.Verify(l.Code("ada@example.com")).Is(200)
	})
}

// TestCodeOfAnother uses a code where it was not sent for: on another client of the same
// account, and on that of another account.
func TestCodeOfAnother(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	ada, again, eve := l.App(), l.App(), l.App()
	ada.Signup("ada@example.com").Is(401)
	first := l.Code("ada@example.com")
	again.Login("ada@example.com").Is(401).Pending("verify_email")
	second := l.Code("ada@example.com")
	eve.Signup("eve@example.com").Is(401)
	eve.Verify(first).Is(400, "key:incorrect_code")
	again.Verify(first).Is(400, "key:incorrect_code")
	ada.Verify(second).Is(400, "key:incorrect_code")
	ada.Verify(strings.ToLower(strings.ReplaceAll(first, "-", " "))).Is(200)
	again.Verify(second).Is(200)
	eve.Session().Is(401).Pending("verify_email")
}

// TestThreeWrongCodes ends the wait with the third wrong code, whatever is sent between.
func TestThreeWrongCodes(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.ByCode)
		c := l.Client(kind)
		c.Signup("ada@example.com").Is(401)
		l.Mail("ada@example.com")
		c.Verify("").Is(400, "key:required")
		c.Do("POST", "/auth/email/verify/resend", nil).Is(200)
		c.Do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", "BCDF-GHJK").Is(400, "key:incorrect_code")
		c.Session().Is(401).Pending("verify_email")
		c.Verify("BCDF-GHJK").Is(400, "key:incorrect_code")
		c.Session().Is(401).Pending()
		c.Verify(l.Code("ada@example.com")).Is(409)
		c.Login("ada@example.com").Is(401).Pending("verify_email")
		c.Verify(l.Code("ada@example.com")).Is(200)
	})
}

// TestLoginExpires lets a login wait for its second factor for too long.
func TestLoginExpires(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		c, secret := l.Guarded(kind, "ada@example.com")
		l.Clock.Pass(900*time.Second - 2*time.Second)
		c.Session().Is(401).Pending("mfa_authenticate recovery_codes totp")
		l.Clock.Pass(2 * time.Second)
		c.Session().Is(401).Pending()
		c.Factor(l.TOTP(secret)).Is(401).Pending()
		c.Login("ada@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
		c.Factor(l.TOTP(secret)).Is(200)
	})
}

// TestFactorTwice uses a TOTP code again: in a later login, after it has signed in, and
// after its time.
func TestFactorTwice(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		c, secret := l.Guarded(kind, "ada@example.com")
		code := l.TOTP(secret)
		other := l.Client(kind)
		other.Login("ada@example.com").Is(401)
		c.Factor(code).Is(200)
		other.Factor(code).Is(400, "code:incorrect_code")
		other.Session().Is(401).Pending("mfa_authenticate recovery_codes totp")
		c.Logout()
		c.Login("ada@example.com").Is(401)
		c.Factor(code).Is(400, "code:incorrect_code")
		l.Clock.Pass(30 * time.Second)
		c.Factor(code).Is(400, "code:incorrect_code")
		next := l.TOTP(secret)
		c.Factor(next).Is(200)
		other.Factor(next).Is(400, "code:incorrect_code")
		l.Clock.Pass(30 * time.Second)
		other.Factor(l.TOTP(secret)).Is(200)
	})
}

// TestSessionExpires lets a session come to its end, and an anonymous client's record: that is
// known a little longer than what waits in it.
func TestSessionExpires(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, func(c *config.Config, _ *server.Options) { c.Session.CookieAge = 3600 })
		in, waiting := l.Member(kind, "ada@example.com"), l.Client(kind)
		waiting.Signup("bob@example.com").Is(401)
		l.Clock.Pass(19 * time.Minute)
		waiting.Twin().Session().Is(401).Pending()
		l.Clock.Pass(2 * time.Minute)
		waiting.Unknown()
		l.Clock.Pass(39*time.Minute - time.Second)
		in.Twin().Session().Is(200)
		l.Clock.Pass(2 * time.Second)
		in.Unknown()
	})
}

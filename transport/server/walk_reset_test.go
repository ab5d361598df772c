package server

import (
	"testing"
	"time"

	"stagedoor/transport/config"
)

// TestResetLinkOfAnotherAccount resets a password in a client that is signed in to
// another account, where a reset signs in but something else is asked for first. The
// session goes on, and the client's token stays good.
func TestResetLinkOfAnotherAccount(t *testing.T) {
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, func(c *config.Config, _ *Options) { c.Account.LoginOnPasswordReset = true })
		const ada, bob = "ada@example.com", "bob@example.com"
		l.member(kind, bob).totpOn()
		c := l.member(kind, ada)
		c.do("POST", "/auth/password/request", map[string]string{"email": bob}).is(200)
		key := map[string]string{"key": l.code(bob), "password": "another-password-2"}
		if got := c.do("POST", "/auth/password/reset", key).is(200).user().Email; got != ada {
			t.Errorf("the answer is about %s", got)
		}
		if got := c.session().is(200).user().Email; got != ada {
			t.Errorf("signed in as %s", got)
		}
		c.logout().is(401)
		c.login(bob).is(400, "password:email_password_mismatch")
		c.do("POST", "/auth/login", map[string]string{"email": bob, "password": "another-password-2"}).
			is(401).pending("mfa_authenticate recovery_codes totp")
	})
}

// TestResetSwitchesAccount resets a password in a client that is signed in to another
// account, where that signs in at once: the session there was is over, also once nothing
// but the database remembers it.
func TestResetSwitchesAccount(t *testing.T) {
	for name, byCodes := range map[string]bool{"link": false, "code": true} {
		t.Run(name, func(t *testing.T) {
			kinds(t, func(t *testing.T, kind string) {
				l := newLab(t, func(c *config.Config, _ *Options) {
					c.Account.LoginOnPasswordReset, c.Account.PasswordResetByCodeEnabled = true, byCodes
				})
				const ada, bob = "ada@example.com", "bob@example.com"
				l.member(kind, bob)
				c := l.member(kind, ada)
				old := c.twin()
				if r := c.do("POST", "/auth/password/request", map[string]string{"email": bob}); r.Status >= 400 && r.Status != 401 {
					t.Fatalf("%s: %d", r.what, r.Status)
				}
				key := map[string]string{"key": l.code(bob), "password": "another-password-2"}
				if got := c.do("POST", "/auth/password/reset", key).is(200).user().Email; got != bob {
					t.Errorf("signed in as %s", got)
				}
				if got := c.session().is(200).user().Email; got != bob {
					t.Errorf("signed in as %s afterwards", got)
				}
				l.clock.pass(time.Minute)
				old.unknown()
				if n := l.count(`SELECT count(*) FROM sessions`); n != 1 {
					t.Errorf("%d sessions, want the new one alone", n)
				}
			})
		})
	}
}

// TestResetOfOwnPassword resets the password of the account that is signed in, where
// more is asked for before the reset signs in: the session is over until then.
func TestResetOfOwnPassword(t *testing.T) {
	for name, byCodes := range map[string]bool{"link": false, "code": true} {
		t.Run(name, func(t *testing.T) {
			kinds(t, func(t *testing.T, kind string) {
				l := newLab(t, func(c *config.Config, _ *Options) {
					c.Account.LoginOnPasswordReset, c.Account.PasswordResetByCodeEnabled = true, byCodes
				})
				const ada = "ada@example.com"
				c := l.member(kind, ada)
				c.totpOn()
				old := c.twin()
				c.do("POST", "/auth/password/request", map[string]string{"email": ada})
				r := c.do("POST", "/auth/password/reset", map[string]string{"key": l.code(ada), "password": "another-password-2"})
				if r.Status != 401 {
					t.Errorf("a reset without the second factor is answered %.300s", r.Raw)
				}
				if r := c.session(); r.Status == 200 {
					t.Errorf("signed in afterwards: %.300s", r.Raw)
				}
				l.clock.pass(time.Minute)
				if r := old.session(); r.Status == 200 {
					t.Errorf("the old session is alive: %.300s", r.Raw)
				}
			})
		})
	}
}

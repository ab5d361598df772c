package walk

import (
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestResetLinkOfAnotherAccount resets a password in a client that is signed in to
// another account, where a reset signs in but something else is asked for first. The
// session goes on, and the client's token stays good.
func TestResetLinkOfAnotherAccount(t *testing.T) {
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, func(c *config.Config, _ *server.Options) { c.Account.LoginOnPasswordReset = true })
		const ada, bob = "ada@example.com", "bob@example.com"
		l.Member(kind, bob).TOTPOn()
		c := l.Member(kind, ada)
		c.Do("POST", "/auth/password/request", map[string]string{"email": bob}).Is(200)
		key := map[string]string{"key": l.Code(bob), "password": "another-password-2"}
		if got := c.Do("POST", "/auth/password/reset", key).Is(200).User().Email; got != ada {
			t.Errorf("the answer is about %s", got)
		}
		if got := c.Session().Is(200).User().Email; got != ada {
			t.Errorf("signed in as %s", got)
		}
		c.Logout().Is(401)
		c.Login(bob).Is(400, "password:email_password_mismatch")
		c.Do("POST", "/auth/login", map[string]string{"email": bob, "password": "another-password-2"}).
			Is(401).Pending("mfa_authenticate recovery_codes totp")
	})
}

// TestResetSwitchesAccount resets a password in a client that is signed in to another
// account, where that signs in at once: the session there was is over, also once nothing
// but the database remembers it.
func TestResetSwitchesAccount(t *testing.T) {
	for name, byCodes := range map[string]bool{"link": false, "code": true} {
		t.Run(name, func(t *testing.T) {
			suite.Kinds(t, func(t *testing.T, kind string) {
				l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
					c.Account.LoginOnPasswordReset, c.Account.PasswordResetByCodeEnabled = true, byCodes
				})
				const ada, bob = "ada@example.com", "bob@example.com"
				l.Member(kind, bob)
				c := l.Member(kind, ada)
				old := c.Twin()
				if r := c.Do("POST", "/auth/password/request", map[string]string{"email": bob}); r.Status >= 400 && r.Status != 401 {
					t.Fatalf("%s: %d", r.What, r.Status)
				}
				key := map[string]string{"key": l.Code(bob), "password": "another-password-2"}
				if got := c.Do("POST", "/auth/password/reset", key).Is(200).User().Email; got != bob {
					t.Errorf("signed in as %s", got)
				}
				if got := c.Session().Is(200).User().Email; got != bob {
					t.Errorf("signed in as %s afterwards", got)
				}
				l.Clock.Pass(time.Minute)
				old.Unknown()
				if n := l.Count(`SELECT count(*) FROM sessions`); n != 1 {
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
			suite.Kinds(t, func(t *testing.T, kind string) {
				l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
					c.Account.LoginOnPasswordReset, c.Account.PasswordResetByCodeEnabled = true, byCodes
				})
				const ada = "ada@example.com"
				c := l.Member(kind, ada)
				c.TOTPOn()
				old := c.Twin()
				c.Do("POST", "/auth/password/request", map[string]string{"email": ada})
				r := c.Do("POST", "/auth/password/reset", map[string]string{"key": l.Code(ada), "password": "another-password-2"})
				if r.Status != 401 {
					t.Errorf("a reset without the second factor is answered %.300s", r.Raw)
				}
				if r := c.Session(); r.Status == 200 {
					t.Errorf("signed in afterwards: %.300s", r.Raw)
				}
				l.Clock.Pass(time.Minute)
				if r := old.Session(); r.Status == 200 {
					t.Errorf("the old session is alive: %.300s", r.Raw)
				}
			})
		})
	}
}

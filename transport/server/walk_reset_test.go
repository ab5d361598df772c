package server

import "testing"

// TestResetLinkOfAnotherAccount resets a password in a client that is signed in to
// another account, where a reset signs in but something else is asked for first. The
// session goes on, and the client's token stays good.
func TestResetLinkOfAnotherAccount(t *testing.T) {
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, func(c *Config, _ *Options) { c.Account.LoginOnPasswordReset = true })
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

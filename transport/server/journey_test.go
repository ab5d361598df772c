package server

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// TestJourneyByLink is the main job of the server, with links: sign up, verify, log in,
// set up TOTP, and from then on log in with password and code. What is pending is
// checked at each step, in the answer and in what the session says afterwards.
func TestJourneyByLink(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, onEmbedded)
		c := l.client(kind)
		c.session().is(401).pending()
		if n := l.count(`SELECT count(*) FROM accounts`); n != 0 {
			t.Fatalf("%d accounts before anybody signed up", n)
		}

		c.signup("ada@example.com").is(401).pending("verify_email")
		c.session().is(401).pending("verify_email")
		c.login("ada@example.com").is(401).pending("verify_email")
		key := l.code("ada@example.com")
		claim := c.do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", key).is(200)
		if got := claim.user(); got.Email != "ada@example.com" {
			t.Errorf("the key stands for %q", got.Email)
		}
		c.verify(key).is(401).pending()
		c.session().is(401).pending()

		in := c.login("ada@example.com").is(200)
		if got := in.user(); got.Email != "ada@example.com" || got.ID <= 0 {
			t.Errorf("signed in as %+v", got)
		}
		// The log is the client's: the login that had to wait is in it, too.
		if got := in.methods(); !slices.Equal(got, []string{"password", "password"}) {
			t.Errorf("methods %q after two logins with the password", got)
		}
		c.session().is(200)
		restOfJourney(t, l, c, "ada@example.com")
	})
}

// TestJourneyByCode is the same with codes: the code signs in, and the first change of
// authenticators asks for the password.
func TestJourneyByCode(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, byCode, onEmbedded)
		c := l.client(kind)
		c.signup("ada@example.com").is(401).pending("verify_email")
		c.session().is(401).pending("verify_email")
		first := l.code("ada@example.com")
		c.do("POST", "/auth/email/verify/resend", nil).is(200)
		c.verify(first).is(400, "key:incorrect_code")
		c.session().is(401).pending("verify_email")
		in := c.verify(l.code("ada@example.com")).is(200)
		if got := in.user(); got.Email != "ada@example.com" {
			t.Errorf("signed in as %+v", got)
		}
		if got := in.methods(); len(got) != 0 {
			t.Errorf("methods %q after a sign-up", got)
		}
		c.session().is(200)

		secret := c.do("GET", "/account/authenticators/totp", nil).is(404).Meta.Secret
		c.do("POST", "/account/authenticators/totp", map[string]string{"code": l.totp(secret)}).is(401)
		c.do("POST", "/auth/reauthenticate", map[string]string{"password": "not this one 1"}).is(400, "password:incorrect_password")
		c.do("POST", "/auth/reauthenticate", map[string]string{"password": password}).is(200)
		restOfJourney(t, l, c, "ada@example.com")
	})
}

// restOfJourney begins with a client that is signed in and has authenticated lately.
func restOfJourney(t *testing.T, l *lab, c *client, email string) {
	t.Helper()
	secret := c.totpOn()
	l.quiet()
	var list []struct{ Type string }
	if err := json.Unmarshal(c.do("GET", "/account/authenticators", nil).is(200).Data, &list); err != nil || len(list) != 2 {
		t.Fatalf("%d authenticators (%v), want TOTP and recovery codes", len(list), err)
	}
	codes := c.recoveryCodes()
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes, want 10", len(codes))
	}

	old := c.twin()
	c.logout().is(401).pending()
	c.session().is(401).pending()
	old.unknown()
	c.factor(l.totp(secret)).is(401).pending()

	c.login(email).is(401).pending("mfa_authenticate recovery_codes totp")
	c.session().is(401).pending("mfa_authenticate recovery_codes totp")
	c.factor("000000").is(400, "code:incorrect_code")
	c.session().is(401).pending("mfa_authenticate recovery_codes totp")
	c.factor(l.totp(secret)).is(400, "code:incorrect_code") // it set up TOTP
	l.clock.pass(30 * time.Second)
	in := c.factor(l.totp(secret)).is(200)
	if got := in.methods(); !slices.Equal(got[len(got)-2:], []string{"password", "mfa totp"}) {
		t.Errorf("methods %q after password and TOTP", got)
	}
	c.session().is(200)

	c.logout().is(401)
	l.clock.pass(time.Minute)
	c.login(email).is(401).pending("mfa_authenticate recovery_codes totp")
	in = c.factor(codes[3]).is(200)
	if got := in.methods(); !slices.Equal(got[len(got)-2:], []string{"password", "mfa recovery_codes"}) {
		t.Errorf("methods %q after password and recovery code", got)
	}
	if left := c.recoveryCodes(); len(left) != 9 || slices.Contains(left, codes[3]) {
		t.Errorf("%q are left after %s was used", left, codes[3])
	}
	c.logout().is(401)
	c.login(email).is(401)
	c.factor(codes[3]).is(400, "code:incorrect_code")
	c.factor(codes[4]).is(200)

	c.do("DELETE", "/account/authenticators/totp", nil).is(200)
	c.logout().is(401)
	c.login(email).is(200)
}

// recoveryCodes lists the codes that are left.
func (c *client) recoveryCodes() []string {
	c.t.Helper()
	var data struct {
		Unused []string `json:"unused_codes"`
	}
	r := c.do("GET", "/account/authenticators/recovery-codes", nil).is(200)
	if err := json.Unmarshal(r.Data, &data); err != nil {
		c.t.Fatal(err)
	}
	return data.Unused
}

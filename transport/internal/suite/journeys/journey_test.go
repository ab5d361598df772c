package journeys

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// TestJourneyByLink is the main job of the server, with links: sign up, verify, log in,
// set up TOTP, and from then on log in with password and code. What is pending is
// checked at each step, in the answer and in what the session says afterwards.
func TestJourneyByLink(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.OnEmbedded)
		c := l.Client(kind)
		c.Session().Is(401).Pending()
		if n := l.Count(`SELECT count(*) FROM accounts`); n != 0 {
			t.Fatalf("%d accounts before anybody signed up", n)
		}

		c.Signup("ada@example.com").Is(401).Pending("verify_email")
		c.Session().Is(401).Pending("verify_email")
		c.Login("ada@example.com").Is(401).Pending("verify_email")
		key := l.Code("ada@example.com")
		claim := c.Do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", key).Is(200)
		if got := claim.User(); got.Email != "ada@example.com" {
			t.Errorf("the key stands for %q", got.Email)
		}
		c.Verify(key).Is(401).Pending()
		c.Session().Is(401).Pending()

		in := c.Login("ada@example.com").Is(200)
		if got := in.User(); got.Email != "ada@example.com" || got.ID == "" {
			t.Errorf("signed in as %+v", got)
		}
		// The login that had to wait for the link came to its end with it.
		if got := in.Methods(); !slices.Equal(got, []string{"password"}) {
			t.Errorf("methods %q after a login that was held up, and one with the password", got)
		}
		c.Session().Is(200)
		restOfJourney(t, l, c, "ada@example.com")
	})
}

// TestJourneyByCode is the same with codes: the code signs in, and the first change of
// authenticators asks for the password.
func TestJourneyByCode(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.ByCode, suite.OnEmbedded)
		c := l.Client(kind)
		c.Signup("ada@example.com").Is(401).Pending("verify_email")
		c.Session().Is(401).Pending("verify_email")
		first := l.Code("ada@example.com")
		c.Do("POST", "/auth/email/verify/resend", nil).Is(200)
		c.Verify(first).Is(400, "key:incorrect_code")
		c.Session().Is(401).Pending("verify_email")
		in := c.Verify(l.Code("ada@example.com")).Is(200)
		if got := in.User(); got.Email != "ada@example.com" {
			t.Errorf("signed in as %+v", got)
		}
		if got := in.Methods(); len(got) != 0 {
			t.Errorf("methods %q after a sign-up", got)
		}
		c.Session().Is(200)

		secret := c.Do("GET", "/account/authenticators/totp", nil).Is(404).Meta.Secret
		c.Do("POST", "/account/authenticators/totp", map[string]string{"code": l.TOTP(secret)}).Is(401)
		c.Do("POST", "/auth/reauthenticate", map[string]string{"password": "not this one 1"}).Is(400, "password:incorrect_password")
		c.Do("POST", "/auth/reauthenticate", map[string]string{"password": suite.Password}).Is(200)
		restOfJourney(t, l, c, "ada@example.com")
	})
}

// restOfJourney begins with a client that is signed in and has authenticated lately.
func restOfJourney(t *testing.T, l *suite.Lab, c *suite.Client, email string) {
	t.Helper()
	secret := c.TOTPOn()
	l.Quiet()
	var list []struct{ Type string }
	if err := json.Unmarshal(c.Do("GET", "/account/authenticators", nil).Is(200).Data, &list); err != nil || len(list) != 2 {
		t.Fatalf("%d authenticators (%v), want TOTP and recovery codes", len(list), err)
	}
	codes := c.RecoveryCodes()
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes, want 10", len(codes))
	}

	old := c.Twin()
	c.Logout().Is(401).Pending()
	c.Session().Is(401).Pending()
	old.Unknown()
	c.Factor(l.TOTP(secret)).Is(401).Pending()

	c.Login(email).Is(401).Pending("mfa_authenticate recovery_codes totp")
	c.Session().Is(401).Pending("mfa_authenticate recovery_codes totp")
	c.Factor("000000").Is(400, "code:incorrect_code")
	c.Session().Is(401).Pending("mfa_authenticate recovery_codes totp")
	c.Factor(l.TOTP(secret)).Is(400, "code:incorrect_code") // it set up TOTP
	l.Clock.Pass(30 * time.Second)
	in := c.Factor(l.TOTP(secret)).Is(200)
	if got := in.Methods(); !slices.Equal(got[len(got)-2:], []string{"password", "mfa totp"}) {
		t.Errorf("methods %q after password and TOTP", got)
	}
	c.Session().Is(200)

	c.Logout().Is(401)
	l.Clock.Pass(time.Minute)
	c.Login(email).Is(401).Pending("mfa_authenticate recovery_codes totp")
	in = c.Factor(codes[3]).Is(200)
	if got := in.Methods(); !slices.Equal(got[len(got)-2:], []string{"password", "mfa recovery_codes"}) {
		t.Errorf("methods %q after password and recovery code", got)
	}
	if left := c.RecoveryCodes(); len(left) != 9 || slices.Contains(left, codes[3]) {
		t.Errorf("%q are left after %s was used", left, codes[3])
	}
	c.Logout().Is(401)
	c.Login(email).Is(401)
	c.Factor(codes[3]).Is(400, "code:incorrect_code")
	c.Factor(codes[4]).Is(200)

	c.Do("DELETE", "/account/authenticators/totp", nil).Is(401)
	c.Prove()
	c.Do("DELETE", "/account/authenticators/totp", nil).Is(200)
	c.Logout().Is(401)
	c.Login(email).Is(200)
}

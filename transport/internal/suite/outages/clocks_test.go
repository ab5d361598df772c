package outages

import (
	"slices"
	"testing"
	"time"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// pair is two servers on one PostgreSQL and one Redis, of which the second has a clock that is
// off by a time.
func pair(t *testing.T, off time.Duration) (one, two *suite.Lab) {
	t.Helper()
	_, redis := newRedis(t)
	database := statetest.StartPostgres(t)
	// The stores have the true time, by which servers go in what they tell each other.
	clock := suite.ClockAt(time.Now())
	shared := []suite.SetUp{suite.ByCode, redis, func(c *config.Config, o *server.Options) {
		o.Now = clock.Read
		c.Database.URL = config.Secret(database)
		c.SecretKey = "a secret key of more than thirty-two bytes"
		c.Account.LoginByCodeEnabled = true
	}}
	one = suite.NewLab(t, shared...)
	one.Clock = clock
	two = suite.NewLab(t, append(shared, func(_ *config.Config, o *server.Options) {
		o.Now, o.Mail = func() time.Time { return clock.Read().Add(off) }, one.Mails
	})...)
	two.Clock, two.Mails = one.Clock, one.Mails
	return one, two
}

// anotherClock takes the steps of journeys at two servers in turn, one of which has another
// clock: whoever cannot go on there has a next move, and no session is without its proofs.
func anotherClock(t *testing.T, off time.Duration, begins bool) {
	one, two := pair(t, off)
	for _, way := range [][2]*suite.Lab{{one, two}, {two, one}} {
		begun, answered := way[0], way[1]
		email := map[*suite.Lab]string{one: "ada@example.com", two: "bea@example.com"}[begun]
		c := begun.App()
		c.Signup(email).Is(401).Pending("verify_email")
		c = c.At(answered)
		if r := c.Verify(one.Code(email)); r.Status != 200 {
			// The run's time is over by that clock. Who signs in again is sent another code.
			if !begins {
				t.Errorf("off by %v: %d %s", off, r.Status, r.Raw)
			}
			c.Session().Is(401).Pending()
			c.Login(email).Is(401).Pending("verify_email")
			c.Verify(one.Code(email)).Is(200)
		}
		c.Session().Is(200)
		c.At(begun).Session().Is(200)
		// Set up where the clock is that of the app.
		c = c.At(one)
		secret := c.TOTPOn()
		codes := c.RecoveryCodes()
		c.Logout().Is(401)

		// A code that an app shows is right by the true clock, and a recovery code by any.
		c = one.App()
		c.Login(email).Is(401).Pending("mfa_authenticate recovery_codes totp")
		one.Clock.Pass(time.Minute)
		there := c.At(two)
		if r := there.Factor(one.TOTP(secret)); r.Status == 200 {
			t.Errorf("off by %v: a code of another time was taken", off)
		} else if r.Status != 400 {
			there.Session().Is(401).Pending()
		}
		c.Factor(one.TOTP(secret)).Is(200)
		c.Logout()

		c = two.App()
		c.Login(email).Is(401).Pending("mfa_authenticate recovery_codes totp")
		r := c.Factor(codes[0]).Is(200)
		if got := r.Methods(); !slices.Equal(got, []string{"password", "mfa recovery_codes"}) {
			t.Errorf("off by %v: signed in by %q", off, got)
		}
		c.At(one).Session().Is(200)
		again := one.App()
		again.Login(email).Is(401)
		again.Factor(codes[0]).Is(400, "code:incorrect_code")
	}
}

func minuteOff(t *testing.T, _ outage) {
	anotherClock(t, time.Minute, false)
	anotherClock(t, -time.Minute, false)
}

func hourOff(t *testing.T, _ outage) {
	anotherClock(t, time.Hour, true)
	anotherClock(t, -time.Hour, true)
}

package server_test

import (
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// costs fails the test unless the request asks Redis exactly so often.
func costs(l *suite.Lab, want int, what string, do func() *suite.Reply) *suite.Reply {
	l.T.Helper()
	l.Trips.Reset()
	r := do()
	if got := l.Trips.Count(); got != want {
		l.T.Errorf("%s: %d round trips to Redis, want %d", what, got, want)
	}
	return r
}

// TestRoundTrips counts how often each step of the journey asks Redis, one after the
// other. Rate limits are off: a limit that counts an address or an account beforehand
// travels with the load of the record.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		c := l.Client(kind)
		costs(l, 0, "config", func() *suite.Reply { return c.Do("GET", "/config", nil) }).Is(200)
		costs(l, 0, "session of nobody", c.Session).Is(401)
		costs(l, 0, "a failed login", func() *suite.Reply { return c.Login("ada@example.com") }).
			Is(400, "password:email_password_mismatch")
		costs(l, 1, "sign-up", func() *suite.Reply { return c.Signup("ada@example.com") }).Is(401)
		costs(l, 1, "session that waits", c.Session).Is(401).Pending("verify_email")
		key := l.Code("ada@example.com")
		costs(l, 1, "what a key is", func() *suite.Reply {
			return c.Do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", key)
		}).Is(200)
		costs(l, 1, "a wrong key", func() *suite.Reply { return c.Verify(key + "A") }).Is(400, "key:invalid_or_expired_key")
		costs(l, 2, "a key", func() *suite.Reply { return c.Verify(key) }).Is(401)
		costs(l, 2, "a login that replaces a record", func() *suite.Reply { return c.Login("ada@example.com") }).Is(200)
		costs(l, 1, "session", c.Session).Is(200)
		secret := c.TOTPOn()
		costs(l, 1, "authenticators", func() *suite.Reply { return c.Do("GET", "/account/authenticators", nil) }).Is(200)
		costs(l, 2, "logout", c.Logout).Is(401)

		c = l.Client(kind)
		costs(l, 1, "a first login that waits for a factor", func() *suite.Reply { return c.Login("ada@example.com") }).Is(401)
		costs(l, 1, "a wrong factor", func() *suite.Reply { return c.Factor("000000") }).Is(400, "code:incorrect_code")
		l.Clock.Pass(time.Minute)
		costs(l, 2, "a factor", func() *suite.Reply { return c.Factor(l.TOTP(secret)) }).Is(200)
		l.Client(kind).Login("ada@example.com").Is(401)
		l.Clock.Pass(time.Minute)
		costs(l, 2, "session, looked up in the database once a minute", c.Session).Is(200)
		costs(l, 1, "session, right after", c.Session).Is(200)
	})
}

// TestRoundTripsByCode counts the same for codes.
func TestRoundTripsByCode(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	c := l.App()
	costs(l, 1, "sign-up", func() *suite.Reply { return c.Signup("ada@example.com") }).Is(401)
	l.Mail("ada@example.com")
	costs(l, 2, "a wrong code", func() *suite.Reply { return c.Verify("BCDF-GHJK") }).Is(400, "key:incorrect_code")
	costs(l, 2, "resend", func() *suite.Reply { return c.Do("POST", "/auth/email/verify/resend", nil) }).Is(200)
	costs(l, 2, "a code", func() *suite.Reply { return c.Verify(l.Code("ada@example.com")) }).Is(200)
	c.Logout()
	costs(l, 1, "a first login", func() *suite.Reply { return c.Login("ada@example.com") }).Is(200)
}

// TestRoundTripsWithLimits counts with the rate limits that a server has by default.
func TestRoundTripsWithLimits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]suite.SetUp{"by link": func(*config.Config, *server.Options) {}, "by code": suite.ByCode} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, change, suite.DefaultLimits)
			c := l.App()
			costs(l, 0, "config", func() *suite.Reply { return c.Do("GET", "/config", nil) }).Is(200)
			costs(l, 0, "session of nobody", c.Session).Is(401)
			costs(l, 3, "sign-up, which sends a mail", func() *suite.Reply { return c.Signup("ada@example.com") }).Is(401)
			key := l.Code("ada@example.com")
			l.Clock.Pass(5 * time.Minute)
			costs(l, 1, "session that waits", c.Session).Is(401).Pending("verify_email")
			costs(l, 3, "login, which sends a mail", func() *suite.Reply { return c.Login("ada@example.com") }).Is(401)
			if name == "by code" {
				l.Mail("ada@example.com")
				l.Clock.Pass(time.Minute)
				costs(l, 3, "resend", func() *suite.Reply { return c.Do("POST", "/auth/email/verify/resend", nil) }).Is(200)
				key = l.Code("ada@example.com")
			}
			costs(l, 2, "the key or the code", func() *suite.Reply { return c.Verify(key) })
			c.Login("ada@example.com")
			costs(l, 1, "session", c.Session).Is(200)
			fresh := l.App()
			costs(l, 2, "a first login", func() *suite.Reply { return fresh.Login("ada@example.com") }).Is(200)
			costs(l, 1, "a wrong password", func() *suite.Reply {
				return l.App().Do("POST", "/auth/login", map[string]string{"email": "ada@example.com", "password": "not this one 1"})
			}).Is(400, "password:email_password_mismatch")
		})
	}
}

// TestSessionAsksNoDatabase reads sessions with the database closed. A token that was
// made up asks neither store.
func TestSessionAsksNoDatabase(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		in, waiting, stranger := l.Member(kind, "ada@example.com"), l.Client(kind), l.App()
		waiting.Signup("bob@example.com").Is(401)
		l.Quiet()
		if err := l.Database().Close(); err != nil {
			t.Fatal(err)
		}
		costs(l, 1, "session", in.Session).Is(200).User()
		costs(l, 1, "session that waits", waiting.Session).Is(401).Pending("verify_email")
		costs(l, 0, "session of nobody", l.Client(kind).Session).Is(401)
		stranger.Token = strings.Repeat("A", 44)
		costs(l, 0, "a token made up", stranger.Session).Is(410)
	})
}

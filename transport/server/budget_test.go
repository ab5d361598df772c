package server

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/state/stores"
	"stagedoor/transport/config"
)

// ofRequests counts the round trips that requests make, and not those of what works
// beside them.
type ofRequests struct{ *stores.RoundTrips }

// ProcessHook counts a command of a request.
func (h ofRequests) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	counted := h.RoundTrips.ProcessHook(next)
	return func(ctx context.Context, cmd redis.Cmder) error {
		if ctx.Value(http.ServerContextKey) == nil {
			return next(ctx, cmd)
		}
		return counted(ctx, cmd)
	}
}

// ProcessPipelineHook counts a pipeline of a request.
func (h ofRequests) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	counted := h.RoundTrips.ProcessPipelineHook(next)
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if ctx.Value(http.ServerContextKey) == nil {
			return next(ctx, cmds)
		}
		return counted(ctx, cmds)
	}
}

// costs fails the test unless the request asks Redis exactly so often.
func (l *lab) costs(want int, what string, do func() *reply) *reply {
	l.t.Helper()
	l.trips.Reset()
	r := do()
	if got := l.trips.Count(); got != want {
		l.t.Errorf("%s: %d round trips to Redis, want %d", what, got, want)
	}
	return r
}

// TestRoundTrips counts how often each step of the journey asks Redis, one after the
// other. Rate limits are off: a limit that counts an address or an account beforehand
// travels with the load of the record.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		c := l.client(kind)
		l.costs(0, "config", func() *reply { return c.do("GET", "/config", nil) }).is(200)
		l.costs(0, "session of nobody", c.session).is(401)
		l.costs(0, "a failed login", func() *reply { return c.login("ada@example.com") }).
			is(400, "password:email_password_mismatch")
		l.costs(1, "sign-up", func() *reply { return c.signup("ada@example.com") }).is(401)
		l.costs(1, "session that waits", c.session).is(401).pending("verify_email")
		key := l.code("ada@example.com")
		l.costs(1, "what a key is", func() *reply {
			return c.do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", key)
		}).is(200)
		l.costs(1, "a wrong key", func() *reply { return c.verify(key + "A") }).is(400, "key:invalid_or_expired_key")
		l.costs(2, "a key", func() *reply { return c.verify(key) }).is(401)
		l.costs(2, "a login that replaces a record", func() *reply { return c.login("ada@example.com") }).is(200)
		l.costs(1, "session", c.session).is(200)
		secret := c.totpOn()
		l.costs(1, "authenticators", func() *reply { return c.do("GET", "/account/authenticators", nil) }).is(200)
		l.costs(2, "logout", c.logout).is(401)

		c = l.client(kind)
		l.costs(1, "a first login that waits for a factor", func() *reply { return c.login("ada@example.com") }).is(401)
		l.costs(1, "a wrong factor", func() *reply { return c.factor("000000") }).is(400, "code:incorrect_code")
		l.clock.pass(time.Minute)
		l.costs(2, "a factor", func() *reply { return c.factor(l.totp(secret)) }).is(200)
		l.client(kind).login("ada@example.com").is(401)
		l.clock.pass(time.Minute)
		l.costs(2, "session, looked up in the database once a minute", c.session).is(200)
		l.costs(1, "session, right after", c.session).is(200)
	})
}

// TestRoundTripsByCode counts the same for codes.
func TestRoundTripsByCode(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	c := l.app()
	l.costs(1, "sign-up", func() *reply { return c.signup("ada@example.com") }).is(401)
	l.mail("ada@example.com")
	l.costs(2, "a wrong code", func() *reply { return c.verify("BCDF-GHJK") }).is(400, "key:incorrect_code")
	l.costs(2, "resend", func() *reply { return c.do("POST", "/auth/email/verify/resend", nil) }).is(200)
	l.costs(2, "a code", func() *reply { return c.verify(l.code("ada@example.com")) }).is(200)
	c.logout()
	l.costs(1, "a first login", func() *reply { return c.login("ada@example.com") }).is(200)
}

// TestRoundTripsWithLimits counts with the rate limits that a server has by default.
func TestRoundTripsWithLimits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]setUp{"by link": func(*config.Config, *Options) {}, "by code": byCode} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, change, defaultLimits)
			c := l.app()
			l.costs(0, "config", func() *reply { return c.do("GET", "/config", nil) }).is(200)
			l.costs(0, "session of nobody", c.session).is(401)
			l.costs(3, "sign-up, which sends a mail", func() *reply { return c.signup("ada@example.com") }).is(401)
			key := l.code("ada@example.com")
			l.clock.pass(5 * time.Minute)
			l.costs(1, "session that waits", c.session).is(401).pending("verify_email")
			l.costs(3, "login, which sends a mail", func() *reply { return c.login("ada@example.com") }).is(401)
			if name == "by code" {
				l.mail("ada@example.com")
				l.clock.pass(time.Minute)
				l.costs(3, "resend", func() *reply { return c.do("POST", "/auth/email/verify/resend", nil) }).is(200)
				key = l.code("ada@example.com")
			}
			l.costs(2, "the key or the code", func() *reply { return c.verify(key) })
			c.login("ada@example.com")
			l.costs(1, "session", c.session).is(200)
			fresh := l.app()
			l.costs(2, "a first login", func() *reply { return fresh.login("ada@example.com") }).is(200)
			l.costs(1, "a wrong password", func() *reply {
				return l.app().do("POST", "/auth/login", map[string]string{"email": "ada@example.com", "password": "not this one 1"})
			}).is(400, "password:email_password_mismatch")
		})
	}
}

// TestSessionAsksNoDatabase reads sessions with the database closed. A token that was
// made up asks neither store.
func TestSessionAsksNoDatabase(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		in, waiting, stranger := l.member(kind, "ada@example.com"), l.client(kind), l.app()
		waiting.signup("bob@example.com").is(401)
		l.quiet()
		if err := l.database.Close(); err != nil {
			t.Fatal(err)
		}
		l.costs(1, "session", in.session).is(200).user()
		l.costs(1, "session that waits", waiting.session).is(401).pending("verify_email")
		l.costs(0, "session of nobody", l.client(kind).session).is(401)
		stranger.token = strings.Repeat("A", 44)
		l.costs(0, "a token made up", stranger.session).is(410)
	})
}

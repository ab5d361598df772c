package faults

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// separate is a Redis in this process that can be stopped and keeps what it holds.
func separate(t *testing.T) (*miniredis.Miniredis, suite.SetUp) {
	t.Helper()
	mini := miniredis.RunT(t)
	return mini, func(c *config.Config, _ *server.Options) { c.Redis.URL = config.Secret("redis://" + mini.Addr()) }
}

// redisServer is a redis-server of its own on a port of 127.0.0.1, which forgets
// everything when it is killed.
func redisServer(t *testing.T) (*statetest.Redis, suite.SetUp) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	mini := statetest.NewRedis(t, "--port", port, "--bind", "127.0.0.1")
	return mini, func(c *config.Config, _ *server.Options) { c.Redis.URL = config.Secret("redis://127.0.0.1:" + port) }
}

// rows counts what a request may have left half done.
func rows(l *suite.Lab) int {
	l.T.Helper()
	return l.Count(`SELECT (SELECT count(*) FROM accounts) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM outbox)`)
}

// TestRedisDown stops Redis and starts it again: everything but what needs no state is
// 503 meanwhile and nothing is stored; then everything goes on where it was.
func TestRedisDown(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		mini, use := separate(t)
		l := suite.NewLab(t, use, suite.DefaultLimits)
		in := l.Member(kind, "ada@example.com")
		waiting := l.Client(kind)
		waiting.Signup("bob@example.com").Is(401)
		key := l.Code("bob@example.com")
		factor, secret := l.Guarded(kind, "eve@example.com")
		fresh := l.Client(kind)
		l.Quiet()
		before, mails := rows(l), l.Mails.Attempts()

		mini.Close()
		fresh.Do("GET", "/config", nil).Is(200)
		fresh.Session().Is(401).Pending()
		in.Session().Busy()
		in.Send("DELETE", "/auth/session", nil).Busy()
		in.Do("GET", "/account/authenticators/totp", nil).Busy()
		waiting.Session().Busy()
		waiting.Verify(key).Busy()
		factor.Factor(l.TOTP(secret)).Busy()
		fresh.Signup("new@example.com").Busy()
		fresh.Login("ada@example.com").Busy()
		if n := rows(l); n != before {
			t.Errorf("%d rows are stored, %d before", n, before)
		}
		if n := l.Mails.Attempts(); n != mails {
			t.Errorf("%d mails were sent for requests that failed", n-mails)
		}
		if err := mini.Restart(); err != nil {
			t.Fatal(err)
		}
		in.Session().Is(200)
		waiting.Session().Is(401).Pending("verify_email")
		waiting.Verify(key).Is(401).Pending()
		factor.Factor(l.TOTP(secret)).Is(200)
		fresh.Signup("new@example.com").Is(401).Pending("verify_email")
		fresh.Login("ada@example.com").Is(200)
	})
}

// TestRedisDownInBetween stops Redis between what the database stores and what Redis
// should: without rate limits a first submission asks Redis only then. No session is
// left, and an account is whole.
func TestRedisDownInBetween(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		mini, use := separate(t)
		l := suite.NewLab(t, use)
		l.Member(kind, "ada@example.com").Logout()
		l.Quiet()
		c := l.Client(kind)
		mini.Close()
		c.Login("ada@example.com").Busy()
		c.Signup("new@example.com").Busy()
		if n := l.Count(`SELECT count(*) FROM sessions`); n != 0 {
			t.Errorf("%d sessions that nobody was told of", n)
		}
		if err := mini.Restart(); err != nil {
			t.Fatal(err)
		}
		if n := len(l.Mails.To("new@example.com")); n != 0 {
			t.Errorf("%d mails for a sign-up that failed", n)
		}
		c.Login("new@example.com").Is(401).Pending("verify_email")
		c.Verify(l.Code("new@example.com")).Is(401).Pending()
		c.Login("new@example.com").Is(200)
	})
}

// TestRedisForgets kills a redis-server that writes nothing down and starts it again: who
// is signed in still is, what was pending is lost, and who had signed out stays so.
func TestRedisForgets(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		mini, use := redisServer(t)
		l := suite.NewLab(t, use)
		in, out, waiting := l.Member(kind, "ada@example.com"), l.Member(kind, "bob@example.com"), l.Client(kind)
		ended := out.Twin()
		out.Logout().Is(401)
		waiting.Signup("new@example.com").Is(401)
		key := l.Code("new@example.com")

		mini.Kill()
		in.Session().Busy()
		mini.Start()
		if got := in.Session().Is(200).User(); got.Email != "ada@example.com" {
			t.Errorf("signed in as %+v", got)
		}
		if got := in.Session().Is(200).Methods(); len(got) == 0 {
			t.Error("how the session was signed in to is forgotten")
		}
		ended.Unknown()
		waiting.Unknown()
		waiting.Verify(key).Is(401).Pending()
		waiting.Login("new@example.com").Is(200)
		in.Logout().Is(401)
	})
}

// TestSwapLost loses the command that ends a sign-in, or its answer: the client does not
// know which. It comes again with the same words; where the command was carried out, its
// old token is worth nothing any more, and nobody has the new one.
func TestSwapLost(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]bool{"the command": false, "the answer": true} {
		t.Run(name, func(t *testing.T) {
			suite.Kinds(t, func(t *testing.T, kind string) {
				l := suite.NewLab(t)
				c, secret := l.Guarded(kind, "ada@example.com")
				var lose atomic.Bool
				cut := func(ctx context.Context, cmd string) error {
					if (cmd == "evalsha" || cmd == "eval") && ctx.Value(http.ServerContextKey) != nil && lose.CompareAndSwap(true, false) {
						return errors.New("connection lost")
					}
					return nil
				}
				if sent {
					l.Gate.Watch(nil, cut)
				} else {
					l.Gate.Watch(cut, nil)
				}
				lose.Store(true)
				code := l.TOTP(secret)
				c.Factor(code).Busy()
				if sent {
					c.Unknown()
					l.Clock.Pass(30 * time.Second)
					c.Login("ada@example.com").Is(401)
					c.Factor(l.TOTP(secret)).Is(200)
					return
				}
				c.Factor(code).Is(200)
				if n := l.Count(`SELECT count(*) FROM sessions`); n != 1 {
					t.Errorf("%d sessions, want 1", n)
				}
			})
		})
	}
}

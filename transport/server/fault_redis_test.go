package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
)

// busy fails the test unless the answer asks to come again: 503 with Retry-After, and
// the reason in the contract's form.
func (r *reply) busy() {
	r.t.Helper()
	r.is(http.StatusServiceUnavailable, ":unavailable")
	if s, err := strconv.Atoi(r.Header.Get("Retry-After")); err != nil || s < 1 || s > 60 {
		r.t.Errorf("%s: Retry-After is %q, want whole seconds", r.what, r.Header.Get("Retry-After"))
	}
	if r.token() != "" {
		r.t.Errorf("%s: a 503 hands out a token", r.what)
	}
}

// separate is a Redis in this process that can be stopped and keeps what it holds.
func separate(t *testing.T) (*miniredis.Miniredis, setUp) {
	t.Helper()
	mini := miniredis.RunT(t)
	return mini, func(c *config.Config, _ *Options) { c.Redis.URL = config.Secret("redis://" + mini.Addr()) }
}

// redisServer is a redis-server of its own on a port of 127.0.0.1, which forgets
// everything when it is killed.
func redisServer(t *testing.T) (*statetest.Redis, setUp) {
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
	server := statetest.NewRedis(t, "--port", port, "--bind", "127.0.0.1")
	return server, func(c *config.Config, _ *Options) { c.Redis.URL = config.Secret("redis://127.0.0.1:" + port) }
}

// rows counts what a request may have left half done.
func (l *lab) rows() int {
	l.t.Helper()
	return l.count(`SELECT (SELECT count(*) FROM accounts) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM outbox)`)
}

// defaultLimits leaves the rate limits on.
func defaultLimits(c *config.Config, _ *Options) { c.Account.RateLimits = config.RateLimits{} }

// TestRedisDown stops Redis and starts it again: everything but what needs no state is
// 503 meanwhile and nothing is stored; then everything goes on where it was.
func TestRedisDown(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		mini, use := separate(t)
		l := newLab(t, use, defaultLimits)
		in := l.member(kind, "ada@example.com")
		waiting := l.client(kind)
		waiting.signup("bob@example.com").is(401)
		key := l.code("bob@example.com")
		factor, secret := l.guarded(kind, "eve@example.com")
		fresh := l.client(kind)
		l.quiet()
		before, mails := l.rows(), l.mails.attempts()

		mini.Close()
		fresh.do("GET", "/config", nil).is(200)
		fresh.session().is(401).pending()
		in.session().busy()
		in.send("DELETE", "/auth/session", nil).busy()
		in.do("GET", "/account/authenticators/totp", nil).busy()
		waiting.session().busy()
		waiting.verify(key).busy()
		factor.factor(l.totp(secret)).busy()
		fresh.signup("new@example.com").busy()
		fresh.login("ada@example.com").busy()
		if n := l.rows(); n != before {
			t.Errorf("%d rows are stored, %d before", n, before)
		}
		if n := l.mails.attempts(); n != mails {
			t.Errorf("%d mails were sent for requests that failed", n-mails)
		}
		if err := mini.Restart(); err != nil {
			t.Fatal(err)
		}
		in.session().is(200)
		waiting.session().is(401).pending("verify_email")
		waiting.verify(key).is(401).pending()
		factor.factor(l.totp(secret)).is(200)
		fresh.signup("new@example.com").is(401).pending("verify_email")
		fresh.login("ada@example.com").is(200)
	})
}

// TestRedisDownInBetween stops Redis between what the database stores and what Redis
// should: without rate limits a first submission asks Redis only then. No session is
// left, and an account is whole.
func TestRedisDownInBetween(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		mini, use := separate(t)
		l := newLab(t, use)
		l.member(kind, "ada@example.com").logout()
		l.quiet()
		c := l.client(kind)
		mini.Close()
		c.login("ada@example.com").busy()
		c.signup("new@example.com").busy()
		if n := l.count(`SELECT count(*) FROM sessions`); n != 0 {
			t.Errorf("%d sessions that nobody was told of", n)
		}
		if err := mini.Restart(); err != nil {
			t.Fatal(err)
		}
		if n := len(l.mails.to("new@example.com")); n != 0 {
			t.Errorf("%d mails for a sign-up that failed", n)
		}
		c.login("new@example.com").is(401).pending("verify_email")
		c.verify(l.code("new@example.com")).is(401).pending()
		c.login("new@example.com").is(200)
	})
}

// TestRedisForgets kills a redis-server that writes nothing down and starts it again: who
// is signed in still is, what was pending is lost, and who had signed out stays so.
func TestRedisForgets(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		server, use := redisServer(t)
		l := newLab(t, use)
		in, out, waiting := l.member(kind, "ada@example.com"), l.member(kind, "bob@example.com"), l.client(kind)
		ended := out.twin()
		out.logout().is(401)
		waiting.signup("new@example.com").is(401)
		key := l.code("new@example.com")

		server.Kill()
		in.session().busy()
		server.Start()
		if got := in.session().is(200).user(); got.Email != "ada@example.com" {
			t.Errorf("signed in as %+v", got)
		}
		if got := in.session().is(200).methods(); len(got) == 0 {
			t.Error("how the session was signed in to is forgotten")
		}
		ended.unknown()
		waiting.unknown()
		waiting.verify(key).is(401).pending()
		waiting.login("new@example.com").is(200)
		in.logout().is(401)
	})
}

// TestSwapLost loses the command that ends a sign-in, or its answer: the client does not
// know which. It comes again with the same words; where the command was carried out, its
// old token is worth nothing any more, and nobody has the new one.
func TestSwapLost(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]bool{"the command": false, "the answer": true} {
		t.Run(name, func(t *testing.T) {
			kinds(t, func(t *testing.T, kind string) {
				l := newLab(t)
				c, secret := l.guarded(kind, "ada@example.com")
				var lose atomic.Bool
				cut := func(ctx context.Context, cmd string) error {
					if (cmd == "evalsha" || cmd == "eval") && ctx.Value(http.ServerContextKey) != nil && lose.CompareAndSwap(true, false) {
						return errors.New("connection lost")
					}
					return nil
				}
				if sent {
					l.gate.watch(nil, cut)
				} else {
					l.gate.watch(cut, nil)
				}
				lose.Store(true)
				code := l.totp(secret)
				c.factor(code).busy()
				if sent {
					c.unknown()
					l.clock.pass(30 * time.Second)
					c.login("ada@example.com").is(401)
					c.factor(l.totp(secret)).is(200)
					return
				}
				c.factor(code).is(200)
				if n := l.count(`SELECT count(*) FROM sessions`); n != 1 {
					t.Errorf("%d sessions, want 1", n)
				}
			})
		})
	}
}

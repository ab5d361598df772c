package server

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
)

// relay stands between a server and what it depends on, and can be cut.
type relay struct {
	t      *testing.T
	addr   string
	target string

	mu     sync.Mutex
	listen net.Listener
	conns  map[net.Conn]bool
	wait   sync.WaitGroup
}

// newRelay passes connections on to a TCP address until the test ends.
func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	r := &relay{t: t, addr: "127.0.0.1:0", target: target, conns: make(map[net.Conn]bool)}
	r.heal()
	t.Cleanup(func() {
		r.cut()
		r.wait.Wait()
	})
	return r
}

// heal accepts connections, at the same address each time.
func (r *relay) heal() {
	r.t.Helper()
	l, err := net.Listen("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	r.listen, r.addr = l, l.Addr().String()
	r.mu.Unlock()
	r.wait.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial("tcp", r.target)
			if err != nil {
				_ = client.Close()
				continue
			}
			r.mu.Lock()
			r.conns[client], r.conns[behind] = true, true
			r.mu.Unlock()
			r.wait.Go(func() { r.pass(client, behind) })
			r.wait.Go(func() { r.pass(behind, client) })
		}
	})
}

func (r *relay) pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, to)
	delete(r.conns, from)
}

// cut ends all connections and refuses new ones.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.listen.Close()
	for c := range r.conns {
		_ = c.Close()
	}
}

// onPostgres runs a server on a database of its own, behind a relay.
func onPostgres(t *testing.T) (*relay, setUp) {
	t.Helper()
	u, err := url.Parse(statetest.StartPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	r := newRelay(t, u.Host)
	u.Host = r.addr
	return r, func(c *config.Config, _ *Options) {
		c.Database.URL = config.Secret(u.String())
		c.SecretKey = "a secret key of more than thirty-two bytes"
	}
}

// TestSQLDown cuts the server off from PostgreSQL and lets it back: what needs the
// database is 503 meanwhile, who is signed in is still told so, and then everything goes
// on where it was.
func TestSQLDown(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		db, use := onPostgres(t)
		l := newLab(t, use)
		in := l.member(kind, "ada@example.com")
		waiting := l.client(kind)
		waiting.signup("bob@example.com").is(401)
		key := l.code("bob@example.com")
		factor, secret := l.guarded(kind, "eve@example.com")
		fresh := l.client(kind)
		mails := l.mails.attempts()

		db.cut()
		fresh.do("GET", "/config", nil).is(200)
		fresh.session().is(401).pending()
		in.session().is(200)
		waiting.session().is(401).pending("verify_email")
		factor.session().is(401).pending("mfa_authenticate recovery_codes totp")
		in.send("DELETE", "/auth/session", nil).busy()
		in.do("GET", "/account/authenticators/totp", nil).busy()
		waiting.verify(key).busy()
		factor.factor(l.totp(secret)).busy()
		fresh.signup("new@example.com").busy()
		fresh.login("ada@example.com").busy()
		fresh.login("nobody@example.com").busy()
		db.heal()

		in.session().is(200)
		factor.factor(l.totp(secret)).is(200)
		waiting.verify(key).is(401).pending()
		fresh.login("ada@example.com").is(200)
		l.client(kind).signup("new@example.com").is(401).pending("verify_email")
		if got := l.mail("new@example.com").Template; got != "email_confirmation_signup" {
			t.Errorf("the sign-up that was repeated mails %s", got)
		}
		if n := l.mails.attempts() - mails; n != 1 {
			t.Errorf("%d mails since the cut, want the one of the repeated sign-up", n)
		}
		in.logout().is(401)
	})
}

// TestSQLiteGone takes the file's handles away from a running server.
func TestSQLiteGone(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	in, waiting, fresh := l.member("app", "ada@example.com"), l.app(), l.app()
	waiting.signup("bob@example.com").is(401)
	code := l.code("bob@example.com")
	if err := l.database.Close(); err != nil {
		t.Fatal(err)
	}
	in.session().is(200)
	waiting.session().is(401).pending("verify_email")
	waiting.verify(code).busy()
	waiting.do("POST", "/auth/email/verify/resend", nil).busy()
	fresh.login("ada@example.com").busy()
	fresh.signup("new@example.com").busy()
	waiting.session().is(401).pending("verify_email")
}

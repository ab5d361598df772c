package faults

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
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
func onPostgres(t *testing.T) (*relay, suite.SetUp) {
	t.Helper()
	u, err := url.Parse(statetest.StartPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	r := newRelay(t, u.Host)
	u.Host = r.addr
	return r, func(c *config.Config, _ *server.Options) {
		c.Database.URL = config.Secret(u.String())
		c.SecretKey = "a secret key of more than thirty-two bytes"
	}
}

// TestSQLDown cuts the server off from PostgreSQL and lets it back: what needs the
// database is 503 meanwhile, signed-in clients are still told so, and then everything goes
// on where it was.
func TestSQLDown(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		db, use := onPostgres(t)
		l := suite.NewLab(t, use)
		in := l.Member(kind, "ada@example.com")
		waiting := l.Client(kind)
		waiting.Signup("bob@example.com").Is(401)
		key := l.Code("bob@example.com")
		factor, secret := l.Guarded(kind, "eve@example.com")
		fresh := l.Client(kind)
		mails := l.Mails.Attempts()

		db.cut()
		fresh.Do("GET", "/config", nil).Is(200)
		fresh.Session().Is(401).Pending()
		in.Session().Is(200)
		waiting.Session().Is(401).Pending("verify_email")
		factor.Session().Is(401).Pending("mfa_authenticate recovery_codes totp")
		in.Send("DELETE", "/auth/session", nil).Busy()
		in.Do("GET", "/account/authenticators/totp", nil).Busy()
		waiting.Verify(key).Busy()
		factor.Factor(l.TOTP(secret)).Busy()
		fresh.Signup("new@example.com").Busy()
		fresh.Login("ada@example.com").Busy()
		fresh.Login("nobody@example.com").Busy()
		db.heal()

		in.Session().Is(200)
		factor.Factor(l.TOTP(secret)).Is(200)
		waiting.Verify(key).Is(401).Pending()
		fresh.Login("ada@example.com").Is(200)
		l.Client(kind).Signup("new@example.com").Is(401).Pending("verify_email")
		if got := l.Mail("new@example.com").Template; got != "email_confirmation_signup" {
			t.Errorf("the sign-up that was repeated mails %s", got)
		}
		if n := l.Mails.Attempts() - mails; n != 1 {
			t.Errorf("%d mails since the cut, want the one of the repeated sign-up", n)
		}
		in.Logout().Is(401)
	})
}

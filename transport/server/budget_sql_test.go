package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/state/statetest"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
)

// statements are those that requests run, and not those of what works beside them. Nor is
// passing changes on counted, which is the work of whoever comes first.
type statements struct {
	mu  sync.Mutex
	ran []string
}

// note keeps a statement of a request.
func (s *statements) note(ctx context.Context, query string) {
	if ctx.Value(http.ServerContextKey) == nil || strings.Contains(query, "FROM changes ") {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran = append(s.ran, strings.Join(strings.Fields(query), " "))
}

// take returns what ran since it was last called.
func (s *statements) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.ran
	s.ran = nil
	return out
}

// bill is a lab whose statements are counted.
type bill struct {
	*lab
	*statements
}

// onBill starts a lab on the database at the URL, or on a file where there is none.
func onBill(t *testing.T, url string, change ...setUp) bill {
	t.Helper()
	s := new(statements)
	return bill{newLab(t, append(change, func(c *config.Config, o *Options) {
		if url == "" {
			url = "sqlite:" + sqliteFile(*c)
		}
		o.Stores = func(ctx context.Context, keys *state.Keyring) (Stores, error) {
			db, err := stores.OpenSQL(ctx, stores.SQLConfig{URL: url, Seal: keys, Ran: s.note})
			if err != nil {
				return Stores{}, err
			}
			return storesOf(db), nil
		}
	})...), s}
}

// takes fails the test unless the turn runs exactly so many statements.
func (b bill) takes(want int, what string, do func() *reply) *reply {
	b.t.Helper()
	b.take()
	r := do()
	if ran := b.take(); len(ran) != want {
		b.t.Errorf("%s: %d statements, want %d\n  %s", what, len(ran), want, strings.Join(ran, "\n  "))
	}
	return r
}

// asks is a turn of the client's.
func (c *client) asks(method, path string, body any, headers ...string) func() *reply {
	return func() *reply { return c.do(method, path, body, headers...) }
}

// onDatabases runs a test on both databases, which run the same statements.
func onDatabases(t *testing.T, run func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { run(t, "") })
	t.Run("postgres", func(t *testing.T) { run(t, statetest.StartPostgres(t)) })
}

// TestStatements counts the statements of each turn of a journey by link. What says who
// stands behind an account is asked and written along with what a turn stores anyway.
func TestStatements(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url)
		c, ada := l.app(), "ada@example.com"
		l.takes(0, "session of nobody", c.session).is(401)
		l.takes(10, "sign-up", func() *reply { return c.signup(ada) }).is(401)
		key := l.code(ada)
		l.takes(7, "verify by link", func() *reply { return c.verify(key) }).is(401)
		l.takes(4, "login", func() *reply { return c.login(ada) }).is(200)
		l.takes(0, "session", c.session).is(200)
		l.takes(1, "wrong password", l.app().asks("POST", "/auth/login", m{"email": ada, "password": "not-this-one-1"})).
			is(400, "password:email_password_mismatch")
		const other = "other-horse-8"
		l.takes(7, "password change", c.asks("POST", "/account/password/change", m{"current_password": password, "new_password": other})).is(200)
		c.do("POST", "/account/password/change", m{"current_password": other, "new_password": password}).is(200)
		l.takes(11, "add address", c.asks("POST", "/account/email", m{"email": "ada2@example.com"})).is(200)
		added := l.code("ada2@example.com")
		l.takes(6, "verify added address", func() *reply { return c.verify(added) }).is(200)

		l.takes(1, "authenticators", c.asks("GET", "/account/authenticators", nil)).is(200)
		secret := l.takes(1, "a secret for TOTP", c.asks("GET", "/account/authenticators/totp", nil)).is(404).Meta.Secret
		l.takes(8, "TOTP activation", c.asks("POST", "/account/authenticators/totp", m{"code": l.totp(secret)})).is(200)
		l.takes(5, "logout", c.logout).is(401)
		l.clock.pass(time.Minute)
		l.takes(1, "login that waits for a factor", func() *reply { return c.login(ada) }).is(401)
		l.takes(1, "wrong factor", func() *reply { return c.factor("000000") }).is(400, "code:incorrect_code")
		l.takes(5, "factor", func() *reply { return c.factor(l.totp(secret)) }).is(200)
		l.clock.pass(time.Minute)
		l.takes(1, "session a minute later", c.session).is(200)

		c = l.app()
		l.takes(4, "reset requested", c.asks("POST", "/auth/password/request", m{"email": ada})).is(200)
		key = l.reset(ada)
		l.takes(1, "whose reset it is", c.asks("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", key)).is(200)
		l.takes(9, "reset by link", c.asks("POST", "/auth/password/reset", m{"key": key, "password": other})).is(401)
	})
}

// TestStatementsByCode counts the same for codes.
func TestStatementsByCode(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, byCode, offers)
		c, ada := l.app(), "ada@example.com"
		l.takes(10, "sign-up", func() *reply { return c.signup(ada) }).is(401)
		code := l.code(ada)
		l.takes(0, "a wrong code", func() *reply { return c.verify("BCDF-GHJK") }).is(400, "key:incorrect_code")
		l.takes(7, "verify by code", func() *reply { return c.verify(code) }).is(200)
		c.logout()
		l.takes(6, "login code requested", c.asks("POST", "/auth/code/request", m{"email": ada})).is(401)
		code = l.code(ada)
		l.takes(0, "a wrong login code", c.asks("POST", "/auth/code/confirm", m{"code": "BCDFGH"})).is(400, "code:incorrect_code")
		l.takes(4, "login by code", c.asks("POST", "/auth/code/confirm", m{"code": code})).is(200)
		c.logout()
		l.takes(6, "reset requested", c.asks("POST", "/auth/password/request", m{"email": ada})).is(401)
		code = l.reset(ada)
		l.takes(1, "whose reset it is", c.asks("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", code)).is(200)
		l.takes(6, "reset by code", c.asks("POST", "/auth/password/reset", m{"key": code, "password": "other-horse-8"})).is(401)
	})
}

// TestStatementsOfPhones counts numbers that are verified by text message.
func TestStatementsOfPhones(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, func(c *config.Config, o *Options) {
			c.Account.LoginMethods = []string{"phone"}
			c.Account.SignupFields = []string{"phone*", "email", "password1*"}
			c.Account.EmailVerification = "optional"
			c.Account.PhoneVerificationEnabled = true
			o.SMS, c.SMS.Supplied = o.Mail, true
		})
		c := l.app()
		const first, second = "+12025550123", "+12025550145"
		l.takes(9, "sign-up", c.asks("POST", "/auth/signup", m{"phone": first, "password": password})).is(401)
		code := l.code(first)
		l.takes(6, "verify number", c.asks("POST", "/auth/phone/verify", m{"code": code})).is(200)
		l.takes(8, "change number", c.asks("POST", "/account/phone", m{"phone": second})).is(202)
		code = l.code(second)
		l.takes(5, "verify changed number", c.asks("POST", "/auth/phone/verify", m{"code": code})).is(200)
	})
}

// TestStatementsOfTokens counts the exchange of a refresh token.
func TestStatementsOfTokens(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, dev, jwt)
		s := l.somebody("ada@example.com")
		r := s.post("/login/", m{"email": "ada@example.com", "password": password}).entered("ada@example.com")
		l.takes(2, "refresh", func() *reply {
			s.post("/token/refresh/", m{"refresh_token": r.Refresh}).is(200)
			return nil
		})
	})
}

// TestStatementsOfProviders counts who comes back from a provider.
func TestStatementsOfProviders(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, dummies)
		c := l.browser()
		back := func(want int, what, process, id, mail string) {
			t.Helper()
			from := c.away(toDummy(process))
			l.takes(want, what, func() *reply {
				arrived(t, c.back(from, asPerson(id, mail)), "/here", "")
				return nil
			})
		}
		new := 12
		if url != "" {
			new++ // the lock of the address that is claimed
		}
		back(new, "sign-up by provider", "login", "1", "ann@example.org")
		c.logout()
		back(6, "login by provider", "login", "1", "ann@example.org")
		back(7, "connect a provider", "connect", "2", "bob@example.org")
	})
}

// TestStatementsOfFirstProofs counts the first proof of an address by another message than
// the sign-up's. It ends the sign-up's session, and its letter says what has ended: what
// it costs more than any other proof is six statements for these, and one to end the rest.
func TestStatementsOfFirstProofs(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, func(c *config.Config, _ *Options) {
			c.Account.EmailVerification, c.Account.LoginByCodeEnabled, c.Account.PasswordResetByCodeEnabled = "optional", true, true
		})
		ada, bob := "ada@example.com", "bob@example.com"
		for _, who := range []string{ada, bob} {
			l.app().signup(who).is(200)
			l.mail(who)
		}
		c := l.app()
		c.do("POST", "/auth/code/request", m{"email": ada}).is(401)
		code := l.code(ada)
		l.takes(14, "by login code", c.asks("POST", "/auth/code/confirm", m{"code": code})).is(200)
		c = l.app()
		c.do("POST", "/auth/password/request", m{"email": bob}).is(401)
		code = l.reset(bob)
		l.takes(14, "by reset", c.asks("POST", "/auth/password/reset", m{"key": code, "password": "other-horse-8"})).is(401)
	})
}

package server_test

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
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// statements are those that requests run, and not those of what works beside them. Nor is
// passing changes on counted, which is the work of the first to come.
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
	*suite.Lab
	*statements
}

// onBill starts a lab on the database at the URL, or on a file where there is none.
func onBill(t *testing.T, url string, change ...suite.SetUp) bill {
	t.Helper()
	s := new(statements)
	return bill{suite.NewLab(t, append(change, func(c *config.Config, o *server.Options) {
		if url == "" {
			url = "sqlite:" + server.SqliteFile(*c)
		}
		o.Stores = func(ctx context.Context, keys *state.Keyring) (server.Stores, error) {
			db, err := stores.OpenSQL(ctx, stores.SQLConfig{URL: url, Seal: keys, Ran: s.note})
			if err != nil {
				return server.Stores{}, err
			}
			return server.StoresOf(db), nil
		}
	})...), s}
}

// takes fails the test unless the turn runs exactly so many statements.
func (b bill) takes(want int, what string, do func() *suite.Reply) *suite.Reply {
	b.T.Helper()
	b.take()
	r := do()
	if ran := b.take(); len(ran) != want {
		b.T.Errorf("%s: %d statements, want %d\n  %s", what, len(ran), want, strings.Join(ran, "\n  "))
	}
	return r
}

// asks is a turn of the client's.
func asks(c *suite.Client, method, path string, body any, headers ...string) func() *suite.Reply {
	return func() *suite.Reply { return c.Do(method, path, body, headers...) }
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
		c, ada := l.App(), "ada@example.com"
		l.takes(0, "session of nobody", c.Session).Is(401)
		l.takes(10, "sign-up", func() *suite.Reply { return c.Signup(ada) }).Is(401)
		key := l.Code(ada)
		l.takes(7, "verify by link", func() *suite.Reply { return c.Verify(key) }).Is(401)
		l.takes(4, "login", func() *suite.Reply { return c.Login(ada) }).Is(200)
		l.takes(0, "session", c.Session).Is(200)
		l.takes(1, "wrong password", asks(l.App(), "POST", "/auth/login", suite.M{"email": ada, "password": "not-this-one-1"})).
			Is(400, "password:email_password_mismatch")
		const other = "other-horse-8"
		l.takes(7, "password change", asks(c, "POST", "/account/password/change", suite.M{"current_password": suite.Password, "new_password": other})).Is(200)
		c.Do("POST", "/account/password/change", suite.M{"current_password": other, "new_password": suite.Password}).Is(200)
		l.takes(11, "add address", asks(c, "POST", "/account/email", suite.M{"email": "ada2@example.com"})).Is(200)
		added := l.Code("ada2@example.com")
		l.takes(6, "verify added address", func() *suite.Reply { return c.Verify(added) }).Is(200)

		c.Prove()
		l.takes(1, "authenticators", asks(c, "GET", "/account/authenticators", nil)).Is(200)
		secret := l.takes(1, "a secret for TOTP", asks(c, "GET", "/account/authenticators/totp", nil)).Is(404).Meta.Secret
		l.takes(8, "TOTP activation", asks(c, "POST", "/account/authenticators/totp", suite.M{"code": l.TOTP(secret)})).Is(200)
		l.takes(5, "logout", c.Logout).Is(401)
		l.Clock.Pass(time.Minute)
		l.takes(1, "login that waits for a factor", func() *suite.Reply { return c.Login(ada) }).Is(401)
		l.takes(1, "wrong factor", func() *suite.Reply { return c.Factor("000000") }).Is(400, "code:incorrect_code")
		l.takes(5, "factor", func() *suite.Reply { return c.Factor(l.TOTP(secret)) }).Is(200)
		l.Clock.Pass(time.Minute)
		l.takes(1, "session a minute later", c.Session).Is(200)

		c = l.App()
		l.takes(4, "reset requested", asks(c, "POST", "/auth/password/request", suite.M{"email": ada})).Is(200)
		key = l.Reset(ada)
		l.takes(1, "whose reset it is", asks(c, "GET", "/auth/password/reset", nil, "X-Password-Reset-Key", key)).Is(200)
		l.takes(9, "reset by link", asks(c, "POST", "/auth/password/reset", suite.M{"key": key, "password": other})).Is(401)
	})
}

// TestActivityAsksNothing: to keep when and by what a session was last used costs its requests
// no statement and no round trip; what is stored beside them is one statement for each session.
func TestActivityAsksNothing(t *testing.T) {
	t.Parallel()
	l := onBill(t, "", func(c *config.Config, _ *server.Options) { c.UserSessions.TrackActivity = true })
	c := l.Member("app", "ada@example.com")
	for i := range 5 {
		costs(l.Lab, 1, "session", func() *suite.Reply {
			return l.takes(0, "session", asks(c, "GET", "/auth/session", nil, "User-Agent", "agent/"+strings.Repeat("x", i)))
		}).Is(200)
	}
	list := l.takes(1, "list", asks(c, "GET", "/auth/sessions", nil, "User-Agent", "the last")).Is(200)
	if !strings.Contains(list.Raw, `"user_agent":"the last"`) {
		t.Errorf("the list is behind: %s", list.Raw)
	}
	l.Eventually("the database has it", func() bool {
		return l.Count(`SELECT count(*) FROM sessions WHERE user_agent = 'the last'`) == 1
	})
}

// TestStatementsByCode counts the same for codes.
func TestStatementsByCode(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, suite.ByCode, suite.Offers)
		c, ada := l.App(), "ada@example.com"
		l.takes(10, "sign-up", func() *suite.Reply { return c.Signup(ada) }).Is(401)
		code := l.Code(ada)
		l.takes(0, "a wrong code", func() *suite.Reply { return c.Verify("BCDF-GHJK") }).Is(400, "key:incorrect_code")
		l.takes(7, "verify by code", func() *suite.Reply { return c.Verify(code) }).Is(200)
		c.Logout()
		l.takes(6, "login code requested", asks(c, "POST", "/auth/code/request", suite.M{"email": ada})).Is(401)
		code = l.Code(ada)
		l.takes(0, "a wrong login code", asks(c, "POST", "/auth/code/confirm", suite.M{"code": "BCDFGH"})).Is(400, "code:incorrect_code")
		l.takes(4, "login by code", asks(c, "POST", "/auth/code/confirm", suite.M{"code": code})).Is(200)
		c.Logout()
		l.takes(6, "reset requested", asks(c, "POST", "/auth/password/request", suite.M{"email": ada})).Is(401)
		code = l.Reset(ada)
		l.takes(1, "whose reset it is", asks(c, "GET", "/auth/password/reset", nil, "X-Password-Reset-Key", code)).Is(200)
		l.takes(6, "reset by code", asks(c, "POST", "/auth/password/reset", suite.M{"key": code, "password": "other-horse-8"})).Is(401)
	})
}

// TestStatementsOfPhones counts numbers that are verified by text message.
func TestStatementsOfPhones(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, func(c *config.Config, o *server.Options) {
			c.Account.LoginMethods = []string{"phone"}
			c.Account.SignupFields = []string{"phone*", "email", "password1*"}
			c.Account.EmailVerification = "optional"
			c.Account.PhoneVerificationEnabled = true
			o.SMS, c.SMS.Supplied = o.Mail, true
		})
		c := l.App()
		const first, second = "+12025550123", "+12025550145"
		l.takes(9, "sign-up", asks(c, "POST", "/auth/signup", suite.M{"phone": first, "password": suite.Password})).Is(401)
		code := l.Code(first)
		l.takes(6, "verify number", asks(c, "POST", "/auth/phone/verify", suite.M{"code": code})).Is(200)
		l.takes(8, "change number", asks(c, "POST", "/account/phone", suite.M{"phone": second})).Is(202)
		code = l.Code(second)
		l.takes(5, "verify changed number", asks(c, "POST", "/auth/phone/verify", suite.M{"code": code})).Is(200)
	})
}

// TestStatementsOfTokens counts the exchange of a refresh token.
func TestStatementsOfTokens(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, suite.Dev, suite.JWT)
		s := l.Somebody("ada@example.com")
		r := s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Entered("ada@example.com")
		l.takes(2, "refresh", func() *suite.Reply {
			s.Post("/token/refresh/", suite.M{"refresh_token": r.Refresh}).Is(200)
			return nil
		})
	})
}

// TestStatementsOfProviders counts who comes back from a provider.
func TestStatementsOfProviders(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, url string) {
		l := onBill(t, url, suite.Dummies)
		c := l.Browser()
		back := func(want int, what, process, id, mail string) {
			t.Helper()
			from := c.Away(suite.ToDummy(process))
			l.takes(want, what, func() *suite.Reply {
				suite.Arrived(t, c.Back(from, suite.AsPerson(id, mail)), "/here", "")
				return nil
			})
		}
		new := 12
		if url != "" {
			new++ // the lock of the address that is claimed
		}
		back(new, "sign-up by provider", "login", "1", "ann@example.org")
		c.Logout()
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
		l := onBill(t, url, func(c *config.Config, _ *server.Options) {
			c.Account.EmailVerification, c.Account.LoginByCodeEnabled, c.Account.PasswordResetByCodeEnabled = "optional", true, true
		})
		ada, bob := "ada@example.com", "bob@example.com"
		for _, who := range []string{ada, bob} {
			l.App().Signup(who).Is(200)
			l.Mail(who)
		}
		c := l.App()
		c.Do("POST", "/auth/code/request", suite.M{"email": ada}).Is(401)
		code := l.Code(ada)
		l.takes(14, "by login code", asks(c, "POST", "/auth/code/confirm", suite.M{"code": code})).Is(200)
		c = l.App()
		c.Do("POST", "/auth/password/request", suite.M{"email": bob}).Is(401)
		code = l.Reset(bob)
		l.takes(14, "by reset", asks(c, "POST", "/auth/password/reset", suite.M{"key": code, "password": "other-horse-8"})).Is(401)
	})
}

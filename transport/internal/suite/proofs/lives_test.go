package proofs_test

import (
	"testing"

	"github.com/alicebob/miniredis/v2"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestNextSessionIsBound: an app that signs in as somebody else while its session goes on has the next
// session bound to the key that it shows, and the last one is over.
func TestNextSessionIsBound(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.Dummies, offer)
	l.Member("app", email)
	c, _ := app(l)
	c.Login(email).Is(200)
	last := c.Token
	r := c.Do("POST", "/auth/provider/token", suite.M{"provider": "dummy", "process": "login", "token": suite.M{
		"client_id": "", "id_token": `{"id": "7", "email": "bob@example.com", "email_verified": true}`,
	}}).Is(200)
	if r.User().Email != "bob@example.com" || c.Token == last {
		t.Fatalf("%s", r.Raw)
	}
	c.Session().Is(200)
	thief := l.App()
	thief.Token = c.Token
	refused(t, thief.Session(), "invalid_token")
	thief.Token = last
	thief.Session().Is(410)
}

// TestSurvives: a change of the password gives an app another token of the same session, which is bound as
// before; Redis may lose what it has, and the session is bound still.
func TestSurvives(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	l := suite.NewLab(t, offer, func(c *config.Config, _ *server.Options) { c.Redis.URL = config.Secret("redis://" + mini.Addr()) })
	l.Member("app", email)
	c, _ := app(l)
	c.Login(email).Is(200)
	const next = "another long enough one"
	c.Do("POST", "/account/password/change", suite.M{"current_password": suite.Password, "new_password": next}).Is(200)
	thief := l.App()
	thief.Token = c.Token
	for range 2 {
		refused(t, thief.Session(), "invalid_token")
		thief.HTTP.Transport = holder(l, device.ES256)
		refused(t, thief.Session(), "invalid_token")
		thief.HTTP.Transport = nil
		c.Session().Is(200)
		mini.FlushAll()
	}
}

// TestStoresDown: where it cannot be known whether a proof was shown before, it is not good; the client
// is told to try again, and its key is not in question.
func TestStoresDown(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	l := suite.NewLab(t, offer, suite.JWT, func(c *config.Config, _ *server.Options) { c.Redis.URL = config.Secret("redis://" + mini.Addr()) })
	l.Member("app", email)
	c, _ := app(l)
	c.Login(email).Is(200)
	s, _ := script(l)
	in := s.Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(200)
	l.Quiet()
	mini.Close()
	c.Session().Is(503, ":unavailable")
	c.Send("POST", "/auth/login", suite.M{"email": email, "password": suite.Password}).Is(503, ":unavailable")
	s.Send("POST", "/token/refresh/", suite.M{"refresh_token": in.Refresh}).Is(503)
	if err := mini.Restart(); err != nil {
		t.Fatal(err)
	}
	c.Session().Is(200)
	s.Send("POST", "/token/refresh/", suite.M{"refresh_token": in.Refresh}).Is(200)
}

// TestAlgorithms: a key of each kind that is taken binds a session, and goes on with it.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer)
	l.Member("app", email)
	for _, alg := range []string{device.ES256, device.ES384, device.EdDSA, device.RS256} {
		c := l.App()
		c.HTTP.Transport = holder(l, alg)
		c.Login(email).Is(200)
		c.Session().Is(200)
		thief := l.App()
		thief.Token = c.Token
		refused(t, thief.Session(), "invalid_token")
	}
}

package faults

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// twoServers starts two servers on one PostgreSQL and one Redis, with one clock. Mail goes out by
// either; both hand it to the same carrier.
func twoServers(t *testing.T, change ...suite.SetUp) (one, two *suite.Lab) {
	t.Helper()
	_, onPG := onPostgres(t)
	_, onRedis := redisServer(t)
	shared := append([]suite.SetUp{onPG, onRedis}, change...)
	one = suite.NewLab(t, shared...)
	two = suite.NewLab(t, append(shared, func(_ *config.Config, o *server.Options) { o.Now, o.Mail = one.Clock.Read, one.Mails })...)
	two.Clock, two.Mails = one.Clock, one.Mails
	return one, two
}

// TestTwoServers takes each step of the journey at the other server.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		one, two := twoServers(t, suite.ByCode)
		c := one.Client(kind)
		c.Signup("ada@example.com").Is(401).Pending("verify_email")
		c = c.At(two)
		c.Session().Is(401).Pending("verify_email")
		c.Do("POST", "/auth/email/verify/resend", nil).Is(200)
		one.Mail("ada@example.com")
		c = c.At(one)
		c.Verify(one.Code("ada@example.com")).Is(200)
		c = c.At(two)
		c.Session().Is(200)
		secret := c.TOTPOn()
		c.At(one).Session().Is(200)
		c.Logout().Is(401)

		c = c.At(one)
		c.Login("ada@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
		c = c.At(two)
		one.Clock.Pass(30 * time.Second)
		c.Factor(one.TOTP(secret)).Is(200)
		there := c.At(one)
		there.Session().Is(200)
		c.Logout().Is(401)
		there.Unknown()
	})
}

// TestRacesAcrossServers does at once at both servers what may happen once.
func TestRacesAcrossServers(t *testing.T) {
	t.Parallel()
	one, two := twoServers(t, suite.ByCode)
	labs := []*suite.Lab{one, two}
	clients := make([]*suite.Client, 20)
	for i := range clients {
		clients[i] = labs[i%2].App()
	}
	for _, r := range suite.AtOnce(len(clients), func(i int) *suite.Reply { return clients[i].Signup("ada@example.com") }) {
		r.Is(401).Pending("verify_email")
	}
	sent := make(map[state.Template]int)
	one.Eventually("the mails of all sign-ups", func() bool {
		clear(sent)
		for _, m := range one.Mails.To("ada@example.com") {
			sent[m.Template]++
		}
		return sent["email_code"] == len(clients)
	})
	code := ""
	for _, m := range one.Mails.To("ada@example.com") {
		code = m.Data["code"]
	}
	var winner *suite.Client
	for _, c := range clients {
		if r := c.Verify(code); r.Status == 200 {
			winner = c
		}
	}
	if winner == nil {
		t.Fatal("the code signs nobody in")
	}

	secret := winner.TOTPOn()
	winner.Logout()
	waiting := winner.At(one)
	waiting.Login("ada@example.com").Is(401)
	one.Clock.Pass(time.Minute)
	body := map[string]string{"code": one.TOTP(secret)}
	one.Gate.Together(many / 2)
	two.Gate.Together(many / 2)
	twins := []*suite.Client{waiting, waiting.At(two)}
	all := suite.AtOnce(many, func(i int) *suite.Reply { return twins[i%2].Send("POST", "/auth/2fa/authenticate", body) })
	sameAnswer(t, all)
	all[0].Is(200)

	rivals := []*suite.Client{one.App(), two.App()}
	one.Clock.Pass(time.Minute)
	for _, c := range rivals {
		c.Login("ada@example.com").Is(401)
	}
	next := one.TOTP(secret)
	got := tally(suite.AtOnce(2, func(i int) *suite.Reply { return rivals[i].Factor(next) }))
	if want := map[int]int{200: 1, 400: 1}; !maps.Equal(got, want) {
		t.Errorf("one TOTP code at two servers: %v, want %v", got, want)
	}
}

// TestLimitsAcrossServers spreads wrong passwords over both servers: they count together.
func TestLimitsAcrossServers(t *testing.T) {
	t.Parallel()
	one, two := twoServers(t, suite.DefaultLimits)
	c := one.App()
	c.Signup("ada@example.com").Is(401)
	c.Verify(one.Code("ada@example.com")).Is(401)
	labs := []*suite.Lab{one, two}
	for i := range 6 {
		r := labs[i%2].App().Do("POST", "/auth/login", map[string]string{"email": "ada@example.com", "password": fmt.Sprint("not this one ", i)})
		if i < 5 {
			r.Is(400, "password:email_password_mismatch")
		} else {
			r.Is(400, ":too_many_login_attempts")
		}
	}
	two.App().Login("ada@example.com").Is(400, ":too_many_login_attempts")
	one.Clock.Pass(5 * time.Minute)
	two.App().Login("ada@example.com").Is(200)
}

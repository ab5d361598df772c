package server

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
)

// twoServers starts two servers on one PostgreSQL and one Redis, with one clock. Mail goes out by
// either; both hand it to the same carrier.
func twoServers(t *testing.T, change ...setUp) (one, two *lab) {
	t.Helper()
	_, onPG := onPostgres(t)
	_, onRedis := redisServer(t)
	shared := append([]setUp{onPG, onRedis}, change...)
	one = newLab(t, shared...)
	two = newLab(t, append(shared, func(_ *config.Config, o *Options) { o.Now, o.Mail = one.clock.read, one.mails })...)
	two.clock, two.mails = one.clock, one.mails
	return one, two
}

// TestTwoServers takes each step of the journey at the other server.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		one, two := twoServers(t, byCode)
		c := one.client(kind)
		c.signup("ada@example.com").is(401).pending("verify_email")
		c = c.at(two)
		c.session().is(401).pending("verify_email")
		c.do("POST", "/auth/email/verify/resend", nil).is(200)
		one.mail("ada@example.com")
		c = c.at(one)
		c.verify(one.code("ada@example.com")).is(200)
		c = c.at(two)
		c.session().is(200)
		secret := c.totpOn()
		c.at(one).session().is(200)
		c.logout().is(401)

		c = c.at(one)
		c.login("ada@example.com").is(401).pending("mfa_authenticate recovery_codes totp")
		c = c.at(two)
		one.clock.pass(30 * time.Second)
		c.factor(one.totp(secret)).is(200)
		there := c.at(one)
		there.session().is(200)
		c.logout().is(401)
		there.unknown()
	})
}

// TestRacesAcrossServers does at once at both servers what may happen once.
func TestRacesAcrossServers(t *testing.T) {
	t.Parallel()
	one, two := twoServers(t, byCode)
	labs := []*lab{one, two}
	clients := make([]*client, 20)
	for i := range clients {
		clients[i] = labs[i%2].app()
	}
	for _, r := range atOnce(len(clients), func(i int) *reply { return clients[i].signup("ada@example.com") }) {
		r.is(401).pending("verify_email")
	}
	sent := make(map[state.Template]int)
	one.eventually("the mails of all sign-ups", func() bool {
		clear(sent)
		for _, m := range one.mails.to("ada@example.com") {
			sent[m.Template]++
		}
		return sent["email_code"] == len(clients)
	})
	code := ""
	for _, m := range one.mails.to("ada@example.com") {
		code = m.Data["code"]
	}
	var winner *client
	for _, c := range clients {
		if r := c.verify(code); r.Status == 200 {
			winner = c
		}
	}
	if winner == nil {
		t.Fatal("the code signs nobody in")
	}

	secret := winner.totpOn()
	winner.logout()
	waiting := winner.at(one)
	waiting.login("ada@example.com").is(401)
	one.clock.pass(time.Minute)
	body := map[string]string{"code": one.totp(secret)}
	one.gate.together(many / 2)
	two.gate.together(many / 2)
	twins := []*client{waiting, waiting.at(two)}
	all := atOnce(many, func(i int) *reply { return twins[i%2].send("POST", "/auth/2fa/authenticate", body) })
	sameAnswer(t, all)
	all[0].is(200)

	rivals := []*client{one.app(), two.app()}
	one.clock.pass(time.Minute)
	for _, c := range rivals {
		c.login("ada@example.com").is(401)
	}
	next := one.totp(secret)
	got := tally(atOnce(2, func(i int) *reply { return rivals[i].factor(next) }))
	if want := map[int]int{200: 1, 400: 1}; !maps.Equal(got, want) {
		t.Errorf("one TOTP code at two servers: %v, want %v", got, want)
	}
}

// TestLimitsAcrossServers spreads wrong passwords over both servers: they count together.
func TestLimitsAcrossServers(t *testing.T) {
	t.Parallel()
	one, two := twoServers(t, defaultLimits)
	c := one.app()
	c.signup("ada@example.com").is(401)
	c.verify(one.code("ada@example.com")).is(401)
	labs := []*lab{one, two}
	for i := range 6 {
		r := labs[i%2].app().do("POST", "/auth/login", map[string]string{"email": "ada@example.com", "password": fmt.Sprint("not this one ", i)})
		if i < 5 {
			r.is(400, "password:email_password_mismatch")
		} else {
			r.is(400, ":too_many_login_attempts")
		}
	}
	two.app().login("ada@example.com").is(400, ":too_many_login_attempts")
	one.clock.pass(5 * time.Minute)
	two.app().login("ada@example.com").is(200)
}

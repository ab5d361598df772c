package outages

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// crash is a step that a server is killed in.
type crash struct {
	name string
	// make brings a person to where the step is due, at the server that survives.
	make func(p *plight)
	// step is the step, at the server that dies, and again at the one that survives. The
	// second time it may have been done already.
	step func(p *plight, c *suite.Client) *suite.Reply
	// settle comes to where the step leads to from whatever the repeated step was answered,
	// and fails the test where there is no way.
	settle func(p *plight, r *suite.Reply)
}

// plight is the person to whom it happens.
type plight struct {
	*suite.Lab
	t     *testing.T
	c     *suite.Client
	email string
	code  string
	codes []string
	// letters is how many had come to the address before the step.
	letters int
}

// count answers a query about the person's account.
func (p *plight) count(query string) int {
	return p.Count(fmt.Sprintf(query, fmt.Sprintf(`(SELECT account_id FROM emails WHERE address = '%s')`, p.email)))
}

// lettersOf are those of a template to the person that came since the step, at least one. What
// the dead server did not live to release goes out within little more than a minute.
func (p *plight) lettersOf(template state.Template) []state.Message {
	p.t.Helper()
	p.rest()
	var found []state.Message
	late := false
	p.Eventually("the letter "+string(template)+" to "+p.email, func() bool {
		mails := p.Mails.To(p.email)
		found = slices.DeleteFunc(mails[min(p.letters, len(mails)):], func(m state.Message) bool { return m.Template != template })
		if len(found) == 0 && !late {
			p.Clock.Pass(61 * time.Second)
			late = true
		}
		return len(found) > 0
	})
	return found
}

// rest waits until background work has come to rest. What the dead server has claimed comes
// free with time.
func (p *plight) rest() {
	p.t.Helper()
	for n := range 1000 {
		if p.Count(`SELECT (SELECT count(*) FROM outbox WHERE released) + (SELECT count(*) FROM changes)`) == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
		if n%100 == 99 {
			p.Clock.Pass(20 * time.Second)
		}
	}
	p.t.Fatalf("%d letters and %d changes are left", p.Count(`SELECT count(*) FROM outbox`), p.Count(`SELECT count(*) FROM changes`))
}

// anyCode gives the codes of the letters that came since the step, one after the other: a step
// that was done twice has sent two, of which one is right. It returns the answer to that one.
func (p *plight) anyCode(template state.Template, give func(code string) *suite.Reply) *suite.Reply {
	p.t.Helper()
	var r *suite.Reply
	for _, m := range p.lettersOf(template) {
		if r = give(m.Data["code"]); r.Status != 400 {
			break
		}
	}
	return r
}

// in fails the test unless the person comes in by a password alone.
func (p *plight) in(password string) {
	p.t.Helper()
	p.App().Do("POST", "/auth/login", map[string]string{"email": p.email, "password": password}).Is(200)
}

// member is an account that is signed in.
func member(p *plight) { p.c = p.Member("app", p.email) }

func crashes() []crash {
	return []crash{
		{
			name: "sign-up",
			make: func(p *plight) { p.c = p.App() },
			step: func(p *plight, c *suite.Client) *suite.Reply { return c.Signup(p.email) },
			settle: func(p *plight, r *suite.Reply) {
				r.Is(401).Pending("verify_email")
				p.anyCode("email_code", p.c.Verify).Is(200)
			},
		},
		{
			name: "code of a sign-up",
			make: func(p *plight) {
				p.c = p.App()
				p.c.Signup(p.email).Is(401)
				p.code = p.Code(p.email)
			},
			step: func(p *plight, c *suite.Client) *suite.Reply { return c.Verify(p.code) },
			settle: func(p *plight, r *suite.Reply) {
				if r.Status != 200 {
					p.c.Login(p.email).Is(200)
				}
				p.c.Session().Is(200)
			},
		},
		{
			name: "sign-in",
			make: func(p *plight) { member(p); p.c.Logout() },
			step: func(p *plight, c *suite.Client) *suite.Reply { return c.Login(p.email) },
			settle: func(p *plight, r *suite.Reply) {
				r.Is(200)
				p.c.Session().Is(200)
			},
		},
		{
			name: "recovery code",
			make: func(p *plight) {
				c := p.Member("app", p.email)
				c.TOTPOn()
				p.codes = c.RecoveryCodes()
				c.Logout()
				p.c = p.App()
				p.c.Login(p.email).Is(401)
			},
			step: func(p *plight, c *suite.Client) *suite.Reply { return c.Factor(p.codes[0]) },
			settle: func(p *plight, r *suite.Reply) {
				if r.Status != 200 {
					p.c.Login(p.email).Is(401).Pending("mfa_authenticate recovery_codes totp")
					p.c.Factor(p.codes[0]).Is(400, "code:incorrect_code")
					p.c.Factor(p.codes[1]).Is(200)
				}
				p.c.Session().Is(200)
				again := p.App()
				again.Login(p.email).Is(401)
				again.Factor(p.codes[0]).Is(400, "code:incorrect_code")
				if n := p.count(`SELECT count(*) FROM sessions WHERE account_id = %s`); n > 2 {
					p.t.Errorf("%d sessions by one step", n)
				}
			},
		},
		{
			name: "sign-in by code, asked for",
			make: func(p *plight) { member(p); p.c.Logout() },
			step: func(p *plight, c *suite.Client) *suite.Reply {
				return c.Do("POST", "/auth/code/request", map[string]string{"email": p.email})
			},
			settle: func(p *plight, r *suite.Reply) {
				r.Is(401).Pending("login_by_code")
				p.anyCode("login_code", func(code string) *suite.Reply {
					return p.c.Do("POST", "/auth/code/confirm", map[string]string{"code": code})
				}).Is(200)
			},
		},
		{
			name: "sign-in by code",
			make: func(p *plight) {
				member(p)
				p.c.Logout()
				p.c.Do("POST", "/auth/code/request", map[string]string{"email": p.email}).Is(401)
				p.code = p.Code(p.email)
			},
			step: func(p *plight, c *suite.Client) *suite.Reply {
				return c.Do("POST", "/auth/code/confirm", map[string]string{"code": p.code})
			},
			settle: func(p *plight, r *suite.Reply) {
				if r.Status != 200 {
					p.c.Do("POST", "/auth/code/confirm", map[string]string{"code": p.code}).Is(409)
					p.c.Login(p.email).Is(200)
				}
				p.c.Session().Is(200)
			},
		},
		{
			name: "reset, asked for",
			make: func(p *plight) { member(p); p.c.Logout() },
			step: func(p *plight, c *suite.Client) *suite.Reply {
				return c.Do("POST", "/auth/password/request", map[string]string{"email": p.email})
			},
			settle: func(p *plight, r *suite.Reply) {
				r.Is(401).Pending("password_reset_by_code")
				p.anyCode("password_reset_code", func(code string) *suite.Reply {
					return p.c.Do("POST", "/auth/password/reset", map[string]string{"key": code, "password": "another-horse-8"})
				}).Is(401)
				p.in("another-horse-8")
			},
		},
		{
			name: "reset",
			make: func(p *plight) {
				member(p)
				p.c.Logout()
				p.c.Do("POST", "/auth/password/request", map[string]string{"email": p.email}).Is(401)
				p.code = p.Code(p.email)
			},
			step: func(p *plight, c *suite.Client) *suite.Reply {
				return c.Do("POST", "/auth/password/reset", map[string]string{"key": p.code, "password": "another-horse-8"})
			},
			settle: func(p *plight, r *suite.Reply) {
				if r.Status == 401 || r.Status == 409 || r.Status == 410 {
					p.in("another-horse-8")
					p.lettersOf("password_reset")
					return
				}
				p.t.Errorf("the reset again: %d %s", r.Status, r.Raw)
			},
		},
		{
			name: "change of the password",
			make: func(p *plight) { member(p); p.c.Prove() },
			step: func(p *plight, c *suite.Client) *suite.Reply {
				return c.Do("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"})
			},
			settle: func(p *plight, r *suite.Reply) {
				switch r.Status {
				case 200, 410: // gone is the token that the answer had a new one for
				default:
					r.Is(400, "current_password:enter_current_password")
				}
				p.in("another-horse-8")
				p.lettersOf("password_changed")
			},
		},
		{
			name: "another address",
			make: func(p *plight) { member(p); p.c.Prove() },
			step: func(p *plight, c *suite.Client) *suite.Reply {
				return c.Do("POST", "/account/email", map[string]string{"email": "second." + p.email})
			},
			settle: func(p *plight, r *suite.Reply) {
				p.c.Session().Is(200)
				if r.Status != 200 && r.Status != 401 && r.Status != 409 {
					p.t.Errorf("the address again: %d %s", r.Status, r.Raw)
				}
			},
		},
		{
			name: "sign-out",
			make: member,
			step: func(_ *plight, c *suite.Client) *suite.Reply { return c.Do("DELETE", "/auth/session", nil) },
			settle: func(p *plight, _ *suite.Reply) {
				if r := p.c.Session(); r.Status != 410 {
					r.Is(401).Pending()
				}
			},
		},
	}
}

// killedEverywhere kills a server at every point of every step, and has the client come with
// the same step to another one.
func killedEverywhere(t *testing.T, _ outage) {
	set := []suite.SetUp{suite.ByCode, func(c *config.Config, _ *server.Options) {
		c.Account.LoginByCodeEnabled, c.Account.PasswordResetByCodeEnabled, c.Account.EmailNotifications = true, true, true
	}}
	l := suite.NewLab(t, set...)
	v, g := victim(t, l, set...)
	points, people := 0, 0
	for _, cr := range crashes() {
		for n := 0; ; n++ {
			people++
			p := &plight{Lab: l, t: t, email: fmt.Sprintf("p%d@example.com", people)}
			cr.make(p)
			p.rest()
			p.letters = len(l.Mails.To(p.email))
			dying := p.c.At(v)
			g.dig(n)
			first := cr.step(p, dying)
			died, where := g.rise()
			if !died {
				if n < 4 {
					t.Errorf("%s has %d points", cr.name, n)
				}
				break
			}
			points++
			t.Run(fmt.Sprintf("%s/%d %s", cr.name, n, where), func(t *testing.T) {
				p.t, p.Lab.T, p.c.T = t, t, t
				if first.Status != 503 {
					t.Fatalf("the step was answered %d, and its server is dead", first.Status)
				}
				cr.settle(p, cr.step(p, p.c))
			})
			l.T, v.T = t, t
		}
	}
	t.Logf("%d points", points)
}

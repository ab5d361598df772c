package proofs_test

import (
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestAttemptsAreTold: that an app's session is bound is an event, and so is each try to use its token,
// by whatever is shown with it. The owner gets one letter of them all.
func TestAttemptsAreTold(t *testing.T) {
	heard := new(suite.Heard)
	l := suite.NewLab(t, offer, heard.Hears, func(c *config.Config, _ *server.Options) { c.Session.DeviceBoundMail = true })
	l.Member("app", email)
	sent := len(l.Mails.To(email))
	heard.Take(l, 3)
	c, h := app(l)
	c.Login(email).Is(200)
	in := heard.Tells(l, server.SignedIn, server.SessionBound)
	if in[1].Binding != "dpop" || in[1].Account != in[0].Account || in[1].Client != "app" || in[1].IP == "" {
		t.Errorf("told %+v", in[1])
	}
	c.Session().Is(200)
	thief := l.App()
	thief.Token = c.Token
	for why, steal := range map[string]func() *suite.Reply{
		"no_proof": func() *suite.Reply { return thief.Session() },
		"replayed": func() *suite.Reply { return thief.Send("GET", "/auth/session", nil, "DPoP", h.Last()) },
		"wrong_key": func() *suite.Reply {
			thief.HTTP.Transport = holder(l, device.ES256)
			defer func() { thief.HTTP.Transport = nil }()
			return thief.Session()
		},
	} {
		c.Session().Is(200)
		for range 3 {
			steal().Is(401)
		}
		if e := heard.Tells(l, server.SessionRefused)[0]; e.Why != why || e.Binding != "dpop" || e.Client != "app" || e.Account != in[0].Account {
			t.Errorf("%s: told %+v", why, e)
		}
		l.Clock.Pass(2 * time.Minute)
	}
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if mails := l.Mails.To(email)[sent:]; len(mails) != 1 || mails[0].Template != state.SessionRefusedTemplate {
		t.Errorf("sent %+v", mails)
	}
}

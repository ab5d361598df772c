package bound

import (
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestAttemptsAreTold: that a session is bound is an event, and so is each try to use it without
// its key. The owner gets a letter, and the honest browser is not troubled.
func TestAttemptsAreTold(t *testing.T) {
	t.Parallel()
	h := new(suite.Heard)
	l := lab(t, h.Hears, func(c *config.Config, _ *server.Options) {
		c.Session.DeviceBoundMail, c.UserSessions.TrackActivity = true, true
	})
	l.Member("app", ada)
	h.Take(l, 3)
	b := newTab(l)
	b.login().Is(200)
	bound := h.Tells(l, server.SignedIn, server.SessionBound)
	if e := bound[1]; e.Binding != "dbsc" || e.Client != "browser" || e.Account != bound[0].Account || e.IP == "" {
		t.Errorf("told %+v", e)
	}
	l.Clock.Pass(30 * time.Second)
	b.session().Is(200)
	thief := newTab(l)
	thief.Cookies.Copy(b.Cookies)
	thief.Cookies.Drop(cookie)
	sent := len(l.Mails.To(ada))
	for range 5 {
		thief.send("GET", "/auth/session", nil, "User-Agent", "eve's").Is(401)
	}
	if e := h.Tells(l, server.SessionRefused)[0]; e.Binding != "dbsc" || e.Why != "missing" || e.Client != "browser" || e.UserAgent != "eve's" || e.Account != bound[0].Account {
		t.Errorf("told %+v", e)
	}
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	mails := l.Mails.To(ada)[sent:]
	if len(mails) != 1 || mails[0].Template != state.SessionRefusedTemplate || mails[0].Data["user_agent"] != "eve's" {
		t.Errorf("sent %+v", mails)
	}
	b.session().Is(200)
	l.Clock.Pass(2 * time.Minute)
	lead := []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "cross-site"}
	bare := newTab(l)
	bare.Cookies.Copy(b.Cookies)
	bare.Cookies.Drop(cookie)
	bare.send("GET", "/auth/session", nil, lead...).Is(401)
	if e := h.Tells(l, server.SessionRefused)[0]; e.Why != "unheld" {
		t.Errorf("told %+v", e)
	}
}

// TestRequestsOnTheirWay: what a page asks beside the registration of its session is answered, though
// it has no bound cookie yet; soon after nothing is.
func TestRequestsOnTheirWay(t *testing.T) {
	t.Parallel()
	l := lab(t)
	l.Member("app", ada)
	b := newTab(l)
	b.Slow = true
	b.login().Is(200)
	onItsWay := b.thief()
	b.Register(t.Context())
	b.did("registered")
	l.Clock.Pass(5 * time.Second)
	onItsWay.session().Is(200)
	stranger := onItsWay.thief()
	stranger.Cookies.Drop(known)
	stranger.session().Is(401)
	l.Clock.Pass(5 * time.Second)
	onItsWay.session().Is(401)
	b.session().Is(200)
}

package walk

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// walkTime is how long each configuration is walked; STAGEDOOR_WALK, a duration, says
// otherwise. A walk that fails is looked into for as long as that takes.
func walkTime(t *testing.T) time.Duration {
	set := os.Getenv("STAGEDOOR_WALK")
	if set == "" {
		return 3 * time.Second
	}
	d, err := time.ParseDuration(set)
	if err != nil {
		t.Fatalf("STAGEDOOR_WALK: %v", err)
	}
	return d
}

// walks are the configurations that are walked.
func walks() map[string]demands {
	everything := func(c *config.Config, o *server.Options) {
		c.Account.LoginByCodeEnabled, c.Account.LoginByCodeSupportsResend = true, 2
		c.MFA.TrustEnabled = true
	}
	return map[string]demands{
		"link": {email: true, setUp: everything},
		"code": {email: true, mailCodes: true, resetCodes: true, setUp: func(c *config.Config, o *server.Options) {
			everything(c, o)
			suite.ByCode(c, o)
			c.Account.PasswordResetByCodeEnabled = true
		}},
		"required": {email: true, mailCodes: true, resetCodes: true, code: true, loginOnReset: true, setUp: func(c *config.Config, o *server.Options) {
			everything(c, o)
			suite.ByCode(c, o)
			c.Account.LoginByCodeRequired.All, c.Account.LoginByCodeTrustEnabled = true, true
			c.Account.PasswordResetByCodeEnabled, c.Account.LoginOnPasswordReset = true, true
		}},
		"phone": {phone: true, loginOnReset: true, setUp: func(c *config.Config, o *server.Options) {
			everything(c, o)
			c.Account.LoginMethods = []string{"phone", "email"}
			c.Account.SignupFields = []string{"phone*", "email", "password1"}
			c.Account.EmailVerification, c.Account.PhoneVerificationSupportsResend = "optional", 2
			c.Account.LoginOnPasswordReset = true
			c.SMS.Supplied, o.SMS = true, o.Mail
		}},
	}
}

// walk is one random walk: clients that share a server and two accounts, and the model
// that says what each has proved.
type walk struct {
	*suite.Lab
	// n tells walks on one server apart: what one makes up, no other does.
	n       int
	rt      *rapid.T
	demands demands
	people  [2]*person
	clients []*suite.Client
	// held are the tokens in use, dead those that must be good for nothing.
	held map[string]*holding
	dead map[string]string
	// trusts are what browsers may leave out, the last one counting.
	trusts map[*suite.Client][]trusted
	links  []link
	// shams are passwords of sign-ups with an address that was somebody's already: they
	// lead into a run, and never further.
	shams     map[string]bool
	seen      []string
	passwords []string
	numbers   int
	read      int
	granted   *int
	// willing is a client that does what is asked of it, nil for one that does anything;
	// meant is who it is.
	willing *suite.Client
	meant   *person
}

// walkTB reports to the walk, so that it is made shorter and can be repeated.
type walkTB struct {
	testing.TB
	rt     *rapid.T
	failed *bool
}

func (w walkTB) Helper() {}

func (w walkTB) Failed() bool { return w.rt.Failed() }

func (w walkTB) Logf(f string, a ...any) { w.rt.Logf(f, a...) }

func (w walkTB) Error(a ...any) { *w.failed = true; w.rt.Error(a...) }

func (w walkTB) Errorf(f string, a ...any) { *w.failed = true; w.rt.Errorf(f, a...) }

func (w walkTB) Fatal(a ...any) { *w.failed = true; w.rt.Fatal(a...) }

func (w walkTB) Fatalf(f string, a ...any) { *w.failed = true; w.rt.Fatalf(f, a...) }

// TestWalk lets clients do what they may and what they may not, in any order, and holds
// every answer against the model: no session without every proof that the configuration
// asks of that account, never another account's session, always a next move, no secret
// told, and what has ended stays so. -rapid.seed repeats a walk, -rapid.checks is the
// most that are made.
func TestWalk(t *testing.T) {
	for name, d := range walks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := suite.NewLab(t, d.setUp)
			n, granted, failed, began, limit := 0, 0, false, time.Now(), walkTime(t)
			rapid.Check(t, func(rt *rapid.T) {
				// A slow machine gets further than its first walk.
				if past := time.Since(began); !failed && (past > limit && granted > 0 || past > 10*limit) {
					return
				}
				n++
				w := newWalk(l, rt, d, n, &failed, &granted)
				rt.Repeat(w.moves())
				w.over()
			})
			// A walk that never gets anywhere would prove nothing.
			if !failed && granted == 0 {
				t.Errorf("%d walks led to no session", n)
			}
			t.Logf("%d walks, %d sessions", n, granted)
		})
	}
}

// newWalk begins a walk with accounts of its own.
func newWalk(l *suite.Lab, rt *rapid.T, d demands, n int, failed *bool, granted *int) *walk {
	own := *l
	own.T = walkTB{TB: l.T, rt: rt, failed: failed}
	w := &walk{
		Lab: &own, n: n, rt: rt, demands: d, held: make(map[string]*holding), dead: make(map[string]string),
		trusts: make(map[*suite.Client][]trusted), shams: make(map[string]bool), granted: granted,
	}
	for i := range w.people {
		w.people[i] = &person{email: fmt.Sprintf("walk%d.%d@example.com", n, i), phone: fmt.Sprintf("+4915112%06d", 2*n+i), spent: -1}
	}
	w.Quiet()
	w.read = len(w.Mails.Sent)
	w.clients = []*suite.Client{w.Client("app"), w.Client("browser")}
	w.clients = append(w.clients, w.clients[0].Twin(), w.clients[1].Twin())
	return w
}

// bearer is the token that a client holds.
func bearer(c *suite.Client) string {
	if c.Kind == "app" {
		return c.Token
	}
	return c.Cookie("sessionid")
}

// holding is what the model knows of the client's token.
func (w *walk) holding(c *suite.Client) *holding {
	if h := w.held[c.Kind+bearer(c)]; h != nil {
		return h
	}
	return &holding{last: make(map[string]*letter)}
}

// move is one request of a client; told is what the model makes of its answer.
func (w *walk) move(c *suite.Client, method, path string, body any, told func(h *holding, r *suite.Reply)) {
	// Two logins at one moment are one to a reset link.
	w.Clock.Pass(time.Millisecond)
	before, h := bearer(c), w.holding(c)
	r := c.Do(method, path, body)
	w.answered(r, false)
	if told != nil {
		told(h, r)
	}
	w.collect(h)
	w.settle(c, before, h, r)
}

// settle follows the token from before a request, and asks who is signed in now.
func (w *walk) settle(c *suite.Client, before string, h *holding, r *suite.Reply) {
	if now := bearer(c); now != before {
		if before != "" {
			w.dead[c.Kind+before] = r.What
			delete(w.held, c.Kind+before)
		}
		if h.over {
			h.session, h.over = nil, false
		}
		if now != "" {
			w.held[c.Kind+now] = h
		}
	}
	token := c.Kind + bearer(c)
	s := c.Session()
	w.answered(s, false)
	if s.Status != 200 {
		if s.Status != 401 && s.Status != 410 {
			w.T.Fatalf("after %s (%d): %s: %d", r.What, r.Status, s.What, s.Status)
		}
		if h.session != nil && !h.over && bearer(c) == token[len(c.Kind):] && w.held[token] == h {
			w.T.Fatalf("after %s (%d): the session of %s is gone", r.What, r.Status, h.session.email)
		}
		// A run of an old password may still be asked things; a session it never gets.
		if run := h.run; slices.Contains(flows(s), "mfa_trust*") && run != nil && run.about != nil && !run.passed && run.epoch == run.about.epoch {
			if m := w.missing(h, c, run.about); len(m) > 0 {
				w.T.Fatalf("after %s (%d): trust is offered without %q", r.What, r.Status, m)
			}
			run.passed = true
		}
		return
	}
	p := w.whois(s)
	switch {
	case w.dead[token] != "":
		w.T.Fatalf("after %s (%d): a session is alive again that ended by %s", r.What, r.Status, w.dead[token])
	case h.over:
		w.T.Fatalf("after %s (%d): a session of %s is alive that was ended", r.What, r.Status, p.email)
	case h.session != nil && h.session != p:
		w.T.Fatalf("after %s (%d): the session of %s is one of %s", r.What, r.Status, h.session.email, p.email)
	case h.session == nil:
		if m := w.missing(h, c, p); len(m) > 0 {
			w.T.Fatalf("after %s (%d): a session of %s without %q", r.What, r.Status, p.email, m)
		}
		*w.granted++
		p.logins++
		h.session, h.run = p, nil
	}
}

// whois is the person of whom an answer tells.
func (w *walk) whois(r *suite.Reply) *person {
	u := r.User()
	i := slices.IndexFunc(w.people[:], func(p *person) bool { return p.email == u.Email })
	if i < 0 || !w.people[i].exists {
		w.T.Fatalf("%s: a session of %+v, whom nobody signed up", r.What, u)
	}
	return w.people[i]
}

// over is the end of a walk: no token that ended is good for anything.
func (w *walk) over() {
	for token, h := range w.held {
		if h.over {
			w.dead[token] = "what another client did"
		}
	}
	for token, why := range w.dead {
		kind := "app"
		if token[:3] != "app" {
			kind = "browser"
		}
		c := w.Client(kind)
		c.Token = token[len(kind):]
		r := c.Send("GET", "/auth/session", nil, "Cookie", "sessionid="+c.Token)
		w.answered(r, false)
		if r.Status != 401 && r.Status != 410 {
			w.T.Fatalf("a token is good again (%d) that ended by %s", r.Status, why)
		}
	}
}

// flows are the ids of what an answer says can be done, those that wait with a star.
func flows(r *suite.Reply) (out []string) {
	var data struct {
		Flows []struct {
			ID      string
			Pending bool `json:"is_pending"`
		}
	}
	if json.Unmarshal(r.Data, &data) != nil {
		return nil
	}
	for _, f := range data.Flows {
		if f.Pending {
			f.ID += "*"
		}
		out = append(out, f.ID)
	}
	return out
}

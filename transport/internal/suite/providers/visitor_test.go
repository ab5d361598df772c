package providers

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// visitor is somebody at a client of one of the contracts who has a way through a provider.
type visitor interface {
	// leave begins a sign-in, or to connect, and is where the server sends to; or what it says
	// instead.
	leave(process string) (string, result)
	// back brings what the provider sent back.
	back(brought) result
	// who is signed in, by address; "" is nobody.
	who() string
	// fill gives the address that the provider did not.
	fill(email string)
	// verify verifies the address that the provider did not.
	verify(email string)
}

// result is what came of it. The zero result is that somebody is signed in, or connected.
type result struct {
	// code is the contract's: cancelled, unknown, ..., or the stage that waits.
	code string
	// cause is what is behind it at the provider, if anything is; status that of an answer in
	// JSON, 0 for a redirect.
	cause  string
	status int
}

// What comes of it where the provider gives no address, or none that it verified.
var (
	asked      = result{code: "provider_signup"}
	unverified = result{code: "verify_email"}
)

// well says that the provider's word was taken.
func (r result) well() bool { return r == (result{}) || r == asked || r == unverified }

// clock is the true time, with a head start.
type clock struct{ ahead atomic.Int64 }

func (c *clock) read() time.Time      { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// stage is a server before a provider.
type stage struct {
	*suite.Lab
	row
	*between
	*clock
	// again starts another server, that has asked for nothing yet.
	again func(...suite.SetUp) *stage
	// knew is how often metadata and keys had been asked for before it was there.
	knew [2]int
}

// stage starts a server before a provider.
func (r row) stage(t *testing.T, b *between, change ...suite.SetUp) *stage {
	t.Helper()
	s := &stage{row: r, between: b, clock: &clock{}, knew: [2]int{b.count("metadata"), b.count("jwks")}}
	s.again = func(change ...suite.SetUp) *stage { return r.stage(t, b, change...) }
	s.Lab = suite.NewLab(t, append([]suite.SetUp{func(c *config.Config, o *server.Options) {
		c.PublicURL, c.Rest.RedirectURIs = public, []string{page}
		c.Headless.FrontendURLs.ProviderError = public + "/error"
		c.SocialAccount.OpenIDConnectURLPrefix = "" // so that all kinds come back to one place
		c.SocialAccount.Providers = []config.Provider{r.provider(b.URL)}
		c.Account.EmailVerificationByCodeEnabled = true
		o.Now = s.read
	}}, change...)...)
	return s
}

// visitor is a new one.
func (s *stage) visitor(contract string) visitor {
	s.T.Helper()
	if contract == "plain" {
		return &plain{Script: s.Script()}
	}
	return &headless{Client: s.Browser()}
}

// member is somebody who has signed up with an address and a password and is signed in.
func (s *stage) member(contract, email string) visitor {
	s.T.Helper()
	if contract == "plain" {
		return &plain{Script: s.Insider(email)}
	}
	return &headless{Client: s.Member("browser", email)}
}

// made is how many accounts, sessions and connected accounts there are.
func (s *stage) made() [3]int {
	s.T.Helper()
	return [3]int{s.Count(`SELECT count(*) FROM accounts`), s.Count(`SELECT count(*) FROM sessions`), s.Count(`SELECT count(*) FROM providers`)}
}

// headless is a browser of the headless contract.
type headless struct{ *suite.Client }

func (h *headless) leave(process string) (string, result) {
	h.T.Helper()
	form := url.Values{"provider": {"acme"}, "callback_url": {"/here"}, "process": {process}}
	at := h.Away(form)
	if at.Path == "/here" {
		return "", h.arrived(at)
	}
	return at.String(), result{}
}

func (h *headless) back(b brought) result {
	h.T.Helper()
	to := strings.TrimPrefix(callback, public) + "?" + b.Encode()
	if b.form {
		// No cookie comes with a form of another site; then the browser comes again, by itself.
		to = h.Browser().Follow("POST", h.Site.String()+strings.TrimPrefix(callback, public), b.Values).String()
		to = strings.TrimPrefix(to, h.Site.String())
	}
	return h.arrived(h.Follow("GET", h.Site.String()+to, nil))
}

// arrived is what a front end makes of where the browser is sent.
func (h *headless) arrived(at *url.URL) result {
	h.T.Helper()
	if code := at.Query().Get("error"); code != "" {
		return result{code: code, cause: at.Query().Get("error_cause")}
	}
	if at.Path != "/here" {
		h.T.Errorf("sent to %s", at)
	}
	session := h.Session()
	if session.Status == 200 {
		return result{}
	}
	var data struct {
		Flows []struct {
			ID      string `json:"id"`
			Pending bool   `json:"is_pending"`
		}
	}
	if err := json.Unmarshal(session.Data, &data); err != nil {
		h.T.Error(err)
	}
	for _, flow := range data.Flows {
		if flow.Pending {
			return result{code: flow.ID}
		}
	}
	return result{code: "nothing"}
}

func (h *headless) who() string {
	h.T.Helper()
	if session := h.Session(); session.Status == 200 {
		return session.User().Email
	}
	return ""
}

func (h *headless) fill(email string) {
	h.T.Helper()
	h.Do("POST", "/auth/provider/signup", suite.M{"email": email}).Is(401).Pending("verify_email")
	h.verify(email)
}

func (h *headless) verify(email string) {
	h.T.Helper()
	h.Verify(h.Code(email)).Is(200)
}

// plain is a client of the plain contract.
type plain struct {
	*suite.Script
	flow string
}

func (p *plain) leave(process string) (string, result) {
	p.T.Helper()
	began := p.Post("/providers/acme/redirect/", suite.M{"process": process})
	p.flow = began.FlowToken
	return began.Redirect, resultOf(began)
}

func (p *plain) back(b brought) result {
	p.T.Helper()
	body := suite.M{"token": p.flow}
	for name := range b.Values {
		body[name] = b.Get(name)
	}
	answer := p.Post("/providers/acme/callback/", body)
	if answer.Flow != nil && answer.FlowToken != "" {
		p.flow = answer.FlowToken
		return result{code: *answer.Flow}
	}
	return resultOf(answer)
}

// resultOf is what an answer says.
func resultOf(answer *suite.Said) result {
	if answer.Status < 300 {
		return result{}
	}
	var said struct{ Cause map[string]string }
	if err := json.Unmarshal([]byte(answer.Raw), &said); err != nil {
		return result{code: err.Error(), status: answer.Status}
	}
	for field, codes := range answer.Codes {
		return result{code: strings.Join(codes, " "), cause: said.Cause[field], status: answer.Status}
	}
	return result{code: fmt.Sprintf("%.200s", answer.Raw), status: answer.Status}
}

func (p *plain) who() string {
	p.T.Helper()
	if p.Access == "" {
		return ""
	}
	if answer := p.Do("GET", "/user/", nil); answer.Status == 200 {
		return answer.User.Email
	}
	return ""
}

func (p *plain) fill(email string) {
	p.T.Helper()
	p.flow = p.Post("/stages/provider_signup/", suite.M{"token": p.flow, "email": email}).Is(401).Waits("verify_email").FlowToken
	p.verify(email)
}

func (p *plain) verify(email string) {
	p.T.Helper()
	p.Post("/email/verify/", suite.M{"token": p.flow, "key": p.Code(email)}).Is(200)
}

package pages

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stagedoor/transport/internal/dbsc"
)

// document is a path of the app, and the module that shows it.
type document struct{ path, module string }

// documents are the paths of the app; {key} is of a letter's link. The table of routes in
// app/main.js has the same.
func documents() []document {
	return []document{
		{"/{$}", "login.js"},
		{"/account/login", "login.js"},
		{"/account/code", "login.js"},
		{"/account/signup", "signup.js"},
		{"/account/step", "step.js"},
		{"/account/password/reset", "forgot.js"},
		{"/account/password/reset/key", "forgot.js"},
		{"/account/password/reset/key/{key}", "forgot.js"},
		{"/account/verify-email", "verify.js"},
		{"/account/verify-email/{key}", "verify.js"},
		{"/account/provider/callback", "verify.js"},
		{"/account", "account.js"},
		{"/account/{$}", "account.js"},
		{"/account/secure", "secure.js"},
		{"/account/email", "email.js"},
		{"/account/phone", "phone.js"},
		{"/account/password", "password.js"},
		{"/account/security", "security.js"},
		{"/account/security/totp", "totp.js"},
		{"/account/security/codes", "codes.js"},
		{"/account/providers", "providers.js"},
		{"/account/sessions", "sessions.js"},
	}
}

// known are the answers that the app would ask for first; session is nil where there is none.
type known struct{ session, config json.RawMessage }

// stands is where the visitor stands.
type stands int

const (
	signedOut stands = iota
	pending
	signedIn
)

func (k known) stands() stands {
	var s struct {
		Status int
		Data   struct {
			Flows []struct {
				Pending bool `json:"is_pending"`
			}
		}
	}
	if json.Unmarshal(k.session, &s) != nil {
		return signedOut
	}
	if s.Status == http.StatusOK {
		return signedIn
	}
	for _, f := range s.Data.Flows {
		if f.Pending {
			return pending
		}
	}
	return signedOut
}

// ask asks the contract who the visitor is, as their browser would; what it says to the browser goes
// into h. What the server offers is the same for everybody.
func (p *Page) ask(h http.Header, r *http.Request) known {
	session, said := p.answer(r, &url.URL{Path: p.Mount + "/browser/v1/auth/session"})
	for _, name := range []string{"Set-Cookie", dbsc.RegistrationHeader, "Clear-Site-Data"} {
		for _, value := range said.Values(name) {
			h.Add(name, value)
		}
	}
	k := known{session: session, config: p.offers}
	if k.stands() == signedOut && mayBeBound(r, said.Values("Set-Cookie")) {
		k.session = nil
	}
	return k
}

// mayBeBound reports whether the visitor may be signed in although the contract does not say so: a
// browser sends a request that a page of another host leads to without waiting for the cookie of its
// bound session. For what the app asks it waits.
func mayBeBound(r *http.Request, set []string) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "cross-site" && site != "same-site" {
		return false
	}
	taken := func(cookie string) bool { return strings.HasPrefix(cookie, sessionCookie+"=") }
	_, none := r.Cookie(sessionCookie)
	_, unbound := r.Cookie(dbsc.BoundCookie)
	return none == nil && unbound != nil && !slices.ContainsFunc(set, taken)
}

// sessionCookie is the cookie of the contract that has a session's token.
const sessionCookie = "sessionid"

// askOffers asks the contract what the server offers.
func (p *Page) askOffers() json.RawMessage {
	config, _ := p.answer(&http.Request{Header: http.Header{}}, &url.URL{Path: p.Mount + "/browser/v1/config", RawQuery: "features=true"})
	return config
}

// answer is the contract's to a GET, with its header. It is nil where it cannot answer now: the app
// then asks itself, and tells what is wrong.
func (p *Page) answer(r *http.Request, at *url.URL) (json.RawMessage, http.Header) {
	inner := r.Clone(r.Context())
	inner.Method, inner.URL, inner.RequestURI = http.MethodGet, at, at.RequestURI()
	inner.Body, inner.ContentLength = http.NoBody, 0
	inner.Header.Set("Accept", "application/json")
	for _, name := range []string{"Authorization", "X-Session-Token", "Content-Type", "Content-Length", "Origin"} {
		inner.Header.Del(name)
	}
	w := &answer{header: http.Header{}}
	p.API.ServeHTTP(w, inner)
	if w.status >= http.StatusInternalServerError || !json.Valid(w.body.Bytes()) {
		return nil, w.header
	}
	return w.body.Bytes(), w.header
}

// answer takes an answer within the process.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header are the answer's headers.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the first status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write keeps the body.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// pageData is what the app works with.
type pageData struct {
	Title      string            `json:"title"`
	Mount      string            `json:"mount"`
	AfterLogin string            `json:"after_login"`
	Next       string            `json:"next"`
	QR         string            `json:"qr"`
	Texts      map[string]string `json:"texts,omitempty"`
	Session    json.RawMessage   `json:"session,omitempty"`
	Config     json.RawMessage   `json:"config"`
	Sample     *sample           `json:"sample,omitempty"`
	Trust      float64           `json:"trust"`
	EmailAlone bool              `json:"email_alone"`
}

// data is the data of a document as JSON that can stand in HTML.
func (p *Page) data(r *http.Request, k known) ([]byte, error) {
	d := pageData{
		Title: p.Title, Mount: p.Mount, AfterLogin: p.AfterLogin, QR: qrPath, Texts: p.Theme.Texts, Session: k.session, Config: k.config,
		Trust: p.Trust.Seconds(), EmailAlone: p.EmailAlone,
	}
	if next := r.URL.Query().Get("next"); p.LeadsTo(next) {
		d.Next = next
	}
	if p.Extra.Sample {
		d.Sample = newSample()
	}
	return json.Marshal(d)
}

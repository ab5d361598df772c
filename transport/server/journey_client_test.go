package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// client is a person at one of the two kinds of client.
type client struct {
	*lab
	kind  string // browser or app
	token string // of an app
	http  *http.Client
	site  *url.URL
}

// reply is an answer.
type reply struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Raw    string
	Data   json.RawMessage
	Meta   struct {
		Authenticated *bool  `json:"is_authenticated"`
		Token         string `json:"session_token"`
		Secret        string `json:"secret"`
	}
	Errors []struct{ Code, Param string }
}

// kinds runs a test with both kinds of client.
func kinds(t *testing.T, f func(t *testing.T, kind string)) {
	for _, kind := range []string{"app", "browser"} {
		t.Run(kind, func(t *testing.T) { f(t, kind) })
	}
}

// client returns a new client of the kind.
func (l *lab) client(kind string) *client {
	l.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	site, err := url.Parse(l.url)
	if err != nil {
		l.t.Fatal(err)
	}
	c := &client{lab: l, kind: kind, http: &http.Client{Jar: jar, Timeout: 2 * patience}, site: site}
	if kind == "app" {
		c.http.Jar = nil
	} else {
		c.send("GET", "/config", nil)
	}
	return c
}

// app and browser return a new client.
func (l *lab) app() *client     { return l.client("app") }
func (l *lab) browser() *client { return l.client("browser") }

// twin is a client that holds the same token but learns nothing from this one's answers.
func (c *client) twin() *client {
	c.t.Helper()
	other := c.lab.client(c.kind)
	other.token = c.token
	if c.kind == "browser" {
		other.http.Jar.SetCookies(c.site, c.http.Jar.Cookies(c.site))
	}
	return other
}

// at is the same client before another server.
func (c *client) at(l *lab) *client {
	c.t.Helper()
	other := l.client(c.kind)
	other.token = c.token
	if c.kind == "browser" {
		other.http.Jar.SetCookies(other.site, c.http.Jar.Cookies(c.site))
	}
	return other
}

// cookie is the value of a cookie.
func (c *client) cookie(name string) string {
	for _, k := range c.http.Jar.Cookies(c.site) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// send asks for a path of the contract. Strings go as they are, other bodies as JSON. A
// status of 500 is nobody's fault but the server's: the test fails. The answer of an app
// is not taken over, see do.
func (c *client) send(method, path string, body any, headers ...string) *reply {
	c.t.Helper()
	r := &reply{t: c.t, what: c.kind + " " + method + " " + path}
	req, err := http.NewRequest(method, c.site.String()+"/_allauth/"+c.kind+"/v1"+path, bodyOf(body))
	if err != nil {
		c.t.Error(err)
		return r
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.kind == "app" && c.token != "" {
		req.Header.Set("X-Session-Token", c.token)
	}
	if c.kind == "browser" {
		req.Header.Set("X-CSRFToken", c.cookie("csrftoken"))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	got, err := c.http.Do(req)
	if err != nil {
		c.t.Errorf("%s: %v", r.what, err)
		return r
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		c.t.Errorf("%s: %v", r.what, err)
		return r
	}
	r.Status, r.Header, r.Raw = got.StatusCode, got.Header, string(raw)
	c.answered(method, "/"+c.kind+"/v1"+path, r.Status, r.Header, raw)
	r.decode()
	return r
}

func bodyOf(body any) io.Reader {
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(b)
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(b)
}

// decode reads the body, which is JSON with the status in it, whatever the status.
func (r *reply) decode() {
	r.t.Helper()
	var body struct {
		Status int
		Data   *json.RawMessage
		Meta   any
		Errors any
	}
	body.Data, body.Meta, body.Errors = &r.Data, &r.Meta, &r.Errors
	if err := json.Unmarshal([]byte(r.Raw), &body); err != nil || body.Status != r.Status {
		r.t.Errorf("%s: %d with a body that is not the contract's (%v): %.300s", r.what, r.Status, err, r.Raw)
	}
	if r.Status == http.StatusInternalServerError {
		r.t.Errorf("%s: 500", r.what)
	}
}

// do is send, with the token taken over as the contract asks of an app.
func (c *client) do(method, path string, body any, headers ...string) *reply {
	c.t.Helper()
	r := c.send(method, path, body, headers...)
	if c.kind == "app" {
		if r.Meta.Token != "" {
			c.token = r.Meta.Token
		}
		if r.Status == http.StatusGone {
			c.token = ""
		}
	}
	return r
}

// is fails the test unless the status is the wanted one, and these errors came with it,
// "param:code" each.
func (r *reply) is(status int, errs ...string) *reply {
	r.t.Helper()
	if r.Status != status || strings.Join(r.codes(), " ") != strings.Join(errs, " ") {
		r.t.Fatalf("%s: %d %v, want %d %v\n%.600s", r.what, r.Status, r.codes(), status, errs, r.Raw)
	}
	return r
}

// codes are the errors, "param:code" each.
func (r *reply) codes() []string {
	var out []string
	for _, e := range r.Errors {
		out = append(out, e.Param+":"+e.Code)
	}
	return out
}

// pending fails the test unless exactly these stages wait for the client. A client for
// whom none waits is told so.
func (r *reply) pending(ids ...string) *reply {
	r.t.Helper()
	var data struct {
		Flows []struct {
			ID      string
			Pending bool `json:"is_pending"`
			Types   []string
		}
	}
	if err := json.Unmarshal(r.Data, &data); err != nil {
		r.t.Fatalf("%s: no list of flows: %v\n%.600s", r.what, err, r.Raw)
	}
	var got []string
	for _, f := range data.Flows {
		if f.Pending {
			got = append(got, strings.Join(append([]string{f.ID}, f.Types...), " "))
		}
	}
	if strings.Join(got, ", ") != strings.Join(ids, ", ") {
		r.t.Fatalf("%s: pending %q, want %q", r.what, got, ids)
	}
	return r
}

// user is the person the answer says is signed in.
func (r *reply) user() (out struct {
	ID    int64
	Email string
}) {
	r.t.Helper()
	var data struct{ User *json.RawMessage }
	if err := json.Unmarshal(r.Data, &data); err != nil || data.User == nil {
		r.t.Fatalf("%s: nobody is signed in\n%.600s", r.what, r.Raw)
	}
	if err := json.Unmarshal(*data.User, &out); err != nil {
		r.t.Fatal(err)
	}
	return out
}

// methods are the authentications the answer tells of, by name.
func (r *reply) methods() []string {
	r.t.Helper()
	var data struct {
		Methods []struct{ Method, Type string }
	}
	if err := json.Unmarshal(r.Data, &data); err != nil {
		r.t.Fatal(err)
	}
	out := []string{}
	for _, m := range data.Methods {
		out = append(out, strings.TrimSpace(m.Method+" "+m.Type))
	}
	return out
}

// token is the session token the answer hands out, to an app or as a cookie.
func (r *reply) token() string {
	if r.Meta.Token != "" {
		return r.Meta.Token
	}
	for _, k := range (&http.Response{Header: r.Header}).Cookies() {
		if k.Name == "sessionid" {
			return k.Value
		}
	}
	return ""
}

const password = "correct-horse-7"

// signup makes an account with the password of all tests.
func (c *client) signup(email string) *reply {
	c.t.Helper()
	return c.do("POST", "/auth/signup", map[string]string{"email": email, "password": password})
}

// verify posts the key of a link, or a code.
func (c *client) verify(key string) *reply {
	c.t.Helper()
	return c.do("POST", "/auth/email/verify", map[string]string{"key": key})
}

// login gives the password.
func (c *client) login(email string) *reply {
	c.t.Helper()
	return c.do("POST", "/auth/login", map[string]string{"email": email, "password": password})
}

// factor gives a TOTP code or a recovery code.
func (c *client) factor(code string) *reply {
	c.t.Helper()
	return c.do("POST", "/auth/2fa/authenticate", map[string]string{"code": code})
}

// session asks who is signed in.
func (c *client) session() *reply {
	c.t.Helper()
	return c.do("GET", "/auth/session", nil)
}

// logout signs out; an app forgets its token.
func (c *client) logout() *reply {
	c.t.Helper()
	r := c.do("DELETE", "/auth/session", nil)
	c.token = ""
	return r
}

// unknown fails the test unless the client's token is worth nothing. An app is told and
// forgets it.
func (c *client) unknown() {
	c.t.Helper()
	if c.kind == "app" {
		c.session().is(410)
	}
	c.session().is(401).pending()
}

// totp is the code of a secret now.
func (l *lab) totp(secret string) string {
	l.t.Helper()
	code, err := totp.GenerateCode(secret, l.clock.read())
	if err != nil {
		l.t.Fatal(err)
	}
	return code
}

// member is an account that is verified and signed in, on a new client of the kind.
func (l *lab) member(kind, email string) *client {
	l.t.Helper()
	c := l.client(kind)
	c.signup(email).is(401).pending("verify_email")
	r := c.verify(l.code(email))
	if r.Status != 200 { // by link: verified, and nobody is signed in
		r.is(401).pending()
		c.login(email).is(200)
	}
	return c
}

// totpOn sets up TOTP and returns its secret. Signing up leaves no authentication
// behind, so the password is asked for where nothing else was.
func (c *client) totpOn() string {
	c.t.Helper()
	secret := c.do("GET", "/account/authenticators/totp", nil).is(404).Meta.Secret
	r := c.do("POST", "/account/authenticators/totp", map[string]string{"code": c.totp(secret)})
	if r.Status == 401 {
		c.do("POST", "/auth/reauthenticate", map[string]string{"password": password}).is(200)
		r = c.do("POST", "/account/authenticators/totp", map[string]string{"code": c.totp(secret)})
	}
	r.is(200)
	return secret
}

// guarded is an account with TOTP whose client waits for the second factor; the code of
// the present time step has not been used.
func (l *lab) guarded(kind, email string) (c *client, secret string) {
	l.t.Helper()
	c = l.member(kind, email)
	secret = c.totpOn()
	c.logout().is(401)
	l.clock.pass(30 * time.Second)
	c.login(email).is(401).pending("mfa_authenticate recovery_codes totp")
	l.clock.pass(time.Second)
	return c, secret
}

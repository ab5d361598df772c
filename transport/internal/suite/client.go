package suite

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

	"stagedoor/state"
)

// Client is a person at one of the two kinds of client.
type Client struct {
	*Lab
	Kind  string // browser or app
	Token string // of an app
	HTTP  *http.Client
	Site  *url.URL
}

// Reply is an answer.
type Reply struct {
	T      testing.TB
	What   string
	Status int
	Header http.Header
	Raw    string
	Data   json.RawMessage
	Meta   struct {
		Authenticated *bool  `json:"is_authenticated"`
		Token         string `json:"session_token"`
		Secret        string `json:"secret"`
		LogoutURL     string `json:"logout_url"`
	}
	Errors []struct{ Code, Param string }
}

// Kinds runs a test with both kinds of client.
func Kinds(t *testing.T, f func(t *testing.T, kind string)) {
	for _, kind := range []string{"app", "browser"} {
		t.Run(kind, func(t *testing.T) { f(t, kind) })
	}
}

// Client returns a new client of the kind.
func (l *Lab) Client(kind string) *Client {
	l.T.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.T.Fatal(err)
	}
	site, err := url.Parse(l.URL)
	if err != nil {
		l.T.Fatal(err)
	}
	c := &Client{Lab: l, Kind: kind, HTTP: &http.Client{Jar: jar, Timeout: 2 * Patience}, Site: site}
	if kind == "app" {
		c.HTTP.Jar = nil
	} else {
		c.Send("GET", "/config", nil)
	}
	return c
}

// App returns a new client of an app.
func (l *Lab) App() *Client { return l.Client("app") }

// Browser returns a new client in a browser.
func (l *Lab) Browser() *Client { return l.Client("browser") }

// Twin is a client that holds the same token but learns nothing from this one's answers.
func (c *Client) Twin() *Client {
	c.T.Helper()
	other := c.Lab.Client(c.Kind)
	other.Token = c.Token
	if c.Kind == "browser" {
		other.HTTP.Jar.SetCookies(c.Site, c.HTTP.Jar.Cookies(c.Site))
	}
	return other
}

// At is the same client before another server.
func (c *Client) At(l *Lab) *Client {
	c.T.Helper()
	other := l.Client(c.Kind)
	other.Token = c.Token
	if c.Kind == "browser" {
		other.HTTP.Jar.SetCookies(other.Site, c.HTTP.Jar.Cookies(c.Site))
	}
	return other
}

// Cookie is the value of a cookie.
func (c *Client) Cookie(name string) string {
	for _, k := range c.HTTP.Jar.Cookies(c.Site) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// Send asks for a path of the contract. Strings go as they are, other bodies as JSON. A
// status of 500 is nobody's fault but the server's: the test fails. The answer of an app
// is not taken over, see do.
func (c *Client) Send(method, path string, body any, headers ...string) *Reply {
	c.T.Helper()
	r := &Reply{T: c.T, What: c.Kind + " " + method + " " + path}
	req, err := http.NewRequest(method, c.Site.String()+"/_allauth/"+c.Kind+"/v1"+path, bodyOf(body))
	if err != nil {
		c.T.Error(err)
		return r
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Kind == "app" && c.Token != "" {
		req.Header.Set("X-Session-Token", c.Token)
	}
	if c.Kind == "browser" {
		req.Header.Set("X-CSRFToken", c.Cookie("csrftoken"))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	got, err := c.HTTP.Do(req)
	if err != nil {
		c.T.Errorf("%s: %v", r.What, err)
		return r
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		c.T.Errorf("%s: %v", r.What, err)
		return r
	}
	r.Status, r.Header, r.Raw = got.StatusCode, got.Header, string(raw)
	c.answered(method, "/"+c.Kind+"/v1"+path, r.Status, r.Header, raw)
	r.Decode()
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

// Decode reads the body, which is JSON with the status in it, whatever the status.
func (r *Reply) Decode() {
	r.T.Helper()
	var body struct {
		Status int
		Data   *json.RawMessage
		Meta   any
		Errors any
	}
	body.Data, body.Meta, body.Errors = &r.Data, &r.Meta, &r.Errors
	if err := json.Unmarshal([]byte(r.Raw), &body); err != nil || body.Status != r.Status {
		r.T.Errorf("%s: %d with a body that is not the contract's (%v): %.300s", r.What, r.Status, err, r.Raw)
	}
	if r.Status == http.StatusInternalServerError {
		r.T.Errorf("%s: 500", r.What)
	}
}

// Do is send, with the token taken over as the contract asks of an app.
func (c *Client) Do(method, path string, body any, headers ...string) *Reply {
	c.T.Helper()
	r := c.Send(method, path, body, headers...)
	if c.Kind == "app" {
		if r.Meta.Token != "" {
			c.Token = r.Meta.Token
		}
		if r.Status == http.StatusGone {
			c.Token = ""
		}
	}
	return r
}

// Is fails the test unless the status is the wanted one, and these errors came with it,
// "param:code" each.
func (r *Reply) Is(status int, errs ...string) *Reply {
	r.T.Helper()
	if r.Status != status || strings.Join(r.Codes(), " ") != strings.Join(errs, " ") {
		r.T.Fatalf("%s: %d %v, want %d %v\n%.600s", r.What, r.Status, r.Codes(), status, errs, r.Raw)
	}
	return r
}

// Codes are the errors, "param:code" each.
func (r *Reply) Codes() []string {
	var out []string
	for _, e := range r.Errors {
		out = append(out, e.Param+":"+e.Code)
	}
	return out
}

// Pending fails the test unless exactly these stages wait for the client. A client for
// whom none waits is told so.
func (r *Reply) Pending(ids ...string) *Reply {
	r.T.Helper()
	var data struct {
		Flows []struct {
			ID      string
			Pending bool `json:"is_pending"`
			Types   []string
		}
	}
	if err := json.Unmarshal(r.Data, &data); err != nil {
		r.T.Fatalf("%s: no list of flows: %v\n%.600s", r.What, err, r.Raw)
	}
	var got []string
	for _, f := range data.Flows {
		if f.Pending {
			got = append(got, strings.Join(append([]string{f.ID}, f.Types...), " "))
		}
	}
	if strings.Join(got, ", ") != strings.Join(ids, ", ") {
		r.T.Fatalf("%s: pending %q, want %q", r.What, got, ids)
	}
	return r
}

// User is the person the answer says is signed in.
func (r *Reply) User() (out struct {
	ID    state.AccountID
	Email string
}) {
	r.T.Helper()
	var data struct{ User *json.RawMessage }
	if err := json.Unmarshal(r.Data, &data); err != nil || data.User == nil {
		r.T.Fatalf("%s: nobody is signed in\n%.600s", r.What, r.Raw)
	}
	if err := json.Unmarshal(*data.User, &out); err != nil {
		r.T.Fatal(err)
	}
	return out
}

// Methods are the authentications the answer tells of, by name.
func (r *Reply) Methods() []string {
	r.T.Helper()
	var data struct {
		Methods []struct{ Method, Type string }
	}
	if err := json.Unmarshal(r.Data, &data); err != nil {
		r.T.Fatal(err)
	}
	out := []string{}
	for _, m := range data.Methods {
		out = append(out, strings.TrimSpace(m.Method+" "+m.Type))
	}
	return out
}

// Token is the session token the answer hands out, to an app or as a cookie.
func (r *Reply) Token() string {
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

// Password is that of all tests.
const Password = "correct-horse-7"

// Signup makes an account with the password of all tests.
func (c *Client) Signup(email string) *Reply {
	c.T.Helper()
	return c.Do("POST", "/auth/signup", map[string]string{"email": email, "password": Password})
}

// Verify posts the key of a link, or a code.
func (c *Client) Verify(key string) *Reply {
	c.T.Helper()
	return c.Do("POST", "/auth/email/verify", map[string]string{"key": key})
}

// Login gives the password.
func (c *Client) Login(email string) *Reply {
	c.T.Helper()
	return c.Do("POST", "/auth/login", map[string]string{"email": email, "password": Password})
}

// Factor gives a TOTP code or a recovery code.
func (c *Client) Factor(code string) *Reply {
	c.T.Helper()
	return c.Do("POST", "/auth/2fa/authenticate", map[string]string{"code": code})
}

// Session asks who is signed in.
func (c *Client) Session() *Reply {
	c.T.Helper()
	return c.Do("GET", "/auth/session", nil)
}

// Logout signs out; an app forgets its token.
func (c *Client) Logout() *Reply {
	c.T.Helper()
	r := c.Do("DELETE", "/auth/session", nil)
	c.Token = ""
	return r
}

// Unknown fails the test unless the client's token is worth nothing. An app is told and
// forgets it.
func (c *Client) Unknown() {
	c.T.Helper()
	if c.Kind == "app" {
		c.Session().Is(410)
	}
	c.Session().Is(401).Pending()
}

// TOTP is the code of a secret now.
func (l *Lab) TOTP(secret string) string {
	l.T.Helper()
	code, err := totp.GenerateCode(secret, l.Clock.Read())
	if err != nil {
		l.T.Fatal(err)
	}
	return code
}

// Member is an account that is verified and signed in, on a new client of the kind.
func (l *Lab) Member(kind, email string) *Client {
	l.T.Helper()
	c := l.Client(kind)
	c.Signup(email).Is(401).Pending("verify_email")
	r := c.Verify(l.Code(email))
	if r.Status != 200 { // by link: verified, and nobody is signed in
		r.Is(401).Pending()
		c.Login(email).Is(200)
	}
	return c
}

// Prove proves with the password that it is still the same person.
func (c *Client) Prove() {
	c.T.Helper()
	c.Do("POST", "/auth/reauthenticate", map[string]string{"password": Password}).Is(200)
}

// TOTPOn sets up TOTP and returns its secret. The password is given again for it.
func (c *Client) TOTPOn() string {
	c.T.Helper()
	c.Prove()
	secret := c.Do("GET", "/account/authenticators/totp", nil).Is(404).Meta.Secret
	c.Do("POST", "/account/authenticators/totp", map[string]string{"code": c.TOTP(secret)}).Is(200)
	return secret
}

// Guarded is an account with TOTP whose client waits for the second factor; the code of
// the present time step has not been used.
func (l *Lab) Guarded(kind, email string) (c *Client, secret string) {
	l.T.Helper()
	c = l.Member(kind, email)
	secret = c.TOTPOn()
	c.Logout().Is(401)
	l.Clock.Pass(30 * time.Second)
	c.Login(email).Is(401).Pending("mfa_authenticate recovery_codes totp")
	l.Clock.Pass(time.Second)
	return c, secret
}

package server

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
)

// script is a client of the plain contract: net/http and nothing else.
type script struct {
	*lab
	// access is the bearer token it sends, if any.
	access string
}

// said is an answer of the plain contract.
type said struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Raw    string

	Access    string `json:"access_token"`
	Type      string `json:"token_type"`
	ExpiresIn int    `json:"expires_in"`
	Refresh   string `json:"refresh_token"`
	User      *struct {
		ID                       int64
		Email, Username, Display string
	}
	Flow      *string
	Pending   *bool
	FlowToken string `json:"flow_token"`
	MFAToken  string `json:"mfa_token"`
	Sent      bool   `json:"verification_sent"`
	Verified  bool
	Secret    string
	URL       string `json:"totp_url"`
	QR        string `json:"qr_code"`
	Redirect  string `json:"redirect_url"`
	Codes     map[string][]string
	Errors    map[string][]string
	Flows     []struct{ ID string }
	Providers []struct{ ID, Name string }
	Unused    []string `json:"unused_codes"`
}

// m is a body.
type m = map[string]any

// dev is what the command dev runs, with mail and clock in the test's hands.
func dev(c *config.Config, _ *Options) {
	made := *c
	*c = config.Dev()
	c.Listen, c.DataDir, c.Mail.Supplied = made.Listen, made.DataDir, true
	c.Account.RateLimits, c.Hashing = made.Account.RateLimits, made.Hashing
}

// codes verifies addresses, and resets passwords, by code.
func codes(c *config.Config, o *Options) {
	byCode(c, o)
	c.Account.PasswordResetByCodeEnabled = true
}

// jwt makes access tokens signed ones.
func jwt(c *config.Config, _ *Options) { c.Headless.TokenStrategy = "jwt" }

// script returns a client without a token.
func (l *lab) script() *script { return &script{lab: l} }

// send asks for a path below /auth. A status of 500 fails the test.
func (s *script) send(method, path string, body any, headers ...string) *said {
	s.t.Helper()
	out := &said{t: s.t, what: method + " /auth" + path}
	req, err := http.NewRequest(method, s.url+"/auth"+path, bodyOf(body))
	if err != nil {
		s.t.Error(err)
		return out
	}
	if s.access != "" {
		req.Header.Set("Authorization", "Bearer "+s.access)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	got, err := (&http.Client{Timeout: 2 * patience}).Do(req)
	if err != nil {
		s.t.Errorf("%s: %v", out.what, err)
		return out
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Errorf("%s: %v", out.what, err)
	}
	out.Status, out.Header, out.Raw = got.StatusCode, got.Header, string(raw)
	if err := json.Unmarshal(raw, out); err != nil {
		s.t.Errorf("%s: %d with a body that is no JSON: %.200s", out.what, out.Status, raw)
	}
	s.described(method, path, out.Status, got.Header, raw)
	if out.Status == http.StatusInternalServerError || len(got.Header["Set-Cookie"]) > 0 {
		s.t.Errorf("%s: %d with cookies %q", out.what, out.Status, got.Header["Set-Cookie"])
	}
	return out
}

// do is send; an access token in the answer is kept.
func (s *script) do(method, path string, body any) *said {
	s.t.Helper()
	r := s.send(method, path, body)
	if r.Access != "" {
		s.access = r.Access
	}
	return r
}

// post is do with a POST.
func (s *script) post(path string, body any) *said {
	s.t.Helper()
	return s.do("POST", path, body)
}

// is fails the test unless the status is the wanted one, and these errors came with it,
// "field:code" each, in the order of fields; none named, none looked at.
func (r *said) is(status int, errs ...string) *said {
	r.t.Helper()
	var got []string
	for _, field := range slices.Sorted(maps.Keys(r.Codes)) {
		for _, code := range r.Codes[field] {
			got = append(got, field+":"+code)
		}
	}
	if len(errs) == 0 {
		got = nil
	}
	if r.Status != status || strings.Join(got, " ") != strings.Join(errs, " ") || (status == 400 && len(r.Codes) != len(r.Errors)) {
		r.t.Fatalf("%s: %d, want %d with %q\n%.600s", r.what, r.Status, status, errs, r.Raw)
	}
	return r
}

// waits fails the test unless the answer is exactly that a stage is pending.
func (r *said) waits(flow string) *said {
	r.t.Helper()
	if r.Flow == nil || *r.Flow != flow || r.Pending == nil || !*r.Pending || r.FlowToken == "" || r.Access != "" {
		r.t.Fatalf("%s: %d, want %s pending\n%.600s", r.what, r.Status, flow, r.Raw)
	}
	return r
}

// stranger fails the test unless the answer is the plain 401.
func (r *said) stranger() *said {
	r.t.Helper()
	r.is(401)
	if !strings.HasPrefix(r.Raw, `{"flow":null,"pending":false,"flows":[`) || len(r.Flows) == 0 {
		r.t.Fatalf("%s: not the plain 401: %s", r.what, r.Raw)
	}
	return r
}

// entered fails the test unless the answer signs in.
func (r *said) entered(email string) *said {
	r.t.Helper()
	r.is(200)
	if r.Access == "" || r.Type != "Bearer" || r.ExpiresIn <= 0 || r.User == nil || r.User.Email != email || r.User.ID <= 0 || r.User.Display == "" {
		r.t.Fatalf("%s: nobody is signed in: %.600s", r.what, r.Raw)
	}
	return r
}

// somebody makes a verified account and returns a client without a token.
func (l *lab) somebody(email string) *script {
	l.t.Helper()
	s := l.script()
	r := s.post("/signup/", m{"email": email, "password": password}).is(200).waits("verify_email")
	if !r.Sent {
		l.t.Fatalf("no verification_sent: %s", r.Raw)
	}
	v := s.post("/email/verify/", m{"key": l.code(email), "token": r.FlowToken}).is(200)
	if !v.Verified {
		l.t.Fatalf("not verified: %s", v.Raw)
	}
	s.access = ""
	return s
}

// insider is somebody who has signed in with the password.
func (l *lab) insider(email string) *script {
	l.t.Helper()
	s := l.somebody(email)
	s.post("/login/", m{"email": email, "password": password}).entered(email)
	return s
}

// totpOn sets up TOTP and returns its secret; the clock moves on, so that the next code
// has not been used.
func (s *script) totpOn() string {
	s.t.Helper()
	r := s.post("/mfa/totp/add/", m{}).is(200)
	s.post("/mfa/totp/confirm/", m{"secret": r.Secret, "code": s.totp(r.Secret)}).is(200)
	s.clock.pass(30 * time.Second)
	return r.Secret
}

package suite

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// Script is a client of the plain contract: net/http and nothing else.
type Script struct {
	*Lab
	// Access is the token it sends, if any, and Scheme how: as a bearer token where it is empty.
	Access, Scheme string
	// HTTP carries its requests; nil carries them as they are.
	HTTP http.RoundTripper
}

// Said is an answer of the plain contract.
type Said struct {
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
		ID                       state.AccountID
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

// M is a body.
type M = map[string]any

// Dev is what the command dev runs, with mail and clock in the test's hands.
func Dev(c *config.Config, _ *server.Options) {
	made := *c
	*c = config.Dev()
	c.Listen, c.DataDir, c.Mail.Supplied = made.Listen, made.DataDir, true
	c.Account.RateLimits, c.MFA.RateLimits, c.Hashing = made.Account.RateLimits, made.MFA.RateLimits, made.Hashing
}

// Codes verifies addresses, and resets passwords, by code.
func Codes(c *config.Config, o *server.Options) {
	ByCode(c, o)
	c.Account.PasswordResetByCodeEnabled = true
}

// JWT makes access tokens signed ones.
func JWT(c *config.Config, _ *server.Options) { c.Headless.TokenStrategy = "jwt" }

// Script returns a client without a token.
func (l *Lab) Script() *Script { return &Script{Lab: l} }

// Send asks for a path below /auth. A status of 500 fails the test.
func (s *Script) Send(method, path string, body any, headers ...string) *Said {
	s.T.Helper()
	out := &Said{t: s.T, what: method + " /auth" + path}
	req, err := http.NewRequest(method, s.URL+"/auth"+path, bodyOf(body))
	if err != nil {
		s.T.Error(err)
		return out
	}
	if s.Access != "" {
		req.Header.Set("Authorization", cmp.Or(s.Scheme, "Bearer")+" "+s.Access)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	got, err := (&http.Client{Timeout: 2 * Patience, Transport: s.HTTP}).Do(req)
	if err != nil {
		s.T.Errorf("%s: %v", out.what, err)
		return out
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		s.T.Errorf("%s: %v", out.what, err)
	}
	out.Status, out.Header, out.Raw = got.StatusCode, got.Header, string(raw)
	if err := json.Unmarshal(raw, out); err != nil {
		s.T.Errorf("%s: %d with a body that is no JSON: %.200s", out.what, out.Status, raw)
	}
	s.described(method, path, out.Status, got.Header, raw)
	if out.Status == http.StatusInternalServerError || len(got.Header["Set-Cookie"]) > 0 {
		s.T.Errorf("%s: %d with cookies %q", out.what, out.Status, got.Header["Set-Cookie"])
	}
	return out
}

// Do is send; an access token in the answer is kept.
func (s *Script) Do(method, path string, body any) *Said {
	s.T.Helper()
	r := s.Send(method, path, body)
	if r.Access != "" {
		s.Access, s.Scheme = r.Access, r.Type
	}
	return r
}

// Post is do with a POST.
func (s *Script) Post(path string, body any) *Said {
	s.T.Helper()
	return s.Do("POST", path, body)
}

// Is fails the test unless the status is the wanted one, and these errors came with it,
// "field:code" each, in the order of fields; none named, none looked at.
func (r *Said) Is(status int, errs ...string) *Said {
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

// Waits fails the test unless the answer is exactly that a stage is pending.
func (r *Said) Waits(flow string) *Said {
	r.t.Helper()
	if r.Flow == nil || *r.Flow != flow || r.Pending == nil || !*r.Pending || r.FlowToken == "" || r.Access != "" {
		r.t.Fatalf("%s: %d, want %s pending\n%.600s", r.what, r.Status, flow, r.Raw)
	}
	return r
}

// Stranger fails the test unless the answer is the plain 401.
func (r *Said) Stranger() *Said {
	r.t.Helper()
	r.Is(401)
	if !strings.HasPrefix(r.Raw, `{"flow":null,"pending":false,"flows":[`) || len(r.Flows) == 0 {
		r.t.Fatalf("%s: not the plain 401: %s", r.what, r.Raw)
	}
	return r
}

// Entered fails the test unless the answer signs in.
func (r *Said) Entered(email string) *Said {
	r.t.Helper()
	r.Is(200)
	if r.Access == "" || r.Type != "Bearer" || r.ExpiresIn <= 0 || r.User == nil || r.User.Email != email || r.User.ID == "" || r.User.Display == "" {
		r.t.Fatalf("%s: nobody is signed in: %.600s", r.what, r.Raw)
	}
	return r
}

// Somebody makes a verified account and returns a client without a token.
func (l *Lab) Somebody(email string) *Script {
	l.T.Helper()
	s := l.Script()
	r := s.Post("/signup/", M{"email": email, "password": Password}).Is(200).Waits("verify_email")
	if !r.Sent {
		l.T.Fatalf("no verification_sent: %s", r.Raw)
	}
	v := s.Post("/email/verify/", M{"key": l.Code(email), "token": r.FlowToken}).Is(200)
	if !v.Verified {
		l.T.Fatalf("not verified: %s", v.Raw)
	}
	s.Access = ""
	return s
}

// Insider is somebody who has signed in with the password.
func (l *Lab) Insider(email string) *Script {
	l.T.Helper()
	s := l.Somebody(email)
	s.Post("/login/", M{"email": email, "password": Password}).Entered(email)
	return s
}

// Prove proves with the password that it is still the same person.
func (s *Script) Prove() {
	s.T.Helper()
	s.Post("/stages/reauthenticate/", M{"password": Password}).Is(200)
}

// TOTPOn sets up TOTP and returns its secret; the clock moves on, so that the next code
// has not been used.
func (s *Script) TOTPOn() string {
	s.T.Helper()
	s.Prove()
	return s.SetTOTP()
}

// SetTOTP is TOTPOn for somebody who has just proved that it is still the same person.
func (s *Script) SetTOTP() string {
	s.T.Helper()
	r := s.Post("/mfa/totp/add/", M{}).Is(200)
	s.Post("/mfa/totp/confirm/", M{"secret": r.Secret, "code": s.TOTP(r.Secret)}).Is(200)
	s.Clock.Pass(30 * time.Second)
	return r.Secret
}

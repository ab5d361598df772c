package server_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// outside is what browsers and apps call the server of a lab that binds sessions.
const outside = "https://auth.example.com"

// binding is a server for both contracts that binds sessions as a setting says, and wants no
// address verified.
func binding(setting string) suite.SetUp {
	return func(c *config.Config, _ *server.Options) {
		c.PublicURL, c.Account.EmailVerification = outside, "none"
		c.Session.DeviceBound = setting
		c.Headless.Extended = true
	}
}

// inside carries requests to a handler with no network between.
type inside struct{ http.Handler }

// RoundTrip answers a request.
func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	// What asks for a request is told from what works beside it by what net/http hands on.
	in := r.Clone(context.WithValue(r.Context(), http.ServerContextKey, i.Handler))
	in.RequestURI, in.Host, in.RemoteAddr = r.URL.RequestURI(), r.URL.Host, "192.0.2.1:1234"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	i.ServeHTTP(w, in)
	return w.Result(), nil
}

// browser is one that binds its sessions, or with slow one that knows nothing of it.
func browser(l *suite.Lab, by http.RoundTripper, slow bool) *device.Browser {
	return device.NewBrowser(device.BrowserConfig{HTTP: by, Now: l.Clock.Read, Entropy: rand.Reader, Slow: slow})
}

// app is one that shows with every request that it holds its key.
func app(t testing.TB, l *suite.Lab) *device.Holder {
	t.Helper()
	key, err := device.NewKey(device.ES256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device.Holder{Key: key, HTTP: inside{l.Server}, Now: l.Clock.Read, Entropy: rand.Reader}
}

// send sends a request of a client to a lab and returns the status and the body of the answer. Headers
// are names and values in turn.
func send(t testing.TB, l *suite.Lab, by http.RoundTripper, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, l.Config.Origin()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if b, ok := by.(*device.Browser); ok {
		r.Header.Set("Origin", l.Config.Origin())
		r.Header.Set("X-CSRFToken", b.Cookies.Value("csrftoken"))
	}
	answer, err := by.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var text json.RawMessage
	if err := json.NewDecoder(answer.Body).Decode(&text); err != nil {
		t.Fatalf("%s %s: %s, %v", method, path, answer.Status, err)
	}
	return answer.StatusCode, string(text)
}

// headlessBrowser and headlessApp are where browsers and apps find the contract.
const (
	headlessBrowser = "/_allauth/browser/v1"
	headlessApp     = "/_allauth/app/v1"
)

// joinApp makes somebody an account in an app, and returns the session's token.
func joinApp(t testing.TB, l *suite.Lab, by http.RoundTripper, email string) string {
	t.Helper()
	status, body := send(t, l, by, "POST", headlessApp+"/auth/signup", `{"email":"`+email+`","password":"`+suite.Password+`"}`)
	var got struct {
		Meta struct {
			Token string `json:"session_token"`
		} `json:"meta"`
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || got.Meta.Token == "" {
		t.Fatalf("sign-up: %d, %v, %s", status, err, body)
	}
	return got.Meta.Token
}

// join makes somebody an account, signed in in a browser.
func join(t testing.TB, l *suite.Lab, b *device.Browser, email string) {
	t.Helper()
	send(t, l, b, "GET", headlessBrowser+"/config", "")
	if status, body := send(t, l, b, "POST", headlessBrowser+"/auth/signup", `{"email":"`+email+`","password":"`+suite.Password+`"}`); status != http.StatusOK {
		t.Fatalf("sign-up: %d, %s", status, body)
	}
}

package bound

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// site is where browsers find the server.
const site = "https://auth.example.com"

const (
	ada    = "ada@example.com"
	cookie = "__Host-stagedoor_bound"
	known  = "__Host-stagedoor_device"
)

// lab is a server that is behind TLS and offers browsers to bind.
func lab(t *testing.T, change ...suite.SetUp) *suite.Lab {
	t.Helper()
	return suite.NewLab(t, append([]suite.SetUp{func(c *config.Config, _ *server.Options) {
		c.PublicURL, c.Session.DeviceBound = site, "offer"
	}}, change...)...)
}

// wire carries requests to the server that is behind it now.
type wire struct{ to http.Handler }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	in := httptest.NewRequest(r.Method, r.URL.String(), r.Body)
	in.Header, in.Host = r.Header.Clone(), r.URL.Host
	out := httptest.NewRecorder()
	w.to.ServeHTTP(out, in.WithContext(r.Context()))
	return out.Result(), nil
}

// tab is a page of ours in a browser.
type tab struct {
	*suite.Lab
	*device.Browser
	wire *wire
}

func newTab(l *suite.Lab) tab {
	w := &wire{l.Server}
	return tab{l, device.NewBrowser(device.BrowserConfig{HTTP: w, Now: l.Clock.Read, Entropy: rand.Reader}), w}
}

// unbound is the browser of a member who has just signed in, and has not registered a key yet.
func unbound(l *suite.Lab) tab {
	l.T.Helper()
	member(l)
	b := newTab(l)
	b.Slow = true
	b.login().Is(200)
	return b
}

// thief is another browser with all the cookies of this one.
func (b tab) thief() tab {
	other := newTab(b.Lab)
	other.Cookies.Copy(b.Cookies)
	return other
}

// send asks as a page of the site does: it knows the token against forgery.
func (b tab) send(method, path string, body any, headers ...string) *suite.Reply {
	b.T.Helper()
	r := &suite.Reply{T: b.T, What: method + " " + path}
	raw, err := json.Marshal(body)
	if err != nil {
		b.T.Fatal(err)
	}
	req, err := http.NewRequestWithContext(b.T.Context(), method, site+"/_allauth/browser/v1"+path, nil)
	if err != nil {
		b.T.Fatal(err)
	}
	if body != nil {
		req.Body = io.NopCloser(strings.NewReader(string(raw)))
		req.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		req.Header.Set("Origin", site)
		req.Header.Set("X-CSRFToken", b.Cookies.Value("csrftoken"))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	got, err := b.Browser.Client().Do(req)
	if err != nil {
		b.T.Fatal(err)
	}
	defer got.Body.Close()
	raw, err = io.ReadAll(got.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	r.Status, r.Header, r.Raw = got.StatusCode, got.Header, string(raw)
	r.Decode()
	return r
}

func (b tab) session() *suite.Reply {
	b.T.Helper()
	return b.send("GET", "/auth/session", nil)
}

// login signs in with the password of all tests.
func (b tab) login() *suite.Reply {
	b.T.Helper()
	b.send("GET", "/config", nil)
	return b.send("POST", "/auth/login", map[string]string{"email": ada, "password": suite.Password})
}

// member makes an account whose address is verified, from a browser that nobody sees again.
func member(l *suite.Lab) {
	l.T.Helper()
	b := newTab(l)
	b.send("GET", "/config", nil)
	b.send("POST", "/auth/signup", map[string]string{"email": ada, "password": suite.Password}).Is(401)
	b.send("POST", "/auth/email/verify", map[string]string{"key": l.Code(ada)}).Is(401)
}

// signedIn is a browser whose session is bound.
func signedIn(l *suite.Lab) tab {
	l.T.Helper()
	member(l)
	b := newTab(l)
	b.login().Is(200)
	b.did("registered")
	return b
}

// did fails the test unless the browser has done just that since it was last asked.
func (b tab) did(want ...string) {
	b.T.Helper()
	if got := b.Told(); !slices.Equal(got, want) {
		b.T.Errorf("the browser did %q, want %q", got, want)
	}
}

// post is what a browser posts by itself, to a path.
func (b tab) post(path string, headers ...string) *http.Response {
	b.T.Helper()
	req := httptest.NewRequest(http.MethodPost, site+path, nil)
	at, err := url.Parse(site)
	if err != nil {
		b.T.Fatal(err)
	}
	if pairs := b.Cookies.Header(at); pairs != "" {
		req.Header.Set("Cookie", pairs)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.wire.to.ServeHTTP(w, req)
	return w.Result()
}

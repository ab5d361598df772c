package stolen

import (
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// site is where everybody finds the servers.
const site = "https://stage.test"

// owner is the address of the one who has a session.
const owner = "ada@stage.test"

// binding runs servers by https, where sessions are bound as the word says.
func binding(mode string) suite.SetUp {
	return func(c *config.Config, _ *server.Options) {
		c.PublicURL, c.Session.DeviceBound = site, mode
		c.Account.EmailVerification = "none"
	}
}

// beside is a second server on the stores of a first one, with its clock and mail.
func beside(one *suite.Lab, change ...suite.SetUp) *suite.Lab {
	one.T.Helper()
	two := suite.NewLab(one.T, append(change, func(c *config.Config, o *server.Options) {
		c.DataDir, c.Redis.URL = one.Config.DataDir, one.Config.Redis.URL
		o.Now, o.Mail = one.Clock.Read, one.Mails
	})...)
	two.Clock, two.Mails = one.Clock, one.Mails
	return two
}

// carrier brings requests to a server, and keeps those that it has brought.
type carrier struct {
	to   atomic.Pointer[suite.Lab]
	seen func(*http.Request, *http.Response)
	// instead, if not nil, answers requests in the server's place; nil leaves one to it.
	instead func(*http.Request) *http.Response
}

func carrierTo(l *suite.Lab) *carrier {
	c := &carrier{}
	c.to.Store(l)
	return c
}

// RoundTrip answers a request.
func (c *carrier) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.instead != nil {
		if got := c.instead(req); got != nil {
			return got, nil
		}
	}
	in := req.Clone(req.Context())
	in.RequestURI, in.RemoteAddr, in.Host = req.URL.RequestURI(), "192.0.2.7:4711", req.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	c.to.Load().ServeHTTP(w, in)
	got := w.Result()
	if c.seen != nil {
		c.seen(in, got)
	}
	return got, nil
}

// entropies counts the sources of randomness, so that no two devices share a key.
var entropies atomic.Uint64

func entropy() io.Reader {
	n := entropies.Add(1)
	return rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), 'k'})
}

// hand is whoever sends requests: an owner or a thief.
type hand struct {
	t testing.TB
	*carrier
	by http.RoundTripper
	// browser or app is what it sends by; both are nil for a plain client.
	browser *device.Browser
	app     *device.Holder
	// jar is what a plain client sends as its cookies.
	jar string
	// token is an app's, access and refresh those of signed tokens and of the plain contract.
	token, access, refresh, run string
}

// newBrowser is somebody at a browser that binds.
func newBrowser(l *suite.Lab) *hand {
	c := carrierTo(l)
	b := device.NewBrowser(device.BrowserConfig{HTTP: c, Now: l.Clock.Read, Entropy: entropy(), Header: http.Header{"User-Agent": {"browser"}}})
	return &hand{t: l.T, carrier: c, by: b, browser: b}
}

// newApp is somebody at an app or a script that proves its key.
func newApp(l *suite.Lab) *hand {
	c := carrierTo(l)
	key, err := device.NewKey(device.ES256, entropy())
	if err != nil {
		l.T.Fatal(err)
	}
	a := &device.Holder{Key: key, HTTP: c, Now: l.Clock.Read, Entropy: entropy()}
	return &hand{t: l.T, carrier: c, by: a, app: a}
}

// newPlain is somebody at a client that knows nothing of keys.
func newPlain(l *suite.Lab) *hand {
	c := carrierTo(l)
	return &hand{t: l.T, carrier: c, by: c}
}

// told is an answer.
type told struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// is fails the test unless the status is the wanted one.
func (r *told) is(status int) *told {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: %d, want %d\n%.500s\n%v", r.what, r.status, status, r.raw, r.header)
	}
	return r
}

// text is a text of the answer, by its path; "" for none.
func (r *told) text(path ...string) string {
	var v any = r.body
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

// signedIn reports whether an answer says that somebody is, in any contract's words.
func (r *told) signedIn() bool {
	meta, _ := r.body["meta"].(map[string]any)
	return r.status < 300 || meta["is_authenticated"] == true || strings.Contains(r.raw, owner)
}

// send asks for an address or a path of the site. Headers come in pairs; "" takes one out.
func (h *hand) send(method, path string, body any, headers ...string) *told {
	h.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = site + path
	}
	var from io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			h.t.Fatal(err)
		}
		from = strings.NewReader(string(text))
	}
	req, err := http.NewRequest(method, address, from)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", site)
	req.Header.Set("User-Agent", "somebody")
	jar := h.jar
	if h.browser != nil {
		jar = h.browser.Cookies.Header(req.URL)
	} else if jar != "" {
		req.Header.Set("Cookie", jar)
	}
	for pair := range strings.SplitSeq(jar, "; ") {
		if crumb, ok := strings.CutPrefix(pair, "csrftoken="); ok {
			req.Header.Set("X-CSRFToken", crumb)
		}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Del(headers[i]); headers[i+1] != "" || http.CanonicalHeaderKey(headers[i]) == "Dpop" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	got, err := h.by.RoundTrip(req)
	if err != nil {
		h.t.Fatal(err)
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	r := &told{t: h.t, what: method + " " + path, status: got.StatusCode, header: got.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &r.body)
	if got.StatusCode >= 500 && got.StatusCode != http.StatusServiceUnavailable {
		h.t.Errorf("%s: %d", r.what, r.status)
	}
	return r
}

// web asks for a path of the headless contract for browsers.
func (h *hand) web(method, path string, body any, headers ...string) *told {
	h.t.Helper()
	return h.send(method, "/_allauth/browser/v1"+path, body, headers...)
}

// api asks for one of the contract for apps, with its token.
func (h *hand) api(method, path string, body any, headers ...string) *told {
	h.t.Helper()
	if h.token != "" {
		headers = append([]string{"X-Session-Token", h.token}, headers...)
	}
	r := h.send(method, "/_allauth/app/v1"+path, body, headers...)
	take(&h.token, r.text("meta", "session_token"))
	take(&h.access, r.text("meta", "access_token"))
	take(&h.refresh, r.text("meta", "refresh_token"))
	return r
}

// plain asks for one of the plain contract, with its token.
func (h *hand) plain(method, path string, body any, headers ...string) *told {
	h.t.Helper()
	if h.access != "" {
		scheme := "Bearer "
		if h.app != nil {
			scheme = "DPoP "
		}
		headers = append([]string{"Authorization", scheme + h.access}, headers...)
	}
	r := h.send(method, "/auth"+path, body, headers...)
	take(&h.access, r.text("access_token"))
	take(&h.refresh, r.text("refresh_token"))
	take(&h.run, r.text("flow_token"))
	return r
}

func take(into *string, text string) {
	if text != "" {
		*into = text
	}
}

// did is what the browser did of itself since it was last asked.
func (h *hand) did() string { return strings.Join(h.browser.Told(), ", ") }

// does fails the test unless it did this.
func (h *hand) does(want string) {
	h.t.Helper()
	if got := h.did(); got != want {
		h.t.Fatalf("the browser did %q, want %q", got, want)
	}
}

// password is the body of a sign-in.
func password() map[string]string {
	return map[string]string{"email": owner, "password": suite.Password}
}

// member makes the owner's account.
func member(l *suite.Lab) {
	l.T.Helper()
	if _, err := l.AddAccount(l.T.Context(), server.NewAccount{Email: owner, EmailVerified: true, Password: suite.Password}); err != nil {
		l.T.Fatal(err)
	}
}

// home is an owner at a browser whose session is bound.
func home(l *suite.Lab) *hand {
	l.T.Helper()
	h := newBrowser(l)
	h.web("GET", "/config", nil).is(200)
	h.web("POST", "/auth/login", password()).is(200)
	h.does("registered")
	h.web("GET", "/auth/session", nil).is(200)
	pass(l, settles)
	return h
}

// copied is a thief with all cookies of a browser, at one that knows nothing of keys.
func (h *hand) copied() *hand {
	h.t.Helper()
	thief := newPlain(h.to.Load())
	pairs := []string{}
	for name, value := range h.browser.Cookies.All() {
		pairs = append(pairs, name+"="+value)
	}
	thief.jar = strings.Join(pairs, "; ")
	return thief
}

// without takes cookies out of what a thief sends, of which the names begin so.
func (h *hand) without(prefixes ...string) *hand {
	out := *h
	var left []string
	for pair := range strings.SplitSeq(h.jar, "; ") {
		gone := false
		for _, p := range prefixes {
			gone = gone || strings.HasPrefix(pair, p)
		}
		if !gone {
			left = append(left, pair)
		}
	}
	out.jar = strings.Join(left, "; ")
	return &out
}

// robbed is a thief with the tokens of an app.
func (h *hand) robbed() *hand {
	thief := newPlain(h.to.Load())
	thief.token, thief.access, thief.refresh, thief.run = h.token, h.access, h.refresh, h.run
	return thief
}

// pass lets time go by.
func pass(l *suite.Lab, d time.Duration) { l.Clock.Pass(d) }

func mustURL(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// ask asks a program's own handler, and returns the status.
func ask(t testing.TB, handler http.Handler, method, path string, headers ...string) int {
	t.Helper()
	req := httptest.NewRequest(method, site+path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	return w.Code
}

// keep keeps the cookies of an answer, at a client that knows nothing of keys.
func (h *hand) keep(r *told) {
	jar := map[string]string{}
	for pair := range strings.SplitSeq(h.jar, "; ") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			jar[name] = value
		}
	}
	for _, k := range (&http.Response{Header: r.header}).Cookies() {
		if jar[k.Name] = k.Value; k.MaxAge < 0 || k.Value == "" {
			delete(jar, k.Name)
		}
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(jar)) {
		pairs = append(pairs, name+"="+jar[name])
	}
	h.jar = strings.Join(pairs, "; ")
}

package device

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// binder is a server that binds its one session, as short as it can be, and errs as it is told.
type binder struct {
	t     testing.TB
	clock *timer

	mu sync.Mutex
	// jwk is the key that was registered, bound the value of the cookie, n how many there were.
	jwk   map[string]any
	n     int
	asked []string
	// instructions, attributes and refresh take the place of what is right.
	instructions string
	attributes   string
	refresh      http.HandlerFunc
	// ahead has challenges sent with the cookie.
	ahead bool
}

const attributesOfBinder = "Path=/; Secure; HttpOnly; SameSite=Lax"

func newBinder(t testing.TB) *binder {
	return &binder{t: t, clock: &timer{now: time.Unix(1900000000, 0)}, attributes: attributesOfBinder, instructions: `{
		"session_identifier": "S", "refresh_url": "/refresh/1", "scope": {"include_site": false, "scope_specification": [{"type": "exclude", "path": "/free"}]},
		"credentials": [{"type": "cookie", "name": "__Host-bound", "attributes": "` + attributesOfBinder + `"}]}`}
}

func (s *binder) browser() *Browser {
	return NewBrowser(BrowserConfig{HTTP: within{s}, Now: s.clock.read, Entropy: entropy(3)})
}

// claims checks a JWT by another library.
func (s *binder) claims(r *http.Request) (jwt.MapClaims, error) {
	got, err := jwt.Parse(strings.Trim(r.Header.Get("Secure-Session-Response"), `"`), func(tok *jwt.Token) (any, error) {
		if jwk, ok := tok.Header["jwk"].(map[string]any); ok && r.URL.Path == "/register" {
			s.jwk = jwk
		}
		if tok.Header["typ"] != "dbsc+jwt" || s.jwk == nil {
			return nil, errors.New("not of DBSC")
		}
		return publicOf(s.t, s.jwk), nil
	}, jwt.WithValidMethods([]string{"ES256"}))
	if err != nil {
		return nil, err
	}
	return got.Claims.(jwt.MapClaims), nil
}

func (s *binder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := r.Method + " " + r.URL.Path
	if bound, err := r.Cookie("__Host-bound"); err == nil {
		seen += " " + bound.Value
	}
	if skipped := r.Header.Get("Secure-Session-Skipped"); skipped != "" {
		seen += " " + skipped
	}
	s.asked = append(s.asked, seen)
	switch {
	case r.URL.Path == "/login":
		w.Header().Add("Set-Cookie", "sid=1; Path=/; Secure; HttpOnly")
		w.Header().Set("Secure-Session-Registration", `(ES256 RS256);path="/register";challenge="C1";authorization="A"`)
	case r.URL.Path == "/register":
		c, err := s.claims(r)
		if err != nil || c["jti"] != "C1" || c["authorization"] != "A" || r.Header.Get("Sec-Fetch-Mode") != "no-cors" || !strings.Contains(r.Header.Get("Cookie"), "sid=1") {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		s.bind(w)
		fmt.Fprint(w, s.instructions)
	case strings.HasPrefix(r.URL.Path, "/refresh"):
		if s.refresh != nil {
			s.refresh(w, r)
			return
		}
		s.serveRefresh(w, r)
	case r.URL.Path == "/logout":
		w.Header().Set("Clear-Site-Data", `"storage"`)
	}
}

func (s *binder) bind(w http.ResponseWriter) {
	s.n++
	w.Header().Add("Set-Cookie", fmt.Sprintf("__Host-bound=%d; Max-Age=600; %s", s.n, s.attributes))
	if s.ahead {
		w.Header().Set("Secure-Session-Challenge", fmt.Sprintf(`"R%d";id="S"`, s.n))
	}
}

func (s *binder) serveRefresh(w http.ResponseWriter, r *http.Request) {
	c, err := s.claims(r)
	if id := strings.Trim(r.Header.Get("Sec-Secure-Session-Id"), `"`); id != "S" {
		s.t.Errorf("refresh of %q", id)
	}
	if err != nil || c["jti"] != fmt.Sprintf("R%d", s.n) {
		w.Header().Set("Secure-Session-Challenge", fmt.Sprintf(`"R%d";id="S"`, s.n))
		w.WriteHeader(http.StatusForbidden)
		return
	}
	s.bind(w)
}

func (s *binder) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := strings.Join(s.asked, ", ")
	s.asked = nil
	return out
}

// visit has the browser ask for a path, and says what the server saw and what the browser did.
func (s *binder) visit(b *Browser, path string) string {
	s.t.Helper()
	ask(s.t, b, "GET", "https://h.example"+path, "")
	return s.seen() + " | " + strings.Join(b.Told(), ", ")
}

func (s *binder) is(got, want string) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("%s\nwant %s", got, want)
	}
}

func TestBrowserBinds(t *testing.T) {
	for _, quoted := range []bool{false, true} {
		s := newBinder(t)
		b := s.browser()
		b.Quoted = quoted
		s.is(s.visit(b, "/login"), "GET /login, POST /register | registered")
		s.is(s.visit(b, "/a"), "GET /a 1 | ")
		s.clock.now = s.clock.now.Add(8 * time.Minute) // about to end: fetched anew, not waited for
		s.is(s.visit(b, "/a"), "GET /a 1, POST /refresh/1 1, POST /refresh/1 1 | refreshed")
		s.clock.now = s.clock.now.Add(10 * time.Minute) // at its end: waited for
		s.is(s.visit(b, "/free/x"), "GET /free/x | ")
		s.is(s.visit(b, "/a"), "POST /refresh/1, POST /refresh/1, GET /a 3 | refreshed")
		s.ahead = true // what was used is shown once more, and answered by the next
		s.clock.now = s.clock.now.Add(10 * time.Minute)
		s.is(s.visit(b, "/a"), "POST /refresh/1, POST /refresh/1, GET /a 4 | refreshed")
		s.clock.now = s.clock.now.Add(10 * time.Minute) // with a challenge that came ahead: one request
		s.is(s.visit(b, "/a"), "POST /refresh/1, GET /a 5 | refreshed")
		if bound := b.Bound(); !slices.Equal(bound, []string{"S"}) {
			t.Errorf("bound: %v", bound)
		}
		s.is(s.visit(b, "/logout"), "GET /logout 5 | ended: cleared")
	}
}

// What a copy of the cookies is: good until they end, and then for nothing.
func TestBrowserIsCopied(t *testing.T) {
	s := newBinder(t)
	b, thief := s.browser(), s.browser()
	s.visit(b, "/login")
	thief.Cookies.Copy(b.Cookies)
	s.is(s.visit(thief, "/a"), "GET /a 1 | ")
	s.clock.now = s.clock.now.Add(10 * time.Minute)
	s.is(s.visit(thief, "/a"), "GET /a | ")
	b.Cookies.Drop("")
	s.is(s.visit(b, "/a"), "POST /refresh/1, POST /refresh/1, GET /a 2 | refreshed")
	b.Restart()
	s.is(s.visit(b, "/a"), "GET /a 2 | ")
	b.Forget()
	b.Cookies.Drop("__Host-bound")
	s.is(s.visit(b, "/a"), "GET /a | ")
}

// Tabs that ask at once share one refresh.
func TestBrowserTabs(t *testing.T) {
	s := newBinder(t)
	b := s.browser()
	s.visit(b, "/login")
	s.clock.now = s.clock.now.Add(time.Hour)
	var tabs sync.WaitGroup
	for range 5 {
		tabs.Go(func() {
			req, _ := http.NewRequest("GET", "https://h.example/a", nil)
			if _, err := b.RoundTrip(req); err != nil {
				t.Error(err)
			}
		})
	}
	tabs.Wait()
	if seen := s.seen(); strings.Count(seen, "POST") != 2 || strings.Count(seen, "GET /a 2") != 5 {
		t.Error(seen)
	}
}

// A slow browser registers when it is told, and who takes its offer away can answer it.
func TestBrowserSlow(t *testing.T) {
	s := newBinder(t)
	b := s.browser()
	b.Slow = true
	s.is(s.visit(b, "/login"), "GET /login | ")
	s.is(s.visit(b, "/a"), "GET /a | ")
	b.Register(t.Context())
	s.is(s.seen()+" | "+strings.Join(b.Told(), ", "), "POST /register | registered")
	s.visit(b, "/login")
	if got := b.Unoffered(); len(got) != 1 || got[0].Challenge != "C1" {
		t.Errorf("%+v", got)
	}
	if b.Register(t.Context()); s.seen() != "" {
		t.Error("registered what was taken away")
	}
}

// The table of what a refresh can answer, and what the browser makes of it.
func TestBrowserRefreshes(t *testing.T) {
	status := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
	}
	text := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"500":           {status(500), `GET /a server_error;session_identifier="S" | skipped: server_error`},
		"503":           {status(503), `GET /a server_error;session_identifier="S" | skipped: server_error`},
		"401":           {status(401), "GET /a | ended: 401"},
		"404":           {status(404), "GET /a | ended: 404"},
		"429":           {status(429), "GET /a | ended: 429"},
		"302":           {status(302), "GET /a | ended: 302"},
		"no challenge":  {status(403), "GET /a | ended: 403"},
		"204":           {status(204), "GET /a | refreshed"},
		"empty":         {status(200), "GET /a | refreshed"},
		"HTML":          {text("<html>"), "GET /a | ended: no JSON"},
		"another":       {text(`{"session_identifier": "T"}`), "GET /a | ended: another identifier"},
		"not continued": {text(`{"session_identifier": "S", "continue": false}`), "GET /a | ended: the server says so"},
		"challenge of another": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Secure-Session-Challenge", `"x";id="T"`)
			w.WriteHeader(403)
		}, "GET /a | ended: 403"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newBinder(t)
			b := s.browser()
			s.visit(b, "/login")
			s.clock.now = s.clock.now.Add(time.Hour)
			s.refresh = c.answer
			s.is(s.visit(b, "/a"), "POST /refresh/1, "+c.want)
		})
	}
	s := newBinder(t)
	b := s.browser()
	s.visit(b, "/login")
	s.clock.now = s.clock.now.Add(time.Hour)
	s.refresh = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Secure-Session-Challenge", `"x";id="S"`)
		w.WriteHeader(403)
	}
	s.is(s.visit(b, "/a"), strings.Repeat("POST /refresh/1, ", 6)+"GET /a | ended: no end of challenges")
}

// A browser that skips says why, and goes on where it was once it need not.
func TestBrowserSkips(t *testing.T) {
	s := newBinder(t)
	b := s.browser()
	s.visit(b, "/login")
	s.clock.now = s.clock.now.Add(time.Hour)
	b.Skip("quota_exceeded")
	s.is(s.visit(b, "/a"), `GET /a quota_exceeded;session_identifier="S" | skipped: quota_exceeded`)
	b.HTTP = broken{within{s}}
	b.Skip("")
	s.is(s.visit(b, "/a"), `GET /a unreachable;session_identifier="S" | skipped: unreachable`)
	b.HTTP = within{s}
	s.is(s.visit(b, "/a"), "POST /refresh/1, POST /refresh/1, GET /a 2 | refreshed")
}

// broken carries everything but refreshes.
type broken struct{ within }

func (b broken) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == "POST" {
		return nil, errors.New("no connection")
	}
	return b.within.RoundTrip(req)
}

// What is no session for a browser, and what protects nothing or never rests.
func TestFaultsOfInstructions(t *testing.T) {
	good := newBinder(t).instructions
	for name, c := range map[string]struct{ from, to, want string }{
		"no scope":            {`"scope"`, `"scoped"`, "scope is missing"},
		"no identifier":       {`"S"`, `""`, "session_identifier is missing"},
		"no credentials":      {`"credentials"`, `"cookies"`, "credentials are missing"},
		"another kind":        {`"cookie"`, `"token"`, "credentials: token"},
		"Max-Age":             {"Path=/; S", "Max-Age=600; Path=/; S", "credentials: cookie"},
		"elsewhere":           {`"/refresh/1"`, `"https://evil.example/"`, "refresh_url"},
		"none":                {`"/refresh/1"`, `""`, "refresh_url"},
		"no JSON":             {"{", "<", "cannot be read"},
		"not wanted":          {`"session_identifier"`, `"continue": false, "session_identifier"`, "wants no session"},
		"registered as it is": {"x", "x", "registered"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newBinder(t)
			s.instructions = strings.Replace(good, c.from, c.to, 1)
			if got := s.visit(s.browser(), "/login"); !strings.Contains(got, c.want) {
				t.Errorf("%s; want a word of %q", got, c.want)
			}
		})
	}
	s := newBinder(t)
	s.attributes = "Path=/; Secure; SameSite=Lax" // not HttpOnly: never the cookie that was named
	b := s.browser()
	s.visit(b, "/login")
	for range 2 {
		if got := s.visit(b, "/a"); !strings.Contains(got, "refreshed") {
			t.Error(got)
		}
	}
	s = newBinder(t)
	s.instructions = strings.Replace(good, "Path=/; ", "", 1)
	b = s.browser()
	s.visit(b, "/login")
	b.Cookies.Drop("__Host-bound")
	s.is(s.visit(b, "/a"), "GET /a | ")
}

// Where nothing is offered as it must be, nothing is registered.
func TestFaultsOfOffers(t *testing.T) {
	for header, want := range map[string]string{
		`(ES256);path="/register"`:                                            "not registered: 403",
		`(ES256);path="/register";challenge="C2";authorization="A"`:           "not registered: 403",
		`(ES256);path="/register";challenge="C1"`:                             "not registered: 403",
		`(PS256);path="/register";challenge="C1"`:                             "not registered: no key for [PS256]",
		`(ES256);path="https://b.example/register";challenge="C1"`:            "is no address of this site",
		`ES256;path="/register";challenge="C1"`:                               "",
		`(RS256 ES256);path="/register";challenge="C1";authorization="other"`: "not registered: 403",
	} {
		s := newBinder(t)
		b := s.browser()
		b.Cookies.Put(mustURL(t, "https://h.example"), "sid", "1")
		b.take(mustRequest(t, "https://h.example/x"), http.Header{"Secure-Session-Registration": {header}})
		if got := strings.Join(b.Told(), ", "); !strings.Contains(got, want) || want == "" && got != "" || len(b.Bound()) > 0 {
			t.Errorf("%s: %q", header, got)
		}
	}
	s := newBinder(t)
	b := s.browser()
	b.take(mustRequest(t, "http://h.example/x"), http.Header{"Secure-Session-Registration": {`(ES256);path="/register";challenge="C1";authorization="A"`}})
	if got := strings.Join(b.Told(), ", "); !strings.Contains(got, "https") {
		t.Errorf("over http: %q", got)
	}
}

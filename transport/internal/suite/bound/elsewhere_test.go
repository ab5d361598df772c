package bound

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// led opens a document that a page of another site has led to: browsers wait for no bound cookie then,
// and send none that has ended.
func (b tab) led(from string) *http.Response {
	b.T.Helper()
	req := httptest.NewRequest(http.MethodGet, from, nil)
	at, err := url.Parse(site)
	if err != nil {
		b.T.Fatal(err)
	}
	req.Header.Set("Cookie", b.Cookies.Header(at))
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	w := httptest.NewRecorder()
	b.wire.to.ServeHTTP(w, req)
	return w.Result()
}

// form posts a form of ours and returns where it leads.
func (b tab) form(path string, form url.Values) *url.URL {
	b.T.Helper()
	form.Set("csrfmiddlewaretoken", b.Cookies.Value("csrftoken"))
	return b.leads(http.MethodPost, site+path, strings.NewReader(form.Encode()))
}

// leads asks for a document, from a page of ours, and returns where it leads.
func (b tab) leads(method, to string, body *strings.Reader) *url.URL {
	b.T.Helper()
	req, err := http.NewRequestWithContext(b.T.Context(), method, to, body)
	if err != nil {
		b.T.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", site)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	got, err := b.Browser.Client().Do(req)
	if err != nil {
		b.T.Fatal(err)
	}
	defer got.Body.Close()
	where, err := got.Location()
	if err != nil {
		b.T.Fatalf("%s %s: %d: %v", method, to, got.StatusCode, err)
	}
	return where
}

// TestProviderReturn: a browser that comes back from a provider to connect an account has waited for no
// bound cookie. It is sent once more from a page of ours, and the account is connected.
func TestProviderReturn(t *testing.T) {
	t.Parallel()
	l := lab(t, suite.Dummies, func(c *config.Config, _ *server.Options) {
		c.Dev.AllowRemote, c.SocialAccount.ReauthenticationRequired = true, new(bool)
	})
	b := signedIn(l)
	away := b.form("/_allauth/browser/v1/auth/provider/redirect", suite.ToDummy("connect"))
	person := suite.AsPerson("7", "ada@dummy.example")
	person.Set("state", away.Query().Get("state"))
	back := away.Query().Get("redirect_uri") + "?" + person.Encode()
	l.Clock.Pass(11 * time.Minute)
	got := b.led(back)
	refresh := got.Header.Get("Refresh")
	where, is := strings.CutPrefix(refresh, "0; url=")
	if got.StatusCode != 200 || !is || !strings.Contains(where, "_redir=") || strings.Contains(strings.Join(got.Header["Set-Cookie"], ";"), "sessionid") {
		t.Fatalf("%d %v", got.StatusCode, got.Header)
	}
	b.did()
	suite.Arrived(t, b.leads(http.MethodGet, site+where, strings.NewReader("")), "/here", "")
	b.did("refreshed")
	if r := b.send("GET", "/account/providers", nil).Is(200); !strings.Contains(r.Raw, `"7"`) {
		t.Errorf("the account is not connected: %s", r.Raw)
	}
	// A thief who says the same gets no further, and asks no end of times for nothing.
	thief := b.thief()
	thief.Cookies.Drop(cookie)
	l.Clock.Pass(time.Minute)
	if got := thief.led(back + "&_redir="); got.StatusCode != http.StatusFound || !strings.Contains(got.Header.Get("Location"), "error=unknown") {
		t.Errorf("%d %v", got.StatusCode, got.Header)
	}
}

// TestFrontEndOfAnotherSite can keep no bound cookie: its browsers are not offered to bind, and never
// have to.
func TestFrontEndOfAnotherSite(t *testing.T) {
	t.Parallel()
	const app = "https://app.example.org"
	l := lab(t, func(c *config.Config, _ *server.Options) {
		c.Session.DeviceBound, c.Session.CookieSameSite = "require", "none"
		c.CORSAllowedOrigins, c.CSRFTrustedOrigins = []string{app}, []string{app}
	})
	b := signedIn(l)
	b.send("DELETE", "/auth/session", nil).Is(401)
	b.Told()
	r := b.send("POST", "/auth/login", map[string]string{"email": ada, "password": suite.Password},
		"Origin", app, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors").Is(200)
	if r.Header.Get("Secure-Session-Registration") != "" || strings.Contains(strings.Join(r.Header["Set-Cookie"], ";"), known) {
		t.Errorf("it is offered to bind: %v", r.Header)
	}
	b.did()
	l.Clock.Pass(time.Hour)
	b.session().Is(200)
}

// TestFrontEnds: those that are configured, and providers, may lead to requests that wait for the cookie.
func TestFrontEnds(t *testing.T) {
	t.Parallel()
	const app = "https://app.example.com"
	l := lab(t, func(c *config.Config, _ *server.Options) {
		c.CORSAllowedOrigins, c.CSRFTrustedOrigins = []string{app}, []string{app}
		c.Session.DeviceBoundInitiators = []string{"*.mail.example.net"}
		c.Headless.FrontendURLs.ProviderError = app + "/failed"
		c.SocialAccount.Providers = []config.Provider{{
			Provider: "openid_connect", ID: "corp", Name: "Corp", ClientID: "here", Secret: "s",
			ServerURL: "https://id.corp.example",
		}}
	})
	member(l)
	b := newTab(l)
	spy := spyOn(b)
	b.login().Is(200)
	want := `"allowed_refresh_initiators":["app.example.com","localhost","*.mail.example.net","id.corp.example"]`
	if got := spy.last().body; !strings.Contains(got, want) {
		t.Errorf("%s is not in %s", want, got)
	}
	r := b.send("GET", "/auth/session", nil, "Origin", app, "Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors").Is(200)
	if r.Header.Get("Access-Control-Allow-Origin") != app {
		t.Errorf("%v", r.Header)
	}
}

// TestProgramsRoutes: the routes of the program around the server offer and judge likewise.
func TestProgramsRoutes(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := unbound(l)
	b.Unoffered()
	l.Clock.Pass(time.Minute)
	if got := b.program("user"); got != 200 || len(b.Unoffered()) != 1 {
		t.Errorf("%d, and nothing is offered", got)
	}
	b.Slow = false
	l.Clock.Pass(time.Minute)
	b.session().Is(200)
	b.did("registered")
	l.Clock.Pass(9 * time.Minute)
	if got := b.program("post"); got != 200 {
		t.Errorf("bound: %d", got)
	}
	thief := b.thief()
	thief.Cookies.Drop(cookie)
	if got := thief.program("user"); got != 401 {
		t.Errorf("without the bound cookie: %d", got)
	}
}

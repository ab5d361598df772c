package devicebound

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestFrontEndBesides signs in, works and signs out from a page of another host of the site: its
// requests wait for a refresh like the server's own.
func TestFrontEndBesides(t *testing.T) {
	t.Parallel()
	var at string
	s := newSite(t, func(c *config.Config, _ *server.Options) {
		at = strings.Replace(c.PublicURL, home, front, 1)
		c.CORSAllowedOrigins, c.CSRFTrustedOrigins = []string{at}, []string{at}
	})
	s.serves(front, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { page(w, "Shop", "Welcome") }))
	b := s.browser(t)
	w := b.tab()
	w.Do("open the front end", chromedp.Navigate(at+"/"), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void (window.call = async (method, path, body) => {
		const r = await fetch(%q + path, {method, body, credentials: 'include', headers: {'Content-Type': 'application/json', 'X-CSRFToken': window.token ?? ''}});
		window.token = r.headers.get('X-CSRFToken') ?? window.token;
		return r.status;
	})`, s.at(home, "/_allauth/browser/v1"))))
	call := func(want int, method, path, body string) {
		t.Helper()
		var got int
		if w.Ask(fmt.Sprintf(`call(%q, %q, %s)`, method, path, body), &got); got != want {
			t.Fatalf("%s %s: %d, want %d\n%s", method, path, got, want, s.requests(0))
		}
	}
	call(401, "GET", "/auth/session", "undefined")
	call(200, "POST", "/auth/login", fmt.Sprintf("`{\"email\": %q, \"password\": %q}`", ann, pass))
	b.bound()
	b.expire()
	from := s.mark()
	call(200, "GET", "/auth/session", "undefined")
	call(200, "POST", "/account/email", "`{\"email\": \"ann@work.example\"}`")
	if n := s.refreshed(from); n != 1 {
		t.Errorf("%d refreshes\n%s", n, s.requests(from))
	}
	call(401, "DELETE", "/auth/session", "undefined")
	s.Eventually("the browser forgets the session", func() bool { return len(b.bindings()) == 0 })
}

// TestMailLink opens a link of a page of another site, which a browser does not hold for a
// refresh: the page that it leads to refreshes, and shows who is signed in.
func TestMailLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.serves(mail, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		page(w, "Mail", fmt.Sprintf(`<a href=%q>Your addresses</a>`, s.at(home, "/account/email")))
	}))
	b := s.browser(t)
	b.member()
	b.expire()
	from := s.mark()
	w := b.tab()
	w.Do("open the mail", chromedp.Navigate(s.at(mail, "/")), suite.Click("a"))
	w.At("/account/email", "Addresses")
	w.Sees(ann)
	if first := s.since(from, "/account/email")[0]; first.by != "cross-site" || first.bound != "" {
		t.Errorf("the link leads to %v", first)
	}
	if n := s.refreshed(from); n != 1 {
		t.Errorf("%d refreshes\n%s", n, s.requests(from))
	}
}

// TestProviderReturn comes back from a provider that asks on a page of its own, to sign in and to
// connect: the session of who comes back is bound, though the browser sends no cookies along, and
// the callback finds who is signed in, though the browser does not hold it for a refresh.
func TestProviderReturn(t *testing.T) {
	t.Parallel()
	var idp *device.Provider
	var asks http.Handler
	s := newSite(t, func(c *config.Config, o *server.Options) {
		var issuer string
		issuer, idp, asks = newProvider(t, c, o)
		c.SocialAccount.Providers = []config.Provider{{
			ID: "corp", Provider: "openid_connect", Name: "Corp", ClientID: device.ClientID, Secret: device.ClientSecret, ServerURL: issuer,
		}}
	})
	s.serves(provider, asks)
	agree := func(w *suite.Tab) { w.Do("agree", suite.Click("#agree")) }
	b := s.browser(t)
	w := b.tab()
	w.Open("/account/login")
	w.Press("Continue with Corp")
	agree(w)
	w.At("/account/", "Hello, somebody")
	b.bound()
	w.Press("Sign out")
	w.At("/account/login", "Sign in")

	if err := idp.SetDefault(device.Identity{"sub": "ann", "email": ann, "email_verified": true}); err != nil {
		t.Fatal(err)
	}
	signIn(w)
	b.bound()
	w.Open("/account/providers")
	w.Press("Connect Corp")
	w.Do("be asked", suite.Shown("#agree"))
	b.expire()
	from := s.mark()
	agree(w)
	w.At("/account/providers", "Connections")
	w.Sees("Disconnect")
	if n := s.refreshed(from); n != 1 {
		t.Errorf("%d refreshes\n%s", n, s.requests(from))
	}
}

// page is one of another site.
func page(w http.ResponseWriter, title, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>%s</title><link rel="icon" href="data:,"><main>%s</main>`, title, text)
}

// newProvider starts a provider that browsers find under a name of another site, and returns its
// address as the server knows it. It asks whether somebody agrees.
func newProvider(t *testing.T, c *config.Config, o *server.Options) (issuer string, idp *device.Provider, asks http.Handler) {
	t.Helper()
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" {
			idp.ServeHTTP(w, r)
			return
		}
		said := httptest.NewRecorder()
		idp.ServeHTTP(said, r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(strings.Replace(said.Body.String(), issuer+"/authorize", strings.Replace(c.PublicURL, home, provider, 1)+"/authorize", 1)))
	}))
	t.Cleanup(back.Close)
	issuer = back.URL
	var err error
	if idp, err = device.NewProvider(device.ProviderConfig{Issuer: issuer, Now: o.Now}); err != nil {
		t.Fatal(err)
	}
	return issuer, idp, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			to, err := idp.Authorize(issuer+r.URL.String(), nil)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		page(w, "Corp", `<form method="post"><button id="agree">Agree</button></form>`)
	})
}

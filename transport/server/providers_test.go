package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
)

// dummies has the provider that believes everything.
func dummies(c *config.Config, _ *Options) {
	c.Dev.Enabled = true
	c.SocialAccount.Providers = []config.Provider{{Provider: "dummy", Name: "Dummy"}}
	c.Account.EmailVerification = "mandatory"
}

// away posts the form that sends a browser to a provider, and returns where to.
func (c *client) away(form url.Values) *url.URL {
	c.t.Helper()
	form.Set("csrfmiddlewaretoken", c.cookie("csrftoken"))
	return c.follow("POST", c.site.String()+"/_allauth/browser/v1/auth/provider/redirect", form)
}

// follow asks for a page and returns where it redirects to.
func (c *client) follow(method, to string, form url.Values) *url.URL {
	c.t.Helper()
	req, err := http.NewRequest(method, to, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	once := *c.http
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := once.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	at, err := res.Location()
	if err != nil {
		c.t.Fatalf("%s %s: status %d: %v", method, to, res.StatusCode, err)
	}
	return at
}

// back comes back from the provider as a person.
func (c *client) back(from *url.URL, person url.Values) *url.URL {
	c.t.Helper()
	person.Set("state", from.Query().Get("state"))
	to, err := url.Parse(from.Query().Get("redirect_uri"))
	if err != nil || to.Scheme+"://"+to.Host != c.config.Origin() {
		c.t.Fatalf("the callback is %s: %v", to, err)
	}
	return c.follow("GET", c.site.String()+to.Path+"?"+person.Encode(), nil)
}

func toDummy(process string) url.Values {
	return url.Values{"provider": {"dummy"}, "callback_url": {"/here?x=1"}, "process": {process}}
}

func asPerson(id, email string) url.Values {
	return url.Values{"id": {id}, "email": {email}, "email_verified": {"on"}}
}

// arrived checks where a browser was sent and with which error.
func arrived(t *testing.T, at *url.URL, path, code string) {
	t.Helper()
	if at.Path != path || at.Query().Get("error") != code {
		t.Errorf("sent to %s, want %s with error %q", at, path, code)
	}
}

func TestProviderJourney(t *testing.T) {
	l := newLab(t, dummies)
	c := l.browser()
	from := c.away(toDummy("login"))
	if from.Path != devpage.DummyPath {
		t.Fatalf("sent to %s", from)
	}
	arrived(t, c.back(from, asPerson("1", "ann@example.org")), "/here", "")
	if got := c.session().is(200).user().Email; got != "ann@example.org" {
		t.Errorf("signed in as %s", got)
	}
	arrived(t, c.back(from, asPerson("2", "bob@example.org")), "/account/provider/callback", "unknown")
	c.session().is(200)

	arrived(t, c.back(c.away(toDummy("connect")), asPerson("2", "bob@example.org")), "/here", "")
	c.do("DELETE", "/account/providers", map[string]string{"provider": "dummy", "account": "7"}).is(400, ":account_not_found")
	c.do("DELETE", "/account/providers", map[string]string{"provider": "dummy", "account": "2"}).is(200)
	c.do("DELETE", "/account/providers", map[string]string{"provider": "dummy", "account": "1"}).is(400, ":no_password")

	arrived(t, c.back(c.away(toDummy("login")), url.Values{"action": {"cancel"}}), "/here", "cancelled")
	c.session().is(200)
	arrived(t, c.back(c.away(toDummy("login")), asPerson("3", "cat@example.org")), "/here", "")
	if got := c.session().is(200).user().Email; got != "cat@example.org" {
		t.Errorf("switched to %s", got)
	}
	if n := l.count("SELECT COUNT(*) FROM sessions"); n != 1 {
		t.Errorf("%d sessions are left of two", n)
	}
}

func TestProviderStates(t *testing.T) {
	l := newLab(t, dummies)
	c := l.browser()
	var from []*url.URL
	for range 12 {
		from = append(from, c.away(toDummy("login")))
	}
	for _, forgotten := range from[:2] {
		arrived(t, c.back(forgotten, asPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
	}
	other := l.browser()
	arrived(t, other.back(from[11], asPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
	arrived(t, c.back(from[2], asPerson("1", "")), "/here", "")
	c.session().pending("provider_signup")
	c.do("POST", "/auth/provider/signup", map[string]string{"email": "ann@example.org"}).pending("verify_email")
	l.clock.pass(time.Hour + time.Second)
	arrived(t, c.back(from[11], asPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
}

// A form that waits outlives a sign-in, and answering it switches the person: nothing of
// the session before is left.
func TestProviderSignupWhileSignedIn(t *testing.T) {
	l := newLab(t, dummies)
	l.member("browser", "owner@example.org")
	c := l.browser()
	c.back(c.away(toDummy("login")), asPerson("1", ""))
	c.session().pending("provider_signup")
	c.login("owner@example.org").is(200)
	before := c.twin()
	c.do("GET", "/auth/provider/signup", nil).is(200)
	c.do("POST", "/auth/provider/signup", map[string]string{"email": "nonsense"}).is(400, "email:invalid")
	if got := c.session().is(200).methods(); len(got) != 1 {
		t.Errorf("the session's log is %v", got)
	}
	c.do("POST", "/auth/provider/signup", map[string]string{"email": "new@example.org"}).is(401).pending("verify_email")
	before.session().is(401)
	c.do("GET", "/auth/provider/signup", nil).is(409)
}

func TestProviderSendsNobodyAstray(t *testing.T) {
	l := newLab(t, dummies)
	c := l.browser()
	for _, next := range []string{
		"", "here", "//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "https:evil.example", "http://a@" + c.site.Host,
		"/" + strings.Repeat("x", 600), "/\thttps://evil.example",
	} {
		form := toDummy("login")
		form.Set("callback_url", next)
		arrived(t, c.away(form), "/account/provider/callback", "unknown")
	}
	for _, next := range []string{"/here", c.site.String() + "/here"} {
		form := toDummy("login")
		form.Set("callback_url", next)
		if at := c.away(form); at.Path != devpage.DummyPath {
			t.Errorf("callback %s: sent to %s", next, at)
		}
	}
	if got := c.follow("POST", c.site.String()+"/accounts/dummy/login/callback/", url.Values{"state": {"s"}, "code": {"c"}, "next": {"x"}}); got.RawQuery != "code=c&state=s" {
		t.Errorf("a posted answer comes again as %s", got)
	}
	for _, redirect := range []string{"", "https://evil.example/accounts/dummy/login/callback/", c.site.String() + "/accounts/../x?y"} {
		res, err := c.http.Get(c.site.String() + devpage.DummyPath + "?redirect_uri=" + url.QueryEscape(redirect))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("the dummy's page for %q: %d", redirect, res.StatusCode)
		}
	}
}

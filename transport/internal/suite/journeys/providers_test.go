package journeys

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

func TestProviderJourney(t *testing.T) {
	l := suite.NewLab(t, suite.Dummies)
	c := l.Browser()
	from := c.Away(suite.ToDummy("login"))
	if from.Path != devpage.DummyPath {
		t.Fatalf("sent to %s", from)
	}
	suite.Arrived(t, c.Back(from, suite.AsPerson("1", "ann@example.org")), "/here", "")
	if got := c.Session().Is(200).User().Email; got != "ann@example.org" {
		t.Errorf("signed in as %s", got)
	}
	suite.Arrived(t, c.Back(from, suite.AsPerson("2", "bob@example.org")), "/account/provider/callback", "unknown")
	c.Session().Is(200)

	suite.Arrived(t, c.Back(c.Away(suite.ToDummy("connect")), suite.AsPerson("2", "bob@example.org")), "/here", "")
	c.Do("DELETE", "/account/providers", map[string]string{"provider": "dummy", "account": "7"}).Is(400, ":account_not_found")
	c.Do("DELETE", "/account/providers", map[string]string{"provider": "dummy", "account": "2"}).Is(200)
	c.Do("DELETE", "/account/providers", map[string]string{"provider": "dummy", "account": "1"}).Is(400, ":no_password")

	suite.Arrived(t, c.Back(c.Away(suite.ToDummy("login")), url.Values{"action": {"cancel"}}), "/here", "cancelled")
	c.Session().Is(200)
	suite.Arrived(t, c.Back(c.Away(suite.ToDummy("login")), suite.AsPerson("3", "cat@example.org")), "/here", "")
	if got := c.Session().Is(200).User().Email; got != "cat@example.org" {
		t.Errorf("switched to %s", got)
	}
	if n := l.Count("SELECT COUNT(*) FROM sessions"); n != 1 {
		t.Errorf("%d sessions are left of two", n)
	}
}

func TestProviderStates(t *testing.T) {
	l := suite.NewLab(t, suite.Dummies)
	c := l.Browser()
	var from []*url.URL
	for range 12 {
		from = append(from, c.Away(suite.ToDummy("login")))
	}
	for _, forgotten := range from[:2] {
		suite.Arrived(t, c.Back(forgotten, suite.AsPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
	}
	other := l.Browser()
	suite.Arrived(t, other.Back(from[11], suite.AsPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
	suite.Arrived(t, c.Back(from[2], suite.AsPerson("1", "")), "/here", "")
	c.Session().Pending("provider_signup")
	c.Do("POST", "/auth/provider/signup", map[string]string{"email": "ann@example.org"}).Pending("verify_email")
	l.Clock.Pass(time.Hour + time.Second)
	suite.Arrived(t, c.Back(from[11], suite.AsPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
}

// TestProviderStateIsOfOneProvider: a state that comes back from another provider than it went
// to is good for nothing there, and stays good where it belongs.
func TestProviderStateIsOfOneProvider(t *testing.T) {
	l := suite.NewLab(t, suite.Dummies, func(c *config.Config, _ *server.Options) {
		c.SocialAccount.Providers = append(c.SocialAccount.Providers, config.Provider{Provider: "dummy", ID: "other", Name: "Other"})
	})
	c := l.Browser()
	from := c.Away(suite.ToDummy("login"))
	mixed := *from
	query := mixed.Query()
	query.Set("redirect_uri", strings.Replace(query.Get("redirect_uri"), "/accounts/dummy/", "/accounts/other/", 1))
	mixed.RawQuery = query.Encode()
	suite.Arrived(t, c.Back(&mixed, suite.AsPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
	c.Session().Is(401)
	suite.Arrived(t, c.Back(from, suite.AsPerson("1", "ann@example.org")), "/here", "")
	c.Session().Is(200)
}

// TestProviderStatesSurviveALogin: a browser with several windows at providers may come back
// from all of them while one account signs in, once each; not after another account has, and
// not after signing out.
func TestProviderStatesSurviveALogin(t *testing.T) {
	l := suite.NewLab(t, suite.Dummies)
	l.Member("browser", "owner@example.org")
	c := l.Browser()
	first, second, third := c.Away(suite.ToDummy("login")), c.Away(suite.ToDummy("login")), c.Away(suite.ToDummy("login"))
	suite.Arrived(t, c.Back(second, suite.AsPerson("1", "ann@example.org")), "/here", "")
	later := c.Away(suite.ToDummy("login"))
	suite.Arrived(t, c.Back(first, suite.AsPerson("1", "ann@example.org")), "/here", "")
	if got := c.Session().Is(200).User().Email; got != "ann@example.org" {
		t.Errorf("signed in as %s", got)
	}
	suite.Arrived(t, c.Back(later, suite.AsPerson("1", "ann@example.org")), "/here", "")
	suite.Arrived(t, c.Back(first, suite.AsPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
	c.Logout()
	suite.Arrived(t, c.Back(third, suite.AsPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")

	c = l.Browser()
	c.Session()
	before := c.Away(suite.ToDummy("login"))
	c.Login("owner@example.org").Is(200)
	suite.Arrived(t, c.Back(before, suite.AsPerson("1", "ann@example.org")), "/here", "")
	if got := c.Session().Is(200).User().Email; got != "ann@example.org" {
		t.Errorf("switched to %s", got)
	}
	left, back := c.Away(suite.ToDummy("login")), c.Away(suite.ToDummy("login"))
	suite.Arrived(t, c.Back(back, suite.AsPerson("2", "bob@example.org")), "/here", "")
	suite.Arrived(t, c.Back(left, suite.AsPerson("1", "ann@example.org")), "/account/provider/callback", "unknown")
	if got := c.Session().Is(200).User().Email; got != "bob@example.org" {
		t.Errorf("signed in as %s", got)
	}
}

// A form that waits outlives a sign-in, and answering it switches the person: nothing of
// the session before is left.
func TestProviderSignupWhileSignedIn(t *testing.T) {
	l := suite.NewLab(t, suite.Dummies)
	l.Member("browser", "owner@example.org")
	c := l.Browser()
	c.Back(c.Away(suite.ToDummy("login")), suite.AsPerson("1", ""))
	c.Session().Pending("provider_signup")
	c.Login("owner@example.org").Is(200)
	before := c.Twin()
	c.Do("GET", "/auth/provider/signup", nil).Is(200)
	c.Do("POST", "/auth/provider/signup", map[string]string{"email": "nonsense"}).Is(400, "email:invalid")
	if got := c.Session().Is(200).Methods(); len(got) != 1 {
		t.Errorf("the session's log is %v", got)
	}
	c.Do("POST", "/auth/provider/signup", map[string]string{"email": "new@example.org"}).Is(401).Pending("verify_email")
	before.Session().Is(401)
	c.Do("GET", "/auth/provider/signup", nil).Is(409)
}

func TestProviderSendsNobodyAstray(t *testing.T) {
	l := suite.NewLab(t, suite.Dummies)
	c := l.Browser()
	for _, next := range []string{
		"", "here", "//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "https:evil.example", "http://a@" + c.Site.Host,
		"/" + strings.Repeat("x", 600), "/\thttps://evil.example",
	} {
		form := suite.ToDummy("login")
		form.Set("callback_url", next)
		suite.Arrived(t, c.Away(form), "/account/provider/callback", "unknown")
	}
	for _, next := range []string{"/here", c.Site.String() + "/here"} {
		form := suite.ToDummy("login")
		form.Set("callback_url", next)
		if at := c.Away(form); at.Path != devpage.DummyPath {
			t.Errorf("callback %s: sent to %s", next, at)
		}
	}
	if got := c.Follow("POST", c.Site.String()+"/accounts/dummy/login/callback/", url.Values{"state": {"s"}, "code": {"c"}, "next": {"x"}}); got.RawQuery != "code=c&state=s" {
		t.Errorf("a posted answer comes again as %s", got)
	}
	for _, redirect := range []string{"", "https://evil.example/accounts/dummy/login/callback/", c.Site.String() + "/accounts/../x?y"} {
		res, err := c.HTTP.Get(c.Site.String() + devpage.DummyPath + "?redirect_uri=" + url.QueryEscape(redirect))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("the dummy's page for %q: %d", redirect, res.StatusCode)
		}
	}
}

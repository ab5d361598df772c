package journeys

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
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

// leaving is a lab whose provider people sign out at, and that says so when they did.
type leaving struct {
	*suite.Lab
	idp   *device.Provider
	heard suite.Heard
	// away has the provider keep every request waiting.
	away atomic.Bool
}

func newLeaving(t *testing.T, change ...suite.SetUp) *leaving {
	t.Helper()
	l := &leaving{}
	done := make(chan struct{})
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.away.Load() {
			select {
			case <-r.Context().Done():
			case <-done:
			}
			return
		}
		l.idp.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)
	t.Cleanup(func() { close(done) })
	l.Lab = suite.NewLab(t, append([]suite.SetUp{l.heard.Hears, func(c *config.Config, o *server.Options) {
		c.Headless.FrontendURLs.ProviderError = "http://localhost:3000/account/provider/callback"
		c.SocialAccount.Providers = []config.Provider{{
			ID: "corp", Provider: "openid_connect", Name: "Corp", ClientID: device.ClientID, Secret: device.ClientSecret, ServerURL: site.URL,
			SignOut: true, PostLogoutRedirectURI: "http://localhost:3000/bye", BackchannelLogout: true,
		}}
		idp, err := device.NewProvider(device.ProviderConfig{Issuer: site.URL, Now: o.Now})
		if err != nil {
			t.Fatal(err)
		}
		l.idp = idp
	}}, change...)...)
	return l
}

// ann is a person at the provider, signed in there by a session.
func ann(sid string) device.Identity {
	return device.Identity{"sub": "ann", "sid": sid, "email": "ann@example.org", "email_verified": true}
}

// redirect has a browser sign in on the provider's page.
func (l *leaving) redirect(c *suite.Client, process string, who device.Identity) {
	l.T.Helper()
	from := c.Away(url.Values{"provider": {"corp"}, "callback_url": {"/here"}, "process": {process}})
	back, err := l.idp.Authorize(from.String(), who)
	if err != nil {
		l.T.Fatal(err)
	}
	to, err := url.Parse(back)
	if err != nil {
		l.T.Fatal(err)
	}
	c.Follow("GET", c.Site.String()+to.Path+"?"+to.RawQuery, nil)
}

// token has an app sign in by an id token.
func (l *leaving) token(c *suite.Client, who device.Identity) *suite.Reply {
	l.T.Helper()
	raw, err := l.idp.IDToken(who)
	if err != nil {
		l.T.Fatal(err)
	}
	return c.Do("POST", "/auth/provider/token", map[string]any{
		"provider": "corp", "process": "login", "token": map[string]string{"client_id": device.ClientID, "id_token": raw},
	})
}

// word has the provider say that somebody has signed out there, and returns the status.
func (l *leaving) word(who device.Identity) int {
	l.T.Helper()
	raw, err := l.idp.LogoutToken(who)
	if err != nil {
		l.T.Fatal(err)
	}
	got, err := http.PostForm(l.URL+"/accounts/corp/logout/backchannel/", url.Values{"logout_token": {raw}})
	if err != nil {
		l.T.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode == http.StatusOK && got.Header.Get("Cache-Control") != "no-store" {
		l.T.Error("the answer to the provider may be stored")
	}
	return got.StatusCode
}

// TestSigningOutAtTheProvider follows the address that the answer of signing out names: with the
// id token of the sign-in, which signs nobody in and is nowhere kept in the clear.
func TestSigningOutAtTheProvider(t *testing.T) {
	l := newLeaving(t)
	c := l.Browser()
	l.redirect(c, "login", ann("s1"))
	c.Session().Is(200)
	to, err := url.Parse(c.Logout().Is(401).Meta.LogoutURL)
	if err != nil {
		t.Fatal(err)
	}
	q := to.Query()
	hint := q.Get("id_token_hint")
	if to.Scheme+"://"+to.Host+to.Path != l.idp.Issuer()+"/logout" || q.Get("client_id") != device.ClientID || q.Get("post_logout_redirect_uri") != "http://localhost:3000/bye" {
		t.Errorf("sent to %s", to)
	}
	if strings.Count(hint, ".") != 2 {
		t.Fatalf("the hint is no id token: %s", hint)
	}
	if at := c.Follow("GET", to.String(), nil); at.String() != "http://localhost:3000/bye" {
		t.Errorf("the provider sends back to %s", at)
	}
	c.Session().Is(401)
	l.App().Do("POST", "/auth/provider/token", map[string]any{
		"provider": "corp", "process": "login", "token": map[string]string{"client_id": device.ClientID, "id_token": hint},
	}).Is(400, "token:invalid_token")
	if n := l.Count(`SELECT COUNT(*) FROM provider_sessions WHERE LENGTH(hint) > 0`); n == 0 {
		t.Error("nothing is kept of the id token")
	}
	for _, file := range []string{"stagedoor.sqlite3", "stagedoor.sqlite3-wal"} {
		kept, err := os.ReadFile(filepath.Join(l.Config.DataDir, file))
		if err == nil && strings.Contains(string(kept), hint[:80]) {
			t.Errorf("%s holds the id token in the clear", file)
		}
	}
}

// TestSigningOutOfAForm: a person whose provider said no address, and who filled in a form, has
// the session there all the same.
func TestSigningOutOfAForm(t *testing.T) {
	l := newLeaving(t, func(c *config.Config, _ *server.Options) { c.Account.EmailVerification = "optional" })
	c := l.Browser()
	l.redirect(c, "login", device.Identity{"sub": "ann", "sid": "s1"})
	c.Session().Pending("provider_signup")
	c.Do("POST", "/auth/provider/signup", map[string]string{"email": "ann@example.org"}).Is(200)
	if got := c.Twin().Logout().Is(401).Meta.LogoutURL; !strings.Contains(got, "id_token_hint=") {
		t.Errorf("sent to %q", got)
	}

	l = newLeaving(t, suite.ByCode)
	c = l.Browser()
	l.redirect(c, "login", device.Identity{"sub": "ann", "sid": "s1"})
	c.Do("POST", "/auth/provider/signup", map[string]string{"email": "ann@example.org"}).Pending("verify_email")
	c.Verify(l.Code("ann@example.org")).Is(200)
	if status := l.word(device.Identity{"sid": "s1"}); status != 200 {
		t.Fatalf("status %d", status)
	}
	c.Session().Is(401)
}

// TestSigningOutBesideAHangingProvider: somebody signs out here although the provider cannot be asked where
// to sign out there, and soon.
func TestSigningOutBesideAHangingProvider(t *testing.T) {
	l := newLeaving(t)
	c := l.App()
	l.token(c, ann("s1")).Is(200)
	l.Clock.Pass(49 * time.Hour) // its metadata is forgotten
	l.away.Store(true)
	begun := time.Now()
	if got := c.Logout().Is(401).Meta.LogoutURL; got != "" || time.Since(begun) > 4*time.Second {
		t.Errorf("sent to %q after %v", got, time.Since(begun))
	}
	c.Session().Is(401)
}

// TestWordsOfAProvider: sessions end by the name of one there, by the person's, and also those
// that were only proved again there; the program and the events of the account tell of it.
func TestWordsOfAProvider(t *testing.T) {
	l := newLeaving(t)
	one, two, local := l.Browser(), l.App(), l.Member("browser", "local@example.org")
	l.redirect(one, "login", ann("s1"))
	l.token(two, ann("s2")).Is(200)
	for signedIn := 0; signedIn < 3; {
		for _, kind := range suite.KindsOf(l.heard.Take(l.Lab, 1)) {
			if kind == server.SignedIn {
				signedIn++
			}
		}
	}

	if status := l.word(device.Identity{"sid": "s1"}); status != 200 {
		t.Fatalf("status %d", status)
	}
	one.Session().Is(401)
	two.Session().Is(200)
	local.Session().Is(200)
	told := l.heard.Tells(l.Lab, server.SignedOut)
	if told[0].Provider != "corp" || told[0].Account == "" {
		t.Errorf("told of %+v", told[0])
	}
	if n := l.Count(`SELECT COUNT(*) FROM audit WHERE event = 'provider_signed_out' AND account_id = ?`, string(told[0].Account)); n != 1 {
		t.Errorf("%d events are kept of it", n)
	}
	if status := l.word(device.Identity{"sub": "ann"}); status != 200 {
		t.Fatalf("status %d", status)
	}
	two.Unknown()
	if status := l.word(device.Identity{"sub": "ann"}); status != 200 {
		t.Errorf("nobody is left, and that is status %d", status)
	}
	local.Session().Is(200)
}

// TestWordsThatCannotBeJudged: a provider whose keys are away, and a database that is, are a 503,
// and the same word counts once they are back.
func TestWordsThatCannotBeJudged(t *testing.T) {
	l := newLeaving(t)
	c := l.App()
	l.token(c, ann("s1")).Is(200)
	l.Clock.Pass(49 * time.Hour)
	l.away.Store(true)
	raw, err := l.idp.LogoutToken(device.Identity{"sid": "s1"})
	if err != nil {
		t.Fatal(err)
	}
	post := func() int {
		got, err := http.PostForm(l.URL+"/accounts/corp/logout/backchannel/", url.Values{"logout_token": {raw}})
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		return got.StatusCode
	}
	if status := post(); status != http.StatusServiceUnavailable {
		t.Errorf("status %d of a provider that is away", status)
	}
	c.Session().Is(200)
	l.away.Store(false)
	l.Clock.Pass(10 * time.Second)
	if status := post(); status != http.StatusOK {
		t.Errorf("status %d of the same word later", status)
	}
	c.Unknown()
}

// TestConnectingBeginsNothing: a session that somebody's account at the provider was connected in
// is not by the session there.
func TestConnectingBeginsNothing(t *testing.T) {
	l := newLeaving(t)
	c := l.Member("browser", "ann@example.org")
	l.redirect(c, "connect", ann("s0"))
	if status := l.word(device.Identity{"sid": "s0"}); status != 200 {
		t.Fatalf("status %d", status)
	}
	c.Session().Is(200)
	if to := c.Logout().Is(401).Meta.LogoutURL; to != "" {
		t.Errorf("sent to %s", to)
	}
	l.redirect(c, "login", ann("s1"))
	c.Session().Is(200)
	if mounts := l.Mounts(); !slices.Contains(mounts, "/accounts/{provider}/logout/backchannel/{$}") {
		t.Errorf("a program does not mount it: %v", mounts)
	}
}

package provider

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConfigFaults(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want []string
	}{
		"good":                   {Config{Kind: "github", ClientID: "c"}, nil},
		"unknown kind":           {Config{Kind: "myspace", ClientID: "c"}, []string{`unknown kind "myspace"`, "github"}},
		"no kind":                {Config{ID: "x", ClientID: "c"}, []string{`unknown kind ""`}},
		"bad id":                 {Config{ID: "Git Hub", Kind: "github", ClientID: "c"}, []string{"id:"}},
		"a long id":              {Config{ID: strings.Repeat("x", 65), Kind: "github", ClientID: "c"}, []string{"id:"}},
		"no client id":           {Config{Kind: "github"}, []string{"client_id: missing"}},
		"a client id of commas":  {Config{Kind: "github", ClientID: " , "}, []string{"client_id: missing"}},
		"no issuer":              {Config{Kind: "keycloak", ClientID: "c"}, []string{"server_url: missing"}},
		"an issuer for google":   {Config{Kind: "google", ClientID: "c", ServerURL: "https://x.example.com"}, []string{"server_url", "one place"}},
		"an issuer with a query": {Config{Kind: "okta", ClientID: "c", ServerURL: "https://x.example.com?a=b"}, []string{"server_url"}},
		"an issuer with a user":  {Config{Kind: "okta", ClientID: "c", ServerURL: "https://u:hunter2@x.example.com"}, []string{"server_url"}},
		"an issuer in a file":    {Config{Kind: "okta", ClientID: "c", ServerURL: "file:///x"}, []string{"server_url"}},
		"another well-known":     {Config{Kind: "okta", ClientID: "c", ServerURL: "https://x.example.com/.well-known/oauth"}, []string{"server_url"}},
		"no URL":                 {Config{Kind: "okta", ClientID: "c", ServerURL: "https://%zz"}, []string{"server_url"}},
		"auth method":            {Config{Kind: "github", ClientID: "c", TokenAuthMethod: "tls"}, []string{"token_auth_method"}},
		"auth params":            {Config{Kind: "github", ClientID: "c", AuthParams: map[string]string{"state": "x", "nonce": "y"}}, []string{"nonce", "state"}},
		"answers in a form":      {Config{Kind: "github", ClientID: "c", AuthParams: map[string]string{"response_mode": "form_post"}}, nil},
		"answers in a fragment":  {Config{Kind: "github", ClientID: "c", AuthParams: map[string]string{"response_mode": "fragment"}}, []string{"response_mode"}},
		"unknown setting":        {Config{Kind: "github", ClientID: "c", Settings: map[string]string{"tenant": "x"}}, []string{"settings: github has no", "api, uid_field"}},
		"userinfo setting":       {Config{Kind: "okta", ClientID: "c", ServerURL: realm, Settings: map[string]string{"fetch_userinfo": "no"}}, []string{"fetch_userinfo"}},
		"userinfo of github":     {Config{Kind: "github", ClientID: "c", Settings: map[string]string{"fetch_userinfo": "true"}}, []string{"has no"}},
		"tenant with a path":     {Config{Kind: "microsoft", ClientID: "c", Settings: map[string]string{"tenant": "a/../b"}}, []string{"settings.tenant"}},
		"version with a path":    {Config{Kind: "facebook", ClientID: "c", Settings: map[string]string{"version": "../x"}}, []string{"settings.version"}},
		"api in a file":          {Config{Kind: "github", ClientID: "c", Settings: map[string]string{"api": "file:///x"}}, []string{"settings.api"}},
		"base is no setting":     {Config{Kind: "gitlab", ClientID: "c", Settings: map[string]string{"base": "https://x.example.com"}}, []string{"has no"}},
		"a host with a path":     {Config{Kind: "paypal", ClientID: "c", Settings: map[string]string{"host": "evil.example.com/"}}, []string{"settings.host"}},
		"a page of another sort": {Config{Kind: "weixin", ClientID: "c", Settings: map[string]string{"page": "x"}}, []string{"settings.page"}},
		"a mark is no setting":   {Config{Kind: "battlenet", ClientID: "c", Settings: map[string]string{"_mark": "x"}}, []string{"has no"}},
		"not China's server":     {Config{Kind: "battlenet", ClientID: "c", ServerURL: "https://oauth.battle.net"}, []string{"server_url", "uids of China"}},
		"China's server":         {Config{Kind: "battlenet", ClientID: "c", ServerURL: battlenetChina + "/"}, nil},
		"user agent of lines":    {Config{Kind: "reddit", ClientID: "c", Settings: map[string]string{"user_agent": "a\r\nb"}}, []string{"settings.user_agent"}},
		"signing out":            {Config{Kind: "okta", ClientID: "c", ServerURL: realm, SignOut: true, BackchannelLogout: true, PostLogoutRedirectURI: "https://app.example.com/bye"}, nil},
		"back to an app":         {Config{Kind: "okta", ClientID: "c", ServerURL: realm, SignOut: true, PostLogoutRedirectURI: "com.example.app:/bye"}, nil},
		"signing out of github":  {Config{Kind: "github", ClientID: "c", SignOut: true, BackchannelLogout: true}, []string{"sign_out: github speaks no OpenID Connect", "backchannel_logout: github"}},
		"back to a script":       {Config{Kind: "okta", ClientID: "c", ServerURL: realm, SignOut: true, PostLogoutRedirectURI: "javascript:alert(1)"}, []string{"post_logout_redirect_uri"}},
		"back with a password":   {Config{Kind: "okta", ClientID: "c", ServerURL: realm, SignOut: true, PostLogoutRedirectURI: "https://u:hunter2@x.example.com"}, []string{"post_logout_redirect_uri"}},
		"tokens good for long":   {Config{Kind: "okta", ClientID: "c", ServerURL: realm, BackchannelLogout: true, LogoutTokenMaxAge: time.Hour}, []string{"logout_token_max_age: 1h0m0s"}},
		"tokens of nobody":       {Config{Kind: "okta", ClientID: "c", ServerURL: realm, LogoutTokenMaxAge: time.Minute}, []string{"without backchannel_logout"}},
		"back from nowhere":      {Config{Kind: "okta", ClientID: "c", ServerURL: realm, PostLogoutRedirectURI: "https://app.example.com/"}, []string{"without sign_out"}},
		"all at once": {Config{ID: "X", Kind: "okta", TokenAuthMethod: "x", AuthParams: map[string]string{"scope": "x"}},
			[]string{"id:", "client_id", "server_url", "token_auth_method", "auth_params"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.Secret = "s3cr3t"
			p, err := New(c.cfg, Deps{Now: noon})
			if (err == nil) != (c.want == nil) || (p == nil) != (err != nil) {
				t.Fatalf("got %v, %v", p, err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			if err != nil && (strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("a secret is in: %v", err)
			}
		})
	}
	if _, err := New(Config{Kind: "github", ClientID: "c"}, Deps{}); err == nil || !strings.Contains(err.Error(), "now") {
		t.Errorf("no clock: %v", err)
	}
}

func TestKindsAreSortedAndUnique(t *testing.T) {
	got := Kinds()
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("got %v", got)
	}
	for _, want := range []string{
		"openid_connect", "google", "apple", "microsoft", "github", "gitlab", "facebook", "linkedin", "linkedin_oauth2", "discord",
		"slack", "twitch", "spotify", "bitbucket", "bitbucket_oauth2", "x", "twitter_oauth2", "amazon", "dropbox", "reddit", "yahoo",
		"line", "kakao", "naver", "zoom", "salesforce", "auth0", "okta", "keycloak", "dummy",
		"tiktok", "instagram", "snapchat", "telegram", "steam", "paypal", "weixin", "wechat", "weibo", "vk", "yandex", "mailru", "pinterest",
		"shopify", "stripe", "patreon", "notion", "figma", "atlassian", "gitea", "nextcloud", "digitalocean", "battlenet", "strava", "hubspot",
		"zoho", "orcid", "amazon_cognito", "cognito",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// serverOf is a server_url that a kind takes.
func serverOf(k kind) string {
	if k.special == isShopify {
		return "https://acme.myshopify.com"
	}
	return realm
}

// unread are the kinds that nobody has held against documentation since rows say so.
func unread() []string {
	return []string{
		"dummy", "oauth2", "openid_connect", "auth0", "okta", "keycloak", "apple", "microsoft", "linkedin", "slack", "yahoo", "salesforce", "github",
		"bitbucket_oauth2", "facebook", "twitch", "reddit", "kakao", "naver", "line", "spotify", "amazon", "zoom",
	}
}

// TestRowsSayTheirSource: a row names the documentation it was held against, and the day.
func TestRowsSayTheirSource(t *testing.T) {
	for _, k := range kinds() {
		at, day, _ := strings.Cut(k.Source, ", ")
		u, err := url.Parse(at)
		read, dateErr := time.Parse(time.DateOnly, day)
		switch {
		case slices.Contains(unread(), k.ID) && k.Source != "":
			t.Errorf("%s has a source: take it off the list of those that have none", k.ID)
		case slices.Contains(unread(), k.ID):
		case err != nil || u.Scheme != "https" || u.Host == "" || dateErr != nil || read.Before(time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)):
			t.Errorf("%s: Source is %q: want the address of its documentation and the day it was read", k.ID, k.Source)
		}
	}
}

// TestRows finds rows that could not work.
func TestRows(t *testing.T) {
	for _, k := range kinds() {
		if k.special == isConfigured {
			continue // its row is written by the configuration
		}
		p := newInternet(t).provider(Config{Kind: k.ID, Secret: "s", ServerURL: map[bool]string{true: serverOf(k)}[k.Hosted == selfHosted]})
		for what, text := range map[string]string{
			"auth": k.Auth, "token": k.Token, "profile": k.Profile, "issuer": k.Issuer, "emails": k.Emails.URL, "keys": k.TokenKeys,
		} {
			u := mark.ReplaceAllString(p.expand(text), "x")
			if strings.ContainsAny(u, "{}") {
				t.Errorf("%s: %s is %s", k.ID, what, u)
			}
			if text != "" && k.special != isDummy && !strings.HasPrefix(u, "https://") {
				t.Errorf("%s: %s is %s", k.ID, what, u)
			}
		}
		if k.Name == "" || len(k.Map.UID) == 0 || k.openID() == (k.Auth != "") || (k.Auth == "") != (k.Token == "") && k.special != isDummy {
			t.Errorf("%s is not whole: %+v", k.ID, k)
		}
		if !k.openID() && k.Profile == "" && k.special != isDummy && k.Desk == nil {
			t.Errorf("%s: nobody says who it is", k.ID)
		}
	}
}

func TestAliases(t *testing.T) {
	n := newInternet(t)
	p := n.provider(Config{Kind: "x"})
	if p.ID() != "x" || p.Kind() != "twitter_oauth2" || p.Name() != "X" {
		t.Errorf("got %s %s %s", p.ID(), p.Kind(), p.Name())
	}
	p = n.provider(Config{Kind: "openid_connect", ID: "acme", Name: "Acme", ServerURL: realm, EmailAuthentication: true, ClientID: "a,b"})
	if p.ID() != "acme" || p.Name() != "Acme" || !p.EmailAuthentication() || p.ClientID() != "a,b" {
		t.Errorf("got %s %s %v %s", p.ID(), p.Name(), p.EmailAuthentication(), p.ClientID())
	}
}

func TestOpenIDConfigurationURL(t *testing.T) {
	n := newInternet(t)
	for _, c := range []struct{ kind, server, want string }{
		{"openid_connect", realm, realm + wellKnown},
		{"openid_connect", realm + "/", realm + wellKnown},
		{"openid_connect", realm + wellKnown, realm + wellKnown},
		{"keycloak", realm, realm + wellKnown},
		{"google", "", ""},
		{"github", "", ""},
	} {
		if got := n.provider(Config{Kind: c.kind, ServerURL: c.server}).OpenIDConfigurationURL(); got != c.want {
			t.Errorf("%s at %s: %s", c.kind, c.server, got)
		}
	}
}

func TestFlows(t *testing.T) {
	n := newInternet(t)
	for kind, want := range map[string][]string{"github": {FlowRedirect}, "google": {FlowRedirect, FlowToken}} {
		p := n.provider(Config{Kind: kind})
		if d := cmp.Diff(want, p.Flows()); d != "" || p.SupportsToken() != (len(want) == 2) {
			t.Errorf("%s: %s", kind, d)
		}
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	cfg := Config{ID: "mine", Kind: "github", ClientID: "c", Secret: "s3cr3t", Settings: map[string]string{"api": "https://s3cr3t.example.com"}}
	p, err := New(cfg, Deps{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{cfg, &cfg, p, []Config{cfg}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "s3cr3t") || !strings.Contains(got, "mine") {
				t.Errorf("%s of %T: %s", verb, v, got)
			}
		}
	}
}

func TestUIDField(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	p := n.provider(Config{Kind: "okta", ServerURL: realm, Settings: map[string]string{"uid_field": "employee.number"}})
	a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(map[string]any{"employee": map[string]any{"number": 42}})})
	if err != nil || a.UID != "42" {
		t.Errorf("got %+v, %v", a, err)
	}
	if err := try(p, i.mint(nil)); err == nil {
		t.Error("the sub stood in for a uid that is not there")
	}
}

func TestRedirectsOfTheCallersClientDoNotMatter(t *testing.T) {
	n := newInternet(t)
	client := n.client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
	p, err := New(Config{Kind: "github", ClientID: "c"}, Deps{Client: client, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	n.on("GET https://evil.example.com/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id": 1}`) })
	n.on("GET "+api, move("https://evil.example.com/"))
	n.says("POST https://github.com/login/oauth/access_token", "", `{"access_token": "a"}`)
	if a, err := p.Exchange(context.Background(), callback(nil)); err == nil {
		t.Errorf("got %+v", a)
	}
}

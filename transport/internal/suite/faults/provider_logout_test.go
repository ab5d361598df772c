package faults

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestAWordOfAProviderReachesAllServers: it comes to one server, once, and the sessions it means
// are over at the other at once.
func TestAWordOfAProviderReachesAllServers(t *testing.T) {
	t.Parallel()
	var idp *device.Provider
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { idp.ServeHTTP(w, r) }))
	t.Cleanup(site.Close)
	one, two := twoServers(t, func(c *config.Config, _ *server.Options) {
		c.Headless.FrontendURLs.ProviderError = "http://localhost:3000/account/provider/callback"
		c.SocialAccount.Providers = []config.Provider{{
			ID: "corp", Provider: "openid_connect", ClientID: device.ClientID, Secret: device.ClientSecret, ServerURL: site.URL, BackchannelLogout: true,
		}}
	})
	var err error
	if idp, err = device.NewProvider(device.ProviderConfig{Issuer: site.URL, Now: one.Clock.Read}); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"app", "browser"} {
		token, err := idp.IDToken(device.Identity{"sub": kind, "sid": kind, "email": kind + "@example.org", "email_verified": true})
		if err != nil {
			t.Fatal(err)
		}
		c := one.Client(kind)
		c.Do("POST", "/auth/provider/token", map[string]any{
			"provider": "corp", "process": "login", "token": map[string]string{"client_id": device.ClientID, "id_token": token},
		}).Is(200)
		c.At(two).Session().Is(200)
		word, err := idp.LogoutToken(device.Identity{"sid": kind})
		if err != nil {
			t.Fatal(err)
		}
		say := func(l *suite.Lab) int {
			got, err := http.PostForm(l.URL+"/accounts/corp/logout/backchannel/", url.Values{"logout_token": {word}})
			if err != nil {
				t.Fatal(err)
			}
			defer got.Body.Close()
			return got.StatusCode
		}
		if status := say(two); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		if status := c.Session().Status; status == http.StatusOK {
			t.Errorf("the %s is signed in where the word did not come", kind)
		}
		if status := c.At(two).Session().Status; status == http.StatusOK {
			t.Errorf("the %s is signed in where the word came", kind)
		}
		if status := say(one); status != http.StatusBadRequest {
			t.Errorf("status %d of a word that the other server has had", status)
		}
	}
}

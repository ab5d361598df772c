package appjourneys

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestSigningOutAtTheOtherSite: who came by another site, on another origin, is led through its
// page when they sign out, and back to where it was told to send them.
func TestSigningOutAtTheOtherSite(t *testing.T) {
	b := suite.NewBrowser(t)
	var idp *device.Provider
	var left atomic.Int32
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/logout" && r.URL.Query().Get("id_token_hint") != "" {
			left.Add(1)
		}
		idp.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)
	l := suite.NewLab(t, suite.Hosted, func(c *config.Config, o *server.Options) {
		c.SocialAccount.Providers = []config.Provider{{
			ID: "corp", Provider: "openid_connect", Name: "Corp", ClientID: device.ClientID, Secret: device.ClientSecret, ServerURL: site.URL,
			SignOut: true, PostLogoutRedirectURI: c.Origin() + "/account/login",
		}}
		var err error
		if idp, err = device.NewProvider(device.ProviderConfig{Issuer: site.URL, Now: o.Now}); err != nil {
			t.Fatal(err)
		}
	})
	w := &walker{b.Tab(t, l, 1280)}
	w.Open("/account/login")
	w.Press("Continue with Corp")
	w.At("/account/", "Hello, somebody")
	// The page shows the sign-in before it leaves for the other site: what comes back is another document.
	w.Do("the document is marked", chromedp.Evaluate[chromedp.Void](`void (window.leaves = true)`))
	w.Press("Sign out")
	w.Do("the browser is sent back", suite.Until(`!window.leaves && document.body?.dataset.ready`))
	w.At("/account/login", "Sign in")
	l.Eventually("the browser has been at the other site", func() bool { return left.Load() == 1 })
	w.Open("/account/")
	w.At("/account/login", "Sign in")
}

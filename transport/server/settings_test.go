package server

import (
	"testing"

	"stagedoor/transport/config"
)

// TestTrustCookie: the cookie of trusted browsers is as the session's, unless it is said
// otherwise.
func TestTrustCookie(t *testing.T) {
	c := config.Default()
	c.PublicURL, c.Session.CookieDomain, c.Session.CookieSameSite = "https://auth.example.com", "example.com", "none"
	cookie := trustCookie(c)
	cookie.Value = "x"
	if got, want := cookie.String(), "mfa_trusted=x; Path=/; Domain=example.com; Max-Age=1209600; HttpOnly; Secure; SameSite=None"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	m := &c.MFA
	m.TrustCookieName, m.TrustCookieDomain, m.TrustCookiePath, m.TrustCookieSameSite, m.TrustCookieAge = "known", "auth.example.com", "/_allauth", "Strict", 60
	cookie = trustCookie(c)
	cookie.Value = "x"
	if got, want := cookie.String(), "known=x; Path=/_allauth; Domain=auth.example.com; Max-Age=60; HttpOnly; Secure; SameSite=Strict"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

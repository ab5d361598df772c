package wire

import (
	"strings"
	"testing"
)

// TestLeadsTo: nobody is sent from here to a page of a stranger, however it is written.
func TestLeadsTo(t *testing.T) {
	c := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com", TrustedOrigins: []string{"https://app.example.com:8443", "https://*.example.net"}})
	for next, want := range map[string]bool{
		"/": true, "/home?x=1#y": true, "/account/email": true, "/a//b": true, "/?u=https://evil.example": true,
		"https://auth.example.com/x": true, "https://app.example.com:8443/x": true, "https://APP.example.com:8443/": true, "https://a.example.net": true,
		"": false, "home": false, "?x": false, "#x": false, "//evil.example": false, "///evil.example": false, `/\evil.example`: false, `\\evil.example`: false,
		"/\t/evil.example": false, "\t//evil.example": false, "/\n/evil.example": false, " //evil.example": false, "/\x00": false,
		"https://evil.example/": false, "http://auth.example.com/": false, "https://app.example.com/": false, "https:evil.example": false, "https:/evil.example": false,
		"https:///evil.example": false, "https://auth.example.com@evil.example/": false, "https://auth.example.com:pw@evil.example": false,
		"https://user@auth.example.com/": false, "https://auth.example.com.evil.example/": false, "https://evil.example#.example.net": false,
		"https://evil.example/.example.net": false, "javascript:alert(1)": false, "JavaScript:alert(1)": false, "data:text/html,x": false, "blob:https://auth.example.com/x": false,
		"https://auth.example.com%2eevil.example/": false, "%2f%2fevil.example": false, "ftp://auth.example.com/": false, "/" + strings.Repeat("x", MaxNext): false,
	} {
		if got := c.LeadsTo(next); got != want {
			t.Errorf("%q: %v", next, got)
		}
	}
}

package config

import "testing"

func TestSites(t *testing.T) {
	for _, tt := range []struct {
		a, b, domain string
		same         bool
	}{
		{"https://auth.example.com", "https://app.example.com", "example.com", true},
		{"https://auth.example.com", "https://example.com", "example.com", true},
		{"https://a.b.example.co.uk", "https://c.b.example.co.uk", "b.example.co.uk", true},
		{"https://auth.example.co.uk", "https://app.other.co.uk", "", false},
		{"https://auth.github.io", "https://app.github.io", "", false},
		{"https://one.app.github.io", "https://two.app.github.io", "app.github.io", true},
		{"https://auth.example.com", "http://app.example.com", "example.com", false},
		{"https://auth.corp.internal", "https://app.corp.internal", "corp.internal", true},
		{"https://github.io", "https://github.io", "", true},
		{"http://10.0.0.1", "http://10.0.0.1:3000", "", true},
		{"http://10.0.0.1", "http://10.0.0.2", "", false},
		{"http://localhost:8080", "http://localhost:3000", "", true},
		{"https://auth.example.com", "https://app.example.org", "", false},
	} {
		if got := siteOf(tt.a) == siteOf(tt.b); got != tt.same {
			t.Errorf("%s and %s are one site: %v, want %v (%s, %s)", tt.a, tt.b, got, tt.same, siteOf(tt.a), siteOf(tt.b))
		}
		for _, got := range []string{commonDomain(hostOf(tt.a), hostOf(tt.b)), commonDomain(hostOf(tt.b), hostOf(tt.a))} {
			if got != tt.domain {
				t.Errorf("%s and %s share %q, want %q", tt.a, tt.b, got, tt.domain)
			}
		}
	}
}

func TestOtherSite(t *testing.T) {
	c := frontEnd("https://app.example.com", nil)
	for origin, want := range map[string]bool{
		"https://app.example.com": false, "https://auth.example.com": false, "https://app.example.org": true, "http://app.example.com": true, "null": false, "": false,
	} {
		if got := c.OtherSite(origin); got != want {
			t.Errorf("%q: %v, want %v", origin, got, want)
		}
	}
}

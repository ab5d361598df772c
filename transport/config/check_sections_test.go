package config

import "testing"

func TestFaultsOfRest(t *testing.T) {
	uri := func(uri string) func(*Config) { return func(c *Config) { c.Rest.RedirectURIs = []string{uri} } }
	const example = "; such as https://app.example.com/callback or com.example.app:/callback"
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Rest.TokenLifetime = 0 }, `rest.token_lifetime: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{uri("/callback"), `rest.redirect_uris: not an absolute URI (got "/callback")` + example},
		{uri("javascript:alert(1)"), `rest.redirect_uris: not an absolute URI (got "javascript:alert(1)")` + example},
		{uri("javascript://%0aalert(1)"), `rest.redirect_uris: not an absolute URI (got "javascript://%0aalert(1)")` + example},
		{uri("https:///callback"), `rest.redirect_uris: has no host (got "https:///callback"); such as https://app.example.com/callback`},
		{uri("https://app.example.com/#x"),
			`rest.redirect_uris: has a fragment (got "https://app.example.com/#x"); leave out what follows # (RFC 6749, section 3.1.2)`},
	})
	c := sound()
	c.Rest.RedirectURIs = []string{"https://app.example.com/callback", "com.example.app:/callback", "http://127.0.0.1/cb"}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestFaultsOfOperators(t *testing.T) {
	mount := func(path string) func(*Config) { return func(c *Config) { c.Admin.Mount = path } }
	const token = "an-operators-token-of-more-than-32-bytes"
	const taken = `; such as /admin`
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Admin.Token = "short" }, `admin.token: shorter than 32 bytes; make one with: openssl rand -base64 48`},
		{func(c *Config) { c.Admin.Inspector = true }, `admin.token: missing, the inspector asks for it; make one with: openssl rand -base64 48; or switch admin.inspector off`},
		{func(c *Config) { c.Admin.Token = token + " x" }, `admin.token: has other characters than a bearer token can; make one with: openssl rand -base64 48`},
		{func(c *Config) { c.Trails.KeepDays = -1 }, `trails.keep_days: out of range (got -1); from 0 to 3650 days, 0 keeping none`},
		{mount(""), `admin.mount: not a path; such as /admin, without a slash at its end`},
		{mount("/"), `admin.mount: not a path (got "/"); such as /admin, without a slash at its end`},
		{mount("/admin/"), `admin.mount: not a path (got "/admin/"); such as /admin, without a slash at its end`},
		{mount("/auth/admin"), `admin.mount: something else is there (got "/auth/admin")` + taken},
		{mount("/_allauth"), `admin.mount: something else is there (got "/_allauth")` + taken},
		{mount("/_allauth/admin"), `admin.mount: something else is there (got "/_allauth/admin")` + taken},
		{func(c *Config) { c.Headless.Mount = "/admin/in" }, `admin.mount: something else is there (got "/admin")` + taken},
	})
	c := sound()
	c.Admin.Token, c.Admin.Mount = token, "/authority/in"
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

package config

import "testing"

func TestFaultsOfHeadless(t *testing.T) {
	const mount = "; such as /_allauth, without a slash at its end"
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Headless.FrontendURLs.Signup = "https://app.example.com/sign up" },
			`headless.frontend_urls.account_signup: not fit for a link in a letter (got "https://app.example.com/sign up"); write spaces and signs as %20 and so on`},
		{func(c *Config) { c.Headless.Mount = "/" }, `headless.mount: not a path (got "/")` + mount},
		{func(c *Config) { c.Headless.Mount = "/a/" }, `headless.mount: not a path (got "/a/")` + mount},
		{func(c *Config) { c.Headless.Mount = "/a/:id" }, `headless.mount: not a path (got "/a/:id")` + mount},
		{func(c *Config) { c.Headless.Mount = "" }, `headless.mount: not a path` + mount},
		{func(c *Config) { c.Headless.Clients = nil }, `headless.clients: empty; list browser, app or both, or switch serve.headless off`},
		{func(c *Config) { c.Headless.Clients = []string{"apps"} }, `headless.clients: not one of browser, app (got "apps"); did you mean app`},
	})
}

func TestFaultsOfJWT(t *testing.T) {
	jwt := func(algorithm string, key Secret) func(*Config) {
		return func(c *Config) {
			c.Headless.TokenStrategy, c.Headless.JWTAlgorithm, c.Headless.JWTPrivateKey = "jwt", algorithm, key
		}
	}
	const rsaKey = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Headless.TokenStrategy = "jwts" }, `headless.token_strategy: not one of session, jwt (got "jwts"); did you mean jwt`},
		{func(c *Config) { c.Headless.TokenStrategy = "allauth.headless.JWTTokenStrategy" },
			`headless.token_strategy: not one of session, jwt (got "allauth.headless.JWTTokenStrategy"); a class is code in Django; write jwt for the JWTTokenStrategy`},
		{jwt("none", "x"), "headless.jwt_algorithm: not one of RS256, ES256, EdDSA, HS256 (got \"none\"); the first is the usual choice\n" +
			"headless.jwt_private_key: not a private key in PEM; make one with: " + rsaKey},
		{jwt("RS256", ""), `headless.jwt_private_key: missing; servers with one database share it; give the path of a PEM file as headless.jwt_private_key_file`},
		{jwt("HS256", "hunter2"), `headless.jwt_private_key: shorter than 32 bytes; HS256 needs as many as its hash has (RFC 7518, section 3.2)`},
		{jwt("RS256", "hunter2"), `headless.jwt_private_key: not a private key in PEM; make one with: ` + rsaKey},
		{jwt("RS256", weakRSA(t)), `headless.jwt_private_key: an RSA key of less than 2048 bits; RFC 7518, section 3.3; make one with: ` + rsaKey},
		{jwt("RS256", testKey(t, "ES256")), `headless.jwt_private_key: a key of another kind than RS256; make one with: ` + rsaKey},
		{jwt("ES256", p384(t)),
			`headless.jwt_private_key: a key of another kind than ES256; make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`},
		{jwt("EdDSA", testKey(t, "RS256")), `headless.jwt_private_key: a key of another kind than EdDSA; make one with: openssl genpkey -algorithm ed25519`},
		{func(c *Config) { c.Headless.JWTAccessTokenExpires = 0 },
			`headless.jwt_access_token_expires_in: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Headless.JWTRefreshTokenExpires = 299 },
			`headless.jwt_refresh_token_expires_in: shorter than the access token's age (got 299); a refresh token outlives what it refreshes`},
		{func(c *Config) { c.Headless.JWTHeaderScheme = "a b" },
			`headless.jwt_authorization_header_scheme: not one word of a header (got "a b"); the usual choice is Bearer`},
	})
}

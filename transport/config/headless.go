package config

import (
	"regexp"
	"strings"
)

// Headless is about the headless contract. JWT ages are in seconds.
type Headless struct {
	// Mount is the path before /browser/v1 and /app/v1.
	Mount string `koanf:"mount"`
	// Clients are of browser and app.
	Clients []string `koanf:"clients"`
	// ServeSpecification serves the OpenAPI document.
	ServeSpecification bool         `koanf:"serve_specification"`
	FrontendURLs       FrontendURLs `koanf:"frontend_urls"`
	// Extended answers have members that django-allauth's have not, where they say more than those
	// do. Clients that take answers member by member want them left out.
	Extended bool `koanf:"extended"`

	// TokenStrategy is session (opaque tokens) or jwt, for app clients.
	TokenStrategy TokenStrategy `koanf:"token_strategy"`
	// JWTAlgorithm is RS256, ES256, EdDSA or HS256 (RFC 7518, RFC 8037).
	JWTAlgorithm string `koanf:"jwt_algorithm"`
	// JWTPrivateKey is a PEM, or for HS256 the shared secret. Empty means: made
	// at the first start and kept in the data directory (embedded state only).
	JWTPrivateKey Secret `koanf:"jwt_private_key"`
	// JWTPreviousKeyFiles are PEM files that verify tokens, but sign none: keys
	// of before the last rotation.
	JWTPreviousKeyFiles   []string `koanf:"jwt_previous_key_files"`
	JWTAccessTokenExpires Seconds  `koanf:"jwt_access_token_expires_in"`
	// JWTRefreshTokenExpires is the age of the refresh token.
	JWTRefreshTokenExpires Seconds `koanf:"jwt_refresh_token_expires_in"`
	// JWTRotateRefreshToken hands out a new refresh token at each use.
	JWTRotateRefreshToken bool `koanf:"jwt_rotate_refresh_token"`
	// JWTReuseEndsFamily ends the session when a used refresh token comes back
	// late.
	JWTReuseEndsFamily bool `koanf:"jwt_reuse_ends_family"`
	// JWTStatefulValidation looks the session up for every access token.
	JWTStatefulValidation bool   `koanf:"jwt_stateful_validation_enabled"`
	JWTHeaderScheme       string `koanf:"jwt_authorization_header_scheme"`
}

// mountPath is a path of plain segments, without a slash at its end.
var mountPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// headerToken is one word of a header (RFC 9110, section 5.6.2).
var headerToken = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// headless checks the headless contract.
func (k *checker) headless() {
	h := k.c.Headless
	if !mountPath.MatchString(h.Mount) {
		k.wrong("headless.mount", "not a path", h.Mount, "such as /_allauth, without a slash at its end")
	}
	k.someOf("headless.clients", h.Clients, "browser", "app")
	if len(h.Clients) == 0 && k.c.Serve.Headless {
		k.wrong("headless.clients", "empty", nil, "list browser, app or both, or switch serve.headless off")
	}
}

// jwt checks the tokens of app clients.
func (k *checker) jwt() {
	h := k.c.Headless
	if strings.Contains(string(h.TokenStrategy), ".") {
		k.wrong("headless.token_strategy", "not one of session, jwt", string(h.TokenStrategy), "a class is code in Django; write jwt for the JWTTokenStrategy")
	} else {
		k.oneOf("headless.token_strategy", string(h.TokenStrategy), "session", "jwt")
	}
	k.oneOf("headless.jwt_algorithm", h.JWTAlgorithm, "RS256", "ES256", "EdDSA", "HS256")
	k.age("headless.jwt_access_token_expires_in", h.JWTAccessTokenExpires)
	k.age("headless.jwt_refresh_token_expires_in", h.JWTRefreshTokenExpires)
	if h.JWTRefreshTokenExpires < h.JWTAccessTokenExpires {
		k.wrong("headless.jwt_refresh_token_expires_in", "shorter than the access token's age", float64(h.JWTRefreshTokenExpires),
			"a refresh token outlives what it refreshes")
	}
	if !headerToken.MatchString(h.JWTHeaderScheme) {
		k.wrong("headless.jwt_authorization_header_scheme", "not one word of a header", h.JWTHeaderScheme, "the usual choice is Bearer")
	}
	if h.TokenStrategy != "jwt" {
		return
	}
	switch {
	case !h.JWTPrivateKey.Known():
	case h.JWTPrivateKey != "":
		if problem, hint := unfit(h.JWTAlgorithm, h.JWTPrivateKey); problem != "" {
			k.wrong("headless.jwt_private_key", problem, nil, hint)
		}
	case !k.ownKeys():
		k.lacks("headless.jwt_private_key", "missing", "servers with one database share it; give the path of a PEM file as headless.jwt_private_key_file")
	}
}

package config

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"stagedoor/transport/internal/plaintext"
)

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

// page is a page of the front end, what needs it, and what to do without it.
type page struct {
	key, url         string
	takesKey, needed bool
	feature, instead string
}

// pages checks the front end's URLs: those that a feature needs are there, and
// links that carry a key have a place for it.
func (k *checker) pages() {
	pages, a := k.c.Pages(), k.c.Account
	for _, p := range []page{
		{key: "account_confirm_email", url: pages.ConfirmEmail, takesKey: true, needed: !a.EmailVerificationByCodeEnabled,
			feature: "verification by link", instead: "set account.email_verification_by_code_enabled"},
		{key: "account_reset_password_from_key", url: pages.ResetPasswordFromKey, takesKey: true, needed: !a.PasswordResetByCodeEnabled,
			feature: "password reset by link", instead: "set account.password_reset_by_code_enabled"},
		{key: "socialaccount_login_error", url: pages.ProviderError, needed: len(k.c.SocialAccount.Providers) > 0,
			feature: "sign-in by a provider", instead: "list no socialaccount.providers"},
		{key: "account_reset_password", url: pages.ResetPassword},
		{key: "account_signup", url: pages.Signup},
		{key: "account_disown", url: pages.Disown, takesKey: true},
	} {
		k.page("headless.frontend_urls."+p.key, p)
	}
}

func (k *checker) page(key string, p page) {
	u, err := url.Parse(p.url)
	switch {
	case p.url == "" && p.needed:
		k.wrong(key, "missing, needed for "+p.feature, nil, "give a page of the front end, or "+p.instead)
	case p.url == "":
	case k.lost && strings.HasPrefix(p.url, k.c.Origin()):
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		k.wrong(key, "not an http or https URL or a path", p.url, "such as https://app.example.com/account/page")
	case !plaintext.IsLink(p.url):
		k.wrong(key, "not fit for a link in a letter", p.url, "write spaces and signs as %20 and so on")
	case p.takesKey && !strings.Contains(p.url, "{key}"):
		k.wrong(key, "has no place for the key", p.url, "put {key} where the key of the link belongs")
	case !p.takesKey && strings.Contains(p.url, "{key}"):
		k.wrong(key, "has a place for a key it never gets", p.url, "take {key} out")
	}
}

// jwt checks the tokens of app clients.
func (k *checker) jwt() {
	h := k.c.Headless
	if strings.Contains(h.TokenStrategy, ".") {
		k.wrong("headless.token_strategy", "not one of session, jwt", h.TokenStrategy, "a class is code in Django; write jwt for the JWTTokenStrategy")
	} else {
		k.oneOf("headless.token_strategy", h.TokenStrategy, "session", "jwt")
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
	case h.JWTPrivateKey != "":
		if problem, hint := unfit(h.JWTAlgorithm, h.JWTPrivateKey); problem != "" {
			k.wrong("headless.jwt_private_key", problem, nil, hint)
		}
	case !k.ownKeys():
		k.wrong("headless.jwt_private_key", "missing", nil, "servers with one database share it; give the path of a PEM file as headless.jwt_private_key_file")
	}
}

// unfit says why a key cannot sign by the algorithm, or nothing.
func unfit(algorithm string, key Secret) (problem, hint string) {
	if algorithm == "HS256" {
		if len(key) < minSecret {
			return fmt.Sprintf("shorter than %d bytes", minSecret), "HS256 needs as many as its hash has (RFC 7518, section 3.2)"
		}
		return "", ""
	}
	parsed, err := parsePEM(key)
	if err != nil {
		return "not a private key in PEM", "make one with: " + makeKey(algorithm)
	}
	switch private := parsed.(type) {
	case *rsa.PrivateKey:
		if algorithm == "RS256" && private.N.BitLen() < 2048 {
			return "an RSA key of less than 2048 bits", "RFC 7518, section 3.3; make one with: " + makeKey(algorithm)
		}
		if algorithm == "RS256" {
			return "", ""
		}
	case *ecdsa.PrivateKey:
		if algorithm == "ES256" && private.Curve == elliptic.P256() {
			return "", ""
		}
	case ed25519.PrivateKey:
		if algorithm == "EdDSA" {
			return "", ""
		}
	}
	return "a key of another kind than " + algorithm, "make one with: " + makeKey(algorithm)
}

// makeKey is a command that makes a key for the algorithm.
func makeKey(algorithm string) string {
	kind := map[string]string{"ES256": "EC -pkeyopt ec_paramgen_curve:P-256", "EdDSA": "ed25519"}[algorithm]
	return "openssl genpkey -algorithm " + cmp.Or(kind, "RSA -pkeyopt rsa_keygen_bits:2048")
}

// parsePEM reads a private key in PKCS #8, PKCS #1 or SEC 1.
func parsePEM(key Secret) (any, error) {
	block, _ := pem.Decode([]byte(key.Reveal()))
	if block == nil {
		return nil, fmt.Errorf("no PEM block")
	}
	if private, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		return private, nil
	}
	if private, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return private, nil
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

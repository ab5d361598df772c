package provider

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// keyFile is a private key as people have it in a file.
func keyFile(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// asserts checks that a form proves who we are by an assertion, as a provider does, and returns its id.
func asserts(t *testing.T, form url.Values, key crypto.Signer, alg, audience string) string {
	t.Helper()
	if form.Get("client_assertion_type") != assertionType || form.Has("client_secret") || form.Get("client_id") != "client" {
		t.Errorf("the form is %v", form)
	}
	raw := form.Get("client_assertion")
	if alg == ed25519Name { // which the library does not know
		parts := strings.Split(raw, ".")
		signature, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err != nil || !ed25519.Verify(key.Public().(ed25519.PublicKey), []byte(parts[0]+"."+parts[1]), signature) {
			t.Errorf("the key has not signed %s", raw)
		}
		return raw
	}
	var c jwt.RegisteredClaims
	token, err := jwt.ParseWithClaims(raw, &c, func(*jwt.Token) (any, error) { return key.Public(), nil },
		jwt.WithAudience(audience), jwt.WithIssuer("client"), jwt.WithSubject("client"), jwt.WithExpirationRequired(), jwt.WithTimeFunc(noon))
	if err != nil || token.Header["alg"] != alg || token.Header["kid"] != "our-key" || c.ID == "" || len(c.Audience) != 1 {
		t.Errorf("the assertion %v: %+v, %v", token, c, err)
	}
	return c.ID
}

// TestPrivateKeyJWT: a provider that takes no secret but an assertion could not be used.
func TestPrivateKeyJWT(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key       crypto.Signer
		announced any
		audience  string
		alg       string
	}{
		"RSA":                       {rsaKey(), nil, "", "RS256"},
		"RSA, PSS announced":        {rsaKey(), []string{"PS256", "ES256"}, "issuer", "PS256"},
		"P-256":                     {ecKey(t), []string{"RS256", "ES256"}, "", "ES256"},
		"P-384, the token endpoint": {p384, nil, "token_endpoint", "ES384"},
		"Ed25519":                   {ed, []string{"EdDSA"}, "", "EdDSA"},
		"Ed25519 by its name":       {ed, []string{"Ed25519"}, "", "Ed25519"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			i := n.openIssuer(realm)
			i.meta["token_endpoint_auth_methods_supported"] = []string{"private_key_jwt"}
			i.meta["token_endpoint_auth_signing_alg_values_supported"] = c.announced
			audience := realm
			if c.audience == "token_endpoint" {
				audience = realm + "/token"
			}
			p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, TokenAuthMethod: "private_key_jwt", Settings: map[string]string{
				"private_key": keyFile(t, c.key), "key_id": "our-key", "assertion_audience": c.audience,
			}})
			var ids []string
			n.on("POST "+realm+"/token", func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				ids = append(ids, asserts(t, r.PostForm, c.key, c.alg, audience))
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"access_token": "a", "id_token": "`+i.mint(map[string]any{"nonce": testNonce})+`"}`)
			})
			for _, code := range []string{testCode, "another"} {
				back := callback(nil)
				back.Code = code
				if a, err := p.Exchange(context.Background(), back); err != nil || a.UID == "" {
					t.Errorf("%+v, %v", a, err)
				}
			}
			if slices.Sort(ids); len(slices.Compact(ids)) != 2 {
				t.Errorf("two assertions have one id: %v", ids)
			}
		})
	}
}

// TestPrivateKeyThatDoesNotFit: the provider takes assertions, but none that this key can sign.
func TestPrivateKeyThatDoesNotFit(t *testing.T) {
	n := newInternet(t)
	n.openIssuer(realm).meta["token_endpoint_auth_signing_alg_values_supported"] = []string{"RS256"}
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, TokenAuthMethod: "private_key_jwt", Settings: map[string]string{"private_key": keyFile(t, ecKey(t))}})
	_, err := p.Exchange(context.Background(), callback(nil))
	if !errors.Is(err, ErrRefused) || Cause(err) != "not_configured" || !strings.Contains(err.Error(), "RS256") {
		t.Errorf("got %v", err)
	}
}

func TestPrivateKeyIsChecked(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		method, key, audience, want string
	}{
		"no key":                 {"private_key_jwt", "", "", "settings.private_key: no private key in PEM"},
		"no PEM":                 {"private_key_jwt", "secret", "", "no private key in PEM"},
		"a public key":           {"private_key_jwt", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "", "not a key that can sign"},
		"a short key":            {"private_key_jwt", keyFile(t, short), "", "2048 bits"},
		"an audience of its own": {"private_key_jwt", keyFile(t, ecKey(t)), "us", "assertion_audience"},
		"a key for nothing":      {"", keyFile(t, ecKey(t)), "", "token_auth_method: private_key_jwt"},
		"another assertion":      {"client_secret_jwt", "", "", "not supported"},
		"a certificate":          {"tls_client_auth", "", "", "not supported"},
		"anything":               {"basic", "", "", `"basic" is not`},
	} {
		cfg := Config{Kind: "openid_connect", ServerURL: realm, ClientID: "client", TokenAuthMethod: c.method, Settings: map[string]string{}}
		for name, value := range map[string]string{"private_key": c.key, "assertion_audience": c.audience} {
			if value != "" {
				cfg.Settings[name] = value
			}
		}
		if _, err := New(cfg, Deps{Now: noon}); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPushedRequests: what the provider demands is pushed to it, and the browser carries only a name
// of it.
func TestPushedRequests(t *testing.T) {
	for name, c := range map[string]struct {
		must   bool
		cfg    Config
		basic  bool
		pushed bool
	}{
		"demanded":         {true, Config{Secret: "secret"}, true, true},
		"wanted":           {false, Config{Secret: "secret", PushedRequests: true}, true, true},
		"neither":          {false, Config{Secret: "secret"}, true, false},
		"secret in a form": {true, Config{Secret: "secret", TokenAuthMethod: "client_secret_post"}, false, true},
		"public":           {true, Config{}, false, true},
		"by a key": {true, Config{TokenAuthMethod: "private_key_jwt", Settings: map[string]string{
			"private_key": keyFile(t, rsaKey()), "key_id": "our-key",
		}}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			i := n.openIssuer(realm)
			i.meta["authorization_endpoint"] = realm + "/authorize?policy=x"
			i.meta["pushed_authorization_request_endpoint"] = realm + "/par"
			i.meta["require_pushed_authorization_requests"] = c.must
			n.on("POST "+realm+"/par", func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				f := r.PostForm
				if f.Get("state") != testState || f.Get("redirect_uri") != testCallback || f.Get("nonce") != testNonce || f.Get("response_type") != "code" ||
					f.Get("code_challenge_method") != "S256" || f.Get("client_id") != "client" || f.Has("policy") || len(r.URL.RawQuery) > 0 {
					t.Errorf("pushed %v", f)
				}
				id, secret, basic := r.BasicAuth()
				if basic != c.basic || basic && (id != "client" || secret != "secret") || !basic && c.cfg.Secret != f.Get("client_secret") {
					t.Errorf("proved by %s %s %v, %v", id, secret, basic, f)
				}
				if c.cfg.TokenAuthMethod == "private_key_jwt" {
					asserts(t, f, rsaKey(), "RS256", realm)
				}
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, `{"request_uri": "urn:ietf:params:oauth:request_uri:6esc_11", "expires_in": 60}`)
			})
			c.cfg.Kind, c.cfg.ServerURL = "openid_connect", realm
			u := authURL(t, n.provider(c.cfg), request())
			want := url.Values{"client_id": {"client"}, "request_uri": {"urn:ietf:params:oauth:request_uri:6esc_11"}, "policy": {"x"}}
			if c.pushed && u.RawQuery != want.Encode() || !c.pushed && u.Query().Get("state") != testState {
				t.Errorf("sent to %s", u)
			}
		})
	}
}

// TestPushIsRefused: why nobody is sent to the provider.
func TestPushIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		status             int
		body, cause, words string
		want               error
	}{
		"our secret is wrong":  {401, `{"error": "invalid_client", "error_description": "who are you"}`, "not_configured", `invalid_client "who are you"`, ErrRefused},
		"down":                 {503, ``, "provider_unavailable", "status 503", ErrUnreachable},
		"an answer of nothing": {201, `{}`, "provider_unavailable", "no request_uri", ErrUnreachable},
	} {
		n := newInternet(t)
		i := n.openIssuer(realm)
		i.meta["pushed_authorization_request_endpoint"], i.meta["require_pushed_authorization_requests"] = realm+"/par", true
		n.on("POST "+realm+"/par", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		to, err := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Secret: "secret"}).AuthCodeURL(context.Background(), request())
		if to != "" || !errors.Is(err, c.want) || Cause(err) != c.cause || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %q, %v, cause %s", name, to, err, Cause(err))
		}
	}
}

// TestWhatCannotBeDone: a provider that demands what this server cannot do says so from the first
// sign-in on, and not as a refusal that nobody understands.
func TestWhatCannotBeDone(t *testing.T) {
	for words, meta := range map[string]map[string]any{
		"JAR, RFC 9101": {"require_signed_request_object": true},
		"no pushed_authorization_request_endpoint": {"require_pushed_authorization_requests": true},
		"set token_auth_method to private_key_jwt": {"token_endpoint_auth_methods_supported": []string{"private_key_jwt", "tls_client_auth"}},
		"which this server does not know":          {"token_endpoint_auth_methods_supported": []string{"tls_client_auth"}},
	} {
		n := newInternet(t)
		n.openIssuer(realm).meta = meta
		_, err := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Secret: "secret"}).AuthCodeURL(context.Background(), request())
		if err == nil || !strings.Contains(err.Error(), words) || Cause(err) != "not_configured" {
			t.Errorf("%s: %v", words, err)
		}
	}
}

package provider

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// noon is when all tests take place.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// rsaKey is the fakes' signing key; a new one takes half a second.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// internet answers for all hosts there are: requests to any URL go to one local server,
// which still sees the host that was meant.
type internet struct {
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	routes map[string]http.HandlerFunc // by "METHOD scheme://host/path"
	seen   []string
}

func newInternet(t *testing.T) *internet {
	t.Helper()
	n := &internet{t: t, routes: map[string]http.HandlerFunc{}}
	n.server = httptest.NewServer(n)
	t.Cleanup(n.server.Close)
	return n
}

// client reaches the fake internet only.
func (n *internet) client() *http.Client {
	return &http.Client{Transport: detour{n}, Timeout: 5 * time.Second}
}

type detour struct{ to *internet }

func (d detour) RoundTrip(r *http.Request) (*http.Response, error) {
	was := *r.URL
	r = r.Clone(r.Context())
	r.Header.Set("X-Scheme", was.Scheme)
	r.Host = was.Host
	r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(d.to.server.URL, "http://")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if resp != nil {
		resp.Request.URL = &was
	}
	return resp, err
}

func (n *internet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Method + " " + r.Header.Get("X-Scheme") + "://" + r.Host + r.URL.Path
	n.mu.Lock()
	n.seen = append(n.seen, key)
	route := n.routes[key]
	n.mu.Unlock()
	if route == nil {
		http.Error(w, "nobody lives at "+key, http.StatusNotFound)
		return
	}
	route(w, r)
}

// on sets what answers a request.
func (n *internet) on(key string, h http.HandlerFunc) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.routes[key] = h
}

// says answers a request with JSON, to the right access token where one is given.
func (n *internet) says(key, access, answer string) {
	n.on(key, func(w http.ResponseWriter, r *http.Request) {
		if access != "" && r.Header.Get("Authorization") != "Bearer "+access {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		_, _ = io.WriteString(w, answer)
	})
}

// count is how often a request was made.
func (n *internet) count(key string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := 0
	for _, s := range n.seen {
		if s == key {
			c++
		}
	}
	return c
}

// issuer is a fake OpenID provider.
type issuer struct {
	net *internet
	url string
	kid string
	// meta are changes to its metadata; nil takes a field away.
	meta map[string]any
}

// openIssuer serves metadata and keys of an issuer.
func (n *internet) openIssuer(at string) *issuer {
	i := &issuer{net: n, url: at, kid: "key-1", meta: map[string]any{}}
	root := strings.TrimSuffix(at, "/")
	n.on("GET "+root+wellKnown, func(w http.ResponseWriter, _ *http.Request) {
		m := map[string]any{
			"issuer": at, "authorization_endpoint": root + "/authorize", "token_endpoint": root + "/token",
			"jwks_uri": root + "/jwks", "response_types_supported": []string{"code"},
			"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
			"code_challenge_methods_supported": []string{"S256"},
		}
		maps.Copy(m, i.meta)
		maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(m)
	})
	n.on("GET "+root+"/jwks", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{jwk(i.kid)}})
	})
	return i
}

func jwk(kid string) map[string]any {
	return map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
		"n": base64.RawURLEncoding.EncodeToString(rsaKey().N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(rsaKey().E)).Bytes()),
	}
}

// claims are those of a good id_token for the client, with changes; nil takes one away.
func (i *issuer) claims(changes map[string]any) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": i.url, "aud": "client", "sub": "sub-1",
		"iat": noon().Unix(), "exp": noon().Add(10 * time.Minute).Unix(),
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

// mint signs a good id_token with changes.
func (i *issuer) mint(changes map[string]any) string { return sign(i.kid, i.claims(changes)) }

func sign(kid string, c jwt.Claims) string {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	token.Header["kid"] = kid
	s, err := token.SignedString(rsaKey())
	if err != nil {
		panic(err)
	}
	return s
}

// till is a token endpoint that takes what it should, once.
type till struct {
	t         *testing.T
	basic     bool
	publicKey *ecdsa.PublicKey // checks Apple's secret
	challenge string           // of the authorization request; "" wants no verifier
	answer    string
	// json wants the request in JSON; changes are to its parameters, nil takes one away.
	json    bool
	changes url.Values
}

const (
	testCode     = "SplxlOBeZQQYbYS6WxSbIA"
	testAccess   = "SlAV32hkKG"
	testNonce    = "n-0S6_WzA2Mj"
	testState    = "af0ifjsldkj"
	testVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	testCallback = "https://app.example.com/accounts/x/login/callback/"
)

func (d *till) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if d.json {
		r.PostForm = formOf(d.t, r)
	}
	want := url.Values{"grant_type": {"authorization_code"}, "code": {testCode}, "redirect_uri": {testCallback}}
	if d.challenge != "" {
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != d.challenge {
			d.t.Errorf("the code verifier %q is not that of the challenge", r.PostForm.Get("code_verifier"))
		}
		want.Set("code_verifier", testVerifier)
	}
	id, secret, basic := r.BasicAuth()
	if basic != d.basic {
		d.t.Errorf("secret in the header: %v, want %v", basic, d.basic)
	}
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
		want["client_id"], want["client_secret"] = []string{"client"}, []string{secret}
	}
	for name, value := range d.changes {
		want[name] = value
		switch {
		case value == nil:
			want.Del(name)
		case value[0] == "client":
			id = r.PostForm.Get(name)
		case value[0] == "secret":
			secret = r.PostForm.Get(name)
		}
	}
	if id != "client" || d.publicKey == nil && secret != "secret" || d.publicKey != nil && !isAppleSecret(d.t, secret, d.publicKey) {
		d.t.Errorf("client %q came with secret %q", id, secret)
	}
	if got := r.PostForm.Encode(); got != want.Encode() {
		d.t.Errorf("exchange: got %s, want %s", got, want.Encode())
	}
	if len(r.URL.RawQuery) > 0 {
		d.t.Errorf("the exchange has a query: %s", r.URL.RawQuery)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, d.answer)
}

// formOf is a request's JSON object of texts as a form.
func formOf(t *testing.T, r *http.Request) url.Values {
	var in map[string]string
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("a %s, which is no JSON object of texts: %v", r.Header.Get("Content-Type"), err)
	}
	out := url.Values{}
	for name, value := range in {
		out.Set(name, value)
	}
	return out
}

// isAppleSecret checks a client secret as Apple does.
func isAppleSecret(t *testing.T, secret string, key *ecdsa.PublicKey) bool {
	t.Helper()
	var c jwt.RegisteredClaims
	token, err := jwt.ParseWithClaims(secret, &c, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience("https://appleid.apple.com"), jwt.WithIssuer("TEAM123456"),
		jwt.WithSubject("client"), jwt.WithExpirationRequired(), jwt.WithTimeFunc(noon))
	if err != nil {
		t.Error(err)
		return false
	}
	return token.Header["kid"] == "KEY1234567"
}

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// provider makes one, at noon, on the fake internet.
func (n *internet) provider(cfg Config) *Provider {
	n.t.Helper()
	if cfg.ClientID == "" && cfg.Kind != "dummy" {
		cfg.ClientID = "client"
	}
	p, err := New(cfg, Deps{Client: n.client(), Now: noon, Development: true})
	if err != nil {
		n.t.Fatal(err)
	}
	return p
}

// request is a good one.
func request() Request {
	return Request{State: testState, Nonce: testNonce, Verifier: testVerifier, RedirectURI: testCallback}
}

// callback is the answer to it.
func callback(more url.Values) Callback {
	form := url.Values{"code": {testCode}, "state": {testState}}
	maps.Copy(form, more)
	return Callback{Code: testCode, Verifier: testVerifier, Nonce: testNonce, RedirectURI: testCallback, Form: form}
}

// authURL is the parsed AuthCodeURL.
func authURL(t *testing.T, p *Provider, r Request) *url.URL {
	t.Helper()
	text, err := p.AuthCodeURL(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// primary is a verified or unverified primary address.
func primary(address string, verified bool) []Email {
	return []Email{{Address: address, Verified: verified, Primary: true}}
}

package resource

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// key is a private key with the algorithm it signs by.
type key struct {
	t       testing.TB
	method  jwt.SigningMethod
	private crypto.Signer
}

// newKey makes a key for an algorithm.
func newKey(t testing.TB, algorithm string) key {
	t.Helper()
	k := key{t: t, method: jwt.GetSigningMethod(algorithm)}
	var err error
	switch algorithm {
	case "ES256":
		k.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		k.private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "EdDSA":
		_, k.private, err = ed25519.GenerateKey(rand.Reader)
	default:
		k.private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// jwk are the required members of the public half (RFC 7638, section 3.2).
func (k key) jwk() map[string]string {
	k.t.Helper()
	text := base64.RawURLEncoding.EncodeToString
	switch p := k.private.Public().(type) {
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil {
			k.t.Fatal(err)
		}
		half := (len(point) - 1) / 2
		return map[string]string{"kty": "EC", "crv": p.Params().Name, "x": text(point[1 : 1+half]), "y": text(point[1+half:])}
	case ed25519.PublicKey:
		return map[string]string{"kty": "OKP", "crv": "Ed25519", "x": text(p)}
	case *rsa.PublicKey:
		return map[string]string{"kty": "RSA", "n": text(p.N.Bytes()), "e": text(big.NewInt(int64(p.E)).Bytes())}
	}
	return nil
}

// thumbprint is that of RFC 7638: of the members in the order of their names, which is that in
// which a map is encoded.
func (k key) thumbprint() string {
	text, err := json.Marshal(k.jwk())
	if err != nil {
		k.t.Fatal(err)
	}
	return hash(string(text))
}

// sign makes a token.
func (k key) sign(header map[string]any, claims jwt.MapClaims) string {
	k.t.Helper()
	t := jwt.NewWithClaims(k.method, claims)
	for name, value := range header {
		t.Header[name] = value
	}
	text, err := t.SignedString(k.private)
	if err != nil {
		k.t.Fatal(err)
	}
	return text
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// issuer stands for a server that gives tokens: it serves keys, and signs whatever a test wants.
type issuer struct {
	*httptest.Server
	key key
	mu  sync.Mutex
	set []key
	// down says that the keys cannot be had now.
	down bool
}

// newIssuer starts one.
func newIssuer(t *testing.T) *issuer {
	k := newKey(t, "ES256")
	s := &issuer{key: k, set: []key{newKey(t, "EdDSA"), k}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *issuer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down || r.URL.Path != "/.well-known/jwks.json" {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	keys := []map[string]string{}
	for _, k := range s.set {
		members := k.jwk()
		members["kid"], members["use"], members["alg"] = k.thumbprint(), "sig", k.method.Alg()
		keys = append(keys, members)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": keys})
}

// claims are those of an access token, bound to a key where there is one.
func (s *issuer) claims(bound *key) jwt.MapClaims {
	now := time.Now()
	c := jwt.MapClaims{
		"iss": s.URL, "sub": "2222722477012415", "sid": hash("session"), "client": "app", "token_use": "access",
		"jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	}
	if bound != nil {
		c["cnf"] = map[string]string{"jkt": bound.thumbprint()}
	}
	return c
}

// token is an access token with some claims otherwise.
func (s *issuer) token(bound *key, other jwt.MapClaims) string {
	c := s.claims(bound)
	change(c, other)
	return s.key.sign(map[string]any{"kid": s.key.thumbprint()}, c)
}

// proof is a proof of a key for a request, with some claims otherwise.
func (k key) proof(method, url, token string, other jwt.MapClaims) string {
	return k.proofWith(map[string]any{"typ": "dpop+jwt", "jwk": k.jwk()}, method, url, token, other)
}

// proofWith is proof with another header.
func (k key) proofWith(header map[string]any, method, url, token string, other jwt.MapClaims) string {
	c := jwt.MapClaims{"jti": rand.Text(), "htm": method, "htu": url, "iat": time.Now().Unix(), "ath": hash(token)}
	change(c, other)
	return k.sign(header, c)
}

// change takes over other claims; those that are nil are left out.
func change(claims, other jwt.MapClaims) {
	for name, value := range other {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
}

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// errNoKeys says that the server's keys cannot be had now.
var errNoKeys = errors.New("the keys cannot be asked for")

const (
	// fresh is how long keys are taken without another look; patience is how long nothing is asked
	// again, whatever comes.
	fresh    = time.Hour
	patience = 3 * time.Second
)

// keySet are the public keys of the server (RFC 7517), asked for when one is missing: with that
// nothing is to be done here when the server changes its key.
type keySet struct {
	url   string
	mu    sync.Mutex
	keys  map[string]jwk
	asked time.Time
	// fault is why the last question had no answer.
	fault error
}

// find returns the key that a token names.
func (s *keySet) find(t *jwt.Token) (any, error) {
	id, _ := t.Header["kid"].(string)
	s.mu.Lock()
	defer s.mu.Unlock()
	key, known := s.keys[id]
	if age := time.Since(s.asked); age > fresh || !known && age > patience {
		var keys map[string]jwk
		if keys, s.fault = ask(s.url); s.fault == nil {
			s.keys = keys
			key, known = keys[id]
		}
		s.asked = time.Now()
	}
	switch {
	case !known && s.fault != nil:
		return nil, fmt.Errorf("%w: %w", errNoKeys, s.fault)
	case !known || key.Algorithm != t.Method.Alg():
		return nil, errors.New("no such key")
	}
	return key.public(t.Method.Alg())
}

// ask fetches a key set.
func ask(url string) (map[string]jwk, error) {
	client := http.Client{Timeout: 3 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New(answer.Status)
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<16)).Decode(&set); err != nil {
		return nil, err
	}
	keys := make(map[string]jwk, len(set.Keys))
	for _, k := range set.Keys {
		keys[k.ID] = k
	}
	return keys, nil
}

// jwk is a public key (RFC 7517, RFC 7518, RFC 8037). Its first fields are those that a thumbprint
// is made of, in its order.
type jwk struct {
	Curve    string `json:"crv,omitempty"`
	Exponent string `json:"e,omitempty"`
	Type     string `json:"kty"`
	Modulus  string `json:"n,omitempty"`
	X        string `json:"x,omitempty"`
	Y        string `json:"y,omitempty"`

	ID        string `json:"kid,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	// Private and Secret are there in keys that were not meant to be shown.
	Private string `json:"d,omitempty"`
	Secret  string `json:"k,omitempty"`
}

// public returns the key, which must be one for the algorithm: never does a token choose how
// somebody's key is used.
func (k jwk) public(algorithm string) (crypto.PublicKey, error) {
	if k.Private != "" || k.Secret != "" {
		return nil, errors.New("a private key")
	}
	switch {
	case algorithm == "RS256" && k.Type == "RSA":
		n, e := new(big.Int).SetBytes(decode(k.Modulus)), new(big.Int).SetBytes(decode(k.Exponent))
		if bits := n.BitLen(); bits < 2048 || bits > 8192 || !e.IsInt64() || e.Int64() < 3 || e.Int64() >= 1<<31 {
			return nil, errors.New("an RSA key of another size")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case algorithm == "ES256" && k.Type == "EC" && k.Curve == "P-256":
		return k.point(elliptic.P256())
	case algorithm == "ES384" && k.Type == "EC" && k.Curve == "P-384":
		return k.point(elliptic.P384())
	case algorithm == "EdDSA" && k.Type == "OKP" && k.Curve == "Ed25519":
		if x := decode(k.X); len(x) == ed25519.PublicKeySize {
			return ed25519.PublicKey(x), nil
		}
	}
	return nil, errors.New("no key for " + algorithm)
}

// point returns a key on a curve.
func (k jwk) point(curve elliptic.Curve) (crypto.PublicKey, error) {
	return ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, decode(k.X), decode(k.Y)))
}

// thumbprint is that of RFC 7638, by SHA-256.
func (k jwk) thumbprint() string {
	required := jwk{Curve: k.Curve, Type: k.Type, X: k.X}
	switch k.Type {
	case "EC":
		required.Y = k.Y
	case "RSA":
		required = jwk{Exponent: k.Exponent, Type: k.Type, Modulus: k.Modulus}
	}
	text, _ := json.Marshal(required)
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// decode is nothing where a text is no base64url.
func decode(text string) []byte {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

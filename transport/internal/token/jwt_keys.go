package token

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// signingKey is a key with the one algorithm it is used for: the algorithm is never
// chosen by a token.
type signingKey struct {
	id     string
	method jwt.SigningMethod
	// sign is nil for a key that only verifies.
	sign, verify any
	// public is nil for a shared secret.
	public *jwk
	// header is the first segment of every token under this key.
	header string
}

const (
	minRSABits = 2048 // RFC 7518, section 3.3
	maxRSABits = 8192 // a longer one takes a second for each signature
	minSecret  = 32   // bytes; RFC 7518, section 3.2
)

// newSigningKey reads the key that signs, and holds it against the algorithm.
func newSigningKey(algorithm string, text []byte) (*signingKey, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("is missing: give " + wanted(algorithm))
	}
	if algorithm == "HS256" {
		return secretKey(text)
	}
	key, err := parsePEM(text)
	if err != nil {
		return nil, fmt.Errorf("%w: give %s", err, wanted(algorithm))
	}
	private, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("is public and cannot sign: give " + wanted(algorithm))
	}
	k, err := publicKey(private.Public())
	if err != nil {
		return nil, err
	}
	if k.method.Alg() != algorithm {
		return nil, fmt.Errorf("is for %s: give %s", k.method.Alg(), wanted(algorithm))
	}
	k.sign = private
	probe, err := k.method.Sign(k.header, k.sign)
	if err != nil {
		return nil, fmt.Errorf("does not sign: %w", err)
	}
	if err := k.method.Verify(k.header, probe, k.verify); err != nil {
		return nil, fmt.Errorf("does not verify what it signed: %w", err)
	}
	return k, nil
}

// wanted says what key an algorithm needs.
func wanted(algorithm string) string {
	switch algorithm {
	case "HS256":
		return fmt.Sprintf("a secret of at least %d bytes", minSecret)
	case "ES256":
		return "a private key on P-256 in PEM"
	case "EdDSA":
		return "a private Ed25519 key in PEM"
	}
	return fmt.Sprintf("a private RSA key of at least %d bits in PEM", minRSABits)
}

// verifyingKey reads a key that only verifies. Its kind says by which algorithm, so that
// it may be from before the algorithm was changed. A secret is taken for one only where
// secrets sign: a damaged PEM of a public key, which everybody may know, must never
// become a secret.
func verifyingKey(algorithm string, text []byte) (*signingKey, error) {
	if algorithm == "HS256" && !isPEM(text) {
		k, err := secretKey(text)
		if err == nil {
			k.sign = nil
		}
		return k, err
	}
	key, err := parsePEM(text)
	if err != nil {
		return nil, err
	}
	if private, ok := key.(crypto.Signer); ok {
		key = private.Public()
	}
	return publicKey(key)
}

// secretKey returns the key for HS256. Its id is a MAC and no thumbprint, which would be
// a bare hash of the secret (RFC 7638, section 7).
func secretKey(text []byte) (*signingKey, error) {
	secret := bytes.Clone(bytes.TrimSpace(text))
	if isPEM(secret) {
		return nil, errors.New("is a PEM: HS256 needs a plain secret that nobody else knows")
	}
	if len(secret) < minSecret {
		return nil, fmt.Errorf("has %d bytes: HS256 needs %d (RFC 7518, section 3.2)", len(secret), minSecret)
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("stagedoor kid"))
	k := &signingKey{id: segment(m.Sum(nil)[:16]), method: jwt.SigningMethodHS256, sign: secret, verify: secret}
	return k, k.setHeader()
}

// publicKey returns what verifies under a public key.
func publicKey(public crypto.PublicKey) (*signingKey, error) {
	k := &signingKey{verify: public}
	switch p := public.(type) {
	case *rsa.PublicKey:
		if bits := p.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return nil, fmt.Errorf("is an RSA key of %d bits: it must have %d to %d", bits, minRSABits, maxRSABits)
		}
		k.method = jwt.SigningMethodRS256
	case *ecdsa.PublicKey:
		if p.Curve != elliptic.P256() {
			return nil, fmt.Errorf("is on %s: ES256 needs P-256", p.Curve.Params().Name)
		}
		k.method = repeatableES256{jwt.SigningMethodES256}
	case ed25519.PublicKey:
		k.method = jwt.SigningMethodEdDSA
	default:
		return nil, fmt.Errorf("is a %T: it must be RSA, P-256 or Ed25519", public)
	}
	var err error
	if k.public, err = newJWK(k.method.Alg(), public); err != nil {
		return nil, err
	}
	k.id = k.public.ID
	return k, k.setHeader()
}

func (k *signingKey) setHeader() error {
	header, err := json.Marshal(struct {
		Algorithm string `json:"alg"`
		ID        string `json:"kid"`
		Type      string `json:"typ"`
	}{k.method.Alg(), k.id, "JWT"})
	k.header = segment(header)
	return err
}

func isPEM(text []byte) bool { return bytes.Contains(text, []byte("-----BEGIN")) }

// parsePEM reads the first key in a PEM, private or public.
func parsePEM(text []byte) (any, error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("is not a key in PEM")
		}
		var key any
		var err error
		switch block.Type {
		case "EC PARAMETERS": // openssl writes them before the key
			continue
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "PUBLIC KEY":
			key, err = x509.ParsePKIXPublicKey(block.Bytes)
		case "RSA PUBLIC KEY":
			key, err = x509.ParsePKCS1PublicKey(block.Bytes)
		default:
			return nil, fmt.Errorf("is a PEM of type %q", strings.ToLower(block.Type))
		}
		if err != nil {
			return nil, fmt.Errorf("is a damaged or encrypted %s", strings.ToLower(block.Type))
		}
		return key, nil
	}
}

// repeatableES256 signs without randomness (RFC 6979), so that twins of a submission
// answer with the same token.
type repeatableES256 struct{ *jwt.SigningMethodECDSA }

// Sign returns r and s, 32 bytes each (RFC 7518, section 3.4).
func (repeatableES256) Sign(text string, key any) ([]byte, error) {
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, jwt.ErrInvalidKeyType
	}
	digest := sha256.Sum256([]byte(text))
	der, err := private.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var point struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &point); err != nil {
		return nil, err
	}
	out := make([]byte, 64)
	point.R.FillBytes(out[:32])
	point.S.FillBytes(out[32:])
	return out, nil
}

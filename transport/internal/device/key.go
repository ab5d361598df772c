package device

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
)

// The algorithms that a [Key] signs by (RFC 7518, section 3.1; RFC 8037).
const (
	ES256 = "ES256"
	ES384 = "ES384"
	EdDSA = "EdDSA"
	RS256 = "RS256"
)

// Key is a key that a device does not give away: a session that is bound to it is of no use
// to who has copied all the rest.
type Key struct {
	alg    string
	signer crypto.Signer
	// public is the public key as a JWK (RFC 7517), with no more than its thumbprint needs.
	public map[string]any
}

// NewKey makes a key for an algorithm, of a given entropy. RS256 takes a tenth of a second.
func NewKey(alg string, entropy io.Reader) (*Key, error) {
	signer, err := newSigner(alg, entropy)
	if err != nil {
		return nil, fmt.Errorf("device: new key: %w", err)
	}
	public, err := jwkOf(signer.Public())
	if err != nil {
		return nil, fmt.Errorf("device: new key: %w", err)
	}
	return &Key{alg: alg, signer: signer, public: public}, nil
}

func newSigner(alg string, entropy io.Reader) (crypto.Signer, error) {
	switch alg {
	case ES256:
		return newScalar(elliptic.P256(), 32, entropy)
	case ES384:
		return newScalar(elliptic.P384(), 48, entropy)
	case RS256:
		return newKey(entropy)
	case EdDSA:
		seed := make([]byte, ed25519.SeedSize)
		_, err := io.ReadFull(entropy, seed)
		return ed25519.NewKeyFromSeed(seed), err
	}
	return nil, fmt.Errorf("there is no %q here", alg)
}

// newScalar makes a key of a curve whose scalars have so many bytes. One out of range is as
// good as impossible with random bytes (SEC 1, section 3.2.1).
func newScalar(curve elliptic.Curve, size int, entropy io.Reader) (*ecdsa.PrivateKey, error) {
	scalar := make([]byte, size)
	for range 8 {
		if _, err := io.ReadFull(entropy, scalar); err != nil {
			return nil, err
		}
		if key, err := ecdsa.ParseRawPrivateKey(curve, scalar); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("the randomness is not random")
}

// jwkOf is a public key as a JWK (RFC 7518, section 6; RFC 8037, section 2).
func jwkOf(key crypto.PublicKey) (map[string]any, error) {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes() // 4, x, y, each in full: SEC 1, section 2.3.3
		if err != nil {
			return nil, err
		}
		half := len(point) / 2
		return map[string]any{
			"kty": "EC", "crv": key.Curve.Params().Name,
			"x": text64.EncodeToString(point[1 : 1+half]), "y": text64.EncodeToString(point[1+half:]),
		}, nil
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": text64.EncodeToString(key)}, nil
	case *rsa.PublicKey:
		e := big.NewInt(int64(key.E)).Bytes()
		return map[string]any{"kty": "RSA", "n": text64.EncodeToString(key.N.Bytes()), "e": text64.EncodeToString(e)}, nil
	}
	return nil, fmt.Errorf("a key of type %T", key)
}

// Alg is the algorithm that the key signs by.
func (k *Key) Alg() string { return k.alg }

// JWK is the public key, to be changed at will.
func (k *Key) JWK() map[string]any { return maps.Clone(k.public) }

// Thumbprint is the key's name: SHA-256 over its JWK, base64url without padding (RFC 7638).
func (k *Key) Thumbprint() string { return thumbprint(k.public) }

// thumbprint is that of a JWK with the members that RFC 7638 needs alone: encoding/json sorts
// them, and none has a character that it escapes.
func thumbprint(jwk map[string]any) string {
	text, _ := json.Marshal(jwk) // strings alone
	sum := sha256.Sum256(text)
	return text64.EncodeToString(sum[:])
}

// Sign makes a JWT (RFC 7519) of a header and claims, as they are: what is missing in the
// header is not filled in. Keys of curves sign the same the same each time (RFC 6979).
func (k *Key) Sign(header, claims map[string]any) (string, error) {
	signed, err := joined(header, claims)
	if err != nil {
		return "", fmt.Errorf("device: sign: %w", err)
	}
	signature, err := k.signature([]byte(signed))
	if err != nil {
		return "", fmt.Errorf("device: sign: %w", err)
	}
	return signed + "." + text64.EncodeToString(signature), nil
}

// joined is what of a JWT is signed.
func joined(header, claims map[string]any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	c, err := json.Marshal(claims)
	return text64.EncodeToString(h) + "." + text64.EncodeToString(c), err
}

// signature is that of RFC 7518, section 3, and RFC 8037, section 3.1.
func (k *Key) signature(signed []byte) ([]byte, error) {
	digest, hash, size := signed, crypto.Hash(0), 0
	switch k.alg {
	case ES256:
		hash, size = crypto.SHA256, 32
	case ES384:
		hash, size = crypto.SHA384, 48
	case RS256:
		hash = crypto.SHA256
	}
	if hash != 0 {
		h := hash.New()
		h.Write(signed)
		digest = h.Sum(nil)
	}
	out, err := k.signer.Sign(nil, digest, hash)
	if err != nil || size == 0 {
		return out, err
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(out, &parts); err != nil {
		return nil, err
	}
	raw := make([]byte, 2*size)
	parts.R.FillBytes(raw[:size])
	parts.S.FillBytes(raw[size:])
	return raw, nil
}

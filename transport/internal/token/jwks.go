package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// jwk is a public key (RFC 7517, section 4). Its fields stand in the order in which a
// thumbprint wants them; those it leaves out come last.
type jwk struct {
	Curve    string `json:"crv,omitempty"`
	Exponent string `json:"e,omitempty"`
	Type     string `json:"kty"`
	Modulus  string `json:"n,omitempty"`
	X        string `json:"x,omitempty"`
	Y        string `json:"y,omitempty"`

	ID        string `json:"kid,omitempty"`
	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`
}

// newJWK describes a key with its thumbprint as id (RFC 7518, section 6; for Ed25519
// RFC 8037, section 2).
func newJWK(algorithm string, public crypto.PublicKey) (*jwk, error) {
	k := &jwk{}
	switch p := public.(type) {
	case *rsa.PublicKey:
		k.Type = "RSA"
		k.Modulus = segment(p.N.Bytes())
		k.Exponent = segment(big.NewInt(int64(p.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := p.Bytes() // 4, x, y: SEC 1, section 2.3.3
		if err != nil {
			return nil, err
		}
		half := (len(point) - 1) / 2
		k.Type, k.Curve = "EC", p.Curve.Params().Name
		k.X, k.Y = segment(point[1:1+half]), segment(point[1+half:])
	case ed25519.PublicKey:
		k.Type, k.Curve, k.X = "OKP", "Ed25519", segment(p)
	default:
		return nil, fmt.Errorf("no JSON form is known for a %T", public)
	}
	required, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	thumbprint := sha256.Sum256(required)
	k.ID, k.Use, k.Algorithm = segment(thumbprint[:]), "sig", algorithm
	return k, nil
}

// JWKS returns the public keys that verify tokens as a JSON Web Key Set (RFC 7517,
// section 5), the signing one first. The kid of each is its thumbprint by SHA-256 (RFC
// 7638). HS256 has no public keys: where no others verify, the set is empty. The caller
// must not change the bytes.
func (j *JWT) JWKS() []byte { return j.set }

// keySet is the JSON of the keys that may be published.
func keySet(keys []*signingKey) ([]byte, error) {
	set := struct {
		Keys []*jwk `json:"keys"`
	}{Keys: []*jwk{}}
	for _, k := range keys {
		if k.public != nil {
			set.Keys = append(set.Keys, k.public)
		}
	}
	return json.Marshal(set)
}

// segment encodes a part of a token, or a member of a key (RFC 7515, section 2).
func segment(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

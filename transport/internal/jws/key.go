package jws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"github.com/golang-jwt/jwt/v5"
)

var (
	// ErrKey says that a key is none that could be used here.
	ErrKey = errors.New("not a public key of a kind that is taken")
	// ErrSignature says that a token was not made with the key, or was changed since.
	ErrSignature = errors.New("the signature is not the key's")
)

// Sizes of RSA keys in bits: a shorter one is weak (RFC 7518, section 3.3), a longer one costs
// whoever verifies it more than it is worth.
const (
	minRSABits = 2048
	maxRSABits = 4096
)

// Key is a public key with the one algorithm that it verifies.
type Key struct {
	// Public is an *ecdsa.PublicKey on P-256 or P-384, an ed25519.PublicKey or an *rsa.PublicKey.
	Public crypto.PublicKey
	// Algorithm is ES256, ES384, EdDSA or RS256 (RFC 7518, section 3.1; RFC 8037, section 3.1).
	Algorithm string
	// Thumbprint is the key's name: SHA-256 over its required members (RFC 7638), 43 characters
	// of base64url. A key has one.
	Thumbprint string

	method jwt.SigningMethod
}

// ed25519Name is what EdDSA with a key on Ed25519 is called besides (RFC 9864, section 2.2).
const ed25519Name = "Ed25519"

// Algorithms are those of all keys, the one that most clients use first. One has two names.
func Algorithms() []string { return []string{"ES256", "EdDSA", ed25519Name, "ES384", "RS256"} }

// Signs reports whether the key signs by the algorithm with the name.
func (k *Key) Signs(algorithm string) bool {
	return algorithm == k.Algorithm || algorithm == ed25519Name && k.method == jwt.SigningMethodEdDSA
}

// NewKey describes a public key, or fails with [ErrKey].
func NewKey(public crypto.PublicKey) (*Key, error) {
	k := &Key{Public: public}
	var members string
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		point, err := p.Bytes() // 4, x, y: SEC 1, section 2.3.3
		if err != nil {
			return nil, ErrKey
		}
		switch p.Curve {
		case elliptic.P256():
			k.method = jwt.SigningMethodES256
		case elliptic.P384():
			k.method = jwt.SigningMethodES384
		default:
			return nil, fmt.Errorf("%w: curve", ErrKey)
		}
		half := (len(point) - 1) / 2
		members = `"crv":"` + p.Curve.Params().Name + `","kty":"EC","x":"` + Encode(point[1:1+half]) + `","y":"` + Encode(point[1+half:]) + `"`
	case ed25519.PublicKey:
		if len(p) != ed25519.PublicKeySize {
			return nil, ErrKey
		}
		k.method = jwt.SigningMethodEdDSA
		members = `"crv":"Ed25519","kty":"OKP","x":"` + Encode(p) + `"`
	case *rsa.PublicKey:
		if bits := p.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return nil, fmt.Errorf("%w: an RSA key of %d bits, %d to %d are taken", ErrKey, bits, minRSABits, maxRSABits)
		}
		k.method = jwt.SigningMethodRS256
		members = `"e":"` + Encode(big.NewInt(int64(p.E)).Bytes()) + `","kty":"RSA","n":"` + Encode(p.N.Bytes()) + `"`
	default:
		return nil, ErrKey
	}
	sum := sha256.Sum256([]byte("{" + members + "}"))
	k.Algorithm, k.Thumbprint = k.method.Alg(), Encode(sum[:])
	return k, nil
}

// ParseKey reads a JSON Web Key (RFC 7517). One with a private or secret part is refused: whoever
// sends it has lost it. Numbers must have their one length, so that a key has one form.
func ParseKey(jwk json.RawMessage) (*Key, error) {
	var o Object
	if len(jwk) == 0 || jwk[0] != '{' || json.Unmarshal(jwk, &o) != nil {
		return nil, fmt.Errorf("%w: no JSON object", ErrKey)
	}
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, has := o[private]; has {
			return nil, fmt.Errorf("%w: it has a private part", ErrKey)
		}
	}
	var public crypto.PublicKey
	var err error
	switch kind, curve := o.Text("kty"), o.Text("crv"); {
	case kind == "EC" && curve == "P-256":
		public, err = point(elliptic.P256(), 32, o)
	case kind == "EC" && curve == "P-384":
		public, err = point(elliptic.P384(), 48, o)
	case kind == "OKP" && curve == "Ed25519":
		var x []byte
		x, err = o.bytes("x")
		public = ed25519.PublicKey(x)
	case kind == "RSA":
		public, err = modulus(o)
	default:
		err = fmt.Errorf("%w: kind or curve", ErrKey)
	}
	if err != nil {
		return nil, err
	}
	k, err := NewKey(public)
	if err == nil && o["alg"] != nil && !k.Signs(o.Text("alg")) {
		return nil, fmt.Errorf("%w: it is for another algorithm", ErrKey)
	}
	return k, err
}

// point reads a key on a curve, which holds it to be on the curve.
func point(curve elliptic.Curve, size int, o Object) (crypto.PublicKey, error) {
	x, errX := o.bytes("x")
	y, errY := o.bytes("y")
	if errX != nil || errY != nil || len(x) != size || len(y) != size {
		return nil, fmt.Errorf("%w: coordinates", ErrKey)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(curve, append(append([]byte{4}, x...), y...))
	if err != nil {
		return nil, fmt.Errorf("%w: no point of the curve", ErrKey)
	}
	return public, nil
}

// modulus reads an RSA key. Neither number begins with a zero (RFC 7518, section 2).
func modulus(o Object) (crypto.PublicKey, error) {
	n, errN := o.bytes("n")
	e, errE := o.bytes("e")
	if errN != nil || errE != nil || len(n) == 0 || n[0] == 0 || len(e) == 0 || e[0] == 0 || len(e) > 4 {
		return nil, fmt.Errorf("%w: modulus or exponent", ErrKey)
	}
	exponent := new(big.Int).SetBytes(e).Int64()
	if exponent < 3 || exponent > 1<<31-1 || exponent%2 == 0 || n[len(n)-1]%2 == 0 {
		return nil, fmt.Errorf("%w: modulus or exponent", ErrKey)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent)}, nil
}

// bytes is a member that is base64url.
func (o Object) bytes(name string) ([]byte, error) {
	s := o.Text(name)
	if s == "" {
		return nil, ErrKey
	}
	return decode(s)
}

// Verify reports with an error that the token was not signed with the key, by its algorithm.
func (t *Token) Verify(k *Key) error {
	if !k.Signs(t.Algorithm()) || k.method.Verify(t.signed, t.signature, k.Public) != nil {
		return ErrSignature
	}
	return nil
}

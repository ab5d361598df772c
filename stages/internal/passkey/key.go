package passkey

import (
	"math/big"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// The bounds of keys. Authenticators make RSA keys of 2048 bits, some of 4096.
const (
	maxKey     = 2 << 10 // bytes, in COSE
	minRSABits = 2048
	maxRSABits = 8192
)

// accepted are the kinds of key that may be registered, the preferred first: those that
// the specification recommends (section 5.4).
func accepted() []protocol.CredentialParameter {
	var out []protocol.CredentialParameter
	for _, alg := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256} {
		out = append(out, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: alg})
	}
	return out
}

// checkKey refuses a public key that could never verify a signature, or only a forged one.
// That its algorithm was offered has been checked; that it belongs to this kind of key is
// checked here. The library does both for elliptic curves, the point included.
func checkKey(cose []byte) error {
	if len(cose) > maxKey {
		return refused("its public key is too long")
	}
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return refusal(err)
	}
	switch k := key.(type) {
	case webauthncose.EC2PublicKeyData, webauthncose.OKPPublicKeyData:
		return nil
	case webauthncose.RSAPublicKeyData:
		return checkRSA(k)
	}
	return refused("its public key is of an unknown kind")
}

// checkRSA demands of an RSA key what crypto/rsa will: an odd modulus of a decent size and
// an odd exponent of at most 31 bits.
func checkRSA(k webauthncose.RSAPublicKeyData) error {
	if webauthncose.COSEAlgorithmIdentifier(k.Algorithm) != webauthncose.AlgRS256 {
		return refused("its public key does not fit its algorithm")
	}
	n := new(big.Int).SetBytes(k.Modulus)
	if bits := n.BitLen(); bits < minRSABits || bits > maxRSABits || n.Bit(0) == 0 {
		return refused("its RSA modulus is too short, too long or even")
	}
	e := new(big.Int).SetBytes(k.Exponent)
	if e.BitLen() > 31 || e.Cmp(big.NewInt(3)) < 0 || e.Bit(0) == 0 {
		return refused("its RSA exponent is out of range or even")
	}
	return nil
}

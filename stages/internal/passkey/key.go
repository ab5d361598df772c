package passkey

import (
	"math/big"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// The bounds of keys. Authenticators make RSA keys of 2048 bits, some of 4096.
const (
	maxKey     = 3 << 10 // bytes, in COSE; those of ML-DSA-87 have 2600
	minRSABits = 2048
	maxRSABits = 8192
)

// accepted are the kinds of key that may be registered, the preferred first: those that
// the specification recommends (section 5.4), then the larger curves, which some devices
// have alone, and ML-DSA where this build verifies it.
func accepted() []protocol.CredentialParameter {
	algs := []webauthncose.COSEAlgorithmIdentifier{
		webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgES384, webauthncose.AlgES512, webauthncose.AlgRS256,
	}
	for _, alg := range mlDSA() {
		if verifies(alg) {
			algs = append(algs, alg)
		}
	}
	out := make([]protocol.CredentialParameter, 0, len(algs))
	for _, alg := range algs {
		out = append(out, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: alg})
	}
	return out
}

// mlDSA are ML-DSA-44, -65 and -87 (RFC 9964, section 3), the smallest first.
func mlDSA() []webauthncose.COSEAlgorithmIdentifier {
	return []webauthncose.COSEAlgorithmIdentifier{-48, -49, -50}
}

// verifies reports whether the library, as it was compiled, has an algorithm. It has ML-DSA
// from Go 1.27 on, whose standard library brings it.
func verifies(alg webauthncose.COSEAlgorithmIdentifier) bool {
	_, ok := webauthncose.COSESignatureAlgorithmDetails[alg]
	return ok
}

// checkKey refuses a public key that could never verify a signature, or only a forged one.
// That its algorithm was offered has been checked; that it belongs to this kind of key is
// checked here. The library does both for elliptic curves, the point included.
func checkKey(cose []byte) error {
	if len(cose) > maxKey {
		return refused(Key, "its public key has %d bytes, %d are the most", len(cose), maxKey)
	}
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return refused(Key, "%.200q", err.Error())
	}
	switch k := key.(type) {
	case webauthncose.EC2PublicKeyData, webauthncose.OKPPublicKeyData:
		return nil
	case webauthncose.RSAPublicKeyData:
		return checkRSA(k)
	}
	if !isMLDSA(cose) {
		return refused(Key, "its public key is of an unknown kind")
	}
	return nil
}

// isMLDSA reports whether a key that the library has parsed is one of ML-DSA. What type it
// parses them to depends on how it was compiled; it has checked the length.
func isMLDSA(cose []byte) bool {
	var key webauthncose.PublicKeyData
	return webauthncbor.Unmarshal(cose, &key) == nil && webauthncose.COSEKeyType(key.KeyType) == webauthncose.AKP &&
		slices.Contains(mlDSA(), webauthncose.COSEAlgorithmIdentifier(key.Algorithm))
}

// checkRSA demands of an RSA key what crypto/rsa will: an odd modulus of a decent size and
// an odd exponent of at most 31 bits.
func checkRSA(k webauthncose.RSAPublicKeyData) error {
	if webauthncose.COSEAlgorithmIdentifier(k.Algorithm) != webauthncose.AlgRS256 {
		return refused(Key, "its public key does not fit its algorithm")
	}
	n := new(big.Int).SetBytes(k.Modulus)
	if bits := n.BitLen(); bits < minRSABits || bits > maxRSABits || n.Bit(0) == 0 {
		return refused(Key, "its RSA modulus is too short, too long or even")
	}
	e := new(big.Int).SetBytes(k.Exponent)
	if e.BitLen() > 31 || e.Cmp(big.NewInt(3)) < 0 || e.Bit(0) == 0 {
		return refused(Key, "its RSA exponent is out of range or even")
	}
	return nil
}

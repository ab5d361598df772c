package device

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"sync"

	"github.com/golang-jwt/jwt/v5"
)

// keyBits is the length of a provider's keys: RFC 7518, section 3.3, at least.
const keyBits = 2048

// exponent is the public exponent of every key.
const exponent = 65537

// The keys of stories: the one that providers sign with unless they have another, and
// one that none publishes. They are the same in every process, so that a server which
// keeps a provider's keys for a while does not mind that the provider was started again.
// They are no secret: every copy of this program has them.
var (
	usualKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return keyNamed("the key of a provider") })
	otherKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return keyNamed("the key of nobody") })
)

func keyNamed(name string) (*rsa.PrivateKey, error) {
	return newKey(rand.NewChaCha8(sha256.Sum256([]byte(name))))
}

// newKey makes an RSA key. The same entropy makes the same key, which crypto/rsa's own
// function does not do; it takes a tenth of a second or so.
func newKey(entropy io.Reader) (*rsa.PrivateKey, error) {
	p, err := prime(entropy)
	if err != nil {
		return nil, err
	}
	q, err := prime(entropy)
	if err != nil {
		return nil, err
	}
	one, e := big.NewInt(1), big.NewInt(exponent)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: exponent},
		D:         new(big.Int).ModInverse(e, phi), Primes: []*big.Int{p, q},
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		return nil, fmt.Errorf("device: provider: new key: %w", err)
	}
	return key, nil
}

// primeTries is how many numbers are looked at before a reader that makes no primes is
// given up; one in 355 odd numbers of this length is prime.
const primeTries = 1 << 14

// prime makes a prime of half a key's bits. Its two highest bits are set, so that the
// product of two is as long as a key, and the exponent does not divide what precedes it
// (FIPS 186-5, appendix A.1.3).
func prime(entropy io.Reader) (*big.Int, error) {
	b := make([]byte, keyBits/16)
	e, p, rest := big.NewInt(exponent), new(big.Int), new(big.Int)
	for range primeTries {
		if _, err := io.ReadFull(entropy, b); err != nil {
			return nil, fmt.Errorf("device: provider: new key: %w", err)
		}
		b[0] |= 0xc0
		b[len(b)-1] |= 1
		p.SetBytes(b)
		if p.ProbablyPrime(20) && rest.Mod(p, e).Cmp(big.NewInt(1)) != 0 {
			return p, nil
		}
	}
	return nil, fmt.Errorf("device: provider: new key: the randomness is not random")
}

// jwk is the provider's public key (RFC 7517, section 4; RFC 7518, section 6.3.1). The
// members that its thumbprint is of come first, in order.
type jwk struct {
	Exponent string `json:"e"`
	Type     string `json:"kty"`
	Modulus  string `json:"n"`

	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	ID        string `json:"kid,omitempty"`
}

// publish describes a key. Its id is its thumbprint (RFC 7638), so that a server that
// has kept one key of a provider notices another.
func publish(key *rsa.PublicKey) (jwk, error) {
	number := func(n *big.Int) string { return text64.EncodeToString(n.Bytes()) }
	k := jwk{Type: "RSA", Modulus: number(key.N), Exponent: number(big.NewInt(int64(key.E)))}
	text, err := json.Marshal(k)
	if err != nil {
		return jwk{}, err
	}
	sum := sha256.Sum256(text)
	k.Use, k.Algorithm, k.ID = "sig", jwt.SigningMethodRS256.Alg(), text64.EncodeToString(sum[:])
	return k, nil
}

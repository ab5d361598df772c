package state

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
)

// MinSecret is how many bytes a server secret must have at least.
const MinSecret = 32

// ErrSealed says that sealed bytes cannot be opened: they were changed, or sealed under
// another key or for another purpose.
var ErrSealed = errors.New("sealed bytes cannot be opened")

// Keyring derives from one server secret every key the server needs, each for one
// purpose alone (HKDF, RFC 5869), and does the two things that are done with them:
// authenticate and seal. Old secrets open what was sealed under them, and match what was
// authenticated.
type Keyring struct {
	mac  []byte
	seal []cipher.AEAD
	rand io.Reader
	// prints are the fingerprints of the secrets, in their order.
	prints []string
	// older are keyrings of the secrets behind the present one: what they have authenticated
	// is good, too.
	older []*Keyring
}

// NewKeyring makes a keyring of the secrets, the present one first. Each must have at
// least [MinSecret] bytes. rand is where nonces come from.
func NewKeyring(rand io.Reader, secrets ...[]byte) (*Keyring, error) {
	if len(secrets) == 0 {
		return nil, errors.New("keyring: no secret")
	}
	k := &Keyring{rand: rand}
	for i, secret := range secrets {
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("keyring: secret %d has %d bytes; it must have %d", i+1, len(secret), MinSecret)
		}
		key, err := hkdf.Key(sha256.New, secret, nil, "stagedoor seal", 32)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		k.seal = append(k.seal, aead)
		print, err := hkdf.Key(sha256.New, secret, nil, "stagedoor fingerprint", 8)
		if err != nil {
			return nil, err
		}
		k.prints = append(k.prints, hex.EncodeToString(print))
	}
	for _, secret := range secrets[1:] {
		older, err := NewKeyring(rand, secret)
		if err != nil {
			return nil, err
		}
		k.older = append(k.older, older)
	}
	var err error
	k.mac, err = hkdf.Key(sha256.New, secrets[0], nil, "stagedoor mac", 32)
	return k, err
}

// Fingerprints name the secrets without leading back to them, the present one first: servers
// compare by them whether they have the same.
func (k *Keyring) Fingerprints() []string { return slices.Clone(k.prints) }

// MAC returns 32 bytes that only the server can make of the parts. Different purposes
// are independent, and so are different ways to split the same bytes into parts.
func (k *Keyring) MAC(purpose string, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, k.mac)
	write := func(p []byte) {
		n := uint32(len(p))
		m.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		m.Write(p)
	}
	write([]byte(purpose))
	for _, p := range parts {
		write(p)
	}
	return m.Sum(nil)
}

// Matches reports, in constant time for each secret, whether the bytes are the beginning of the
// MAC of the parts under any of them. None at all are not.
func (k *Keyring) Matches(mac []byte, purpose string, parts ...[]byte) bool {
	if len(mac) == 0 || len(mac) > sha256.Size {
		return false
	}
	if hmac.Equal(mac, k.MAC(purpose, parts...)[:len(mac)]) {
		return true
	}
	return slices.ContainsFunc(k.older, func(o *Keyring) bool { return o.Matches(mac, purpose, parts...) })
}

// Seal encrypts with AES-256-GCM; what is sealed for one context opens for no other.
func (k *Keyring) Seal(plain, context []byte) ([]byte, error) {
	aead := k.seal[0]
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := io.ReadFull(k.rand, nonce); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return aead.Seal(nonce, nonce, plain, context), nil
}

// Open decrypts what Seal made under any of the keyring's secrets, or fails with
// [ErrSealed].
func (k *Keyring) Open(sealed, context []byte) ([]byte, error) {
	for _, aead := range k.seal {
		if len(sealed) < aead.NonceSize() {
			return nil, ErrSealed
		}
		nonce, box := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
		if plain, err := aead.Open(nil, nonce, box, context); err == nil {
			return plain, nil
		}
	}
	return nil, ErrSealed
}

// LimitKey turns what a rate limit is counted for into 16 bytes of unpadded base64url,
// so that the store of limits holds no address in clear text.
func (k *Keyring) LimitKey(what string) string {
	return base64.RawURLEncoding.EncodeToString(k.MAC("limit", []byte(what))[:16])
}

// AccountContext binds what is sealed to a purpose and an account.
func AccountContext(purpose string, account AccountID) []byte {
	return []byte(purpose + " " + string(account))
}

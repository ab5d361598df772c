package state

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"
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
	macs sync.Pool
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
	key, err := hkdf.Key(sha256.New, secrets[0], nil, "stagedoor mac", 32)
	if err != nil {
		return nil, err
	}
	k.macs.New = func() any { return &macState{hash: hmac.New(sha256.New, key)} }
	return k, nil
}

// Fingerprints name the secrets without leading back to them, the present one first: servers
// compare by them whether they have the same.
func (k *Keyring) Fingerprints() []string { return slices.Clone(k.prints) }

// macState is what makes one MAC at a time. To set up the key costs as much as the MAC of a
// token, so that states are kept and used again.
type macState struct {
	hash hash.Hash
	// message and sum are here since what goes through a hash.Hash is never on the stack.
	message []byte
	sum     [sha256.Size]byte
}

// of returns the MAC of the parts, good until the state is used again.
func (m *macState) of(purpose string, parts ...[]byte) []byte {
	b := binary.BigEndian.AppendUint32(m.message[:0], uint32(len(purpose)))
	b = append(b, purpose...)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	m.hash.Reset()
	m.hash.Write(b)
	clear(b)
	if m.message = b; cap(b) > maxKept {
		m.message = nil
	}
	return m.hash.Sum(m.sum[:0])
}

// maxKept is how long a message may be, in bytes, whose memory is used again.
const maxKept = 4096

// MAC returns 32 bytes that only the server can make of the parts. Different purposes
// are independent, and so are different ways to split the same bytes into parts.
func (k *Keyring) MAC(purpose string, parts ...[]byte) []byte {
	m := k.macs.Get().(*macState)
	defer k.macs.Put(m)
	return bytes.Clone(m.of(purpose, parts...))
}

// Matches reports, in constant time for each secret, whether the bytes are the beginning of the
// MAC of the parts under any of them. None at all are not.
func (k *Keyring) Matches(mac []byte, purpose string, parts ...[]byte) bool {
	if len(mac) == 0 || len(mac) > sha256.Size {
		return false
	}
	m := k.macs.Get().(*macState)
	same := hmac.Equal(mac, m.of(purpose, parts...)[:len(mac)])
	k.macs.Put(m)
	return same || slices.ContainsFunc(k.older, func(o *Keyring) bool { return o.Matches(mac, purpose, parts...) })
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

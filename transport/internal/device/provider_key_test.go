package device

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// A key is one: it signs, the standard library finds nothing wrong with it, and it is as
// long as it should be, whatever randomness it was made of.
func TestKeysAreKeys(t *testing.T) {
	for seed := range byte(2) {
		key, err := newKey(entropy(seed))
		if err != nil {
			t.Fatal(err)
		}
		if n := key.N.BitLen(); n != keyBits {
			t.Errorf("%d: %d bits", seed, n)
		}
		digest := sha256.Sum256([]byte("signed"))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			t.Errorf("%d: %v", seed, err)
		}
		again, err := newKey(entropy(seed))
		if err != nil || !again.Equal(key) {
			t.Errorf("%d: the same randomness made another key (%v)", seed, err)
		}
		if next, err := newKey(entropy(seed + 100)); err != nil || next.Equal(key) {
			t.Errorf("%d: other randomness made the same key (%v)", seed, err)
		}
	}
}

func TestNoKeyOfNoRandomness(t *testing.T) {
	if key, err := newKey(strings.NewReader("short")); key != nil || err == nil {
		t.Errorf("a key of too little: %v", err)
	}
	// All ones is a multiple of three, as is any number of 1024 ones.
	if key, err := newKey(ones{}); key != nil || err == nil || !strings.Contains(err.Error(), "not random") {
		t.Errorf("a key of ones: %v", err)
	}
}

// What is published verifies, is named by its thumbprint, and holds nothing secret.
func TestPublishedKey(t *testing.T) {
	p, err := NewProvider(ProviderConfig{Issuer: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p.key)
	if err != nil {
		t.Fatal(err)
	}
	var read jose.JSONWebKey
	if err := json.Unmarshal(text, &read); err != nil || !read.Valid() || !read.IsPublic() || read.Use != "sig" || read.Algorithm != "RS256" {
		t.Errorf("%s: %v", text, err)
	}
	print, err := read.Thumbprint(crypto.SHA256)
	if err != nil || text64.EncodeToString(print) != read.KeyID {
		t.Errorf("kid %s, thumbprint %s (%v)", read.KeyID, text64.EncodeToString(print), err)
	}
	token, err := p.IDToken(ada())
	if err != nil {
		t.Fatal(err)
	}
	keys := &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{read.Key}}
	if _, err := oidc.NewVerifier(p.Issuer(), keys, &oidc.Config{ClientID: ClientID}).Verify(t.Context(), token); err != nil {
		t.Error(err)
	}
}

// A provider that was started again has the same key, unless it is handed another.
func TestKeyStays(t *testing.T) {
	own, err := newKey(entropy(1))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, key := range []*rsa.PrivateKey{nil, nil, own} {
		p, err := NewProvider(ProviderConfig{Issuer: "http://127.0.0.1:1", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.key.ID)
	}
	if ids[0] != ids[1] || ids[2] == ids[0] {
		t.Errorf("keys %v", ids)
	}
	if other, err := otherKey(); err != nil || other.Equal(own) {
		t.Error(err)
	} else if k, err := publish(&other.PublicKey); err != nil || k.ID == ids[0] {
		t.Errorf("the key that is never published is %s (%v)", k.ID, err)
	}
}

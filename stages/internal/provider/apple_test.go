package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"strings"
	"testing"
)

// pemOf is a key as Apple hands it out.
func pemOf(t *testing.T, key *ecdsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestAppleNeedsAKey(t *testing.T) {
	good := pemOf(t, ecKey(t))
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"a key":             {Config{Settings: map[string]string{"team_id": "T", "key_id": "K", "private_key": good}}, ""},
		"a signed secret":   {Config{Secret: "eyJ"}, ""},
		"nothing":           {Config{}, "needs team_id, key_id and private_key"},
		"no key id":         {Config{Settings: map[string]string{"team_id": "T", "private_key": good}}, "needs team_id"},
		"a key and secret":  {Config{Secret: "eyJ", Settings: map[string]string{"key_id": "K"}}, "needs team_id"},
		"another curve":     {Config{Settings: map[string]string{"team_id": "T", "key_id": "K", "private_key": pemOf(t, wide)}}, "no P-256"},
		"junk for a key":    {Config{Settings: map[string]string{"team_id": "T", "key_id": "K", "private_key": "hunter2"}}, "no P-256"},
		"a key and nothing": {Config{Settings: map[string]string{"private_key": good}}, "needs team_id"},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.Kind, c.cfg.ClientID = "apple", "client"
			_, err := New(c.cfg, Deps{Now: noon})
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("the key stands in the error")
			}
		})
	}
}

func TestAppleSecretIsSignedAnew(t *testing.T) {
	key := ecKey(t)
	k := appleKey{team: "TEAM123456", id: "KEY1234567", key: key}
	secret, err := k.sign("client", noon())
	if err != nil {
		t.Fatal(err)
	}
	if !isAppleSecret(t, secret, &key.PublicKey) {
		t.Error("not as apple wants it")
	}
}

func TestAppleName(t *testing.T) {
	id := object{"sub": "1", "email": "real@example.com"}
	for user, want := range map[string][2]any{
		``: {nil, nil},
		`{"name": {"firstName": "A", "lastName": "B"}}`: {"A", "B"},
		`{"name": {"firstName": "A"}}`:                  {"A", nil},
		`{"name": {"firstName": ["A"], "lastName": 5}}`: {nil, nil},
		`{"name": "A B"}`:                               {nil, nil},
		`[]`:                                            {nil, nil},
		`{"name": {"firstName": "` + strings.Repeat("A", maxAppleUser) + `"}}`: {nil, nil},
		`{"sub": "2", "email": "x@example.com", "email_verified": true}`:       {nil, nil},
	} {
		got := withAppleName(id, url.Values{"user": {user}})
		if got["given_name"] != want[0] || got["family_name"] != want[1] {
			t.Errorf("%.40s: got %v %v", user, got["given_name"], got["family_name"])
		}
		if got["sub"] != "1" || got["email"] != "real@example.com" || got["email_verified"] != nil {
			t.Errorf("%.40s: more than the name was taken: %v", user, got)
		}
	}
}

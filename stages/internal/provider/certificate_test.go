package provider

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// certificateOf is one that a key has signed itself, in PEM, and its thumbprint.
func certificateOf(t *testing.T, key crypto.Signer) (file, thumbprint string) {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{SerialNumber: big.NewInt(1)}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), base64.RawURLEncoding.EncodeToString(sum[:])
}

// TestMicrosoftKnowsKeysByTheirCertificates: an assertion that names its key by kid alone finds no key there.
func TestMicrosoftKnowsKeysByTheirCertificates(t *testing.T) {
	file, thumbprint := certificateOf(t, rsaKey())
	for name, c := range map[string]struct{ kind, key, alg, want string }{
		"Microsoft":                     {"microsoft", keyFile(t, rsaKey()) + file, "PS256", thumbprint},
		"Microsoft, certificate first":  {"microsoft", file + keyFile(t, rsaKey()), "PS256", thumbprint},
		"another with a certificate":    {"openid_connect", keyFile(t, rsaKey()) + file, "RS256", thumbprint},
		"another without a certificate": {"openid_connect", keyFile(t, rsaKey()), "RS256", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Kind: c.kind, TokenAuthMethod: byAssertion, Settings: map[string]string{"private_key": c.key}}
			if c.kind == "openid_connect" {
				cfg.ServerURL = realm
			}
			p := newInternet(t).provider(cfg)
			raw, err := p.signer.sign(&endpoints{issuer: realm, token: realm + "/token"}, "client", "code 1", noon())
			if err != nil {
				t.Fatal(err)
			}
			token, err := jwt.Parse(raw, func(*jwt.Token) (any, error) { return rsaKey().Public(), nil }, jwt.WithTimeFunc(noon))
			if err != nil || token.Header["alg"] != c.alg {
				t.Fatalf("%v: %v", token, err)
			}
			if got, _ := token.Header["x5t#S256"].(string); got != c.want {
				t.Errorf("x5t#S256 is %q, want %q", got, c.want)
			}
		})
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	file, _ := certificateOf(t, rsaKey())
	other := keyFile(t, ecKey(t))
	params := string(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 0}}))
	for name, c := range map[string]struct{ kind, key, want string }{
		"Microsoft without one":  {"microsoft", keyFile(t, rsaKey()), "by its certificate"},
		"of another key":         {"okta", other + file, "of another key"},
		"no certificate":         {"okta", other + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"},
		"a certificate alone":    {"okta", file, "no private key"},
		"parameters of a curve":  {"okta", params + other, ""},
		"a key without any":      {"okta", other, ""},
		"two keys, the first of": {"okta", other + keyFile(t, rsaKey()), ""},
	} {
		server := map[bool]string{true: realm}[c.kind == "okta"]
		p, err := New(Config{Kind: c.kind, ServerURL: server, ClientID: "client", TokenAuthMethod: byAssertion, Settings: map[string]string{"private_key": c.key}}, Deps{Now: noon})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if p == nil {
			continue
		}
		if _, ok := p.signer.key.(*ecdsa.PrivateKey); !ok {
			t.Errorf("%s: it signs with %T", name, p.signer.key)
		}
	}
}

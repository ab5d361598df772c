package config

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// embedded keeps everything in a fresh directory.
func embedded(t *testing.T) Config {
	t.Helper()
	c := Dev()
	c.DataDir = filepath.Join(t.TempDir(), "data", "here")
	return c
}

func TestServerKeyIsKept(t *testing.T) {
	c := embedded(t)
	first, err := c.ServerKey(bytes.NewReader(bytes.Repeat([]byte{1}, 48)))
	if err != nil {
		t.Fatal(err)
	}
	if first.Reveal() != strings.Repeat("AQEB", 16) {
		t.Errorf("the key is not made of the entropy: %q", first.Reveal())
	}
	second, err := c.ServerKey(rand.Reader)
	if err != nil || second != first {
		t.Errorf("the next start has another key (%v)", err)
	}
	info, err := os.Stat(filepath.Join(c.DataDir, "secret_key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the key: %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(c.DataDir)
	if err != nil || len(left) != 1 {
		t.Errorf("drafts are left: %v, %v", left, err)
	}
}

func TestConfiguredKeysWin(t *testing.T) {
	c := embedded(t)
	c.SecretKey, c.Headless.JWTPrivateKey = "mine", "mine too"
	key, err := c.ServerKey(rand.Reader)
	if err != nil || key != "mine" {
		t.Errorf("server key %q, %v", key.Reveal(), err)
	}
	if key, err = c.SigningKey(rand.Reader); err != nil || key != "mine too" {
		t.Errorf("signing key %q, %v", key.Reveal(), err)
	}
	if _, err := os.Stat(c.DataDir); !os.IsNotExist(err) {
		t.Errorf("a directory was made for nothing: %v", err)
	}
}

func TestSigningKeyIsKept(t *testing.T) {
	c := embedded(t)
	seen := map[Secret]bool{}
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA", "HS256"} {
		c.Headless.JWTAlgorithm = algorithm
		first, err := c.SigningKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.SigningKey(rand.Reader)
		if err != nil || again != first || seen[first] {
			t.Errorf("%s: another key at the next start, or one used twice (%v)", algorithm, err)
		}
		seen[first] = true
		if problem, _ := unfit(algorithm, first); problem != "" {
			t.Errorf("%s: %s", algorithm, problem)
		}
	}
}

// TestKeyRace starts many servers at once on an empty directory.
func TestKeyRace(t *testing.T) {
	c := embedded(t)
	keys := make([]Secret, 16)
	var wait sync.WaitGroup
	for i := range keys {
		wait.Go(func() {
			key, err := c.ServerKey(rand.Reader)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	wait.Wait()
	for _, key := range keys {
		if key != keys[0] || key == "" {
			t.Fatal("servers that start together have different keys")
		}
	}
}

func TestDamagedKeys(t *testing.T) {
	c := embedded(t)
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"secret_key": "", "jwt_key_rs256": strings.Repeat("x", 99)} {
		if err := os.WriteFile(filepath.Join(c.DataDir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if key, err := c.ServerKey(rand.Reader); err == nil || key != "" || !strings.Contains(err.Error(), "is damaged; put it back") {
		t.Errorf("an empty key: %v", err)
	}
	if key, err := c.SigningKey(rand.Reader); err == nil || key != "" || !strings.Contains(err.Error(), "not a private key in PEM") {
		t.Errorf("a key of something else: %v", err)
	}
	if content, err := os.ReadFile(filepath.Join(c.DataDir, "secret_key")); err != nil || len(content) != 0 {
		t.Errorf("the damaged key was replaced: %q, %v", content, err)
	}
}

func TestKeysThatCannotBeKept(t *testing.T) {
	c := embedded(t)
	if _, err := c.ServerKey(bytes.NewReader([]byte("too little"))); err == nil || !strings.Contains(err.Error(), "cannot make the key") {
		t.Errorf("without entropy: %v", err)
	}
	c.Headless.JWTAlgorithm = "none"
	if _, err := c.SigningKey(rand.Reader); err == nil || !strings.Contains(err.Error(), `no keys are known for "none"`) {
		t.Errorf("without an algorithm: %v", err)
	}
	file := write(t, "")
	c.DataDir = filepath.Join(file, "below")
	if _, err := c.ServerKey(rand.Reader); err == nil {
		t.Error("a key was kept below a file")
	}
	c.DataDir = "/dev/null/x"
	c.Headless.JWTAlgorithm = "EdDSA"
	if _, err := c.SigningKey(rand.Reader); err == nil {
		t.Error("a key was kept below a device")
	}
}

func TestKeysThatFit(t *testing.T) {
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA", "HS256"} {
		if problem, _ := unfit(algorithm, testKey(t, algorithm)); problem != "" {
			t.Errorf("%s: %s", algorithm, problem)
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if problem, _ := unfit("RS256", asPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))); problem != "" {
		t.Errorf("PKCS #1: %s", problem)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	if problem, _ := unfit("ES256", asPEM("EC PRIVATE KEY", der)); problem != "" {
		t.Errorf("SEC 1: %s", problem)
	}
}

func testKey(t *testing.T, algorithm string) Secret {
	t.Helper()
	key, err := newSigningKey(algorithm, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Secret(key)
}

// weakRSA is a key of 1024 bits, which the library no longer makes.
func weakRSA(t *testing.T) Secret {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return asPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
}

func p384(t *testing.T) Secret {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return asPEM("PRIVATE KEY", der)
}

func asPEM(kind string, der []byte) Secret {
	return Secret(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

package config

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ServerKey is secret_key, or the key in the file secret_key of the data
// directory, which is made of entropy when it is not there yet. Of servers that
// start at the same moment one makes it, the others read it.
func (c Config) ServerKey(entropy io.Reader) (Secret, error) {
	if c.SecretKey != "" {
		return c.SecretKey, nil
	}
	return c.keep("secret_key", func() ([]byte, error) { return randomText(entropy) })
}

// SigningKey is headless.jwt_private_key, or the key in a file of the data
// directory named after the algorithm, made like that of ServerKey: a PEM in
// PKCS #8, or for HS256 plain text.
func (c Config) SigningKey(entropy io.Reader) (Secret, error) {
	if c.Headless.JWTPrivateKey != "" {
		return c.Headless.JWTPrivateKey, nil
	}
	algorithm := c.Headless.JWTAlgorithm
	key, err := c.keep("jwt_key_"+strings.ToLower(algorithm), func() ([]byte, error) { return newSigningKey(algorithm, entropy) })
	if err != nil {
		return "", err
	}
	if problem, hint := unfit(algorithm, key); problem != "" {
		return "", fmt.Errorf("the signing key in %s is %s; %s", c.DataDir, problem, hint)
	}
	return key, nil
}

// keep reads a key from the data directory, or writes a new one: to a file of
// its own first, so that nobody ever reads half a key.
func (c Config) keep(name string, make func() ([]byte, error)) (Secret, error) {
	path := filepath.Join(c.DataDir, name)
	if key, err := readKey(path); !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	content, err := make()
	if err != nil {
		return "", fmt.Errorf("cannot make the key %s: %w", path, err)
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("cannot make the data directory: %w; set data_dir to one that can be written", err)
	}
	if err := writeOnce(path, content); err != nil {
		return "", fmt.Errorf("cannot keep the key %s: %w; set data_dir to a directory that can be written", path, err)
	}
	return readKey(path)
}

func readKey(path string) (Secret, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	key := Secret(strings.TrimSpace(string(content)))
	if len(key) < minSecret {
		return "", fmt.Errorf("the key in %s is damaged; put it back, or take the file away to begin anew (all tokens end)", path)
	}
	return key, nil
}

// writeOnce makes a file that only its owner can read, whole or not at all. One
// that is there already stays.
func writeOnce(path string, content []byte) error {
	draft, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.Write(append(content, '\n'))
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// randomText is 384 bits of entropy as text.
func randomText(entropy io.Reader) ([]byte, error) {
	raw := make([]byte, 48)
	if _, err := io.ReadFull(entropy, raw); err != nil {
		return nil, err
	}
	return []byte(base64.RawURLEncoding.EncodeToString(raw)), nil
}

// newSigningKey makes a key for the algorithm.
func newSigningKey(algorithm string, entropy io.Reader) ([]byte, error) {
	var private crypto.PrivateKey
	var err error
	switch algorithm {
	case "HS256":
		return randomText(entropy)
	case "ES256":
		private, err = ecdsa.GenerateKey(elliptic.P256(), entropy)
	case "EdDSA":
		_, private, err = ed25519.GenerateKey(entropy)
	case "RS256":
		private, err = rsa.GenerateKey(entropy, 2048)
	default:
		return nil, fmt.Errorf("no keys are known for %q", algorithm)
	}
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// unfit says why a key cannot sign by the algorithm, or nothing.
func unfit(algorithm string, key Secret) (problem, hint string) {
	if algorithm == "HS256" {
		if len(key) < minSecret {
			return fmt.Sprintf("shorter than %d bytes", minSecret), "HS256 needs as many as its hash has (RFC 7518, section 3.2)"
		}
		return "", ""
	}
	parsed, err := parsePEM(key)
	if err != nil {
		return "not a private key in PEM", "make one with: " + makeKey(algorithm)
	}
	switch private := parsed.(type) {
	case *rsa.PrivateKey:
		if algorithm == "RS256" && private.N.BitLen() < 2048 {
			return "an RSA key of less than 2048 bits", "RFC 7518, section 3.3; make one with: " + makeKey(algorithm)
		}
		if algorithm == "RS256" {
			return "", ""
		}
	case *ecdsa.PrivateKey:
		if algorithm == "ES256" && private.Curve == elliptic.P256() {
			return "", ""
		}
	case ed25519.PrivateKey:
		if algorithm == "EdDSA" {
			return "", ""
		}
	}
	return "a key of another kind than " + algorithm, "make one with: " + makeKey(algorithm)
}

// makeKey is a command that makes a key for the algorithm.
func makeKey(algorithm string) string {
	kind := map[string]string{"ES256": "EC -pkeyopt ec_paramgen_curve:P-256", "EdDSA": "ed25519"}[algorithm]
	return "openssl genpkey -algorithm " + cmp.Or(kind, "RSA -pkeyopt rsa_keygen_bits:2048")
}

// parsePEM reads a private key in PKCS #8, PKCS #1 or SEC 1.
func parsePEM(key Secret) (any, error) {
	block, _ := pem.Decode([]byte(key.Reveal()))
	if block == nil {
		return nil, fmt.Errorf("no PEM block")
	}
	if private, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		return private, nil
	}
	if private, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return private, nil
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

package statetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority issues certificates that nobody trusts but who is given its own.
type Authority struct {
	// File is its certificate, in PEM.
	File string

	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes an authority for a test.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t, File: filepath.Join(t.TempDir(), "ca.pem")}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of a test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	var der []byte
	a.key, der = a.sign(a.cert, nil)
	a.write(a.File, "CERTIFICATE", der, 0o644)
	return a
}

// Issue writes a certificate for 127.0.0.1 and its key into a folder.
func (a *Authority) Issue(dir string) (cert, key string) {
	a.t.Helper()
	secret, der := a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.key)
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		a.t.Fatalf("issue a certificate: %v", err)
	}
	cert, key = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	a.write(cert, "CERTIFICATE", der, 0o644)
	a.write(key, "PRIVATE KEY", private, 0o600)
	return cert, key
}

// sign makes a key and a certificate for it, signed by the issuer or by itself.
func (a *Authority) sign(template *x509.Certificate, issuer *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatalf("issue a certificate: %v", err)
	}
	if issuer == nil {
		issuer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, issuer)
	if err != nil {
		a.t.Fatalf("issue a certificate: %v", err)
	}
	return key, der
}

func (a *Authority) write(path, kind string, der []byte, mode os.FileMode) {
	a.t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode); err != nil {
		a.t.Fatalf("issue a certificate: %v", err)
	}
}

// StartRedisTLS starts a redis-server that speaks TLS with a certificate of the authority, and
// returns its URL (rediss://127.0.0.1:...). It is skipped, or fails, as [StartRedis] does.
func StartRedisTLS(t testing.TB, a *Authority) (url string) {
	t.Helper()
	port := unusedPort(t)
	cert, key := a.Issue(t.TempDir())
	NewRedis(t, "--tls-port", port, "--bind", "127.0.0.1", "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", a.File, "--tls-auth-clients", "no")
	return "rediss://127.0.0.1:" + port
}

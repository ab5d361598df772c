package servers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// certificate is a file with a certificate of localhost and its key, and whoever trusts it.
func certificate(t *testing.T) (file string, trusts *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	trusts = x509.NewCertPool()
	trusts.AppendCertsFromPEM(cert)
	file = filepath.Join(t.TempDir(), "localhost.pem")
	write(t, file, string(cert)+string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	return file, trusts
}

// TestReadmeBalancers starts haproxy and nginx by the README's lines, of which nothing is
// changed but addresses and the file of the certificate: an app signs in through both, by TLS
// and HTTP/2.
func TestReadmeBalancers(t *testing.T) {
	behindEach(t, func(t *testing.T, proxy string) {
		at := freeAddress(t)
		f := newFleet(t, "default", at)
		file, trusts := certificate(t)
		balance(t, proxy, at, file, f.addresses())
		f.people(1)
		a := f.newApp("https://localhost:" + port(t, at))
		var last *http.Response
		a.http.Transport = seen{&http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: trusts}, ForceAttemptHTTP2: true, DialContext: newCarrier(at, nil).dial,
		}, &last}
		if got := a.login(address(0)); !got.in {
			t.Fatalf("%d %s", got.status, got.raw)
		}
		by := map[string]bool{}
		for range 6 {
			a.must(200, "", "GET", "/auth/session", nil)
			by[last.Header.Get(served)] = true
		}
		if last.ProtoMajor != 2 || len(by) != 3 {
			t.Errorf("by %s, of %v", last.Proto, by)
		}
	})
}

// seen keeps the last answer.
type seen struct {
	http.RoundTripper
	last **http.Response
}

// RoundTrip carries a request.
func (s seen) RoundTrip(r *http.Request) (*http.Response, error) {
	got, err := s.RoundTripper.RoundTrip(r)
	*s.last = got
	return got, err
}

//go:build go1.27

package passkey

import (
	"crypto/mldsa"
	"testing"
)

// mlDSAOffered is what options offer of ML-DSA in this build.
const mlDSAOffered = `,{"type":"public-key","alg":-48},{"type":"public-key","alg":-49},{"type":"public-key","alg":-50}`

// newMLDSA is a device whose key is of ML-DSA (RFC 9964).
func newMLDSA(t *testing.T, alg int, params mldsa.Parameters) *device {
	t.Helper()
	k, err := mldsa.GenerateKey(params)
	if err != nil {
		t.Fatal(err)
	}
	d := newDevice(t, -7)
	d.signer, d.hash, d.cose = k, 0, map[int]any{1: 7, 3: alg, -1: k.PublicKey().Bytes()}
	return d
}

// From Go 1.27 on the library verifies ML-DSA, and devices that have nothing else register
// and sign in; keys of another length are refused.
func TestMLDSAIsOffered(t *testing.T) {
	for alg, params := range map[int]mldsa.Parameters{-48: mldsa.MLDSA44(), -49: mldsa.MLDSA65(), -50: mldsa.MLDSA87()} {
		x := newTable(t)
		a, d := x.accounts[0], newMLDSA(t, alg, params)
		x.register(t, a, d, Options{Passwordless: true})
		if _, err := x.login(t, a, d); err != nil {
			t.Errorf("%d: as a second factor: %v", alg, err)
		}
		if _, err := x.passkey(t, d); err != nil {
			t.Errorf("%d: as a passkey: %v", alg, err)
		}
		d.badSig = true
		_, err := x.passkey(t, d)
		wantInvalid(t, err)

		short := newMLDSA(t, alg, params)
		short.cose[-1] = short.cose[-1].([]byte)[1:]
		options, session := x.beginRegistration(t, a, Options{})
		_, err = x.w.FinishRegistration(UserOf(a), session, short.create(t, options), x.now)
		wantInvalid(t, err)
	}
}

//go:build !go1.27

package passkey

import (
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// mlDSAOffered is what options offer of ML-DSA in this build: nothing.
const mlDSAOffered = ``

// Before Go 1.27 the library cannot verify ML-DSA, so nobody is offered it and its keys are
// refused. Once this fails the library can, and accepted offers it by itself: what
// mldsa_test.go tries then belongs to every build.
func TestMLDSAIsNotVerifiedYet(t *testing.T) {
	for alg, length := range map[int]int{-48: 1312, -49: 1952, -50: 2592} {
		if verifies(webauthncose.COSEAlgorithmIdentifier(alg)) {
			t.Errorf("the library knows algorithm %d: offer it in every build", alg)
		}
		x := newTable(t)
		d := newDevice(t, -7)
		d.cose = map[int]any{1: 7, 3: alg, -1: make([]byte, length)}
		options, session := x.beginRegistration(t, x.accounts[0], Options{})
		for _, p := range options.PublicKey.PubKeyCredParams {
			if p.Alg == alg {
				t.Errorf("algorithm %d is offered", alg)
			}
		}
		_, err := x.w.FinishRegistration(UserOf(x.accounts[0]), session, d.create(t, options), x.now)
		wantInvalid(t, err)
	}
}

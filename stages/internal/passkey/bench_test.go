package passkey

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"testing"
)

// BenchmarkFinish is held against BenchmarkVerify: no more than twice as much.
func BenchmarkFinish(b *testing.B) {
	x := newTable(b)
	a, d := x.accounts[0], newDevice(b, -7)
	x.register(b, a, newDevice(b, -7), Options{Passwordless: true})
	x.register(b, a, d, Options{Passwordless: true})
	known, session := x.beginLogin(b, a)
	nobody, open := x.beginDiscoverable(b)
	answer, passkey := d.get(b, known), d.get(b, nobody)
	b.Run("login", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x.w.FinishLogin(a, session, answer, x.now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("discoverable", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x.w.FinishDiscoverable(b.Context(), open, passkey, x.find, x.now); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerify is one bare verification with P-256.
func BenchmarkVerify(b *testing.B) {
	d := newDevice(b, -7)
	sum := sha256.Sum256([]byte("x"))
	sig := d.sign(b, []byte("x"))
	key := d.signer.Public().(*ecdsa.PublicKey)
	for b.Loop() {
		if !ecdsa.VerifyASN1(key, sum[:], sig) {
			b.Fatal("it does not verify")
		}
	}
}

func BenchmarkBegin(b *testing.B) {
	x := newTable(b)
	c := challenge()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := x.w.BeginDiscoverable(c, x.now); err != nil {
			b.Fatal(err)
		}
	}
}

package passkey

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"testing"
	"time"
)

// Verifying an assertion, with everything that is read and written for it, takes at most twice
// what the signature alone does (some 1.6 times). Both take turns, and the quickest of each decide:
// nothing else of the machine has slowed those.
func TestAnAssertionCostsAtMostTwiceItsSignature(t *testing.T) {
	if raced {
		t.Skip("the race detector slows what is not assembly")
	}
	const turns, each = 100, 10
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	x.register(t, a, d, Options{Passwordless: true})
	nobody, open := x.beginDiscoverable(t)
	passkey := d.get(t, nobody)
	verify := verifier(t, d)
	bare, whole := time.Hour, time.Hour
	for range turns {
		bare = min(bare, took(each, verify))
		whole = min(whole, took(each, func() {
			if _, err := x.w.FinishDiscoverable(t.Context(), open, passkey, x.find, x.now); err != nil {
				t.Fatal(err)
			}
		}))
	}
	got := float64(whole) / float64(bare)
	t.Logf("an assertion takes %.2f times its signature", got)
	if got > 2 {
		t.Errorf("an assertion takes %.2f times its signature, want at most 2", got)
	}
}

// took is how long some runs of a function take.
func took(times int, f func()) time.Duration {
	began := time.Now()
	for range times {
		f()
	}
	return time.Since(began)
}

// verifier is one bare verification with P-256.
func verifier(t testing.TB, d *device) func() {
	sum := sha256.Sum256([]byte("x"))
	sig := d.sign(t, []byte("x"))
	key := d.signer.Public().(*ecdsa.PublicKey)
	return func() {
		if !ecdsa.VerifyASN1(key, sum[:], sig) {
			t.Fatal("it does not verify")
		}
	}
}

// BenchmarkFinish is held against BenchmarkVerify, see [TestAnAssertionCostsAtMostTwiceItsSignature].
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
	verify := verifier(b, newDevice(b, -7))
	for b.Loop() {
		verify()
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

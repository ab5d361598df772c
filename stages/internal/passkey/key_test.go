package passkey

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"
)

// keys are public keys in COSE that must not be registered.
func badKeys(t testing.TB) map[string]map[int]any {
	t.Helper()
	ec, ed, rs := newDevice(t, -7).cose, newDevice(t, -8).cose, newDevice(t, -257).cose
	with := func(key map[int]any, label int, value any) map[int]any {
		out := map[int]any{}
		for k, v := range key {
			out[k] = v
		}
		out[label] = value
		if value == nil {
			delete(out, label)
		}
		return out
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := p384.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	even := new(big.Int).SetBytes(rs[-1].([]byte))
	even.SetBit(even, 0, 0)
	return map[string]map[int]any{
		"off the curve":             with(ec, -3, make([]byte, 32)),
		"the point at infinity":     with(with(ec, -2, make([]byte, 32)), -3, make([]byte, 32)),
		"short coordinate":          with(ec, -2, ec[-2].([]byte)[1:]),
		"no coordinate":             with(ec, -3, nil),
		"P-384 with ES256":          {1: 2, 3: -7, -1: 2, -2: point[1:49], -3: point[49:]},
		"ESP384, which nobody asks": {1: 2, 3: -51, -1: 2, -2: point[1:49], -3: point[49:]},
		"ES384 on P-256":            with(ec, 3, -35),
		"ES512 on P-384":            {1: 2, 3: -36, -1: 2, -2: point[1:49], -3: point[49:]},
		"ES384 off the curve":       {1: 2, 3: -35, -1: 2, -2: point[1:49], -3: make([]byte, 48)},
		"wrong curve for ES256":     with(ec, -1, 2),
		"Ed25519 of 31 bytes":       with(ed, -2, ed[-2].([]byte)[1:]),
		"EC2 with EdDSA":            with(ec, 3, -8),
		"OKP with ES256":            with(ed, 3, -7),
		"RSA with ES256":            with(rs, 3, -7),
		"RSA with EdDSA":            with(rs, 3, -8),
		"RSA with RS1":              with(rs, 3, -65535),
		"EC2 with RS256":            with(ec, 3, -257),
		"RSA of 1024 bits":          with(rs, -1, rs[-1].([]byte)[:128]),
		"RSA of 16384 bits":         with(rs, -1, bytes.Repeat([]byte{0xff}, 2048)),
		"even RSA modulus":          with(rs, -1, even.Bytes()),
		"no RSA modulus":            with(rs, -1, []byte{}),
		"RSA exponent 1":            with(rs, -2, []byte{1}),
		"RSA exponent 2":            with(rs, -2, []byte{2}),
		"RSA exponent 0":            with(rs, -2, []byte{0}),
		"RSA exponent 4":            with(rs, -2, []byte{4}),
		"RSA of 8200 bits":          with(rs, -1, bytes.Repeat([]byte{0xff}, 1025)),
		"huge RSA exponent":         with(rs, -2, []byte{1, 0, 0, 0, 1}),
		"unknown kind":              with(ec, 1, 4),
		"no kind":                   with(ec, 1, nil),
		"no algorithm":              with(ec, 3, nil),
		"algorithm as text":         with(ec, 3, "ES256"),
		"a lot more in it":          with(ec, 99, make([]byte, maxKey)),
	}
}

// A key that could never verify, or be forged, is not registered.
func TestBadKeysAreRefused(t *testing.T) {
	for name, cose := range badKeys(t) {
		x := newTable(t)
		a := x.accounts[0]
		d := newDevice(t, -7)
		d.cose = cose
		options, session := x.beginRegistration(t, a, Options{})
		_, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		wantInvalid(t, err)
	}
}

func TestGoodKeysAreAccepted(t *testing.T) {
	k, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	big3072 := map[int]any{1: 3, 3: -257, -1: k.N.Bytes(), -2: []byte{0, 1, 0, 1}}
	for name, cose := range map[string]map[int]any{
		"ES256": newDevice(t, -7).cose, "ES384": newDevice(t, -35).cose, "ES512": newDevice(t, -36).cose, "EdDSA": newDevice(t, -8).cose, "RS256": newDevice(t, -257).cose, "RS256 of 3072 bits": big3072,
	} {
		if err := checkKey(cborOf(t, cose)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package engine

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"
)

func TestSeedBytes(t *testing.T) {
	seed := Seed{1, 2, 3}
	for _, purpose := range []string{"", "token", strings.Repeat("long ", 40)} {
		m := hmac.New(sha256.New, seed[:])
		m.Write([]byte(purpose))
		want := m.Sum(nil)
		for _, n := range []int{0, 1, 16, 32, 99} {
			got := seed.Bytes(purpose, n)
			if !bytes.Equal(got, want[:min(n, 32)]) {
				t.Errorf("%d bytes for %q are %x, want those of HMAC-SHA256 %x", n, purpose, got, want)
			}
			if cap(got) != len(got) {
				t.Errorf("%d bytes for %q have room for %d: behind them lies more than was asked for", n, purpose, cap(got))
			}
		}
	}
	if seed != (Seed{1, 2, 3}) {
		t.Error("the seed was written to")
	}
}

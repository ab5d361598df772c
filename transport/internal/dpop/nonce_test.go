package dpop

import (
	"strings"
	"testing"
	"time"
)

// TestNonces: a nonce is good at every server with the same keys, for five minutes, and nobody else
// makes one.
func TestNonces(t *testing.T) {
	n, same, other := NewNonces(keyring(t, "k")), NewNonces(keyring(t, "k")), NewNonces(keyring(t, "o"))
	text := n.Now(now)
	if len(text) != 32 || text != same.Now(now) || text != n.Now(now.Add(10*time.Second)) {
		t.Errorf("%q, %q", text, same.Now(now))
	}
	later := n.Now(now.Add(nonceEvery))
	if later == text {
		t.Error("there is never another")
	}
	if !same.good(text, now) || !same.good(text, now.Add(nonceLife-nonceEvery)) || same.good(text, now.Add(nonceLife)) || same.good(text, now.Add(-time.Minute)) {
		t.Error("it is not good for its time")
	}
	if other.good(text, now) {
		t.Error("it is good at a server with other keys")
	}
	for i := range text {
		c := "A"
		if text[i] == 'A' {
			c = "B"
		}
		if n.good(text[:i]+c+text[i+1:], now) {
			t.Errorf("character %d may be changed", i)
		}
	}
	for _, bad := range []string{"", text + "A", text[:31], strings.Repeat("A", 32)} {
		if n.good(bad, now) {
			t.Errorf("%q is good", bad)
		}
	}
}

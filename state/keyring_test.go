package state_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"stagedoor/state"
)

func secret(b byte) []byte { return bytes.Repeat([]byte{b}, state.MinSecret) }

func keyring(t *testing.T, secrets ...[]byte) *state.Keyring {
	t.Helper()
	k, err := state.NewKeyring(rand.Reader, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyringRefusesShortSecrets(t *testing.T) {
	for _, secrets := range [][][]byte{nil, {make([]byte, 31)}, {secret(1), make([]byte, 5)}} {
		if _, err := state.NewKeyring(rand.Reader, secrets...); err == nil {
			t.Errorf("secrets of %d were accepted", len(secrets))
		}
	}
}

func TestMACTellsPartsAndPurposesApart(t *testing.T) {
	k := keyring(t, secret(1))
	seen := make(map[string]string)
	for name, mac := range map[string][]byte{
		"ab|c":    k.MAC("p", []byte("ab"), []byte("c")),
		"a|bc":    k.MAC("p", []byte("a"), []byte("bc")),
		"abc":     k.MAC("p", []byte("abc")),
		"abc|":    k.MAC("p", []byte("abc"), nil),
		"q abc":   k.MAC("q", []byte("abc")),
		"pa|bc":   k.MAC("pa", []byte("bc")),
		"nothing": k.MAC("p"),
	} {
		if other, ok := seen[string(mac)]; ok {
			t.Errorf("%s and %s have one MAC", name, other)
		}
		seen[string(mac)] = name
	}
	if !bytes.Equal(k.MAC("p", []byte("x")), keyring(t, secret(1), secret(2)).MAC("p", []byte("x"))) {
		t.Error("the MAC depends on old secrets")
	}
}

// TestMACsAtOnce makes MACs in many goroutines: none may get the bytes of another.
func TestMACsAtOnce(t *testing.T) {
	k := keyring(t, secret(1))
	want := make([][]byte, 64)
	for i := range want {
		want[i] = k.MAC("p", bytes.Repeat([]byte{byte(i)}, 100*i))
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range want {
				part := bytes.Repeat([]byte{byte(i)}, 100*i)
				if !bytes.Equal(k.MAC("p", part), want[i]) || !k.Matches(want[i], "p", part) {
					t.Errorf("MAC %d is another beside others", i)
				}
			}
		})
	}
	all.Wait()
}

func TestSealOpens(t *testing.T) {
	old, now := keyring(t, secret(1)), keyring(t, secret(2), secret(1))
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed, err := old.Seal(plain, []byte("ctx"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := now.Open(sealed, []byte("ctx"))
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("an old secret opens %x, %v", got, err)
		}
		if _, err := now.Open(sealed, []byte("other")); !errors.Is(err, state.ErrSealed) {
			t.Fatalf("opened for another context: %v", err)
		}
		sealed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1
		if _, err := now.Open(sealed, []byte("ctx")); !errors.Is(err, state.ErrSealed) {
			t.Fatalf("opened after a change: %v", err)
		}
	})
}

func TestAccountsAreNotWrittenOutWhole(t *testing.T) {
	for name, v := range map[string]any{
		"value": state.Account{PasswordHash: "hash"}, "pointer": &state.Account{},
		"inside": state.Claim{Email: "a@example.org", Account: &state.Account{}},
	} {
		if b, err := json.Marshal(v); err == nil {
			t.Errorf("%s: %s", name, b)
		}
	}
}

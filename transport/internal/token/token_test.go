package token_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"pgregory.net/rapid"

	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

func tokens(t testing.TB, secret byte) *token.Tokens {
	t.Helper()
	keys, err := state.NewKeyring(rand.Reader, bytes.Repeat([]byte{secret}, state.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	return token.New(keys)
}

var kinds = []token.Kind{token.Browser, token.App, token.Rest}

func TestParseReadsWhatFormatWrote(t *testing.T) {
	ours := tokens(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SliceOfN(rapid.Byte(), token.IDLen, token.IDLen).Draw(t, "id")
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		in := rapid.Bool().Draw(t, "in")
		full := kind
		if in {
			full |= token.SignedIn
		}
		s := ours.Format(full, id)
		if len(s) != token.Length {
			t.Fatalf("%q has %d characters", s, len(s))
		}
		got, signedIn, ok := ours.Parse(kind, s)
		if !ok || signedIn != in || !bytes.Equal(got, id) {
			t.Fatalf("Parse = %x, %v, %v", got, signedIn, ok)
		}
		for _, other := range kinds {
			if _, _, ok := ours.Parse(other, s); ok != (other == kind) {
				t.Fatalf("a token of %s is good for %s: %v", kind, other, ok)
			}
		}
	})
}

func TestParseRefusesWhatWasChanged(t *testing.T) {
	ours, theirs := tokens(t, 1), tokens(t, 2)
	s := ours.Format(token.App, make([]byte, token.IDLen))
	if _, _, ok := theirs.Parse(token.App, s); ok {
		t.Error("a token made under another key is accepted")
	}
	for i := range s {
		for _, c := range []byte("A_z9") {
			changed := s[:i] + string(c) + s[i+1:]
			if _, _, ok := ours.Parse(token.App, changed); ok && changed != s {
				t.Errorf("%q is accepted for %q", changed, s)
			}
		}
	}
	for _, bad := range []string{"", "gone", s + "A", s[1:], s + "\n", " " + s[1:]} {
		if _, _, ok := ours.Parse(token.App, bad); ok {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestMintIsTheSameForOneRun(t *testing.T) {
	ours := tokens(t, 1)
	if !bytes.Equal(ours.Mint("a"), ours.Mint("a")) || bytes.Equal(ours.Mint("a"), ours.Mint("b")) {
		t.Error("a run has several ids, or two runs have one")
	}
	if bytes.Equal(ours.Mint("a"), tokens(t, 2).Mint("a")) {
		t.Error("the id does not depend on the key")
	}
}

func FuzzParse(f *testing.F) {
	ours := tokens(f, 1)
	f.Add(ours.Format(token.Browser, make([]byte, token.IDLen)))
	f.Add("gone")
	f.Fuzz(func(t *testing.T, s string) {
		for _, k := range kinds {
			id, in, ok := ours.Parse(k, s)
			if !ok {
				if id != nil || in {
					t.Fatal("a refusal carries a result")
				}
				continue
			}
			if in {
				k |= token.SignedIn
			}
			if ours.Format(k, id) != s {
				t.Fatalf("%q reads as a token that is written otherwise", s)
			}
		}
	})
}

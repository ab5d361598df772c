package accounts

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestPasswordOfAnotherKeyboard: a password typed composed where the account was made, and
// decomposed where it signs in, is the same one, and so is one with another kind of space. Before
// it was refused (the same report stands at other servers: Mac keyboards decompose).
func TestPasswordOfAnotherKeyboard(t *testing.T) {
	h := newHasher(t, smallHashes)
	const typed = "Zoë’s käsebrötchen 42"
	for _, made := range []string{norm.NFC.String(typed), norm.NFD.String(typed)} {
		stored, err := h.Hash(t.Context(), made)
		if err != nil {
			t.Fatal(err)
		}
		for _, again := range []string{norm.NFC.String(typed), norm.NFD.String(typed), strings.ReplaceAll(typed, " ", "\u00a0")} {
			if m, err := h.Verify(t.Context(), stored, again); err != nil || !m.OK || m.Stale {
				t.Errorf("made as %+q, typed as %+q: %+v, %v", made, again, m, err)
			}
		}
		for _, other := range []string{"Zoe’s käsebrötchen 42", "zoë’s käsebrötchen 42", typed + " ", "Ｚoë’s käsebrötchen 42"} {
			if m, err := h.Verify(t.Context(), stored, other); err != nil || m.OK {
				t.Errorf("made as %+q, %+q is taken: %v", made, other, err)
			}
		}
	}
}

// TestForeignPasswordOfAnotherKeyboard: what another system hashed as it was typed there matches
// however it is typed here.
func TestForeignPasswordOfAnotherKeyboard(t *testing.T) {
	h := newHasher(t, smallHashes)
	const typed = "Zoë käsebrötchen"
	for _, made := range []string{norm.NFC.String(typed), norm.NFD.String(typed)} {
		stored := djangoPBKDF2(t, made)
		for _, again := range []string{norm.NFC.String(typed), norm.NFD.String(typed)} {
			if m, err := h.Verify(t.Context(), stored, again); err != nil || !m.OK || !m.Stale {
				t.Errorf("made as %+q, typed as %+q: %+v, %v", made, again, m, err)
			}
		}
		if m, err := h.Verify(t.Context(), stored, "Zoe käsebrötchen"); err != nil || m.OK {
			t.Errorf("without an accent: %+v, %v", m, err)
		}
	}
}

// FuzzSpelling: the form is one that spelling leaves alone, composed and decomposed text have the
// same, and plain ASCII is hashed as it is.
func FuzzSpelling(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x00\x01", "\xff\xfe", "e\u0301", "ﬁ", "\u3000 \u00a0", "\u1100\u1161\u11a8", "Å\u212b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := spelling(s)
		if again := spelling(once); again != once {
			t.Errorf("%+q becomes %+q, and that %+q", s, once, again)
		}
		if composed, decomposed := spelling(norm.NFC.String(s)), spelling(norm.NFD.String(s)); once != s && composed != decomposed {
			t.Errorf("%+q: composed %+q, decomposed %+q", s, composed, decomposed)
		}
		if (isASCII(s) || !utf8.ValidString(s)) && once != s {
			t.Errorf("%q becomes %q", s, once)
		}
		if all := spellings(s); !slices.Contains(all, s) || len(all) > 3 {
			t.Errorf("%+q has the spellings %+q", s, all)
		}
	})
}

// djangoPBKDF2 is a hash as Django makes it, of the bytes that were typed.
func djangoPBKDF2(t *testing.T, password string) string {
	t.Helper()
	key, err := pbkdf2.Key(sha256.New, password, []byte("salt"), 1000, sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	return "pbkdf2_sha256$1000$salt$" + base64.StdEncoding.EncodeToString(key)
}

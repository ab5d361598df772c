package accounts

import (
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestPasswordFromBeforeSpelling: a password that was hashed as it was typed, as releases before
// passwords had one spelling did, still signs in as it was typed then, and is hashed anew. Before,
// whoever had typed accents decomposed, or a space of another kind, was locked out by the upgrade.
func TestPasswordFromBeforeSpelling(t *testing.T) {
	h := newHasher(t, smallHashes)
	for _, typed := range []string{norm.NFD.String("Zoë’s käsebrötchen 42"), "käse\u00a0brötchen 42"} {
		old := argon2Hash{cost: h.cost, salt: make([]byte, argon2SaltBytes)}
		old.key = h.key(old, argon2KeyBytes, typed)
		m, err := h.Verify(t.Context(), old.String(), typed)
		if err != nil || !m.OK || !m.Stale {
			t.Errorf("%+q: %+v, %v", typed, m, err)
		}
		if m, err := h.Verify(t.Context(), old.String(), typed+"x"); err != nil || m.OK {
			t.Errorf("%+q and more: %+v, %v", typed, m, err)
		}
	}
}

// TestPasswordSpellingCostsAlike: a password in two spellings costs as many hashes where there is no
// account as where it is wrong, or the clock would tell which accounts there are.
func TestPasswordSpellingCostsAlike(t *testing.T) {
	h := newHasher(t, smallHashes)
	stored, err := h.Hash(t.Context(), "another one")
	if err != nil {
		t.Fatal(err)
	}
	made, derive := 0, h.derive
	h.derive = func(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
		made++
		return derive(password, salt, time, memory, threads, size)
	}
	for typed, want := range map[string]int{"plain": 1, "käsebrötchen": 1, norm.NFD.String("käsebrötchen"): 2} {
		for _, encoded := range []string{"", "!", stored} {
			made = 0
			if m, err := h.Verify(t.Context(), encoded, typed); err != nil || m.OK || made != want {
				t.Errorf("%+q against %.20q: %d hashes, want %d; %+v, %v", typed, encoded, made, want, m, err)
			}
		}
	}
}

// TestPolicyJudgesSpelling: the policy judges the password that is hashed. Before, four letters whose
// accents were typed apart counted as eight characters.
func TestPolicyJudgesSpelling(t *testing.T) {
	p, err := NewPolicy(8)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Check(norm.NFD.String("éèêë"), nil); !slices.Contains(got, PasswordTooShort) {
		t.Errorf("four letters with accents: %q", got)
	}
}

package accounts

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The list is what binary search needs and what the look-up can find.
func TestCommonPasswordsAreInOrder(t *testing.T) {
	if !strings.HasSuffix(commonPasswords, "\n") {
		t.Fatal("the last line has no end")
	}
	lines := strings.Split(strings.TrimSuffix(commonPasswords, "\n"), "\n")
	if len(lines) < 10_000 {
		t.Errorf("%d lines, want ten thousand at least", len(lines))
	}
	for i, line := range lines {
		if i > 0 && lines[i-1] >= line {
			t.Fatalf("line %d, %q, does not come after %q", i+1, line, lines[i-1])
		}
		if line == "" || !utf8.ValidString(line) || line != strings.TrimSpace(strings.ToLower(line)) {
			t.Errorf("line %d, %q, can never be found", i+1, line)
		}
		if !isCommon(line) {
			t.Errorf("line %d, %q, is not found", i+1, line)
		}
	}
}

func TestIsCommon(t *testing.T) {
	for _, common := range []string{
		"password", "PASSWORD", " password\t", "Password1", "P@ssw0rd", "123456", "123456789", "qwerty", "1q2w3e4r", "1qaz2wsx",
		"zaq12wsx", "qazwsxedc", "iloveyou", "letmein", "monkey", "dragon", "111111", "abc123", "trustno1", "changeme", "admin",
		"welcome1", "football1", "michael", "liverpool1", "Summer2024!", "azerty", "qwertz", "motdepasse", "passwort", "contraseña",
		"abcdefgh", "87654321", "asdfghjkl", "1990", "12121212", "aaaaaaaa", "zxcvbnm", "starwars", "arsenal", "correcthorsebatterystaple",
	} {
		if !isCommon(common) {
			t.Errorf("%q is not common", common)
		}
	}
	for c := range strings.SplitSeq("a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9", " ") {
		for _, n := range []int{1, 2, 6, 8, 10} {
			if repeated := strings.Repeat(c, n); !isCommon(repeated) {
				t.Errorf("%q is not common", repeated)
			}
		}
	}
	for _, rare := range []string{
		"", "   ", "\n", "password\n1", "short7x", "7391846205", "wrong-password", "Pw-4fJq81Lmz0aB", "korrekt pferd",
		"a\x00b", "\xff", "\x00", "zzzzzzzzzzzzzzzzzzzzzzzzzzzz", strings.Repeat("p", 100_000),
	} {
		if isCommon(rare) {
			t.Errorf("%q is common", rare)
		}
	}
}

// Held against a plain search, on lists of every small size and for words on,
// between, before and after their lines.
func TestInSortedLines(t *testing.T) {
	word := rapid.StringMatching(`[a-c]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfDistinct(word, rapid.ID[string]).Draw(t, "lines")
		slices.Sort(lines)
		var text strings.Builder
		for _, line := range lines {
			text.WriteString(line + "\n")
		}
		want := word.Draw(t, "word")
		if got := inSortedLines(text.String(), want); got != slices.Contains(lines, want) {
			t.Fatalf("inSortedLines(%q, %q) = %v", text.String(), want, got)
		}
	})
}

// The list costs nothing on the heap, at start or later.
func TestIsCommonAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { isCommon("liverpool1"); isCommon("nothing-like-it") }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkIsCommon(b *testing.B) {
	for b.Loop() {
		isCommon("nothing-like-it")
	}
}

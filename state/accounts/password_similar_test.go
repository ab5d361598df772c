package accounts

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The values are those of SequenceMatcher(a=a, b=b).quick_ratio() of Python's
// difflib, bit for bit: the rule's threshold is compared with them.
func TestSimilarityKnownAnswers(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{
		{"abcd", "bcde", 0.75},
		{"smith", "htims", 1.0},
		{"aaaa", "a", 0.4},
		{"jo.smith", "smith", 0.7692307692307693},
		{"password", "drowssap", 1.0},
		{"john1234", "john", 0.6666666666666666},
		{"testclient", "testclientx", 0.9523809523809523},
		{"straße", "strasse", 0.7692307692307693},
		{"αβγδ", "δγβα", 1.0},
		{"abcdefg", "abcxyzw", 0.42857142857142855},
		{"abcdefghij", "abcdefgxyz", 0.7},
		{"a😀b", "b😀a", 1.0},
		{"", "a", 0.0},
		{"", "", 1.0},
	} {
		if got := similarity([]rune(test.a), []rune(test.b)); got != test.want {
			t.Errorf("similarity(%q, %q) = %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

// The verdicts are those of the contract's rule, computed with difflib.
func TestTooSimilar(t *testing.T) {
	for _, test := range []struct {
		password, value string
		want            bool
	}{
		{"jo.smith@example.org", "jo.smith@example.org", true},
		{"JoSmith2024", "jo.smith@example.org", false},
		{"smith1", "jo.smith@example.org", true},
		{"smith123", "jo.smith@example.org", true},
		{"smith12345", "jo.smith@example.org", false},
		{"htimsxy", "jo.smith@example.org", true},
		{"example99", "jo.smith@example.org", true},
		{"gro.elpmaxe@htims.oj", "jo.smith@example.org", true},
		{"unrelated-words", "jo.smith@example.org", false},
		{"org12", "jo.smith@example.org", true},
		{"mary_jane", "Mary_Jane", true},
		{"maryjane1", "Mary_Jane", true},
		{"mary12", "Mary_Jane", false}, // "_" is a letter of the word
		{"mary1", "Mary Jane", true},   // a space is not
		{"müller12", "Jürgen Müller", true},
		{"МАРИЯ123", "мария", true},
		{"abcdefgxyz", "abcdefghij", true}, // exactly 0.7
		{"abcdefgwxyz", "abcdefghij", false},
		{"anything-long", "a", false},
		{"xxxxxxxxxxxxxxxxxxxx", "xx", false}, // ten times shorter: not compared
		{"x", "x", true},
		{"secret pass", "", false},
		{"1999abcd", "1999-12-31 abcd", false},
		{"café-olé", "cafe\u0301", false},
	} {
		if got := tooSimilar(test.password, []string{test.value}); got != test.want {
			t.Errorf("tooSimilar(%q, %q) = %v, want %v", test.password, test.value, got, test.want)
		}
	}
}

// Held against the plainest way to say it: strike out of b each character of a.
func TestSimilarityIsMultisetOverlap(t *testing.T) {
	text := rapid.SliceOf(rapid.RuneFrom([]rune("aabcdé😀")))
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		left, common := slices.Clone(b), 0
		for _, r := range a {
			if i := slices.Index(left, r); i >= 0 {
				left = slices.Delete(left, i, i+1)
				common++
			}
		}
		want := 1.0
		if len(a)+len(b) > 0 {
			want = 2 * float64(common) / float64(len(a)+len(b))
		}
		if got := similarity(a, b); got != want {
			t.Fatalf("similarity(%q, %q) = %v, want %v", string(a), string(b), got, want)
		}
		if similarity(b, a) != want {
			t.Fatalf("similarity of %q and %q depends on their order", string(a), string(b))
		}
	})
}

// Leaving out what is far too short changes no verdict: it is never similar.
func TestTooUnevenOnlySavesWork(t *testing.T) {
	for password := range 60 {
		for value := 1; value <= 60; value++ {
			if best := 2 * float64(min(password, value)) / float64(password+value); tooUneven(password, value) && best >= maxSimilarity {
				t.Errorf("%d and %d characters are left out but could be %v similar", password, value, best)
			}
		}
	}
	if !tooUneven(20, 2) || tooUneven(19, 2) {
		t.Error("the line is not at ten times")
	}
}

// An attribute of a hundred thousand words costs no more than its length.
func BenchmarkTooSimilarHostile(b *testing.B) {
	password := strings.Repeat("p", MaxPasswordBytes)
	about := []string{strings.Repeat("abcdefg ", 100_000)}
	b.Run(fmt.Sprintf("%d bytes", len(about[0])), func(b *testing.B) {
		for b.Loop() {
			if tooSimilar(password, about) {
				b.Fatal("similar")
			}
		}
	})
}

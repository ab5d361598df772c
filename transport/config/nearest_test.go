package config

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"mandatory", "optional", "none"}
	for word, want := range map[string]string{
		"mandetory": "mandatory", "mandatroy": "mandatory", "optionl": "optional", "nones": "none",
		"none": "none", "": "", "on": "", "xyzzy": "", "mandatorily-verified": "",
	} {
		if got := nearest(word, words); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1},
		{"abc", "ab", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%s to %s: %d, want %d", tc.a, tc.b, got, tc.want)
		}
		if got := distance(tc.b, tc.a); got != tc.want {
			t.Errorf("%s to %s: %d, want %d", tc.b, tc.a, got, tc.want)
		}
	}
}

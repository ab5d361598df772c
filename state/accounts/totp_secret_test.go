package accounts

import "testing"

// TestSameSecret takes nothing for no secret.
func TestSameSecret(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{{"x", "x", true}, {"x", "y", false}, {"", "", false}, {"x", "", false}, {"", "x", false}} {
		if SameSecret(c.a, c.b) != c.same {
			t.Errorf("%q and %q: not %v", c.a, c.b, c.same)
		}
	}
}

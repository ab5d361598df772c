package stages_test

import (
	"regexp"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/stages"
)

// TestCodes: a code is right for what it was made for, however it is typed, and for
// nothing else; what is kept of it does not show it.
func TestCodes(t *testing.T) {
	c := stages.Codes{Keys: newWorld(t).Keys}
	code, kept := c.New(engine.Seed{1}, "acme.leave", "ann@example.org")
	if !regexp.MustCompile(`^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$`).MatchString(code) {
		t.Errorf("the code is %q", code)
	}
	for _, typed := range []string{code, strings.ToLower(code), " " + strings.ReplaceAll(code, "-", " ") + "\n"} {
		if !c.Right(kept, typed, "acme.leave", "ann@example.org") {
			t.Errorf("%q is refused", typed)
		}
	}
	other, _ := c.New(engine.Seed{2}, "acme.leave", "ann@example.org")
	for what, right := range map[string]bool{
		"another code":     c.Right(kept, other, "acme.leave", "ann@example.org"),
		"another purpose":  c.Right(kept, code, "acme.join", "ann@example.org"),
		"another person":   c.Right(kept, code, "acme.leave", "bob@example.org"),
		"no code":          c.Right(kept, "", "acme.leave", "ann@example.org"),
		"nothing was sent": c.Right(stages.Code{}, "", "acme.leave", ""),
	} {
		if right {
			t.Errorf("%s is right", what)
		}
	}
	if again, same := c.New(engine.Seed{1}, "acme.leave", "ann@example.org"); again != code || string(same.Digest) != string(kept.Digest) {
		t.Error("the same seed makes another code")
	}
	if strings.Contains(string(kept.Digest), strings.ReplaceAll(code, "-", "")) {
		t.Error("the code is kept")
	}
}

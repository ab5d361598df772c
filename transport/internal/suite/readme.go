package suite

import (
	"os"
	"strings"
	"testing"
)

// HoldReadme holds what stands between two marks of a README to what it should be, or writes it
// anew. The first mark says the command that does so, and both end their lines.
func HoldReadme(t *testing.T, file, begin, end, want string, update bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	have, after, ended := strings.Cut(rest, end)
	switch {
	case !ok || !ended:
		t.Fatalf("the README has nothing between %s and %s", strings.TrimSpace(begin), strings.TrimSpace(end))
	case have == want:
	case !update:
		t.Fatalf("the README has\n%s\nand the tests go by\n%s\nwrite it anew with -update", have, want)
	default:
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

package config

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeBoundSettings: the README's chapter on bound sessions has every setting of theirs, with
// its default, and none that is not there.
func TestReadmeBoundSettings(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, found := strings.Cut(string(text), "\n## Sessions that a thief cannot use\n")
	chapter, _, ended := strings.Cut(chapter, "\n### ")
	if !found || !ended {
		t.Fatal("the README has no such chapter")
	}
	want := map[string]string{}
	for key, value := range defaults {
		if strings.HasPrefix(key, "session.device_bound") || strings.HasPrefix(key, "session.dpop_") || key == "mfa.trust_bound_only" {
			want[key] = fmt.Sprint(value)
		}
	}
	want["session.device_bound"] = "" // the chapter tells what each is
	got := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:session|mfa)\\.[a-z_]+)(?:: ([^`]*))?` \\|").FindAllStringSubmatch(chapter, -1) {
		got[m[1]] = strings.Trim(m[2], "[]")
	}
	if !maps.Equal(want, got) {
		t.Errorf("the README has\n%v\nand the configuration\n%v", got, want)
	}
}

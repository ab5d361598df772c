package config

import (
	"strings"
	"testing"
)

func TestShow(t *testing.T) {
	for _, tc := range []struct {
		value any
		want  string
	}{
		{nil, ""}, {"", `""`}, {3, "3"}, {1.5, "1.5"}, {true, "true"}, {Secret("x"), hidden},
		{"https://me:pw@host/x", `"https://***@host/x"`},
		{"a\nb", `"a\nb"`},
		{strings.Repeat("ä", 61), `"` + strings.Repeat("ä", 60) + `…"`},
		{map[string]any{"a": 1}, "a section"}, {[]any{1}, "a list"},
		{envText{Name: "STAGEDOOR_X", Text: "y"}, `"y" from STAGEDOOR_X`},
	} {
		if got := show(tc.value); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.value, got, tc.want)
		}
	}
}

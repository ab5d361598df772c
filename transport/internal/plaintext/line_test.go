package plaintext

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		limit          int
	}{
		{"nothing", "", "", 10},
		{"plain", "Ada Lovelace", "Ada Lovelace", 20},
		{"other scripts", "Žofie 林", "Žofie 林", 20},
		{"line ends", "a\r\nBcc: b@example.org", "a Bcc: b@example.org", 40},
		{"line separator", "a\u2028b\u0085c", "a b c", 40},
		{"outer space", "  a \t b  ", "a b", 40},
		{"turned direction", "a\u202egpj.exe", "agpj.exe", 40},
		{"not seen", "pass\u200bword\x00", "password", 40},
		{"web address", "see https://evil.example/x", "see https: //evil.example/x", 40},
		{"not UTF-8", "a\xff\xfeb", "ab", 40},
		{"just fits", "abcdef", "abcdef", 6},
		{"too long", "abcdefg", "abcde…", 6},
		{"cut at a space", "abcd efgh", "abcd…", 6},
		{"cut between runes", "ééééééé", "ééééé…", 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Line(c.in, c.limit); got != c.want {
				t.Errorf("Line(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
			}
		})
	}
}

func FuzzLine(f *testing.F) {
	f.Add("plain", 5)
	f.Add("a\r\nb\u2028c://d", 3)
	f.Add("\xff\u202e:\u200b//", 60)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 1 + abs(limit)%500
		got := Line(s, limit)
		switch {
		case !utf8.ValidString(got):
			t.Errorf("%q is not UTF-8", got)
		case utf8.RuneCountInString(got) > limit:
			t.Errorf("%q is longer than %d", got, limit)
		case strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }):
			t.Errorf("%q holds something that cannot be seen", got)
		case strings.Contains(got, "://"):
			t.Errorf("%q holds a web address", got)
		case got != strings.TrimSpace(got):
			t.Errorf("%q has space around it", got)
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

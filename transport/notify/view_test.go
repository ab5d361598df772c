package notify

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestOneLine(t *testing.T) {
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
			if got := oneLine(c.in, c.limit); got != c.want {
				t.Errorf("oneLine(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
			}
		})
	}
}

func FuzzOneLine(f *testing.F) {
	f.Add("plain", 5)
	f.Add("a\r\nb\u2028c://d", 3)
	f.Add("\xff\u202e:\u200b//", 60)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 1 + abs(limit)%500
		got := oneLine(s, limit)
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

func TestCheckedLink(t *testing.T) {
	for _, good := range []string{
		"https://www.example.org/account/verify-email/Mzk:1w2AbC:-_x",
		"http://127.0.0.1:3000/reset?key=a%20b&x=1#frag",
		"acme-app://verify/abc",
	} {
		if got := checkedLink(good); string(got) != good {
			t.Errorf("checkedLink(%q) = %q", good, got)
		}
	}
	for _, bad := range []string{
		"", "verify", "/verify", "//example.org/verify", "https:", "https:///verify", "mailto:a@example.org",
		"javascript://example.org/%0aalert(1)", "JavaScript://example.org/x", "data://x/y", "vbscript://x/y",
		"https://example.org/a b", "https://example.org/a\nABCDEF", "https://example.org/\u2028x",
		`https://example.org/"onclick=x`, "https://example.org/<b>", "https://exam\u202eple.org/", "ht tp://x",
		"https://example.org/%zz",
	} {
		if got := checkedLink(bad); got != "" {
			t.Errorf("checkedLink(%q) = %q, want nothing", bad, got)
		}
	}
	if got := firstLink("nonsense", "https://b.example/"); got != "https://b.example/" {
		t.Errorf("second link: %q", got)
	}
	if got := firstLink("https://a.example/", "https://b.example/"); got != "https://a.example/" {
		t.Errorf("first link: %q", got)
	}
}

func TestMoment(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-23T19:20:31+01:00": "23 November 2026, 18:20 UTC",
		"2026-01-02T03:04:05.678Z":  "2 January 2026, 03:04 UTC",
		"yesterday":                 "",
		"1763920000":                "",
		"":                          "",
	} {
		if got := moment(in); got != want {
			t.Errorf("moment(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestValidFor(t *testing.T) {
	for in, want := range map[string]string{
		"1": "1 second", "4": "4 seconds", "119": "119 seconds", "120": "2 minutes", "180": "3 minutes",
		"900": "15 minutes", "7199": "119 minutes", "7200": "2 hours", "86400": "24 hours",
		"172799": "47 hours", "172800": "2 days", "259200": "3 days",
		"0": "", "-5": "", "": "", "soon": "", "4.5": "",
	} {
		if got := validFor(in); got != want {
			t.Errorf("validFor(%q) = %q, want %q", in, got, want)
		}
	}
}
